//! HTML, by the tokens of `html5ever`, or of [`tags`] where they are the same.
//!
//! The tokens are enough: a comment has no document around it, and the builder closes what is left open. A tree of the parser would cost time in
//! the square of its depth.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use memchr::memchr2;

use super::builder::{Builder, Container};
use super::document::{Block, Style};
use super::links;
use super::tags::{self, Attributes, Parts};

/// Longest name of an element that is reported by its name.
const MAX_NAME_BYTES: usize = 16;
/// Maximum number of names that are reported for one text.
const MAX_NAMES: usize = 16;
/// Longest name of a language after a code fence.
const MAX_LANGUAGE_BYTES: usize = 20;

/// The meaning of newlines outside of `pre`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Newlines {
    /// Spaces, as in HTML.
    Spaces,
    /// Line breaks; a blank line ends a paragraph, as in WordPress.
    Breaks,
}

/// Reads a text.
pub(super) fn read(html: &str, newlines: Newlines) -> (Vec<Block>, BTreeSet<String>) {
    let mut writer = HtmlWriter::new(newlines);
    if tags::read(html, &mut writer.state).is_some() {
        writer.state.flush();
        let read = writer.finish();
        debug_assert_eq!(read, read_by_parser(html, newlines), "both tokenizers find the same in {html:?}");
        return read;
    }
    read_by_parser(html, newlines)
}

fn read_by_parser(html: &str, newlines: Newlines) -> (Vec<Block>, BTreeSet<String>) {
    let mut writer = HtmlWriter::new(newlines);
    writer.feed(html);
    writer.finish()
}

/// Turns HTML into a document. It may come in several pieces, each with whole tags.
pub(super) struct HtmlWriter {
    state: State,
}

impl HtmlWriter {
    pub(super) fn new(newlines: Newlines) -> Self {
        let state = State {
            builder: Builder::default(),
            newlines,
            pending: String::new(),
            code: None,
            hidden: None,
            is_first_cell: true,
            dropped: BTreeSet::new(),
        };
        Self { state }
    }

    /// The builder, for texts of another language between the pieces.
    pub(super) fn builder(&mut self) -> &mut Builder {
        &mut self.state.builder
    }

    /// Notes an element that comments do not have.
    pub(super) fn drop_element(&mut self, name: &str) {
        self.state.drop_element(name);
    }

    /// Returns true within an element whose text nobody sees.
    pub(super) fn is_hidden(&self) -> bool {
        self.state.hidden.is_some()
    }

    pub(super) fn feed(&mut self, html: &str) {
        let placeholder = Self::new(self.state.newlines).state;
        let sink = Sink(RefCell::new(std::mem::replace(&mut self.state, placeholder)));
        let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        // No element makes the tokenizer wait, because the sink never asks for it.
        let _ = tokenizer.feed(&queue);
        tokenizer.end();
        self.state = tokenizer.sink.0.into_inner();
        self.state.flush();
    }

    pub(super) fn finish(mut self) -> (Vec<Block>, BTreeSet<String>) {
        self.state.end_code();
        (self.state.builder.finish(), self.state.dropped)
    }
}

struct Sink(RefCell<State>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) => {
                match tag.kind {
                    TagKind::StartTag => state.start(&tag.name, Attributes::Parsed(&tag.attrs)),
                    TagKind::EndTag => state.end(&tag.name),
                }
                if tag.kind == TagKind::StartTag {
                    return raw_text(&tag.name);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// The way in which the content of an element is read, as a browser does.
fn raw_text(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
        _ => TokenSinkResult::Continue,
    }
}

struct State {
    builder: Builder,
    newlines: Newlines,
    /// Text since the last tag. The tokenizers cut it in different ways, and a newline counts by its neighbours.
    pending: String,
    /// Language and text of the open `pre`.
    code: Option<(String, String)>,
    /// Name of the open element whose text nobody sees.
    hidden: Option<String>,
    is_first_cell: bool,
    dropped: BTreeSet<String>,
}

impl Parts for State {
    fn text(&mut self, text: &str) {
        self.pending.push_str(text);
    }

    fn start(&mut self, name: &str, attributes: Attributes<'_>) {
        self.flush();
        self.start_element(name, attributes);
    }

    fn end(&mut self, name: &str) {
        self.flush();
        self.end_element(name);
    }
}

impl State {
    /// Takes the text before a tag.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let mut text = std::mem::take(&mut self.pending);
        if self.hidden.is_some() {
            return;
        }
        if let Some((_, code)) = &mut self.code {
            code.push_str(&text);
            return;
        }
        match self.newlines {
            Newlines::Spaces => {
                if memchr2(b'\n', 0xc, text.as_bytes()).is_some() {
                    text = text.replace(['\n', '\u{c}'], " ");
                }
                self.builder.owned_text(text);
            }
            Newlines::Breaks => {
                // The newline after a `br` in the source is the same break.
                let start = usize::from(self.builder.follows_break() && text.starts_with('\n'));
                self.builder.lines(&text[start..]);
            }
        }
    }

