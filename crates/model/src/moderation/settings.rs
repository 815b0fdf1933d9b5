//! Settings of a site, as a page shows them.

use serde::{Deserialize, Serialize};

/// A setting with its value and its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingField {
    /// The name: the same in the database, in an export and in JSON.
    pub name: String,
    /// The value of the site; `None` for the default.
    pub value: Option<String>,
    /// The value that applies without one of the site.
    pub default: String,
    /// The form of the value.
    pub kind: SettingKind,
}

/// The form of a setting's value. Every value is sent as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// One of these words.
    Choice(Vec<String>),
    /// An integer between these two, both included.
    Number(i64, i64),
    /// One line of at most this many characters.
    Line(u32),
    /// Several lines of at most this many bytes together.
    Lines(u32),
}
