//! The result of the form that led to a page, with the offer to undo it.

use afterword_model::moderation::{ActionOutcome, AuditAction, SiteResult};
use maud::{Markup, html};

use crate::admin::form::{hidden, hidden_if};
use crate::admin::frame::Frame;
use crate::admin::keys::shortcut;
use crate::admin::link::address;
use crate::admin::row::state_key;
use crate::admin::sentence::{count, counted, name, sentence};
use crate::admin::texts::FIELDS;
use crate::admin::time::moment;

/// The result of a form.
#[derive(Clone, Debug)]
pub struct Notice<'a> {
    /// The result itself.
    pub result: FormResult<'a>,
    /// The batch that a button can undo, if the action can be undone.
    pub undo: Option<UndoOffer<'a>>,
}

/// An offer to undo a batch.
#[derive(Clone, Copy, Debug)]
pub struct UndoOffer<'a> {
    /// UUID of the batch.
    pub batch: &'a str,
    /// Origin of its site; empty if the moderator has only one, or if the batch concerns several.
    pub site: &'a str,
    /// The address to return to.
    pub back: &'a str,
}

/// The result of a form by its kind.
#[derive(Clone, Debug)]
pub enum FormResult<'a> {
    /// An action on comments.
    Batch {
        /// The action.
        action: AuditAction,
        /// The outcomes, one for each comment.
        results: &'a [SiteResult],
        /// Author and title of the post, if the action concerned one comment.
        subject: Option<(&'a str, &'a str)>,
    },
    /// The undo of an action.
    Undone {
        /// The outcomes, one for each comment.
        results: &'a [SiteResult],
    },
    /// A form with one result.
    Saved(Saved),
    /// Nothing was done: the form could not be read, or no comment was selected.
    NothingSelected,
}

/// The result of a form that is not about a batch of comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The settings were changed.
    Settings,
    /// A comment got another text.
    Edit,
    /// A reply was published.
    Reply,
    /// A comment was posted on somebody's behalf.
    Post,
    /// A comment was moved to another post.
    Move,
    /// A ban was made; the number is that of the comments that were marked as spam.
    Ban(u32),
    /// A ban was lifted; the number is that of the comments that were restored.
    BanLifted(u32),
    /// A thread was closed.
    Closed,
    /// A thread was opened.
    Reopened,
    /// Threads without recent comments were closed.
    ClosedOld(u32),
    /// A thread got another title.
    Title,
    /// The other sessions of the moderator have ended.
    SignedOutEverywhere,
}

/// Renders the notice.
pub(crate) fn notice_box(frame: &Frame, notice: &Notice) -> Markup {
    let (text, others) = match &notice.result {
        FormResult::Batch { action, results, subject } => {
            (batch_text(frame, *action, results, *subject), others(frame, results))
        }
        FormResult::Undone { results } => {
            (html! { (count(frame.texts, "undone", done(results))) (rest(frame, results)) }, others(frame, results))
        }
        FormResult::Saved(saved) => (html! { (saved_text(frame, *saved)) }, Markup::default()),
        FormResult::NothingSelected => (html! { (frame.t("nothing_selected")) }, Markup::default()),
    };
    let is_bad = !others.0.is_empty() || matches!(notice.result, FormResult::NothingSelected);
    html! {
        div.notice.bad[is_bad] #notice role=(if is_bad { "alert" } else { "status" }) {
            p { (text) }
            @if let Some(undo) = notice.undo { (undo_form(frame, undo)) }
            (others)
        }
    }
}

/// The form that undoes a batch.
pub(crate) fn undo_form(frame: &Frame, undo: UndoOffer) -> Markup {
    html! {
        form.undo method="post" action="/admin/undo" {
            (hidden("batch", undo.batch))
            (hidden(FIELDS.action_id, &frame.action_id(&["undo ", undo.batch].concat())))
            (hidden_if(FIELDS.site, undo.site))
            (hidden(FIELDS.back, undo.back))
            button type="submit" data-do="undo" aria-keyshortcuts=[shortcut("undo")] { (frame.t("undo")) }
        }
    }
}

