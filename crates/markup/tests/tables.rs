//! Tables of inputs and expected HTML: `attacks.txt` and `ordinary.txt` in this folder.
//!
//! `UPDATE=1 cargo test -p afterword-markup --test tables` writes the current output into both. Review the difference
//! before you commit it. A case is a title after eight `=`, the text, a line of `------->`, and the HTML. `{U+202E}`
//! stands for a character that would be invisible in the file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../tests/src/attack.rs"]
#[expect(unreachable_pub, reason = "it belongs to the tests of the whole, which share it")]
mod attack;
mod invariants;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;

const TITLE: &str = "======== ";
const ARROW: &str = "------->";

struct Case {
    title: String,
    input: String,
    expected: String,
}

fn check(input: &str, expected: &str, title: &str) {
    assert_eq!(rendered(input), expected, "{title}");
}

/// The HTML as written in the file.
fn rendered(input: &str) -> String {
    match invariants::check(&decode_invisible(input)) {
        Ok(html) => encode_invisible(&html),
        Err(error) => format!("refused: {error}"),
    }
}

#[test]
fn attacks_render_as_expected() {
    assert!(run("attacks.txt") >= 100, "the table has lost cases");
}

/// The end-to-end tests show the same strings to a browser.
#[test]
fn the_attack_corpus_satisfies_the_invariants() {
    let attacks = attack::attacks(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/attacks"));
    assert!(attacks.len() >= 1_300, "too few attacks: {}", attacks.len());
    let (mut known, mut classes) = (HashMap::new(), BTreeMap::new());
    for attack in &attacks {
        let before = known.insert(&attack.bytes, &attack.place);
        assert_eq!(before, None, "{} is that of {before:?}", attack.place);
        *classes.entry(attack.class()).or_insert(0) += 1;
        let _ = invariants::check(&attack.text());
    }
    assert!(classes.len() >= 14 && classes.values().all(|strings| *strings >= 30), "{classes:?}");
}

#[test]
fn ordinary_comments_render_as_expected() {
    run("ordinary.txt");
}

/// Checks the cases of a file, or updates their expected output. Returns the number of cases.
fn run(name: &str) -> usize {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let cases = read(&std::fs::read_to_string(&path).unwrap());
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, write(&cases)).unwrap();
    } else {
        for case in &cases {
            check(&case.input, &case.expected, &case.title);
        }
    }
    cases.len()
}

fn read(file: &str) -> Vec<Case> {
    let case = |part: &str| {
        let (title, rest) = part.split_once('\n').unwrap();
        let (input, expected) = rest.split_once(&format!("\n{ARROW}\n")).unwrap_or_else(|| panic!("no arrow: {title}"));
        Case { title: title.to_owned(), input: input.to_owned(), expected: expected.trim_end_matches('\n').to_owned() }
    };
    format!("\n{file}").split(&format!("\n{TITLE}")).skip(1).map(case).collect()
}

fn write(cases: &[Case]) -> String {
    let mut file = String::new();
    for Case { title, input, .. } in cases {
        writeln!(file, "{TITLE}{title}\n{input}\n{ARROW}\n{}\n", rendered(input).trim_end_matches('\n')).unwrap();
    }
    file
}

/// Replaces `{U+…}` by the character.
fn decode_invisible(text: &str) -> String {
    let mut parts = text.split("{U+");
    let mut revealed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        revealed.push(char::from_u32(u32::from_str_radix(name, 16).unwrap()).unwrap());
        revealed.push_str(rest);
    }
    revealed
}

/// Replaces invisible characters by `{U+…}`.
fn encode_invisible(html: &str) -> String {
    let mut named = String::new();
    for character in html.chars() {
        let unseen = (character.is_control() && character != '\n')
            || (character.is_whitespace() && !character.is_ascii())
            || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e0fff}');
        if unseen { write!(named, "{{U+{:04X}}}", u32::from(character)).unwrap() } else { named.push(character) }
    }
    named
}

#[test]
fn html_without_visible_characters_is_blank() {
    let blank = |text: &str| afterword_markup::render(text).unwrap().is_blank();
    for text in ["```\n```", "[\u{200b}](https://a.example)", "\u{200b}\u{ad}", "\u{a0}", ""] {
        assert!(blank(text), "{text:?}");
    }
    for text in [
        "a",
        "** **\u{ad}",
        "👍",
        "<",
        "&lt;",
        "`>`",
        "- .",
        "https://a.example",
        "![a](https://a.example)",
        "100.",
        "&nbsp;",
        ">",
        "-",
        "+",
        "1.",
        ">_<",
    ] {
        assert!(!blank(text), "{text:?}");
    }
}

#[test]
fn the_text_has_no_markup_and_ends_with_link_targets() {
    let cases = [
        ("Hi *th*ere", " Hi there "),
        ("a\nb\n- c", " a b   c  "),
        ("**vi**agra", " viagra "),
        ("1 < 2 && \"x\" \\&lt; & &nope;", " 1 < 2 && \"x\" \\&lt; & &nope; "),
        ("[he`re`](https://a.example/?x=1&y=>)!", " here!  https://a.example/?x=1&y=%3E"),
        ("```x\na\nb\n```", " a\nb\n "),
    ];
    for (markdown, expected) in cases {
        assert_eq!(afterword_markup::render(markdown).unwrap().searchable_text(), expected, "{markdown}");
    }
}