    fn start_element(&mut self, name: &str, attributes: Attributes<'_>) {
        if self.hidden.is_some() {
            return;
        }
        if self.code.is_some() {
            self.start_in_code(name, attributes);
            return;
        }
        match name {
            "pre" | "xmp" | "listing" => self.start_code(attributes),
            "br" => self.builder.text("\n"),
            "a" => {
                self.builder.close_link(links::whole_text);
                self.builder.open_link(attributes.get("href").and_then(|href| links::target(&href)));
            }
            "blockquote" => self.builder.open_container(Container::Quote),
            "ul" | "menu" | "dir" => self.builder.open_container(Container::List { start: None, items: Vec::new() }),
            "ol" => {
                let start = attributes.get("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
                self.builder.open_container(Container::List { start: Some(start), items: Vec::new() });
            }
            "li" => self.builder.open_item(),
            "tr" => {
                self.builder.text("\n");
                self.is_first_cell = true;
            }
            "td" | "th" => self.cell(),
            "script" | "style" | "title" | "template" | "noembed" | "noframes" | "iframe" | "select" | "textarea" => {
                self.link_media(name, attributes);
                self.hidden = Some(name.to_owned());
            }
            _ if style(name).is_some() => style(name).into_iter().for_each(|style| self.builder.open_style(style)),
            _ if is_block(name) => self.builder.end_paragraph(),
            _ => self.link_media(name, attributes),
        }
        if !is_kept(name) {
            self.drop_element(name);
        }
    }

    fn end_element(&mut self, name: &str) {
        if let Some(hidden) = &self.hidden {
            if hidden == name {
                self.hidden = None;
            }
            return;
        }
        if self.code.is_some() {
            if matches!(name, "pre" | "xmp" | "listing") {
                self.end_code();
            }
            return;
        }
        match name {
            "a" => self.builder.close_link(links::whole_text),
            // A browser takes it for a `br`.
            "br" => self.builder.text("\n"),
            "blockquote" => self.builder.close_container(|open| matches!(open, Container::Quote)),
            "ul" | "ol" | "menu" | "dir" => {
                self.builder.close_container(|open| matches!(open, Container::List { .. }));
            }
            _ if style(name).is_some() => style(name).into_iter().for_each(|style| self.builder.close_style(style)),
            _ if is_block(name) => self.builder.end_paragraph(),
            _ => {}
        }
    }

    fn start_code(&mut self, attributes: Attributes<'_>) {
        self.builder.end_paragraph();
        self.code = Some((language(attributes), String::new()));
    }

    fn start_in_code(&mut self, name: &str, attributes: Attributes<'_>) {
        let Some((code_language, text)) = &mut self.code else { return };
        match name {
            "br" => text.push('\n'),
            "code" if code_language.is_empty() => *code_language = language(attributes),
            _ => {}
        }
    }

    fn end_code(&mut self) {
        if let Some((language, text)) = self.code.take() {
            // The first newline after the tag is none.
            self.builder.code(&language, text.strip_prefix('\n').unwrap_or(&text));
        }
    }

    fn cell(&mut self) {
        if !std::mem::take(&mut self.is_first_cell) {
            self.builder.text(" | ");
        }
    }

    /// Adds a link to a picture or a film. Within a link it is only a text.
    fn link_media(&mut self, name: &str, attributes: Attributes<'_>) {
        if !matches!(name, "img" | "image" | "iframe" | "embed" | "video" | "audio" | "source" | "object") {
            return;
        }
        let source = attributes.get("src").or_else(|| attributes.get("data"));
        let target = source.and_then(|source| links::target(&source));
        let description = attributes.get("alt").unwrap_or_default();
        // WordPress shows them in place of the characters that somebody typed.
        let class = attributes.get("class").unwrap_or_default();
        let is_emoticon =
            class.split_ascii_whitespace().any(|class| matches!(class, "wp-smiley" | "emoji" | "smiley" | "emoticon"));
        let target = target.filter(|_| !is_emoticon || description.trim().is_empty());
        self.builder.media(description.trim(), target);
    }

    fn drop_element(&mut self, name: &str) {
        let is_short =
            name.len() <= MAX_NAME_BYTES && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if self.dropped.len() < MAX_NAMES {
            self.dropped.insert(if is_short { name.to_owned() } else { "other".to_owned() });
        }
    }
}

/// The language that a `class` names: `language-rust`, `lang-rust`, `brush: rust`.
fn language(attributes: Attributes<'_>) -> String {
    let class = attributes.get("class").unwrap_or_default().to_ascii_lowercase().replace("brush:", "brush-");
    let class = class.replace("brush- ", "brush-");
    let mut names = class
        .split_whitespace()
        .filter_map(|name| ["language-", "lang-", "brush-"].iter().find_map(|prefix| name.strip_prefix(prefix)));
    let name = names.next().unwrap_or_default().trim_end_matches(';');
    if is_language(name) { name.to_owned() } else { String::new() }
}

/// Returns true if a name may stand after a code fence.
pub(super) fn is_language(name: &str) -> bool {
    let is_start = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+#-.".contains(&byte);
    is_start && name.len() <= MAX_LANGUAGE_BYTES && name.bytes().all(is_name)
}

fn style(name: &str) -> Option<Style> {
    match name {
        "b" | "strong" => Some(Style::Strong),
        "i" | "em" => Some(Style::Emphasis),
        "s" | "del" | "strike" => Some(Style::Deleted),
        "code" | "tt" | "kbd" | "samp" => Some(Style::Code),
        _ => None,
    }
}

/// Returns true for elements that start on a line of their own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "nav"
            | "p"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
    )
}

/// Returns true for elements that comments have, or that show nothing of their own.
fn is_kept(name: &str) -> bool {
    style(name).is_some()
        || matches!(
            name,
            "a" | "blockquote"
                | "body"
                | "br"
                | "div"
                | "head"
                | "html"
                | "li"
                | "ol"
                | "p"
                | "pre"
                | "span"
                | "ul"
                | "wbr"
        )
}
