//! Making and lifting bans.
//!
//! A comment by a banned sender is accepted and waits, with the ban as its signal, and gets the same reply as any comment that waits. If
//! it were refused, the sender would know of the ban and come back under another name. For the same reason banned senders have no rate
//! limit of their own: they are subject to the rate limits for everybody. Where others' comments are published at once, a sender still
//! learns that theirs waits, and so can find out whether a name or an e-mail address is banned.

use afterword_model::moderation::{AuditAction as Action, AuditRecord, BanKind};
use std::collections::BTreeMap;

use afterword_model::{CommentId, Refusal, SubmissionId, clean_line, limits};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log::{self, ActionKey, Attribution, BanSnapshot, CommentChange};
use crate::store::author_trust::{find_first_approved, is_declared, revoke_trust, set_declared, set_first_approved};
use crate::store::ban::{Ban, MAX_BANS, StoredBans, check_until, delete_ban, is_valid_pattern, set_until};
use crate::store::network_ids::{network_id_expiry, parse_network_ids};
use crate::store::row::Row;
use crate::store::sql::Sql;

/// A banned author, network, name or e-mail pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BanTarget {
    /// A hash, or a pattern for a name or an e-mail address. The caller checks that it can match anything. A network cannot be banned this
    /// way, only through a comment.
    Pattern(BanKind, String),
    /// The author of a comment, by one of the properties stored with it. A name or an e-mail address is banned as it is: the author may
    /// have put a `*` into it.
    Author(BanKind, CommentId),
}

/// The kind and pattern of a ban.
struct ResolvedTarget {
    kind: BanKind,
    pattern: String,
    literal: bool,
    /// Latest time at which the ban may end.
    latest_end: Option<i64>,
}

