//! Tokens of SQL.

use crate::containers::bytes::Bytes;
use crate::problem::{Position, ReadError, io_error};

/// The longest string that is kept; the rest of a longer one is cut off, and the token says so.
const MAX_TOKEN_BYTES: usize = 16 * 1024 * 1024;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A keyword or a name without quotes.
    Word(String),
    /// A name in double quotes, backquotes or brackets.
    Quoted(String),
    /// A string.
    Text(String),
    /// A string of bytes.
    Blob,
    /// A number without its sign.
    Number(String),
    /// A string that is too long to be kept.
    TooLong,
    /// Any other character.
    Symbol(u8),
}

impl Token {
    pub(crate) fn is_word(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// Differences in strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A quote in a string is doubled, and a backslash is a backslash: SQLite and PostgreSQL.
    Standard,
    /// A backslash is an escape, and double quotes may hold a string: MySQL.
    MySql,
}

impl Dialect {
    pub(crate) fn of_sample(sample: &[u8]) -> Self {
        let sample = String::from_utf8_lossy(sample);
        let has = |marks: &[&str]| marks.iter().any(|mark| sample.contains(mark));
        // SQLite keeps the quotes of `CREATE TABLE`, so backquotes alone do not mean MySQL.
        if !has(&["PRAGMA ", "BEGIN TRANSACTION;"])
            && has(&[
                "-- MySQL dump",
                "-- MariaDB dump",
                "phpMyAdmin",
                "/*!4",
                "/*!5",
                "/*M!",
                ") ENGINE=",
                "AUTO_INCREMENT",
                "INSERT INTO `",
            ])
        {
            Self::MySql
        } else {
            Self::Standard
        }
    }
}

/// Reads tokens.
pub(crate) struct Tokens<'a> {
    bytes: Bytes<'a>,
    file: String,
    dialect: Dialect,
    peeked: Option<Token>,
    /// Number of brackets open before the next token.
    depth: i64,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(bytes: Bytes<'a>, file: &str, dialect: Dialect) -> Self {
        Self { bytes, file: file.to_owned(), dialect, peeked: None, depth: 0 }
    }

