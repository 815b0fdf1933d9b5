//! The settings of a site, which take precedence over those of the deployment.
//!
//! To add a setting, add a field to [`SiteSettings`] and a variant to [`SettingChange`], and follow the compiler through this file. Moderators'
//! calls, exports and imports take the setting from here, by its name.

use afterword_model::{Moderation, Refusal, clean_text, limits};
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

use crate::error::LedgerError;
use crate::store::overwrite::overwrite_texts;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// The settings of a site. For each that is not set, the deployment's setting applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSettings {
    /// Moderation of new comments.
    pub moderation: Option<Moderation>,
    /// Patterns of muted words, one on each line. A comment that contains one waits for a moderator.
    pub muted: Option<String>,
}

/// A new value for one of the settings of a site. The name of each setting is the same in the database, in an export and in JSON.
#[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr, EnumDiscriminants, Serialize, Deserialize)]
#[strum_discriminants(name(SettingName), derive(EnumString), vis(pub(crate)))]
pub enum SettingChange {
    /// Moderation of new comments; `None` for that of the deployment.
    #[strum(serialize = "moderation")]
    #[strum_discriminants(strum(serialize = "moderation"))]
    Moderation(Option<Moderation>),
    /// Patterns of muted words, one on each line, as `clean_text` leaves them and at most [`limits::MUTED_WORDS_BYTES`] long. An empty
    /// text removes the setting. The caller checks that the lines are valid patterns.
    #[strum(serialize = "muted")]
    #[strum_discriminants(strum(serialize = "muted"))]
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
    /// A change that a moderator sent: the name of a setting, and its value or `None` to remove it.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadJson`] for an unknown name or a value that the setting cannot have.
    pub fn from_input(name: &str, value: Option<&str>) -> Result<Self, Refusal> {
        match name.parse().map_err(|_| Refusal::BadJson)? {
            SettingName::Moderation => {
                let parse = |word: &str| word.parse().map_err(|_| Refusal::BadJson);
                Ok(Self::Moderation(value.map(parse).transpose()?))
            }
            SettingName::MutedWords => Ok(Self::MutedWords(clean_text(value.unwrap_or_default()))),
        }
    }

    /// Returns true if there is a setting with this name.
    pub(crate) fn is_known_name(name: &str) -> bool {
        name.parse::<SettingName>().is_ok()
    }

    /// Parses a setting as stored and exported. A value that a moderator's call would change is not valid, nor is one that stands for no
    /// value.
    pub(crate) fn parse(name: &str, value: &str) -> Option<Self> {
        let change = Self::from_input(name, Some(value)).ok()?;
        let is_valid = change.value().as_deref() == Some(value) && change.check().is_ok();
        is_valid.then_some(change)
    }

    pub(crate) fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::MutedWords(list) if list.len() > limits::MUTED_WORDS_BYTES => Err(Refusal::TextTooLong),
            Self::MutedWords(list) if clean_text(list) != *list => Err(Refusal::BadCharacter),
            Self::MutedWords(_) | Self::Moderation(_) => Ok(()),
        }
    }

    /// The name of the setting.
    pub(crate) fn name(&self) -> &'static str {
        self.into()
    }

    /// The value as stored and exported. A setting without a value has no row.
    pub(crate) fn value(&self) -> Option<String> {
        match self {
            Self::Moderation(moderation) => moderation.map(|moderation| <&str>::from(moderation).to_owned()),
            Self::MutedWords(list) => Some(list.clone()).filter(|list| !list.is_empty()),
        }
    }
}

/// Returns true if the site has set this setting.
pub(crate) fn is_set(sql: &impl Sql, name: &str) -> Result<bool, LedgerError> {
    Ok(!sql.exec("SELECT 1 FROM setting WHERE name = ?", &[name.into()])?.is_empty())
}

/// Stores the value of a setting. The one before is overwritten. Must run in a transaction.
pub(crate) fn put(sql: &impl Sql, name: &str, value: &str) -> Result<(), LedgerError> {
    overwrite_texts(sql, "setting", &["value"], ("name", name.into()))?;
    let query =
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    Ok(sql.exec(query, &[name.into(), value.into()]).map(drop)?)
}

/// Removes a setting. Its value is overwritten. Must run in a transaction.
pub(crate) fn delete(sql: &impl Sql, name: &str) -> Result<(), LedgerError> {
    overwrite_texts(sql, "setting", &["value"], ("name", name.into()))?;
    Ok(sql.exec("DELETE FROM setting WHERE name = ?", &[name.into()]).map(drop)?)
}
