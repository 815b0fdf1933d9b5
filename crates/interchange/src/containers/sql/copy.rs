//! Rows behind a `COPY … FROM stdin` of PostgreSQL: a line each, values between tabs.

use super::tokens::Tokens;
use crate::problem::{Position, ProblemKind, ReadError};
use serde_json::Value;

/// The longest row in bytes.
const MAX_ROW_BYTES: usize = 16 * 1024 * 1024 - 1;

/// Reads rows up to the line `\.`.
pub(super) fn rows(
    tokens: &mut Tokens<'_>,
    each: &mut dyn FnMut(Result<Vec<Value>, ProblemKind>, Position) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    loop {
        let position = Position::Line(tokens.line());
        let Some(line) = tokens.line_text()? else { return Err(tokens.ends_early()) };
        if line == "\\." {
            return Ok(());
        }
        let values = if line.len() > MAX_ROW_BYTES {
            Err(ProblemKind::TooLarge)
        } else {
            Ok(line.split('\t').map(value).collect())
        };
        each(values, position)?;
    }
}

fn value(text: &str) -> Value {
    if text == "\\N" { Value::Null } else { Value::String(unescape(text)) }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            // Backspace, form feed and vertical tab, which no text needs.
            Some('b' | 'f' | 'v') => {}
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}
