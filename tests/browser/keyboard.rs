//! Keyboard only: Tab, Enter and Escape through a reply and a comment.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM};
use thirtyfour::Key;

use crate::{HOST, OPEN, post_thread};

#[tokio::test]
async fn reply_and_comment_can_be_written_by_keyboard_alone() {
    let posted = post_thread("keyboard", &[("To be answered", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "keyboard"));
    let id = posted[0].comment.id;
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.wait_for_texts(&["To be answered"]).await;
    let (link, form) = (format!("[data-reply='{id}']"), format!("#comment-{id} > .aw-form"));

    reader.tab_to(&link).await;
    reader.press(Key::Enter).await;
    widget.wait_for_focus(&format!("{form} [name=text]")).await;
    reader.press("Half an ans").await;
    reader.press(Key::Escape).await;
    widget.wait_for_focus(&link).await;
    assert_eq!(widget.count(&form).await, 0, "Escape closes the form");
    reader.press(Key::Enter).await;
    widget.wait_for_focus(&format!("{form} [name=text]")).await;
    assert_eq!(widget.field_value(&form, "text").await, "Half an ans", "and keeps the text");
    reader.press("wer").await;
    reader.tab_to(&format!("{form} [name=name]")).await;
    reader.press("Ada").await;
    reader.tab_to(&format!("{form} .aw-submit")).await;
    reader.press(Key::Enter).await;
    let shown = widget.wait_for_texts(&["To be answered", "Half an answer"]).await;
    widget.wait_for_focus(&format!("#comment-{}", shown[1].id)).await;

    reader.tab_to(&format!("{MAIN_FORM} [name=text]")).await;
    reader.press("And a comment").await;
    reader.tab_to(&format!("{MAIN_FORM} .aw-submit")).await;
    reader.press(Key::Space).await;
    widget.wait_for_texts(&["To be answered", "Half an answer", "And a comment"]).await;
    reader.close().await;
}

#[tokio::test]
async fn focus_is_always_visible() {
    post_thread("keyboard_focus", &[("Look at me", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "keyboard_focus"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().wait_for_texts(&["Look at me"]).await;
    let ring = "
        const style = getComputedStyle(root.activeElement);
        return parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none';";
    for css in [".aw-time", ".aw-reply", "[name=text]", "[name=name]", "summary", ".aw-submit"] {
        reader.tab_to(css).await;
        assert_eq!(reader.widget().run(ring, Vec::new()).await, true, "{css} has a focus ring");
    }
    reader.close().await;
}

#[tokio::test]
async fn whole_way_from_reading_to_undo_works_by_keyboard_alone() {
    let posted = post_thread("keyboard_way", &[("To be answered", None)]);
    let id = posted[0].comment.id;
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "keyboard_way"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    let form = format!("#comment-{id} > .aw-form");
    reader.tab_to(&format!("[data-reply='{id}']")).await;
    reader.press(Key::Enter).await;
    widget.wait_for_focus(&format!("{form} [name=text]")).await;
    reader.press("Some **weight**").await;
    widget.find(&format!("{form} .aw-tools")).await;
    reader.tab_to(&format!("{form} .aw-preview-button")).await;
    reader.press(Key::Space).await;
    widget.find(&format!("{form} .aw-preview strong")).await;
    assert_eq!(reader.axe_violations().await, Vec::<String>::new(), "with a preview");
    widget.find(&format!("{form} [name=text]")).await.focus().await.unwrap();
    reader.press_with(Key::Control, Key::Enter).await;
    let answer = format!("#comment-{id} .aw-item");
    widget.wait_for_focus(&answer).await;

    reader.tab_to(&format!("{answer} .aw-menu > summary")).await;
    reader.press(Key::Enter).await;
    widget.find(&format!("{answer} .aw-edit")).await;
    reader.tab_to(&format!("{answer} .aw-edit")).await;
    reader.press(Key::Enter).await;
    let edit = format!("{answer} > .aw-form");
    widget.wait_until("the source", &format!("!!root.querySelector('{edit} [name=text]')?.value")).await;
    assert_eq!(reader.axe_violations().await, Vec::<String>::new(), "while a comment is edited");
    reader.press(Key::End).await;
    reader.press(" and more").await;
    reader.tab_to(&format!("{edit} .aw-submit")).await;
    reader.press(Key::Enter).await;
    widget.wait_for_texts(&["To be answered", "Some weight and more"]).await;

    reader.tab_to(&format!("{answer} .aw-menu > summary")).await;
    reader.press(Key::Space).await;
    widget.find(&format!("{answer} .aw-delete")).await;
    // Escape closes the menu, and the focus is on its button again.
    reader.tab_to(&format!("{answer} .aw-delete")).await;
    reader.press(Key::Escape).await;
    widget.wait_for_focus(&format!("{answer} .aw-menu > summary")).await;
    reader.press(Key::Enter).await;
    widget.find(&format!("{answer} .aw-delete")).await;
    reader.tab_to(&format!("{answer} .aw-delete")).await;
    reader.press(Key::Enter).await;
    widget.wait_for_focus(&format!("{answer} .aw-deleted button")).await;
    assert_eq!(reader.axe_violations().await, Vec::<String>::new(), "with a deleted comment");
    reader.press(Key::Enter).await;
    widget.wait_for_texts(&["To be answered", "Some weight and more"]).await;
    widget.wait_for_focus(&answer).await;
    reader.close().await;
}
