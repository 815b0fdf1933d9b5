//! All catalogues have the same messages as the English one.

use std::collections::{BTreeMap, BTreeSet};

use afterword_model::Refusal;
use afterword_view::Messages;

use crate::{catalogue, messages};

/// Refusals of calls that only moderators make. The catalogues have no text for them.
const MODERATOR_REFUSALS: [Refusal; 8] = [
    Refusal::Unauthorized,
    Refusal::TooManySecrets,
    Refusal::ListFull,
    Refusal::BadLine,
    Refusal::BadChecksum,
    Refusal::BadPattern,
    Refusal::BadTime,
    Refusal::BadPrefix,
];

/// All languages, read from the files of the folder so that none is missed.
fn langs() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/messages");
    let name = |entry: std::fs::DirEntry| entry.file_name().into_string().unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap()));
    files.map(|file| file.strip_suffix(".json").unwrap().to_owned()).collect()
}

/// The plural forms of a rule.
fn forms(rule: &str) -> &'static [&'static str] {
    match rule {
        "none" => &["other"],
        "one" => &["one", "other"],
        "french" => &["many", "one", "other"],
        "east-slavic" | "polish" => &["few", "many", "one", "other"],
        "czech" => &["few", "one", "other"],
        "arabic" => &["few", "many", "one", "other", "two", "zero"],
        _ => panic!("{rule} is not a rule"),
    }
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

/// Keys and placeholders. The plural forms of one message are combined into one entry.
fn shape(lang: &str) -> BTreeMap<String, Vec<String>> {
    let catalogue = catalogue(lang);
    let rule = catalogue["plural"].as_str().unwrap();
    let mut shape = BTreeMap::new();
    let mut counted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, text) in &catalogue {
        let text = text.as_str().unwrap();
        assert!(!text.trim().is_empty() && text.trim() == text, "{lang}: {key}");
        let words = placeholders(text).into_iter().map(str::to_owned).collect();
        // The reason `other` of a report is no plural form.
        match key.rsplit_once('.').filter(|_| key != "report.other") {
            Some((name, form)) if ["zero", "one", "two", "few", "many", "other"].contains(&form) => {
                counted.entry(name.to_owned()).or_default().insert(form.to_owned());
                shape.insert(format!("{name}.*"), words);
            }
            _ => {
                shape.insert(key.clone(), words);
            }
        }
    }
    for (key, found) in counted {
        assert!(
            found.iter().eq(forms(rule)),
            "{lang}: {key} has {found:?}, the rule {rule} tells apart {:?}",
            forms(rule)
        );
    }
    shape
}

#[test]
fn every_language_has_the_keys_and_placeholders_of_english() {
    let english = shape("en");
    for lang in langs() {
        assert_eq!(shape(&lang), english, "{lang}");
        assert_eq!(catalogue(&lang)["lang"], *lang);
        assert!(["ltr", "rtl"].contains(&catalogue(&lang)["dir"].as_str().unwrap()), "{lang}");
    }
}

#[test]
fn every_refusal_that_a_reader_can_see_has_a_text() {
    for lang in langs() {
        let messages = messages(&lang);
        for refusal in Refusal::ALL {
            let key = format!("error.{}", refusal.code());
            if MODERATOR_REFUSALS.contains(refusal) {
                assert!(!catalogue(&lang).contains_key(&key), "{lang}: no reader can see {key}");
                continue;
            }
            assert!(catalogue(&lang).contains_key(&key), "{lang}: {key}");
            assert_ne!(messages.error_text(refusal.code()), messages.get("error.unknown"), "{lang}: {key}");
        }
        assert_eq!(messages.error_text("no_such_code"), messages.get("error.unknown"));
    }
}

/// A key that is missing in the catalogue would be shown in place of its text.
#[test]
fn every_rendered_key_is_in_the_catalogue() {
    let catalogue = catalogue("en");
    let mut seen = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
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

/// The first parts of keys that code builds: plural forms, months, and refusals (checked above).
const BUILT_PREFIXES: [&str; 10] = ["count", "wait", "room", "too_long", "month", "error", "replies", "votes", "edit"];
/// The labels of the form's fields, whose keys code builds from the names of the fields.
const FIELD_LABELS: [&str; 3] = ["form.name", "form.email", "form.website"];

#[test]
fn every_key_of_the_catalogue_is_used() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folders = ["crates/view/src", "crates/xtask/src/build", "widget/src", "worker/src"];
    let code: String = folders.iter().map(|folder| code_of(&[root, "/", folder].concat())).collect();
    for key in catalogue("en").keys() {
        let is_built = key.split_once('.').is_some_and(|(prefix, _)| BUILT_PREFIXES.contains(&prefix));
        assert!(is_built || FIELD_LABELS.contains(&key.as_str()) || code.contains(&format!("\"{key}\"")), "{key}");
    }
}

fn code_of(folder: &str) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| match path.is_dir() {
        true => code_of(&path.to_string_lossy()),
        false => std::fs::read_to_string(path).unwrap(),
    };
    entries.map(read).collect()
}

fn check_plural(rule: &str, expected: &[(&str, &[u32])]) {
    let forms = ["zero", "one", "two", "few", "many", "other"];
    let mut entries: serde_json::Map<_, _> =
        forms.iter().map(|form| (format!("n.{form}"), format!("{form} {{n}}").into())).collect();
    entries.insert("plural".into(), rule.into());
    let messages: Messages = serde_json::from_value(entries.into()).unwrap();
    for (form, numbers) in expected {
        for number in *numbers {
            assert_eq!(messages.format_count("n", *number), format!("{form} {number}"), "{rule}");
        }
    }
}

#[test]
fn plural_forms_follow_the_cldr() {
    check_plural("none", &[("other", &[0, 1, 2, 5, 100])]);
    check_plural("one", &[("one", &[1]), ("other", &[0, 2, 11, 21, 101])]);
    check_plural("french", &[("one", &[0, 1]), ("other", &[2, 21, 100, 999_999]), ("many", &[1_000_000, 3_000_000])]);
    let (few, many) = (&[2, 3, 4, 22, 34, 102, 1_002][..], &[0, 5, 11, 12, 14, 20, 25, 111, 112, 1_000][..]);
    check_plural("east-slavic", &[("one", &[1, 21, 101, 1_001]), ("few", few), ("many", many)]);
    check_plural("polish", &[("one", &[1]), ("few", few), ("many", many), ("many", &[21, 101])]);
    check_plural("czech", &[("one", &[1]), ("few", &[2, 3, 4]), ("other", &[0, 5, 12, 22, 100])]);
    check_plural("arabic", &[("zero", &[0]), ("one", &[1]), ("two", &[2]), ("few", &[3, 10, 103, 110])]);
    check_plural("arabic", &[("many", &[11, 99, 111, 199]), ("other", &[100, 101, 102, 200, 202])]);
    check_plural("no such rule", &[("other", &[0, 1, 2])]);
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

#[cfg(feature = "catalogue")]
#[test]
fn the_best_language_is_selected() {
    use afterword_view::catalogue;
    let cases =
        [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en"), ("deutsch", "en")];
    for (asked, expected) in cases {
        assert_eq!(catalogue::messages(asked).get("lang"), expected, "{asked}");
        assert_eq!(catalogue::best_language(asked), expected);
        assert!(catalogue::messages_path(asked).starts_with(&format!("/assets/messages-{expected}-")), "{asked}");
    }
    let mut known: Vec<_> = catalogue::LANGUAGES.to_vec();
    let mut files = langs();
    known.sort_unstable();
    files.sort_unstable();
    assert_eq!(known, files);
}
