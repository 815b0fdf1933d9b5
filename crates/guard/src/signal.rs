//! What about a comment says that it may be spam. A signal sends it to the queue, with the reason; none drops it.

use afterword_model::{Signal, SignalDetail};

/// A form that was filled in within fewer seconds was not filled in by hand.
const FAST_SECONDS: i64 = 3;
/// Links from which on a comment is about its links.
const MANY_LINKS: usize = 4;

/// What shows of a comment when it comes in; what else there is to find takes the ledger.
#[derive(Clone, Copy, Debug)]
pub struct SpamCheck<'a> {
    /// Whether a proof was wanted, and none was sent.
    pub unproven: bool,
    /// What was in the field that readers do not see.
    pub honeypot: &'a str,
    /// When the form was opened, if that is known, in Unix seconds.
    pub form_opened_at: Option<i64>,
    /// The time, in Unix seconds.
    pub now: i64,
    /// Number of links in the comment.
    pub links: usize,
}

impl SpamCheck<'_> {
    /// Every signal there is about it.
    pub fn detect_signals(&self) -> Vec<SignalDetail> {
        let seconds = self.form_opened_at.map(|opened| self.now.saturating_sub(opened).max(0));
        let proof = self.unproven.then(|| SignalDetail::new(Signal::NoProof, ""));
        let hidden = (!self.honeypot.trim().is_empty()).then(|| SignalDetail::new(Signal::HiddenField, ""));
        let fast = seconds.filter(|seconds| *seconds < FAST_SECONDS);
        let fast = fast.map(|seconds| SignalDetail::new(Signal::TooFast, seconds.to_string()));
        let many = (self.links >= MANY_LINKS).then(|| SignalDetail::new(Signal::ManyLinks, self.links.to_string()));
        [proof, hidden, fast, many].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: SpamCheck<'static> =
        SpamCheck { unproven: false, honeypot: "", form_opened_at: Some(1000), now: 1030, links: 0 };

    #[track_caller]
    fn check(arrival: &SpamCheck<'_>, expected: &[&str]) {
        let found: Vec<String> = arrival.detect_signals().iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_ordinary_comment_says_nothing() {
        check(&FINE, &[]);
        check(&SpamCheck { form_opened_at: None, honeypot: " \n", ..FINE }, &[]);
        check(&SpamCheck { links: 3, ..FINE }, &[]);
    }

    #[test]
    fn everything_about_a_comment_is_found() {
        let spam = SpamCheck { unproven: true, honeypot: "x", form_opened_at: Some(1029), now: 1030, links: 4 };
        check(&spam, &["no_proof", "hidden_field", "too_fast:1", "many_links:4"]);
    }

    #[test]
    fn time_is_what_lies_between_opening_and_sending() {
        check(&SpamCheck { form_opened_at: Some(1027), ..FINE }, &[]);
        check(&SpamCheck { form_opened_at: Some(1028), ..FINE }, &["too_fast:2"]);
        check(&SpamCheck { form_opened_at: Some(1031), ..FINE }, &["too_fast:0"]);
        check(&SpamCheck { form_opened_at: Some(i64::MIN), now: i64::MAX, ..FINE }, &[]);
        check(&SpamCheck { form_opened_at: Some(i64::MAX), now: i64::MIN, ..FINE }, &["too_fast:0"]);
    }
}
