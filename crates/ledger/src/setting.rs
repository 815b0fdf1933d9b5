//! What a site sets for itself, over what the deployment sets for all its sites.

use afterword_model::{Moderation, Refusal, clean_text, limits};
use serde::{Deserialize, Serialize};

use crate::audit::{Action, ActionKey};
use crate::row::Row;
use crate::{Attribution, Ledger, LedgerError, Sql};

/// `setting.name` of what becomes of new comments.
const MODERATION: &str = "moderation";
/// `setting.name` of the muted words.
const MUTED: &str = "muted";

/// The settings of a site. What it does not set is as the deployment has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SiteSettings {
    /// What becomes of new comments.
    pub moderation: Option<Moderation>,
    /// Patterns of words, one a line: a comment that holds one waits.
    pub muted: Option<String>,
}

/// Another value for one of the settings of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingChange {
    /// What becomes of new comments; `None` for whatever the deployment says.
    Moderation(Option<Moderation>),
    /// Patterns of words, one a line, clean (`clean_text`) and of at most [`limits::MUTED`] bytes; none if it is empty. That they are
    /// patterns at all is the caller's to check.
    Muted(String),
}

impl<S: Sql> Ledger<S> {
    /// The settings of the site.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn settings(&self) -> Result<SiteSettings, LedgerError> {
        let mut settings = SiteSettings::default();
        for columns in self.sql.exec("SELECT name, value FROM setting", &[])? {
            let mut row = Row::new(columns);
            let (name, value) = (row.text("setting.name")?, row.text("setting.value")?);
            let change = SettingChange::parse(&name, &value).ok_or(LedgerError::Corrupt("setting.value"))?;
            settings.apply(&change);
        }
        Ok(settings)
    }

    /// Changes a setting, and gives all of them as they are then. The same again changes nothing. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::TextTooLong`] or [`Refusal::BadCharacter`] for muted words that are not as they should be, or
    /// [`Refusal::IdReused`] for an act that was another one before.
    pub fn update_setting(
        &self,
        change: &SettingChange,
        act: &Attribution<'_>,
        now: i64,
    ) -> Result<SiteSettings, LedgerError> {
        change.check()?;
        let settings = self.settings()?;
        let mut changed = settings.clone();
        changed.apply(change);
        let (name, value) = change.name_and_value();
        let doing =
            ActionKey { detail: Some(value.as_deref().unwrap_or_default()), ..ActionKey::plain(Action::Set, name) };
        if self.is_done(act, doing)? || changed == settings {
            return Ok(settings);
        }
        self.sql.transaction(&mut || {
            match &value {
                Some(value) => self.insert_setting(name, value)?,
                None => {
                    self.sql.exec("DELETE FROM setting WHERE name = ?", &[name.into()])?;
                    self.change_house();
                }
            }
            self.note(act, doing, now)
        })?;
        Ok(changed)
    }

    pub(crate) fn is_set(&self, name: &str) -> Result<bool, LedgerError> {
        Ok(!self.sql.exec("SELECT 1 FROM setting WHERE name = ?", &[name.into()])?.is_empty())
    }

    pub(crate) fn insert_setting(&self, name: &str, value: &str) -> Result<(), LedgerError> {
        self.change_house();
        let query =
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        Ok(self.sql.exec(query, &[name.into(), value.into()]).map(drop)?)
    }
}

impl SettingChange {
    /// Whether there is a setting of this name.
    pub(crate) fn is_known(name: &str) -> bool {
        matches!(name, MODERATION | MUTED)
    }

    /// Reads a setting as it is stored and exported.
    pub(crate) fn parse(name: &str, value: &str) -> Option<Self> {
        match name {
            MODERATION => Moderation::parse(value).map(|moderation| Self::Moderation(Some(moderation))),
            MUTED => Some(Self::Muted(value.to_owned())).filter(|change| !value.is_empty() && change.check().is_ok()),
            _ => None,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Muted(list) if list.len() > limits::MUTED_WORDS_BYTES => Err(Refusal::TextTooLong),
            Self::Muted(list) if clean_text(list) != *list => Err(Refusal::BadCharacter),
            Self::Muted(_) | Self::Moderation(_) => Ok(()),
        }
    }

    /// The setting as it is stored and exported; without a value it is not.
    pub(crate) fn name_and_value(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Moderation(moderation) => (MODERATION, moderation.map(|it| it.as_str().to_owned())),
            Self::Muted(list) => (MUTED, Some(list.clone()).filter(|list| !list.is_empty())),
        }
    }
}

impl SiteSettings {
    fn apply(&mut self, change: &SettingChange) {
        match change {
            SettingChange::Moderation(moderation) => self.moderation = *moderation,
            SettingChange::Muted(list) => self.muted = Some(list.clone()).filter(|list| !list.is_empty()),
        }
    }
}
