//! Builds a document from the tags and texts of a language.

use std::borrow::Cow;
use std::rc::Rc;

use afterword_model::{clean_text, has_visible_text};
use memchr::memmem;

use super::document::{Block, Marks, Run, STYLES, Style, tidied};
use crate::scan;

/// Maximum depth of quotes and lists together, which is that of the renderer. What is nested deeper is in the last one.
const MAX_DEPTH: usize = 8;

/// A container that is open.
#[derive(Debug)]
pub(super) enum Container {
    Quote,
    List { start: Option<u64>, items: Vec<Vec<Block>> },
    Item,
}

/// A container with its blocks.
#[derive(Debug)]
struct Frame {
    container: Container,
    blocks: Vec<Block>,
}

/// The builder.
#[derive(Debug, Default)]
pub(super) struct Builder {
    blocks: Vec<Block>,
    frames: Vec<Frame>,
    /// Number of containers that are open beyond the maximum depth.
    overflow: usize,
    runs: Vec<Run>,
    /// Number of open elements of each style.
    open: [usize; STYLES],
    link: Option<Rc<str>>,
}

impl Builder {
    /// Adds a text with the open styles. A newline in it is a line break.
    pub(super) fn text(&mut self, text: &str) {
        self.append(Cow::Borrowed(text));
    }

    /// Does the same without a copy, where a piece of another style is before the text.
    pub(super) fn owned_text(&mut self, text: String) {
        self.append(Cow::Owned(text));
    }

    fn append(&mut self, text: Cow<'_, str>) {
        if text.is_empty() {
            return;
        }
        let marks = Marks { styles: self.open.map(|count| count > 0), link: self.link.clone() };
        match self.runs.last_mut() {
            Some(last) if last.marks == marks => last.text.push_str(&text),
            _ => self.runs.push(Run { text: text.into_owned(), marks }),
        }
    }

