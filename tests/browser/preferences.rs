//! Preferences that readers set in their browser: less motion, more contrast, colours of their own, paper, and a search in the page.

use afterword_tests::{Browser, BrowserOptions, HostPage};
use serde_json::json;

use crate::{HOST, OPEN, post_thread};

/// Opens a thread whose only reply is collapsed.
async fn open_collapsed(name: &str) -> Browser {
    post_thread(name, &[("A question", None), ("A hidden answer", Some(0))]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, name))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    widget.find(".aw-branch > summary").await.click().await.expect("the branch can be collapsed");
    widget.find(".aw-branch:not([open])").await;
    reader
}

async fn emulate(reader: &Browser, media: &str, feature: &str, value: &str) {
    let features = if feature.is_empty() { json!([]) } else { json!([{"name": feature, "value": value}]) };
    reader.command("Emulation.setEmulatedMedia", json!({"media": media, "features": features})).await;
}

#[tokio::test]
async fn collapsed_comments_are_printed() {
    let reader = open_collapsed("prefer_print").await;
    let is_visible = "return root.querySelector('.aw-replies .aw-text').checkVisibility()";
    assert_eq!(reader.widget().run(is_visible, Vec::new()).await, false, "on the screen");
    emulate(&reader, "print", "", "").await;
    reader.run("dispatchEvent(new Event('beforeprint'))", Vec::new()).await;
    assert_eq!(reader.widget().run(is_visible, Vec::new()).await, true, "on paper");
    reader.run("dispatchEvent(new Event('afterprint'))", Vec::new()).await;
    emulate(&reader, "", "", "").await;
    reader.widget().find(".aw-branch:not([open])").await;
    reader.close().await;
}

#[tokio::test]
async fn more_contrast_gives_every_text_its_full_colour() {
    let reader = open_collapsed("prefer_contrast").await;
    let is_muted = "
        const color = (css) => getComputedStyle(root.querySelector(css)).color;
        return ['.aw-time', '.aw-acts', '.aw-hint', '.aw-optional'].map((css) => color(css) !== color('.aw'));";
    assert_eq!(reader.widget().run(is_muted, Vec::new()).await, json!([true, true, true, true]));
    emulate(&reader, "", "prefers-contrast", "more").await;
    assert_eq!(reader.widget().run(is_muted, Vec::new()).await, json!([false, false, false, false]));
    reader.close().await;
}

#[tokio::test]
async fn fields_buttons_and_focus_are_seen_in_forced_colours() {
    let reader = open_collapsed("prefer_forced").await;
    emulate(&reader, "", "forced-colors", "active").await;
    let edges = "
        const width = (css) => parseFloat(getComputedStyle(root.querySelector(css)).borderTopWidth);
        return ['.aw-input', '.aw-submit'].map((css) => width(css) >= 1);";
    assert_eq!(reader.widget().run(edges, Vec::new()).await, json!([true, true]));
    reader.tab_to(".aw-submit").await;
    let ring = "
        const style = getComputedStyle(root.activeElement);
        return parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none';";
    assert_eq!(reader.widget().run(ring, Vec::new()).await, true);
    reader.close().await;
}

#[tokio::test]
async fn nothing_moves_by_itself() {
    let reader = open_collapsed("prefer_still").await;
    let moving = "
        return [...root.querySelectorAll('.aw, .aw *')].filter((element) => {
            const style = getComputedStyle(element);
            return parseFloat(style.transitionDuration) > 0 || parseFloat(style.animationDuration) > 0 || style.scrollBehavior === 'smooth';
        }).map((element) => element.className);";
    assert_eq!(reader.widget().run(moving, Vec::new()).await, json!([]));
    reader.close().await;
}
