//! Who is not to be published on a site any more.
//!
//! What a banned reader sends is taken and waits, with the ban as its signal, and is answered like everything that waits: whoever is
//! refused would know it and come back under another name. Nor is there a limit for the banned alone: who comes to it would know as well,
//! and so would anybody who asks, by posting under a name, whether that name is banned. The limits for everybody are theirs.

use afterword_model::{CommentId, Refusal, SubmissionId, clean_line, has_visible_text};
use serde::{Deserialize, Serialize};

use crate::audit::{Action, ActionKey};
use crate::entry::read_seals;
use crate::recent::DAY;
use crate::row::Row;
use crate::{Attribution, Ledger, LedgerError, Sql};

/// Bans of a site, at most: each is held against every post.
const BANS: usize = 500;
/// The longest pattern, in bytes.
pub(crate) const PATTERN: usize = 512;

/// By what somebody is banned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BanKind {
    /// The keyed hash of the author key.
    Author,
    /// The network, by its seal of the day; it ends with the day after, when the seal means nothing any more.
    Network,
    /// A pattern for the name.
    Name,
    /// A pattern for the e-mail address.
    Email,
}

impl BanKind {
    const ALL: [(&'static str, Self); 4] =
        [("author", Self::Author), ("network", Self::Network), ("name", Self::Name), ("email", Self::Email)];

    /// The word for it, the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// Reads what [`BanKind::word`] gives.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ban {
    /// The UUID of the act that made it.
    pub id: String,
    /// By what.
    pub kind: BanKind,
    /// The hash, the seal or the pattern. Private.
    pub pattern: String,
    /// When it ends, in Unix seconds; `None` if somebody has to lift it.
    pub until: Option<i64>,
    /// When it was made, in Unix seconds.
    pub at: i64,
    /// The name of the moderator.
    pub by: String,
}

/// Who is to be banned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BanTarget {
    /// Whoever this hash, name or address is of. That it is a pattern at all is the caller's to check. A network is banned by a comment only.
    Pattern(BanKind, String),
    /// Who wrote this comment, by one of the things that are known of it.
    Author(BanKind, CommentId),
}

impl<S: Sql> Ledger<S> {
    /// All bans, oldest first, also those that have ended and are not cleared away yet.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn list_bans(&self) -> Result<Vec<Ban>, LedgerError> {
        let rows = self.sql.exec("SELECT uuid, kind, pattern, until, at, moderator FROM ban ORDER BY id", &[])?;
        rows.into_iter().map(|row| Ban::read(&mut Row::new(row))).collect()
    }

    /// Bans somebody until a time, or for good. Who is banned by the same already is banned until then instead; the same again changes
    /// nothing. An author who is banned by his key is a stranger when the ban has ended. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that is not there or has not what it is to be banned by,
    /// [`Refusal::BadQuery`] for what is no pattern, [`Refusal::ListFull`], or [`Refusal::IdReused`] for an act that was another one before.
    pub fn ban(
        &self,
        target: &BanTarget,
        until: Option<i64>,
        act: &Attribution<'_>,
        now: i64,
    ) -> Result<Vec<Ban>, LedgerError> {
        let (kind, pattern, end) = self.whom(target)?;
        let about = about(kind, &pattern);
        // Of a network not even a hash is kept, but by whose comment it was banned.
        let detail = match target {
            BanTarget::Author(BanKind::Network, comment) => format!("{until:?} {comment}"),
            _ => format!("{until:?}"),
        };
        let doing = ActionKey { detail: Some(&detail), ..ActionKey::plain(Action::Ban, &about) };
        let done = self.is_done(act, doing)?;
        let until = match (until, end) {
            (Some(until), Some(end)) => Some(until.min(end)),
            (until, end) => until.or(end),
        };
        let mut bans = self.list_bans()?;
        let known = bans.iter().position(|ban| ban.kind == kind && ban.pattern == pattern);
        if done || known.is_some_and(|at| bans[at].until == until) {
            return Ok(bans);
        }
        if known.is_none() && bans.len() >= BANS {
            return Err(Refusal::ListFull.into());
        }
        let at = known.unwrap_or(bans.len());
        match known {
            Some(at) => bans[at].until = until,
            None => {
                let (id, by) = (act.id.to_string(), act.by.to_owned());
                bans.push(Ban { id, kind, pattern, until, at: now, by });
            }
        }
        self.sql.transaction(&mut || {
            match known {
                Some(_) => {
                    let query = "UPDATE ban SET until = ? WHERE uuid = ?";
                    self.sql.exec(query, &[until.into(), bans[at].id.as_str().into()])?;
                    self.change_house();
                }
                None => self.insert_ban(&bans[at])?,
            }
            if kind == BanKind::Author {
                self.distrust(Some(&bans[at].pattern))?;
            }
            self.note(act, doing, now)
        })?;
        Ok(bans)
    }

