//! HTML that needs no escaping any more.

use serde::{Deserialize, Serialize};

/// HTML made by `markup` from a reader's text, fit to be put into a page as it is.
///
/// Only `markup` makes it ([`SafeHtml::from_sanitizer`]) and only the ledger's row reader takes it back out of storage
/// ([`SafeHtml::from_storage`]); `clippy.toml` closes both doors to everybody else. Decoding it from JSON is for
/// JSON that the Worker itself wrote: the published thread, and the Worker's answers as the widget reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Vouches for HTML that has just left the sanitizer.
    pub fn from_sanitizer(html: String) -> Self {
        Self(html)
    }

    /// Vouches for HTML that was stored as `SafeHtml` before.
    pub fn from_storage(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
