//! The search for names that are no longer used.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table::{EXCEPTIONS, Names, OLD_NAMES, PHRASES, Place};
use crate::rust_tokens::{Token, TokenKind};

/// The entries for each old name, except those for beginnings of names.
static BY_NAME: LazyLock<HashMap<&str, Vec<&Names>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<&Names>> = HashMap::new();
    for names in OLD_NAMES.iter().filter(|names| names.place != Place::Prefix) {
        for (old, _) in names.names {
            by_name.entry(old).or_default().push(names);
        }
    }
    by_name
});

/// The entries that may apply to a word.
fn entries(word: &str) -> impl Iterator<Item = &'static Names> {
    let prefixes = OLD_NAMES.iter().filter(|names| names.place == Place::Prefix);
    BY_NAME.get(word).into_iter().flatten().copied().chain(prefixes)
}

/// Checks the identifiers, strings and path of a Rust file.
pub(super) fn check_rust(path: &str, tokens: &[Token<'_>], push: &mut impl FnMut(usize, String)) {
    let code: Vec<_> = tokens.iter().copied().filter(|token| token.kind != TokenKind::Comment).collect();
    check_path(path, push);
    check_words(path, &code, push);
    for names in OLD_NAMES.iter().filter(|names| names.covers(path)) {
        match names.place {
            Place::LedgerMethod => check_ledger_methods(&code, names, push),
            Place::Sql => {
                let strings = code.iter().filter(|token| token.kind == TokenKind::Literal);
                strings.for_each(|token| search(token.text, token.line, path, Place::Sql, push));
            }
            _ => {}
        }
    }
    let comments = tokens.iter().filter(|token| token.kind == TokenKind::Comment);
    comments.for_each(|comment| check_code_spans(comment.text, comment.line, push));
}

/// Checks the code that a Markdown file names.
pub(super) fn check_markdown(text: &str, push: &mut impl FnMut(usize, String)) {
    check_code_spans(text, 1, push);
}

/// Checks any file for the names and phrases that are searched everywhere.
pub(super) fn check_text(path: &str, text: &str, push: &mut impl FnMut(usize, String)) {
    search(text, 1, path, Place::Anywhere, push);
    for (old, new) in PHRASES.iter().filter(|(old, _)| text.contains(old)) {
        for (offset, _) in text.lines().enumerate().filter(|(_, line)| line.contains(old)) {
            push(offset + 1, message(old, new));
        }
    }
}

fn message(old: &str, new: &str) -> String {
    format!("`{old}` is now `{new}`")
}

fn is_word_char(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

fn is_exception(path: &str, name: &str) -> bool {
    EXCEPTIONS.iter().any(|(file, kept, _)| path == *file && name == *kept)
}

/// Finds the names of one kind as whole words in a text.
fn search(text: &str, first_line: usize, path: &str, place: Place, push: &mut impl FnMut(usize, String)) {
    for (offset, line) in text.lines().enumerate() {
        for word in line.split(|char: char| !is_word_char(char)).filter(|word| word.len() > 1) {
            let names = BY_NAME.get(word).into_iter().flatten();
            let names = names.filter(|names| names.place == place && names.covers(path) && !is_exception(path, word));
            for (old, new) in names.filter_map(|names| names.find(word)) {
                push(first_line + offset, message(old, new));
            }
        }
    }
}

/// Compares the names with the folders and the file of a module.
fn check_path(path: &str, push: &mut impl FnMut(usize, String)) {
    for part in path.trim_end_matches(".rs").split('/') {
        let is_searched = |names: &&Names| matches!(names.place, Place::Code | Place::Module) && names.covers(path);
        for (old, new) in entries(part).filter(is_searched).filter_map(|names| names.find(part)) {
            if !is_exception(path, old) {
                push(1, message(old, new));
            }
        }
    }
}

/// Finds the names among the identifiers of a file, in the places that the kind of name asks for.
fn check_words(path: &str, code: &[Token<'_>], push: &mut impl FnMut(usize, String)) {
    for (at, token) in code.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Word) {
        let previous = at.checked_sub(1).map_or("", |at| code[at].text);
        let next = code.get(at + 1).map_or("", |token| token.text);
        let is_used = |names: &&Names| match names.place {
            Place::Code | Place::Prefix => true,
            Place::Module => previous == "mod" || next == "::",
            Place::Function => previous == "fn" || next == "(" || previous == "::",
            Place::Anywhere | Place::LedgerMethod | Place::Sql => false,
        };
        let used = entries(token.text).filter(|names| names.covers(path)).filter(is_used);
        for (old, new) in used.filter_map(|names| names.find(token.text)) {
            if !is_exception(path, old) {
                push(token.line, message(token.text, new));
            }
        }
    }
}

/// Finds methods that an `impl` block of `Ledger` declares, and calls of them on a variable `ledger`.
fn check_ledger_methods(code: &[Token<'_>], names: &Names, push: &mut impl FnMut(usize, String)) {
    let (mut depth, mut block) = (0_usize, None);
    for (at, token) in code.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                block = block.filter(|start| depth > *start);
            }
            "impl" if block.is_none() && is_ledger_block(&code[at..]) => block = Some(depth),
            _ => {}
        }
        if token.kind != TokenKind::Word || at < 2 {
            continue;
        }
        let is_declared = block.is_some() && code[at - 1].is_word("fn");
        let is_called = code[at - 1].is_punctuation(".")
            && code[at - 2].is_word("ledger")
            && code.get(at + 1).is_some_and(|next| next.is_punctuation("("));
        if let Some((old, new)) = names.find(token.text).filter(|_| is_declared || is_called) {
            push(token.line, message(&format!("Ledger::{old}"), new));
        }
    }
}

/// Returns true at an `impl` block whose type is `Ledger`, not one of a trait for another type.
fn is_ledger_block(code: &[Token<'_>]) -> bool {
    let mut head = code.iter().take_while(|token| !matches!(token.text, "{" | ";" | ")"));
    head.any(|token| token.is_word("Ledger"))
}

/// Finds the old names of types between backticks.
fn check_code_spans(text: &str, first_line: usize, push: &mut impl FnMut(usize, String)) {
    for (offset, line) in text.lines().enumerate() {
        let spans = line.split('`').skip(1).step_by(2);
        for word in spans.flat_map(|span| span.split(|char: char| !is_word_char(char))) {
            if !word.starts_with(|char: char| char.is_ascii_uppercase()) {
                continue;
            }
            let mut types = entries(word).filter(|names| names.place == Place::Code);
            if let Some((old, new)) = types.find_map(|names| names.find(word)) {
                push(first_line + offset, message(old, new));
            }
        }
    }
}
