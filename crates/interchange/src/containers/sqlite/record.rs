//! Records: the values of a row.

use crate::problem::ProblemKind;
use serde_json::{Number, Value};

/// Encoding of the texts of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A record that breaks the format.
#[derive(Debug)]
pub(super) struct RecordError(pub(super) ProblemKind);

/// A number of 1 to 9 bytes, and its length.
pub(super) fn varint(bytes: &[u8]) -> Option<(i64, usize)> {
    let mut value: u64 = 0;
    for (index, byte) in bytes.iter().take(8).enumerate() {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value.cast_signed(), index + 1));
        }
    }
    let last = bytes.get(8)?;
    Some(((value << 8 | u64::from(*last)).cast_signed(), 9))
}

/// Reads the values of a payload. Strings of bytes are null.
pub(super) fn decode(payload: &[u8], encoding: Encoding) -> Result<Vec<Value>, RecordError> {
    decode_values(payload, encoding).ok_or(RecordError(ProblemKind::BadField))
}

fn decode_values(payload: &[u8], encoding: Encoding) -> Option<Vec<Value>> {
    let (header_length, mut at) = varint(payload)?;
    let header = payload.get(..usize::try_from(header_length).ok()?)?;
    let mut body = payload.get(header.len()..)?;
    let mut values = Vec::new();
    while at < header.len() {
        let (kind, length) = varint(&header[at..])?;
        at += length;
        let size = size_of(kind)?;
        let bytes = body.get(..size)?;
        body = &body[size..];
        values.push(value(kind, bytes, encoding));
    }
    Some(values)
}

fn size_of(kind: i64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        12.. => usize::try_from((kind - 12) / 2).ok(),
        _ => None,
    }
}

fn value(kind: i64, bytes: &[u8], encoding: Encoding) -> Value {
    match kind {
        1..=6 => Value::Number(integer(bytes).into()),
        7 => {
            let real = f64::from_be_bytes(bytes.try_into().unwrap_or_default());
            Number::from_f64(real).map_or(Value::Null, Value::Number)
        }
        8 => Value::Number(0.into()),
        9 => Value::Number(1.into()),
        13.. if kind % 2 == 1 => Value::String(text(bytes, encoding)),
        _ => Value::Null,
    }
}

/// A signed big-endian number of up to eight bytes.
fn integer(bytes: &[u8]) -> i64 {
    let sign = bytes.first().map_or(0, |first| if first & 0x80 == 0 { 0 } else { -1 });
    bytes.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte))
}

fn text(bytes: &[u8], encoding: Encoding) -> String {
    let units = |read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Utf16Le => units(u16::from_le_bytes),
        Encoding::Utf16Be => units(u16::from_be_bytes),
    }
}
