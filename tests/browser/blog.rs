//! The demo blog of `examples/plain-html`.

use afterword_tests::{Browser, Call, Look, comment, until_async, whole_thread};

use crate::{HOST, OPEN};

#[tokio::test]
async fn the_blog_shows_its_counts_and_each_post_its_comments() {
    HOST.publish_example(&OPEN);
    let url = "https://blog.example/2011/11/frost-on-the-allotment.html";
    for text in ["Green tomato cake!", "Parsnips, yes."] {
        assert_eq!(Call::post(&comment(url, text)).send(&OPEN).status, 201);
    }
    whole_thread(&OPEN, url, 2);
    let reader = Browser::open(Look::default()).await;
    reader.visit(&format!("{}/", HOST.origin())).await;
    let counts = "return [...document.querySelectorAll('a.count')].map((count) => count.textContent)";
    let look = async || {
        let seen = reader.run(counts, Vec::new()).await;
        if seen == serde_json::json!(["no comments yet", "no comments yet", "2 comments"]) { Ok(()) } else { Err(seen) }
    };
    until_async("the counts", look).await;
    assert_eq!(reader.axe().await, Vec::<String>::new());

    let posts = ["notes/counting-without-a-lock.html", "travel/rasail-min-amman.html"];
    for post in posts {
        reader.visit(&format!("{}/{post}", HOST.origin())).await;
        reader.widget().find(".aw-empty").await;
        reader.widget().post("Ada", "Nice").await;
        reader.widget().wait_texts(&["Nice"]).await;
    }
    for address in ["2011/11/frost-on-the-allotment.html", "2011/11/frost-on-the-allotment.html?m=1"] {
        reader.visit(&format!("{}/{address}", HOST.origin())).await;
        reader.widget().wait_texts(&["Green tomato cake!", "Parsnips, yes."]).await;
    }
    reader.close().await;
}
