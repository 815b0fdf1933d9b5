//! Pages of other origins, and the page around the widget, cannot affect readers or the Worker.

use afterword_model::{ErrorBody, NewComment, Refusal};
use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, MODERATOR_AUTHORIZATION, MODERATOR_SECRET, Request, new_comment,
    post_url, wait_for_thread, wait_until_async,
};
use serde_json::{Value, json};

use crate::{HOST, OPEN, post_thread};

/// The requests made, each as method and path, without the parts that vary between runs.
async fn requests_made(reader: &Browser) -> Vec<String> {
    let (worker, host) = (OPEN.origin(), HOST.origin());
    let normalize = |request: String| {
        let request = request.replace(&worker, "worker").replace(&host, "blog");
        let path = request.split('?').next().unwrap_or_default();
        // File names of assets contain 8 or 16 digits of their content hash.
        let is_hash = |part: &&str| [8, 16].contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        path.split_inclusive(['-', '.'])
            .map(|part| if is_hash(&&part[..part.len() - 1]) { "*." } else { part })
            .collect()
    };
    let mut requests_made: Vec<String> = reader.requests().await.into_iter().map(normalize).collect();
    requests_made.sort();
    requests_made.dedup();
    requests_made
}

#[tokio::test]
async fn view_and_post_make_only_expected_requests_and_set_no_cookie() {
    post_thread("outside_requests", &[("Already here", None)]);
    let reader = Browser::open(BrowserOptions { complete: true, ..BrowserOptions::default() }).await;
    reader.visit("about:blank").await;
    reader.requests().await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "outside_requests"))).await;
    let widget = reader.widget();
    widget.wait_for_texts(&["Already here"]).await;
    widget
        .fill(
            MAIN_FORM,
            &[("name", "Ada"), ("email", "ada@ada.example"), ("website", "https://ada.example/"), ("text", "Here")],
        )
        .await;
    widget.find(".aw-tools").await;
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["Already here", "Here"]).await;
    let expected = [
        "GET blog/favicon.ico",
        "GET blog/outside_requests",
        "GET worker/assets/afterword-*.css",
        "GET worker/assets/afterword-write-*.css",
        "GET worker/assets/editor-*.js",
        "GET worker/assets/messages-en-*.json",
        "GET worker/assets/offline-*.js",
        "GET worker/assets/on-demand-en-*.json",
        "GET worker/assets/widget-*.js",
        "GET worker/assets/widget-*.wasm",
        "GET worker/embed.js",
        "GET worker/v1/challenge",
        "GET worker/v1/thread.html",
        "OPTIONS worker/v1/comments",
        "POST worker/v1/comments",
    ];
    assert_eq!(requests_made(&reader).await, expected);

    wait_for_thread(&OPEN, &post_url("outside_requests"), 2);
    reader.visit(&format!("{}/thread?url={}", OPEN.origin(), post_url("outside_requests"))).await;
    widget.post("Ada", "Plainly").await;
    reader.wait_for_url("posted=").await;
    let expected = [
        "GET worker/assets/afterword-*.css",
        "GET worker/assets/afterword-page-*.css",
        "GET worker/assets/afterword-write-*.css",
        "GET worker/favicon.ico",
        "GET worker/thread",
        "POST worker/thread",
    ];
    assert_eq!(requests_made(&reader).await, expected);
    assert_eq!(reader.cookies().await, Vec::<Value>::new());
    reader.close().await;
}

/// Shows an address in a frame of the page and returns the text of the document there and the document's own address, which differs if the
/// browser shows an error in place of the page.
async fn text_in_a_frame(reader: &Browser, page: &str, address: &str) -> (String, String) {
    reader.visit(page).await;
    reader.widget().find(".aw-empty").await;
    let script = "
        const frame = document.createElement('iframe');
        frame.src = arguments[0];
        frame.addEventListener('load', () => arguments[1]());
        document.body.appendChild(frame);";
    reader.run_async_with(script, vec![json!(address)]).await;
    reader.enter_frame("iframe").await;
    let shown = reader
        .run("return [document.documentElement?.textContent.trim() ?? '', document.documentURI]", Vec::new())
        .await;
    let part = |at: usize| shown[at].as_str().expect("a text").to_owned();
    (part(0), part(1))
}

