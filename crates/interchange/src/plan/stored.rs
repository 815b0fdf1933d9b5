//! The compact form of records in the spool.

use std::io;

use crate::record::{SourceThread, ThreadState};

/// The parts of a comment that the lines of an export need, beside its [`CommentEntry`](crate::plan::entry::CommentEntry). All fields are valid for the
/// ledger, except for the length of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredComment {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) website: Option<String>,
    pub(crate) text: String,
    pub(crate) edited: Option<i64>,
    pub(crate) votes: i64,
}

impl StoredComment {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + self.text.len());
        push_text(&mut bytes, &self.id);
        push_text(&mut bytes, &self.name);
        push_text(&mut bytes, self.email.as_deref().unwrap_or_default());
        push_text(&mut bytes, self.website.as_deref().unwrap_or_default());
        push_text(&mut bytes, &self.text);
        push_optional(&mut bytes, self.edited);
        bytes.extend_from_slice(&self.votes.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> io::Result<Self> {
        let mut decoder = Decoder(bytes);
        Ok(Self {
            id: decoder.text()?,
            name: decoder.text()?,
            email: Some(decoder.text()?).filter(|email| !email.is_empty()),
            website: Some(decoder.text()?).filter(|website| !website.is_empty()),
            text: decoder.text()?,
            edited: decoder.optional()?,
            votes: decoder.number()?,
        })
    }
}

pub(crate) fn encode_thread(thread: &SourceThread) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_text(&mut bytes, &thread.key);
    push_text(&mut bytes, thread.partition.as_deref().unwrap_or_default());
    push_text(&mut bytes, &thread.url);
    push_text(&mut bytes, &thread.title);
    push_optional(&mut bytes, thread.time);
    let state = match thread.state {
        ThreadState::Published => 0,
        ThreadState::Draft => 1,
        ThreadState::Private => 2,
        ThreadState::Deleted => 3,
    };
    bytes.extend_from_slice(&[state, u8::from(thread.closed)]);
    for hint in &thread.hints {
        push_text(&mut bytes, hint);
    }
    bytes
}

pub(crate) fn decode_thread(bytes: &[u8]) -> io::Result<SourceThread> {
    let mut decoder = Decoder(bytes);
    let mut thread = SourceThread {
        key: decoder.text()?,
        partition: Some(decoder.text()?).filter(|name| !name.is_empty()),
        url: decoder.text()?,
        title: decoder.text()?,
        time: decoder.optional()?,
        ..SourceThread::default()
    };
    thread.state = match decoder.byte()? {
        0 => ThreadState::Published,
        1 => ThreadState::Draft,
        2 => ThreadState::Private,
        _ => ThreadState::Deleted,
    };
    thread.closed = decoder.byte()? != 0;
    while !decoder.0.is_empty() {
        thread.hints.push(decoder.text()?);
    }
    Ok(thread)
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    let mut length = text.len() as u64;
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(text.as_bytes());
}

fn push_optional(bytes: &mut Vec<u8>, number: Option<i64>) {
    bytes.push(u8::from(number.is_some()));
    bytes.extend(number.into_iter().flat_map(i64::to_le_bytes));
}

/// Reads the fields of a record in the order in which they were written.
struct Decoder<'a>(&'a [u8]);

impl Decoder<'_> {
    fn byte(&mut self) -> io::Result<u8> {
        let (byte, rest) = self.0.split_first().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> io::Result<i64> {
        let (number, rest) = self.0.split_first_chunk::<8>().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(i64::from_le_bytes(*number))
    }

    fn optional(&mut self) -> io::Result<Option<i64>> {
        Ok(if self.byte()? == 0 { None } else { Some(self.number()?) })
    }

    fn text(&mut self) -> io::Result<String> {
        let (mut length, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            length |= u64::from(byte & 0x7f).checked_shl(shift).ok_or_else(damaged)?;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        let length = usize::try_from(length).map_err(|_| damaged())?;
        let (text, rest) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).map_err(|_| damaged())
    }
}

/// The spool gave other bytes than those that were appended.
fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the intermediate data is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_as_they_were_written() {
        let comment = StoredComment {
            id: "7".to_owned(),
            name: "Ada".to_owned(),
            email: Some("ada@ada.example".to_owned()),
            website: None,
            text: "ü".repeat(20_000),
            edited: Some(-5),
            votes: i64::MIN,
        };
        assert_eq!(StoredComment::decode(&comment.encode()).unwrap(), comment);
        let thread = SourceThread {
            key: "k".to_owned(),
            partition: Some("blog".to_owned()),
            url: "/a".to_owned(),
            hints: vec![String::new(), "x".to_owned()],
            title: "T".to_owned(),
            time: None,
            closed: true,
            state: ThreadState::Private,
        };
        assert_eq!(decode_thread(&encode_thread(&thread)).unwrap(), thread);
    }

    #[test]
    fn damaged_records_are_errors() {
        let bytes = StoredComment { text: "abc".to_owned(), ..StoredComment::default() }.encode();
        for end in 0..bytes.len() {
            assert!(StoredComment::decode(&bytes[..end]).is_err(), "{end} bytes");
        }
        assert!(StoredComment::decode(&[0xff; 40]).is_err());
    }
}
