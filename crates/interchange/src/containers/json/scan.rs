//! Ends of values in a stream of JSON.

use super::Shape;
use crate::containers::bytes::Bytes;
use crate::problem::{Position, ProblemKind, ReadError, io_error};

/// The largest value that is taken as a whole, in bytes.
const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// The deepest nesting inside a value that is taken. `serde_json` has a limit of 128.
const MAX_DEPTH: usize = 100;
/// The longest name of a member that is kept. No field that a reader looks for has a longer one.
const MAX_KEY_BYTES: usize = 1024;

/// A value as bytes, or its fault.
type Taken = Result<Vec<u8>, ProblemKind>;

/// Finds values. A value begins with [`Framer::begin_value`], and goes on with exactly one of the other methods.
pub(super) struct Framer<'a> {
    bytes: Bytes<'a>,
    file: String,
    /// What was read of the current value in order to know it: a brace and a name.
    head: Vec<u8>,
}

impl<'a> Framer<'a> {
    pub(super) fn new(bytes: Bytes<'a>, file: &str) -> Self {
        Self { bytes, file: file.to_owned(), head: Vec::new() }
    }

    /// Skips what stands between values: white space, commas, control characters and byte order marks. Returns the next byte.
    pub(super) fn skip_separators(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            match self.peek()? {
                Some(0..=b' ' | b',' | 0x7f) => self.advance()?,
                Some(0xef) if self.with(|bytes| bytes.skip(b"\xef\xbb\xbf"))? => {}
                other => return Ok(other),
            }
        }
    }

    /// Skips a colon and the white space around it; false if there is none.
    pub(super) fn skip_colon(&mut self) -> Result<bool, ReadError> {
        let found = self.skip_separators()? == Some(b':');
        if found {
            self.advance()?;
            // A name without a value.
            return Ok(!matches!(self.skip_separators()?, Some(b'}' | b']') | None));
        }
        Ok(false)
    }

    pub(super) fn advance(&mut self) -> Result<(), ReadError> {
        self.with(Bytes::next).map(|_| ())
    }

    /// The shape of the value that comes next, and the first name in it.
    pub(super) fn begin_value(&mut self) -> Result<(Shape, Option<String>), ReadError> {
        self.head.clear();
        match self.peek()? {
            Some(b'[') => {
                self.head.push(b'[');
                self.advance()?;
                Ok((Shape::Array, None))
            }
            Some(b'{') => {
                self.head.push(b'{');
                self.advance()?;
                if self.skip_separators()? != Some(b'"') {
                    return Ok((Shape::Object, None));
                }
                let raw = self.raw_key()?;
                let key = decode_key(&raw);
                self.head.extend_from_slice(&raw);
                Ok((Shape::Object, Some(key)))
            }
            _ => Ok((Shape::Scalar, None)),
        }
    }

    /// Leaves the rest of the value, an object or array, to be read value by value.
    pub(super) fn enter_value(&mut self) {
        self.head.clear();
    }

    /// Skips the value.
    pub(super) fn skip_value(&mut self) -> Result<(), ReadError> {
        self.frame(&mut Collected { bytes: None, fault: None })
    }

    /// The bytes of the value.
    pub(super) fn take_value(&mut self) -> Result<Taken, ReadError> {
        let mut collected = Collected { bytes: Some(Vec::new()), fault: None };
        self.frame(&mut collected)?;
        Ok(collected.fault.map_or_else(|| Ok(collected.bytes.unwrap_or_default()), Err))
    }

    /// The name that comes next.
    pub(super) fn key(&mut self) -> Result<String, ReadError> {
        Ok(decode_key(&self.raw_key()?))
    }

    pub(super) fn ends_early(&self) -> ReadError {
        ReadError::Malformed {
            file: self.file.clone(),
            position: Position::Line(self.bytes.line()),
            message: "the file ends inside a value".to_owned(),
        }
    }

    fn raw_key(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut collected = Collected { bytes: Some(Vec::new()), fault: None };
        self.string(&mut collected)?;
        let mut bytes = collected.bytes.unwrap_or_default();
        if bytes.len() > MAX_KEY_BYTES {
            bytes = b"\"\"".to_vec();
        }
        Ok(bytes)
    }

    /// Moves over the value, after what was read of it.
    fn frame(&mut self, out: &mut Collected) -> Result<(), ReadError> {
        let head = std::mem::take(&mut self.head);
        out.extend(&head);
        if head.is_empty() {
            return match self.peek()? {
                Some(b'"') => self.string(out).map(|_| ()),
                _ => self.word(out),
            };
        }
        self.nested(Brackets { kinds: vec![head[0]], beyond: 0 }, out)
    }

    /// An object or array, from what is open to its end.
    fn nested(&mut self, mut open: Brackets, out: &mut Collected) -> Result<(), ReadError> {
        loop {
            match self.peek()? {
                None => return Err(self.ends_early()),
                Some(b'"') => {
                    if !self.string(out)? {
                        return Ok(());
                    }
                    continue;
                }
                Some(byte @ (b'{' | b'[')) => {
                    open.push(byte);
                    out.push(byte);
                }
                Some(byte @ (b'}' | b']')) => {
                    open.close(byte);
                    out.push(byte);
                }
                Some(0..=b' ' | 0x7f) => out.push(b' '),
                Some(byte) => out.push(byte),
            }
            self.advance()?;
            if open.kinds.is_empty() {
                return Ok(());
            }
            if open.beyond > 0 {
                out.fail(ProblemKind::TooDeep);
            }
        }
    }

    /// A string with its quotes. False if it never ended, and the next value begins instead.
    fn string(&mut self, out: &mut Collected) -> Result<bool, ReadError> {
        out.push(b'"');
        self.advance()?;
        loop {
            match self.with(Bytes::next)? {
                None => return Err(self.ends_early()),
                Some(b'"') => {
                    out.push(b'"');
                    return Ok(true);
                }
                Some(b'\\') => {
                    out.push(b'\\');
                    match self.with(Bytes::next)? {
                        Some(byte) => out.push(byte),
                        None => return Err(self.ends_early()),
                    }
                }
                Some(b'\n') if self.with(|bytes| bytes.starts_with(b"{\""))? => {
                    out.fail(ProblemKind::BadField);
                    return Ok(false);
                }
                // JSON wants them escaped, some programs forget it.
                Some(b'\n') => out.extend(b"\\n"),
                Some(b'\t') => out.extend(b"\\t"),
                Some(0..=0x1f) => out.push(b' '),
                Some(byte) => out.push(byte),
            }
        }
    }

    /// A number or word, up to the next delimiter. At least one byte, so that the walk goes on.
    fn word(&mut self, out: &mut Collected) -> Result<(), ReadError> {
        while let Some(byte) = self.with(Bytes::next)? {
            out.push(byte);
            if matches!(self.peek()?, None | Some(0..=b' ' | b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']')) {
                break;
            }
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        self.with(Bytes::peek)
    }

    fn with<T>(&mut self, read: impl FnOnce(&mut Bytes<'a>) -> std::io::Result<T>) -> Result<T, ReadError> {
        read(&mut self.bytes).map_err(|error| io_error(&self.file, &error))
    }
}

/// Brackets that are open.
struct Brackets {
    kinds: Vec<u8>,
    /// Number of those deeper than the limit, of either kind.
    beyond: u64,
}

impl Brackets {
    fn push(&mut self, bracket: u8) {
        if self.kinds.len() < MAX_DEPTH { self.kinds.push(bracket) } else { self.beyond += 1 }
    }

    /// Closes the innermost bracket that this one closes, with all inside of it. One that closes none is ignored.
    fn close(&mut self, bracket: u8) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let opening = if bracket == b'}' { b'{' } else { b'[' };
        if let Some(at) = self.kinds.iter().rposition(|kind| *kind == opening) {
            self.kinds.truncate(at);
        }
    }
}

fn decode_key(raw: &[u8]) -> String {
    serde_json::from_slice(raw).unwrap_or_default()
}

/// Bytes of a value, up to the limit.
struct Collected {
    /// None if the value is skipped.
    bytes: Option<Vec<u8>>,
    fault: Option<ProblemKind>,
}

impl Collected {
    fn push(&mut self, byte: u8) {
        self.extend(&[byte]);
    }

    fn extend(&mut self, more: &[u8]) {
        if self.fault.is_some() {
            return;
        }
        let Some(bytes) = &mut self.bytes else { return };
        bytes.extend_from_slice(more);
        if bytes.len() > MAX_VALUE_BYTES {
            self.fail(ProblemKind::TooLarge);
        }
    }

    /// Keeps the first fault, and no bytes.
    fn fail(&mut self, kind: ProblemKind) {
        self.fault.get_or_insert(kind);
        if let Some(bytes) = &mut self.bytes {
            bytes.clear();
        }
    }
}
