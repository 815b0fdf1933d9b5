//! The settings of a site, which take precedence over those of the deployment.
//!
//! To add a setting, add a field to [`SiteSettings`] and a variant to [`SettingChange`], and follow the compiler through this file. Moderators'
//! calls, exports and imports take the setting from here, by its name.

use std::collections::BTreeMap;

use afterword_model::{Moderation, Reactions, ReaderSettings, Refusal, Sort, ThreadOptions, clean_text, limits};
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

use crate::error::LedgerError;
use crate::store::overwrite::overwrite_texts;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// The settings of a site. For each that is not set, the deployment's setting applies. In JSON, each has the text that moderators send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "SettingTexts", try_from = "SettingTexts")]
pub struct SiteSettings {
    /// Moderation of new comments.
    pub moderation: Option<Moderation>,
    /// Patterns of muted words, one on each line. A comment that contains one waits for a moderator.
    pub muted: Option<String>,
    /// Seconds after posting for which authors may edit a comment; 0 if they may not.
    pub edit_window: Option<i64>,
    /// True if readers may vote against comments.
    pub downvotes: Option<bool>,
    /// The reactions to a post that readers can choose from.
    pub reactions: Option<Reactions>,
    /// Days after its first comment in which a thread takes comments; 0 for no end.
    pub close_after: Option<u32>,
    /// The look of threads. Its `closes` is of one thread, and is not set here.
    pub options: ThreadOptions,
}

/// The texts of all settings by their names; `None` for one that is not set.
type SettingTexts = BTreeMap<String, Option<String>>;

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
    /// Seconds after posting for which authors may edit a comment; stored as minutes. `None` for the time of the deployment.
    #[strum(serialize = "edit_window")]
    #[strum_discriminants(strum(serialize = "edit_window"))]
    EditWindow(Option<i64>),
    /// Votes against comments: `on` or `off`. `None` for the setting of the deployment.
    #[strum(serialize = "downvotes")]
    #[strum_discriminants(strum(serialize = "downvotes"))]
    Downvotes(Option<bool>),
    /// The reactions to a post, as emoji separated by spaces, or `off`. `None` for those of the deployment.
    #[strum(serialize = "reactions")]
    #[strum_discriminants(strum(serialize = "reactions"))]
    Reactions(Option<Reactions>),
    /// Days after its first comment in which a thread takes comments; 0 for no end, `None` for the default.
    #[strum(serialize = "close_after")]
    #[strum_discriminants(strum(serialize = "close_after"))]
    CloseAfter(Option<u32>),
    /// The order for readers who have chosen none; `None` for the default.
    #[strum(serialize = "sort")]
    #[strum_discriminants(strum(serialize = "sort"))]
    Sort(Option<Sort>),
    /// The language of all threads, as a tag; `None` for that of the page.
    #[strum(serialize = "language")]
    #[strum_discriminants(strum(serialize = "language"))]
    Language(Option<String>),
    /// A text above the form, as [`ThreadOptions::parse_form_text`] leaves it. An empty text removes the setting.
    #[strum(serialize = "form_text")]
    #[strum_discriminants(strum(serialize = "form_text"))]
    FormText(String),
    /// An address at which readers reach the owner; `None` for none.
    #[strum(serialize = "contact")]
    #[strum_discriminants(strum(serialize = "contact"))]
    Contact(Option<String>),
    /// True if comments show avatars; `None` for the choice of the deployment.
    #[strum(serialize = "avatars")]
    #[strum_discriminants(strum(serialize = "avatars"))]
    Avatars(Option<bool>),
}

impl From<SiteSettings> for SettingTexts {
    fn from(settings: SiteSettings) -> Self {
        let SiteSettings { moderation, muted, edit_window, downvotes, reactions, close_after, options } = settings;
        let ThreadOptions { closes: _, order, language, form_text, contact, avatars } = options;
        let changes = [
            SettingChange::Moderation(moderation),
            SettingChange::MutedWords(muted.unwrap_or_default()),
            SettingChange::EditWindow(edit_window),
            SettingChange::Downvotes(downvotes),
            SettingChange::Reactions(reactions),
            SettingChange::CloseAfter(close_after),
            SettingChange::Sort(order),
            SettingChange::Language(language),
            SettingChange::FormText(form_text.unwrap_or_default()),
            SettingChange::Contact(contact),
            SettingChange::Avatars(avatars),
        ];
        changes.iter().map(|change| (change.name().to_owned(), change.value())).collect()
    }
}

impl TryFrom<SettingTexts> for SiteSettings {
    type Error = &'static str;

