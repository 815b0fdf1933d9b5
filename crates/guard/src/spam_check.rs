//! Detects spam signals. A signal holds the comment for moderation and names the reason; no signal rejects a comment.

use afterword_model::{Signal, SignalDetail};

/// Minimum time between opening and sending a form, in seconds. A faster form was not filled in by hand, unless more is known of the writing.
const MIN_WRITING_SECONDS: i64 = 3;
/// Number of links at which a comment gets the signal `many_links`.
const MANY_LINKS_FROM: usize = 4;

/// The properties of a new comment that this crate can check. The ledger detects the other signals.
#[derive(Clone, Copy, Debug)]
pub struct SpamCheck<'a> {
    /// True if a proof was required and none was sent.
    pub missing_proof: bool,
    /// The content of the honeypot field, which is hidden from readers.
    pub honeypot: &'a str,
    /// Time when the form was opened, if known, in Unix seconds.
    pub form_opened_at: Option<i64>,
    /// True if the page knows that the text was written on it. The time when its challenge was issued says nothing then: a restored draft was
    /// written long before, and a paste takes a second. A program can claim it, as it can wait for three seconds.
    pub written: bool,
    /// The current time, in Unix seconds.
    pub now: i64,
    /// Number of links in the comment.
    pub links: usize,
}

impl SpamCheck<'_> {
    /// Returns all signals of the comment.
    pub fn detect_signals(&self) -> Vec<SignalDetail> {
        let seconds = self.form_opened_at.map(|opened| self.now.saturating_sub(opened).max(0));
        let proof = self.missing_proof.then(|| SignalDetail::new(Signal::NoProof, ""));
        let hidden = (!self.honeypot.trim().is_empty()).then(|| SignalDetail::new(Signal::HiddenField, ""));
        let fast = seconds.filter(|seconds| !self.written && *seconds < MIN_WRITING_SECONDS);
        let fast = fast.map(|seconds| SignalDetail::new(Signal::TooFast, seconds.to_string()));
        let many =
            (self.links >= MANY_LINKS_FROM).then(|| SignalDetail::new(Signal::ManyLinks, self.links.to_string()));
        [proof, hidden, fast, many].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDINARY: SpamCheck<'static> = SpamCheck {
        missing_proof: false,
        honeypot: "",
        form_opened_at: Some(1000),
        written: false,
        now: 1030,
        links: 0,
    };

    #[track_caller]
    fn check(comment: &SpamCheck<'_>, expected: &[&str]) {
        let found: Vec<String> = comment.detect_signals().iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_ordinary_comment_has_no_signals() {
        check(&ORDINARY, &[]);
        check(&SpamCheck { form_opened_at: None, honeypot: " \n", ..ORDINARY }, &[]);
        check(&SpamCheck { links: 3, ..ORDINARY }, &[]);
    }

    #[test]
    fn all_signals_are_detected() {
        let spam = SpamCheck { missing_proof: true, honeypot: "x", form_opened_at: Some(1029), links: 4, ..ORDINARY };
        check(&spam, &["no_proof", "hidden_field", "too_fast:1", "many_links:4"]);
    }

    #[test]
    fn a_text_that_the_page_saw_being_written_is_not_too_fast() {
        for opened in [1030, 1028, 1031, i64::MAX] {
            check(&SpamCheck { form_opened_at: Some(opened), written: true, ..ORDINARY }, &[]);
        }
        let spam = SpamCheck { missing_proof: true, honeypot: "x", written: true, links: 4, ..ORDINARY };
        check(&spam, &["no_proof", "hidden_field", "many_links:4"]);
    }

    #[test]
    fn writing_time_is_measured_from_opening_the_form() {
        check(&SpamCheck { form_opened_at: Some(1027), ..ORDINARY }, &[]);
        check(&SpamCheck { form_opened_at: Some(1028), ..ORDINARY }, &["too_fast:2"]);
        check(&SpamCheck { form_opened_at: Some(1031), ..ORDINARY }, &["too_fast:0"]);
        check(&SpamCheck { form_opened_at: Some(i64::MIN), now: i64::MAX, ..ORDINARY }, &[]);
        check(&SpamCheck { form_opened_at: Some(i64::MAX), now: i64::MIN, ..ORDINARY }, &["too_fast:0"]);
    }
}
