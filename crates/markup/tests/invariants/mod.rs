//! Invariants of rendering. Used by the tests here and by the fuzz target.

use afterword_markup::{MarkupError, render, render_plain};
use scraper::{ElementRef, Html, Node};

/// The documented limits of [`render`].
const INPUT: usize = 8 * 1024;
const OUTPUT: usize = 4 * INPUT;
const NESTING: usize = 24;

/// Renders the text and checks every invariant. Returns the HTML.
///
/// # Panics
///
/// If an invariant does not hold.
pub(crate) fn check(text: &str) -> Result<String, MarkupError> {
    check_plain(text);
    let result = render(text);
    assert_eq!(render(text), result, "rendering is deterministic");
    assert_eq!(result == Err(MarkupError::TooLong), text.len() > INPUT, "only a text over the limit is too long");
    assert_ne!(result, Err(MarkupError::TooDeep), "deep nesting is masked before parsing");
    let rendered = result?;
    let html = &rendered.html;
    assert!(html.has_only_comment_markup(), "the model accepts every tag: {}", html.as_str());
    let html = html.as_str().to_owned();
    assert!(html.len() <= OUTPUT, "{} bytes of HTML", html.len());
    check_html(&html);
    let page = Html::parse_fragment(&html);
    let (text, link_targets) = visible_content(page.root_element());
    assert_eq!((&rendered.text, &rendered.link_targets), (&text, &link_targets), "{html}");
    Ok(html)
}

/// Checks that rendering as plain text shows the whole text.
fn check_plain(text: &str) {
    let html = render_plain(text).as_str().to_owned();
    assert!(html.len() <= 5 * text.len() + "<p></p>".len(), "{} bytes of {}", html.len(), text.len());
    check_html(&html);
    let page = Html::parse_fragment(&html);
    let is_line = |element: &str| matches!(element, "p" | "br" | "html");
    let elements = page.tree.root().descendants().filter_map(|node| node.value().as_element());
    assert!(elements.map(|element| element.name()).all(is_line), "{html}");
    let without_space = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    let shown: String = page.root_element().text().map(without_space).collect();
    assert_eq!(shown, without_space(&afterword_model::clean_text(text)), "{html}");
}

fn check_html(html: &str) {
    assert!(!html.contains(is_harmful), "no control character, no bidirectional control: {html:?}");
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
    assert_eq!(page.root_element().inner_html(), html, "another parser gives the same HTML");
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

/// The elements and attributes that a comment may contain, written down independently of the renderer.
fn is_allowed(element: &str, attributes: &[(&str, &str)]) -> bool {
    let direction = match element {
        "p" | "li" | "blockquote" => "auto",
        "a" | "code" | "pre" => "ltr",
        _ => "",
    };
    let attributes: Vec<_> =
        attributes.iter().copied().filter(|&(name, value)| name != "dir" || value != direction).collect();
    match (element, attributes.as_slice()) {
        ("p" | "br" | "em" | "strong" | "del" | "code" | "pre" | "blockquote" | "ul" | "ol" | "li" | "html", []) => {
            true
        }
        ("a", [("href", href), ("rel", "nofollow ugc noopener noreferrer")]) => is_link_target(href),
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

/// Accepts absolute URLs with schemes that cannot run code, and mail to one address.
fn is_link_target(href: &str) -> bool {
    let absolute = ["https://", "http://"].iter().any(|start| {
        href.strip_prefix(start)
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphanumeric() || "[_-".contains(first)))
    });
    (absolute || href.strip_prefix("mailto:").is_some_and(is_mail))
        && !href.contains(|character: char| character.is_control() || character == '"')
}

/// Accepts one address, and at most a subject. Both have one line, also when decoded.
fn is_mail(rest: &str) -> bool {
    const LINE_ENDS: [&str; 7] = ["%0", "%1", "%7f", "%7F", "%C2%8", "%E2%80%A8", "%E2%80%A9"];
    let (address, subject) = rest.split_once("?subject=").unwrap_or((rest, ""));
    let is_plain = |text: &str| !text.contains(['?', '&', ';', ',', '#']);
    let is_one =
        address.matches('@').count() == 1 && !["%40", "%2C", "%2c"].iter().any(|other| address.contains(other));
    is_one && is_plain(address) && is_plain(subject) && !LINE_ENDS.iter().any(|end| rest.contains(end))
}

/// Control characters, the bidirectional controls, the byte order mark, noncharacters.
fn is_harmful(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(character) & 0xfffe == 0xfffe
}