    fn try_from(texts: SettingTexts) -> Result<Self, Self::Error> {
        let mut settings = Self::default();
        for (name, text) in &texts {
            settings.apply(&SettingChange::from_input(name, text.as_deref()).map_err(Refusal::code)?);
        }
        Ok(settings)
    }
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
            SettingChange::EditWindow(seconds) => self.edit_window = *seconds,
            SettingChange::Downvotes(allowed) => self.downvotes = *allowed,
            SettingChange::Reactions(reactions) => self.reactions.clone_from(reactions),
            SettingChange::CloseAfter(days) => self.close_after = *days,
            SettingChange::Sort(order) => self.options.order = *order,
            SettingChange::Language(tag) => self.options.language.clone_from(tag),
            SettingChange::FormText(text) => {
                self.options.form_text = Some(text.clone()).filter(|text| !text.is_empty());
            }
            SettingChange::Contact(contact) => self.options.contact.clone_from(contact),
            SettingChange::Avatars(shown) => self.options.avatars = *shown,
        }
    }

    /// The permissions of readers on the site, given the defaults.
    pub(crate) fn reader_settings(&self, defaults: &ReaderSettings) -> ReaderSettings {
        ReaderSettings {
            edit_window: self.edit_window.unwrap_or(defaults.edit_window),
            downvotes: self.downvotes.unwrap_or(defaults.downvotes),
            reactions: self.reactions.clone().unwrap_or_else(|| defaults.reactions.clone()),
            close_after: self.close_after.unwrap_or(defaults.close_after),
            options: self.options.clone(),
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
            SettingName::EditWindow => {
                let parse = |minutes| ReaderSettings::parse_edit_window(minutes).ok_or(Refusal::BadJson);
                Ok(Self::EditWindow(value.map(parse).transpose()?))
            }
            SettingName::Downvotes => Ok(Self::Downvotes(parse_switch(value)?)),
            SettingName::Reactions => {
                let parse = |text| Reactions::parse(text).ok_or(Refusal::BadJson);
                Ok(Self::Reactions(value.map(parse).transpose()?))
            }
            SettingName::CloseAfter => {
                let parse = |days| ThreadOptions::parse_close_after(days).ok_or(Refusal::BadJson);
                Ok(Self::CloseAfter(value.map(parse).transpose()?))
            }
            SettingName::Sort => {
                let parse = |word: &str| word.parse().map_err(|_| Refusal::BadJson);
                Ok(Self::Sort(value.map(parse).transpose()?))
            }
            SettingName::Language => {
                let parse = |tag| ThreadOptions::parse_language(tag).ok_or(Refusal::BadJson);
                Ok(Self::Language(value.map(parse).transpose()?))
            }
            SettingName::FormText => {
                let parsed = ThreadOptions::parse_form_text(value.unwrap_or_default());
                parsed.map(Self::FormText).ok_or(Refusal::TextTooLong)
            }
            SettingName::Contact => {
                let parse = |text| ThreadOptions::parse_contact(text).ok_or(Refusal::BadJson);
                Ok(Self::Contact(value.map(parse).transpose()?))
            }
            SettingName::Avatars => Ok(Self::Avatars(parse_switch(value)?)),
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
            Self::CloseAfter(_) | Self::Language(_) | Self::FormText(_) | Self::Contact(_) => {
                let parsed = Self::from_input(self.name(), self.value().as_deref())?;
                if parsed == *self { Ok(()) } else { Err(Refusal::BadJson) }
            }
            Self::MutedWords(_)
            | Self::Moderation(_)
            | Self::EditWindow(_)
            | Self::Downvotes(_)
            | Self::Reactions(_)
            | Self::Sort(_)
            | Self::Avatars(_) => Ok(()),
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
            Self::EditWindow(seconds) => seconds.map(|seconds| (seconds / 60).to_string()),
            Self::Downvotes(shown) | Self::Avatars(shown) => {
                shown.map(|is_on| if is_on { "on" } else { "off" }.to_owned())
            }
            Self::Reactions(reactions) => reactions.as_ref().map(Reactions::to_string),
            Self::CloseAfter(days) => days.map(|days| days.to_string()),
            Self::Sort(order) => order.map(|order| <&str>::from(order).to_owned()),
            Self::Language(text) | Self::Contact(text) => text.clone(),
            Self::FormText(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        }
    }
}

/// Parses `on` or `off`, or the absence of a choice.
fn parse_switch(value: Option<&str>) -> Result<Option<bool>, Refusal> {
    match value {
        None => Ok(None),
        Some("on") => Ok(Some(true)),
        Some("off") => Ok(Some(false)),
        Some(_) => Err(Refusal::BadJson),
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
