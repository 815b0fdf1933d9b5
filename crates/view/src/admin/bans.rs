//! Bans: the list, and the form for a new one.

use afterword_model::limits;
use afterword_model::moderation::{BanKind, BanSummary, QueuedComment};
use maud::{Markup, html};

use crate::admin::form::{Field, Line, hidden, hidden_if};
use crate::admin::frame::{Frame, Page, Section, table_head};
use crate::admin::row::{item, link_of};
use crate::admin::sentence::{count, name, sentence};
use crate::admin::texts::FIELDS;
use crate::admin::time::clock;
use crate::admin::write_forms::cancel;

/// The ends that the form offers, in days; the empty one is none.
const DAYS: [&str; 5] = ["", "1", "7", "30", "365"];

/// The form for a new ban, with the values as typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct BanForm<'a> {
    /// The comment whose author, network, name or e-mail address is banned. `None` for a pattern.
    pub comment: Option<&'a QueuedComment>,
    /// The kind.
    pub kind: Option<BanKind>,
    /// The pattern.
    pub pattern: &'a str,
    /// The end, in days from now. Empty for none.
    pub days: &'a str,
    /// The reason.
    pub reason: &'a str,
    /// True if matching comments are marked as spam.
    pub sweep: bool,
    /// Number of comments that the ban would sweep, as far as they were counted, once the moderator asked for it.
    pub matching: Option<u32>,
    /// The error of a field, by its name; the empty name is the whole form.
    pub error: Option<(&'a str, &'a str)>,
    /// The address to return to.
    pub back: &'a str,
}

impl BanForm<'_> {
    fn error(&self, field: &str) -> &str {
        self.error.filter(|(name, _)| *name == field).map(|(_, text)| text).unwrap_or_default()
    }
}

/// Renders the list of bans, with the form for a pattern below it.
pub fn bans_page(frame: &Frame, bans: &[BanSummary], form: &BanForm) -> Markup {
    let content = html! {
        p.hint { (frame.t("bans.intro")) }
        @if bans.is_empty() { div.none { p { (frame.t("bans.none")) } } } @else { (table(frame, bans)) }
        section aria-labelledby="new-ban" {
            h2 #new-ban { (frame.t("bans.new")) }
            (ban_form(frame, form))
        }
    };
    Page { section: Section::Bans, title: frame.t("nav.bans"), class: "wide", has_heading: false }
        .render(frame, &content)
}

/// Renders the form for a ban, such as that of the author of a comment.
pub fn ban_page(frame: &Frame, form: &BanForm) -> Markup {
    let content = html! {
        @if let Some(comment) = form.comment {
            p { (sentence(frame.t("ban.of"), &[("name", html! { b { (name(frame.texts, &comment.author.name)) } })])) }
        }
        (ban_form(frame, form))
        p.hint { (frame.t("ban.limits")) }
    };
    Page { section: Section::Bans, title: frame.t("bans.new"), class: "narrow", has_heading: false }
        .render(frame, &content)
}

fn table(frame: &Frame, bans: &[BanSummary]) -> Markup {
    html! {
        div.scroll {
            table.cards {
                caption.hidden { (frame.t("nav.bans")) }
                (table_head(frame, &["bans.kind", "bans.pattern", "bans.reason", "bans.until", "bans.made"], "bans.lift"))
                tbody { @for ban in bans { (row(frame, ban)) } }
            }
        }
    }
}

fn row(frame: &Frame, ban: &BanSummary) -> Markup {
    let is_readable = matches!(ban.kind, BanKind::Name | BanKind::Email);
    let kind = frame.t(kind_key(ban.kind));
    html! {
        tr {
            td data-label=(frame.t("bans.kind")) { (kind) }
            th scope="row" {
                @if is_readable { bdi { (ban.pattern) } @if !ban.literal { " " span.badge { (frame.t("bans.is_pattern")) } } }
                @else { code { (ban.pattern.chars().take(8).collect::<String>()) } "…" }
            }
            td data-label=(frame.t("bans.reason")) { @if ban.reason.is_empty() { span.muted { "–" } } @else { bdi { (ban.reason) } } }
            td data-label=(frame.t("bans.until")) {
                @match ban.until {
                    None => (frame.t("bans.for_ever")),
                    Some(until) if until <= frame.now => (sentence(frame.t("bans.ended"), &[("date", clock(frame.texts, until))])),
                    Some(until) => (clock(frame.texts, until)),
                }
            }
            td data-label=(frame.t("bans.made")) { bdi { (ban.by) } ", " (clock(frame.texts, ban.at)) }
            td {
                form method="post" action="/admin/bans/lift" {
                    (hidden("ban", &ban.id))
                    (hidden(FIELDS.action_id, &frame.action_id(&["lift ", &ban.id].concat())))
                    (hidden(FIELDS.back, &frame.link("/admin/bans", &[])))
                    @if frame.sites.len() > 1 { (hidden_if(FIELDS.site, frame.site)) }
                    button type="submit" { (frame.t("bans.lift")) span.hidden { ": " (kind) " " (ban.pattern) } }
                    button type="submit" name="restore" value="on" { (frame.t("bans.lift_and_restore")) }
                }
            }
        }
    }
}

