//! The list of threads.

use afterword_model::limits;
use afterword_model::moderation::{ThreadFilter, ThreadListPage, ThreadSummary};
use maud::{Markup, html};

use crate::admin::form::{Field, Line, hidden, hidden_if};
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::link::address;
use crate::admin::row::{link_of, title_or_url};
use crate::admin::sentence::{number, sentence};
use crate::admin::texts::FIELDS;
use crate::admin::time::moment;

/// The days without a comment that the form for old threads offers at first.
const CLOSE_AFTER_DAYS: u32 = 90;

/// The content of the page.
#[derive(Clone, Copy, Debug)]
pub struct ThreadsView<'a> {
    /// The filter, as the page was asked for.
    pub filter: &'a ThreadFilter,
    /// The threads.
    pub page: &'a ThreadListPage,
    /// The error of the form for old threads. Empty if there is none.
    pub close_error: &'a str,
}

/// Renders the list of threads.
pub fn threads_page(frame: &Frame, view: &ThreadsView) -> Markup {
    let search = view.filter.search.as_deref().unwrap_or_default();
    let closed = match view.filter.closed {
        None => "",
        Some(true) => "yes",
        Some(false) => "no",
    };
    let back = frame.link("/admin/threads", &[("search", search), ("closed", closed)]);
    let content = html! {
        (filter_form(frame, search, closed))
        p.send { a.button href=(frame.link("/admin/on-behalf", &[])) { (frame.t("behalf.link")) } }
        @if view.page.threads.is_empty() {
            div.none {
                p { (frame.t(if search.is_empty() && closed.is_empty() { "threads.none" } else { "threads.no_match" })) }
                @if !search.is_empty() || !closed.is_empty() { p { a href=(frame.link("/admin/threads", &[])) { (frame.t("queue.clear")) } } }
            }
        } @else { (table(frame, &view.page.threads, &back)) }
        @if let Some(next) = view.page.next {
            nav.paging aria-label=(frame.t("queue.pages")) { a.button href=(address(&back, &[("before", &next.to_string())])) rel="next" { (frame.t("threads.next")) } }
        }
        (close_old(frame, &back, view.close_error))
    };
    Page { section: Section::Threads, title: frame.t("nav.threads"), class: "wide", has_heading: false }
        .render(frame, &content)
}

fn filter_form(frame: &Frame, search: &str, closed: &str) -> Markup {
    html! {
        form.filters role="search" method="get" action="/admin/threads" {
            @if frame.sites.len() > 1 { (hidden_if(FIELDS.site, frame.site)) }
            div.search {
                label.hidden for="search" { (frame.t("threads.search")) }
                input #search type="search" name="search" value=(search) placeholder=(frame.t("threads.search")) maxlength=(limits::SEARCH_CHARS) dir="auto" autocomplete="off";
                label.hidden for="closed" { (frame.t("threads.which")) }
                select #closed name="closed" {
                    @for (value, key) in [("", "threads.all"), ("no", "threads.open"), ("yes", "threads.closed")] {
                        option value=(value) selected[value == closed] { (frame.t(key)) }
                    }
                }
                button type="submit" { (frame.t("filter.submit")) }
            }
        }
    }
}

fn table(frame: &Frame, threads: &[ThreadSummary], back: &str) -> Markup {
    html! {
        div.scroll {
            table.cards {
                caption.hidden { (frame.t("nav.threads")) }
                thead {
                    tr {
                        th scope="col" { (frame.t("threads.post")) }
                        th.number scope="col" { (frame.t("list.published")) }
                        th.number scope="col" { (frame.t("list.pending")) }
                        th scope="col" { (frame.t("threads.last")) }
                        th scope="col" { (frame.t("threads.state")) }
                        th scope="col" { span.hidden { (frame.t("threads.change")) } }
                    }
                }
                tbody { @for thread in threads { (row(frame, thread, back)) } }
            }
        }
    }
}

