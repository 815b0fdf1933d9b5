//! Languages: their choice, and plural forms, numbers and dates compared with the Unicode CLDR.

use std::collections::BTreeSet;

use afterword_view::Messages;
use afterword_view::catalogue::{
    ALIASES, LANGUAGES, best_language, find_language, messages, messages_json, messages_path, on_demand_json,
    on_demand_path,
};
use serde_json::json;

use crate::catalogues::{forms, langs};
use crate::node;

#[test]
fn every_file_is_a_language_of_the_code() {
    let files: BTreeSet<_> = langs().into_iter().collect();
    assert_eq!(files, LANGUAGES.iter().map(|lang| (*lang).to_owned()).collect::<BTreeSet<_>>());
    assert_eq!(LANGUAGES.len(), files.len(), "a language is listed twice");
}

#[test]
fn script_and_region_select_the_language() {
    for (tag, expected) in [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_ch", "de"),
        ("de_DE.UTF-8", "de"),
        ("de_DE@euro", "de"),
        (" fr ", "fr"),
        ("en-GB-oxendict", "en"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans-TW", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh_hk", "zh-Hant"),
        ("ZH-MO", "zh-Hant"),
        ("zh-hant", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("yue-HK", "zh-Hant"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("iw", "he"),
        ("iw-IL", "he"),
        ("in", "id"),
        ("in-ID", "id"),
        ("es-419", "es"),
        ("fa-AF", "fa"),
    ] {
        assert_eq!(find_language(tag), Some(expected), "{tag}");
        assert_eq!(best_language(tag), expected, "{tag}");
        assert_eq!(messages(tag).get("lang"), expected, "{tag}");
    }
    for tag in ["", "-", "tlh", "deutsch", "zhong", "constructor", "e", "x-de", "--de"] {
        assert_eq!((find_language(tag), best_language(tag)), (None, "en"), "{tag}");
    }
    for (alias, lang) in ALIASES {
        assert!(LANGUAGES.contains(lang) && !LANGUAGES.contains(alias), "{alias}");
    }
}

#[test]
fn both_files_of_a_language_change_their_paths_together() {
    let mut paths = BTreeSet::new();
    for lang in LANGUAGES {
        let path = messages_path(lang);
        assert!(path.starts_with(&format!("/assets/messages-{lang}-")), "{path}");
        assert_eq!(on_demand_path(lang), path.replace("messages-", "on-demand-"));
        paths.insert(path);
        for (json, part) in [(messages_json(lang), "widget"), (on_demand_json(lang), "on_demand")] {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(json, crate::source(lang)[part], "{lang}");
        }
    }
    assert_eq!(paths.len(), LANGUAGES.len());
}

/// The locales of all languages, with the calendar and the digits that their texts have.
fn locales() -> Vec<&'static str> {
    LANGUAGES.iter().map(|lang| messages(lang).get("locale")).collect()
}

/// A message in which each plural form names itself.
fn self_naming_forms(lang: &str) -> Messages {
    let rule = messages(lang).get("plural").to_owned();
    let all = ["zero", "one", "two", "few", "many", "other"].map(|form| (format!("n.{form}"), form.to_owned()));
    all.into_iter().chain([("plural".to_owned(), rule)]).collect()
}

#[test]
fn plural_forms_are_those_of_the_cldr() {
    let large = (1..=60).map(|number| number * 50_000).chain([1_000_001, 4_294_967_295]);
    let numbers: Vec<u32> = (0..=2_000).chain(large).collect();
    let script = "
        const categories = (locale) => input.numbers.map((number) => new Intl.PluralRules(locale).select(number));
        console.log(JSON.stringify(input.locales.map(categories)));";
    let expected: Vec<Vec<String>> = node::run(script, "UTC", &json!({"locales": locales(), "numbers": numbers}));
    for (lang, expected) in LANGUAGES.iter().zip(expected) {
        let own = self_naming_forms(lang);
        let mut seen = BTreeSet::new();
        for (number, expected) in numbers.iter().zip(&expected) {
            assert_eq!(own.format_count("n", *number), *expected, "{lang}: {number}");
            seen.insert(expected.as_str());
        }
        assert!(seen.iter().eq(forms(messages(lang).get("plural"))), "{lang} has {seen:?}");
    }
}

#[test]
fn without_a_rule_every_number_has_the_form_other() {
    let texts = [("n.one", "one"), ("n.other", "other"), ("plural", "none of the rules")];
    let messages: Messages = texts.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
    assert_eq!([0, 1, 2].map(|number| messages.format_count("n", number)), ["other"; 3]);
}

#[test]
fn numbers_are_written_as_in_the_cldr() {
    let numbers: [u32; 11] = [0, 7, 10, 999, 1_000, 1_234, 9_999, 10_000, 123_456, 1_000_000, 4_294_967_295];
    let script = "
        const texts = (locale) => input.numbers.map((number) => new Intl.NumberFormat(locale).format(number));
        console.log(JSON.stringify(input.locales.map(texts)));";
    let expected: Vec<Vec<String>> = node::run(script, "UTC", &json!({"locales": locales(), "numbers": numbers}));
    for (lang, expected) in LANGUAGES.iter().zip(expected) {
        assert_eq!(numbers.map(|number| messages(lang).number(number)).to_vec(), expected, "{lang}");
    }
    assert_eq!(messages("fa").format_count("count", 1_234), "۱٬۲۳۴ دیدگاه");
}

/// The list in the documentation for owners.
#[test]
fn the_documentation_lists_all_languages() {
    let page = include_str!("../../../../docs/src/customise.md");
    let section = page.split("## Languages").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    let tags: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(tags, LANGUAGES);
    assert!(rows.iter().all(|row| row.len() == 3), "{rows:?}");
    for (alias, lang) in ALIASES.iter().filter(|(alias, _)| *alias != "yue") {
        assert!(section.contains(&format!("`{alias}`")) && section.contains(&format!("`{lang}`")), "{alias}");
    }
}

/// As long as no native speaker has read a file, the documentation says so.
#[test]
fn the_documentation_says_that_nobody_has_reviewed_the_texts() {
    let reviewed =
        LANGUAGES.iter().filter(|lang| crate::source(lang)["reviewed_by"] != "no native speaker yet").count();
    let page = include_str!("../../../../docs/src/customise.md");
    assert_eq!(page.contains("No native speaker has reviewed the texts yet"), reviewed == 0);
}

#[test]
fn a_name_for_screen_readers_is_split_around_the_visible_text() {
    assert_eq!(messages("en").around("reply.to", "reply"), Some(("", " to {name}")));
    assert_eq!(messages("ja").around("reply.to", "reply"), Some(("{name}さんに", "")));
    assert_eq!(messages("en").around("reply", "reply.to"), None);
}
