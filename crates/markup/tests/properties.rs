//! Property tests with generated texts.

mod invariants;

use afterword_markup::{MarkupError, render};
use proptest::collection::vec;
use proptest::prelude::*;

/// Pieces of Markdown, HTML and URLs, and characters that are special to a parser.
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

/// A few pieces repeated up to the limit, which makes some parsers slow or their trees deep.
fn repeated_pieces() -> impl Strategy<Value = String> {
    let part = (vec(prop::sample::select(PIECES), 1..5), 1..400usize);
    vec(part, 1..4).prop_map(|parts| parts.iter().map(|(pieces, times)| pieces.concat().repeat(*times)).collect())
}

/// Letters, and pieces whose characters are all shown: no URLs, no character references, no code fences.
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

/// The rest of a `mailto` URL: parameters, separators, and escapes of characters that end a line or an address.
fn mail_pieces() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(
        &[
            "a",
            "@",
            "b.example",
            "?",
            "&",
            "&amp;",
            "subject=",
            "SUBJECT=",
            "bcc=",
            "body=",
            "attach=",
            "=",
            ";",
            ",",
            "#",
            "%0d%0a",
            "%0A",
            "%00",
            "%7f",
            "%26",
            "%2C",
            "%3F",
            "%40",
            "%25",
            "%C2%85",
            "%E2%80%A8",
            "%ff",
            "é",
            "\u{200b}",
            "&#10;",
            "&#x202e;",
        ][..],
    );
    vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

/// Pieces as [`pieces`], without those whose digits HTML counts on (`1.`), or which a URL does not keep: parameters of
/// mail, and numbers in place of a host.
fn shown_pieces() -> impl Strategy<Value = String> {
    let is_kept = |piece: &&str| !["1. ", "mailto:", "0"].contains(piece);
    let kept: Vec<_> =
        PIECES.iter().copied().filter(is_kept).chain(["2. ", "1986. ", "\\\\", "b", "**", " "]).collect();
    vec(prop::sample::select(kept), 0..80).prop_map(|pieces| pieces.concat())
}

/// The ASCII letters and digits that a reader meets, in order: the text, the numbers of lists, the names of languages,
/// and after the text of each link its target.
fn shown_characters(element: scraper::ElementRef<'_>, number: &mut u64) -> String {
    let value = element.value();
    let attribute = |name| value.attr(name).unwrap_or_default();
    let mut shown = attribute("class").trim_start_matches("language-").to_owned();
    if value.name() == "ol" {
        *number = attribute("start").parse().unwrap_or(1);
    }
    if value.name() == "li" {
        *number = attribute("value").parse().unwrap_or(*number);
        shown += &number.to_string();
        *number += 1;
    }
    let mut inner = 0;
    for child in element.children() {
        if let Some(text) = child.value().as_text() {
            shown += text;
        } else if let Some(child) = scraper::ElementRef::wrap(child) {
            let is_item = child.value().name() == "li";
            shown += &shown_characters(child, if is_item { number } else { &mut inner });
        }
    }
    shown += attribute("href");
    shown.retain(|character| character.is_ascii_alphanumeric());
    shown.to_ascii_lowercase()
}

/// The letters of a text, in order. For HTML, the letters of its text.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphabetic()).collect()
}

fn letters_of_html(html: &str) -> String {
    scraper::Html::parse_fragment(html).root_element().text().map(letters).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markup_pieces_satisfy_the_invariants(text in pieces()) {
        let _ = invariants::check(&text);
    }

    #[test]
    fn any_characters_satisfy_the_invariants(text in any::<String>()) {
        let _ = invariants::check(&text);
    }

    #[test]
    fn any_bytes_satisfy_the_invariants(bytes in vec(any::<u8>(), 0..300)) {
        let _ = invariants::check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_letter_is_lost(text in plain_pieces()) {
        // A link needs its URL right after a bracket, and the name of a language is not shown.
        prop_assume!(!["](", "```", "~~~"].iter().any(|piece| text.contains(piece)));
        let html = invariants::check(&text)?;
        prop_assert_eq!(letters_of_html(&html), letters(&text), "{}", html);
    }

    #[test]
    fn every_letter_and_digit_is_shown_in_order(text in shown_pieces()) {
        if let Ok(html) = invariants::check(&text) {
            let page = scraper::Html::parse_fragment(&html);
            let shown = shown_characters(page.root_element(), &mut 0);
            let mut rest = shown.chars();
            let typed = afterword_model::clean_text(&text).to_ascii_lowercase();
            for character in typed.chars().filter(char::is_ascii_alphanumeric) {
                prop_assert!(rest.any(|other| other == character), "{:?} of {:?} in {}", character, text, html);
            }
        }
    }

    #[test]
    fn mail_links_have_one_address_and_a_subject(rest in mail_pieces()) {
        for text in [format!("[a](mailto:b@c.example{rest})"), format!("<mailto:b@c.example{rest}>")] {
            let _ = invariants::check(&text);
        }
    }

    #[test]
    fn cleaning_before_rendering_changes_nothing(text in pieces()) {
        prop_assert_eq!(render(&afterword_model::clean_text(&text)), render(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn repeated_markup_pieces_satisfy_the_invariants(text in repeated_pieces()) {
        let _ = invariants::check(&text);
    }
}

#[test]
fn the_maximum_length_is_accepted() {
    assert!(invariants::check(&"a".repeat(8 * 1024)).is_ok());
    assert_eq!(invariants::check(&"a".repeat(8 * 1024 + 1)), Err(MarkupError::TooLong));
}

#[test]
fn too_much_markup_is_rejected() {
    for piece in ["*a* ", "`a` ", "a\n", "- a\n", "&", "<", "www.a.b ", "[a](https://a.b)", "<https://a.b>"] {
        let text = piece.repeat(8 * 1024 / piece.len());
        assert_eq!(invariants::check(&text), Err(MarkupError::OutputTooLong), "{piece:?}");
        // An eighth of the maximum length may have any density of markup.
        assert!(invariants::check(&piece.repeat(1024 / piece.len())).is_ok(), "{piece:?}");
    }
}

#[test]
fn rejected_texts_can_be_rendered_as_plain_text() {
    let check =
        |text: &str, expected: &str| assert_eq!(afterword_markup::render_plain(text).as_str(), expected, "{text:?}");
    check("", "");
    check(" \n\u{200b}", "<p>\u{200b}</p>");
    check("a\r\nb\n \n\n  *c*  \n", "<p>a<br>b</p><p>*c*</p>");
    check("<b onclick=a>\"&amp;\u{202e}'\u{a0}|</b>", "<p>&lt;b onclick=a&gt;\"&amp;amp;'&nbsp;|&lt;/b&gt;</p>");
    check("> - # `d`\n[e](https://f.example)", "<p>&gt; - # `d`<br>[e](https://f.example)</p>");
}

#[test]
fn warming_up_does_not_panic() {
    afterword_markup::warm_up();
}
