//! The settings of a site, which take precedence over those of the deployment.

use afterword_model::{Moderation, Refusal, clean_text, limits};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// `setting.name` of the moderation of new comments.
const MODERATION: &str = "moderation";
/// `setting.name` of the muted words.
const MUTED: &str = "muted";

/// The settings of a site. For each that is not set, the deployment's setting applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSettings {
    /// Moderation of new comments.
    pub moderation: Option<Moderation>,
    /// Patterns of muted words, one on each line. A comment that contains one waits for a moderator.
    pub muted: Option<String>,
}

/// A new value for one of the settings of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingChange {
    /// Moderation of new comments; `None` for that of the deployment.
    Moderation(Option<Moderation>),
    /// Patterns of muted words, one on each line, as `clean_text` leaves them and at most [`limits::MUTED_WORDS_BYTES`] long. An empty
    /// text removes the setting. The caller checks that the lines are valid patterns.
    MutedWords(String),
}

impl SiteSettings {
    pub(crate) fn load(sql: &impl Sql) -> Result<Self, LedgerError> {
        let mut settings = Self::default();
        for columns in sql.exec("SELECT name, value FROM setting", &[])? {
            let mut row = Row::new(columns);
            let (name, value) = (row.text("setting.name")?, row.text("setting.value")?);
            let change = SettingChange::parse(&name, &value).ok_or(LedgerError::Corrupt("setting.value"))?;
            settings.apply(&change);
        }
        Ok(settings)
    }

    pub(crate) fn apply(&mut self, change: &SettingChange) {
        match change {
            SettingChange::Moderation(moderation) => self.moderation = *moderation,
            SettingChange::MutedWords(list) => self.muted = Some(list.clone()).filter(|list| !list.is_empty()),
        }
    }
}

impl SettingChange {
    /// Returns true if there is a setting with this name.
    pub(crate) fn is_known_name(name: &str) -> bool {
        matches!(name, MODERATION | MUTED)
    }

    /// Parses a setting as stored and exported.
    pub(crate) fn parse(name: &str, value: &str) -> Option<Self> {
        match name {
            MODERATION => value.parse().ok().map(|moderation| Self::Moderation(Some(moderation))),
            MUTED => {
                Some(Self::MutedWords(value.to_owned())).filter(|change| !value.is_empty() && change.check().is_ok())
            }
            _ => None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::MutedWords(list) if list.len() > limits::MUTED_WORDS_BYTES => Err(Refusal::TextTooLong),
            Self::MutedWords(list) if clean_text(list) != *list => Err(Refusal::BadCharacter),
            Self::MutedWords(_) | Self::Moderation(_) => Ok(()),
        }
    }

    /// The setting as stored and exported. A setting without a value has no row.
    pub(crate) fn name_and_value(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Moderation(moderation) => {
                (MODERATION, moderation.map(|moderation| <&str>::from(moderation).to_owned()))
            }
            Self::MutedWords(list) => (MUTED, Some(list.clone()).filter(|list| !list.is_empty())),
        }
    }
}

/// Returns true if the site has set this setting.
pub(crate) fn is_set(sql: &impl Sql, name: &str) -> Result<bool, LedgerError> {
    Ok(!sql.exec("SELECT 1 FROM setting WHERE name = ?", &[name.into()])?.is_empty())
}

pub(crate) fn put(sql: &impl Sql, name: &str, value: &str) -> Result<(), LedgerError> {
    let query =
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    Ok(sql.exec(query, &[name.into(), value.into()]).map(drop)?)
}

pub(crate) fn delete(sql: &impl Sql, name: &str) -> Result<(), LedgerError> {
    Ok(sql.exec("DELETE FROM setting WHERE name = ?", &[name.into()]).map(drop)?)
}