    /// The next token; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, ReadError> {
        let token = if let Some(token) = self.peeked.take() { Some(token) } else { self.scan()? };
        match token {
            Some(Token::Symbol(b'(')) => self.depth += 1,
            Some(Token::Symbol(b')')) => self.depth -= 1,
            _ => {}
        }
        Ok(token)
    }

    /// Number of brackets open before the next token.
    pub(crate) fn depth(&self) -> i64 {
        self.depth
    }

    fn scan(&mut self) -> Result<Option<Token>, ReadError> {
        self.skip_blanks()?;
        let Some(byte) = self.byte()? else { return Ok(None) };
        let token = match byte {
            b'\'' => self.string(b'\'', self.dialect == Dialect::MySql)?,
            b'"' => self.name(b'"')?,
            b'`' => self.name(b'`')?,
            b'[' => self.name(b']')?,
            b'0'..=b'9' => Token::Number(self.run(byte, |b| b.is_ascii_alphanumeric() || b == b'.')?),
            b'.' if self.peek_byte()?.is_some_and(|b| b.is_ascii_digit()) => {
                Token::Number(self.run(byte, |b| b.is_ascii_alphanumeric())?)
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word(byte)?,
            other => Token::Symbol(other),
        };
        Ok(Some(token))
    }

    /// The next token, which stays.
    pub(crate) fn peek(&mut self) -> Result<Option<&Token>, ReadError> {
        if self.peeked.is_none() {
            self.peeked = self.scan()?;
        }
        Ok(self.peeked.as_ref())
    }

    /// Takes the next token if it is this symbol.
    pub(crate) fn take_symbol(&mut self, symbol: u8) -> Result<bool, ReadError> {
        let found = self.peek()? == Some(&Token::Symbol(symbol));
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes the next token if it is this keyword.
    pub(crate) fn take_word(&mut self, keyword: &str) -> Result<bool, ReadError> {
        let found = self.peek()?.is_some_and(|token| token.is_word(keyword));
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// A name, with its schema left out; none if something else comes.
    pub(crate) fn take_name(&mut self) -> Result<Option<String>, ReadError> {
        let mut name = None;
        loop {
            match self.peek()? {
                Some(Token::Word(_) | Token::Quoted(_) | Token::Text(_)) => {}
                _ => return Ok(name),
            }
            if let Some(Token::Word(text) | Token::Quoted(text) | Token::Text(text)) = self.next()? {
                name = Some(text);
            }
            if !self.take_symbol(b'.')? {
                return Ok(name);
            }
        }
    }

    /// Skips the rest of the statement with its semicolon. The end of the text ends a statement too, unless a bracket is open.
    pub(crate) fn skip_statement(&mut self) -> Result<(), ReadError> {
        let mut open = 0_i64;
        while let Some(token) = self.next()? {
            match token {
                Token::Symbol(b'(') => open += 1,
                Token::Symbol(b')') => open -= 1,
                Token::Symbol(b';') => return Ok(()),
                _ => {}
            }
        }
        if open > 0 { Err(self.ends_early()) } else { Ok(()) }
    }

    /// Skips the rest of a `COPY` statement with its line. True if rows follow it.
    pub(crate) fn skip_to_end_of_copy(&mut self) -> Result<bool, ReadError> {
        let mut is_from_stdin = false;
        while let Some(token) = self.next()? {
            is_from_stdin |= token.is_word("stdin");
            if token == Token::Symbol(b';') {
                break;
            }
        }
        while is_from_stdin && self.byte()?.is_some_and(|byte| byte != b'\n') {}
        Ok(is_from_stdin)
    }

    /// The rest of the line, without its end; none at the end of the text. Only behind a statement.
    pub(crate) fn line_text(&mut self) -> Result<Option<String>, ReadError> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                None if line.is_empty() => return Ok(None),
                None | Some(b'\n') => break,
                Some(byte) if line.len() < MAX_TOKEN_BYTES => line.push(byte),
                Some(_) => {}
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }

    /// Number of the current line.
    pub(crate) fn line(&self) -> u64 {
        self.bytes.line()
    }

    pub(crate) fn ends_early(&self) -> ReadError {
        self.malformed("the file ends inside a statement")
    }

    pub(crate) fn malformed(&self, message: &str) -> ReadError {
        ReadError::Malformed {
            file: self.file.clone(),
            position: Position::Line(self.line()),
            message: message.to_owned(),
        }
    }

    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        self.bytes.next().map_err(|error| io_error(&self.file, &error))
    }

    fn peek_byte(&mut self) -> Result<Option<u8>, ReadError> {
        self.bytes.peek().map_err(|error| io_error(&self.file, &error))
    }

    fn skip(&mut self, text: &[u8]) -> Result<bool, ReadError> {
        self.bytes.skip(text).map_err(|error| io_error(&self.file, &error))
    }

    fn skip_blanks(&mut self) -> Result<(), ReadError> {
        loop {
            match self.peek_byte()? {
                Some(0..=b' ') => {
                    self.byte()?;
                }
                Some(0xef) if self.skip(b"\xef\xbb\xbf")? => {}
                Some(b'-') if self.skip(b"--")? => self.skip_line()?,
                Some(b'#') if self.dialect == Dialect::MySql => self.skip_line()?,
                Some(b'/') if self.skip(b"/*")? => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) -> Result<(), ReadError> {
        while self.byte()?.is_some_and(|byte| byte != b'\n') {}
        Ok(())
    }

    fn skip_comment(&mut self) -> Result<(), ReadError> {
        while !self.skip(b"*/")? {
            if self.byte()?.is_none() {
                return Err(self.ends_early());
            }
        }
        Ok(())
    }

    /// A word, or a string with a letter before it: `X'..'` bytes, `E'..'` with backslashes, `N'..'`.
    fn word(&mut self, first: u8) -> Result<Token, ReadError> {
        let word = self.run(first, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | 0x80..))?;
        if self.peek_byte()? != Some(b'\'') {
            return Ok(Token::Word(word));
        }
        match word.to_ascii_uppercase().as_str() {
            "X" | "B" | "_BINARY" => {
                self.byte()?;
                self.string(b'\'', false).map(|_| Token::Blob)
            }
            "E" => {
                self.byte()?;
                self.string(b'\'', true)
            }
            "N" => {
                self.byte()?;
                self.string(b'\'', self.dialect == Dialect::MySql)
            }
            _ => Ok(Token::Word(word)),
        }
    }

    fn run(&mut self, first: u8, belongs: impl Fn(u8) -> bool) -> Result<String, ReadError> {
        let mut run = vec![first];
        while let Some(byte) = self.peek_byte()?.filter(|byte| belongs(*byte)) {
            if run.len() < MAX_TOKEN_BYTES {
                run.push(byte);
            }
            self.byte()?;
        }
        Ok(String::from_utf8_lossy(&run).into_owned())
    }

    fn name(&mut self, end: u8) -> Result<Token, ReadError> {
        let is_string = end == b'"' && self.dialect == Dialect::MySql;
        Ok(match self.string(end, is_string)? {
            Token::Text(text) if is_string => Token::Text(text),
            Token::Text(text) => Token::Quoted(text),
            other => other,
        })
    }

    /// The rest of a string up to its quote, which may stand in it twice.
    fn string(&mut self, quote: u8, has_escapes: bool) -> Result<Token, ReadError> {
        let mut text = Vec::new();
        let mut is_too_long = false;
        loop {
            let Some(byte) = self.byte()? else { return Err(self.ends_early()) };
            if byte == quote {
                if self.peek_byte()? != Some(quote) {
                    break;
                }
                self.byte()?;
            }
            let byte = if byte == b'\\' && has_escapes { self.escaped()? } else { byte };
            if text.len() < MAX_TOKEN_BYTES {
                text.push(byte);
            } else {
                is_too_long = true;
            }
        }
        Ok(if is_too_long { Token::TooLong } else { Token::Text(String::from_utf8_lossy(&text).into_owned()) })
    }

    fn escaped(&mut self) -> Result<u8, ReadError> {
        Ok(match self.byte()? {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'0') => 0,
            Some(b'Z') => 26,
            Some(byte) => byte,
            None => return Err(self.ends_early()),
        })
    }
}
