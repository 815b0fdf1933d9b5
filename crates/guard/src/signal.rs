//! What about a comment says that it may be spam. A signal sends it to the queue, with the reason; none drops it.

use afterword_model::{Finding, Signal};

use crate::words::links;

/// A form that was filled in within fewer seconds was not filled in by hand.
const FAST_SECONDS: i64 = 3;
/// Links from which on a comment is about its links.
const MANY_LINKS: usize = 4;

/// What shows of a comment when it comes in; what else there is to find takes the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Whether a proof was wanted, and none was sent.
    pub unproven: bool,
    /// What was in the field that readers do not see.
    pub hidden: &'a str,
    /// When the form was opened, if that is known, in Unix seconds.
    pub opened: Option<i64>,
    /// The time, in Unix seconds.
    pub now: i64,
    /// The comment, rendered.
    pub html: &'a str,
}

impl Arrival<'_> {
    /// Every signal there is about it.
    pub fn findings(&self) -> Vec<Finding> {
        let seconds = self.opened.map(|opened| self.now.saturating_sub(opened).max(0));
        let links = links(self.html);
        let proof = self.unproven.then(|| Finding::new(Signal::NoProof, ""));
        let hidden = (!self.hidden.trim().is_empty()).then(|| Finding::new(Signal::HiddenField, ""));
        let fast = seconds.filter(|seconds| *seconds < FAST_SECONDS);
        let fast = fast.map(|seconds| Finding::new(Signal::TooFast, seconds.to_string()));
        let many = (links >= MANY_LINKS).then(|| Finding::new(Signal::ManyLinks, links.to_string()));
        [proof, hidden, fast, many].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: Arrival<'static> =
        Arrival { unproven: false, hidden: "", opened: Some(1000), now: 1030, html: "<p>Hi</p>" };

    #[track_caller]
    fn check(arrival: &Arrival<'_>, expected: &[&str]) {
        let found: Vec<String> = arrival.findings().iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_ordinary_comment_says_nothing() {
        check(&FINE, &[]);
        check(&Arrival { opened: None, hidden: " \n", ..FINE }, &[]);
        check(&Arrival { html: &"<a href=\"x\">y</a>".repeat(3), ..FINE }, &[]);
    }

    #[test]
    fn everything_about_a_comment_is_found() {
        let html = "<a href=\"x\">y</a>".repeat(4);
        let spam = Arrival { unproven: true, hidden: "x", opened: Some(1029), now: 1030, html: &html };
        check(&spam, &["no_proof", "hidden_field", "too_fast:1", "many_links:4"]);
    }

    #[test]
    fn time_is_what_lies_between_opening_and_sending() {
        check(&Arrival { opened: Some(1027), ..FINE }, &[]);
        check(&Arrival { opened: Some(1028), ..FINE }, &["too_fast:2"]);
        check(&Arrival { opened: Some(1031), ..FINE }, &["too_fast:0"]);
        check(&Arrival { opened: Some(i64::MIN), now: i64::MAX, ..FINE }, &[]);
        check(&Arrival { opened: Some(i64::MAX), now: i64::MIN, ..FINE }, &["too_fast:0"]);
    }
}
