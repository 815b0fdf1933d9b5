//! The page behind a one-use link of a notification. It works without a session: GET shows the comment, POST acts.

use afterword_model::moderation::{AuditAction, BatchAction, ModerationState, QueuedComment};
use maud::{Markup, html};

use crate::admin::frame::plain_page;
use crate::admin::marked_text::{WordPatterns, marked_text};
use crate::admin::row::{place_of, state_key, title_or_url};
use crate::admin::sentence::{name, sentence};
use crate::admin::texts::FIELDS;
use crate::admin::time::{clock, moment};
use crate::admin::why_held::{muted_words, why_held};
use crate::messages::Messages;

/// The content of the page.
#[derive(Clone, Copy, Debug)]
pub struct OneUse<'a> {
    /// The comment as it is now. `None` if the link is not valid, so that nothing is told.
    pub comment: Option<&'a QueuedComment>,
    /// The state of the link.
    pub state: OneUseState<'a>,
    /// The address to which the form is sent: that of the page, with the signature in it.
    pub address: &'a str,
    /// The present time in Unix seconds.
    pub now: i64,
}

/// The state of a one-use link.
#[derive(Clone, Copy, Debug)]
pub enum OneUseState<'a> {
    /// It can be used for these actions.
    Open(&'a [BatchAction]),
    /// It was used for this action just now.
    Done(AuditAction),
    /// The comment has been decided since the link was sent.
    Decided {
        /// Name of the moderator.
        by: &'a str,
        /// Time of the decision.
        at: i64,
    },
    /// The text has changed since the link was sent.
    Changed,
    /// It was used before.
    Used,
    /// It has expired.
    Expired,
    /// It is not valid.
    Invalid,
}

/// Renders the page.
pub fn one_use_page(texts: &Messages, view: &OneUse) -> Markup {
    let t = |key| texts.get(key);
    let content = html! {
        @match view.state {
            OneUseState::Open(_) => {},
            OneUseState::Done(action) => p.notice role="status" { (texts.get(&["action.", action.as_str()].concat())) "." },
            OneUseState::Decided { by, at } => p.notice role="status" {
                @let state = view.comment.map_or(ModerationState::Pending, |comment| comment.state);
                (sentence(t("once.decided"), &[("name", name(texts, by)), ("state", html! { (texts.get(state_key(state))) }), ("age", moment(texts, view.now, at))]))
            },
            OneUseState::Changed => p.error role="alert" { (t("once.changed")) },
            OneUseState::Used => p.notice role="status" { (t("once.used")) },
            OneUseState::Expired => p.error role="alert" { (t("once.expired")) },
            OneUseState::Invalid => p.error role="alert" { (t("once.invalid")) },
        }
        @if let Some(comment) = view.comment { (article(texts, comment)) }
        @if let OneUseState::Open(actions) = view.state { (form(texts, view.address, actions)) }
        p { a href="/admin/queue" { (t("once.queue")) } }
    };
    plain_page(texts, t("once.title"), &content)
}

fn article(texts: &Messages, comment: &QueuedComment) -> Markup {
    html! {
        article.card aria-labelledby="by" {
            p.by #by { b { (name(texts, &comment.author.name)) } span.sub { (clock(texts, comment.created)) } }
            p.post { a href=(place_of(&comment.url, comment.id)) rel="noopener" { bdi { (title_or_url(&comment.title, &comment.url)) } } }
            @if let Some(parent) = &comment.parent {
                p.parent { (sentence(texts.get("row.answers"), &[("name", name(texts, &parent.name))])) " " bdi { (parent.excerpt) } }
            }
            div.text dir="auto" { (marked_text(&comment.html, &WordPatterns::new(muted_words(&comment.signals), ""))) }
            (why_held(texts, comment))
        }
    }
}

fn form(texts: &Messages, address: &str, actions: &[BatchAction]) -> Markup {
    html! {
        form.send method="post" action=(address) {
            @for (at, action) in actions.iter().enumerate() {
                button.main[at == 0].grave[*action == BatchAction::Delete] type="submit" name=(FIELDS.action) value=(action.as_str()) {
                    (texts.get(&["act.", action.as_str()].concat()))
                }
            }
        }
        p.hint { (texts.get("once.hint")) }
    }
}
