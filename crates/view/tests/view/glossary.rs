//! The words that each language uses for the terms of comments (`glossary.json`), and the rules of its typography.
//!
//! Most wrong translations of such texts are a right word in a wrong sense: the preview of a film, the thread of a processor. The glossary
//! names the messages that use a term, and for each language its word there, with the inflections that occur.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::catalogue;
use crate::catalogues::langs;

/// Words by language.
type Words = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
struct Glossary {
    terms: BTreeMap<String, Term>,
    /// Wrong words in a message, by its key. `*` stands for all messages.
    forbidden: BTreeMap<String, Words>,
    /// The buttons and labels that stand in one line.
    labels: Vec<String>,
    /// The names of controls for screen readers, each with the visible text of the control.
    names: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Term {
    meaning: String,
    /// The messages that use the term. `count.*` stands for all plural forms.
    keys: Vec<String>,
    words: Words,
}

fn glossary() -> Glossary {
    serde_json::from_str(include_str!("glossary.json")).unwrap()
}

/// The texts of a key, in lower case.
fn texts(catalogue: &Map<String, Value>, key: &str) -> Vec<(String, String)> {
    let is_meant = |found: &str| match key.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => found.strip_prefix(prefix).is_some_and(|form| !form.contains('.')),
        None => found == key,
    };
    let texts = catalogue.iter().filter(|(found, _)| is_meant(found));
    texts.map(|(key, text)| (key.clone(), text.as_str().unwrap().to_lowercase())).collect()
}

#[test]
fn every_message_uses_the_word_of_the_glossary() {
    for (term, Term { meaning, keys, words }) in glossary().terms {
        assert!(words.keys().eq(langs_sorted().iter()), "{term}: one entry for each language");
        for (lang, words) in words {
            let catalogue = catalogue(&lang);
            for key in &keys {
                let texts = texts(&catalogue, key);
                assert!(!texts.is_empty(), "{term}: no message has the key {key}");
                for (key, text) in texts {
                    let has_word = words.iter().any(|word| text.contains(word.as_str()));
                    assert!(has_word, "{lang}: {key} is “{text}”; {term} ({meaning}) is one of {words:?}");
                }
            }
        }
    }
}

#[test]
fn known_mistranslations_do_not_occur() {
    let mut checked = 0;
    for (key, by_language) in glossary().forbidden {
        for (lang, words) in by_language {
            let catalogue = catalogue(&lang);
            for (key, text) in texts(&catalogue, &key).into_iter().chain(texts(&catalogue, &format!("{key}.*"))) {
                checked += 1;
                assert!(!words.iter().any(|word| text.contains(word.as_str())), "{lang}: {key} is “{text}”");
            }
        }
    }
    assert!(checked > 100, "only {checked} texts checked");
}

fn langs_sorted() -> Vec<String> {
    let mut langs = langs();
    langs.sort_unstable();
    langs
}

/// Forms such as “connecté(e)” or “autor/a”: a text must fit every reader.
#[test]
fn no_text_has_two_genders_in_one_word() {
    for lang in langs() {
        for (key, text) in catalogue(&lang) {
            let characters: Vec<char> = text.as_str().unwrap().chars().collect();
            let is_ending = |end: &[char]| end.iter().take_while(|end| end.is_alphabetic()).count() <= 2;
            for (at, pair) in characters.windows(2).enumerate() {
                let joins = pair[0].is_alphabetic() && matches!(pair[1], '(' | '/' | '·' | '*' | ':');
                let rest = &characters[at + 2..];
                let has_ending = joins && rest.first().is_some_and(|next| next.is_alphabetic()) && is_ending(rest);
                assert!(!has_ending, "{lang}: {key} is “{}”", text.as_str().unwrap());
            }
        }
    }
}

