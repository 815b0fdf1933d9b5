//! Laws of the moderators' pages: for every page, and for random words.

use std::collections::{BTreeMap, BTreeSet};

use afterword_view::admin::{FIELDS, is_admin_address, texts};
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};

use super::pages;
use super::sample::{HOSTILE, PLAIN, RIGHT_TO_LEFT, Words};

fn each_page(check: impl Fn(&str, &Html, &str)) {
    for words in [&PLAIN, &HOSTILE, &RIGHT_TO_LEFT] {
        for (name, page) in pages::all(texts(), words) {
            check(name, &Html::parse_document(&page), &page);
        }
    }
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn has(page: &Html, selector: &str) -> bool {
    !select(page, selector).is_empty()
}

/// Text that a person reads for a control: without what is hidden from all.
fn name_of(page: &Html, control: &ElementRef) -> String {
    let attribute = |name| control.value().attr(name).unwrap_or_default();
    let label = select(page, "label")
        .into_iter()
        .find(|label| label.value().attr("for") == Some(attribute("id")) && !attribute("id").is_empty());
    let around = control.ancestors().filter_map(ElementRef::wrap).find(|parent| parent.value().name() == "label");
    let own = if ["button", "a", "summary"].contains(&control.value().name()) {
        control.text().collect()
    } else {
        String::new()
    };
    let texts = [label, around].into_iter().flatten().map(|label| label.text().collect::<String>());
    [own, attribute("aria-label").to_owned()].into_iter().chain(texts).collect::<String>().trim().to_owned()
}

#[test]
fn every_control_has_a_name() {
    each_page(|name, page, _| {
        for control in select(
            page,
            "input:not([type=hidden]), select, textarea, button:not([hidden]), a, summary, dialog, nav, section, ol[aria-label]",
        ) {
            let labelled_by = control.value().attr("aria-labelledby");
            if let Some(id) = labelled_by {
                assert!(has(page, &format!("[id='{id}']")), "{name}: {id}");
                continue;
            }
            let of_group = control.value().name() == "section" && control.value().attr("aria-labelledby").is_none();
            assert!(
                of_group
                    || !name_of(page, &control).is_empty()
                    || control.value().attr("href").is_some_and(|_| control
                        .ancestors()
                        .any(|it| ElementRef::wrap(it).is_some_and(|it| it.value().attr("hidden").is_some()))),
                "{name}: {}",
                control.html()
            );
        }
    });
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    each_page(|name, page, _| {
        let ids: Vec<&str> = select(page, "[id]").iter().filter_map(|element| element.value().attr("id")).collect();
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        let mut counts = BTreeMap::new();
        ids.iter().for_each(|id| *counts.entry(id).or_insert(0) += 1);
        assert!(
            counts.values().all(|count| *count == 1),
            "{name}: {:?}",
            counts.iter().filter(|(_, count)| **count > 1).collect::<Vec<_>>()
        );
        for attribute in ["for", "form", "aria-labelledby", "aria-describedby"] {
            for element in select(page, &format!("[{attribute}]")) {
                for id in element.value().attr(attribute).unwrap().split(' ') {
                    assert!(known.contains(id), "{name}: {attribute}={id}");
                }
            }
        }
    });
}

#[test]
fn forms_that_act_have_their_hidden_fields() {
    let mut seen = BTreeSet::new();
    for (name, page) in pages::all(texts(), &PLAIN) {
        let page = Html::parse_document(&page);
        for form in select(&page, "form[method=post]") {
            let action = form.value().attr("action").unwrap();
            assert!(is_admin_address(action), "{name}: {action}");
            let field = |field: &str| {
                form.select(&Selector::parse(&format!("input[type=hidden][name='{field}']")).unwrap())
                    .filter_map(|input| input.value().attr("value"))
                    .collect::<Vec<_>>()
            };
            let path = action.split('?').next().unwrap();
            if !["/admin/sign-in", "/admin/sign-out"].contains(&path) && !path.starts_with("/admin/once/") {
                let ids = field(FIELDS.action_id);
                assert_eq!(ids.len(), 1, "{name}: {action}");
                assert!(afterword_model::SubmissionId::parse(ids[0]).is_some(), "{name}: {action}");
            }
            if path == "/admin/act" && form.value().attr("id") != Some("bulk") {
                let items = field(FIELDS.comment);
                assert!(
                    !items.is_empty() && items.iter().all(|item| item.splitn(3, ':').count() == 3),
                    "{name}: {items:?}"
                );
            }
            for back in field(FIELDS.back) {
                assert!(is_admin_address(back), "{name}: {back}");
            }
            seen.insert(path.to_owned());
        }
    }
    assert!(seen.len() > 12, "{seen:?}");
}

#[test]
fn action_ids_of_a_page_differ() {
    each_page(|name, page, _| {
        let ids: Vec<&str> =
            select(page, "input[name=id]").iter().filter_map(|input| input.value().attr("value")).collect();
        let different: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), different.len(), "{name}");
    });
}

/// A page that changes something by a link would do so for every program that follows links.
#[test]
fn only_forms_with_post_act() {
    each_page(|name, page, _| {
        for form in select(page, "form:not([method=post])") {
            assert_eq!(form.value().attr("method"), Some("get"), "{name}");
            let path = form.value().attr("action").unwrap();
            let is_page = [
                "/admin",
                "/admin/queue",
                "/admin/threads",
                "/admin/audit",
                "/admin/bans",
                "/admin/settings",
                "/admin/transfer",
            ]
            .contains(&path);
            assert!(is_page, "{name}: {path}");
        }
        for link in select(page, "a[href]") {
            let href = link.value().attr("href").unwrap();
            for word in ["/act", "/undo", "sign-out", "/lift", "close-old", "action="] {
                assert!(
                    !href.split("&back=").next().unwrap().contains(word) || href.starts_with("/admin/audit"),
                    "{name}: {href}"
                );
            }
        }
    });
}

