//! The overview: what waits first, and the numbers of the last 30 days.

use afterword_model::moderation::{DayCount, LimitUsage, Overview, QueueList, SignalCount, ThreadActivity};
use maud::{Markup, html};

use crate::admin::chart::{Column, bar, columns, swatch};
use crate::admin::frame::{Frame, Page, Section};
use crate::admin::queue::list_key;
use crate::admin::row::{link_of, title_or_url};
use crate::admin::sentence::{list_count, number, sentence};
use crate::admin::time::{age, day};

/// Renders the overview.
pub fn overview_page(frame: &Frame, overview: &Overview) -> Markup {
    let content = html! {
        (tiles(frame, overview))
        @if overview.days_truncated { p.hint { (frame.t("overview.truncated")) } }
        div.panels {
            (per_day(frame, &overview.days))
            (held(frame, &overview.days))
            (signals(frame, &overview.signals))
            (threads(frame, &overview.threads))
        }
        (usage(frame, &overview.usage))
    };
    Page { section: Section::Overview, title: frame.t("nav.overview"), class: "wide", has_heading: false }
        .render(frame, &content)
}

fn tiles(frame: &Frame, overview: &Overview) -> Markup {
    let oldest = overview.oldest_pending.map(|at| age(frame.texts, frame.now - at));
    html! {
        ul.tiles {
            @for list in QueueList::ALL {
                li {
                    a.tile href=(frame.link("/admin/queue", &[("list", list.as_str())])) {
                        b data-count=(list.as_str()) { (list_count(frame.texts, overview.counts.of(*list))) }
                        span { (frame.t(list_key(*list))) }
                        @if *list == QueueList::Pending { span.sub { " " @if let Some(oldest) = &oldest { (sentence(frame.t("overview.oldest"), &[("age", html! { (oldest) })])) } } }
                    }
                }
            }
        }
        p.send {
            @if overview.counts.pending.count > 0 { a.button.main href=(frame.link("/admin/queue", &[])) { (frame.t("overview.start")) } }
            @else { span.muted { (frame.t("empty.pending")) } }
        }
    }
}

fn per_day(frame: &Frame, days: &[DayCount]) -> Markup {
    let others = |day: &DayCount| day.pending + day.spam + day.deleted;
    let drawn: Vec<Column> =
        days.iter().map(|day| Column { label: label(day), first: day.published, second: others(day) }).collect();
    let title = frame.t("overview.days");
    let series = ["state.published", "overview.others"];
    panel(frame, "days", title, &drawn, series, &day_table(frame, days))
}

fn held(frame: &Frame, days: &[DayCount]) -> Markup {
    let all = |day: &DayCount| day.published + day.pending + day.spam + day.deleted;
    let drawn: Vec<Column> = days
        .iter()
        .map(|day| Column {
            label: label(day),
            first: all(day).saturating_sub(day.held),
            second: day.held.min(all(day)),
        })
        .collect();
    let title = frame.t("overview.held");
    let rows = html! {
        thead { tr { th scope="col" { (frame.t("overview.day")) } th.number scope="col" { (frame.t("overview.at_once")) } th.number scope="col" { (frame.t("overview.was_held")) } } }
        tbody { @for (day, column) in days.iter().zip(&drawn) { tr { th scope="row" { (self::day(day.day)) } td.number { (column.first) } td.number { (column.second) } } } }
    };
    panel(frame, "held", title, &drawn, ["overview.at_once", "overview.was_held"], &rows)
}

/// A chart with its legend, and with its numbers as a table behind it.
fn panel<'a>(
    frame: &Frame<'a>,
    id: &str,
    title: &str,
    drawn: &[Column],
    series: [&'a str; 2],
    rows: &Markup,
) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (columns(title, drawn))
            ul.legend {
                @for (key, class) in series.into_iter().zip(["bar", "second"]) { li { (swatch(class)) (frame.t(key)) } }
            }
            details.behind { summary { (frame.t("overview.table")) } div.scroll tabindex="0" role="group" aria-label=(title) { table { caption { (title) } (rows) } } }
        }
    }
}

fn day_table(frame: &Frame, days: &[DayCount]) -> Markup {
    html! {
        thead { tr { @for (at, key) in ["overview.day", "state.published", "state.pending", "state.spam", "state.deleted"].into_iter().enumerate() { th.number[at > 0] scope="col" { (frame.t(key)) } } } }
        tbody {
            @for day in days {
                tr { th scope="row" { (self::day(day.day)) } @for number in [day.published, day.pending, day.spam, day.deleted] { td.number { (number) } } }
            }
        }
    }
}

/// The month and day of a column.
fn label(count: &DayCount) -> String {
    day(count.day).split_off(5)
}

fn signals(frame: &Frame, signals: &[SignalCount]) -> Markup {
    let most = signals.iter().map(|signal| signal.count).max().unwrap_or(0);
    html! {
        section aria-labelledby="signals" {
            h2 #signals { (frame.t("overview.signals")) }
            @if signals.is_empty() { p.muted { (frame.t("overview.signals.none")) } }
            @else {
                table {
                    caption.hidden { (frame.t("overview.signals")) }
                    tbody {
                        @for signal in signals {
                            tr {
                                th scope="row" { (signal_name(frame, &signal.signal)) (bar(signal.count.into(), (u64::from(most) * 10).div_ceil(8))) }
                                td.number { (number(frame.texts, signal.count.into())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn signal_name<'a>(frame: &Frame<'a>, code: &'a str) -> &'a str {
    frame.texts.find_text(&["signal.", code].concat()).unwrap_or(code)
}

fn threads(frame: &Frame, threads: &[ThreadActivity]) -> Markup {
    html! {
        section aria-labelledby="top" {
            h2 #top { (frame.t("overview.threads")) }
            @if threads.is_empty() { p.muted { (frame.t("overview.threads.none")) } }
            @else {
                table {
                    caption.hidden { (frame.t("overview.threads")) }
                    tbody {
                        @for thread in threads {
                            tr {
                                th scope="row" {
                                    a href=(link_of(frame, &thread.url, "/admin/queue", &[("list", "published"), ("post", thread.url.as_str())])) { bdi { (title_or_url(&thread.title, &thread.url)) } }
                                }
                                td.number { (number(frame.texts, thread.count.into())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The use of the free plan today, with what happens at each limit.
fn usage(frame: &Frame, usage: &[LimitUsage]) -> Markup {
    html! {
        @if !usage.is_empty() {
            section aria-labelledby="usage" {
                h2 #usage { (frame.t("usage.title")) }
                p.hint { (frame.t("usage.intro")) }
                div.panels {
                    @for limit in usage {
                        div.quota {
                            p { b { (limit_text(frame, &limit.limit, "")) } ": " (of(frame, limit)) }
                            (bar(limit.used, limit.of))
                            p.hint { (limit_text(frame, &limit.limit, ".hint")) }
                        }
                    }
                }
            }
        }
    }
}

fn of(frame: &Frame, limit: &LimitUsage) -> Markup {
    let percent = (limit.used.saturating_mul(100)).checked_div(limit.of).unwrap_or(0);
    let parts = [
        ("used", html! { (number(frame.texts, limit.used)) }),
        ("of", html! { (number(frame.texts, limit.of)) }),
        ("percent", html! { (percent) }),
    ];
    sentence(frame.t("usage.of"), &parts)
}

fn limit_text<'a>(frame: &Frame<'a>, limit: &'a str, suffix: &str) -> &'a str {
    let known = frame.texts.find_text(&["usage.", limit, suffix].concat());
    known.unwrap_or(if suffix.is_empty() { limit } else { "" })
}
