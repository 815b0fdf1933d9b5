//! Markdown of other systems, with HTML in it.

use std::collections::BTreeSet;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};

use super::builder::Container;
use super::document::{Block, Style};
use super::html::{HtmlWriter, Newlines, is_language};
use super::links;

/// Reads a text.
pub(super) fn read(markdown: &str) -> (Vec<Block>, BTreeSet<String>) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader =
        MarkdownReader { writer: HtmlWriter::new(Newlines::Spaces), code: None, image: None, is_first_cell: true };
    for event in Parser::new_ext(markdown, options) {
        reader.event(event);
    }
    reader.writer.finish()
}

struct MarkdownReader {
    writer: HtmlWriter,
    /// Language and text of the open code block.
    code: Option<(String, String)>,
    /// Target and description of the open image.
    image: Option<(String, String)>,
    is_first_cell: bool,
}

impl MarkdownReader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => self.writer.feed(&html),
            _ if self.writer.is_hidden() => {}
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => {
                self.writer.builder().open_style(Style::Code);
                self.text(&code);
                self.writer.builder().close_style(Style::Code);
            }
            Event::SoftBreak | Event::HardBreak => self.text("\n"),
            Event::Rule => self.writer.builder().end_paragraph(),
            Event::TaskListMarker(is_done) => self.text(if is_done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        match (&mut self.code, &mut self.image) {
            (Some((_, code)), _) => code.push_str(text),
            (None, Some((_, description))) => description.push_str(text),
            (None, None) => self.writer.builder().text(text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let builder = self.writer.builder();
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => builder.end_paragraph(),
            Tag::Heading { level, .. } => {
                builder.end_paragraph();
                self.writer.drop_element(&level.to_string());
            }
            Tag::BlockQuote(_) => builder.open_container(Container::Quote),
            Tag::CodeBlock(kind) => self.code = Some((language(&kind), String::new())),
            Tag::List(start) => builder.open_container(Container::List { start, items: Vec::new() }),
            Tag::Item => builder.open_item(),
            Tag::Table(_) => {
                builder.end_paragraph();
                self.writer.drop_element("table");
            }
            Tag::TableHead | Tag::TableRow => {
                builder.text("\n");
                self.is_first_cell = true;
            }
            Tag::TableCell if std::mem::take(&mut self.is_first_cell) => {}
            Tag::TableCell => builder.text(" | "),
            Tag::Emphasis => builder.open_style(Style::Emphasis),
            Tag::Strong => builder.open_style(Style::Strong),
            Tag::Strikethrough => builder.open_style(Style::Deleted),
            Tag::Link { dest_url, .. } => builder.open_link(links::target(&dest_url)),
            Tag::Image { dest_url, .. } => {
                self.image = Some((dest_url.into_string(), String::new()));
                self.writer.drop_element("img");
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        let builder = self.writer.builder();
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Table | TagEnd::HtmlBlock => builder.end_paragraph(),
            TagEnd::BlockQuote(_) => builder.close_container(|open| matches!(open, Container::Quote)),
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    builder.code(&language, &text);
                }
            }
            TagEnd::List(_) => builder.close_container(|open| matches!(open, Container::List { .. })),
            TagEnd::Emphasis => builder.close_style(Style::Emphasis),
            TagEnd::Strong => builder.close_style(Style::Strong),
            TagEnd::Strikethrough => builder.close_style(Style::Deleted),
            TagEnd::Link => builder.close_link(links::whole_text),
            TagEnd::Image => {
                if let Some((source, description)) = self.image.take() {
                    builder.media(description.trim(), links::target(&source));
                }
            }
            _ => {}
        }
    }
}

fn language(kind: &CodeBlockKind<'_>) -> String {
    let name = match kind {
        CodeBlockKind::Fenced(info) => first_word(info),
        CodeBlockKind::Indented => String::new(),
    };
    if is_language(&name) { name } else { String::new() }
}

fn first_word(info: &CowStr<'_>) -> String {
    info.split([' ', ',', '{']).next().unwrap_or_default().to_ascii_lowercase()
}
