//! Rate limits, duplicates, bans and pruning in the model, computed from all comments.

use afterword_ledger::{
    Action, Attribution, Ban, BanKind, LedgerError, ProofStatus, SubmissionPolicy, VerifiedComment,
};
use afterword_model::{LimitScope, NetworkIds, RateLimit, Refusal, SubmissionId};

use super::{Model, ModelComment};
use crate::simulation::WIPE_DELAY;
use crate::spam_protection::DAY;

impl ModelComment {
    fn network(&self) -> Option<&str> {
        self.submission.network.as_ref().map(|network| network.today.network.as_str())
    }

    /// Returns true if this comment counts towards a limit for a new one.
    fn counts(&self, limit: &RateLimit, new: &VerifiedComment) -> bool {
        let Some(own) = self.submission.network.as_ref().map(|network| &network.today) else { return false };
        let is_from = |is_same: &dyn Fn(&NetworkIds) -> bool| {
            new.network.as_ref().is_some_and(|network| is_same(&network.today) || is_same(&network.yesterday))
        };
        let has_proof = |comment: &VerifiedComment| comment.proof != ProofStatus::Missing;
        has_proof(new) == limit.with_proof
            && has_proof(&self.submission) == limit.with_proof
            && match limit.scope {
                LimitScope::Site => true,
                LimitScope::Author => new.author.is_some() && self.submission.author == new.author,
                LimitScope::Network => is_from(&|ids| ids.network == own.network),
                LimitScope::Block => own.block.is_some() && is_from(&|ids| ids.block == own.block),
            }
    }
}

impl Model {
    fn recent(&self, seconds: i64, now: i64) -> impl Iterator<Item = &ModelComment> {
        self.comments.iter().filter(move |comment| comment.comment.created > now - seconds)
    }

    /// The times of the comments that count towards a limit.
    fn counted_times(&self, limit: &RateLimit, new: &VerifiedComment, now: i64) -> Vec<i64> {
        let counted = self.recent(limit.window_seconds.into(), now).filter(|comment| comment.counts(limit, new));
        counted.map(|comment| comment.comment.created).collect()
    }

