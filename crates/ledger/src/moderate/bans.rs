//! Making and lifting bans.
//!
//! A comment by a banned sender is accepted and waits, with the ban as its signal, and gets the same reply as any comment that waits. If
//! it were refused, the sender would know of the ban and come back under another name. For the same reason banned senders have no rate
//! limit of their own: whoever reaches it would know, and anybody could find out whether a name is banned by posting under it. They are
//! subject to the rate limits for everybody.

use afterword_model::{CommentId, Refusal, SubmissionId};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log::{self, Action, ActionKey, Attribution};
use crate::store::author_trust::revoke_trust;
use crate::store::ban::{Ban, BanKind, delete_ban, is_valid_pattern};
use crate::store::network_ids::{network_id_expiry, parse_network_ids};
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Maximum number of bans of a site: each is checked for every post.
const MAX_BANS: usize = 500;

/// A banned author, network, name or e-mail pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BanTarget {
    /// A hash, or a pattern for a name or an e-mail address. The caller checks that it is a valid pattern. A network cannot be banned this
    /// way, only through a comment.
    Pattern(BanKind, String),
    /// The author of a comment, by one of the properties stored with it.
    Author(BanKind, CommentId),
}

/// The kind and pattern of a ban.
struct ResolvedTarget {
    kind: BanKind,
    pattern: String,
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
        Ban::list(&self.sql)
    }

    /// Makes a ban until a time, or without an end. If there is a ban with this kind and pattern, its end is changed instead. A repeat
    /// changes nothing. An author who was banned by their key is untrusted when the ban ends. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that does not exist or lacks the property,
    /// [`Refusal::BadQuery`] for an invalid pattern, [`Refusal::ListFull`], or [`Refusal::IdReused`] for the id of another action.
    pub fn ban(
        &self,
        target: &BanTarget,
        until: Option<i64>,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<Vec<Ban>, LedgerError> {
        let ResolvedTarget { kind, pattern, latest_end } = self.resolve_target(target)?;
        let log_target = log_target(kind, &pattern);
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
        let mut bans = Ban::list(&self.sql)?;
        let known = bans.iter().position(|ban| ban.kind == kind && ban.pattern == pattern);
        if is_repeat || known.is_some_and(|index| bans[index].until == until) {
            return Ok(bans);
        }
        if known.is_none() && bans.len() >= MAX_BANS {
            return Err(Refusal::ListFull.into());
        }
        let index = known.unwrap_or(bans.len());
        match known {
            Some(index) => bans[index].until = until,
            None => {
                let (id, by) = (by.id.to_string(), by.by.to_owned());
                bans.push(Ban { id, kind, pattern, until, at: now, by });
            }
        }
        self.sql.transaction(&mut || {
            self.site_policy.invalidate();
            match known {
                Some(_) => {
                    let query = "UPDATE ban SET until = ? WHERE uuid = ?";
                    self.sql.exec(query, &[until.into(), bans[index].id.as_str().into()])?;
                }
                None => bans[index].insert(&self.sql)?,
            }
            if kind == BanKind::Author {
                revoke_trust(&self.sql, Some(&bans[index].pattern))?;
            }
            audit_log::record(&self.sql, by, key, now)
        })?;
        Ok(bans)
    }

    /// Lifts a ban, and returns the others. A ban that does not exist counts as lifted.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for the id of another action.
    pub fn lift_ban(&self, id: &SubmissionId, by: &Attribution<'_>, now: i64) -> Result<Vec<Ban>, LedgerError> {
        let mut bans = Ban::list(&self.sql)?;
        let Some(index) = bans.iter().position(|ban| ban.id == id.to_string()) else { return Ok(bans) };
        let log_target = log_target(bans[index].kind, &bans[index].pattern);
        let key = ActionKey::new(Action::Unban, &log_target);
        if audit_log::is_repeat(&self.sql, by, key)? {
            return Ok(bans);
        }
        let lifted = bans.remove(index);
        self.sql.transaction(&mut || {
            self.site_policy.invalidate();
            delete_ban(&self.sql, ("uuid", lifted.id.as_str().into()))?;
            audit_log::record(&self.sql, by, key, now)
        })?;
        Ok(bans)
    }

    fn resolve_target(&self, target: &BanTarget) -> Result<ResolvedTarget, LedgerError> {
        match target {
            BanTarget::Pattern(BanKind::Network, _) => Err(Refusal::BadQuery.into()),
            BanTarget::Pattern(kind, pattern) if is_valid_pattern(pattern) => {
                Ok(ResolvedTarget { kind: *kind, pattern: pattern.clone(), latest_end: None })
            }
            BanTarget::Pattern(..) => Err(Refusal::BadQuery.into()),
            BanTarget::Author(kind, id) => self.resolve_author(*kind, *id),
        }
    }

    fn resolve_author(&self, kind: BanKind, id: CommentId) -> Result<ResolvedTarget, LedgerError> {
        let query = "SELECT author, network, name, email, created FROM comment WHERE id = ?";
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
        Ok(ResolvedTarget { kind, pattern, latest_end })
    }
}

/// The target of a ban in the audit log. The log is kept for good, so it contains no network id.
fn log_target(kind: BanKind, pattern: &str) -> String {
    match kind {
        BanKind::Network => kind.as_str().to_owned(),
        _ => format!("{} {pattern}", kind.as_str()),
    }
}