#[test]
fn pages_have_no_inline_script_or_style() {
    each_page(|name, page, source| {
        assert!(!has(page, "style, [style], iframe, object, embed, img, base"), "{name}");
        let scripts = select(page, "script");
        assert!(
            scripts.iter().all(|script| script.value().attr("src").is_some() && script.text().next().is_none()),
            "{name}"
        );
        // The import page has a script of its own.
        assert_eq!(scripts.len(), if name.starts_with("transfer") { 2 } else { 1 }, "{name}");
        for element in select(page, "*") {
            assert!(
                element.value().attrs().all(|(attribute, _)| !attribute.starts_with("on")),
                "{name}: {}",
                element.html()
            );
        }
        assert!(!source.contains("href=\"javascript:"), "{name}");
    });
}

#[test]
fn pages_have_one_heading_of_the_first_level_and_skip_none() {
    each_page(|name, page, _| {
        assert_eq!(select(page, "h1").len(), 1, "{name}");
        assert_eq!(select(page, "main").len(), 1, "{name}");
        let levels: Vec<u32> = select(page, "main h1, main h2, main h3")
            .iter()
            .map(|heading| heading.value().name()[1..].parse().unwrap())
            .collect();
        assert_eq!(levels.first(), Some(&1), "{name}: {levels:?}");
    });
}

/// Every key of the table is used by a page, and every key that a page uses is in the table.
#[test]
fn the_table_of_texts_is_complete() {
    let table: BTreeMap<String, String> = serde_json::from_str(include_str!("../../../admin/texts.json")).unwrap();
    let shown: String =
        [&PLAIN, &HOSTILE].iter().flat_map(|words| pages::all(texts(), words)).map(|(_, page)| page).collect();
    // A missing key is its own text.
    let page = Html::parse_document(&shown);
    let visible: String = page.root_element().text().collect::<Vec<_>>().join("\n");
    for line in visible.lines() {
        let is_key = line.contains('.')
            && !line.contains("example")
            && line.split('.').all(|part| !part.is_empty())
            && line.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        assert!(!is_key, "{line} has no text");
    }
    let source: String = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/admin"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let built = [
        "date.",
        "month.",
        "wait",
        "age.",
        "act.",
        "similar.",
        "action.",
        "why.",
        "signal.",
        "empty.",
        "key.",
        "js.",
        "setting.",
        "choice.",
        "usage.",
        "import.count.",
        "filter.",
        "moving.",
    ];
    for key in table.keys() {
        let stem = ["one", "other"].iter().find_map(|form| key.strip_suffix(&format!(".{form}"))).unwrap_or(key);
        let is_used = [key.as_str(), stem].iter().any(|key| source.contains(&format!("\"{key}\"")))
            || built.iter().any(|prefix| key.starts_with(prefix))
            || ["plural", "digits", "group", "group.min"].contains(&key.as_str());
        assert!(is_used, "{key} is used nowhere");
    }
}

/// Leaks a word, because the sample data are constants.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The elements of a page do not depend on what people typed.
    #[test]
    fn words_never_become_markup(word in "[<>&\"'{}a/=\\\\ \u{202e}\u{5d0}-]{1,24}") {
        let words = |word: &str| {
            let word = leak(word.to_owned());
            Words { names: leak_list(word), titles: leak_list(word), texts: PLAIN.texts, line: word }
        };
        // Text has no `<` of its own, so every one begins a tag.
        let elements = |words: &Words| -> Vec<(&'static str, Vec<String>)> {
            let tag = |rest: &str| rest.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '/').collect();
            pages::all(texts(), words)
                .into_iter()
                .map(|(name, page)| (name, page.split('<').skip(1).map(tag).collect()))
                .collect()
        };
        for ((name, found), (_, expected)) in elements(&words(&word)).into_iter().zip(elements(&words("word"))) {
            prop_assert_eq!(found, expected, "{}", name);
        }
    }
}

fn leak_list(word: &'static str) -> &'static [&'static str] {
    Box::leak(vec![word].into_boxed_slice())
}

/// Every text that a script of the import page names is in the table, and every text of the table is named, but for those whose keys are built.
#[test]
fn texts_of_the_import_page_are_complete() {
    const BUILT: [&str; 7] = ["state.", "left.", "field.", "kind.", "position.", "step.", "upload."];
    let scripts: String = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/admin/import"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let table: BTreeMap<String, String> = serde_json::from_str(include_str!("../../../admin/texts.json")).unwrap();
    let keys: BTreeSet<&str> = table.keys().filter_map(|key| key.strip_prefix("moving.")).collect();
    let has = |name: &str| keys.contains(name) || keys.contains([name, ".one"].concat().as_str());
    for function in ["t", "counted", "field", "button", "group", "folded"] {
        for part in scripts.split(&format!("{function}('")).skip(1) {
            let name = part.split('\'').next().unwrap();
            let is_key = name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
            assert!(!is_key || name.len() < 3 || has(name), "{name} has no text");
        }
    }
    for key in keys.iter().filter(|key| !BUILT.iter().any(|prefix| key.starts_with(prefix))) {
        let name = key.trim_end_matches(".one").trim_end_matches(".other").trim_end_matches(".hint");
        let name = name.strip_prefix("export.").unwrap_or(name);
        let in_page = ["title", "intro", "plain"].contains(&name);
        assert!(
            in_page
                || scripts.contains(&format!("'{name}'"))
                || scripts.contains(&format!("export.{name}'"))
                || scripts.contains(&format!("{name}:")),
            "{key} is not used"
        );
    }
}
