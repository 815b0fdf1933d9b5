//! The states of a thread on a host page, for tests that look at a state as a whole.

use afterword_model::Thread;
use afterword_tests::{Browser, HostPage, MAIN_FORM, Request, Widget, post_url, wait_until};
use serde_json::json;
use thirtyfour::Key;

use crate::offline::{DISCONNECT, wait_for_part};
use crate::own_comments::choose;
use crate::pending_comments::MODERATED;
use crate::{HOST, OPEN, post_thread};

const TEXTS: [(&str, Option<usize>); 5] = [
    ("A first comment with `code`, a [link](https://rust-lang.org) and **weight**", None),
    ("> quoted\n\nand answered", Some(0)),
    (
        "```rust\nlet line = \"of code that does not fit into three hundred and sixty pixels, and scrolls\";\n```",
        Some(1),
    ),
    ("Deeper", Some(2)),
    ("- one\n- two\n\n1. three", None),
];

/// A state of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// No comments yet.
    Empty,
    /// Comments with a branch, and a vote of the reader's.
    Thread,
    /// The menu of a comment of the reader's own.
    Menu,
    /// A form for a reply, with its tools.
    Reply,
    /// A form with a preview.
    Preview,
    /// A field that the Worker has refused.
    Error,
    /// A comment that waits for approval.
    Pending,
    /// A comment of the reader's own that is being edited.
    Edit,
    /// A comment that the reader has just deleted, with the button to restore it.
    Deleted,
    /// A form for a report.
    Report,
    /// A draft from an earlier visit.
    Restored,
    /// A thread that takes no comments any more.
    Closed,
    /// A comment that waits for a connection. The browser stays offline.
    Offline,
}

impl State {
    /// All states, in an order in which one browser can show them.
    pub(crate) const ALL: [Self; 13] = [
        Self::Empty,
        Self::Thread,
        Self::Menu,
        Self::Reply,
        Self::Preview,
        Self::Error,
        Self::Pending,
        Self::Edit,
        Self::Deleted,
        Self::Report,
        Self::Restored,
        Self::Closed,
        Self::Offline,
    ];

    /// The name in addresses and files.
    pub(crate) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Shows a thread of its own in this state. `group` tells the threads of several tests apart; `html` are the attributes of the page's
    /// `<html>`, `script` those of the script tag. Nothing here depends on the language.
    pub(crate) async fn show(self, reader: &Browser, group: &str, html: &str, script: &str) {
        let name = format!("{group}_{}", self.name());
        let server = if self == Self::Pending { &MODERATED } else { &OPEN };
        let page = HOST.publish(&HostPage::new(server, &name).styled().html_attributes(html).script_attributes(script));
        let ids = self.post(&name);
        if self == Self::Offline {
            reader.inject_script(DISCONNECT).await;
        }
        reader.visit(&page).await;
        let widget = reader.widget();
        match ids.first() {
            Some(_) if self != Self::Closed => drop(widget.find(".aw-vote").await),
            Some(_) => drop(widget.find(".aw-closed").await),
            // The widget offers to remember the author.
            None => drop(widget.find(".aw-remember:not([hidden])").await),
        }
        self.act(reader, &ids).await;
    }

    /// Posts the comments of others that the state needs. Returns their ids.
    fn post(self, name: &str) -> Vec<String> {
        let texts: &[_] = match self {
            Self::Thread | Self::Closed => &TEXTS,
            Self::Reply | Self::Report => &TEXTS[..2],
            _ => &[],
        };
        if texts.is_empty() {
            return Vec::new();
        }
        let posted = post_thread(name, texts);
        let ids = posted.iter().map(|posted| posted.comment.id.to_string()).collect::<Vec<_>>();
        if self == Self::Closed {
            let close = Request::as_moderator("POST", "/admin/api/threads/close");
            let close =
                close.header("Content-Type", "application/json").body(json!({"url": post_url(name)}).to_string());
            assert_eq!(close.send(&OPEN).status, 200);
            wait_until("the closed thread to be published", || {
                let read = Request::get("/v1/thread").query(&[("url", &post_url(name))]);
                read.send(&OPEN).json::<Thread>().closed.then_some(())
            });
        }
        ids
    }

    /// Acts as the reader does in this state.
    async fn act(self, reader: &Browser, ids: &[String]) {
        let widget = reader.widget();
        match self {
            Self::Empty | Self::Closed => {}
            Self::Thread => {
                click(&widget, ".aw-vote").await;
                widget.find(".aw-vote[aria-pressed=true]").await;
            }
            Self::Reply => {
                let form = widget.open_reply(&ids[0]).await;
                widget.find(&format!("{form} .aw-tools")).await;
            }
            Self::Preview => {
                widget.fill(MAIN_FORM, &[("text", "Some **weight**\n\n    and code")]).await;
                click(&widget, ".aw-preview-button").await;
                widget.find(".aw-preview strong").await;
            }
            Self::Error => {
                widget.fill(MAIN_FORM, &[("text", "x"), ("email", "nonsense")]).await;
                widget.submit(MAIN_FORM).await;
                widget.wait_for_error(MAIN_FORM, "email").await;
            }
            Self::Pending => {
                post_own(&widget).await;
                widget.find(".aw-pending").await;
            }
            Self::Menu | Self::Edit | Self::Deleted => change_own(reader, self).await,
            Self::Report => {
                choose(&widget, &ids[0], "aw-report").await;
                widget.wait_for_focus(".aw-report-form select").await;
            }
            Self::Restored => {
                widget.fill(MAIN_FORM, &[("text", "Half a comment")]).await;
                reader.reload().await;
                widget.find(&format!("{MAIN_FORM} .aw-restored button")).await;
            }
            Self::Offline => {
                widget.fill(MAIN_FORM, &[("text", "From the train")]).await;
                wait_for_part(reader).await;
                reader.run("disconnect()", Vec::new()).await;
                widget.submit(MAIN_FORM).await;
                widget.find(&format!("{MAIN_FORM} .aw-restored button")).await;
            }
        }
    }
}

async fn click(widget: &Widget<'_>, css: &str) {
    widget.find(css).await.click().await.expect("the element can be pressed");
}

/// Posts a comment as the reader. Returns its id.
async fn post_own(widget: &Widget<'_>) -> String {
    widget.post("Ada", "Some **weight**").await;
    widget.find(".aw-item .aw-you").await;
    widget.shown_comments().await[0].id.clone()
}

/// Opens the menu of a comment of the reader's own, and edits or deletes it.
async fn change_own(reader: &Browser, state: State) {
    let widget = reader.widget();
    let id = post_own(&widget).await;
    match state {
        State::Edit => {
            choose(&widget, &id, "aw-edit").await;
            let form = format!("#comment-{id} > .aw-form");
            widget.wait_until("the source", &format!("!!root.querySelector('{form} [name=text]')?.value")).await;
            widget.find(&format!("{form} .aw-tools")).await;
        }
        State::Deleted => {
            choose(&widget, &id, "aw-delete").await;
            widget.find(".aw-deleted button").await;
        }
        _ => {
            // By keyboard: the pointer would leave its mark on what it is over.
            widget.find(&format!("#comment-{id} .aw-menu > summary")).await.focus().await.expect("it takes the focus");
            reader.press(Key::Enter).await;
            widget.find(".aw-menu[open] .aw-delete").await;
        }
    }
}
