//! A blog whose pages pass through the Worker: its comments are there without a request, and without JavaScript.

use std::sync::LazyLock;

use afterword_tests::{Browser, BrowserOptions, HostSite, Request, Server, new_comment, wait_for_thread};

static BLOG: LazyLock<HostSite> = LazyLock::new(HostSite::start);
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::in_front_of("browser-blog-pages", &BLOG));

/// Publishes a page with a comment, and returns its address on the blog and that of its post.
fn publish(name: &str, attributes: &str, text: &str) -> (String, String) {
    let url = format!("https://blog.example/{name}");
    Request::post_comment(&new_comment(&url, text)).send(&SERVER).check_status(201);
    wait_for_thread(&SERVER, &url, 1);
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title></head>\n\
         <body><h1>{name}</h1><div id=\"afterword\" {attributes}></div>\n\
         <script src=\"/_comments/embed.js\" async></script></body></html>\n"
    );
    BLOG.publish_file(&format!("/{name}"), &page);
    (format!("{}/{name}", SERVER.blog_origin()), url)
}

fn fragments(requests: &[String]) -> usize {
    requests.iter().filter(|url| url.contains("/v1/thread.html")).count()
}

#[tokio::test]
async fn thread_of_the_page_is_taken_without_a_request() {
    let (page, url) = publish("taken", "", "Was in the page");
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.wait_for_texts(&["Was in the page"]).await;
    widget.wait_until_running().await;
    assert_eq!(fragments(&reader.requests().await), 0, "{:?}", reader.requests().await);
    widget.post("Ada", "Written below it").await;
    widget.wait_for_texts(&["Was in the page", "Written below it"]).await;
    wait_for_thread(&SERVER, &url, 2);
    let id = widget.shown_comments().await[0].id.clone();
    widget.reply(&id, "Bob", "An answer").await;
    widget.wait_for_texts(&["Was in the page", "An answer", "Written below it"]).await;
    assert_eq!(widget.count("section.aw").await, 1);
    reader.close().await;
}

#[tokio::test]
async fn thread_is_drawn_again_for_another_order_or_a_linked_comment() {
    let (page, _) = publish("not_taken", "", "Was in the page");
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&format!("{page}#comment-999")).await;
    reader.widget().wait_for_texts(&["Was in the page"]).await;
    reader.widget().wait_until("the notice about the missing comment", "!!root.querySelector('.aw-missing')").await;
    assert_eq!(fragments(&reader.requests().await), 1);
    reader.run("localStorage.setItem('afterword:sort', 'newest')", Vec::new()).await;
    reader.visit(&page).await;
    reader
        .widget()
        .wait_until(
            "the reader's own order",
            "root.querySelector('#aw-sort, .aw')?.closest('.aw') && [...root.querySelectorAll('slot')].length === 1",
        )
        .await;
    reader.close().await;
}

#[tokio::test]
async fn reader_without_javascript_reads_the_thread_in_the_post() {
    let (page, _) = publish("without_script", "data-theme=\"dense\"", "Readable as it is");
    let reader = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::DEFAULT }).await;
    reader.visit(&page).await;
    reader.widget().wait_for_texts(&["Readable as it is"]).await;
    let color =
        reader.widget().run("return getComputedStyle(root.querySelector('.aw')).containerType", Vec::new()).await;
    assert_ne!(color, serde_json::Value::Null, "the styles are there");
    reader.close().await;
}
