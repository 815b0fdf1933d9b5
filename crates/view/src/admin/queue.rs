//! The queue: lists of comments with filters, selection and actions.

use afterword_model::moderation::{QueueFilter, QueueList, QueuePage, QueuedComment};
use maud::{Markup, html};

use crate::admin::bulk::bulk_bar;
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::link::address;
use crate::admin::queue_filter::{filter_form, filter_parameters};
use crate::admin::row::Row;
use crate::admin::sentence::{count, list_count, sentence};

/// The way in which a list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListView {
    /// Each comment with its text and buttons.
    #[default]
    Full,
    /// One line a comment; the one with the focus is open.
    Compact,
    /// One comment, with its buttons at the bottom of the window.
    One,
}

impl ListView {
    /// All views, in the order of their links.
    pub const ALL: [Self; 3] = [Self::Full, Self::Compact, Self::One];

    /// The word for the view in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Compact => "compact",
            Self::One => "one",
        }
    }

    /// The view with this word; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == word)
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Full => "view-full",
            Self::Compact => "view-compact",
            Self::One => "view-one",
        }
    }
}

/// The content of the queue's page.
#[derive(Clone, Copy, Debug)]
pub struct QueueView<'a> {
    /// The filter, as the page was asked for.
    pub filter: &'a QueueFilter,
    /// The view.
    pub view: ListView,
    /// The comments.
    pub page: &'a QueuePage,
    /// The cursor of this page, as in its address. Empty for the first page.
    pub after: &'a str,
    /// The cursor of the next page. Empty at the end.
    pub next: &'a str,
}

impl QueueView<'_> {
    /// The address of this page, to which its forms return.
    pub(crate) fn address(&self, frame: &Frame) -> String {
        self.with(frame, self.filter, self.view, self.after)
    }

    /// The address of a page of the queue.
    pub(crate) fn with(&self, frame: &Frame, filter: &QueueFilter, view: ListView, after: &str) -> String {
        let parameters = filter_parameters(filter);
        let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let view = if view == ListView::Full { "" } else { view.as_str() };
        frame.link(&address("/admin/queue", &pairs), &[("view", view), ("after", after)])
    }
}

/// Renders the queue.
pub fn queue_page(frame: &Frame, view: &QueueView) -> Markup {
    let back = view.address(frame);
    let comments = &view.page.comments;
    let content = html! {
        (tabs(frame, view))
        (filter_form(frame, view))
        div.tools {
            @if !comments.is_empty() { (bulk_bar(frame, view, &back)) }
            (views(frame, view))
        }
        p #new hidden { a.button href=(view.with(frame, view.filter, view.view, "")) {} }
        @if view.page.unindexed > 0 { p.hint { (count(frame.texts, "queue.unindexed", view.page.unindexed.into())) } }
        @if comments.is_empty() { (empty(frame, view)) } @else { (rows(frame, view, &back)) }
        (paging(frame, view))
    };
    let title = frame.t(list_key(view.filter.list));
    Page { section: Section::Queue, title, class: view.view.class(), has_heading: false }.render(frame, &content)
}

/// The key of the name of a list.
pub(crate) const fn list_key(list: QueueList) -> &'static str {
    match list {
        QueueList::Pending => "list.pending",
        QueueList::Reported => "list.reported",
        QueueList::Unanswered => "list.unanswered",
        QueueList::Spam => "list.spam",
        QueueList::Published => "list.published",
        QueueList::Deleted => "list.deleted",
    }
}

fn tabs(frame: &Frame, view: &QueueView) -> Markup {
    html! {
        nav.tabs aria-label=(frame.t("queue.lists")) {
            ul {
                @for list in QueueList::ALL {
                    li {
                        a href=(view.with(frame, &QueueFilter::of_list(*list), view.view, "")) aria-current=[(*list == view.filter.list).then_some("page")] {
                            (frame.t(list_key(*list)))
                            " " span.count data-count=(list.as_str()) { (list_count(frame.texts, frame.counts.of(*list))) }
                        }
                    }
                }
            }
        }
    }
}

