//! The audit log.

use afterword_model::moderation::{AuditAction, AuditFilter, AuditRecord, CommentSnapshot};
use maud::{Markup, html};

use crate::admin::bulk::reason_key;
use crate::admin::form::{Field, Line, hidden_if};
use crate::admin::frame::{Frame, Page, Section, table_head};
use crate::admin::link::address;
use crate::admin::notice::{UndoOffer, undo_form};
use crate::admin::row::state_key;
use crate::admin::sentence::sentence;
use crate::admin::texts::FIELDS;
use crate::admin::time::{clock, day};
use crate::comment::is_http;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The content of the page of the audit log.
#[derive(Clone, Copy, Debug)]
pub struct AuditView<'a> {
    /// The filter, as the page was asked for.
    pub filter: &'a AuditFilter,
    /// The entries, newest first.
    pub entries: &'a [AuditRecord],
    /// The cursor of the next page. Empty at the end.
    pub next: &'a str,
    /// The names of all moderators.
    pub moderators: &'a [&'a str],
}

/// Renders the audit log.
pub fn audit_page(frame: &Frame, view: &AuditView) -> Markup {
    let parameters = parameters(view.filter);
    let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let here = frame.link(&address("/admin/audit", &pairs), &[]);
    let is_narrowed = parameters.iter().any(|(_, value)| !value.is_empty());
    let content = html! {
        p.hint { (frame.t("audit.intro")) }
        (filter_form(frame, view, &parameters))
        @if view.entries.is_empty() {
            div.none {
                p { (frame.t(if is_narrowed { "audit.no_match" } else { "audit.none" })) }
                @if is_narrowed { p { a href=(frame.link("/admin/audit", &[])) { (frame.t("queue.clear")) } } }
            }
        } @else { (audit_table(frame, view.entries, &here)) }
        @if !view.next.is_empty() {
            nav.paging aria-label=(frame.t("queue.pages")) {
                a.button href=(address(&here, &[("before", view.next)])) rel="next" { (frame.t("audit.next")) }
            }
        }
    };
    Page { section: Section::Audit, title: frame.t("nav.audit"), class: "wide", has_heading: false }
        .render(frame, &content)
}

fn parameters(filter: &AuditFilter) -> Vec<(&'static str, String)> {
    vec![
        ("by", filter.by.clone().unwrap_or_default()),
        ("action", filter.action.map(|action| action.as_str().to_owned()).unwrap_or_default()),
        ("comment", filter.comment.map(|comment| comment.to_string()).unwrap_or_default()),
        ("batch", filter.batch.clone().unwrap_or_default()),
        ("from", filter.from.map(day).unwrap_or_default()),
        ("until", filter.until.map(|until| day(until - DAY_SECONDS)).unwrap_or_default()),
    ]
}

