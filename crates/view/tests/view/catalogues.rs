//! All languages have the same messages, in the same parts, with the same placeholders.

use std::collections::{BTreeMap, BTreeSet};

use afterword_model::Refusal;
use afterword_view::Messages;

use crate::{PARTS, catalogue, messages, source};

/// Refusals of calls that only moderators make. The catalogues have no text for them.
const MODERATOR_REFUSALS: [Refusal; 10] = [
    Refusal::Unauthorized,
    Refusal::WrongRole,
    Refusal::BadLink,
    Refusal::TooManySecrets,
    Refusal::ListFull,
    Refusal::BadLine,
    Refusal::BadChecksum,
    Refusal::BadPattern,
    Refusal::BadTime,
    Refusal::BadPrefix,
];

/// All languages, read from the files of the folder so that none is missed.
pub(crate) fn langs() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/messages");
    let name = |entry: std::fs::DirEntry| entry.file_name().into_string().unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap()));
    files.map(|file| file.strip_suffix(".json").unwrap().to_owned()).collect()
}

/// The plural forms of a rule.
pub(crate) fn forms(rule: &str) -> &'static [&'static str] {
    match rule {
        "none" => &["other"],
        "one" | "zero-one" => &["one", "other"],
        "spanish" | "french" => &["many", "one", "other"],
        "hebrew" => &["one", "other", "two"],
        "east-slavic" | "polish" => &["few", "many", "one"],
        "czech" => &["few", "one", "other"],
        "arabic" => &["few", "many", "one", "other", "two", "zero"],
        _ => panic!("{rule} is not a rule"),
    }
}

/// The message of a key, and its plural form if the key names one. The reason `other` of a report is no plural form.
fn split_form(key: &str) -> (&str, Option<&str>) {
    match key.rsplit_once('.').filter(|_| key != "report.other") {
        Some((name, form)) if ["zero", "one", "two", "few", "many", "other"].contains(&form) => (name, Some(form)),
        _ => (key, None),
    }
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

/// Part and key, and the placeholders. The plural forms of one message are one entry.
fn shape(lang: &str) -> BTreeMap<(&'static str, String), BTreeSet<String>> {
    let rule = catalogue(lang)["plural"].as_str().unwrap().to_owned();
    let mut shape = BTreeMap::new();
    let mut counted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in PARTS {
        for (key, text) in source(lang)[part].as_object().unwrap() {
            let text = text.as_str().unwrap();
            assert!(key == "group" || !text.is_empty() && text.trim() == text, "{lang}: {key}");
            let words: BTreeSet<_> = placeholders(text).into_iter().map(str::to_owned).collect();
            let (name, form) = split_form(key);
            let name = form.map_or(name.to_owned(), |form| {
                counted.entry(name.to_owned()).or_default().insert(form.to_owned());
                format!("{name}.*")
            });
            // Those of the single forms are compared below.
            shape.entry((part, name)).or_insert_with(BTreeSet::new).extend(words);
        }
    }
    for (key, found) in counted {
        assert!(
            found.iter().eq(forms(&rule)),
            "{lang}: {key} has {found:?}, the rule {rule} tells apart {:?}",
            forms(&rule)
        );
    }
    shape
}

#[test]
fn every_language_has_the_keys_and_placeholders_of_english() {
    let english = shape("en");
    for lang in langs() {
        let shape = shape(&lang);
        for (key, words) in &english {
            assert_eq!(shape.get(key), Some(words), "{lang}: {key:?}");
        }
        assert_eq!(shape.len(), english.len(), "{lang} has keys that English lacks");
        assert_eq!(catalogue(&lang)["lang"], *lang);
        assert!(["ltr", "rtl"].contains(&catalogue(&lang)["dir"].as_str().unwrap()), "{lang}");
    }
}

/// A form that lost its number would show none. Only a form that stands for a single number may say it in words: “two replies”.
#[test]
fn every_plural_form_has_the_placeholders_of_its_message() {
    for lang in langs() {
        let catalogue = catalogue(&lang);
        let in_words: &[&str] = match catalogue["plural"].as_str() {
            Some("arabic") => &["zero", "one", "two"],
            Some("hebrew") => &["one", "two"],
            _ => &[],
        };
        for (key, text) in &catalogue {
            let (name, Some(form)) = split_form(key) else { continue };
            let (mut own, message) = (placeholders(text.as_str().unwrap()), format!("{name}.other"));
            if in_words.contains(&form) {
                own.insert("n");
            }
            let english = crate::catalogue("en");
            assert_eq!(own, placeholders(english[&message].as_str().unwrap()), "{lang}: {key}");
        }
    }
}

#[test]
fn every_file_says_who_made_and_reviewed_it() {
    for lang in langs() {
        for field in ["made_by", "reviewed_by"] {
            assert!(source(&lang)[field].as_str().is_some_and(|text| !text.is_empty()), "{lang}: {field}");
        }
        let fields: BTreeSet<_> = source(&lang).as_object().unwrap().keys().cloned().collect();
        let expected = ["made_by", "reviewed_by"].into_iter().chain(PARTS);
        assert_eq!(fields, expected.map(str::to_owned).collect(), "{lang}");
    }
}

#[test]
fn every_refusal_that_a_reader_can_see_has_a_text() {
    for lang in langs() {
        let messages = messages(&lang);
        for refusal in Refusal::ALL {
            let text = messages.find_error_text(refusal.code());
            if MODERATOR_REFUSALS.contains(refusal) {
                assert_eq!(text, None, "{lang}: no reader can see {refusal:?}");
                continue;
            }
            assert!(text.is_some_and(|text| text != messages.get("error.unknown")), "{lang}: {refusal:?}");
        }
        assert_eq!(messages.error_text("no_such_code"), messages.get("error.unknown"));
    }
}

/// A key that is missing in the catalogue would be shown in place of its text.
#[test]
fn every_rendered_key_is_in_the_catalogue() {
    let catalogue = catalogue("en");
    let mut seen = 0;
    // The pages of moderators, in a folder of their own, have a table of their own.
    let files =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap().map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.is_file()) {
        let source = std::fs::read_to_string(path).unwrap();
        for call in source.split("messages.get(\"").chain(source.split("messages.fill(\"")).skip(1) {
            let Some((key, rest)) = call.split_once('"') else { continue };
            if rest.starts_with(')') || rest.starts_with(',') {
                assert!(catalogue.contains_key(key), "{key}");
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "only {seen} keys found");
}

/// The first part of keys that code builds from numbers.
const BUILT_PREFIX: &str = "month.";
/// The facts that a catalogue states of its language.
const HEADER: [&str; 7] = ["lang", "dir", "plural", "locale", "digits", "group", "group.min"];
/// The labels of the form's fields, whose keys code builds from the names of the fields.
const FIELD_LABELS: [&str; 3] = ["form.name", "form.email", "form.website"];

#[test]
fn every_key_of_the_catalogue_is_used() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folders = ["crates/view/src", "crates/xtask/src/build", "widget", "worker/src"];
    let code: String = folders.iter().map(|folder| code_of(&[root, "/", folder].concat())).collect();
    let messages = messages("en");
    let refusals: BTreeSet<_> =
        Refusal::ALL.iter().filter_map(|refusal| messages.find_error_text(refusal.code())).collect();
    for key in catalogue("en").keys() {
        let (name, form) = split_form(key);
        let is_built = key.starts_with(BUILT_PREFIX) || refusals.contains(&messages.get(key));
        let is_code = key.strip_prefix("error.").is_some_and(|error| code.contains(&format!("\"{error}\"")));
        let is_named = ['"', '\'']
            .iter()
            .any(|quote| code.contains(&format!("{quote}{}{quote}", form.map_or(key.as_str(), |_| name))));
        let is_known =
            is_built || is_code || is_named || FIELD_LABELS.contains(&key.as_str()) || HEADER.contains(&key.as_str());
        assert!(is_known, "no code uses {key}");
    }
}

/// The widget has the texts of its own part, and those on demand only in the parts that it loads with them. Keys without a dot are words that code uses for
/// other things too.
#[test]
fn the_widget_uses_only_texts_that_it_downloads() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../widget");
    let entries = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let (parts, core): (Vec<_>, Vec<_>) =
        entries.filter(|path| !path.ends_with("tests")).partition(|path| path.ends_with("parts"));
    let [parts, core] = [parts, core].map(|paths| paths.iter().map(|path| read(path)).collect::<String>());
    let uses = |code: &str, key: &str| ['"', '\''].iter().any(|quote| code.contains(&format!("{quote}{key}{quote}")));
    for key in source("en")["page"].as_object().unwrap().keys().filter(|key| key.contains('.')) {
        assert!(!uses(&core, key) && !uses(&parts, key), "{key} is a text of the Worker");
    }
    for key in source("en")["on_demand"].as_object().unwrap().keys().filter(|key| key.contains('.')) {
        let (name, _) = split_form(key);
        assert!(!uses(&core, name), "{key} is not there before a part of the widget is loaded");
    }
}

