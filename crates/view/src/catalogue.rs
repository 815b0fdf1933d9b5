//! The catalogues and the stylesheet themselves, and the names of the files they are served as.

use std::sync::LazyLock;

use afterword_model::encode_hex;
use sha2::{Digest, Sha256};

use crate::messages::Messages;

/// The languages there are, as BCP 47 tags, English first.
pub const LANGUAGES: &[&str] = &["en", "de"];

/// The stylesheet.
pub const STYLESHEET: &str = include_str!("../afterword.css");

const SOURCES: [&str; LANGUAGES.len()] = [include_str!("../messages/en.json"), include_str!("../messages/de.json")];

struct Entry {
    messages: Messages,
    path: String,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |(lang, source): (&&str, &&str)| Entry {
        // A test parses every catalogue; should one be broken all the same, its keys are shown instead of its texts.
        messages: serde_json::from_str(source).unwrap_or_default(),
        path: hashed_path(&["messages-", lang].concat(), "json", source),
    };
    LANGUAGES.iter().zip(&SOURCES).map(entry).collect()
});

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| hashed_path("afterword", "css", STYLESHEET));

/// The texts in the language that fits best: `de-AT` gets `de`, and what is not known gets English.
pub fn messages(lang: &str) -> &'static Messages {
    &ENTRIES[index(lang)].messages
}

/// The path that the catalogue [`messages`] gives is served under: `/assets/messages-<lang>-<hash>.json`.
pub fn messages_path(lang: &str) -> &'static str {
    &ENTRIES[index(lang)].path
}

/// The source of the catalogue that [`messages`] gives.
pub fn messages_json(lang: &str) -> &'static str {
    SOURCES[index(lang)]
}

/// The path that [`STYLE`] is served under: `/assets/afterword-<hash>.css`.
pub fn stylesheet_path() -> &'static str {
    &STYLE_PATH
}

/// The language that fits best, as in [`LANGS`]; only the primary subtag counts, in any case.
pub fn best_language(lang: &str) -> &'static str {
    LANGUAGES[index(lang)]
}

fn index(lang: &str) -> usize {
    let primary = lang.split(['-', '_']).next().unwrap_or_default().trim();
    LANGUAGES.iter().position(|known| known.eq_ignore_ascii_case(primary)).unwrap_or(0)
}

/// Eight bytes of SHA-256 are plenty to tell the versions of a file apart.
fn hashed_path(name: &str, extension: &str, source: &str) -> String {
    format!("/assets/{name}-{}.{extension}", encode_hex(&Sha256::digest(source)[..8]))
}
