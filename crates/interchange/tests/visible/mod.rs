//! The visible part of HTML: blocks of characters with their styles and links. Computed from the tree of `scraper`, and not by the crate's own reader.

use scraper::{ElementRef, Html, Node};
use url::Url;

/// A character with its styles (`s`, `e`, `d`, `c` for strong, emphasis, deleted, code) and its link.
pub(crate) type Character = (char, String, Option<String>);

/// A paragraph or code, with the quotes and items around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visible {
    pub(crate) path: String,
    pub(crate) characters: Vec<Character>,
}

impl Visible {
    pub(crate) fn text(&self) -> String {
        self.characters.iter().map(|(character, ..)| *character).collect()
    }
}

/// The visible blocks of HTML.
pub(crate) fn visible(html: &str) -> Vec<Visible> {
    let page = Html::parse_fragment(html);
    let mut walk = Walk { path: Vec::new(), styles: String::new(), link: None, now: Vec::new(), seen: Vec::new() };
    walk.element(page.root_element());
    walk.end();
    walk.seen
}

struct Walk {
    path: Vec<String>,
    styles: String,
    link: Option<String>,
    now: Vec<Character>,
    seen: Vec<Visible>,
}

impl Walk {
    fn element(&mut self, element: ElementRef<'_>) {
        let mut items = 0;
        for child in element.children() {
            match child.value() {
                Node::Text(text) => self.text(text),
                Node::Element(_) => {
                    let Some(child) = ElementRef::wrap(child) else { continue };
                    if child.value().name() == "li" {
                        items += 1;
                    }
                    self.child(child, items);
                }
                _ => {}
            }
        }
    }

    fn child(&mut self, child: ElementRef<'_>, item: usize) {
        let name = child.value().name();
        let style = match name {
            "b" | "strong" => Some('s'),
            "i" | "em" => Some('e'),
            "s" | "del" => Some('d'),
            "code" if !self.path.iter().any(|part| part == "pre") => Some('c'),
            _ => None,
        };
        match name {
            "br" => self.now.push(('\n', String::new(), None)),
            "p" | "div" => {
                self.end();
                self.element(child);
                self.end();
            }
            "blockquote" | "ul" | "ol" | "li" | "pre" => {
                self.end();
                let part = if name == "li" { format!("li{item}") } else { name.to_owned() };
                self.path.push(part);
                self.element(child);
                self.end();
                self.path.pop();
            }
            "a" => {
                let outer = self.link.clone();
                self.link =
                    child.value().attr("href").and_then(|href| Url::parse(href).ok()).map(|url| url.to_string());
                self.element(child);
                self.link = outer;
            }
            "script" | "style" => {}
            _ => {
                let outer = self.styles.clone();
                if let Some(style) = style
                    && !self.styles.contains(style)
                {
                    self.styles.push(style);
                    let mut sorted: Vec<_> = self.styles.chars().collect();
                    sorted.sort_unstable();
                    self.styles = sorted.into_iter().collect();
                }
                self.element(child);
                self.styles = outer;
            }
        }
    }

    fn text(&mut self, text: &str) {
        let in_pre = self.path.iter().any(|part| part == "pre");
        for character in text.chars() {
            let shown = match character {
                '\n' | '\t' if !in_pre => ' ',
                '\u{34f}' => continue,
                '\u{2cb}' => '`',
                other => other,
            };
            self.now.push((shown, self.styles.clone(), self.link.clone()));
        }
    }

    fn end(&mut self) {
        let now = std::mem::take(&mut self.now);
        let in_pre = self.path.iter().any(|part| part == "pre");
        let mut characters = if in_pre { now } else { collapsed(now) };
        while characters.last().is_some_and(|(character, ..)| *character == '\n') {
            characters.pop();
        }
        if !in_pre {
            return self.paragraphs(&characters);
        }
        let is_visible = characters.iter().any(|(character, ..)| !character.is_whitespace());
        if is_visible {
            self.seen.push(Visible { path: self.path.join("/"), characters });
        }
    }
}

impl Walk {
    /// Two line breaks are the end of a paragraph.
    fn paragraphs(&mut self, characters: &[Character]) {
        let mut rest = characters;
        while !rest.is_empty() {
            let end = rest.windows(2).position(|pair| pair[0].0 == '\n' && pair[1].0 == '\n').unwrap_or(rest.len());
            let (now, later) = rest.split_at(end);
            if now.iter().any(|(character, ..)| !character.is_whitespace()) {
                self.seen.push(Visible { path: self.path.join("/"), characters: now.to_vec() });
            }
            rest = &later[later.iter().take_while(|(character, ..)| *character == '\n').count()..];
        }
    }
}

/// Removes white space that is not shown. A space has no style of its own.
fn collapsed(characters: Vec<Character>) -> Vec<Character> {
    let mut shown: Vec<Character> = Vec::new();
    for (character, styles, link) in characters {
        let after_space = shown.last().is_none_or(|(last, ..)| matches!(last, ' ' | '\n'));
        match character {
            ' ' if after_space => {}
            ' ' => shown.push((' ', String::new(), None)),
            '\n' => {
                while shown.last().is_some_and(|(last, ..)| *last == ' ') {
                    shown.pop();
                }
                shown.push(('\n', String::new(), None));
            }
            other => shown.push((other, styles, link)),
        }
    }
    while shown.last().is_some_and(|(last, ..)| matches!(last, ' ' | '\n')) {
        shown.pop();
    }
    let start = shown.iter().position(|(character, ..)| !matches!(character, ' ' | '\n')).unwrap_or(0);
    shown.drain(..start);
    shown
}
