//! A document as Markdown.

use afterword_model::limits;

use super::check;
use super::document::Block;
use super::inline;

/// Largest number of the first item of a list. The renderer takes larger ones for years.
const MAX_START: u64 = 900;

/// The way in which paragraphs are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paragraphs {
    /// In the first way that shows what is meant.
    Checked,
    /// In the safest one.
    Safest,
}

/// Writes a document. Blocks are separated by blank lines, and each is checked by itself.
pub(super) fn write(blocks: &[Block]) -> String {
    let mut written = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.iter().enumerate() {
        let is_second = index > 0 && is_list_of_kind(&blocks[index - 1], block);
        written.push(checked_block(block, is_second && !follows_second(blocks, index)));
    }
    written.join("\n\n")
}

/// Returns true if the list before is written with the other marker, because it follows a list itself.
fn follows_second(blocks: &[Block], index: usize) -> bool {
    let lists = (1..index).rev().take_while(|at| is_list_of_kind(&blocks[at - 1], &blocks[*at])).count();
    lists % 2 == 1
}

fn is_list_of_kind(before: &Block, block: &Block) -> bool {
    match (before, block) {
        (Block::List { start: before, .. }, Block::List { start, .. }) => before.is_some() == start.is_some(),
        _ => false,
    }
}

fn checked_block(block: &Block, is_second: bool) -> String {
    let markdown = write_block(block, Paragraphs::Checked, is_second);
    if matches!(block, Block::Paragraph(_))
        || markdown.len() > limits::TEXT_BYTES
        || check::shows_block(&markdown, block)
    {
        return markdown;
    }
    let safest = write_block(block, Paragraphs::Safest, is_second);
    if check::shows_block(&safest, block) {
        return safest;
    }
    let mut paragraphs = Vec::new();
    flatten(block, &mut paragraphs);
    paragraphs.join("\n\n")
}

/// Writes all texts of a block, without its structure.
fn flatten(block: &Block, paragraphs: &mut Vec<String>) {
    match block {
        Block::Paragraph(runs) => paragraphs.push(inline::paragraph(runs)),
        Block::Code { .. } => paragraphs.push(write_block(block, Paragraphs::Safest, false)),
        Block::Quote(blocks) => blocks.iter().for_each(|block| flatten(block, paragraphs)),
        Block::List { items, .. } => items.iter().flatten().for_each(|block| flatten(block, paragraphs)),
    }
}

fn write_block(block: &Block, paragraphs: Paragraphs, is_second: bool) -> String {
    match block {
        Block::Paragraph(runs) if paragraphs == Paragraphs::Checked => inline::paragraph(runs),
        Block::Paragraph(runs) => inline::safest(runs),
        Block::Code { language, text } => {
            let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            format!("{fence}{language}\n{text}\n{fence}")
        }
        Block::Quote(blocks) => {
            let inner = write_inner(blocks, paragraphs, "\n\n");
            prefixed(&inner, "> ", "> ").replace("> \n", ">\n")
        }
        Block::List { start, items } => write_list(*start, items, paragraphs, is_second),
    }
}

fn write_inner(blocks: &[Block], paragraphs: Paragraphs, separator: &str) -> String {
    let mut written = Vec::with_capacity(blocks.len());
    let mut is_second = false;
    for (index, block) in blocks.iter().enumerate() {
        is_second = index > 0 && is_list_of_kind(&blocks[index - 1], block) && !is_second;
        written.push(write_block(block, paragraphs, is_second));
    }
    written.join(separator)
}

fn write_list(start: Option<u64>, items: &[Vec<Block>], paragraphs: Paragraphs, is_second: bool) -> String {
    let is_tight = items.iter().all(|blocks| {
        matches!(
            blocks.as_slice(),
            [Block::Paragraph(_)] | [Block::Paragraph(_), Block::List { .. }] | [Block::List { .. }]
        )
    });
    let separator = if is_tight { "\n" } else { "\n\n" };
    let first = start.filter(|start| *start <= MAX_START).unwrap_or(1);
    let mut written = Vec::with_capacity(items.len());
    for (number, blocks) in (first..).zip(items) {
        let marker = match (start, is_second) {
            // More items than numbers: they go on with the last one, which is shown as the next.
            (Some(_), false) => format!("{}. ", number.min(999)),
            (Some(_), true) => format!("{}) ", number.min(999)),
            (None, false) => "- ".to_owned(),
            (None, true) => "* ".to_owned(),
        };
        let inner = write_inner(blocks, paragraphs, separator);
        written.push(prefixed(&inner, &marker, &" ".repeat(marker.len())));
    }
    written.join(separator)
}

/// Puts a text before the first line, and another before the others. Blank lines stay blank, except in quotes.
fn prefixed(text: &str, first: &str, others: &str) -> String {
    let mut prefixed = String::with_capacity(text.len() + text.len() / 8);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            prefixed.push('\n');
        }
        let prefix = if index == 0 { first } else { others };
        let is_blank = line.is_empty() && prefix.trim().is_empty();
        prefixed.push_str(if is_blank { "" } else { prefix });
        prefixed.push_str(line);
    }
    prefixed
}
