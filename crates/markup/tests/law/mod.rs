//! What holds for every text. Shared by the tests here and the fuzz target.

use afterword_markup::{MarkupError, render, render_plain};
use scraper::{ElementRef, Html, Node};

/// The documented bounds of [`render`].
const INPUT: usize = 8 * 1024;
const OUTPUT: usize = 4 * INPUT;
const NESTING: usize = 24;

/// Renders the text and holds the answer against every law. Returns the HTML.
///
/// # Panics
///
/// If a law is broken.
pub(crate) fn hold(text: &str) -> Result<String, MarkupError> {
    hold_plain(text);
    let answer = render(text);
    assert_eq!(render(text), answer, "the same text gives the same answer");
    assert_eq!(answer == Err(MarkupError::TooLong), text.len() > INPUT, "only a text over the limit is too long");
    assert_ne!(answer, Err(MarkupError::TooDeep), "what is deep was made text before the parser saw it");
    let rendered = answer?;
    let html = &rendered.html;
    assert!(html.is_markup(), "the model knows every tag: {}", html.as_str());
    let html = html.as_str().to_owned();
    assert!(html.len() <= OUTPUT, "{} bytes of HTML", html.len());
    hold_html(&html);
    let page = Html::parse_fragment(&html);
    let (text, link_targets) = visible_content(page.root_element());
    assert_eq!((&rendered.text, &rendered.link_targets), (&text, &link_targets), "{html}");
    Ok(html)
}

/// What is refused can always be shown as the text it is, all of it.
fn hold_plain(text: &str) {
    let html = render_plain(text).as_str().to_owned();
    assert!(html.len() <= 5 * text.len() + "<p></p>".len(), "{} bytes of {}", html.len(), text.len());
    hold_html(&html);
    let page = Html::parse_fragment(&html);
    let is_line = |element: &str| matches!(element, "p" | "br" | "html");
    let elements = page.tree.root().descendants().filter_map(|node| node.value().as_element());
    assert!(elements.map(|element| element.name()).all(is_line), "{html}");
    let said = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    let shown: String = page.root_element().text().map(said).collect();
    assert_eq!(shown, said(&afterword_model::clean_text(text)), "{html}");
}

fn hold_html(html: &str) {
    assert!(!html.contains(is_harmful), "no control character, nothing that reorders text: {html:?}");
    let page = Html::parse_fragment(html);
    for node in page.tree.root().descendants() {
        assert!(node.ancestors().count() <= NESTING + 2, "nested too deeply: {html}");
        match node.value() {
            Node::Element(element) => {
                let attributes: Vec<_> = element.attrs().collect();
                assert!(is_allowed(element.name(), &attributes), "<{} {attributes:?}> in {html}", element.name());
            }
            Node::Text(_) | Node::Fragment => {}
            other => panic!("{other:?} in {html}"),
        }
    }
    assert_eq!(page.root_element().inner_html(), html, "another parser reads it as it is written");
}

/// The text of an element, with a space for every tag that separates words, and the targets of its links.
fn visible_content(element: ElementRef<'_>) -> (String, Vec<String>) {
    let (mut text, mut link_targets) = (String::new(), Vec::new());
    for child in element.children() {
        if let Node::Text(words) = child.value() {
            text.push_str(words);
        } else if let Some(child) = ElementRef::wrap(child) {
            let name = child.value().name();
            let separator = if matches!(name, "a" | "code" | "del" | "em" | "strong") { "" } else { " " };
            link_targets.extend(child.value().attr("href").map(str::to_owned));
            let (words, targets) = visible_content(child);
            text += separator;
            text += &words;
            text += if name == "br" { "" } else { separator };
            link_targets.extend(targets);
        }
    }
    (text, link_targets)
}

/// The very elements and attributes that a comment may hold, written down a second time.
fn is_allowed(element: &str, attributes: &[(&str, &str)]) -> bool {
    match (element, attributes) {
        ("p" | "br" | "em" | "strong" | "del" | "code" | "pre" | "blockquote" | "ul" | "ol" | "li" | "html", []) => {
            true
        }
        ("a", [("href", href), ("rel", "nofollow ugc noopener noreferrer")]) => is_address(href),
        ("ol", [("start", number)]) | ("li", [("value", number)]) => {
            (1..=9).contains(&number.len()) && number.chars().all(|digit| digit.is_ascii_digit())
        }
        ("code", [("class", class)]) => class.strip_prefix("language-").is_some_and(|name| {
            (1..=20).contains(&name.len())
                && name.chars().all(|character| matches!(character, 'a'..='z' | '0'..='9' | '+' | '#' | '-' | '.'))
        }),
        _ => false,
    }
}

/// Absolute, and of the schemes that run nothing.
fn is_address(href: &str) -> bool {
    let absolute = ["https://", "http://"].iter().any(|start| {
        href.strip_prefix(start)
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphanumeric() || "[_-".contains(first)))
    });
    let mail = href.strip_prefix("mailto:").is_some_and(|rest| rest.contains('@'));
    (absolute || mail) && !href.contains(|character: char| character.is_control() || character == '"')
}

/// Control characters, the bidirectional controls, the byte order mark, noncharacters.
fn is_harmful(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(character) & 0xfffe == 0xfffe
}
