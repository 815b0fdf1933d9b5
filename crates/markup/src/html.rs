//! Writes the parser's events as HTML, in exactly the serialization of the sanitizer.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::blocks::{MAX_DEPTH, MAX_NUMBER};
use crate::characters::{has_right_to_left, is_drawing, is_wide_punctuation_mark};
use crate::error::MarkupError;
use crate::links::{bare_url_target, link_target, next_bare_url};
use crate::mask::{unmask, unmask_code};
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
    /// True if blocks need their own direction. Without right-to-left letters, all are left-to-right.
    has_directions: bool,
    /// True if the next block has the direction of the one around it, because it comes first there.
    starts_block: bool,
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
    Html { address: String, title: String, visible: bool },
    /// Not permitted as a link, or within a link, and therefore shown as its source text.
    SourceText,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            has_directions: has_right_to_left(source),
            starts_block: true,
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
                self.tag(if self.has_directions { "<code dir=\"ltr\">" } else { "<code>" });
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
                self.directed_block("<p", "");
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
                self.directed_block("<blockquote", "");
                self.quotes += 1;
                self.check_depth()?;
            }
            Tag::List(first) => {
                self.flush();
                let starts_block = self.starts_block;
                self.block(&match first {
                    None => Cow::Borrowed("<ul>"),
                    Some(1) => Cow::Borrowed("<ol>"),
                    Some(number) => Cow::Owned(format!("<ol start=\"{number}\">")),
                });
                self.starts_block = starts_block;
                let first = first.unwrap_or_default();
                self.lists.push(ListNumbering { first, next: first });
                self.check_depth()?;
            }
            Tag::Item => self.item(range.start),
            Tag::CodeBlock(kind) => self.code_block(&kind),
            Tag::Emphasis => self.style(0, "<em>", &range),
            Tag::Strong => self.style(1, "<strong>", &range),
            Tag::Strikethrough => self.style(2, "<del>", &range),
            Tag::Link { link_type, dest_url, title, .. } => self.link(link_type, &dest_url, &title, range.start, 1),
            Tag::Image { link_type, dest_url, title, .. } => self.link(link_type, &dest_url, &title, range.start, 2),
            _ => self.directed_block("<p", ""),
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
            TagEnd::Emphasis => self.end_style(0, "</em>", &range),
            TagEnd::Strong => self.end_style(1, "</strong>", &range),
            TagEnd::Strikethrough => self.end_style(2, "</del>", &range),
            TagEnd::Link | TagEnd::Image => self.end_link(range.end),
            _ => self.tag("</p>"),
        }
    }

    fn check_depth(&self) -> Result<(), MarkupError> {
        if self.quotes + self.lists.len() > MAX_DEPTH { Err(MarkupError::TooDeep) } else { Ok(()) }
    }

    /// Opens a list item with the number that was typed, so that lists can count down, skip and repeat numbers as their
    /// authors wish. If the number is that of the first item, and 0 or 1, HTML numbers the items, as usual in Markdown.
    fn item(&mut self, start: usize) {
        let digits = self.source[start..].trim_start_matches([' ', '\t']);
        let digits = &digits[..digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len())];
        let mut value = None;
        if let (Some(numbering), Ok(number)) = (self.lists.last_mut(), digits.parse()) {
            let is_automatic = number == numbering.first && number <= 1 && numbering.next <= MAX_NUMBER;
            if number != numbering.next && !is_automatic {
                value = Some(number);
                numbering.next = number;
            }
            numbering.next += 1;
        }
        match value {
            Some(number) => self.directed_block("<li", &format!(" value=\"{number}\"")),
            None => self.directed_block("<li", ""),
        }
    }

    /// Opens a code block. What stands after the fence is the name of a language, or else the first line of the code.
    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        let info = match kind {
            CodeBlockKind::Fenced(info) => unmask_code(info),
            CodeBlockKind::Indented => Cow::Borrowed(""),
        };
        let language = info.split(',').next().unwrap_or_default().to_ascii_lowercase();
        let has_language = is_language(&language) && !info.contains([' ', '\t']);
        let direction = if self.has_directions { " dir=\"ltr\"" } else { "" };
        if has_language {
            self.block(&format!("<pre{direction}><code class=\"language-{language}\">"));
        } else {
            self.block(&format!("<pre{direction}><code>"));
        }
        self.code = true;
        if !has_language && !info.is_empty() {
            self.text.push_str(&info);
            self.text.push('\n');
        }
    }

    /// Returns true if the delimiters of a style are shown as typed: single tildes, which mean "approximately" although
    /// the parser accepts them too, and delimiters that are a part of a face (`*_*`) or stand around nothing.
    fn is_text(&self, style: usize, range: &Range<usize>) -> bool {
        /// Length of the longest face, in bytes.
        const FACE_BYTES: usize = 24;
        let styled = &self.source[range.clone()];
        if style == 2 && !styled.starts_with("~~") {
            return true;
        }
        styled.len() <= FACE_BYTES && is_face(unmask(styled).trim_matches(['*', '_', '~']))
    }

    fn block(&mut self, tag: &str) {
        self.tag(tag);
        self.line_start = true;
        self.starts_block = false;
    }

    /// Opens a block with its own direction, given as the start of its tag and its attributes. The first block within another, and within the
    /// comment, takes the direction from that one, which takes it from the text.
    fn directed_block(&mut self, tag: &str, attributes: &str) {
        self.flush();
        let inherits = !self.has_directions || self.starts_block;
        self.block(&[tag, if inherits { "" } else { " dir=\"auto\"" }, attributes, ">"].concat());
        self.starts_block = true;
    }

    fn tag(&mut self, tag: &str) {
        self.flush();
        self.output.tag(tag);
    }

    /// Writes only the outermost element of each style, so that elements nest only a few levels deep, however deep the
    /// source does.
    fn style(&mut self, style: usize, tag: &str, range: &Range<usize>) {
        if self.is_text(style, range) {
            self.text.push_str(delimiter(&self.source[range.clone()], style));
            return;
        }
        if self.styles[style] == 0 {
            self.tag(tag);
        }
        self.styles[style] += 1;
    }

    fn end_style(&mut self, style: usize, tag: &str, range: &Range<usize>) {
        if self.is_text(style, range) {
            self.text.push_str(delimiter(&self.source[range.clone()], style));
            return;
        }
        self.styles[style] -= 1;
        if self.styles[style] == 0 {
            self.tag(tag);
        }
    }

    /// Opens a link, or an image, which becomes a link as well. Its text starts `opening` bytes after its start.
    fn link(&mut self, link_type: LinkType, address: &str, title: &str, start: usize, opening: usize) {
        let address = unmask(address);
        // No definition passes `restrict`, so a reference link here is unexpected.
        let is_direct = matches!(link_type, LinkType::Inline | LinkType::Autolink);
        let target = if is_direct && !self.in_link() { link_target(&address) } else { None };
        self.source_read = start + opening;
        let link = match target {
            Some(target) => {
                let address = address.into_owned();
                self.flush();
                let is_address = link_type == LinkType::Autolink && self.has_directions;
                self.output.open_link(&target, is_address);
                Link::Html { address, title: title.to_owned(), visible: false }
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
                let Some(Link::Html { address, title, visible }) = self.links.pop() else { return };
                if !visible {
                    // A link without a text could not be seen or clicked.
                    self.output.text(&address);
                    self.line_start = false;
                }
                self.output.tag("</a>");
                if !title.is_empty() {
                    self.text.extend([" \"", &title, "\""]);
                }
            }
            None => {}
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
        let text = if self.code { unmask_code(&text) } else { unmask(&text) };
        self.starts_block = false;
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
                    self.output.open_link(&target, self.has_directions);
                    self.output.text(bare_url);
                    self.output.tag("</a>");
                }
                None => self.output.text(bare_url),
            }
            at = address.end;
        }
        self.output.text(&shown[at..]);
    }
}

/// The delimiter of a style, which is at both ends of its source.
fn delimiter(source: &str, style: usize) -> &str {
    let length = if style == 1 || source.starts_with("~~") { 2 } else { 1 };
    source.get(..length).unwrap_or_default()
}

/// Returns true for a text between delimiters that has no letter, digit or emoji, or is drawn by symbols: `^_^`, `´▽｀`.
fn is_face(text: &str) -> bool {
    let is_content = |character: char| {
        character.is_alphanumeric() || (!character.is_ascii() && !is_wide_punctuation_mark(character))
    };
    !text.contains(is_content) || (text.starts_with(is_drawing) && text.ends_with(is_drawing))
}
