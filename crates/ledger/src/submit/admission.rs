//! Whether a submission is taken at all, and what is suspicious about it.

use afterword_model::{LimitScope, Moderation, Refusal, Signal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::bans::BanKind;
use crate::policy::submission_policy::SubmissionPolicy;
use crate::store::signals as signal;
use crate::store::sql::Sql;
use crate::verified_comment::VerifiedComment;

/// A submission that is taken.
pub(crate) struct Admitted {
    /// What becomes of it if nothing is suspicious.
    pub(crate) moderation: Moderation,
    /// What is suspicious about it; with any it waits.
    pub(crate) signals: Vec<String>,
}

impl<S: Sql> Ledger<S> {
    /// Refuses an entry that is new for what was posted lately: its proof, or so many that one more is too many; or for what was refused
    /// lately. None of this is read from the database but what has come in since the last time.
    pub(crate) fn require_leave(
        &self,
        entry: &VerifiedComment,
        rules: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(), LedgerError> {
        if rules.limits.is_empty() && entry.proof.stored().is_none() && entry.duplicate_key.is_none() {
            return Ok(());
        }
        if !rules.limits.is_empty() {
            require_patience(self.refused.borrow().wait(entry, now))?;
        }
        self.look_back(now)?;
        if self.recent.borrow().has_spent(&entry.proof) {
            return Err(Refusal::ProofSpent.into());
        }
        require_patience(self.recent.borrow().wait(rules.limits, entry, now))
    }

    /// Looks for what is suspicious about an entry, which brings this title to its thread: what was posted lately, what the site mutes, and
    /// who is banned. What it refuses has written nothing.
    pub(crate) fn admit(
        &self,
        entry: &VerifiedComment,
        title: &str,
        rules: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<Admitted, LedgerError> {
        let house = self.house()?;
        let ban = house.ban_on(entry, rules.patterns, now);
        let muted = house.muted(entry, title, rules.patterns);
        let mut signals: Vec<String> = entry.signals.iter().map(|signal| signal::clean(signal)).collect();
        signals.extend(muted.map(|pattern| signal::clean(&signal::with(Signal::MutedWord.code(), &pattern))));
        if self.is_repeated_text(entry, now)? {
            signals.push(Signal::Repeated.code().to_owned());
        }
        let many = self.recent.borrow().many(rules.limits, entry, now);
        signals.extend(many.map(|who| signal::with(Signal::Many.code(), word(who))));
        signals.extend(ban.map(|kind| signal::with(Signal::Banned.code(), BanKind::as_str(kind))));
        signals.truncate(signal::SIGNALS);
        Ok(Admitted { moderation: house.settings.moderation.unwrap_or(rules.moderation), signals })
    }
}

fn require_patience(seconds: u32) -> Result<(), LedgerError> {
    if seconds == 0 { Ok(()) } else { Err(LedgerError::TooMany { seconds }) }
}

fn word(who: LimitScope) -> &'static str {
    match who {
        LimitScope::Author => "author",
        LimitScope::Network | LimitScope::Block => "network",
        LimitScope::Site => "site",
    }
}
