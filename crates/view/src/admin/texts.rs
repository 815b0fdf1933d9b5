//! The texts of the moderators' pages. They are in English, and in a table of their own: no reader downloads them.

use std::sync::LazyLock;

use crate::messages::Messages;

static ENGLISH: LazyLock<Messages> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../admin/texts.json")).unwrap_or_default());

/// The texts of the moderators' pages. A test parses the table and compares it with the keys that the pages use.
pub fn texts() -> &'static Messages {
    &ENGLISH
}

/// Names of the hidden fields that a form of a moderator may have. The pages write them and the Worker's handlers read them.
pub struct Fields {
    /// A comment that an action is about, as `id:revision:site`; may be there several times.
    pub comment: &'static str,
    /// The UUID of the action. A form that is sent twice acts once.
    pub action_id: &'static str,
    /// The action: a button's value.
    pub action: &'static str,
    /// The address to return to: a path and query of `/admin`.
    pub back: &'static str,
    /// The origin of the site, if the moderator has several.
    pub site: &'static str,
}

/// The names of the fields.
pub const FIELDS: Fields = Fields { comment: "comment", action_id: "id", action: "action", back: "back", site: "site" };
