//! The parser's events as HTML, in the very spelling in which the gate gives it back.

use std::borrow::Cow;
use std::ops::Range;

use afterword_model::clean_text;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::MarkupError;
use crate::address::{bare_target, link_target, next_bare};
use crate::blocks::DEPTH;
use crate::gate::is_language;
use crate::output::{Output, Written};
use crate::veil::unveil;

/// The HTML of a narrowed source.
pub(crate) fn write(source: &str) -> Result<Written, MarkupError> {
    let mut writer = Writer::new(source);
    for (event, range) in Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        writer.event(event, range)?;
        writer.output.check()?;
    }
    Ok(writer.output.finish())
}

struct Writer<'a> {
    source: &'a str,
    /// Whether the parser may have read a character reference, which can bring in what `clean_text` had taken out.
    references: bool,
    output: Output,
    /// Text that is not written yet, for an address may go on in the next event.
    text: String,
    /// Where in the source the last event ended.
    read: usize,
    /// Quotes that are open.
    quotes: usize,
    lists: Vec<Numbers>,
    /// Whether the output is at the beginning of a line, where white space is not shown.
    line_start: bool,
    /// Whether text is code, where nothing is a link and all white space is shown.
    code: bool,
    /// How often emphasis, strong emphasis and strike are open.
    styles: [usize; 3],
    links: Vec<Link>,
}

/// The numbers of a list that is open; all 0 in one without.
struct Numbers {
    first: u64,
    next: u64,
}

/// A link or image that is open.
enum Link {
    /// A link in the HTML.
    Written { address: String, visible: bool },
    /// Not allowed as a link, and so shown as the text it is.
    Typed,
    /// Inside a link, so only its text is shown.
    Inner,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            references: source.contains('&'),
            output: Output::of(source),
            text: String::new(),
            read: 0,
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
            // The source is narrowed so that there is no HTML; if there is any, it is text.
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
            // Extensions, and none of theirs is switched on.
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
        self.read = range.end;
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
                self.lists.push(Numbers { first, next: first });
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
        if self.quotes + self.lists.len() > DEPTH { Err(MarkupError::TooDeep) } else { Ok(()) }
    }

    /// Opens a list item. It goes by the number that was typed, so that lists count down and leave numbers out as their authors
    /// do; only where the first number comes again and again, HTML counts, as Markdown has it.
    fn item(&mut self, start: usize) {
        let digits = self.source[start..].trim_start_matches([' ', '\t']);
        let digits = &digits[..digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len())];
        let mut value = None;
        if let (Some(numbers), Ok(number)) = (self.lists.last_mut(), digits.parse()) {
            if number != numbers.next && number != numbers.first {
                value = Some(number);
                numbers.next = number;
            }
            numbers.next += 1;
        }
        self.block(&value.map_or(Cow::Borrowed("<li>"), |number: u64| Cow::Owned(format!("<li value=\"{number}\">"))));
    }

    /// Strike takes two tildes. One is for what is approximate, though the parser takes it too.
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

    /// Only the outermost of each style is written, so that elements nest no deeper than a few, however deep the source does.
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

    /// Opens a link, or an image, which is a link as well. Its text begins so many bytes after its start.
    fn link(&mut self, link_type: LinkType, address: &str, start: usize, opening: usize) {
        let address = self.typed(address);
        // No definition leaves `narrow`, so a link by reference is one that nobody counted with.
        let direct = matches!(link_type, LinkType::Inline | LinkType::Autolink);
        let target = if direct { link_target(&address) } else { None };
        self.read = start + opening;
        let link = match target {
            _ if self.in_link() => Link::Inner,
            Some(target) => {
                let address = address.into_owned();
                self.flush();
                self.output.open_link(&target);
                Link::Written { address, visible: false }
            }
            None => {
                self.text.push_str(&self.source[start..self.read]);
                Link::Typed
            }
        };
        self.links.push(link);
    }

    fn end_link(&mut self, end: usize) {
        match self.links.pop() {
            Some(Link::Typed) => self.text.push_str(&self.source[self.read..end]),
            Some(link @ Link::Written { .. }) => {
                // Its text is written while it is open: there are no links within a link.
                self.links.push(link);
                self.flush();
                if let Some(Link::Written { address, visible: false }) = self.links.pop() {
                    // A link without a text could not be seen or clicked on.
                    self.output.text(&address);
                }
                self.output.tag("</a>");
            }
            Some(Link::Inner) | None => {}
        }
    }

    fn in_link(&self) -> bool {
        self.links.iter().any(|link| matches!(link, Link::Written { .. }))
    }

    /// Writes the text that has come together, and links the addresses in it.
    fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let text = self.typed(&text);
        let shown = if self.line_start && !self.code { text.trim_start_matches([' ', '\t']) } else { &text };
        self.line_start &= shown.is_empty();
        for link in &mut self.links {
            if let Link::Written { visible, .. } = link {
                *visible |= !shown.trim().is_empty();
            }
        }
        let mut at = 0;
        while let Some(address) = (!self.code && !self.in_link()).then(|| next_bare(shown, at)).flatten() {
            self.output.text(&shown[at..address.start]);
            let bare = &shown[address.clone()];
            match bare_target(bare) {
                Some(target) => {
                    self.output.open_link(&target);
                    self.output.text(bare);
                    self.output.tag("</a>");
                }
                None => self.output.text(bare),
            }
            at = address.end;
        }
        self.output.text(&shown[at..]);
    }

    /// What was typed, less the harmful characters that character references brought in.
    fn typed<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let typed = unveil(text);
        if !self.references {
            return typed;
        }
        // The bars keep the ends, which `clean_text` would trim.
        let clean = clean_text(&format!("|{typed}|"));
        Cow::Owned(clean[1..clean.len() - 1].to_owned())
    }
}

fn code_block(kind: &CodeBlockKind<'_>) -> Cow<'static, str> {
    let info = match kind {
        CodeBlockKind::Fenced(info) => unveil(info),
        CodeBlockKind::Indented => Cow::Borrowed(""),
    };
    let language = info.split([' ', '\t', ',']).next().unwrap_or_default().to_ascii_lowercase();
    if is_language(&language) {
        Cow::Owned(format!("<pre><code class=\"language-{language}\">"))
    } else {
        Cow::Borrowed("<pre><code>")
    }
}
