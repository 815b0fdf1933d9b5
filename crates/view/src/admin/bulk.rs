//! Actions on a selection, and on all comments that match a filter.

use afterword_model::moderation::{ActionReason, BatchAction, MatchingCount, MatchingProgress, QueueFilter, QueueList};
use maud::{Markup, html};

use crate::admin::form::{hidden, hidden_if};
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::link::address;
use crate::admin::notice::{UndoOffer, reason_form, undo_form};
use crate::admin::queue::{QueueView, list_key};
use crate::admin::queue_filter::filter_parameters;
use crate::admin::sentence::{count, list_count, number, sentence};
use crate::admin::texts::FIELDS;

/// The actions that a list offers for several comments at once.
pub(crate) const fn bulk_actions(list: QueueList) -> &'static [BatchAction] {
    match list {
        QueueList::Pending => &[BatchAction::Approve, BatchAction::Spam, BatchAction::Delete],
        QueueList::Reported => &[BatchAction::Keep, BatchAction::Unpublish, BatchAction::Spam, BatchAction::Delete],
        QueueList::Unanswered | QueueList::Published => {
            &[BatchAction::Unpublish, BatchAction::Spam, BatchAction::Delete]
        }
        QueueList::Spam => &[BatchAction::Restore, BatchAction::Approve, BatchAction::Delete],
        QueueList::Deleted => &[BatchAction::Restore, BatchAction::Approve, BatchAction::Spam],
    }
}

/// Renders the form of the selection. The boxes of the comments belong to it by its id.
pub(crate) fn bulk_bar(frame: &Frame, view: &QueueView, back: &str) -> Markup {
    let parameters = filter_parameters(view.filter);
    let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let through = view.page.newest.map(|newest| newest.to_string()).unwrap_or_default();
    let all = frame.link(&address("/admin/matching", &pairs), &[("through", &through)]);
    html! {
        label.all hidden { input #all type="checkbox"; " " (frame.t("bulk.page")) }
        form.bulk #bulk method="post" action="/admin/act" aria-label=(frame.t("bulk.label")) {
            (hidden(FIELDS.action_id, &frame.action_id("bulk")))
            (hidden(FIELDS.back, back))
            span.sub #selected { (frame.t("bulk.selected")) }
            @for action in bulk_actions(view.filter.list) {
                button type="submit" name=(FIELDS.action) value=(action.as_str()) data-do={ "bulk_" (action.as_str()) } {
                    (frame.t(&["act.", action.as_str()].concat())) span.hidden { " " (frame.t("bulk.these")) }
                }
            }
        }
        // Several sites have no newest comment in common.
        @if !through.is_empty() && !frame.site.is_empty() { a.sub href=(all) { (frame.t("bulk.matching")) } }
    }
}

/// The content of the page on which an action on all that match is confirmed.
#[derive(Clone, Copy, Debug)]
pub struct MatchingView<'a> {
    /// The comments.
    pub filter: &'a QueueFilter,
    /// Their number, and the newest comment that is included.
    pub matching: &'a MatchingCount,
    /// The newest comment of the list that the moderator saw. Later ones are left alone.
    pub through: i64,
    /// The action, if it is chosen already.
    pub action: Option<BatchAction>,
    /// The steps so far, if the action has begun. `progress.next` tells if there are more.
    pub progress: Option<&'a MatchingProgress>,
}

