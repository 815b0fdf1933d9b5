//! Checks the documentation in the first comment of the stylesheet.

use std::collections::BTreeSet;

fn source() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/afterword.css")).unwrap()
}

/// The first comment, and the rules without their comments.
fn parts(source: &str) -> (String, String) {
    let (head, rest) = source.split_once("*/").unwrap();
    let rules = rest.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, rules)| rules)).collect();
    (head.to_owned(), rules)
}

fn words<'a>(text: &'a str, start: &str) -> BTreeSet<&'a str> {
    let end = |text: &'a str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len());
    text.match_indices(start).map(|(at, _)| &text[at..at + end(&text[at..])]).collect()
}

#[test]
fn custom_properties_match_the_documentation() {
    let source = source();
    let (head, rules) = parts(&source);
    let documented: BTreeSet<_> =
        words(&head, "--afterword-").into_iter().filter(|name| !name.ends_with('-')).collect();
    assert_eq!(documented, words(&rules, "--afterword-"));
    assert_eq!(
        words(&rules, "--aw-"),
        words(&rules, "--aw-").into_iter().filter(|name| rules.contains(&format!("{name}:"))).collect()
    );
}

#[test]
fn parts_match_the_documentation() {
    let (head, _) = parts(&source());
    let documented = head.split_once("Parts: ").unwrap().1.split_once('.').unwrap().0;
    let documented: BTreeSet<_> =
        documented.split([' ', '\n', '*']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let mut rendered = BTreeSet::new();
    for entry in std::fs::read_dir(crate::golden("")).unwrap() {
        let html = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        rendered.extend(html.split(" part=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    assert_eq!(documented, rendered);
}

/// Left and right depend on the direction of the language.
#[test]
fn directions_are_logical() {
    let (_, rules) = parts(&source());
    for line in rules.lines().map(str::trim).filter(|line| line.ends_with(';')) {
        let (property, value) = line.split_once(':').unwrap();
        let physical = |word: &str| ["left", "right", "top", "bottom", "width", "height"].contains(&word);
        let name = property.trim_start_matches("line-");
        let name = if property == "line-height" { "" } else { name };
        assert!(!name.split('-').any(physical), "{line}");
        assert!(!value.split([' ', ';', '-']).any(physical), "{line}");
        // Four-sided margins and paddings would put the start on the left.
        let sides = value.split_whitespace().count();
        assert!(!["margin", "padding", "inset"].contains(&property) || sides < 4 || value.contains('('), "{line}");
    }
}

/// A class that is never rendered styles nothing. The widget renders the two classes named here.
#[test]
fn every_class_is_rendered() {
    let (_, rules) = parts(&source());
    let mut rendered = String::new();
    for entry in std::fs::read_dir(crate::golden("")).unwrap() {
        rendered.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let classes = rules.split('.').filter(|rest| rest.starts_with("aw-"));
    for class in classes.map(|rest| words(rest, "aw-").into_iter().find(|word| rest.starts_with(word)).unwrap()) {
        let found = rendered
            .split("class=\"")
            .skip(1)
            .any(|rest| rest.split('"').next().unwrap().split(' ').any(|c| c == class));
        assert!(found || ["aw-restored", "aw-discard"].contains(&class), "{class}");
    }
}

/// The declarations of all rules whose selectors contain this one.
fn declarations(rules: &str, selector: &str) -> String {
    let blocks = rules.split('}').filter_map(|rule| rule.rsplit_once('{'));
    let matching = blocks
        .filter(|(selectors, _)| selectors.rsplit('{').next().unwrap().split(',').any(|one| one.trim() == selector));
    matching.map(|(_, declarations)| declarations).collect()
}

/// Letter spacing, capitals, hyphens and the like of a page's own text enter a shadow root by inheritance.
#[test]
fn inherited_properties_of_the_page_are_reset() {
    let source = source();
    let (_, rules) = parts(&source);
    let thread = declarations(&rules, ".aw");
    let reset = thread.find("all: initial;").expect("a reset");
    // A page hides a tab, and keeps pointers from a closed drawer.
    for kept in ["font: inherit;", "visibility: inherit;", "pointer-events: inherit;", "color-scheme: inherit;"] {
        assert!(thread.find(kept).is_some_and(|at| at > reset), "{kept}");
    }
    assert!(thread.contains("user-select: text;"), "readers select and copy in spite of the page");
}

#[test]
fn paper_is_white_and_has_no_forms() {
    let source = source();
    let (_, rules) = parts(&source);
    let (_, print) = rules.rsplit_once("@media print {").expect("rules for print");
    let print = print.replace("  ", "");
    for selector in [".aw", ".aw-page", "a"] {
        let declarations = declarations(&print, selector);
        assert!(declarations.contains("color: #000;") && declarations.contains("background: #fff;"), "{selector}");
    }
    for selector in [".aw-form", ".aw-acts", ".aw-more", ".aw-earlier", ".aw-back"] {
        assert!(declarations(&print, selector).contains("display: none;"), "{selector}");
    }
}
