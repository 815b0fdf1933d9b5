//! Host pages with a strict Content Security Policy.

use afterword_tests::{Browser, HostPage, Look, post_url, root, whole_thread};

use crate::{HOST, OPEN, written};

/// The policy of the README for owners who have one, here on top of one that allows nothing else, and with Trusted Types enforced; `wasm`
/// is the source that WASM needs.
fn policy(wasm: &str) -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("there is a README");
    let chapter = readme.split("### A strict Content-Security-Policy").nth(1).expect("a chapter on policies");
    let recipe = chapter.split("```text").nth(1).and_then(|rest| rest.split("```").next()).expect("a recipe");
    assert!(recipe.contains("'wasm-unsafe-eval'"), "{recipe}");
    for advice in ["require-trusted-types-for 'script'", "trusted-types afterword", "form-action"] {
        assert!(chapter.contains(advice), "{advice} is advised");
    }
    let recipe =
        recipe.trim().replace("https://comments.example.com", &OPEN.origin()).replace("'wasm-unsafe-eval'", wasm);
    format!(
        "default-src 'none'; base-uri 'none'; form-action {}; require-trusted-types-for 'script'; trusted-types afterword; {recipe}",
        OPEN.origin()
    )
}

#[tokio::test]
async fn a_strict_policy_is_no_obstacle() {
    written("csp_strict", &[("Already here", None)]);
    let page = HostPage::new(&OPEN, "csp_strict").header("Content-Security-Policy", policy("'wasm-unsafe-eval'"));
    let reader = Browser::open(Look::default()).await;
    reader.visit(&HOST.publish(&page)).await;
    let widget = reader.widget();
    let shown = widget.wait_texts(&["Already here"]).await;
    widget.post("Ada", "Under *policy*").await;
    widget.wait_texts(&["Already here", "Under policy"]).await;
    widget.reply(&shown[0].id, "Ada", "An answer").await;
    let texts = ["Already here", "An answer", "Under policy"];
    widget.wait_texts(&texts).await;
    reader.reload().await;
    widget.wait_texts(&texts).await;
    let styled = widget.run("return getComputedStyle(root.querySelector('.aw-list')).listStyleType", Vec::new()).await;
    assert_eq!(styled, "none", "the stylesheet is there");
    reader.close().await;
}

#[tokio::test]
async fn where_wasm_is_forbidden_reading_works_and_the_plain_form_posts() {
    written("csp_no_wasm", &[("Already here", None)]);
    let page = HostPage::new(&OPEN, "csp_no_wasm").header("Content-Security-Policy", policy(""));
    let reader = Browser::open(Look::default()).await;
    let address = HOST.publish(&page);
    reader.visit(&address).await;
    let shown = reader.widget().wait_texts(&["Already here"]).await;
    reader.widget().post("Ada", "By the plain form").await;
    reader.wait_address(&OPEN.origin()).await;
    whole_thread(&OPEN, &post_url("csp_no_wasm"), 2);

    reader.visit(&address).await;
    reader.widget().wait_texts(&["Already here", "By the plain form"]).await;
    reader.widget().find(&format!("[data-reply=\"{}\"]", shown[0].id)).await.click().await.unwrap();
    reader.wait_address("#reply").await;
    reader.widget().fill("#reply", &[("name", "Ada"), ("text", "A plain answer")]).await;
    reader.widget().submit("#reply").await;
    let published = whole_thread(&OPEN, &post_url("csp_no_wasm"), 3);
    assert_eq!(published[1].parent.map(|parent| parent.to_string()), Some(shown[0].id.clone()));
    reader.close().await;
}