/// All scripts and Rust files at or below a path.
fn read(path: &std::path::Path) -> String {
    if path.is_dir() {
        return code_of(&path.to_string_lossy());
    }
    let is_code = path.extension().is_some_and(|extension| extension == "rs" || extension == "js");
    if is_code { std::fs::read_to_string(path).unwrap() } else { String::new() }
}

fn code_of(folder: &str) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| read(&path)).collect()
}

#[test]
fn waiting_time_is_in_the_largest_fitting_unit() {
    let cases = [
        (1, "You can try again in 1 second."),
        (40, "You can try again in 40 seconds."),
        (119, "You can try again in 119 seconds."),
        (120, "You can try again in 2 minutes."),
        (121, "You can try again in 3 minutes."),
        (7_199, "You can try again in 120 minutes."),
        (7_200, "You can try again in 2 hours."),
        (86_400, "You can try again in 24 hours."),
    ];
    for (seconds, text) in cases {
        assert_eq!(messages("en").wait_text(seconds), text);
    }
    assert_eq!(messages("de").wait_text(1), "In 1 Sekunde geht es wieder.");
}

#[test]
fn a_missing_key_is_shown_as_itself() {
    let messages = Messages::default();
    assert_eq!(messages.get("form.name"), "form.name");
    assert_eq!(messages.format_count("count", 3), "count.other");
    assert_eq!(messages.error_text("busy"), "error.unknown");
    assert!(serde_json::from_str::<Messages>("[]").is_err());
    assert!(serde_json::from_str::<Messages>(r#"{"a": 1}"#).is_err());
}

#[test]
fn values_are_not_interpreted_as_placeholders() {
    let messages: Messages = serde_json::from_str(r#"{"a": "{ {x {name} {name}"}"#).unwrap();
    assert_eq!(messages.format("a", "name", "{name}"), "{ {x {name} {name}");
    assert_eq!(messages.format("a", "none", "?"), "{ {x {name} {name}");
}
