//! What keeps a site clean, without a thought for what it costs.

use afterword_ledger::{
    Action, Attribution, Ban, BanKind, LedgerError, ProofStatus, SubmissionPolicy, VerifiedComment,
};
use afterword_model::{LimitScope, NetworkIds, RateLimit, Refusal};

use super::super::guarded::DAY;
use super::{Kept, Model};

impl Kept {
    fn network(&self) -> Option<&str> {
        self.entry.network.as_ref().map(|sender| sender.today.network.as_str())
    }

    fn counts(&self, limit: &RateLimit, entry: &VerifiedComment) -> bool {
        let Some(own) = self.entry.network.as_ref().map(|sender| &sender.today) else { return false };
        let is_from = |same: &dyn Fn(&NetworkIds) -> bool| {
            entry.network.as_ref().is_some_and(|sender| same(&sender.today) || same(&sender.yesterday))
        };
        let is_proven = |entry: &VerifiedComment| entry.proof != ProofStatus::Missing;
        is_proven(entry) == limit.with_proof
            && is_proven(&self.entry) == limit.with_proof
            && match limit.scope {
                LimitScope::Site => true,
                LimitScope::Author => entry.author.is_some() && self.entry.author == entry.author,
                LimitScope::Network => is_from(&|seals| seals.network == own.network),
                LimitScope::Block => own.block.is_some() && is_from(&|seals| seals.block == own.block),
            }
    }
}

impl Model {
    fn lately(&self, seconds: i64, now: i64) -> impl Iterator<Item = &Kept> {
        self.comments.iter().filter(move |kept| kept.comment.created > now - seconds)
    }

    /// The times of the posts that count towards a limit.
    fn counted(&self, limit: &RateLimit, entry: &VerifiedComment, now: i64) -> Vec<i64> {
        let counted = self.lately(limit.window_seconds.into(), now).filter(|kept| kept.counts(limit, entry));
        counted.map(|kept| kept.comment.created).collect()
    }

    /// Whether an entry is taken at all.
    pub(super) fn require_leave(
        &self,
        entry: &VerifiedComment,
        rules: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(), LedgerError> {
        let lately = |seconds: i64| self.lately(seconds, now);
        if matches!(entry.proof, ProofStatus::Nonce(_)) && lately(DAY).any(|kept| kept.entry.proof == entry.proof) {
            return Err(Refusal::ProofSpent.into());
        }
        let ends = rules.limits.iter().filter_map(|limit| {
            let times = self.counted(limit, entry, now);
            times.len().checked_sub(limit.max_posts as usize).map(|at| times[at] + i64::from(limit.window_seconds))
        });
        wait_until(ends.max(), now)
    }

    /// What is suspicious about an entry.
    pub(super) fn admit(
        &self,
        entry: &VerifiedComment,
        rules: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<Vec<String>, LedgerError> {
        let lately = |seconds: i64| self.lately(seconds, now);
        let ban = self.bans.iter().find(|ban| ban.until.is_none_or(|until| now < until) && is_on(ban, entry));
        let mut signals = entry.signals.clone();
        let is_alike = |kept: &Kept| !kept.comment.deleted && kept.entry.duplicate_key == entry.duplicate_key;
        if entry.duplicate_key.is_some() && lately(DAY).any(is_alike) {
            signals.push("repeated".to_owned());
        }
        if let Some(limit) =
            rules.limits.iter().find(|limit| self.counted(limit, entry, now).len() >= limit.suspicious_from as usize)
        {
            signals.push(format!("many:{}", if limit.scope == LimitScope::Author { "author" } else { "network" }));
        }
        signals.extend(ban.map(|ban| format!("banned:{}", ban.kind.as_str())));
        Ok(signals)
    }

    pub(crate) fn ban(
        &mut self,
        kind: BanKind,
        at: usize,
        until: Option<i64>,
        act: &Attribution<'_>,
        now: i64,
    ) -> Result<Vec<Ban>, Refusal> {
        let kept = self.comments.get(at).ok_or(Refusal::UnknownComment)?;
        let pattern = match kind {
            BanKind::Author => kept.entry.author.as_ref().map(|author| author.hash.clone()),
            BanKind::Network => kept.network().map(str::to_owned),
            BanKind::Name => Some(kept.entry.name.clone()).filter(|name| !name.is_empty()),
            BanKind::Email => kept.entry.email.clone(),
        };
        let pattern = pattern.ok_or(Refusal::UnknownComment)?;
        let told = if kind == BanKind::Network { format!("{at} {until:?}") } else { format!("{until:?}") };
        let end = (kept.comment.created / DAY + 2) * DAY;
        let until = if kind == BanKind::Network { Some(until.unwrap_or(end).min(end)) } else { until };
        let known = self.bans.iter().position(|ban| ban.kind == kind && ban.pattern == pattern);
        let about = about(kind, &pattern);
        if self.is_done(act, Action::Ban, &about, Some(&told))?
            || known.is_some_and(|known| self.bans[known].until == until)
        {
            return Ok(self.bans.clone());
        }
        self.note(act, Action::Ban, &about, Some(&told), now);
        if kind == BanKind::Author {
            self.known.remove(&pattern);
        }
        match known {
            Some(known) => self.bans[known].until = until,
            None => {
                let (id, by) = (act.id.to_string(), act.by.to_owned());
                self.bans.push(Ban { id, kind, pattern, until, at: now, by });
            }
        }
        Ok(self.bans.clone())
    }

    pub(crate) fn unban(&mut self, at: usize, act: &Attribution<'_>, now: i64) -> Result<Vec<Ban>, Refusal> {
        let about = about(self.bans[at].kind, &self.bans[at].pattern);
        if !self.is_done(act, Action::Unban, &about, None)? {
            self.bans.remove(at);
            self.note(act, Action::Unban, &about, None, now);
        }
        Ok(self.bans.clone())
    }

    pub(crate) fn prune(&mut self, now: i64) -> (u32, u32) {
        let (mut networks, bans) = (0, self.bans.len());
        for kept in &mut self.comments {
            if kept.comment.created / DAY + 2 <= now / DAY && kept.entry.network.take().is_some() {
                networks += 1;
            }
        }
        self.bans.retain(|ban| ban.until.is_none_or(|until| now < until));
        (networks, u32::try_from(bans - self.bans.len()).unwrap())
    }
}

fn wait_until(end: Option<i64>, now: i64) -> Result<(), LedgerError> {
    end.map_or(Ok(()), |end| Err(LedgerError::TooMany { seconds: u32::try_from(end - now).unwrap() }))
}

fn is_on(ban: &Ban, entry: &VerifiedComment) -> bool {
    match ban.kind {
        BanKind::Author => entry.author.as_ref().is_some_and(|author| author.hash == ban.pattern),
        BanKind::Network => {
            let is_on = |seals: &NetworkIds| seals.network == ban.pattern;
            entry.network.as_ref().is_some_and(|sender| is_on(&sender.today) || is_on(&sender.yesterday))
        }
        BanKind::Name => entry.name == ban.pattern,
        BanKind::Email => entry.email.as_ref() == Some(&ban.pattern),
    }
}

fn about(kind: BanKind, pattern: &str) -> String {
    if kind == BanKind::Network { "network".to_owned() } else { format!("{} {pattern}", kind.as_str()) }
}