#[tokio::test]
async fn no_page_can_be_framed() {
    let mut reader = Browser::open(BrowserOptions::default()).await;
    for error in ["frame-ancestors 'none'", "status of 401", "status of 404"] {
        reader.expect_console_error(error);
    }
    let page = HOST.publish(&HostPage::new(&OPEN, "outside_frames"));
    let url = post_url("outside_frames");
    let framed =
        ["/", "/thread", "/admin", "/admin/api/export", "/v1/thread", "/v1/thread.html", "/health", "/nothing"];
    for path in framed {
        let (text, address) = text_in_a_frame(&reader, &page, &format!("{}{path}?url={url}", OPEN.origin())).await;
        assert!(!address.starts_with(&OPEN.origin()) || text.is_empty(), "{path} shows {text} at {address}");
    }
    // Control: a page that may be framed is shown.
    let other = HOST.publish(&HostPage::new(&OPEN, "outside_framed"));
    let (text, address) = text_in_a_frame(&reader, &page, &other).await;
    assert!(address == other && text.contains("outside framed"), "{text} at {address}");
    reader.close().await;
}

/// The result of a fetch that a blog page makes to the Worker.
async fn fetch_from_page(reader: &Browser, path: &str, options: Value) -> Value {
    let script = format!(
        "fetch({}, {options}).then(async (response) => [response.type, response.status, await response.text()], (error) => [error.name]).then(arguments[0])",
        json!(format!("{}{path}", OPEN.origin()))
    );
    reader.run_async(&script).await
}

#[tokio::test]
async fn blog_page_cannot_use_the_admin_api() {
    let url = post_url("outside_admin");
    let posted = post_thread("outside_admin", &[("Here to stay", None)]);
    let erase = format!("/admin/api/comments/{}/erase", posted[0].comment.id);
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("CORS");
    reader.expect_console_error("ERR_FAILED");
    reader.expect_console_error("NotSameOrigin");
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "outside_admin"))).await;
    reader.widget().wait_for_texts(&["Here to stay"]).await;
    let with = |method: &str| json!({"method": method, "headers": {"Authorization": MODERATOR_AUTHORIZATION}});
    for (path, method) in
        [("/admin/api/comments", "GET"), ("/admin/api/export", "GET"), (&*erase, "POST"), ("/admin/api/import", "POST")]
    {
        // With the secret, the browser sends a preflight, which is refused. Without it, the request is made, but the
        // page cannot read the response.
        assert_eq!(
            fetch_from_page(&reader, path, with(method)).await,
            json!(["TypeError"]),
            "{method} {path} with a secret"
        );
        assert_eq!(
            fetch_from_page(&reader, path, json!({"method": method})).await,
            json!(["TypeError"]),
            "{method} {path}"
        );
        let no_cors = json!({"method": method, "mode": "no-cors", "credentials": "include"});
        assert_eq!(
            fetch_from_page(&reader, path, no_cors).await,
            json!(["TypeError"]),
            "{method} {path} in no-cors mode"
        );
    }
    // A secret in the query is ignored.
    let in_address = format!("{erase}?secret={MODERATOR_SECRET}");
    assert_eq!(fetch_from_page(&reader, &in_address, json!({"method": "POST"})).await, json!(["TypeError"]));
    reader.close().await;

    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 401");
    for (action, kind) in [
        (&*erase, "application/x-www-form-urlencoded"),
        ("/admin/api/import", "text/plain"),
        ("/admin/api/republish", "multipart/form-data"),
    ] {
        reader.visit(&HOST.publish(&HostPage::new(&OPEN, "outside_admin"))).await;
        reader.widget().wait_for_texts(&["Here to stay"]).await;
        let script = "
            const form = document.body.appendChild(document.createElement('form'));
            Object.assign(form, {method: 'post', action: arguments[0], enctype: arguments[1]});
            form.appendChild(document.createElement('input')).name = '{\"after\":0}';
            form.submit();";
        reader.run(script, vec![json!(format!("{}{action}", OPEN.origin())), json!(kind)]).await;
        reader.wait_for_url("/admin/").await;
        let poll = async || {
            let text = reader.run("return document.body?.innerText ?? ''", Vec::new()).await;
            if text.as_str().is_some_and(|text| text.contains("unauthorized")) { Ok(()) } else { Err(text) }
        };
        wait_until_async("the refusal", poll).await;
    }
    reader.close().await;
    wait_for_thread(&OPEN, &url, 1);
}

