//! A reader's visit to a host page.

use std::rc::Rc;
use std::time::Duration;

use afterword_model::{CommentId, Thread};
use afterword_tests::{Browser, Engine, MAIN_FORM, Request, Widget, new_comment, wait_for_thread, wait_until_async};

use serde_json::{Value, json};

use super::pages::{Location, Page, Reach, pages};
use super::{SERVER, SITE};

/// Time limit of one action.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// An action of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Link,
    Read,
    Write,
    Reply,
}

impl Action {
    pub(super) const ALL: [Self; 4] = [Self::Link, Self::Read, Self::Write, Self::Reply];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Link => "link",
            Self::Write => "write",
            Self::Reply => "reply",
        }
    }

    /// The address of a page does not reach the comments of its frame, and one behind `#` has no room for a comment.
    pub(super) fn applies_to(self, page: &Page) -> bool {
        match self {
            Self::Read => true,
            Self::Link => page.location != Location::Frame && page.route.is_empty(),
            Self::Write | Self::Reply => page.reach != Reach::Reading && page.driver_limit != Some(Engine::current()),
        }
    }
}

/// The comments that are there before a reader comes.
const TEXTS: [&str; 5] = ["Already here", "A second one", "A third one", "An answer", "The last one"];
/// The text that the reader types. The keys `/`, `s`, `n` and the space mean something to some pages.
const WRITTEN: &str = "A new line with this and/or that";
const ANSWER: &str = "An answer, short/long";

/// Scrolls to an element, at once whatever the page's style says.
const SCROLL_TO_CENTER: &str =
    "root.querySelector(arguments[0])?.scrollIntoView({ block: 'center', behavior: 'instant' })";

/// A visit to a page.
#[derive(Clone)]
pub(super) struct Visit {
    page: Page,
    browser: Rc<Browser>,
    /// Canonical address of the post.
    thread: String,
    /// The comment to which a link leads.
    linked: CommentId,
}

impl Visit {
    /// Posts the comments of the page.
    pub(super) async fn prepare(page: Page, browser: Rc<Browser>) -> Self {
        let thread = format!("https://blog.example/pages/{}.html{}", page.name, page.route);
        let existing: Thread = Request::get("/v1/thread").query(&[("url", &thread)]).send(&SERVER).json();
        for text in TEXTS.iter().skip(existing.comments.len()) {
            let text = format!("{text}\n\nwith words\n\nin three lines");
            assert_eq!(Request::post_comment(&new_comment(&thread, &text)).send(&SERVER).status, 201);
        }
        let comments = wait_for_thread(&SERVER, &thread, existing.count.max(5));
        let linked = comments.iter().find(|comment| comment.html.as_str().contains(TEXTS[4])).map(|comment| comment.id);
        let linked = linked.expect("the comments are published");
        browser.block_requests(page.blocked).await;
        Self { page, browser, thread, linked }
    }

