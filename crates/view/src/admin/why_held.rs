//! Sentences that say why a comment waits, and what readers reported.

use afterword_model::moderation::{ModerationState, QueuedComment, QueuedReport};
use afterword_model::{ReportReason, Signal, SignalDetail};
use maud::{Markup, html};

use crate::admin::sentence::{count, sentence};
use crate::admin::texts::texts;
use crate::admin::time::moment;
use crate::messages::Messages;

/// Renders the reasons why a comment is suspicious. A comment that waits without any says so too.
pub(crate) fn why_held(texts: &Messages, comment: &QueuedComment) -> Markup {
    let waits = comment.state == ModerationState::Pending;
    if comment.state == ModerationState::Erased || (comment.signals.is_empty() && !waits) {
        return Markup::default();
    }
    html! {
        ul.why aria-label=(texts.get(if waits { "why.label" } else { "why.label.other" })) {
            @for signal in &comment.signals { li { (signal_sentence(texts, signal)) } }
            @if comment.signals.is_empty() { li { (texts.get("why.policy")) } }
        }
    }
}

/// Renders the reasons why a comment is suspicious, for pages other than those of moderators.
pub fn why_held_list(comment: &QueuedComment) -> Markup {
    why_held(texts(), comment)
}

/// The words of the muted list because of which a comment waits.
pub(crate) fn muted_words(signals: &[String]) -> impl Iterator<Item = &str> {
    let prefix = Signal::MutedWord.code();
    signals.iter().filter_map(move |signal| signal.strip_prefix(prefix)?.strip_prefix(':'))
}

/// A signal as a sentence. One that this version does not know is shown as it is stored.
pub(crate) fn signal_sentence(texts: &Messages, signal: &str) -> Markup {
    let Some(SignalDetail { signal, detail }) = SignalDetail::parse(signal) else {
        return html! { code { (signal) } };
    };
    let text = match (signal, detail.parse::<u64>()) {
        (Signal::ManyLinks, Ok(links)) => count(texts, "why.many_links", links),
        (Signal::TooFast, Ok(seconds)) => count(texts, "why.too_fast", seconds),
        (Signal::Many | Signal::Banned, _) => {
            let key = ["why.", signal.code(), ".", &detail].concat();
            match texts.get(&key) {
                text if text == key => texts.get(&["why.", signal.code()].concat()).to_owned(),
                text => text.to_owned(),
            }
        }
        _ => texts.get(&["why.", signal.code()].concat()).to_owned(),
    };
    let detail = match detail.as_str() {
        "" => html! { "?" },
        detail => html! { b { bdi { (detail) } } },
    };
    sentence(&text, &[("detail", detail)])
}

/// Renders the reports of readers, with the text as it was reported if it has changed since.
pub(crate) fn reports(texts: &Messages, now: i64, reports: &[QueuedReport]) -> Markup {
    html! {
        @if !reports.is_empty() {
            ul.reports aria-label=(texts.get("reports.label")) { @for report in reports { li { (one_report(texts, now, report)) } } }
        }
    }
}

fn one_report(texts: &Messages, now: i64, report: &QueuedReport) -> Markup {
    let reason = texts.get(match report.reason {
        ReportReason::Spam => "report.spam",
        ReportReason::Abuse => "report.abuse",
        ReportReason::OffTopic => "report.off_topic",
        ReportReason::PrivateData => "report.private_data",
        ReportReason::Other => "report.other",
    });
    html! {
        (texts.get("report.by_reader")) " " b { (reason) } " "
        span.sub { (moment(texts, now, report.at)) @if report.closed { " · " (texts.get("report.closed")) } }
        @if let Some(text) = &report.text { p dir="auto" { (text) } }
        @if let Some(text) = &report.reported_text {
            details.info { summary { (texts.get("report.former")) } pre.source dir="auto" tabindex="0" { (text) } }
        }
    }
}
