//! The fragment over HTTP is byte for byte what `view` renders natively: both are compared with the golden files of
//! `view`.

use afterword_model::Thread;
use afterword_tests::{Kv, Request, Server, root};
use serde_json::json;

/// The endpoint in the golden files.
const GOLDEN_ENDPOINT: &str = "https://comments.example";
/// Path of the message catalogue in the golden files. The real path contains a hash.
const GOLDEN_MESSAGES: &str = "/assets/messages-en.json";

/// The styles for writing come with the form over HTTP. Their path has a hash.
fn without_stylesheet(html: &str) -> String {
    let Some((before, after)) = html.split_once("<link rel=\"stylesheet\"") else { return html.to_owned() };
    format!("{before}{}", after.split_once('>').map_or(after, |(_, rest)| rest))
}

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
            let html = html.replace(&server.origin(), GOLDEN_ENDPOINT).replace(&messages, GOLDEN_MESSAGES);
            without_stylesheet(&html)
        };
        assert_eq!(normalize(drawn.text()), normalize(&golden).trim_end_matches('\n'), "{fixture}");

        let json = Request::get("/v1/thread").query(&query).send(&server);
        assert_eq!(json.json::<Thread>(), thread, "{fixture}");
    }
}