    /// Performs an action. Returns a description of what went wrong.
    pub(super) async fn perform(&self, action: Action) -> Result<(), String> {
        let visit = self.clone();
        // A task of its own, so that a failed assertion ends the action and not the matrix.
        let task = tokio::task::spawn_local(async move {
            match action {
                Action::Read => visit.read().await,
                Action::Link => visit.follow_link().await,
                Action::Write => visit.write().await,
                Action::Reply => visit.reply().await,
            }
        });
        let abort = task.abort_handle();
        match tokio::time::timeout(TIME_LIMIT, task).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                Err(error.try_into_panic().map_or_else(|error| error.to_string(), |panic| describe(&*panic)))
            }
            Err(_) => {
                abort.abort();
                Err(format!("not done after {TIME_LIMIT:?}; the page shows: {}", self.visible().await))
            }
        }
    }

    /// The console errors that the page does not declare, without those of blocked requests.
    pub(super) async fn unexpected_console_errors(&self) -> Vec<String> {
        let errors = self.browser.console_errors().await;
        // A browser may report an error when the next page is open already. The error then names its page.
        let is_declared = |error: &String| {
            let mut pages = pages().filter(|page| page.name == self.page.name || error.contains(page.name));
            pages.any(|page| page.console.is_some_and(|part| error.contains(part)))
        };
        let is_blocked = |error: &String| self.page.blocked.is_some() && error.contains("ERR_BLOCKED_BY_CLIENT");
        self.browser.block_requests(None).await;
        errors.into_iter().filter(|error| !is_declared(error) && !is_blocked(error)).collect()
    }

    /// Opens the page and shows the comments.
    async fn open(&self, fragment: &str) -> Widget<'_> {
        // A page that is open already would only scroll.
        self.browser.visit("about:blank").await;
        let Page { name, suffix, .. } = self.page;
        self.browser.visit(&format!("{}/pages/{name}.html{suffix}{fragment}", SITE.origin())).await;
        match self.page.location {
            Location::Open => {}
            Location::Closed => self.browser.find("#open").await.click().await.expect("it can be pressed"),
            Location::Frame => self.browser.enter_frame("#frame").await,
        }
        self.browser.widget()
    }

    async fn read(&self) {
        let widget = self.open("").await;
        self.wait_for_texts(&widget, &TEXTS).await;
        let size = widget.run("return root.querySelector('.aw-item').getBoundingClientRect().width", Vec::new()).await;
        assert!(size.as_f64().is_some_and(|width| width > 150.0), "a comment is {size} pixels wide");
        if self.page.reach == Reach::Reading {
            // The order is read by the widget, without a form being sent.
            let forms = widget.count("form:not(.aw-order), .aw-reply, .aw-vote").await;
            assert_eq!(forms, 0, "there is nothing that cannot work");
        }
    }

    /// The linked comment is in view, under nothing else, and has the focus.
    async fn follow_link(&self) {
        let id = self.linked;
        let widget = self.open(&format!("#comment-{id}")).await;
        let script = format!(
            "const box = root.getElementById('comment-{id}')?.getBoundingClientRect();
            if (!box) return 'the comment is missing';
            // On a zoomed page WebKit divides by the zoom the distances from the begin of the page, and not from that of the window.
            const zoom = 'currentCSSZoom' in Element.prototype ? 1 : getComputedStyle(document.body).zoom;
            const left = (box.left + box.width / 2) * zoom;
            const top = (box.top + scrollY) * zoom - scrollY + 12;
            const seen = root.elementFromPoint(left, top);
            if (seen?.closest('#comment-{id}')) return true;
            return `at ${{top}} of ${{innerHeight}}, under ${{(seen ?? document.elementFromPoint(left, top))?.outerHTML.slice(0, 60)}}`;"
        );
        let poll = async || match widget.run(&script, Vec::new()).await {
            Value::Bool(true) => Ok(()),
            other => Err(other),
        };
        wait_until_async("the comment to be in view", poll).await;
        widget.wait_for_focus(&format!("#comment-{id}")).await;
    }

    /// The page as the previous action has left it. A plain form has led away from it.
    async fn go_on(&self) -> Widget<'_> {
        if self.page.reach == Reach::PlainForm { self.open("").await } else { self.browser.widget() }
    }

    async fn write(&self) {
        let widget = self.go_on().await;
        let before = self.stored();
        widget.run(SCROLL_TO_CENTER, vec![json!(MAIN_FORM)]).await;
        widget.fill(MAIN_FORM, &[("name", "Ada"), ("text", WRITTEN)]).await;
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, WRITTEN, "the field has what was typed");
        widget.submit(MAIN_FORM).await;
        self.wait_until_stored(&widget, before, WRITTEN).await;
    }

    async fn reply(&self) {
        let widget = self.go_on().await;
        widget.find(".aw-item").await;
        let before = self.stored();
        let first = widget.shown_comments().await[0].id.clone();
        // WebDriver would scroll the link just into the window, where a fixed header may cover it.
        widget.run(SCROLL_TO_CENTER, vec![json!(format!("[data-reply=\"{first}\"]"))]).await;
        let form = if self.page.reach == Reach::PlainForm {
            widget.find(&format!("[data-reply=\"{first}\"]")).await.click().await.expect("it can be pressed");
            self.wait_for_plain_reply_form(&widget, &first).await
        } else {
            widget.open_reply(&first).await
        };
        widget.fill(&form, &[("name", "Ada"), ("text", ANSWER)]).await;
        widget.submit(&form).await;
        self.wait_until_stored(&widget, before, ANSWER).await;
        let thread: Thread = Request::get("/v1/thread").query(&[("url", &self.thread)]).send(&SERVER).json();
        let parents: Vec<_> = thread
            .comments
            .iter()
            .filter(|comment| comment.html.as_str().contains(ANSWER))
            .map(|comment| comment.parent)
            .collect();
        assert_eq!(
            parents.iter().flatten().map(ToString::to_string).collect::<Vec<_>>(),
            [first],
            "the parent of the answer"
        );
    }

    /// The form for a reply without the widget: in its place as long as the widget may come, or on the Worker's own page.
    async fn wait_for_plain_reply_form(&self, widget: &Widget<'_>, parent: &str) -> String {
        let poll = async || {
            let url = self.browser.current_url().await;
            let in_place = format!("#comment-{parent} > .aw-form");
            let is_there = format!("return !!root?.querySelector('{in_place}')");
            if url.contains("#reply") {
                Ok("#reply".to_owned())
            } else if widget.run(&is_there, Vec::new()).await == true {
                // While the browser goes to another page, scripts may have no result.
                Ok(in_place)
            } else {
                Err(url)
            }
        };
        wait_until_async("a form for the reply", poll).await
    }

    /// Waits until these comments are shown, among others that the visit has written.
    async fn wait_for_texts(&self, widget: &Widget<'_>, texts: &[&str]) {
        let poll = async || {
            let shown = widget.shown_comments().await;
            let has = |text: &&&str| {
                shown.iter().any(|comment| comment.text.to_lowercase().starts_with(&text.to_lowercase()))
            };
            if texts.iter().filter(has).count() == texts.len() { Ok(()) } else { Err(shown) }
        };
        wait_until_async(&format!("the comments {texts:?}"), poll).await;
    }

    /// Number of comments that the Worker has published.
    fn stored(&self) -> u32 {
        let thread: Thread = Request::get("/v1/thread").query(&[("url", &self.thread)]).send(&SERVER).json();
        thread.count
    }

    /// Waits until a comment is shown and published in the thread of this page.
    async fn wait_until_stored(&self, widget: &Widget<'_>, before: u32, text: &str) {
        if self.page.reach == Reach::PlainForm {
            self.browser.wait_for_url("posted=").await;
        } else {
            self.wait_for_texts(widget, &[text]).await;
        }
        let poll = async || {
            let thread: Thread = Request::get("/v1/thread").query(&[("url", &self.thread)]).send(&SERVER).json();
            let found = thread.comments.iter().any(|comment| comment.html.as_str().contains(text));
            if found && thread.count > before { Ok(()) } else { Err(thread.count) }
        };
        wait_until_async("the comment in the thread of the page", poll).await;
    }

    /// The visible text of the comments, for messages.
    async fn visible(&self) -> String {
        let widget = self.browser.widget();
        let text = widget.run("return (root.querySelector('.aw') ?? document.body)?.innerText ?? ''", Vec::new());
        let text =
            tokio::time::timeout(TIME_LIMIT, text).await.map(|text| text.as_str().unwrap_or_default().to_owned());
        text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
    }
}

/// The message of a failed assertion.
fn describe(panic: &(dyn std::any::Any + Send)) -> String {
    let message =
        panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    message.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}
