//! The embedded message catalogues, and the paths that serve them.

use std::sync::LazyLock;

use afterword_model::encode_hex;
use sha2::{Digest, Sha256};

use crate::messages::Messages;

/// All languages, as BCP 47 tags, English first.
pub const LANGUAGES: &[&str] = &["en", "de"];

const SOURCES: [&str; LANGUAGES.len()] = [include_str!("../messages/en.json"), include_str!("../messages/de.json")];

/// Messages of the Worker's own pages, which the widget does not download.
const PAGE_SOURCES: [&str; LANGUAGES.len()] =
    [include_str!("../page_messages/en.json"), include_str!("../page_messages/de.json")];

struct Entry {
    messages: Messages,
    path: String,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    // A test parses every catalogue. A broken one would show its keys in place of its texts.
    let parse = |source: &str| serde_json::from_str::<Messages>(source).unwrap_or_default();
    let entry = |((lang, source), page_source): ((&&str, &&str), &&str)| Entry {
        messages: parse(source).with(parse(page_source)),
        path: hashed_path(&["messages-", lang].concat(), "json", source),
    };
    LANGUAGES.iter().zip(&SOURCES).zip(&PAGE_SOURCES).map(entry).collect()
});

/// The messages in the best language: `de-AT` gets `de`, and an unknown language gets English.
pub fn messages(lang: &str) -> &'static Messages {
    &ENTRIES[index(lang)].messages
}

/// The path that serves the catalogue of [`messages`]: `/assets/messages-<lang>-<hash>.json`.
pub fn messages_path(lang: &str) -> &'static str {
    &ENTRIES[index(lang)].path
}

/// The source of the catalogue of [`messages`].
pub fn messages_json(lang: &str) -> &'static str {
    SOURCES[index(lang)]
}

/// The best language of [`LANGUAGES`]. Only the primary subtag counts, in upper or lower case.
pub fn best_language(lang: &str) -> &'static str {
    LANGUAGES[index(lang)]
}

fn index(lang: &str) -> usize {
    let primary = lang.split(['-', '_']).next().unwrap_or_default().trim();
    LANGUAGES.iter().position(|known| known.eq_ignore_ascii_case(primary)).unwrap_or(0)
}

/// Eight bytes of SHA-256 suffice to distinguish the versions of a file.
pub(crate) fn hashed_path(name: &str, extension: &str, source: &str) -> String {
    format!("/assets/{name}-{}.{extension}", encode_hex(&Sha256::digest(source)[..8]))
}
