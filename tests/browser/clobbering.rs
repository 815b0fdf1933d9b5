//! DOM clobbering: markup without a script in the host page, from somebody other than the blog, whose ids and names become properties of
//! the document and of the window. It cannot take over the loader or the widget.

use std::collections::BTreeSet;

use afterword_tests::{Attack, Browser, BrowserOptions, Engine, HostPage, MAIN_FORM, attacks, root, wait_until_async};
use serde_json::json;

use crate::{HOST, OPEN, post_thread};

/// Writes a comment without WebDriver, whose own scripts use the document's properties.
const POST: &str = "
    const form = root.querySelector(arguments[0]);
    const text = form.querySelector('[name=text]');
    text.focus();
    text.value = arguments[1];
    text.dispatchEvent(new InputEvent('input', {bubbles: true, composed: true}));
    form.querySelector('.aw-submit').click();";

/// All names that the loader and the widget read from an object of the page: the words of their scripts.
fn names_in_the_code() -> BTreeSet<String> {
    let is_separator = |character: char| !character.is_ascii_alphanumeric();
    let mut names = BTreeSet::new();
    for folder in ["widget", "widget/thread", "widget/parts"] {
        let files = std::fs::read_dir(root().join(folder)).expect("the folder is there");
        for path in
            files.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "js"))
        {
            let script = std::fs::read_to_string(path).expect("the script is text");
            names.extend(script.split(is_separator).map(str::to_owned));
        }
    }
    names.retain(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()) && !name.contains(is_separator));
    names
}

/// Writes an element with a name, and an address that it may use.
type Element = fn(&str, &str) -> String;

/// Opens a page with this markup before the loader, reads the comments and writes one.
async fn read_and_post(reader: &Browser, name: &str, markup: &str) {
    post_thread(name, &[("Already here", None)]);
    reader.visit("about:blank").await;
    reader.requests().await;
    let page = HostPage::new(&OPEN, name).foreign_html(markup);
    reader.visit(&HOST.publish(&page)).await;
    let widget = reader.widget();
    widget.wait_for_texts(&["Already here"]).await;
    // The comment takes the widget's requests, the empty text an element that the widget creates.
    widget.run(POST, vec![json!(MAIN_FORM), json!("Posted all the same")]).await;
    widget.wait_for_texts(&["Already here", "Posted all the same"]).await;
    widget.run(POST, vec![json!(MAIN_FORM), json!(" ")]).await;
    let error = async || {
        let text = widget.run("return root.querySelector('.aw-error')?.textContent ?? ''", Vec::new()).await;
        if text == "" { Err(text) } else { Ok(()) }
    };
    wait_until_async("the error for an empty text", error).await;
    let elsewhere = [format!("{}/v1/", HOST.origin()), format!("{}/assets/", HOST.origin())];
    let stray: Vec<_> = reader.requests().await;
    let stray: Vec<_> =
        stray.iter().filter(|request| elsewhere.iter().any(|address| request.contains(address))).collect();
    assert!(stray.is_empty(), "requests of the loader to another origin: {stray:?}");
}

#[tokio::test]
async fn no_name_in_the_page_hides_what_the_loader_and_the_widget_use() {
    let names = names_in_the_code();
    for name in ["currentScript", "createElement", "execCommand", "crypto", "getSelection"] {
        assert!(names.contains(name), "{name} is not among the {} names", names.len());
    }
    let reader = Browser::open(BrowserOptions::default()).await;
    // Five hundred frames would take the page many seconds.
    let built_in = "return arguments[0].filter((name) => name in document || name in window)";
    let built_in = reader.run(built_in, vec![json!(names)]).await;
    let built_in: BTreeSet<String> =
        built_in.as_array().expect("a list").iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect();
    assert!(built_in.len() > 50 && built_in.contains("currentScript"), "{built_in:?}");
    let elements: [(&str, Element); 4] = [
        ("image", |name, src| format!("<img name={name} id={name} src=\"{src}\">")),
        ("form", |name, _| format!("<form name={name} id={name}></form>")),
        ("frame", |name, _| format!("<iframe name={name} hidden></iframe>")),
        ("links", |name, src| format!("<a id={name} href=\"{src}\"></a><a id={name} name={name}></a>")),
    ];
    for (kind, element) in elements {
        let src = format!("{}/favicon.ico", HOST.origin());
        // WebKit fetches the address of each element again, which takes as long.
        let is_slow = kind == "frame" || Engine::current() == Engine::WebKit;
        let used = if is_slow { &built_in } else { &names };
        let markup: String = used.iter().map(|name| element(name, &src)).collect();
        read_and_post(&reader, &format!("clobbered_by_{kind}"), &markup).await;
    }
    reader.close().await;
}

/// The strings of `tests/attacks/clobbering.txt`, except those with a script in them, which would run in any page.
fn corpus() -> Vec<Attack> {
    let mut attacks = attacks(&root().join("tests/attacks"));
    let has_script = |text: &str| [" onclick=", " onerror="].iter().any(|handler| text.contains(handler));
    attacks.retain(|attack| attack.class() == "clobbering" && !has_script(&attack.text()));
    assert!(attacks.len() > 40, "{} strings", attacks.len());
    attacks
}

/// The one element that decides where the comments are and of which post. Who may write it can show comments of another post.
const MOUNT_POINT: &str = "<div id=afterword";

#[tokio::test]
async fn clobbering_corpus_in_the_host_page_is_harmless() {
    let local = |attack: &Attack| attack.text().replace("//canary.example", &format!("{}/favicon.ico?", HOST.origin()));
    let markup: String = corpus()
        .iter()
        .map(local)
        .filter(|text| !text.contains(MOUNT_POINT))
        .map(|text| format!("<div>{text}</div>\n"))
        .collect();
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("404");
    reader.inject_script("window.canary = () => { throw new Error('the markup ran a script'); }").await;
    read_and_post(&reader, "clobbered_by_corpus", &markup).await;
    reader.close().await;
}