fn filter_form(frame: &Frame, view: &AuditView, parameters: &[(&str, String)]) -> Markup {
    let value = |name: &str| {
        parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let mut moderators = vec![("", frame.t("audit.anyone"))];
    moderators.extend(view.moderators.iter().map(|name| (*name, *name)));
    // A moderator who is none any more may still be in the log.
    if !view.moderators.contains(&value("by")) && !value("by").is_empty() {
        moderators.push((value("by"), value("by")));
    }
    let keys: Vec<(&str, String)> =
        AuditAction::ALL.iter().map(|action| (action.as_str(), ["action.", action.as_str()].concat())).collect();
    let mut actions = vec![("", frame.texts.get("audit.anything"))];
    actions.extend(keys.iter().map(|(word, key)| (*word, frame.texts.get(key))));
    html! {
        form.filters method="get" action="/admin/audit" {
            @if frame.sites.len() > 1 { (hidden_if(FIELDS.site, frame.site)) }
            (hidden_if("batch", value("batch")))
            div.pair {
                (Field::new("by", frame.t("audit.by")).optional().choice(frame.texts, &moderators, value("by")))
                (Field::new("action", frame.t("audit.action")).optional().choice(frame.texts, &actions, value("action")))
                (Field::new("comment", frame.t("audit.comment")).optional().line(frame.texts, Line { inputmode: Some("numeric"), ..Line::of("text") }, value("comment")))
                (Field::new("from", frame.t("filter.from")).optional().line(frame.texts, Line::of("date"), value("from")))
                (Field::new("until", frame.t("filter.until")).optional().line(frame.texts, Line::of("date"), value("until")))
            }
            p.send { button type="submit" { (frame.t("audit.show")) } }
        }
    }
}

/// Renders entries as a table. Each batch has its undo at its first entry.
pub(crate) fn audit_table(frame: &Frame, entries: &[AuditRecord], back: &str) -> Markup {
    let is_first = |at: usize| at == 0 || entries[at - 1].batch != entries[at].batch;
    html! {
        div.scroll {
            table.cards {
                caption.hidden { (frame.t("nav.audit")) }
                (table_head(frame, &["audit.at", "audit.by", "audit.action", "audit.target", "audit.change"], "undo"))
                tbody { @for (at, entry) in entries.iter().enumerate() { (row(frame, entry, is_first(at), back)) } }
            }
        }
    }
}

fn row(frame: &Frame, entry: &AuditRecord, is_first: bool, back: &str) -> Markup {
    let can_undo = is_first && !entry.undone && entry.action != AuditAction::Erase && entry.comment.is_some();
    html! {
        tr {
            td data-label=(frame.t("audit.at")) { (clock(frame.texts, entry.at)) }
            td data-label=(frame.t("audit.by")) { bdi { (entry.by) } }
            td data-label=(frame.t("audit.action")) {
                (frame.t(&["action.", entry.action.as_str()].concat()))
                @if let Some(reason) = entry.reason { " " span.sub { (frame.t(reason_key(reason))) } }
                @if entry.undone { " " span.badge { (frame.t("audit.undone")) } }
            }
            td data-label=(frame.t("audit.target")) { (target(frame, entry)) }
            td data-label=(frame.t("audit.change")) { (change(frame, entry)) }
            td {
                @if can_undo { (undo_form(frame, UndoOffer { batch: &entry.batch, site: if frame.sites.len() > 1 { frame.site } else { "" }, back })) }
            }
        }
    }
}

fn target(frame: &Frame, entry: &AuditRecord) -> Markup {
    html! {
        @match entry.comment {
            Some(comment) => a href=(frame.link(&format!("/admin/comments/{comment}"), &[])) { (frame.t("comment")) " " (comment) },
            None if is_http(&entry.target) => @for url in entry.target.split(' ') { bdi { (url) } " " },
            None => bdi { (entry.target) },
        }
    }
}

fn change(frame: &Frame, entry: &AuditRecord) -> Markup {
    let states = match (&entry.before, &entry.after) {
        (Some(before), Some(after)) => differences(frame, before, after),
        _ => Vec::new(),
    };
    html! {
        @if states.is_empty() && entry.text.is_none() { span.muted { "–" } }
        @for (at, (before, after)) in states.iter().enumerate() {
            @if at > 0 { ", " }
            (sentence(frame.t("audit.from_to"), &[("before", html! { del { (before) } }), ("after", html! { ins { (after) } })]))
        }
        @if let Some(text) = &entry.text {
            details.info {
                summary { (frame.t("audit.texts")) }
                div.beside {
                    section { p.sub { (frame.t("audit.before")) } pre.source dir="auto" tabindex="0" { (text.before) } }
                    section { p.sub { (frame.t("audit.after")) } pre.source dir="auto" tabindex="0" { (text.after) } }
                }
            }
        }
    }
}

/// The differences between two states of a comment, in words.
fn differences<'a>(
    frame: &Frame<'a>,
    before: &'a CommentSnapshot,
    after: &'a CommentSnapshot,
) -> Vec<(&'a str, &'a str)> {
    let word = |is: bool, yes: &'static str, no: &'static str| frame.texts.get(if is { yes } else { no });
    let both = |yes, no, before, after| (word(before, yes, no), word(after, yes, no));
    let mut all = vec![
        (frame.texts.get(state_key(before.state)), frame.texts.get(state_key(after.state))),
        both("snapshot.pinned", "snapshot.not_pinned", before.pinned, after.pinned),
        both("snapshot.reported", "snapshot.not_reported", before.reported, after.reported),
        both("snapshot.muted", "snapshot.not_muted", before.muted, after.muted),
        both("snapshot.trusted", "snapshot.not_trusted", before.trusted, after.trusted),
    ];
    if let (Some(before), Some(after)) = (&before.url, &after.url) {
        all.push((before.as_str(), after.as_str()));
    }
    all.retain(|(before, after)| before != after);
    all
}
