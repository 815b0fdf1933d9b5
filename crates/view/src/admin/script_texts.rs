//! The texts of the script, as JSON in the page.

use crate::messages::Messages;

/// All texts whose keys begin with `js.`, by the rest of their keys.
pub(crate) fn script_texts(texts: &Messages) -> String {
    let entries = texts.starting_with("js.").map(|(key, text)| (key.to_owned(), text.to_owned()));
    let part: Messages = entries.collect();
    serde_json::to_string(&part).unwrap_or_default()
}
