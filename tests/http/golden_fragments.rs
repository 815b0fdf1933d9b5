//! The fragment over HTTP has the very bytes that `view` draws natively: both are held against `view`'s own goldens.

use afterword_model::Thread;
use afterword_tests::{Kv, Request, Server, root};
use serde_json::json;

/// The endpoint that the goldens were drawn with.
const GOLDEN_ENDPOINT: &str = "https://comments.example";
/// The catalogue's path in the goldens; in the product it carries a hash.
const GOLDEN_MESSAGES: &str = "/assets/messages-en.json";

#[test]
fn fragment_over_http_equals_the_golden_file() {
    let server = Server::with_moderation("http-golden", "open");
    let kv = Kv::new(&server);
    for fixture in ["thread", "hostile", "scripts"] {
        let folder = root().join("crates/view/tests/golden");
        let source = folder.join(format!("{fixture}.json"));
        let thread: Thread = serde_json::from_str(&std::fs::read_to_string(&source).unwrap()).unwrap();
        let metadata = json!({ "version": thread.version, "count": thread.count, "pages": thread.pages });
        kv.put(&thread.url.kv_key(1), &source, &metadata);
        let query = [("url", thread.url.as_str()), ("lang", "en")];
        let drawn = Request::get("/v1/thread.html").query(&query).send(&server);
        let golden = std::fs::read_to_string(folder.join(format!("{fixture}.html"))).unwrap();
        let normalize = |html: &str| {
            let messages = html.split("data-messages=\"").nth(1).and_then(|rest| rest.split('"').next());
            let messages = messages.expect("a fragment names its catalogue").to_owned();
            html.replace(&server.origin(), GOLDEN_ENDPOINT).replace(&messages, GOLDEN_MESSAGES)
        };
        assert_eq!(normalize(drawn.text()), normalize(&golden).trim_end_matches('\n'), "{fixture}");

        let json = Request::get("/v1/thread").query(&query).send(&server);
        assert_eq!(json.json::<Thread>(), thread, "{fixture}");
    }
}
