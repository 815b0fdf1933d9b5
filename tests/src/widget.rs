//! The widget as a reader meets it, in the shadow root of a host page or plainly on the Worker's own page.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::wait::wait_until_async;

/// Names the root under which the widget's elements are found.
const ROOT: &str = "const root = document.querySelector('div#afterword')?.shadowRoot ?? document;\n";

/// Reads what is shown of each comment.
const SHOWN: &str = "
const text = (item, part) => item.querySelector(':scope > article ' + part)?.innerText.trim() ?? '';
return [...root.querySelectorAll('.aw-item')].map((item) => ({
    id: item.dataset.id ?? '',
    author: text(item, '.aw-author'),
    text: text(item, '.aw-text'),
    to: text(item, '.aw-to'),
    pending: !!item.querySelector(':scope > article .aw-pending'),
    above: item.parentElement.closest('.aw-item')?.dataset.id ?? '',
}));";

/// One comment on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownComment {
    /// Its number.
    pub id: String,
    /// The name of its author.
    pub author: String,
    /// Its text, as it can be read.
    pub text: String,
    /// Whom it says it answers, where that is not shown by indentation.
    pub reply_to: String,
    /// Whether it says that it waits for a moderator.
    pub pending: bool,
    /// The number of the comment it is indented under, empty for none.
    pub parent: String,
}

/// The widget on the page of a browser.
#[derive(Clone, Copy, Debug)]
pub struct Widget<'a> {
    browser: &'a Browser,
}

impl<'a> Widget<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// Runs a script in which `root` is the root of the widget.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.browser.run(&format!("{ROOT}{script}"), arguments).await
    }

    /// Waits for an element of the widget and gives it.
    pub async fn find(&self, css: &str) -> WebElement {
        let script = format!("{ROOT}return root.querySelector(arguments[0])");
        let poll = async || self.browser.element(&script, vec![json!(css)]).await;
        wait_until_async(&format!("{css} in the widget"), poll).await
    }

    /// Whether the focus is on, or in, an element of the widget.
    pub async fn has_focus(&self, css: &str) -> bool {
        let script = "return !!root.activeElement?.closest(arguments[0])";
        self.run(script, vec![json!(css)]).await.as_bool().expect("a truth value")
    }

    /// Waits for the focus to be on, or in, an element of the widget.
    pub async fn wait_for_focus(&self, css: &str) {
        let poll = async || {
            let focused = self.run("return root.activeElement?.outerHTML.slice(0, 200) ?? ''", Vec::new()).await;
            if self.has_focus(css).await { Ok(()) } else { Err(focused) }
        };
        wait_until_async(&format!("the focus on {css}"), poll).await;
    }

    /// How many elements of the widget there are at this moment.
    pub async fn count(&self, css: &str) -> u64 {
        let count = self.run("return root.querySelectorAll(arguments[0]).length", vec![json!(css)]).await;
        count.as_u64().expect("a number")
    }

    /// The comments on the screen at this moment.
    pub async fn shown_comments(&self) -> Vec<ShownComment> {
        let shown = self.run(SHOWN, Vec::new()).await;
        let text = |comment: &Value, part: &str| comment[part].as_str().unwrap_or_default().to_owned();
        let shown = shown.as_array().expect("a list").iter();
        shown
            .map(|comment| ShownComment {
                id: text(comment, "id"),
                author: text(comment, "author"),
                text: text(comment, "text"),
                reply_to: text(comment, "to"),
                pending: comment["pending"] == json!(true),
                parent: text(comment, "above"),
            })
            .collect()
    }

    /// Waits until exactly these texts are on the screen, in this order, and gives the comments.
    pub async fn wait_for_texts(&self, texts: &[&str]) -> Vec<ShownComment> {
        let poll = async || {
            let shown = self.shown_comments().await;
            let same =
                shown.len() == texts.len() && shown.iter().zip(texts).all(|(comment, text)| comment.text == *text);
            if same { Ok(shown) } else { Err(shown) }
        };
        wait_until_async(&format!("the comments {texts:?}"), poll).await
    }

    /// Waits until the words are in the status line, which assistive technology reads out.
    pub async fn wait_for_status(&self) -> String {
        let poll = async || {
            let status = self.run("return root.querySelector('.aw-status')?.innerText.trim() ?? ''", Vec::new()).await;
            let status = status.as_str().unwrap_or_default().to_owned();
            if status.is_empty() { Err("an empty status") } else { Ok(status) }
        };
        wait_until_async("a status", poll).await
    }

    /// Waits for an error to be shown in the form in `place` and gives its text; `field` is the name of the field beside which it
    /// stands, or `form`.
    pub async fn wait_for_error(&self, form: &str, field: &str) -> String {
        let which = if field == "form" { "[role=alert]".to_owned() } else { format!("[id^=aw-{field}]") };
        let error = self.find(&format!("{form} .aw-error{which}")).await;
        let poll = async || match error.text().await {
            Ok(text) if !text.is_empty() => Ok(text),
            other => Err(other),
        };
        wait_until_async("a text in the error", poll).await
    }

    /// Types into the fields of the form that is in `place`, a selector of the form itself.
    pub async fn fill(&self, form: &str, fields: &[(&str, &str)]) {
        for (field, text) in fields {
            let element = self.find(&format!("{form} [name={field}]")).await;
            if !element.is_displayed().await.expect("the field is on the page") {
                self.find(&format!("{form} summary")).await.click().await.expect("the rest of the form opens");
            }
            element.clear().await.expect("the field can be emptied");
            element.send_keys(*text).await.expect("the field takes the text");
        }
    }

    /// What stands in a field at this moment.
    pub async fn field_value(&self, form: &str, field: &str) -> String {
        let field = self.find(&format!("{form} [name={field}]")).await;
        field.prop("value").await.expect("a field has a value").unwrap_or_default()
    }

    /// Presses the button of the form that is in `place`.
    pub async fn submit(&self, form: &str) {
        self.find(&format!("{form} .aw-submit")).await.click().await.expect("the button can be pressed");
    }

    /// Writes a comment in the form below the thread and sends it.
    pub async fn post(&self, name: &str, text: &str) {
        self.fill(MAIN_FORM, &[("name", name), ("text", text)]).await;
        self.submit(MAIN_FORM).await;
    }

    /// Opens the form below a comment, and gives the selector of that form.
    pub async fn open_reply(&self, id: &str) -> String {
        self.find(&format!("[data-reply=\"{id}\"]")).await.click().await.expect("the link can be pressed");
        let form = format!("#comment-{id} > .aw-form");
        self.find(&form).await;
        form
    }

    /// Answers a comment.
    pub async fn reply(&self, id: &str, name: &str, text: &str) {
        let form = self.open_reply(id).await;
        self.fill(&form, &[("name", name), ("text", text)]).await;
        self.submit(&form).await;
    }
}

/// The form below the thread.
pub const MAIN_FORM: &str = ".aw > .aw-form";