    /// Lifts a ban. One that is not there is lifted already.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for an act that was another one before.
    pub fn lift_ban(&self, id: &SubmissionId, act: &Attribution<'_>, now: i64) -> Result<Vec<Ban>, LedgerError> {
        let mut bans = self.list_bans()?;
        let Some(at) = bans.iter().position(|ban| ban.id == id.to_string()) else { return Ok(bans) };
        let about = about(bans[at].kind, &bans[at].pattern);
        let doing = ActionKey::plain(Action::Unban, &about);
        if self.is_done(act, doing)? {
            return Ok(bans);
        }
        let lifted = bans.remove(at);
        self.sql.transaction(&mut || {
            self.sql.exec("DELETE FROM ban WHERE uuid = ?", &[lifted.id.as_str().into()])?;
            self.change_house();
            self.note(act, doing, now)
        })?;
        Ok(bans)
    }

    pub(crate) fn has_ban(&self, id: &SubmissionId) -> Result<bool, LedgerError> {
        Ok(!self.sql.exec("SELECT 1 FROM ban WHERE uuid = ?", &[id.to_string().into()])?.is_empty())
    }

    pub(crate) fn insert_ban(&self, ban: &Ban) -> Result<(), LedgerError> {
        self.change_house();
        let query = "INSERT INTO ban (uuid, kind, pattern, until, at, moderator) VALUES (?, ?, ?, ?, ?, ?)";
        let params = [
            ban.id.as_str().into(),
            ban.kind.as_str().into(),
            ban.pattern.as_str().into(),
            ban.until.into(),
            ban.at.into(),
            ban.by.as_str().into(),
        ];
        Ok(self.sql.exec(query, &params).map(drop)?)
    }

    /// The kind and pattern of a ban, and when it ends at the latest.
    fn whom(&self, target: &BanTarget) -> Result<(BanKind, String, Option<i64>), LedgerError> {
        match target {
            BanTarget::Pattern(BanKind::Network, _) => Err(Refusal::BadQuery.into()),
            BanTarget::Pattern(kind, pattern) if is_pattern(pattern) => Ok((*kind, pattern.clone(), None)),
            BanTarget::Pattern(..) => Err(Refusal::BadQuery.into()),
            BanTarget::Author(kind, id) => self.whom_of(*kind, *id),
        }
    }

    fn whom_of(&self, kind: BanKind, id: CommentId) -> Result<(BanKind, String, Option<i64>), LedgerError> {
        let query = "SELECT author, network, name, email, created FROM comment WHERE id = ?";
        let rows = self.sql.exec(query, &[id.get().into()])?;
        let mut row = rows.into_iter().next().map(Row::new).ok_or(Refusal::UnknownComment)?;
        let (author, network) = (row.optional_text("comment.author")?, row.optional_text("comment.network")?);
        let (name, email) = (row.text("comment.name")?, row.optional_text("comment.email")?);
        let created = row.integer("comment.created")?;
        let pattern = match kind {
            BanKind::Author => author,
            BanKind::Network => network.map(|stored| read_seals(&stored).network),
            BanKind::Name => Some(name),
            BanKind::Email => email,
        };
        let pattern = pattern.filter(|pattern| is_pattern(pattern)).ok_or(Refusal::UnknownComment)?;
        // A seal is known on its own day and on the next one.
        let end = (kind == BanKind::Network).then(|| (created.div_euclid(DAY) + 2) * DAY);
        Ok((kind, pattern, end))
    }
}

/// Whether this can be a pattern: a line with something to see.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.len() <= PATTERN && has_visible_text(text) && clean_line(text) == text
}

/// What the log says of a ban. It is kept for good, so no seal of a network is in it.
fn about(kind: BanKind, pattern: &str) -> String {
    match kind {
        BanKind::Network => kind.as_str().to_owned(),
        _ => format!("{} {pattern}", kind.as_str()),
    }
}

impl Ban {
    /// Reads the columns `uuid`, `kind`, `pattern`, `until`, `at` and `moderator`.
    pub(crate) fn read(row: &mut Row) -> Result<Self, LedgerError> {
        Ok(Self {
            id: row.text("ban.uuid")?,
            kind: BanKind::from_word(&row.text("ban.kind")?).ok_or(LedgerError::Corrupt("ban.kind"))?,
            pattern: row.text("ban.pattern")?,
            until: row.optional_integer("ban.until")?,
            at: row.integer("ban.at")?,
            by: row.text("ban.moderator")?,
        })
    }
}