impl<S: Sql> Ledger<S> {
    /// All bans, oldest first. Those that have ended are included until they are pruned.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn list_bans(&self) -> Result<Vec<Ban>, LedgerError> {
        Ok(StoredBans::load(&self.sql)?.bans)
    }

    /// Makes a ban until a time, or without an end. If there is a ban with this kind and pattern, its end is changed instead. A repeat
    /// changes nothing. An author who was banned by their key is untrusted when the ban ends. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::BadTime`] for an end that is no Unix time in seconds, [`Refusal::UnknownComment`] for a
    /// comment that does not exist or lacks the property, [`Refusal::BadQuery`] for an invalid pattern, [`Refusal::ListFull`], or
    /// [`Refusal::IdReused`] for the id of another action or ban.
    pub fn ban(
        &self,
        target: &BanTarget,
        until: Option<i64>,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<Vec<Ban>, LedgerError> {
        self.ban_with_reason(target, (until, ""), by, now)
    }

    /// Makes a ban as [`Ledger::ban`] does, with a reason for other moderators. A ban that is in force keeps its own.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::ban`], and [`Refusal::BadCharacter`] or [`Refusal::TextTooLong`] for an invalid reason.
    pub fn ban_with_reason(
        &self,
        target: &BanTarget,
        (until, reason): (Option<i64>, &str),
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<Vec<Ban>, LedgerError> {
        check_reason(reason)?;
        check_until(until)?;
        let ResolvedTarget { kind, pattern, literal, latest_end } = self.resolve_target(target)?;
        let mut bans = self.list_bans()?;
        let known = bans.iter().position(|ban| ban.kind == kind && ban.pattern == pattern && ban.literal == literal);
        let log_target = match known {
            Some(index) => log_target(kind.as_str(), &bans[index].id),
            None => self.new_log_target(kind, &bans, by)?,
        };
        // For a network not even a hash of its id is recorded, but the comment through which it was banned.
        let detail = match target {
            BanTarget::Author(BanKind::Network, comment) => format!("{until:?} {comment}"),
            _ => format!("{until:?}"),
        };
        let key = ActionKey::with_detail(Action::Ban, &log_target, &detail);
        let is_repeat = audit_log::is_repeat(&self.sql, by, key)?;
        let until = match (until, latest_end) {
            (Some(until), Some(end)) => Some(until.min(end)),
            (until, end) => until.or(end),
        };
        if is_repeat || known.is_some_and(|index| bans[index].until == until) {
            return Ok(bans);
        }
        if known.is_none() {
            self.check_new_ban(by)?;
        }
        let index = known.unwrap_or(bans.len());
        let former_until = known.and_then(|index| bans[index].until);
        match known {
            Some(index) => bans[index].until = until,
            None => {
                let (id, by) = (by.id.to_string(), by.by.to_owned());
                bans.push(Ban { id, kind, pattern, literal, until, at: now, by, reason: reason.to_owned() });
            }
        }
        self.sql.transaction(|| {
            self.site_policy.invalidate();
            match known {
                Some(_) => set_until(&self.sql, &bans[index].id, until)?,
                None => bans[index].insert(&self.sql)?,
            }
            let author = Some(bans[index].pattern.as_str()).filter(|_| kind == BanKind::Author);
            let ban = BanSnapshot {
                until: former_until,
                left: until,
                first_approved: find_first_approved(&self.sql, author)?,
                trusted: is_declared(&self.sql, author)?,
            };
            revoke_trust(&self.sql, author)?;
            set_declared(&self.sql, author, false)?;
            let change = CommentChange { ban: Some(ban), ..CommentChange::default() };
            audit_log::record_change(&self.sql, by, key, &change, now)
        })?;
        Ok(bans)
    }

    /// The ban of a target, if it is in force.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::ban`] for an invalid target.
    pub fn find_ban(&self, target: &BanTarget) -> Result<Option<Ban>, LedgerError> {
        let ResolvedTarget { kind, pattern, literal, .. } = self.resolve_target(target)?;
        let is_of_target = |ban: &Ban| ban.kind == kind && ban.pattern == pattern && ban.literal == literal;
        Ok(self.list_bans()?.into_iter().find(is_of_target))
    }

    /// The target in the audit log of an action that bans somebody who is not banned. If the action is recorded already, its target is the
    /// ban that it made or changed, which was lifted since; if that ban is in force, it is of somebody else.
    fn new_log_target(&self, kind: BanKind, bans: &[Ban], by: &Attribution<'_>) -> Result<String, LedgerError> {
        let recorded = audit_log::find_target(&self.sql, &by.id)?;
        let ban = recorded.as_deref().and_then(audit_log::ban_id).unwrap_or(by.id).to_string();
        if bans.iter().any(|known| known.id == ban) {
            return Err(Refusal::IdReused.into());
        }
        Ok(log_target(kind.as_str(), &ban))
    }

    /// Refuses another ban if there are too many, or if one has the UUID of this action, which an import can bring along.
    fn check_new_ban(&self, by: &Attribution<'_>) -> Result<(), LedgerError> {
        if Ban::count(&self.sql)? >= MAX_BANS {
            return Err(Refusal::ListFull.into());
        }
        if Ban::exists(&self.sql, &by.id)? { Err(Refusal::IdReused.into()) } else { Ok(()) }
    }

    /// Lifts bans, and returns the others. A ban that does not exist counts as lifted. Each has an entry of its own in the audit log; the
    /// UUID of all but a single one is derived from that of the action.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for the id of another action.
    pub fn lift_bans(&self, ids: &[SubmissionId], by: &Attribution<'_>, now: i64) -> Result<Vec<Ban>, LedgerError> {
        let mut lifted = BTreeMap::new();
        for id in ids.iter().map(SubmissionId::to_string) {
            let query = "SELECT kind FROM ban WHERE uuid = ?";
            let Some(mut row) = Row::first(self.sql.exec(query, &[id.as_str().into()])?) else { continue };
            let target = log_target(&row.text("ban.kind")?, &id);
            let part = if ids.len() == 1 { by.id } else { audit_log::derive_part_id(&by.id, &id) };
            let by = Attribution { id: part, ..*by };
            if !audit_log::is_repeat(&self.sql, &by, ActionKey::new(Action::Unban, &target))? {
                lifted.insert(id, (by, target));
            }
        }
        let others = self.list_bans()?.into_iter().filter(|ban| !lifted.contains_key(&ban.id)).collect();
        self.sql.transaction(|| {
            self.site_policy.invalidate();
            for (id, (by, target)) in &lifted {
                delete_ban(&self.sql, ("uuid", id.as_str().into()))?;
                audit_log::record(&self.sql, by, ActionKey::new(Action::Unban, target), now)?;
            }
            Ok::<_, LedgerError>(())
        })?;
        Ok(others)
    }

    /// Undoes an entry of the audit log that made a ban or changed its end: the ban is lifted or gets its former end, and its author is trusted
    /// as before. Returns false if there is nothing to undo: the ban is lifted or changed since, or its former end is not known. Must run in a
    /// transaction.
    pub(crate) fn undo_ban(&self, entry: &AuditRecord) -> Result<bool, LedgerError> {
        let Some(id) = audit_log::ban_id(&entry.target).map(|id| id.to_string()) else { return Ok(false) };
        let Some(ban) = self.list_bans()?.into_iter().find(|ban| ban.id == id) else { return Ok(false) };
        let snapshot = audit_log::find_ban_snapshot(&self.sql, entry.number)?;
        match &snapshot {
            _ if entry.id == id => delete_ban(&self.sql, ("uuid", id.into()))?,
            Some(snapshot) if snapshot.left == ban.until => set_until(&self.sql, &id, snapshot.until)?,
            _ => return Ok(false),
        }
        self.site_policy.invalidate();
        if let Some(snapshot) = snapshot.filter(|_| ban.kind == BanKind::Author) {
            let author = Some(ban.pattern.as_str());
            if find_first_approved(&self.sql, author)?.is_none() {
                let comment = snapshot.first_approved;
                set_first_approved(&self.sql, author, self.only_published(comment)?)?;
            }
            if snapshot.trusted {
                set_declared(&self.sql, author, true)?;
            }
        }
        Ok(true)
    }

    /// The comment, if readers see it.
    fn only_published(&self, comment: Option<CommentId>) -> Result<Option<CommentId>, LedgerError> {
        let Some(id) = comment else { return Ok(None) };
        let query = "SELECT 1 FROM comment WHERE id = ? AND status = 1 AND erased IS NULL";
        Ok(Row::first(self.sql.exec(query, &[id.get().into()])?).map(|_| id))
    }

    fn resolve_target(&self, target: &BanTarget) -> Result<ResolvedTarget, LedgerError> {
        match target {
            BanTarget::Pattern(BanKind::Network, _) => Err(Refusal::BadQuery.into()),
            BanTarget::Pattern(kind, pattern) if is_valid_pattern(pattern) => {
                Ok(ResolvedTarget { kind: *kind, pattern: pattern.clone(), literal: false, latest_end: None })
            }
            BanTarget::Pattern(..) => Err(Refusal::BadQuery.into()),
            BanTarget::Author(kind, id) => self.resolve_author(*kind, *id),
        }
    }

    fn resolve_author(&self, kind: BanKind, id: CommentId) -> Result<ResolvedTarget, LedgerError> {
        // What an author has deleted is not used any more, although it is there for a while.
        let query = "SELECT author, network, CASE WHEN erased IS NULL THEN name ELSE '' END, \
                     CASE WHEN erased IS NULL THEN email END, created FROM comment WHERE id = ?";
        let mut row = Row::first(self.sql.exec(query, &[id.get().into()])?).ok_or(Refusal::UnknownComment)?;
        let (author, network) = (row.optional_text("comment.author")?, row.optional_text("comment.network")?);
        let (name, email) = (row.text("comment.name")?, row.optional_text("comment.email")?);
        let created = row.integer("comment.created")?;
        let pattern = match kind {
            BanKind::Author => author,
            BanKind::Network => network.map(|text| parse_network_ids(&text).network),
            BanKind::Name => Some(name),
            BanKind::Email => email,
        };
        let pattern = pattern.filter(|pattern| is_valid_pattern(pattern)).ok_or(Refusal::UnknownComment)?;
        let latest_end = (kind == BanKind::Network).then(|| network_id_expiry(created));
        let literal = matches!(kind, BanKind::Name | BanKind::Email);
        Ok(ResolvedTarget { kind, pattern, literal, latest_end })
    }
}

fn check_reason(reason: &str) -> Result<(), Refusal> {
    if reason.chars().count() > limits::REASON_CHARS {
        return Err(Refusal::TextTooLong);
    }
    if clean_line(reason) == reason { Ok(()) } else { Err(Refusal::BadCharacter) }
}

/// The target of a ban in the audit log: its kind and its UUID. The log is kept for good, so it contains neither the pattern nor a hash of
/// it, which would stay after the ban is lifted.
fn log_target(kind: &str, ban: &str) -> String {
    format!("{kind} {ban}")
}
