//! Host pages with a strict Content Security Policy.

use afterword_tests::{Browser, BrowserOptions, HostPage, post_url, root, wait_for_thread};
use serde_json::json;

use crate::{HOST, OPEN, post_thread};

/// The two policies that the documentation gives to owners, verbatim: the directives to add to any policy, and the
/// strictest policy.
fn documented_policies() -> [String; 2] {
    let page = std::fs::read_to_string(root().join("docs/src/csp.md")).expect("the page on CSP exists");
    let policies: Vec<_> = page
        .split("```text")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .map(|policy| policy.trim().replace("https://comments.example.com", &OPEN.origin()))
        .collect();
    policies.try_into().expect("two policies")
}

/// Reads, posts and replies under a policy.
async fn use_widget_under(policy: &str, name: &str) {
    post_thread(name, &[("Already here", None)]);
    let page = HostPage::new(&OPEN, name).header("Content-Security-Policy", policy);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&page)).await;
    let widget = reader.widget();
    let shown = widget.wait_for_texts(&["Already here"]).await;
    widget.post("Ada", "Under *policy*").await;
    widget.wait_for_texts(&["Already here", "Under policy"]).await;
    widget.reply(&shown[0].id, "Ada", "An answer").await;
    let texts = ["Already here", "An answer", "Under policy"];
    widget.wait_for_texts(&texts).await;
    reader.reload().await;
    widget.wait_for_texts(&texts).await;
    let styled = widget.run("return getComputedStyle(root.querySelector('.aw-list')).listStyleType", Vec::new()).await;
    assert_eq!(styled, "none", "the stylesheet is applied");
    reader.close().await;
}

#[tokio::test]
async fn strict_csp_does_not_break_the_widget() {
    let [least, strictest] = documented_policies();
    use_widget_under(&least, "csp_least").await;
    for part in ["default-src 'none'", "form-action", "require-trusted-types-for 'script'", "trusted-types afterword"] {
        assert!(strictest.contains(part) && !least.contains(part), "{part}");
    }
    use_widget_under(&strictest, "csp_strict").await;
}

#[tokio::test]
async fn trusted_types_are_enforced() {
    let [_, strictest] = documented_policies();
    let page = HostPage::new(&OPEN, "csp_types").header("Content-Security-Policy", &*strictest);
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("TrustedHTML");
    reader.expect_console_error("trusted-types");
    reader.visit(&HOST.publish(&page)).await;
    reader.widget().find(".aw-empty").await;
    let attempts = "
        const refused = (attempt) => { try { attempt(); return 'done'; } catch (error) { return error.name; } };
        return [
            refused(() => { document.createElement('p').innerHTML = '<b>x</b>'; }),
            refused(() => trustedTypes.createPolicy('another', {})),
            refused(() => trustedTypes.createPolicy('afterword', {})),
        ];";
    assert_eq!(reader.run(attempts, Vec::new()).await, json!(["TypeError", "TypeError", "TypeError"]));
    reader.close().await;
}

#[tokio::test]
async fn without_wasm_reading_works_and_the_plain_form_posts() {
    post_thread("csp_no_wasm", &[("Already here", None)]);
    let policy = documented_policies()[1].replace(" 'wasm-unsafe-eval'", "");
    let page = HostPage::new(&OPEN, "csp_no_wasm").header("Content-Security-Policy", policy);
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("Afterword: Add 'wasm-unsafe-eval' to script-src");
    let address = HOST.publish(&page);
    reader.visit(&address).await;
    let shown = reader.widget().wait_for_texts(&["Already here"]).await;
    reader.widget().post("Ada", "By the plain form").await;
    reader.wait_for_url(&OPEN.origin()).await;
    wait_for_thread(&OPEN, &post_url("csp_no_wasm"), 2);

    // Until it is known that the widget cannot run, a reply is written in a form on the page.
    reader
        .inject_script(
            "const { error } = console; console.error = (...words) => { window.advised = true; error(...words); };",
        )
        .await;
    reader.visit(&address).await;
    reader.widget().wait_for_texts(&["Already here", "By the plain form"]).await;
    reader.widget().wait_until("the advice for the owner", "window.advised === true").await;
    reader.widget().find(&format!("[data-reply=\"{}\"]", shown[0].id)).await.click().await.unwrap();
    reader.wait_for_url("#reply").await;
    reader.widget().fill("#reply", &[("name", "Ada"), ("text", "A plain answer")]).await;
    reader.widget().submit("#reply").await;
    let published = wait_for_thread(&OPEN, &post_url("csp_no_wasm"), 3);
    assert_eq!(published[1].parent.map(|parent| parent.to_string()), Some(shown[0].id.clone()));
    reader.close().await;
}
