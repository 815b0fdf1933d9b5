//! Checks the stylesheets, and the documentation in the first comment of that for reading.

use std::collections::BTreeSet;

const FILES: [&str; 5] = ["afterword", "afterword-write", "afterword-page", "theme-dense", "theme-classic"];

/// The styles for reading.
fn source() -> String {
    file("afterword")
}

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/{name}.css", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The rules of all stylesheets, in the order in which they are loaded.
fn all_rules() -> String {
    FILES.map(|name| parts(&file(name)).1).concat()
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
    let (head, _) = parts(&source);
    let rules = all_rules();
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

/// Left and right depend on the direction of the language. Only the rules for WebKit name the side of each direction.
#[test]
fn directions_are_logical() {
    let rules = all_rules();
    let (before, rest) = rules.split_once("@supports (-webkit-nbsp-mode").unwrap();
    let (_, after) = rest.split_once("\n}\n").unwrap();
    for line in before.lines().chain(after.lines()).map(str::trim).filter(|line| line.ends_with(';')) {
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

/// Classes that only the widget renders, in its scripts.
const WIDGET_CLASSES: [&str; 17] = [
    "aw-restored",
    "aw-discard",
    "aw-act",
    "aw-vote",
    "aw-drawn",
    "aw-fresh",
    "aw-fresh-here",
    "aw-new",
    "aw-news",
    "aw-previewing",
    "aw-note",
    "aw-reaction",
    "aw-reactions",
    "aw-tool",
    "aw-tool-bold",
    "aw-tool-italic",
    "aw-tools",
];

/// A class that is never rendered styles nothing.
#[test]
fn every_class_is_rendered() {
    let rules = all_rules();
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
        assert!(found || WIDGET_CLASSES.contains(&class), "{class}");
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
    for selector in [
        ".aw-form",
        ".aw-order",
        ".aw-acts",
        ".aw-avatar",
        ".aw-more",
        ".aw-earlier",
        ".aw-back",
        ".aw-branch > summary",
    ] {
        assert!(declarations(&print, selector).contains("display: none;"), "{selector}");
    }
    // The styles for writing come later, and show the form.
    let (_, writing) = parts(&file("afterword-write"));
    let (_, writing) = writing.rsplit_once("@media print {").expect("rules for print");
    assert!(declarations(&writing.replace("  ", ""), ".aw-form").contains("display: none;"));
    let branch = declarations(&print, ".aw-branch::details-content");
    assert!(branch.contains("content-visibility: visible;"), "what a reader has collapsed is printed");
}

/// Until its styles are there, the form is not seen, and takes no focus from anybody who reads. If they never come, it is seen all the same.
#[test]
fn an_unstyled_form_is_not_seen() {
    let (_, reading) = parts(&source());
    let (_, writing) = parts(&file("afterword-write"));
    let hidden = declarations(&reading, ".aw-form");
    assert!(hidden.contains("opacity: 0;") && hidden.contains("animation: aw-unstyled 0s 2s forwards;"), "{hidden}");
    let shown = declarations(&writing, ".aw-form");
    assert!(shown.contains("opacity: 1;") && shown.contains("animation: none;"), "{shown}");
}

/// On a narrow screen, indentation ends where the renderer begins to name the parents of replies.
#[test]
fn a_narrow_screen_has_three_levels() {
    let (_, rules) = parts(&source());
    let (_, narrow) = rules.split_once("@media (max-width: 30em) {").unwrap();
    let narrow = narrow.split("@media").next().unwrap().replace("  ", "");
    let flat = declarations(&narrow, ".aw-replies .aw-replies .aw-replies .aw-replies");
    assert!(flat.contains("padding-inline-start: 0;"), "{flat}");
    assert!(declarations(&narrow, ".aw-narrow").contains("display: inline;"));
    assert!(declarations(&rules, ".aw-narrow").starts_with("\n  display: none;"));
    let html = std::fs::read_to_string(crate::golden("thread.html")).unwrap();
    let narrow: Vec<_> = html
        .match_indices("aw-to aw-narrow")
        .map(|(at, _)| &html[html[..at].rfind("data-depth=").unwrap() + 12..][..1])
        .collect();
    assert_eq!(narrow, ["4"]);
}

#[cfg(feature = "catalogue")]
#[test]
fn every_stylesheet_has_a_path_of_its_own() {
    use afterword_view::styles::{Stylesheet, page_stylesheet_paths};
    let paths: BTreeSet<_> = Stylesheet::ALL.map(Stylesheet::path).into();
    let [reading, writing, page, dense, classic] = FILES;
    let files = [reading, writing, page, "afterword-admin", dense, classic];
    assert_eq!(paths.len(), files.len());
    for (style, name) in Stylesheet::ALL.into_iter().zip(files) {
        let path = style.path();
        // The loader knows only the path of the styles for reading.
        match name.strip_prefix("theme-") {
            Some(theme) => assert_eq!(path, Stylesheet::Reading.path().replace('.', &format!("-{theme}."))),
            None => {
                assert!(path.starts_with(&format!("/assets/{name}-")) && path.ends_with(".css"), "{path}");
                assert_eq!(path.len(), "/assets/-.css".len() + name.len() + 16, "{path}");
            }
        }
        assert_eq!(style.source(), file(name));
    }
    assert_eq!(
        page_stylesheet_paths(),
        [Stylesheet::Reading, Stylesheet::Writing, Stylesheet::Page].map(Stylesheet::path)
    );
}
