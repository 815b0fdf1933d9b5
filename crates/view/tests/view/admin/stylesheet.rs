//! Checks the stylesheet of the moderators' pages.

use std::collections::BTreeSet;

use afterword_view::admin::texts;
use afterword_view::styles::Stylesheet;

use super::pages;
use super::sample::{PLAIN, RIGHT_TO_LEFT};

/// Classes that only the script adds.
const OF_THE_SCRIPT: [&str; 5] = ["answering", "outcome", "bad", "write", "step"];

/// The rules without their comments.
fn rules() -> String {
    let source = Stylesheet::Admin.source();
    source.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, rules)| rules)).collect()
}

/// The names behind each `start` in the selectors of the rules.
fn names(rules: &str, start: char) -> BTreeSet<String> {
    let selectors = rules.split('{').filter_map(|part| part.rsplit(['}', ';']).next());
    let name = |rest: &str| -> String {
        rest.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '-' || *it == '_').collect()
    };
    let found = selectors.flat_map(|selector| selector.split(start).skip(1).map(name).collect::<Vec<_>>());
    found.filter(|name: &String| name.starts_with(|it: char| it.is_ascii_alphabetic())).collect()
}

/// A class that no page has styles nothing.
#[test]
fn every_class_is_on_a_page() {
    let shown: String =
        [&PLAIN, &RIGHT_TO_LEFT].iter().flat_map(|words| pages::all(texts(), words)).map(|(_, page)| page).collect();
    let on_pages: BTreeSet<&str> = shown
        .split("class=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .flat_map(|list| list.split(' '))
        .collect();
    let styled = names(&rules(), '.');
    assert!(styled.len() > 60, "{styled:?}");
    for class in styled {
        assert!(on_pages.contains(class.as_str()) || OF_THE_SCRIPT.contains(&class.as_str()), "{class}");
    }
}

/// Left and right depend on the direction of the language.
#[test]
fn directions_are_logical() {
    const OTHERS: [&str; 5] =
        ["line-height", "border-width", "border-block-end-width", "stroke-width", "scrollbar-width"];
    for line in rules().lines().map(str::trim).filter(|line| line.ends_with(';') && !line.starts_with("--")) {
        let Some((property, value)) = line.split_once(':') else { continue };
        let is_physical = |word: &str| ["left", "right", "top", "bottom", "width", "height"].contains(&word);
        assert!(OTHERS.contains(&property) || !property.split('-').any(is_physical), "{line}");
        assert!(!value.split([' ', ';', '-']).any(is_physical), "{line}");
    }
}

/// Both palettes define the same colours, but for those that are mixed from others.
#[test]
fn light_and_dark_have_the_same_colours() {
    let rules = rules();
    let (light, dark) = rules.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = dark.split_once("@media").unwrap().0;
    let own = |part: &str| -> BTreeSet<String> {
        let lines = part.lines().map(str::trim).filter(|line| line.starts_with("--") && line.contains(": #"));
        lines.map(|line| line.split(':').next().unwrap().to_owned()).collect()
    };
    assert!(own(light).len() > 4);
    assert_eq!(own(light), own(dark));
}
