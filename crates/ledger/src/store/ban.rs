//! Bans: authors, networks, names and e-mail addresses whose comments wait for a moderator.

use afterword_model::moderation::BanKind;
use afterword_model::{Refusal, SubmissionId, clean_line, has_visible_text, limits};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::store::overwrite::{TextColumns, overwrite_texts, update_without_copy};
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};

/// Maximum number of bans of a site: each is checked for every post.
pub(crate) const MAX_BANS: usize = 500;

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// UUID of the action that made it.
    pub id: String,
    /// The property that it looks at.
    pub kind: BanKind,
    /// The hash, the network id, or the name or e-mail address or a pattern for it. Private.
    pub pattern: String,
    /// True if `pattern` is a name or an e-mail address in which no character has a special meaning, because it was taken from a comment.
    pub literal: bool,
    /// Unix time in seconds at which it ends; `None` if a moderator has to lift it.
    pub until: Option<i64>,
    /// Unix time in seconds at which it was made.
    pub at: i64,
    /// Name of the moderator.
    pub by: String,
    /// The moderator's reason; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// The bans of a site as stored.
#[derive(Debug, Default)]
pub(crate) struct StoredBans {
    /// All bans that can be read, oldest first.
    pub(crate) bans: Vec<Ban>,
    /// UUIDs of those that cannot be read, such as one of a kind that this version does not know.
    pub(crate) unreadable: Vec<String>,
}

impl Ban {
    /// The columns of `ban` that [`Ban::read`] reads, in its order.
    pub(crate) const COLUMNS: &str = "uuid, kind, pattern, literal, until, at, moderator, reason";

    /// Reads [`Self::COLUMNS`].
    pub(crate) fn read(row: &mut Row) -> Result<Self, LedgerError> {
        Ok(Self {
            id: row.text("ban.uuid")?,
            kind: row.text("ban.kind")?.parse().map_err(|_| LedgerError::Corrupt("ban.kind"))?,
            pattern: row.text("ban.pattern")?,
            literal: row.boolean("ban.literal")?,
            until: row.optional_integer("ban.until")?,
            at: row.integer("ban.at")?,
            by: row.text("ban.moderator")?,
            reason: row.text("ban.reason")?,
        })
    }

    /// Returns true if this ban has not ended.
    pub(crate) fn is_active(&self, now: i64) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Returns true if there is a ban with this UUID.
    pub(crate) fn exists(sql: &impl Sql, id: &SubmissionId) -> Result<bool, LedgerError> {
        Ok(!sql.exec("SELECT 1 FROM ban WHERE uuid = ?", &[id.to_string().into()])?.is_empty())
    }

    /// Number of all bans, including those that have ended or cannot be read.
    pub(crate) fn count(sql: &impl Sql) -> Result<usize, LedgerError> {
        let rows = sql.exec("SELECT count(*) FROM ban WHERE id > 0", &[])?;
        Ok(Row::only(rows).count("count of bans")? as usize)
    }

    pub(crate) fn insert(&self, sql: &impl Sql) -> Result<(), LedgerError> {
        let query = "INSERT INTO ban (uuid, kind, pattern, literal, until, at, moderator, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let params = [
            self.id.as_str().into(),
            self.kind.as_str().into(),
            self.pattern.as_str().into(),
            self.literal.into(),
            self.until.into(),
            self.at.into(),
            self.by.as_str().into(),
            self.reason.as_str().into(),
        ];
        Ok(sql.exec(query, &params).map(drop)?)
    }
}

impl StoredBans {
    /// Loads the bans. One that cannot be read does not keep the others from being read.
    pub(crate) fn load(sql: &impl Sql) -> Result<Self, LedgerError> {
        let mut stored = Self::default();
        for columns in sql.exec(&format!("SELECT {} FROM ban WHERE id > 0 ORDER BY id", Ban::COLUMNS), &[])? {
            let id = columns.first().cloned();
            match (Ban::read(&mut Row::new(columns)), id) {
                (Ok(ban), _) => stored.bans.push(ban),
                (Err(LedgerError::Corrupt(_)), Some(Value::Text(id))) => stored.unreadable.push(id),
                (Err(error), _) => return Err(error),
            }
        }
        Ok(stored)
    }
}

/// Changes the end of a ban. The row may grow and be moved; its texts do not stay where it was. Must run in a transaction.
pub(crate) fn set_until(sql: &impl Sql, id: &str, until: Option<i64>) -> Result<(), LedgerError> {
    let columns = TextColumns { kept: &["pattern", "reason"], assigned: &[] };
    update_without_copy(sql, "ban", &columns, ("until = ?", &[until.into()]), ("uuid", id.into()))
}

/// Deletes the ban with this key, and overwrites its pattern.
pub(crate) fn delete_ban(sql: &impl Sql, (column, key): (&str, Value)) -> Result<(), LedgerError> {
    overwrite_texts(sql, "ban", &["pattern", "reason"], (column, key.clone()))?;
    Ok(sql.exec(&format!("DELETE FROM ban WHERE {column} = ?"), &[key]).map(drop)?)
}

/// Returns true if a text can be the pattern of a ban: a line with something visible.
pub(crate) fn is_valid_pattern(text: &str) -> bool {
    text.chars().count() <= limits::PATTERN_CHARS && has_visible_text(text) && clean_line(text) == text
}

/// Refuses an end of a ban that is no Unix time in seconds, such as one in milliseconds.
pub(crate) fn check_until(until: Option<i64>) -> Result<(), Refusal> {
    if until.is_none_or(|until| (0..=limits::LAST_SECOND).contains(&until)) { Ok(()) } else { Err(Refusal::BadTime) }
}
