//! Bans: authors, networks, names and e-mail addresses whose comments wait for a moderator.

use afterword_model::{SubmissionId, clean_line, has_visible_text};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::store::overwrite::overwrite_texts;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};

/// Maximum length of a pattern in bytes.
const MAX_PATTERN_BYTES: usize = 512;

/// The property of a comment that a ban looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BanKind {
    /// The keyed hash of the author key.
    Author,
    /// The network, by its id of the day. Such a ban ends with the following day, after which the id matches nothing.
    Network,
    /// A pattern for the name.
    Name,
    /// A pattern for the e-mail address.
    Email,
}

impl BanKind {
    const ALL: [(&'static str, Self); 4] =
        [("author", Self::Author), ("network", Self::Network), ("name", Self::Name), ("email", Self::Email)];

    /// The word for the kind: the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// Parses the result of [`BanKind::as_str`].
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// UUID of the action that made it.
    pub id: String,
    /// The property that it looks at.
    pub kind: BanKind,
    /// The hash, the network id or the pattern. Private.
    pub pattern: String,
    /// Unix time in seconds at which it ends; `None` if a moderator has to lift it.
    pub until: Option<i64>,
    /// Unix time in seconds at which it was made.
    pub at: i64,
    /// Name of the moderator.
    pub by: String,
}

impl Ban {
    /// The columns of `ban` that [`Ban::read`] reads, in its order.
    pub(crate) const COLUMNS: &str = "uuid, kind, pattern, until, at, moderator";

    /// Reads [`Self::COLUMNS`].
    pub(crate) fn read(row: &mut Row) -> Result<Self, LedgerError> {
        Ok(Self {
            id: row.text("ban.uuid")?,
            kind: BanKind::parse(&row.text("ban.kind")?).ok_or(LedgerError::Corrupt("ban.kind"))?,
            pattern: row.text("ban.pattern")?,
            until: row.optional_integer("ban.until")?,
            at: row.integer("ban.at")?,
            by: row.text("ban.moderator")?,
        })
    }

    /// All bans, oldest first.
    pub(crate) fn list(sql: &impl Sql) -> Result<Vec<Self>, LedgerError> {
        let rows = sql.exec(&format!("SELECT {} FROM ban ORDER BY id", Self::COLUMNS), &[])?;
        rows.into_iter().map(|row| Self::read(&mut Row::new(row))).collect()
    }

    pub(crate) fn exists(sql: &impl Sql, id: &SubmissionId) -> Result<bool, LedgerError> {
        Ok(!sql.exec("SELECT 1 FROM ban WHERE uuid = ?", &[id.to_string().into()])?.is_empty())
    }

    pub(crate) fn insert(&self, sql: &impl Sql) -> Result<(), LedgerError> {
        let query = "INSERT INTO ban (uuid, kind, pattern, until, at, moderator) VALUES (?, ?, ?, ?, ?, ?)";
        let params = [
            self.id.as_str().into(),
            self.kind.as_str().into(),
            self.pattern.as_str().into(),
            self.until.into(),
            self.at.into(),
            self.by.as_str().into(),
        ];
        Ok(sql.exec(query, &params).map(drop)?)
    }
}

/// Deletes the ban with this key, and overwrites its pattern.
pub(crate) fn delete_ban(sql: &impl Sql, (column, key): (&str, Value)) -> Result<(), LedgerError> {
    overwrite_texts(sql, "ban", &["pattern"], (column, key.clone()))?;
    Ok(sql.exec(&format!("DELETE FROM ban WHERE {column} = ?"), &[key]).map(drop)?)
}

/// Returns true if a text is a valid pattern: a line with something visible.
pub(crate) fn is_valid_pattern(text: &str) -> bool {
    text.len() <= MAX_PATTERN_BYTES && has_visible_text(text) && clean_line(text) == text
}
