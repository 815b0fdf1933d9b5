//! Laws, held against texts that nobody wrote.

mod law;

use afterword_markup::{MarkupError, render};
use proptest::collection::vec;
use proptest::prelude::*;

/// Pieces of Markdown, of HTML and of addresses, and characters that mean something to a parser.
const PIECES: &[&str] = &[
    "*",
    "**",
    "_",
    "__",
    "~~",
    "~",
    "`",
    "``",
    "```",
    "~~~",
    "[",
    "]",
    "(",
    ")",
    "](",
    "![",
    "<",
    ">",
    "&",
    "&amp;",
    "&#x202e;",
    "&lt;",
    "&Tab;",
    "&NewLine;",
    "\\",
    "\n",
    "\n\n",
    " ",
    "  ",
    "    ",
    "\t",
    "- ",
    "+ ",
    "* ",
    "1. ",
    "7) ",
    "> ",
    "#",
    "# ",
    "---",
    "===",
    "|",
    "|-|",
    "[a]: ",
    "[^1]",
    "https://",
    "http://",
    "www.",
    "mailto:",
    "javascript:",
    "data:text/html,",
    "a.example",
    "a@b.c",
    "/x_y_z",
    "?q=1",
    "<b>",
    "</b>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!x>",
    "<svg>",
    "<math>",
    "<style>",
    "<a href=\"",
    "<https://",
    "'",
    "\"",
    "=",
    "onerror=",
    "\0",
    "\r",
    "\u{85}",
    "\u{a0}",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2066}",
    "\u{feff}",
    "\u{fdd0}",
    "\u{fdd1}",
    "\u{fdd4}",
    "\u{ffff}",
    "é",
    "字",
    "。",
    "😀",
    "word",
    "Word",
    "0",
];

fn pieces() -> impl Strategy<Value = String> {
    vec(prop::sample::select(PIECES), 0..80).prop_map(|pieces| pieces.concat())
}

/// The same few pieces over and over, up to the limit: what makes a parser slow or deep.
fn storms() -> impl Strategy<Value = String> {
    let part = (vec(prop::sample::select(PIECES), 1..5), 1..400usize);
    vec(part, 1..4).prop_map(|parts| parts.iter().map(|(pieces, times)| pieces.concat().repeat(*times)).collect())
}

/// Letters, and everything whose characters are all shown: no addresses, no character references, no code fences.
fn plain_pieces() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(
        &[
            "a",
            "b",
            "word",
            " ",
            "  ",
            "    ",
            "\t",
            "\n",
            "\n\n",
            "*",
            "_",
            "~~",
            "`",
            "> ",
            "- ",
            "+ ",
            "* ",
            "# ",
            "#",
            "---\n",
            "===\n",
            "[",
            "]",
            "[x]: y\n",
            "[^x]: y",
            "<b>",
            "</b>",
            "<!-- c -->",
            "<?p?>",
            "<script>",
            "|",
            "\\",
            "é",
            "字",
            ":",
            "!",
            "(",
            ")",
            "$",
            "^",
        ][..],
    );
    vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

/// The letters of a text, in order. Those of HTML are the letters of its text.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphabetic()).collect()
}

fn letters_of_html(html: &str) -> String {
    scraper::Html::parse_fragment(html).root_element().text().map(letters).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_markup(text in pieces()) {
        let _ = law::hold(&text);
    }

    #[test]
    fn any_characters(text in any::<String>()) {
        let _ = law::hold(&text);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        let _ = law::hold(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_letter_is_lost(text in plain_pieces()) {
        // A link needs its address right behind a bracket, and the name of a language is not shown.
        prop_assume!(!["](", "```", "~~~"].iter().any(|piece| text.contains(piece)));
        let html = law::hold(&text)?;
        prop_assert_eq!(letters_of_html(&html), letters(&text), "{}", html);
    }

    #[test]
    fn cleaning_before_changes_nothing(text in pieces()) {
        prop_assert_eq!(render(&afterword_model::clean_text(&text)), render(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn storms_of_markup(text in storms()) {
        let _ = law::hold(&text);
    }
}

#[test]
fn the_limit_is_the_last_length_taken() {
    assert!(law::hold(&"a".repeat(8 * 1024)).is_ok());
    assert_eq!(law::hold(&"a".repeat(8 * 1024 + 1)), Err(MarkupError::TooLong));
}

#[test]
fn too_much_markup_is_refused() {
    for storm in ["*a* ", "`a` ", "a\n", "- a\n", "&", "<", "www.a.b ", "[a](https://a.b)", "<https://a.b>"] {
        let text = storm.repeat(8 * 1024 / storm.len());
        assert_eq!(law::hold(&text), Err(MarkupError::OutputTooLong), "{storm:?}");
        // An eighth of the longest text may be as dense as it likes.
        assert!(law::hold(&storm.repeat(1024 / storm.len())).is_ok(), "{storm:?}");
    }
}

#[test]
fn what_is_refused_can_be_shown_as_it_is() {
    let check =
        |text: &str, expected: &str| assert_eq!(afterword_markup::render_plain(text).as_str(), expected, "{text:?}");
    check("", "");
    check(" \n\u{200b}", "<p>\u{200b}</p>");
    check("a\r\nb\n \n\n  *c*  \n", "<p>a<br>b</p><p>*c*</p>");
    check("<b onclick=a>\"&amp;\u{202e}'\u{a0}|</b>", "<p>&lt;b onclick=a&gt;\"&amp;amp;'&nbsp;|&lt;/b&gt;</p>");
    check("> - # `d`\n[e](https://f.example)", "<p>&gt; - # `d`<br>[e](https://f.example)</p>");
}

#[test]
fn warming_does_not_fail() {
    afterword_markup::warm_up();
}