fn batch_text(frame: &Frame, action: AuditAction, results: &[SiteResult], subject: Option<(&str, &str)>) -> Markup {
    let done_count = done(results);
    let action = frame.t(&["action.", action.as_str()].concat()).to_owned();
    html! {
        @match (subject, done_count) {
            (Some((author, title)), 1) => {
                (sentence(frame.t("done.subject"), &[("action", html! { (action) }), ("name", name(frame.texts, author)), ("title", html! { bdi { (title) } })]))
            },
            _ => (counted(frame.texts, "done", done_count, &[("action", html! { (action) })])),
        }
        (rest(frame, results))
    }
}

/// The numbers of comments with other outcomes.
fn rest(frame: &Frame, results: &[SiteResult]) -> Markup {
    let number = |matches: fn(&ActionOutcome) -> bool| {
        results.iter().filter(|result| matches(&result.result.outcome)).count() as u64
    };
    let parts = [
        (number(|outcome| matches!(outcome, ActionOutcome::Already { .. })), "done.already"),
        (number(|outcome| matches!(outcome, ActionOutcome::DecidedOtherwise { .. })), "done.otherwise"),
        (number(|outcome| matches!(outcome, ActionOutcome::Changed { .. })), "done.changed"),
        (number(|outcome| matches!(outcome, ActionOutcome::Gone)), "done.gone"),
    ];
    html! { @for (number, key) in parts { @if number > 0 { " " (count(frame.texts, key, number)) } } }
}

/// The comments on which nothing was done although the moderator asked for it, each with a link.
fn others(frame: &Frame, results: &[SiteResult]) -> Markup {
    let is_other = |result: &&SiteResult| {
        matches!(
            result.result.outcome,
            ActionOutcome::DecidedOtherwise { .. } | ActionOutcome::Changed { .. } | ActionOutcome::Gone
        )
    };
    let others: Vec<&SiteResult> = results.iter().filter(is_other).collect();
    if others.is_empty() {
        return Markup::default();
    }
    html! {
        ul {
            @for SiteResult { site, result } in others {
                @let site = if frame.sites.len() > 1 { site.as_str() } else { "" };
                li {
                    a href=(address(&format!("/admin/comments/{}", result.id), &[(FIELDS.site, site)])) { (frame.t("comment")) " " (result.id) } ": "
                    (outcome_text(frame, &result.outcome))
                }
            }
        }
    }
}

/// An outcome in words.
pub(crate) fn outcome_text(frame: &Frame, outcome: &ActionOutcome) -> Markup {
    match outcome {
        ActionOutcome::Done { .. } => html! { (frame.t("outcome.done")) },
        ActionOutcome::Already { by, at } => {
            let by = by.as_deref().unwrap_or_default();
            html! { (sentence(frame.t("outcome.already"), &[("name", name(frame.texts, by))])) @if let Some(at) = at { " " (moment(frame.texts, frame.now, *at)) } }
        }
        ActionOutcome::DecidedOtherwise { by, at, state, .. } => {
            let state = html! { (frame.t(state_key(*state))) };
            let parts =
                [("name", name(frame.texts, by)), ("state", state), ("age", moment(frame.texts, frame.now, *at))];
            sentence(frame.t("outcome.otherwise"), &parts)
        }
        ActionOutcome::Changed { .. } => html! { (frame.t("outcome.changed")) },
        ActionOutcome::Gone => html! { (frame.t("outcome.gone")) },
    }
}

fn done(results: &[SiteResult]) -> u64 {
    results.iter().filter(|result| matches!(result.result.outcome, ActionOutcome::Done { .. })).count() as u64
}

fn saved_text(frame: &Frame, saved: Saved) -> String {
    let (key, number) = match saved {
        Saved::Settings => ("saved.settings", None),
        Saved::Edit => ("saved.edit", None),
        Saved::Reply => ("saved.reply", None),
        Saved::Post => ("saved.post", None),
        Saved::Move => ("saved.move", None),
        Saved::Ban(swept) => ("saved.ban", Some(swept)),
        Saved::BanLifted(restored) => ("saved.ban_lifted", Some(restored)),
        Saved::Closed => ("saved.closed", None),
        Saved::Reopened => ("saved.opened", None),
        Saved::ClosedOld(closed) => ("saved.closed_old", Some(closed)),
        Saved::Title => ("saved.title", None),
        Saved::SignedOutEverywhere => ("saved.signed_out", None),
    };
    match number {
        Some(number) => count(frame.texts, key, number.into()),
        None => frame.texts.get(key).to_owned(),
    }
}
