//! Detects spam signals. A signal holds the comment for moderation and names the reason; no signal rejects a comment.

use afterword_model::{Signal, SignalDetail};

use crate::visible_text::count_links;

/// Minimum time between opening and sending a form, in seconds. A faster form was not filled in by hand.
const MIN_WRITING_SECONDS: i64 = 3;
/// Number of links from which a comment counts as link spam.
const MANY_LINKS: usize = 4;

/// The properties of a new comment that this crate can check. The ledger detects the other signals.
#[derive(Clone, Copy, Debug)]
pub struct SpamCheck<'a> {
    /// True if a proof was required and none was sent.
    pub unproven: bool,
    /// The content of the honeypot field, which is hidden from readers.
    pub honeypot: &'a str,
    /// Time when the form was opened, if known, in Unix seconds.
    pub form_opened_at: Option<i64>,
    /// The current time, in Unix seconds.
    pub now: i64,
    /// The rendered comment.
    pub html: &'a str,
}

impl SpamCheck<'_> {
    /// Returns all signals of the comment.
    pub fn detect_signals(&self) -> Vec<SignalDetail> {
        let seconds = self.form_opened_at.map(|opened| self.now.saturating_sub(opened).max(0));
        let links = count_links(self.html);
        let proof = self.unproven.then(|| SignalDetail::new(Signal::NoProof, ""));
        let hidden = (!self.honeypot.trim().is_empty()).then(|| SignalDetail::new(Signal::HiddenField, ""));
        let fast = seconds.filter(|seconds| *seconds < MIN_WRITING_SECONDS);
        let fast = fast.map(|seconds| SignalDetail::new(Signal::TooFast, seconds.to_string()));
        let many = (links >= MANY_LINKS).then(|| SignalDetail::new(Signal::ManyLinks, links.to_string()));
        [proof, hidden, fast, many].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: SpamCheck<'static> =
        SpamCheck { unproven: false, honeypot: "", form_opened_at: Some(1000), now: 1030, html: "<p>Hi</p>" };

    #[track_caller]
    fn check(arrival: &SpamCheck<'_>, expected: &[&str]) {
        let found: Vec<String> = arrival.detect_signals().iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_ordinary_comment_has_no_signals() {
        check(&FINE, &[]);
        check(&SpamCheck { form_opened_at: None, honeypot: " \n", ..FINE }, &[]);
        check(&SpamCheck { html: &"<a href=\"x\">y</a>".repeat(3), ..FINE }, &[]);
    }

    #[test]
    fn all_signals_are_detected() {
        let html = "<a href=\"x\">y</a>".repeat(4);
        let spam = SpamCheck { unproven: true, honeypot: "x", form_opened_at: Some(1029), now: 1030, html: &html };
        check(&spam, &["no_proof", "hidden_field", "too_fast:1", "many_links:4"]);
    }

    #[test]
    fn writing_time_is_measured_from_opening_the_form() {
        check(&SpamCheck { form_opened_at: Some(1027), ..FINE }, &[]);
        check(&SpamCheck { form_opened_at: Some(1028), ..FINE }, &["too_fast:2"]);
        check(&SpamCheck { form_opened_at: Some(1031), ..FINE }, &["too_fast:0"]);
        check(&SpamCheck { form_opened_at: Some(i64::MIN), now: i64::MAX, ..FINE }, &[]);
        check(&SpamCheck { form_opened_at: Some(i64::MAX), now: i64::MIN, ..FINE }, &["too_fast:0"]);
    }
}
