//! Work on many comments that takes several requests: the undo of a large batch, and the sweep of a ban. Each request does a bounded part, and
//! the form of its page continues, which the script sends by itself.

use maud::{Markup, html};

use crate::admin::form::{hidden, hidden_if};
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::notice::{UndoOffer, undo_form};
use crate::admin::sentence::count;
use crate::admin::texts::FIELDS;

/// The work.
#[derive(Clone, Copy, Debug)]
pub enum StepsKind<'a> {
    /// The undo of a batch.
    Undo {
        /// UUID of the undo, the same for all steps.
        id: &'a str,
        /// UUID of the batch.
        batch: &'a str,
    },
    /// Marking the comments that a ban matches as spam.
    Sweep {
        /// UUID of the ban.
        ban: &'a str,
        /// UUID of the batch, the same for all steps.
        batch: &'a str,
    },
}

/// The work as far as it is done.
#[derive(Clone, Copy, Debug)]
pub struct StepsView<'a> {
    /// The work.
    pub kind: StepsKind<'a>,
    /// Origin of the site; empty if the moderator has only one, or if the work concerns several.
    pub site: &'a str,
    /// Number of comments that were changed so far.
    pub done: u32,
    /// Number of comments that were left as they are, because somebody has changed them meanwhile.
    pub others: u32,
    /// The place at which the next request continues. Empty at the end.
    pub next: &'a str,
    /// The address to return to.
    pub back: &'a str,
}

/// Renders the page of work that takes several requests: how much is done, and the form that continues, or the way back.
pub fn steps_page(frame: &Frame, view: &StepsView) -> Markup {
    let is_over = view.next.is_empty();
    let content = html! {
        p role="status" #steps {
            (count(frame.texts, view.kind.result(), view.done.into()))
            @if view.others > 0 { " " (count(frame.texts, "matching.others", view.others.into())) }
            @if !is_over { " " (frame.t("steps.more")) }
        }
        @if is_over {
            @if let StepsKind::Sweep { batch, .. } = view.kind {
                (undo_form(frame, UndoOffer { batch, site: view.site, back: view.back }))
            }
            p { a.button href=(view.back) { (frame.t("steps.back")) } }
        } @else {
            progress aria-label=(frame.t(view.kind.title())) {}
            (next_form(frame, view))
        }
    };
    Page { section: view.kind.section(), title: frame.t(view.kind.title()), class: "narrow", has_heading: false }
        .render(frame, &content)
}

fn next_form(frame: &Frame, view: &StepsView) -> Markup {
    html! {
        form.stack method="post" action=(view.kind.address()) data-steps {
            @match view.kind {
                StepsKind::Undo { id, batch } => { (hidden(FIELDS.action_id, id)) (hidden("batch", batch)) }
                StepsKind::Sweep { ban, batch } => { (hidden(FIELDS.action_id, batch)) (hidden("ban", ban)) }
            }
            (hidden_if(FIELDS.site, view.site))
            (hidden("after", view.next))
            // The number of a sweep is counted in the audit log, that of an undo along the way.
            @if matches!(view.kind, StepsKind::Undo { .. }) { (hidden("undone", &view.done.to_string())) }
            (hidden("others", &view.others.to_string()))
            (hidden(FIELDS.back, view.back))
            p.send { button.main type="submit" { (frame.t("matching.continue")) } }
        }
    }
}

impl StepsKind<'_> {
    const fn address(self) -> &'static str {
        match self {
            Self::Undo { .. } => "/admin/undo",
            Self::Sweep { .. } => "/admin/bans/sweep",
        }
    }

    /// The key of the text that says how much is done.
    const fn result(self) -> &'static str {
        match self {
            Self::Undo { .. } => "undone",
            Self::Sweep { .. } => "saved.ban",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Undo { .. } => "steps.undo",
            Self::Sweep { .. } => "steps.sweep",
        }
    }

    const fn section(self) -> Section {
        match self {
            Self::Undo { .. } => Section::Queue,
            Self::Sweep { .. } => Section::Bans,
        }
    }
}
