//! A change of the order, and a part of the widget that cannot be loaded, take nothing away that the reader is writing.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, Widget};
use serde_json::json;

use crate::own_comments::choose;
use crate::{HOST, LONG, OPEN, post_thread};

/// Chooses an order and waits until it is shown.
async fn order(widget: &Widget<'_>, name: &str) {
    let choose = "
        const select = root.querySelector('.aw-order select');
        select.value = arguments[0];
        select.dispatchEvent(new Event('change', {bubbles: true}));";
    widget.run(choose, vec![json!(name)]).await;
    widget.wait_until(name, &format!("root.querySelector('.aw').dataset.sort === '{name}'")).await;
}

#[tokio::test]
async fn forms_stay_when_the_first_page_of_another_order_lacks_their_comments() {
    let (name, comments) = &*LONG;
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, name))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    let [first, second] = [0, 1].map(|at: usize| comments[at].id.to_string());
    let form = widget.open_reply(&first).await;
    widget.fill(&form, &[("text", "Half an answer")]).await;
    choose(&widget, &second, "aw-report").await;
    widget.wait_for_focus(".aw-report-form select").await;
    widget.find(".aw-report-form textarea").await.send_keys("It is rude").await.expect("the field takes the text");
    for (name, first_of_all) in [("newest", comments.len() - 1), ("oldest", 0)] {
        order(&widget, name).await;
        let id = comments[first_of_all].id.to_string();
        widget.wait_until("the order", &format!("root.querySelector('.aw-item').id === 'comment-{id}'")).await;
        assert_eq!(widget.field_value(&form, "text").await, "Half an answer", "{name}");
        let report = "return root.querySelector('.aw-report-form textarea').value";
        assert_eq!(widget.run(report, Vec::new()).await, "It is rude", "{name}");
        let doubled = "
            const ids = [...root.querySelectorAll('.aw-item')].map((item) => item.id);
            return [ids.length - new Set(ids).size, root.querySelectorAll('.aw-item > .aw-form').length];";
        assert_eq!(widget.run(doubled, Vec::new()).await, json!([0, 2]), "{name}");
    }
    reader.close().await;
}

#[tokio::test]
async fn preview_without_its_part_is_drawn_on_the_workers_page() {
    post_thread("form_plain_preview", &[("One", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    // A module that is imported once is not fetched again.
    reader.block_requests(Some("/assets/editor-")).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_plain_preview"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    widget.fill(MAIN_FORM, &[("text", "Some *weight*")]).await;
    widget.find(&format!("{MAIN_FORM} .aw-preview-button")).await.click().await.expect("the button can be pressed");
    reader.wait_for_url("/thread#preview").await;
    assert_eq!(reader.find("#preview em").await.text().await.unwrap(), "weight");
    assert_eq!(reader.widget().field_value(MAIN_FORM, "text").await, "Some *weight*");
    reader.close().await;
}

#[tokio::test]
async fn counts_on_a_page_follow_the_widget() {
    post_thread("form_counted", &[("One", None)]);
    let count = format!(
        "<p data-afterword-count=\"{}\"></p><script src=\"{}/count.js\" async></script>",
        afterword_tests::post_url("form_counted"),
        OPEN.origin()
    );
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_counted").foreign_html(&count))).await;
    let widget = reader.widget();
    let is = |text: &str| format!("document.querySelector('[data-afterword-count]').textContent === '{text}'");
    widget.wait_until("the number of the Worker", &is("1 comment")).await;
    widget.find(".aw-vote").await;
    widget.post("Ada", "Two").await;
    widget.wait_until("the number of the widget", &is("2 comments")).await;
    reader.close().await;
}
