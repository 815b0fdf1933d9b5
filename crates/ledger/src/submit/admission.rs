//! Admission of a submission: the checks that refuse it, and the signals that make it wait for a moderator.

use afterword_model::{CommentId, LimitScope, Moderation, Signal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::policy::submission_policy::{InvalidRule, PatternCompiler, SubmissionPolicy};
use crate::store::signals::{MAX_SIGNALS, clean, with_detail};
use crate::store::sql::Sql;
use crate::verified_comment::VerifiedComment;

/// A submission that is accepted.
pub(crate) struct Admitted {
    /// Moderation that applies if there are no signals.
    pub(crate) moderation: Moderation,
    /// Reasons why the comment is suspicious. With any, it waits.
    pub(crate) signals: Vec<String>,
}

impl<S: Sql> Ledger<S> {
    /// Number of comments with a proof of work that the site accepted in the last `seconds` seconds, at most a day. The difficulty of the
    /// next proof depends on it.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn count_recent(&self, seconds: u32, now: i64) -> Result<u32, LedgerError> {
        let mut recent = self.recent_activity.borrow_mut();
        recent.refresh(&self.sql, now)?;
        Ok(recent.count_with_proof(seconds, now))
    }

    /// Reads a bounded part of the recent comments that the checks of this comment need. Returns true if there is more to read. A caller that
    /// repeats this until it returns false, in turns of its own, has [`Ledger::submit`] read only what is newer.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn load_recent_activity(
        &self,
        comment: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<bool, LedgerError> {
        let needed = policy.difficulty.is_some() || needs_recent_activity(comment, policy);
        Ok(needed && self.recent_activity.borrow_mut().load_step(&self.sql, now)?)
    }

    /// The bans and muted words that are not valid, because of which comments are held. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn invalid_rules(&self, patterns: &dyn PatternCompiler, now: i64) -> Result<Vec<InvalidRule>, LedgerError> {
        Ok(self.site_policy.get(&self.sql)?.invalid_rules(patterns, now))
    }

    /// Refuses a proof of work that is too easy for the number of recent comments. This applies to a repeat too: its sender solves a harder
    /// challenge, and then gets the stored reply.
    pub(crate) fn check_difficulty(
        &self,
        comment: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(), LedgerError> {
        let (Some(rule), Some(difficulty)) = (policy.difficulty, comment.difficulty) else { return Ok(()) };
        let required = (rule.required)(rule.base_bits, self.count_recent(rule.window_seconds, now)?);
        if difficulty < required { Err(LedgerError::DifficultyTooLow { required }) } else { Ok(()) }
    }

    /// Refuses a new comment because of a spent proof of work, or of too many recent comments or refusals. Reads nothing from the
    /// database but the comments since the last refresh.
    pub(crate) fn check_limits(
        &self,
        comment: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(), LedgerError> {
        if !needs_recent_activity(comment, policy) {
            return Ok(());
        }
        self.check_refusal_backoff(comment, policy, now)?;
        let mut recent = self.recent_activity.borrow_mut();
        recent.refresh(&self.sql, now)?;
        recent.check_proof(comment)?;
        require_no_wait(recent.retry_after(policy.limits, comment, now))
    }

    /// Refuses a comment of a client that was refused too often.
    fn check_refusal_backoff(
        &self,
        comment: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(), LedgerError> {
        if policy.limits.is_empty() {
            return Ok(());
        }
        require_no_wait(self.refusal_limiter.borrow().retry_after(comment, now))
    }

    /// Collects the signals of a new comment: those of the Worker, muted words, duplicates, many recent comments, and bans. `own` is the
    /// comment itself if it is stored already and gets another text, and `new_title` is its title if that differs from the title of the
    /// post. Writes nothing.
    pub(crate) fn collect_signals(
        &self,
        comment: &VerifiedComment,
        own: Option<CommentId>,
        new_title: &str,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<Admitted, LedgerError> {
        let site = self.site_policy.get(&self.sql)?;
        let rules = site.check(comment, new_title, policy.patterns, now);
        let mut signals: Vec<String> = comment.signals.iter().map(|signal| clean(signal)).collect();
        signals.extend(rules.muted_word.map(|signal| clean(&signal)));
        let recent = self.recent_activity.borrow();
        if recent.has_duplicate(&self.sql, comment, own, now)? {
            signals.push(Signal::Repeated.code().to_owned());
        }
        let many = recent.suspicious_scope(policy.limits, comment, now);
        signals.extend(many.map(|scope| with_detail(Signal::Many.code(), scope_word(scope))));
        signals.extend(rules.ban);
        signals.truncate(MAX_SIGNALS);
        Ok(Admitted { moderation: site.settings.moderation.unwrap_or(policy.moderation), signals })
    }
}

/// Returns true if rate limits, the spent proofs or the texts of recent comments matter for a comment.
fn needs_recent_activity(comment: &VerifiedComment, policy: &SubmissionPolicy<'_>) -> bool {
    !policy.limits.is_empty() || comment.proof.as_column().is_some() || comment.duplicate_key.is_some()
}

fn require_no_wait(seconds: u32) -> Result<(), LedgerError> {
    if seconds == 0 { Ok(()) } else { Err(LedgerError::TooMany { seconds }) }
}

fn scope_word(scope: LimitScope) -> &'static str {
    match scope {
        LimitScope::Author => "author",
        LimitScope::Network | LimitScope::Block => "network",
        LimitScope::Site => "site",
    }
}
