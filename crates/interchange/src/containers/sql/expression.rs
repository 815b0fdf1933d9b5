//! Values in SQL: literals, and the functions that dumps write.

use super::tokens::{Token, Tokens};
use crate::problem::{ProblemKind, ReadError};
use serde_json::{Number, Value};

/// The deepest nesting of functions. Dumps have two.
const MAX_DEPTH: u32 = 16;

/// A value, or the fault of the row.
pub(super) type Evaluated = Result<Value, ProblemKind>;

/// Reads an expression up to the comma or bracket after it.
pub(super) fn expression(tokens: &mut Tokens<'_>) -> Result<Evaluated, ReadError> {
    nested(tokens, MAX_DEPTH)
}

fn nested(tokens: &mut Tokens<'_>, depth: u32) -> Result<Evaluated, ReadError> {
    let mut value = operand(tokens, depth)?;
    loop {
        if tokens.take_symbol(b':')? {
            // A cast of PostgreSQL: `::timestamp without time zone`.
            skip_type(tokens)?;
        } else if tokens.take_symbol(b'|')? {
            tokens.take_symbol(b'|')?;
            let right = operand(tokens, depth)?;
            value = concatenate(value, right);
        } else {
            return Ok(value);
        }
    }
}

fn concatenate(left: Evaluated, right: Evaluated) -> Evaluated {
    match (left?, right?) {
        (Value::String(left), Value::String(right)) => Ok(Value::String(left + &right)),
        (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
        _ => Err(ProblemKind::BadField),
    }
}

fn operand(tokens: &mut Tokens<'_>, depth: u32) -> Result<Evaluated, ReadError> {
    let sign = if tokens.take_symbol(b'-')? { "-" } else { "" };
    tokens.take_symbol(b'+')?;
    // The brackets of the row stay for the caller.
    if matches!(tokens.peek()?, Some(Token::Symbol(b')' | b',' | b';'))) {
        return Ok(Err(ProblemKind::BadField));
    }
    let Some(token) = tokens.next()? else { return Err(tokens.ends_early()) };
    match token {
        Token::Number(text) => Ok(number(&format!("{sign}{text}"))),
        Token::Text(text) => Ok(Ok(Value::String(text))),
        // Of SQLite, which takes a name for a string.
        Token::Quoted(text) => Ok(Ok(Value::String(text))),
        Token::Blob => Ok(Ok(Value::Null)),
        Token::TooLong => Ok(Err(ProblemKind::TooLarge)),
        Token::Word(word) => named(tokens, &word.to_ascii_lowercase(), depth),
        Token::Symbol(b'(') if depth > 0 => bracketed(tokens, depth - 1),
        Token::Symbol(_) => Ok(Err(ProblemKind::BadField)),
    }
}

fn bracketed(tokens: &mut Tokens<'_>, depth: u32) -> Result<Evaluated, ReadError> {
    let value = nested(tokens, depth)?;
    if !tokens.take_symbol(b')')? {
        return Ok(Err(ProblemKind::BadField));
    }
    Ok(value)
}

fn number(text: &str) -> Evaluated {
    if text.contains("0x") {
        return Ok(Value::Null);
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(Value::Number(integer.into()));
    }
    let real = text.parse::<f64>().ok().and_then(Number::from_f64);
    real.map(Value::Number).ok_or(ProblemKind::BadField)
}

fn named(tokens: &mut Tokens<'_>, word: &str, depth: u32) -> Result<Evaluated, ReadError> {
    match word {
        "null" | "default" => return Ok(Ok(Value::Null)),
        "true" => return Ok(Ok(Value::Bool(true))),
        "false" => return Ok(Ok(Value::Bool(false))),
        _ => {}
    }
    if depth > 0 && tokens.take_symbol(b'(')? {
        let arguments = arguments(tokens, depth - 1)?;
        return Ok(arguments.and_then(|arguments| call(word, &arguments)));
    }
    if word.starts_with('_') || word == "binary" || word == "timestamp" || word == "date" {
        // A character set of MySQL, or a type, before a string.
        return operand(tokens, depth.saturating_sub(1))
            .map(|value| if depth == 0 { Err(ProblemKind::TooDeep) } else { value });
    }
    Ok(if word.starts_with("current_") { Ok(Value::Null) } else { Err(ProblemKind::BadField) })
}

fn arguments(tokens: &mut Tokens<'_>, depth: u32) -> Result<Result<Vec<Value>, ProblemKind>, ReadError> {
    let mut values = Vec::new();
    if tokens.take_symbol(b')')? {
        return Ok(Ok(values));
    }
    loop {
        match nested(tokens, depth)? {
            Ok(value) => values.push(value),
            Err(kind) => return Ok(Err(kind)),
        }
        if tokens.take_word("as")? {
            skip_type(tokens)?;
        }
        if tokens.take_symbol(b')')? {
            return Ok(Ok(values));
        }
        if !tokens.take_symbol(b',')? || values.len() > 1_000 {
            return Ok(Err(ProblemKind::BadField));
        }
    }
}

/// Skips the name of a type.
fn skip_type(tokens: &mut Tokens<'_>) -> Result<(), ReadError> {
    tokens.take_symbol(b':')?;
    while matches!(tokens.peek()?, Some(Token::Word(_) | Token::Quoted(_) | Token::Symbol(b'.'))) {
        tokens.next()?;
    }
    if tokens.take_symbol(b'(')? {
        while tokens.peek()?.is_some_and(|token| *token != Token::Symbol(b')')) {
            tokens.next()?;
        }
        tokens.take_symbol(b')')?;
        while matches!(tokens.peek()?, Some(Token::Word(_))) {
            tokens.next()?;
        }
    }
    Ok(())
}

fn call(function: &str, arguments: &[Value]) -> Evaluated {
    match (function, arguments) {
        ("unistr", [Value::String(text)]) => Ok(Value::String(unistr(text))),
        ("char" | "chr", codes) => Ok(Value::String(codes.iter().filter_map(character).collect())),
        ("replace", [Value::String(text), Value::String(from), Value::String(to)]) if !from.is_empty() => {
            Ok(Value::String(text.replace(from.as_str(), to)))
        }
        ("cast" | "convert" | "datetime" | "timestamp" | "to_timestamp", [value, ..]) => Ok(value.clone()),
        ("unistr" | "replace", _) => Err(ProblemKind::BadField),
        // Functions such as now() have no value in a file.
        _ => Ok(Value::Null),
    }
}

fn character(code: &Value) -> Option<char> {
    char::from_u32(u32::try_from(code.as_i64()?).ok()?)
}

/// The text with its escapes `\0041`, `\u0041`, `\+000041`, `\U00000041` and `\\` decoded.
fn unistr(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend(rest[..at].encode_utf16());
        rest = &rest[at + 1..];
        let (skip, digits) = match rest.as_bytes().first() {
            Some(b'u') => (1, 4),
            Some(b'U') => (1, 8),
            Some(b'+') => (1, 6),
            _ => (0, 4),
        };
        let code = rest.get(skip..skip + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match code {
            Some(code) => {
                out.extend(utf16(code));
                rest = &rest[skip + digits..];
            }
            None => {
                out.push(u16::from(b'\\'));
                rest = rest.strip_prefix('\\').unwrap_or(rest);
            }
        }
    }
    out.extend(rest.encode_utf16());
    String::from_utf16_lossy(&out)
}

/// A code point, or half of a surrogate pair, as UTF-16.
fn utf16(code: u32) -> Vec<u16> {
    match (u16::try_from(code), char::from_u32(code)) {
        (Ok(unit), _) => vec![unit],
        (Err(_), Some(character)) => character.encode_utf16(&mut [0; 2]).to_vec(),
        (Err(_), None) => vec![0xfffd],
    }
}
