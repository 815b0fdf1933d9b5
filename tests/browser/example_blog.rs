//! The example blog of `examples/plain-html`.

use afterword_tests::{Browser, BrowserOptions, Request, new_comment, wait_for_thread, wait_until_async};

use crate::{HOST, OPEN};

#[tokio::test]
async fn blog_shows_counts_and_each_post_its_comments() {
    HOST.publish_example(&OPEN);
    let url = "https://blog.example/2011/11/frost-on-the-allotment.html";
    for text in ["Green tomato cake!", "Parsnips, yes."] {
        assert_eq!(Request::post_comment(&new_comment(url, text)).send(&OPEN).status, 201);
    }
    wait_for_thread(&OPEN, url, 2);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&format!("{}/", HOST.origin())).await;
    let counts = "return [...document.querySelectorAll('a.count')].map((count) => count.textContent)";
    let poll = async || {
        let seen = reader.run(counts, Vec::new()).await;
        if seen == serde_json::json!(["no comments yet", "no comments yet", "2 comments"]) { Ok(()) } else { Err(seen) }
    };
    wait_until_async("the counts", poll).await;
    assert_eq!(reader.axe_violations().await, Vec::<String>::new());

    let posts = ["notes/counting-without-a-lock.html", "travel/rasail-min-amman.html"];
    for post in posts {
        reader.visit(&format!("{}/{post}", HOST.origin())).await;
        reader.widget().find(".aw-empty").await;
        reader.widget().post("Ada", "Nice").await;
        reader.widget().wait_for_texts(&["Nice"]).await;
    }
    for address in ["2011/11/frost-on-the-allotment.html", "2011/11/frost-on-the-allotment.html?m=1"] {
        reader.visit(&format!("{}/{address}", HOST.origin())).await;
        reader.widget().wait_for_texts(&["Green tomato cake!", "Parsnips, yes."]).await;
    }
    reader.close().await;
}
