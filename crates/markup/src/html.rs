//! Writes the parser's events as HTML, in exactly the serialization of the sanitizer.

use std::borrow::Cow;
use std::ops::Range;

use afterword_model::clean_text;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::blocks::MAX_DEPTH;
use crate::error::MarkupError;
use crate::links::{bare_url_target, link_target, next_bare_url};
use crate::mask::unmask;
use crate::output::{Output, OutputParts};
use crate::sanitize::is_language;

/// Renders a restricted source as HTML.
pub(crate) fn write(source: &str) -> Result<OutputParts, MarkupError> {
    let mut writer = Writer::new(source);
    for (event, range) in Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        writer.event(event, range)?;
        writer.output.check_limits()?;
    }
    Ok(writer.output.finish())
}

struct Writer<'a> {
    source: &'a str,
    /// True if the parser may have decoded a character reference, which can reintroduce characters that `clean_text`
    /// removed.
    has_references: bool,
    output: Output,
    /// Text that is not written yet, because a URL may continue in the next event.
    text: String,
    /// Offset in the source at which the last event ended.
    source_read: usize,
    /// Number of open quotes.
    quotes: usize,
    lists: Vec<ListNumbering>,
    /// True if the output is at the start of a line, where white space is not shown.
    line_start: bool,
    /// True within code, which has no links and keeps all white space.
    code: bool,
    /// Numbers of open emphasis, strong emphasis and strikethrough.
    styles: [usize; 3],
    links: Vec<Link>,
}

/// The numbering of an open list. All 0 for an unordered list.
struct ListNumbering {
    first: u64,
    next: u64,
}