    /// Refuses a proof that was used before, and a comment that exceeds a limit.
    pub(super) fn check_limits(
        &self,
        new: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(), LedgerError> {
        if matches!(new.proof, ProofStatus::Nonce(_))
            && self.recent(DAY, now).any(|comment| comment.submission.proof == new.proof)
        {
            return Err(Refusal::ProofSpent.into());
        }
        let retry_times = policy.limits.iter().filter_map(|limit| {
            let times = self.counted_times(limit, new, now);
            let excess = times.len().checked_sub(limit.max_comments as usize);
            excess.map(|at| times[at] + i64::from(limit.window_seconds))
        });
        match retry_times.max() {
            Some(time) => Err(LedgerError::TooMany { seconds: u32::try_from(time - now).unwrap() }),
            None => Ok(()),
        }
    }

    /// The signals for which a comment becomes pending. `own` is the index of a comment that gets this text.
    pub(super) fn signals(
        &self,
        new: &VerifiedComment,
        own: Option<usize>,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Vec<String> {
        let ban = self.bans.iter().find(|ban| ban.until.is_none_or(|until| now < until) && matches_ban(ban, new));
        let mut signals = new.signals.clone();
        let own = own.map(|at| self.comments[at].comment.id);
        let is_duplicate = |comment: &ModelComment| {
            let is_same = comment.submission.duplicate_key == new.duplicate_key;
            is_same && !comment.comment.deleted && Some(comment.comment.id) != own
        };
        if new.duplicate_key.is_some() && self.recent(DAY, now).any(is_duplicate) {
            signals.push("repeated".to_owned());
        }
        let is_many = |limit: &&RateLimit| self.counted_times(limit, new, now).len() >= limit.suspicious_from as usize;
        if let Some(limit) = policy.limits.iter().find(is_many) {
            signals.push(format!("many:{}", if limit.scope == LimitScope::Author { "author" } else { "network" }));
        }
        signals.extend(ban.map(|ban| format!("banned:{}", ban.kind.as_str())));
        signals
    }

    pub(crate) fn ban(
        &mut self,
        kind: BanKind,
        at: usize,
        until: Option<i64>,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<Vec<Ban>, Refusal> {
        let comment = self.comments.get(at).ok_or(Refusal::UnknownComment)?;
        let pattern = match kind {
            BanKind::Author => comment.submission.author.as_ref().map(|author| author.hash.clone()),
            BanKind::Network => comment.network().map(str::to_owned),
            BanKind::Name => Some(comment.submission.name.clone()).filter(|name| !name.is_empty()),
            BanKind::Email => comment.submission.email.clone(),
        };
        let pattern = pattern.ok_or(Refusal::UnknownComment)?;
        let details = if kind == BanKind::Network { format!("{at} {until:?}") } else { format!("{until:?}") };
        let end = (comment.comment.created / DAY + 2) * DAY;
        let until = if kind == BanKind::Network { Some(until.unwrap_or(end).min(end)) } else { until };
        let known = self.bans.iter().position(|ban| ban.kind == kind && ban.pattern == pattern);
        let ban = match known {
            Some(known) => self.bans[known].id.clone(),
            None => {
                // What the action was about, if it is a repeat whose ban was lifted since.
                let id = attribution.id.to_string();
                let logged = self.audit_log.iter().find(|entry| entry.id == id);
                let logged = logged.and_then(|entry| entry.target.split_once(' ')).map(|(_, ban)| ban.to_owned());
                let ban = logged.filter(|ban| SubmissionId::parse(ban).is_some()).unwrap_or(id);
                if self.bans.iter().any(|other| other.id == ban) {
                    return Err(Refusal::IdReused);
                }
                ban
            }
        };
        let target = audit_target(kind, &ban);
        if self.is_repeat(attribution, Action::Ban, &target, Some(&details))?
            || known.is_some_and(|known| self.bans[known].until == until)
        {
            return Ok(self.bans.clone());
        }
        self.log_action(attribution, Action::Ban, &target, Some(&details), now);
        if kind == BanKind::Author {
            self.trusted_authors.remove(&pattern);
        }
        match known {
            Some(known) => self.bans[known].until = until,
            None => {
                let (id, by) = (attribution.id.to_string(), attribution.by.to_owned());
                let literal = matches!(kind, BanKind::Name | BanKind::Email);
                self.bans.push(Ban { id, kind, pattern, literal, until, at: now, by, reason: String::new() });
            }
        }
        Ok(self.bans.clone())
    }

    pub(crate) fn lift_ban(&mut self, at: usize, attribution: &Attribution<'_>, now: i64) -> Result<Vec<Ban>, Refusal> {
        let target = audit_target(self.bans[at].kind, &self.bans[at].id);
        if !self.is_repeat(attribution, Action::Unban, &target, None)? {
            self.bans.remove(at);
            self.log_action(attribution, Action::Unban, &target, None, now);
        }
        Ok(self.bans.clone())
    }

    /// Removes networks after the next day, expired bans, and the content of deleted comments. Returns the numbers of comments, bans, deleted
    /// comments and reports.
    pub(crate) fn prune(&mut self, now: i64) -> [u32; 4] {
        let (mut networks, bans, mut wiped, mut reports) = (0, self.bans.len(), 0, 0);
        for comment in &mut self.comments {
            if comment.comment.created / DAY + 2 <= now / DAY && comment.submission.network.take().is_some() {
                networks += 1;
            }
            let is_due = comment.erased.is_some_and(|erased| erased + WIPE_DELAY <= now);
            wiped += u32::from(is_due && comment.deleted_content.take().is_some());
            for report in &mut comment.reports {
                reports += u32::from(report.at / DAY + 2 <= now / DAY && report.network.take().is_some());
            }
        }
        self.bans.retain(|ban| ban.until.is_none_or(|until| now < until));
        [networks, u32::try_from(bans - self.bans.len()).unwrap(), wiped, reports]
    }
}

fn matches_ban(ban: &Ban, comment: &VerifiedComment) -> bool {
    match ban.kind {
        BanKind::Author => comment.author.as_ref().is_some_and(|author| author.hash == ban.pattern),
        BanKind::Network => {
            let is_banned = |ids: &NetworkIds| ids.network == ban.pattern;
            comment.network.as_ref().is_some_and(|network| is_banned(&network.today) || is_banned(&network.yesterday))
        }
        BanKind::Name => comment.name == ban.pattern,
        BanKind::Email => comment.email.as_ref() == Some(&ban.pattern),
    }
}

fn audit_target(kind: BanKind, ban: &str) -> String {
    format!("{} {ban}", kind.as_str())
}