fn row(frame: &Frame, thread: &ThreadSummary, back: &str) -> Markup {
    let url = thread.url.as_str();
    let list = |list| link_of(frame, &thread.url, "/admin/queue", &[("list", list), ("post", url)]);
    let title = title_or_url(&thread.title, &thread.url);
    html! {
        tr {
            th scope="row" {
                a href=(url) rel="noopener" { bdi { (title) } }
                @if !thread.title.is_empty() { br; span.sub { bdi { (url) } } }
                @if !thread.url.has_route() {
                    br; a.sub href=(address("/admin/on-page", &[("post", url)])) { (frame.t("threads.on_page")) span.hidden { " " (sentence(frame.t("threads.of"), &[("title", html! { bdi { (title) } })])) } }
                }
            }
            td.number data-label=(frame.t("list.published")) { a href=(list("published")) { (number(frame.texts, thread.count.into())) } }
            td.number data-label=(frame.t("list.pending")) { a href=(list("pending")) { (number(frame.texts, thread.pending.into())) } }
            td data-label=(frame.t("threads.last")) {
                @match thread.last_comment { Some(at) => (moment(frame.texts, frame.now, at)), None => span.muted { "–" } }
            }
            td data-label=(frame.t("threads.state")) {
                (frame.t(if thread.closed { "threads.is_closed" } else { "threads.is_open" }))
                @if thread.pinned > 0 { ", " (sentence(frame.t("threads.pinned"), &[("n", html! { (thread.pinned) })])) }
            }
            td { (change_forms(frame, thread, back)) }
        }
    }
}

fn change_forms(frame: &Frame, thread: &ThreadSummary, back: &str) -> Markup {
    let title = title_or_url(&thread.title, &thread.url);
    let of = sentence(frame.t("threads.of"), &[("title", html! { bdi { (title) } })]);
    let common = |purpose: &str| {
        html! {
            (hidden("url", thread.url.as_str()))
            (hidden(FIELDS.action_id, &frame.action_id(&format!("{purpose} {}", thread.url.as_str()))))
            (hidden(FIELDS.back, back))
        }
    };
    let prefix = format!("t{}-", thread.number);
    let hint = if thread.title_locked { frame.t("threads.title.locked") } else { frame.t("threads.title.hint") };
    html! {
        form method="post" action="/admin/threads/closed" {
            (common("closed"))
            button type="submit" name="closed" value=(if thread.closed { "no" } else { "yes" }) {
                (frame.t(if thread.closed { "threads.do_open" } else { "threads.do_close" })) span.hidden { " " (of) }
            }
        }
        details.info {
            summary { (frame.t("threads.title")) span.hidden { " " (of) } }
            form.stack method="post" action="/admin/threads/title" {
                (common("title"))
                (Field::new("title", frame.t("threads.title")).prefix(&prefix).hint(hint).optional().line(frame.texts, Line { maxlength: Some(limits::TITLE_CHARS), ..Line::of("text") }, &thread.title))
                p.send { button type="submit" { (frame.t("save")) } }
            }
        }
    }
}

fn close_old(frame: &Frame, back: &str, error: &str) -> Markup {
    html! {
        section aria-labelledby="old" {
            h2 #old { (frame.t("close_old.title")) }
            form.stack method="post" action="/admin/threads/close-old" {
                (hidden(FIELDS.action_id, &frame.action_id("close-old")))
                (hidden(FIELDS.back, back))
                @if frame.sites.len() > 1 { (hidden_if(FIELDS.site, frame.site)) }
                (Field::new("days", frame.t("close_old.days")).hint(frame.t("close_old.hint")).error(error).line(frame.texts, Line { inputmode: Some("numeric"), ..Line::of("number") }, &CLOSE_AFTER_DAYS.to_string()))
                p.send { button type="submit" { (frame.t("close_old.submit")) } }
            }
        }
    }
}
