//! The buttons of a comment. Which ones there are depends on its state.

use afterword_model::moderation::{BatchAction, ModerationState};
use maud::{Markup, html};

use crate::admin::form::hidden;
use crate::admin::keys::shortcut;
use crate::admin::row::{Row, item, place_of};
use crate::admin::texts::FIELDS;

/// Renders the form of a comment. An erased comment has none.
pub(crate) fn row_actions(row: &Row) -> Markup {
    let comment = row.comment;
    let frame = row.frame;
    if comment.state == ModerationState::Erased {
        return Markup::default();
    }
    let id = frame.action_id(&format!("act {} {}", comment.id, comment.url.as_str()));
    let (first, second) = main_actions(comment.state);
    html! {
        form.acts method="post" action="/admin/act" {
            (hidden(FIELDS.comment, &item(frame, comment.id, comment.revision, &comment.url)))
            (hidden(FIELDS.action_id, &id))
            (hidden(FIELDS.back, &row.back_to_next()))
            (action_button(row, first, if comment.state == ModerationState::Pending { "main" } else { "" }))
            @if has_open_reports(row) { (action_button(row, BatchAction::Keep, "")) }
            (action_button(row, second, ""))
            (reply_link(row, "wide"))
            (page_link(row, "edit", "wide"))
            details.menu {
                summary.button { (frame.t("row.more")) span.hidden { " " (row.labelled("row.of")) } }
                div.sheet { (more(row)) }
            }
            @if comment.state != ModerationState::Deleted { (action_button(row, BatchAction::Delete, "grave wide apart")) }
        }
    }
}

/// The two actions that a moderator takes most often with a comment in this state.
const fn main_actions(state: ModerationState) -> (BatchAction, BatchAction) {
    match state {
        ModerationState::Pending => (BatchAction::Approve, BatchAction::Spam),
        ModerationState::Published | ModerationState::Erased => (BatchAction::Unpublish, BatchAction::Spam),
        ModerationState::Spam | ModerationState::Deleted => (BatchAction::Restore, BatchAction::Approve),
    }
}

fn more(row: &Row) -> Markup {
    let (frame, comment) = (row.frame, row.comment);
    let state = comment.state;
    let is_readable = matches!(state, ModerationState::Pending | ModerationState::Published);
    html! {
        (reply_link(row, "narrow-only"))
        (page_link(row, "edit", "narrow-only"))
        @if is_readable && !comment.author.owner && comment.author.key.is_some() && !comment.author.trusted {
            (action_button(row, BatchAction::ApproveAndTrust, ""))
        }
        @if state == ModerationState::Published {
            (action_button(row, if comment.pinned { BatchAction::Unpin } else { BatchAction::Pin }, ""))
        }
        @if state == ModerationState::Deleted { (action_button(row, BatchAction::Spam, "")) }
        @if !comment.author.owner {
            a.button href=(row.link("/admin/bans/new", &[("comment", &comment.id.to_string()), (FIELDS.back, row.back)])) data-do="ban"
                aria-keyshortcuts=[shortcut("ban")] { (frame.t("act.ban")) }
        }
        a.button href=(row.link(&format!("/admin/comments/{}", comment.id), &[])) data-do="context" aria-keyshortcuts=[shortcut("context")] {
            (frame.t("act.context"))
        }
        (page_link(row, "move", ""))
        @if state == ModerationState::Published {
            a.button href=(place_of(&comment.url, comment.id)) data-do="open" aria-keyshortcuts=[shortcut("open")] { (frame.t("act.open")) }
        }
        @if state != ModerationState::Deleted { (action_button(row, BatchAction::Delete, "grave narrow-only")) }
        @if frame.is_owner { (page_link(row, "erase", "grave")) }
    }
}

/// A reply to a comment that waits approves it too.
fn reply_link(row: &Row, class: &str) -> Markup {
    let key = match row.comment.state {
        ModerationState::Pending => "act.approve_and_reply",
        ModerationState::Published => "act.reply",
        _ => return Markup::default(),
    };
    html! { (link(row, "reply", key, class)) }
}

fn page_link(row: &Row, page: &str, class: &str) -> Markup {
    link(row, page, &["act.", page].concat(), class)
}

/// A link to a page about the comment, which the script opens in place.
fn link(row: &Row, page: &str, key: &str, class: &str) -> Markup {
    let path = format!("/admin/comments/{}/{page}", row.comment.id);
    html! {
        a.button .(class) href=(row.link(&path, &[(FIELDS.back, &row.back_to_next())])) data-do=(page) aria-keyshortcuts=[shortcut(page)] {
            (row.frame.t(key))
        }
    }
}

/// A button that sends the form. A restored comment that was spam is no spam.
fn action_button(row: &Row, action: BatchAction, class: &str) -> Markup {
    let is_no_spam = action == BatchAction::Restore && row.comment.state == ModerationState::Spam;
    let key = if is_no_spam { "act.not_spam".to_owned() } else { ["act.", action.as_str()].concat() };
    html! {
        button.(class) type="submit" name=(FIELDS.action) value=(action.as_str()) data-do=(action.as_str())
            aria-keyshortcuts=[shortcut(action.as_str())] { (row.frame.t(&key)) }
    }
}

fn has_open_reports(row: &Row) -> bool {
    row.comment.reports.iter().any(|report| !report.closed)
}