/// An open link or image.
enum Link {
    /// A link in the HTML.
    Html { address: String, visible: bool },
    /// Not permitted as a link, and therefore shown as its source text.
    SourceText,
    /// A link within a link. Only its text is shown.
    Nested,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            has_references: source.contains('&'),
            output: Output::for_source(source),
            text: String::new(),
            source_read: 0,
            quotes: 0,
            lists: Vec::new(),
            line_start: true,
            code: false,
            styles: [0; 3],
            links: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), MarkupError> {
        match event {
            Event::Start(tag) => return self.start(tag, range),
            Event::End(tag) => self.end(tag, range.clone()),
            // The restricted source contains no HTML. If the parser finds any, it is text.
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text.push_str(&text),
            Event::Code(code) => {
                self.tag("<code>");
                self.code = true;
                self.text.push_str(&code);
                self.tag("</code>");
                self.code = false;
            }
            Event::SoftBreak | Event::HardBreak => {
                self.tag("<br>");
                self.line_start = true;
            }
            Event::Rule => {
                self.block("<p>");
                self.text.push_str(self.source[range.clone()].trim_end());
                self.tag("</p>");
            }
            // Events of parser extensions, none of which is enabled.
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
        self.source_read = range.end;
        Ok(())
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) -> Result<(), MarkupError> {
        match tag {
            Tag::BlockQuote(_) => {
                self.block("<blockquote>");
                self.quotes += 1;
                self.check_depth()?;
            }
            Tag::List(first) => {
                self.block(&match first {
                    None => Cow::Borrowed("<ul>"),
                    Some(1) => Cow::Borrowed("<ol>"),
                    Some(number) => Cow::Owned(format!("<ol start=\"{number}\">")),
                });
                let first = first.unwrap_or_default();
                self.lists.push(ListNumbering { first, next: first });
                self.check_depth()?;
            }
            Tag::Item => self.item(range.start),
            Tag::CodeBlock(kind) => {
                self.block(&code_block(&kind));
                self.code = true;
            }
            Tag::Emphasis => self.style(0, "<em>"),
            Tag::Strong => self.style(1, "<strong>"),
            Tag::Strikethrough if self.is_one_tilde(range.start) => self.text.push('~'),
            Tag::Strikethrough => self.style(2, "<del>"),
            Tag::Link { link_type, dest_url, .. } => self.link(link_type, &dest_url, range.start, 1),
            Tag::Image { link_type, dest_url, .. } => self.link(link_type, &dest_url, range.start, 2),
            _ => self.block("<p>"),
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::BlockQuote(_) => {
                self.tag("</blockquote>");
                self.quotes -= 1;
            }
            TagEnd::List(ordered) => {
                self.tag(if ordered { "</ol>" } else { "</ul>" });
                self.lists.pop();
            }
            TagEnd::Item => self.tag("</li>"),
            TagEnd::CodeBlock => {
                self.tag("</code></pre>");
                self.code = false;
            }
            TagEnd::Emphasis => self.end_style(0, "</em>"),
            TagEnd::Strong => self.end_style(1, "</strong>"),
            TagEnd::Strikethrough if self.is_one_tilde(range.start) => self.text.push('~'),
            TagEnd::Strikethrough => self.end_style(2, "</del>"),
            TagEnd::Link | TagEnd::Image => self.end_link(range.end),
            _ => self.tag("</p>"),
        }
    }

    fn check_depth(&self) -> Result<(), MarkupError> {
        if self.quotes + self.lists.len() > MAX_DEPTH { Err(MarkupError::TooDeep) } else { Ok(()) }
    }

    /// Opens a list item with the number that was typed, so that lists can count down and skip numbers as their authors
    /// wish. If the first number is repeated, HTML numbers the items, as usual in Markdown.
    fn item(&mut self, start: usize) {
        let digits = self.source[start..].trim_start_matches([' ', '\t']);
        let digits = &digits[..digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len())];
        let mut value = None;
        if let (Some(numbering), Ok(number)) = (self.lists.last_mut(), digits.parse()) {
            if number != numbering.next && number != numbering.first {
                value = Some(number);
                numbering.next = number;
            }
            numbering.next += 1;
        }
        self.block(&value.map_or(Cow::Borrowed("<li>"), |number: u64| Cow::Owned(format!("<li value=\"{number}\">"))));
    }

    /// Strikethrough needs two tildes. A single tilde means "approximately", although the parser accepts it too.
    fn is_one_tilde(&self, start: usize) -> bool {
        !self.source[start..].starts_with("~~")
    }

    fn block(&mut self, tag: &str) {
        self.tag(tag);
        self.line_start = true;
    }

    fn tag(&mut self, tag: &str) {
        self.flush();
        self.output.tag(tag);
    }

    /// Writes only the outermost element of each style, so that elements nest only a few levels deep, however deep the
    /// source does.
    fn style(&mut self, style: usize, tag: &str) {
        if self.styles[style] == 0 {
            self.tag(tag);
        }
        self.styles[style] += 1;
    }

    fn end_style(&mut self, style: usize, tag: &str) {
        self.styles[style] -= 1;
        if self.styles[style] == 0 {
            self.tag(tag);
        }
    }

    /// Opens a link, or an image, which becomes a link as well. Its text starts `opening` bytes after its start.
    fn link(&mut self, link_type: LinkType, address: &str, start: usize, opening: usize) {
        let address = self.unmask_clean(address);
        // No definition passes `restrict`, so a reference link here is unexpected.
        let direct = matches!(link_type, LinkType::Inline | LinkType::Autolink);
        let target = if direct { link_target(&address) } else { None };
        self.source_read = start + opening;
        let link = match target {
            _ if self.in_link() => Link::Nested,
            Some(target) => {
                let address = address.into_owned();
                self.flush();
                self.output.open_link(&target);
                Link::Html { address, visible: false }
            }
            None => {
                self.text.push_str(&self.source[start..self.source_read]);
                Link::SourceText
            }
        };
        self.links.push(link);
    }

    fn end_link(&mut self, end: usize) {
        match self.links.pop() {
            Some(Link::SourceText) => self.text.push_str(&self.source[self.source_read..end]),
            Some(link @ Link::Html { .. }) => {
                // The text is written while the link is open: links do not nest.
                self.links.push(link);
                self.flush();
                if let Some(Link::Html { address, visible: false }) = self.links.pop() {
                    // A link without a text could not be seen or clicked.
                    self.output.text(&address);
                }
                self.output.tag("</a>");
            }
            Some(Link::Nested) | None => {}
        }
    }

    fn in_link(&self) -> bool {
        self.links.iter().any(|link| matches!(link, Link::Html { .. }))
    }

    /// Writes the collected text, and turns the URLs in it into links.
    fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let text = self.unmask_clean(&text);
        let shown = if self.line_start && !self.code { text.trim_start_matches([' ', '\t']) } else { &text };
        self.line_start &= shown.is_empty();
        for link in &mut self.links {
            if let Link::Html { visible, .. } = link {
                *visible |= !shown.trim().is_empty();
            }
        }
        let mut at = 0;
        while let Some(address) = (!self.code && !self.in_link()).then(|| next_bare_url(shown, at)).flatten() {
            self.output.text(&shown[at..address.start]);
            let bare_url = &shown[address.clone()];
            match bare_url_target(bare_url) {
                Some(target) => {
                    self.output.open_link(&target);
                    self.output.text(bare_url);
                    self.output.tag("</a>");
                }
                None => self.output.text(bare_url),
            }
            at = address.end;
        }
        self.output.text(&shown[at..]);
    }

    /// Restores the text as typed, without the harmful characters that character references reintroduced.
    fn unmask_clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let typed = unmask(text);
        if !self.has_references {
            return typed;
        }
        // The bars protect the ends, which `clean_text` would trim.
        let clean = clean_text(&format!("|{typed}|"));
        Cow::Owned(clean[1..clean.len() - 1].to_owned())
    }
}

fn code_block(kind: &CodeBlockKind<'_>) -> Cow<'static, str> {
    let info = match kind {
        CodeBlockKind::Fenced(info) => unmask(info),
        CodeBlockKind::Indented => Cow::Borrowed(""),
    };
    let language = info.split([' ', '\t', ',']).next().unwrap_or_default().to_ascii_lowercase();
    if is_language(&language) {
        Cow::Owned(format!("<pre><code class=\"language-{language}\">"))
    } else {
        Cow::Borrowed("<pre><code>")
    }
}