#[tokio::test]
async fn page_of_unknown_origin_can_read_but_not_post() {
    // `localhost` belongs to the blog only on the configured port, and a sandboxed page has an opaque origin.
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("CORS");
    reader.expect_console_error("ERR_FAILED");
    reader.expect_console_error("NotSameOrigin");
    reader.expect_console_error("403");
    reader.expect_console_error("The setting SITES does not list");
    let page = HostPage::new(&OPEN, "outside_stranger").header("Content-Security-Policy", "sandbox allow-scripts");
    reader.visit(&HOST.publish(&page)).await;
    let url = post_url("outside_stranger");
    let new =
        serde_json::to_string(&NewComment { name: None, ..new_comment(&url, "From nowhere") }).expect("a comment");
    let json_post = json!({"method": "POST", "headers": {"Content-Type": "application/json"}, "body": new});
    assert_eq!(fetch_from_page(&reader, "/v1/comments", json_post).await, json!(["TypeError"]));
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let blind = json!({"method": "POST", "mode": "no-cors", "headers": {"Content-Type": kind}, "body": new});
        for path in ["/v1/comments", "/thread"] {
            assert_eq!(fetch_from_page(&reader, path, blind.clone()).await, json!(["TypeError"]), "{kind} to {path}");
        }
    }
    let form = format!("url={url}&text=From+nowhere");
    let blind = json!({"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "application/x-www-form-urlencoded"}, "body": form});
    fetch_from_page(&reader, "/thread", blind).await;
    // Published threads are public.
    let read = fetch_from_page(&reader, &format!("/v1/thread?url={url}"), json!({})).await;
    assert_eq!((&read[0], &read[1]), (&json!("cors"), &json!(200)), "{read}");
    // Of everything else it reads that its site is not set up.
    let refused = fetch_from_page(&reader, "/v1/challenge?url=https://blog.example/", json!({})).await;
    assert_eq!((&refused[0], &refused[1]), (&json!("cors"), &json!(403)), "{refused}");
    let refusal: ErrorBody = serde_json::from_str(refused[2].as_str().expect("a body")).expect("an error");
    assert_eq!(refusal, ErrorBody::from(Refusal::UnknownSite));
    wait_for_thread(&OPEN, &url, 0);
    assert_eq!(Request::get("/health").send(&OPEN).status, 200);
    reader.close().await;
}

/// The loader's hash in the format of the attribute `integrity`.
async fn integrity(reader: &Browser) -> String {
    let script = format!(
        "fetch({}).then((response) => response.arrayBuffer()).then((bytes) => crypto.subtle.digest('SHA-384', bytes))
            .then((hash) => 'sha384-' + btoa(String.fromCharCode(...new Uint8Array(hash)))).then(arguments[0])",
        json!(format!("{}/embed.js", OPEN.origin()))
    );
    reader.run_async(&script).await.as_str().expect("a hash").to_owned()
}

#[tokio::test]
async fn loader_can_be_pinned_by_its_hash() {
    post_thread("outside_pinned", &[("Already here", None)]);
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "outside_unpinned"))).await;
    let right = integrity(&reader).await;
    let pinned = |hash: &str| {
        let attributes = format!("integrity=\"{hash}\" crossorigin");
        HOST.publish(&HostPage::new(&OPEN, "outside_pinned").script_attributes(&attributes))
    };
    reader.visit(&pinned(&right)).await;
    reader.widget().wait_for_texts(&["Already here"]).await;
    reader.expect_console_error("integrity");
    let wrong = right.replace(&right[10..14], "AAAA");
    reader.visit(&pinned(&wrong)).await;
    reader.find("h1").await;
    assert_eq!(reader.run("return document.querySelectorAll('#afterword').length", Vec::new()).await, 0);
    reader.close().await;
}
