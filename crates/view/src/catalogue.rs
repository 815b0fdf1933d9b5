//! The embedded message catalogues, and the paths that serve them.

use std::sync::OnceLock;

use afterword_model::encode_hex;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::messages::Messages;

macro_rules! languages {
    ($($lang:literal)+) => {
        /// All languages, as BCP 47 tags, English first.
        pub const LANGUAGES: &[&str] = &[$($lang),+];

        const SOURCES: [&str; LANGUAGES.len()] = [$(include_str!(concat!("../messages/", $lang, ".json"))),+];
    };
}

languages! {
    "en" "es" "pt-BR" "fr" "de" "it" "nl" "sv" "pl" "cs" "ru" "uk" "tr" "el" "ja" "ko" "zh-Hans" "zh-Hant" "id" "vi" "th" "ar" "he" "fa"
}

/// Tags that mean one of [`LANGUAGES`] without naming it: a language that has a script or a region there, regions that write another script,
/// and the former codes of Hebrew and Indonesian.
pub const ALIASES: &[(&str, &str)] = &[
    ("zh", "zh-Hans"),
    ("zh-TW", "zh-Hant"),
    ("zh-HK", "zh-Hant"),
    ("zh-MO", "zh-Hant"),
    ("yue", "zh-Hant"),
    ("pt", "pt-BR"),
    ("iw", "he"),
    ("in", "id"),
];

/// A file of `messages`. Who made and reviewed it is for people only.
#[derive(Default, Deserialize)]
struct Source {
    widget: Messages,
    on_demand: Messages,
    page: Messages,
}

struct Entry {
    messages: Messages,
    json: String,
    on_demand_json: String,
    path: String,
    on_demand_path: String,
}

static ENTRIES: [OnceLock<Entry>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];

/// The messages in the best language: `de-AT` gets `de`, and an unknown language gets English.
pub fn messages(lang: &str) -> &'static Messages {
    &entry(lang).messages
}

/// The path that serves [`messages_json`]: `/assets/messages-<lang>-<hash>.json`.
pub fn messages_path(lang: &str) -> &'static str {
    &entry(lang).path
}

/// The messages that the widget downloads before it starts, as JSON.
pub fn messages_json(lang: &str) -> &'static str {
    &entry(lang).json
}

/// The path that serves [`on_demand_json`]: that of [`messages_path`] with `on-demand` in place of `messages`. Its hash covers both files, so
/// that the widget derives one path from the other.
pub fn on_demand_path(lang: &str) -> &'static str {
    &entry(lang).on_demand_path
}

/// The messages that the widget downloads with the part of it that needs them, as JSON.
pub fn on_demand_json(lang: &str) -> &'static str {
    &entry(lang).on_demand_json
}

/// The best language of [`LANGUAGES`]. An unknown language gets English.
pub fn best_language(lang: &str) -> &'static str {
    find_language(lang).unwrap_or(LANGUAGES[0])
}

/// The language of [`LANGUAGES`] for a tag, by the lookup of RFC 4647, section 3.4: the tag loses its last subtag until the rest is a language or an
/// alias. Case does not matter. `de_AT.UTF-8` is understood too.
pub fn find_language(tag: &str) -> Option<&'static str> {
    let tag = tag.split(['.', '@']).next().unwrap_or_default().trim().replace('_', "-");
    let mut rest = tag.as_str();
    loop {
        let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(rest)).map(|(_, lang)| *lang);
        let known = LANGUAGES.iter().find(|known| known.eq_ignore_ascii_case(rest));
        if let Some(lang) = alias.or(known.copied()) {
            return Some(lang);
        }
        (rest, _) = rest.rsplit_once('-')?;
    }
}

fn entry(lang: &str) -> &'static Entry {
    let lang = best_language(lang);
    let index = LANGUAGES.iter().position(|known| *known == lang).unwrap_or(0);
    ENTRIES[index].get_or_init(|| parse(lang, SOURCES[index]))
}

/// A test parses every file. A broken one would show its keys in place of its texts.
fn parse(lang: &str, source: &str) -> Entry {
    let Source { widget, on_demand, page } = serde_json::from_str(source).unwrap_or_default();
    let json = |messages: &Messages| serde_json::to_string(messages).unwrap_or_default();
    let (json, on_demand_json) = (json(&widget), json(&on_demand));
    let hashed = format!("{json}{on_demand_json}");
    Entry {
        path: hashed_path(&["messages-", lang].concat(), "json", &hashed),
        on_demand_path: hashed_path(&["on-demand-", lang].concat(), "json", &hashed),
        messages: widget.with(on_demand).with(page),
        json,
        on_demand_json,
    }
}

/// Eight bytes of SHA-256 suffice to distinguish the versions of a file.
pub(crate) fn hashed_path(name: &str, extension: &str, source: &str) -> String {
    format!("/assets/{name}-{}.{extension}", encode_hex(&Sha256::digest(source)[..8]))
}
