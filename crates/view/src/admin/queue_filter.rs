//! The search and the filters of the queue.

use afterword_model::limits;
use afterword_model::moderation::QueueFilter;
use maud::{Markup, html};

use crate::admin::form::{Field, Line, hidden_if};
use crate::admin::frame::Frame;
use crate::admin::queue::{ListView, QueueView};
use crate::admin::texts::FIELDS;
use crate::admin::time::day;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The filter as parameters of an address. Days are in UTC, the last one is included.
pub(crate) fn filter_parameters(filter: &QueueFilter) -> Vec<(&'static str, String)> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        ("list", filter.list.as_str().to_owned()),
        ("search", text(&filter.search)),
        ("post", filter.post.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("author", text(&filter.author)),
        ("from", filter.from.map(day).unwrap_or_default()),
        ("until", filter.until.map(|until| day(until - DAY_SECONDS)).unwrap_or_default()),
        ("similar", filter.similar.map(|similar| similar.to_string()).unwrap_or_default()),
    ]
}

/// Renders the form of the filter. It is a search, so it is sent with GET.
pub(crate) fn filter_form(frame: &Frame, view: &QueueView) -> Markup {
    let filter = view.filter;
    let parameters = filter_parameters(filter);
    let value = |name: &str| {
        parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let has_more = filter.post.is_some() || filter.author.is_some() || filter.from.is_some() || filter.until.is_some();
    let t = |key| frame.t(key);
    let view_word = if view.view == ListView::Full { "" } else { view.view.as_str() };
    html! {
        form.filters role="search" method="get" action="/admin/queue" {
            (hidden_if("list", filter.list.as_str()))
            (hidden_if("view", view_word))
            @if frame.sites.len() > 1 { (hidden_if(FIELDS.site, frame.site)) }
            div.search {
                label.hidden for="search" { (t("filter.search")) }
                input #search type="search" name="search" value=(value("search")) placeholder=(t("filter.search")) maxlength=(limits::SEARCH_CHARS)
                    dir="auto" autocomplete="off" enterkeyhint="search" aria-keyshortcuts="/";
                button type="submit" { (t("filter.submit")) }
                @if filter.is_narrowed() { a.button href=(view.with(frame, &QueueFilter::of_list(filter.list), view.view, "")) { (t("queue.clear")) } }
            }
            details open[has_more] {
                summary { (t("filter.more")) }
                div.pair {
                    (Field::new("post", t("filter.post")).optional().line(frame.texts, Line { inputmode: Some("url"), ..Line::of("text") }, value("post")))
                    (Field::new("author", t("filter.author")).optional().line(frame.texts, Line::of("text"), value("author")))
                    (Field::new("from", t("filter.from")).optional().line(frame.texts, Line::of("date"), value("from")))
                    (Field::new("until", t("filter.until")).optional().line(frame.texts, Line::of("date"), value("until")))
                }
                p.hint { (t("filter.zone")) }
            }
            (hidden_if("similar", value("similar")))
        }
    }
}
