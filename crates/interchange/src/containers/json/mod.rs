//! JSON values of a stream, each by its path: elements of arrays, members of objects, values one after the other, lines.
//!
//! The scanner finds where a value ends, and `serde_json` reads it. So a value that is no JSON costs only itself, and memory is bounded by
//! the largest value that is taken.

mod outline;
mod repair;
mod scan;

pub(crate) use outline::Outline;

use crate::containers::bytes::Bytes;
use crate::problem::{Position, ProblemKind, ReadError};
use scan::Framer;
use serde_json::Value;
use std::io::Read;

/// The kind of a value by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    Array,
    /// A string, number or word.
    Scalar,
}

/// A value that comes next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Its path: names of members after dots, `[]` for an element of an array. Empty for a value of the stream itself.
    pub(crate) path: &'a str,
    pub(crate) shape: Shape,
    /// The first name in an object.
    pub(crate) first_key: Option<&'a str>,
}

/// The way to read a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Each of its members or elements comes as a value of its own.
    Enter,
    /// As a whole.
    Take,
    /// Not at all.
    Skip,
}

/// Receiver of the values of a stream.
pub(crate) trait Visitor {
    /// Chooses how a value is read. Must not enter deeper than a fixed number of levels.
    fn choose(&mut self, place: &Place<'_>) -> Step;

    /// A value that is taken.
    fn value(&mut self, path: &str, position: Position, value: Value) -> Result<(), ReadError>;

    /// A value that is taken and cannot be read.
    fn fault(&mut self, path: &str, position: Position, kind: ProblemKind) -> Result<(), ReadError>;
}

/// Reads a stream of JSON values.
///
/// # Errors
///
/// If the stream ends inside a value, or cannot be read.
pub(crate) fn walk(input: &mut dyn Read, file: &str, visitor: &mut dyn Visitor) -> Result<(), ReadError> {
    Walker { framer: Framer::new(Bytes::new(input), file), open: Vec::new(), path: String::new(), records: 0 }
        .run(visitor)
}

struct Walker<'a> {
    framer: Framer<'a>,
    /// Objects and arrays that were entered, each with the length of the path outside of it.
    open: Vec<(Shape, usize)>,
    path: String,
    records: u64,
}

impl Walker<'_> {
    fn run(mut self, visitor: &mut dyn Visitor) -> Result<(), ReadError> {
        loop {
            let Some(byte) = self.framer.skip_separators()? else {
                return if self.open.is_empty() { Ok(()) } else { Err(self.framer.ends_early()) };
            };
            match (byte, self.open.last()) {
                (b'}' | b']', _) => {
                    self.framer.advance()?;
                    self.close(if byte == b'}' { Shape::Object } else { Shape::Array });
                }
                (b'"', Some((Shape::Object, outside))) => {
                    let outside = *outside;
                    self.member(outside, visitor)?;
                }
                (_, Some((Shape::Object, _))) => self.framer.skip_value()?,
                (_, Some((_, outside))) => {
                    self.path.truncate(*outside);
                    self.path.push_str("[]");
                    self.value(visitor)?;
                }
                (_, None) => {
                    self.path.clear();
                    self.value(visitor)?;
                }
            }
        }
    }

    /// Leaves the innermost value of this shape. A bracket that closes none is ignored.
    fn close(&mut self, shape: Shape) {
        if let Some(at) = self.open.iter().rposition(|(open, _)| *open == shape) {
            self.path.truncate(self.open[at].1);
            self.open.truncate(at);
        }
    }

    /// A name, its colon and its value.
    fn member(&mut self, outside: usize, visitor: &mut dyn Visitor) -> Result<(), ReadError> {
        let key = self.framer.key()?;
        if !self.framer.skip_colon()? {
            return Ok(());
        }
        self.path.truncate(outside);
        if outside > 0 {
            self.path.push('.');
        }
        self.path.push_str(&key);
        self.value(visitor)
    }

    fn value(&mut self, visitor: &mut dyn Visitor) -> Result<(), ReadError> {
        let (shape, first_key) = self.framer.begin_value()?;
        let step = visitor.choose(&Place { path: &self.path, shape, first_key: first_key.as_deref() });
        match (step, shape) {
            (Step::Enter, Shape::Object | Shape::Array) => {
                self.framer.enter_value();
                self.open.push((shape, self.path.len()));
                first_key.map_or(Ok(()), |key| self.first_member(&key, visitor))
            }
            (Step::Take, _) => self.take(visitor),
            (Step::Skip | Step::Enter, _) => self.framer.skip_value(),
        }
    }

    /// The member whose name was read in order to know the object.
    fn first_member(&mut self, key: &str, visitor: &mut dyn Visitor) -> Result<(), ReadError> {
        if !self.framer.skip_colon()? {
            return Ok(());
        }
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
        self.value(visitor)
    }

    fn take(&mut self, visitor: &mut dyn Visitor) -> Result<(), ReadError> {
        self.records += 1;
        let position = Position::Record(self.records);
        match self.framer.take_value()? {
            Ok(bytes) => match repair::parse(&bytes) {
                Ok(value) => visitor.value(&self.path, position, value),
                Err(kind) => visitor.fault(&self.path, position, kind),
            },
            Err(kind) => visitor.fault(&self.path, position, kind),
        }
    }
}

#[cfg(test)]
mod tests;
