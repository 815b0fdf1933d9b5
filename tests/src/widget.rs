//! The widget as a reader sees it: in the shadow root of a host page, or on the Worker's own page.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::wait::wait_until_async;

/// Defines `root`, the root of the widget's elements: the shadow root with the thread, wherever it is in the page, or the
/// document. Some pages have elements that hide properties of the document, and some change the prototypes of arrays.
const ROOT: &str = "
const search = (tree) => {
    const elements = (tree === document ? Document.prototype : tree).querySelectorAll.call(tree, '*');
    for (let at = 0; at < elements.length; at++) {
        const inner = elements[at].shadowRoot ?? elements[at][Symbol.for('closed')];
        const found = inner && (inner.querySelector('.aw') ? inner : search(inner));
        if (found) return found;
    }
};
const root = search(document) ?? (typeof document.querySelectorAll === 'function'
    ? document : Reflect.get(Document.prototype, 'documentElement', document));
";

/// Reads the displayed parts of each comment.
const SHOWN: &str = "
const text = (item, part) => item.querySelector(':scope > article ' + part)?.innerText.trim() ?? '';
return [...root.querySelectorAll('.aw-item')].map((item) => ({
    id: item.dataset.id ?? '',
    author: text(item, '.aw-author'),
    text: text(item, '.aw-text'),
    replyTo: text(item, '.aw-to'),
    pending: !!item.querySelector(':scope > article .aw-pending'),
    parent: item.parentElement.closest('.aw-item')?.dataset.id ?? '',
}));";

/// A comment on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownComment {
    /// The comment id.
    pub id: String,
    /// The displayed author name.
    pub author: String,
    /// The displayed text.
    pub text: String,
    /// The note that names the author replied to, shown where indentation does not show it.
    pub reply_to: String,
    /// The comment is marked as awaiting moderation.
    pub pending: bool,
    /// The id of the comment under which this one is indented, or empty.
    pub parent: String,
}