    /// Adds lines: a blank one ends the paragraph.
    pub(super) fn lines(&mut self, text: &str) {
        let mut lines = text.split('\n').enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            let is_whole = lines.peek().is_some() && (index > 0 || self.is_at_line_start());
            if is_whole && line.trim().is_empty() {
                self.end_paragraph();
                continue;
            }
            if index > 0 {
                self.text("\n");
            }
            self.text(line);
        }
    }

    /// Returns true if nothing but white space follows the last line break.
    fn is_at_line_start(&self) -> bool {
        for run in self.runs.iter().rev() {
            for character in run.text.chars().rev() {
                match character {
                    '\n' => return true,
                    ' ' | '\t' => {}
                    _ => return false,
                }
            }
        }
        true
    }

    /// Returns true if a line break was just added.
    pub(super) fn follows_break(&self) -> bool {
        self.runs.last().is_none_or(|run| run.text.ends_with('\n'))
    }

    pub(super) fn open_style(&mut self, style: Style) {
        self.open[style as usize] += 1;
    }

    pub(super) fn close_style(&mut self, style: Style) {
        let count = &mut self.open[style as usize];
        *count = count.saturating_sub(1);
    }

    /// Opens a link, which ends the one before.
    pub(super) fn open_link(&mut self, target: Option<String>) {
        self.link = target.map(Rc::from);
    }

    /// Closes the link, and replaces its text by what `text` returns.
    pub(super) fn close_link(&mut self, text: impl FnOnce(&str, &str) -> Option<String>) {
        let Some(link) = self.link.take() else { return };
        let start = self.runs.iter().rposition(|run| run.marks.link.as_ref() != Some(&link)).map_or(0, |last| last + 1);
        let shown: String = self.runs[start..].iter().map(|run| run.text.as_str()).collect();
        if let Some(text) = text(&shown, &link) {
            self.runs.truncate(start);
            let marks = Marks { styles: [false; STYLES], link: Some(link) };
            self.runs.push(Run { text, marks });
        }
    }

    /// Adds a picture or a film: a link with its description, or the description if there is a link around it or no address.
    pub(super) fn media(&mut self, description: &str, target: Option<String>) {
        let description = description.replace('\n', " ");
        match target {
            Some(target) if self.link.is_none() => {
                let text = if description.is_empty() { target.clone() } else { description };
                self.link = Some(Rc::from(target));
                self.text(&text);
                self.link = None;
            }
            _ => self.text(&description),
        }
    }

    pub(super) fn end_paragraph(&mut self) {
        if self.runs.is_empty() {
            return;
        }
        let mut runs = std::mem::take(&mut self.runs);
        for run in &mut runs {
            clean(&mut run.text);
        }
        for runs in split_at_blank_lines(tidied(runs)) {
            if runs.iter().any(|run| has_visible_text(&run.text)) {
                self.add(Block::Paragraph(runs));
            }
        }
    }

    pub(super) fn code(&mut self, language: &str, text: &str) {
        self.end_paragraph();
        let mut text = text.trim_end().to_owned();
        clean(&mut text);
        if has_visible_text(&text) {
            self.add(Block::Code { language: language.to_owned(), text });
        }
    }

    fn add(&mut self, block: Block) {
        match self.frames.last_mut() {
            // Text directly in a list is an item.
            Some(Frame { container: Container::List { items, .. }, .. }) => items.push(vec![block]),
            Some(frame) => frame.blocks.push(block),
            None => self.blocks.push(block),
        }
    }

    pub(super) fn open_container(&mut self, container: Container) {
        self.end_paragraph();
        if self.overflow > 0 || self.depth() == MAX_DEPTH && !matches!(container, Container::Item) {
            self.overflow += 1;
            return;
        }
        self.frames.push(Frame { container, blocks: Vec::new() });
    }

    /// The number of quotes and lists.
    fn depth(&self) -> usize {
        self.frames.iter().filter(|frame| !matches!(frame.container, Container::Item)).count()
    }

    /// Opens an item. One outside of any list starts a list.
    pub(super) fn open_item(&mut self) {
        self.end_paragraph();
        if self.overflow > 0 {
            return;
        }
        let innermost = self.frames.iter().rposition(|frame| !matches!(frame.container, Container::Item));
        match innermost.map(|at| &self.frames[at].container) {
            Some(Container::List { .. }) => self.close_frames(innermost.map_or(0, |at| at + 1)),
            _ => self.open_container(Container::List { start: None, items: Vec::new() }),
        }
        if self.overflow == 0 {
            self.frames.push(Frame { container: Container::Item, blocks: Vec::new() });
        }
    }

    /// Closes the innermost container that matches, with all in it. Does nothing if there is none.
    pub(super) fn close_container(&mut self, matches: impl Fn(&Container) -> bool) {
        self.end_paragraph();
        if self.overflow > 0 {
            self.overflow -= 1;
            return;
        }
        if let Some(at) = self.frames.iter().rposition(|frame| matches(&frame.container)) {
            self.close_frames(at);
        }
    }

    fn close_frames(&mut self, depth: usize) {
        while self.frames.len() > depth {
            let Some(frame) = self.frames.pop() else { return };
            match frame.container {
                Container::Quote if !frame.blocks.is_empty() => self.add(Block::Quote(frame.blocks)),
                Container::List { start, items } if !items.is_empty() => self.add(Block::List { start, items }),
                Container::Item if !frame.blocks.is_empty() => self.add_item(frame.blocks),
                _ => {}
            }
        }
    }

    fn add_item(&mut self, blocks: Vec<Block>) {
        if let Some(Frame { container: Container::List { items, .. }, .. }) = self.frames.last_mut() {
            items.push(blocks);
        }
    }

    pub(super) fn finish(mut self) -> Vec<Block> {
        self.end_paragraph();
        self.close_frames(0);
        self.blocks
    }
}

/// Splits a paragraph at two or more line breaks, between which comments have no empty line.
fn split_at_blank_lines(runs: Vec<Run>) -> Vec<Vec<Run>> {
    if !runs.iter().any(|run| memmem::find(run.text.as_bytes(), b"\n\n").is_some()) {
        return vec![runs];
    }
    let mut paragraphs = vec![Vec::new()];
    for run in runs {
        for (index, text) in run.text.split("\n\n").enumerate() {
            if index > 0 {
                paragraphs.push(Vec::new());
            }
            let text = if index > 0 { text.trim_start_matches('\n') } else { text };
            if let Some(paragraph) = paragraphs.last_mut().filter(|_| !text.is_empty()) {
                paragraph.push(Run { text: text.to_owned(), marks: run.marks.clone() });
            }
        }
    }
    paragraphs
}

/// Removes the characters that the ledger removes from a text.
fn clean(text: &mut String) {
    let is_plain_byte = |byte: u8| scan::is_within(byte, b' ', b'~') | (byte == b'\n') | (byte == b'\t');
    if !scan::has_byte(text.as_bytes(), |byte| !is_plain_byte(byte)) {
        return;
    }
    let is_plain = |character: char| matches!(character, '\n' | '\t' | ' '..='~' | '\u{a0}'..='\u{1fff}');
    if text.chars().all(is_plain) {
        return;
    }
    // Letters around it keep white space at its ends.
    let cleaned = clean_text(&["x", text, "x"].concat());
    *text = cleaned.get(1..cleaned.len().saturating_sub(1)).unwrap_or_default().to_owned();
}