fn views(frame: &Frame, view: &QueueView) -> Markup {
    html! {
        p.views {
            span.hidden { (frame.t("view.label")) }
            @for one in ListView::ALL {
                a href=(view.with(frame, view.filter, one, view.after)) aria-current=[(one == view.view).then_some("true")] {
                    (frame.t(match one { ListView::Full => "view.full", ListView::Compact => "view.compact", ListView::One => "view.one" }))
                }
            }
        }
    }
}

fn rows(frame: &Frame, view: &QueueView, back: &str) -> Markup {
    let comments = &view.page.comments;
    let next = |at: usize| comments.get(at + 1);
    let row = |at: usize, comment| Row {
        frame,
        comment,
        back,
        next: next(at).or_else(|| previous(comments, at)),
        search: view.filter.search.as_deref().unwrap_or_default(),
        is_selectable: true,
        has_place: true,
    };
    html! {
        h2.hidden { (frame.t("queue.comments")) }
        ol.rows data-list=(view.filter.list.as_str()) aria-label=(frame.t(list_key(view.filter.list))) {
            @for (at, comment) in comments.iter().enumerate() { (row(at, comment).render()) }
        }
        p #end.none tabindex="-1" hidden {
            (frame.t("queue.page_done"))
            @if !view.next.is_empty() { " " a href=(view.with(frame, view.filter, view.view, view.next)) { (frame.t("queue.next")) } }
        }
    }
}

fn previous(comments: &[QueuedComment], at: usize) -> Option<&QueuedComment> {
    at.checked_sub(1).and_then(|before| comments.get(before))
}

fn paging(frame: &Frame, view: &QueueView) -> Markup {
    html! {
        @if !view.after.is_empty() || !view.next.is_empty() {
            nav.paging aria-label=(frame.t("queue.pages")) {
                @if !view.after.is_empty() {
                    a.button href=(view.with(frame, view.filter, view.view, "")) data-do="previous_page" { (frame.t("queue.first")) }
                }
                @if !view.next.is_empty() {
                    a.button href=(view.with(frame, view.filter, view.view, view.next)) data-do="next_page" rel="next" { (frame.t("queue.next")) }
                }
            }
        }
    }
}

/// The text of an empty list: nothing there, nothing that matches, or nothing on this page.
fn empty(frame: &Frame, view: &QueueView) -> Markup {
    let whole = QueueFilter::of_list(view.filter.list);
    let list = html! { (frame.t(list_key(view.filter.list))) };
    html! {
        div.none #end tabindex="-1" data-list=(view.filter.list.as_str()) {
            @if !view.next.is_empty() {
                p { (frame.t("queue.page_empty")) }
            } @else if view.filter.is_narrowed() {
                p {
                    @match view.filter.search.as_deref() {
                        Some(search) => (sentence(frame.t("queue.no_match"), &[("search", html! { bdi { (search) } }), ("list", list)])),
                        None => (sentence(frame.t("queue.no_match.filter"), &[("list", list)])),
                    }
                }
                p {
                    @for other in QueueList::ALL {
                        @if *other != view.filter.list {
                            a href=(view.with(frame, &QueueFilter { list: *other, ..view.filter.clone() }, view.view, "")) { (frame.t(list_key(*other))) } " · "
                        }
                    }
                    a href=(view.with(frame, &whole, view.view, "")) { (frame.t("queue.clear")) }
                }
            } @else if view.after.is_empty() {
                p { (frame.t(&["empty.", view.filter.list.as_str()].concat())) }
                @if view.filter.list == QueueList::Pending && frame.counts.unanswered.count > 0 {
                    p { a href=(view.with(frame, &QueueFilter::of_list(QueueList::Unanswered), view.view, "")) { (count(frame.texts, "empty.unanswered", frame.counts.unanswered.count.into())) } }
                }
            } @else {
                p { (frame.t("queue.page_done")) }
            }
        }
    }
}