/// The widget on a browser's page.
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

    /// Waits for an element of the widget and returns it.
    pub async fn find(&self, css: &str) -> WebElement {
        let script = format!("{ROOT}return root.querySelector(arguments[0])");
        let poll = async || self.browser.element(&script, vec![json!(css)]).await;
        wait_until_async(&format!("{css} in the widget"), poll).await
    }

    /// Returns true if the focus is on or in an element of the widget.
    pub async fn has_focus(&self, css: &str) -> bool {
        let script = "return !!root.activeElement?.closest(arguments[0])";
        self.run(script, vec![json!(css)]).await.as_bool().expect("a boolean")
    }

    /// Waits until the focus is on or in an element of the widget.
    pub async fn wait_for_focus(&self, css: &str) {
        let poll = async || {
            let focused = self.run("return root.activeElement?.outerHTML.slice(0, 200) ?? ''", Vec::new()).await;
            if self.has_focus(css).await { Ok(()) } else { Err(focused) }
        };
        wait_until_async(&format!("the focus on {css}"), poll).await;
    }

    /// Returns true if an element of the widget is visible. WebKit's driver says so of all that a closed `<details>` hides.
    pub async fn is_visible(&self, css: &str) -> bool {
        let script = "return root.querySelector(arguments[0]).checkVisibility()";
        self.run(script, vec![json!(css)]).await.as_bool().expect("a boolean")
    }

    /// The current number of matching elements in the widget.
    pub async fn count(&self, css: &str) -> u64 {
        let count = self.run("return root.querySelectorAll(arguments[0]).length", vec![json!(css)]).await;
        count.as_u64().expect("a number")
    }

    /// The comments currently on the screen.
    pub async fn shown_comments(&self) -> Vec<ShownComment> {
        let shown = self.run(SHOWN, Vec::new()).await;
        let text = |comment: &Value, part: &str| comment[part].as_str().unwrap_or_default().to_owned();
        let shown = shown.as_array().expect("a list").iter();
        shown
            .map(|comment| ShownComment {
                id: text(comment, "id"),
                author: text(comment, "author"),
                text: text(comment, "text"),
                reply_to: text(comment, "replyTo"),
                pending: comment["pending"] == json!(true),
                parent: text(comment, "parent"),
            })
            .collect()
    }

    /// Waits until exactly these texts are on the screen, in this order, and returns the comments.
    pub async fn wait_for_texts(&self, texts: &[&str]) -> Vec<ShownComment> {
        let poll = async || {
            let shown = self.shown_comments().await;
            let same =
                shown.len() == texts.len() && shown.iter().zip(texts).all(|(comment, text)| comment.text == *text);
            if same { Ok(shown) } else { Err(shown) }
        };
        wait_until_async(&format!("the comments {texts:?}"), poll).await
    }

    /// The text that assistive technology was told last. The element is in the light DOM of the host.
    pub async fn status(&self) -> String {
        let script = "return root.host?.querySelector('[role=status]')?.textContent.trim() ?? ''";
        self.run(script, Vec::new()).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until assistive technology is told something.
    pub async fn wait_for_status(&self) -> String {
        let poll = async || {
            let status = self.status().await;
            if status.is_empty() { Err("an empty status") } else { Ok(status) }
        };
        wait_until_async("a status", poll).await
    }

    /// Waits until assistive technology is told this text.
    pub async fn wait_to_hear(&self, text: &str) {
        let poll = async || {
            let status = self.status().await;
            if status == text { Ok(()) } else { Err(status) }
        };
        wait_until_async(&format!("the announcement {text:?}"), poll).await;
    }

    /// Waits until a script in which `root` is the root of the widget returns true.
    pub async fn wait_until(&self, what: &str, condition: &str) {
        let script = format!("return {condition}");
        let poll = async || {
            let found = self.run(&script, Vec::new()).await;
            if found == json!(true) { Ok(()) } else { Err(found) }
        };
        wait_until_async(what, poll).await;
    }

    /// Like [`Self::wait_until`]. All comments that the widget has inserted must be drawn as well.
    pub async fn wait_until_drawn(&self, what: &str, condition: &str) {
        self.wait_until(what, &format!("({condition}) && !root.querySelector('.aw-item[hidden]')")).await;
    }

    /// Waits for an error in the form with the selector `form` and returns its text. `field` is the field beside which
    /// the error is shown, or `form`.
    pub async fn wait_for_error(&self, form: &str, field: &str) -> String {
        let which = if field == "form" { "[role=alert]".to_owned() } else { format!("[id^=aw-{field}]") };
        let script = "return root.querySelector(arguments[0])?.innerText.trim() ?? ''";
        let poll = async || {
            let text = self.run(script, vec![json!(format!("{form} .aw-error{which}"))]).await;
            text.as_str().filter(|text| !text.is_empty()).map(str::to_owned).ok_or("no text")
        };
        wait_until_async("a text in the error", poll).await
    }

    /// Waits until the widget runs on a thread that takes comments. From then on what is on the screen stays in its place.
    pub async fn wait_until_running(&self) {
        self.wait_until("the widget", "!!root.querySelector('.aw > .aw-form > .aw-remember:not([hidden])')").await;
    }

    /// Types into fields of the form with the selector `form`.
    pub async fn fill(&self, form: &str, fields: &[(&str, &str)]) {
        for (field, text) in fields {
            let css = format!("{form} [name={field}]");
            let element = self.find(&css).await;
            if !self.is_visible(&css).await {
                self.find(&format!("{form} summary")).await.click().await.expect("the rest of the form opens");
            }
            element.clear().await.expect("the field can be emptied");
            // WebKit's driver types no line feed, only the key, and refuses to type nothing.
            let keys = text.replace('\n', &char::from(Key::Enter).to_string());
            if !keys.is_empty() {
                element.send_keys(keys).await.expect("the field takes the text");
            }
        }
    }

    /// Fills the text of a form again and again until the widget runs: it creates the author key on the first keystroke.
    pub async fn fill_when_running(&self, form: &str, text: &str) {
        let typed = async || {
            self.fill(form, &[("text", text)]).await;
            let key = self.run("return localStorage.getItem('afterword:key') ?? ''", Vec::new()).await;
            if key == "" { Err("no key") } else { Ok(()) }
        };
        wait_until_async("an author key", typed).await;
    }

    /// The current value of a field.
    pub async fn field_value(&self, form: &str, field: &str) -> String {
        let field = self.find(&format!("{form} [name={field}]")).await;
        field.prop("value").await.expect("a field has a value").unwrap_or_default()
    }

    /// Presses the submit button of a form.
    pub async fn submit(&self, form: &str) {
        let css = format!("{form} .aw-submit");
        // Where a page scrolls smoothly, chromedriver presses while it still does.
        let scroll = "root.querySelector(arguments[0])?.scrollIntoView({block: 'center', behavior: 'instant'})";
        self.run(scroll, vec![json!(css)]).await;
        self.find(&css).await.click().await.expect("the button can be pressed");
    }

    /// Writes a comment in the form below the thread and sends it.
    pub async fn post(&self, name: &str, text: &str) {
        self.fill(MAIN_FORM, &[("name", name), ("text", text)]).await;
        self.submit(MAIN_FORM).await;
    }

    /// Opens the reply form of a comment and returns the selector of that form.
    pub async fn open_reply(&self, id: &str) -> String {
        self.find(&format!("[data-reply=\"{id}\"]")).await.click().await.expect("the link can be pressed");
        let form = format!("#comment-{id} > .aw-form");
        self.find(&form).await;
        form
    }

    /// Replies to a comment.
    pub async fn reply(&self, id: &str, name: &str, text: &str) {
        let form = self.open_reply(id).await;
        self.fill(&form, &[("name", name), ("text", text)]).await;
        self.submit(&form).await;
    }
}

/// Selector of the form below the thread.
pub const MAIN_FORM: &str = ".aw > .aw-form";