/// Signs of a typewriter, and their typographic forms in the language.
#[test]
fn texts_have_the_typography_of_their_language() {
    const NO_BREAK: [char; 2] = ['\u{a0}', '\u{202f}'];
    for lang in langs() {
        for (key, text) in catalogue(&lang) {
            let text = text.as_str().unwrap();
            let message = format!("{lang}: {key} is “{text}”");
            assert!(!text.contains(['"', '\'']) && !text.contains("...") && !text.contains("  "), "{message}");
            if lang == "fr" {
                let mut before = ' ';
                for character in text.chars() {
                    assert!(!matches!(character, ';' | '?' | '!' | '»') || NO_BREAK.contains(&before), "{message}");
                    assert!(before != '«' || NO_BREAK.contains(&character), "{message}");
                    before = character;
                }
            }
            if ["ja", "zh-Hans", "zh-Hant"].contains(&lang.as_str()) && key != "group" {
                assert!(!text.replace("8,000", "").contains([',', ';', '?', '!']), "{message}");
            }
        }
    }
}

/// Width of a label on a screen of 320 px, in px.
const LABEL_WIDTH: f64 = 272.0;

/// Width of a text in px at a font size of 16 px, estimated generously: a full square for each Chinese, Japanese or Korean character, none for a mark
/// that stands on another character, and 0.55 of the size for all others.
fn width(text: &str) -> f64 {
    let width = |character: char| match u32::from(character) {
        0x300..=0x36f | 0x591..=0x5c7 | 0x64b..=0x65f | 0xe31 | 0xe34..=0xe3a | 0xe47..=0xe4e | 0x200b..=0x200f => 0.0,
        0x1100..=0x11ff | 0x2e80..=0x9fff | 0xac00..=0xd7a3 | 0xff00..=0xff60 => 16.0,
        _ => 8.8,
    };
    text.chars().map(width).sum()
}

#[test]
fn labels_fit_a_line_of_a_narrow_phone() {
    let labels = glossary().labels;
    for lang in langs() {
        let catalogue = catalogue(&lang);
        // The form for millions, in languages that have one for them alone, is not for what stands in a line.
        let has_millions = matches!(catalogue["plural"].as_str(), Some("spanish" | "french"));
        for label in &labels {
            for (key, text) in texts(&catalogue, label) {
                if has_millions && key.ends_with(".many") {
                    continue;
                }
                let width = width(&text.replace("{n}", "12"));
                assert!(width <= LABEL_WIDTH, "{lang}: {key} takes {width} px: {text}");
            }
        }
    }
}

/// A word that is longer than a line would be cut in the middle.
#[test]
fn every_word_fits_a_line_of_a_narrow_phone() {
    for lang in langs() {
        if ["ja", "zh-Hans", "zh-Hant", "th"].contains(&lang.as_str()) {
            // These languages have no spaces. Browsers know where their words end.
            continue;
        }
        for (key, text) in catalogue(&lang) {
            for word in text.as_str().unwrap().split([' ', '-']) {
                assert!(key == "digits" || width(word) <= LABEL_WIDTH, "{lang}: {key}: {word}");
            }
        }
    }
}

#[test]
fn sentences_are_at_most_twice_as_long_as_in_english() {
    let english = catalogue("en");
    for lang in langs() {
        for (key, text) in catalogue(&lang) {
            let Some(original) = english.get(&key).and_then(Value::as_str).filter(|_| key != "locale") else {
                continue;
            };
            let (width, limit) = (width(text.as_str().unwrap()), width(original).max(120.0) * 2.0);
            assert!(width <= limit, "{lang}: {key} takes {width} px of {limit} px: {text}");
        }
    }
}

#[test]
fn visible_text_is_in_the_name_for_screen_readers() {
    for (name, visible) in glossary().names {
        for lang in langs() {
            let catalogue = catalogue(&lang);
            let [(_, visible)] = &texts(&catalogue, &visible)[..] else { panic!("{visible} is one text") };
            let names = texts(&catalogue, &name);
            assert!(!names.is_empty(), "{lang}: {name}");
            for (key, name) in names {
                assert!(name.contains(visible.as_str()), "{lang}: {key} is “{name}” and lacks “{visible}”");
            }
        }
    }
}