fn ban_form(frame: &Frame, form: &BanForm) -> Markup {
    let t = |key| frame.t(key);
    let site = form.comment.map_or(frame.site, |comment| frame.site_of(comment.url.as_str()));
    let ends = DAYS.map(|days| match days {
        "" => t("bans.for_ever").to_owned(),
        days => count(frame.texts, "bans.days", days.parse().unwrap_or(0)),
    });
    let ends: Vec<(&str, &str)> = DAYS.iter().copied().zip(ends.iter().map(String::as_str)).collect();
    let reason_line = Line { maxlength: Some(limits::REASON_CHARS), ..Line::of("text") };
    let action = match form.comment {
        Some(comment) => link_of(frame, &comment.url, "/admin/bans/new", &[]),
        None => frame.link("/admin/bans/new", &[]),
    };
    html! {
        form.stack #write method="post" action=(action) {
            button hidden disabled {}
            (hidden(FIELDS.action_id, &frame.action_id("ban")))
            (hidden_if(FIELDS.back, form.back))
            @if frame.sites.len() > 1 && form.comment.is_none() { (hidden_if(FIELDS.site, site)) }
            @if !form.error("").is_empty() { p.error role="alert" { (form.error("")) } }
            @match form.comment {
                Some(comment) => (kinds_of_comment(frame, form, comment)),
                None => (pattern_fields(frame, form)),
            }
            (Field::new("days", t("bans.until")).hint(t("ban.days.hint")).error(form.error("days")).choice(frame.texts, &ends, form.days))
            (Field::new("reason", t("bans.reason")).hint(t("ban.reason.hint")).error(form.error("reason")).optional().line(frame.texts, reason_line, form.reason))
            (Field::new("sweep", t("ban.sweep")).hint(t("ban.sweep.hint")).tick(form.sweep))
            @if let Some(matching) = form.matching { p role="status" { (count(frame.texts, "ban.matching", matching.into())) } }
            p.send {
                button.main type="submit" { (t("ban.submit")) }
                button type="submit" name="count" value="on" { (t("ban.count")) }
                @if !form.back.is_empty() { (cancel(frame, form.back)) }
            }
        }
    }
}

/// The properties of a comment that can be banned.
fn kinds_of_comment(frame: &Frame, form: &BanForm, comment: &QueuedComment) -> Markup {
    let author = &comment.author;
    let kinds = [
        (BanKind::Author, author.key.is_some(), ""),
        (BanKind::Network, true, ""),
        (BanKind::Name, !author.name.is_empty(), author.name.as_str()),
        (BanKind::Email, author.email.is_some(), author.email.as_deref().unwrap_or_default()),
    ];
    let first = kinds.iter().find(|(_, is_there, _)| *is_there).map(|(kind, ..)| *kind);
    let chosen = form.kind.or(first);
    html! {
        (hidden(FIELDS.comment, &item(frame, comment.id, comment.revision, &comment.url)))
        fieldset.choices {
            legend { (frame.t("ban.what")) }
            @for (kind, is_there, value) in kinds {
                @if is_there {
                    label {
                        input type="radio" name="kind" value=(kind.as_str()) required checked[chosen == Some(kind)];
                        span { (frame.t(kind_key(kind))) @if !value.is_empty() { ": " bdi { (value) } } " " span.sub { (frame.t(kind_hint(kind))) } }
                    }
                }
            }
        }
    }
}

fn pattern_fields(frame: &Frame, form: &BanForm) -> Markup {
    let kinds = [BanKind::Name, BanKind::Email].map(|kind| (kind.as_str(), frame.t(kind_key(kind))));
    let line = Line { maxlength: Some(limits::PATTERN_CHARS), ..Line::of("text") };
    html! {
        (Field::new("kind", frame.t("bans.kind")).error(form.error("kind")).choice(frame.texts, &kinds, form.kind.unwrap_or(BanKind::Name).as_str()))
        (Field::new("pattern", frame.t("bans.pattern")).hint(frame.t("ban.pattern.hint")).error(form.error("pattern")).line(frame.texts, line, form.pattern))
    }
}

const fn kind_key(kind: BanKind) -> &'static str {
    match kind {
        BanKind::Author => "ban.author",
        BanKind::Network => "ban.network",
        BanKind::Name => "ban.name",
        BanKind::Email => "ban.email",
    }
}

const fn kind_hint(kind: BanKind) -> &'static str {
    match kind {
        BanKind::Author => "ban.author.hint",
        BanKind::Network => "ban.network.hint",
        BanKind::Name => "ban.name.hint",
        BanKind::Email => "ban.email.hint",
    }
}