/// Renders the page on which an action on all comments that match a filter is confirmed and continued.
pub fn matching_page(frame: &Frame, view: &MatchingView) -> Markup {
    let total = view.matching.count;
    let parameters = filter_parameters(view.filter);
    let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let back = frame.link(&address("/admin/queue", &pairs), &[]);
    let is_over = view.progress.is_some_and(|progress| progress.next.is_none());
    let content = html! {
        @match view.progress {
            None => (question(frame, view)),
            Some(progress) => (steps(frame, view, progress)),
        }
        @if total.count > 0 && !is_over {
            form.stack method="post" action="/admin/matching" data-steps[view.progress.is_some()] {
                @for (name, value) in &parameters { (hidden_if(name, value)) }
                @if frame.sites.len() > 1 { (hidden(FIELDS.site, frame.site)) }
                (hidden("through", &view.through.to_string()))
                (hidden("count", &total.count.to_string()))
                (choices(frame, view))
                p.send {
                    button.main type="submit" { (if view.progress.is_some() { frame.t("matching.continue").to_owned() } else { count(frame.texts, "matching.submit", total.count.into()) }) }
                    a.button href=(back) { (frame.t("cancel")) }
                }
            }
        } @else {
            @if let Some(progress) = view.progress {
                @let site = if frame.sites.len() > 1 { frame.site } else { "" };
                @let batch = progress.id.to_string();
                @let offer = UndoOffer { batch: &batch, site, back: &back };
                @if progress.done > 0 { (undo_form(frame, offer)) }
                @if progress.done > 0 && view.action == Some(BatchAction::Delete) { (reason_form(frame, None, offer)) }
            }
            p { a.button href=(back) { (frame.t("back.queue")) } }
        }
    };
    Page { section: Section::Queue, title: frame.t("matching.title"), class: "narrow", has_heading: false }
        .render(frame, &content)
}

fn question(frame: &Frame, view: &MatchingView) -> Markup {
    let filter = view.filter;
    let list = html! { b { (frame.t(list_key(filter.list))) } };
    let number = html! { b { (list_count(frame.texts, view.matching.count)) } };
    html! {
        p { (sentence(frame.t("matching.intro"), &[("n", number), ("list", list)])) }
        dl.facts {
            @for (name, value) in filter_parameters(filter) {
                @if name != "list" && !value.is_empty() { dt { (frame.t(&["filter.", name].concat())) } dd { bdi { (value) } } }
            }
        }
        p.hint { (frame.t("matching.hint")) }
    }
}

/// The action: to be chosen at first, and fixed once the action has begun.
fn choices(frame: &Frame, view: &MatchingView) -> Markup {
    if let (Some(progress), Some(action)) = (view.progress, view.action) {
        let after = progress.next.map(|next| next.to_string()).unwrap_or_default();
        return html! {
            (hidden(FIELDS.action, action.as_str()))
            (hidden(FIELDS.action_id, &progress.id.to_string()))
            (hidden("after", &after))
        };
    }
    let actions = bulk_actions(view.filter.list);
    let chosen = view.action.or(actions.first().copied());
    html! {
        (hidden(FIELDS.action_id, &frame.action_id("matching")))
        fieldset.choices {
            legend { (frame.t("matching.action")) }
            @for action in actions {
                label {
                    input type="radio" name=(FIELDS.action) value=(action.as_str()) required checked[chosen == Some(*action)];
                    (frame.t(&["act.", action.as_str()].concat()))
                }
            }
        }
    }
}

/// The key of the words for a reason.
pub(crate) const fn reason_key(reason: ActionReason) -> &'static str {
    match reason {
        ActionReason::OffTopic => "reason.off_topic",
        ActionReason::Insult => "reason.insult",
        ActionReason::PersonalData => "reason.personal_data",
        ActionReason::Illegal => "reason.illegal",
        ActionReason::Duplicate => "reason.duplicate",
        ActionReason::Other => "reason.other",
    }
}

fn steps(frame: &Frame, view: &MatchingView, progress: &MatchingProgress) -> Markup {
    let total = view.matching.count.count;
    let parts = [
        ("done", html! { (number(frame.texts, progress.done.into())) }),
        ("total", html! { (number(frame.texts, total.into())) }),
    ];
    html! {
        p role="status" {
            (sentence(frame.t(if progress.next.is_some() { "matching.progress" } else { "matching.done" }), &parts))
            @if !progress.others.is_empty() { " " (count(frame.texts, "matching.others", progress.others.len() as u64)) }
        }
        progress value=(progress.done) max=(total.max(progress.done).max(1)) aria-label=(frame.t("matching.title")) {}
    }
}
