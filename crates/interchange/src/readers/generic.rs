//! The documented CSV and JSON, for everything that has no reader of its own. The book's chapter "Import from a table" describes the columns.

use super::output::{Output, edit_time};
use super::values::{LISTS, enter_above, read_values};
use crate::containers::encodings::utf8_reader;
use crate::containers::json::{Outline, Place, Shape, Step};
use crate::containers::limits::read_error;
use crate::containers::members::{self, Member};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ProblemKind, ReadError};
use crate::record::{Body, BodyKind, SourceComment, SourceState, SourceThread};
use csv::{ByteRecord, ReaderBuilder};
use serde_json::Value;
use std::cell::Cell;
use std::io::{self, Read};

/// The largest record of a table in bytes. A quotation mark that is never closed makes one record of the rest of a file.
const MAX_RECORD_BYTES: u64 = 16 * 1024 * 1024;

const URL: &str = "url|post|post_url|page|page_url|thread|path|link";
const TEXT: &str = "text|comment|content|body|message|html|markdown";

pub(super) fn read_json(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let choose = |place: &Place<'_>, outline: &Outline| {
        let has_any = |names: &str| names.split('|').any(|name| outline.has_all(place.path, &[name]));
        let is_list = LISTS.contains(&place.path) && has_any(URL) && has_any(TEXT);
        match place.shape {
            Shape::Object if is_list => Step::Take,
            _ => enter_above(place.path, &LISTS),
        }
    };
    read_values(inputs, output, &choose, &mut |output, _, fields, position| comment(output, fields, position))
}

pub(super) fn read_csv(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    members::for_each(inputs, &mut |member| {
        member.name.clone_into(&mut output.file);
        read_table(member, output)
    })
}

fn read_table(member: &mut Member<'_>, output: &mut Output<'_>) -> Result<(), ReadError> {
    let (name, head, size) = (member.name, member.head, Cell::new(0));
    let bounded = RecordLimit { inner: utf8_reader(head, member), size: &size };
    let mut table =
        ReaderBuilder::new().delimiter(delimiter(head)).flexible(true).has_headers(false).from_reader(bounded);
    let mut record = ByteRecord::new();
    let mut columns = Vec::new();
    loop {
        size.set(0);
        let line = table.position().line();
        let is_there = table.read_byte_record(&mut record).map_err(|error| csv_error(name, line, error))?;
        if !is_there {
            return Ok(());
        }
        if columns.is_empty() {
            columns = record.iter().map(column_name).collect();
            continue;
        }
        if record.iter().all(|value| value.trim_ascii().is_empty()) {
            continue;
        }
        let row = columns.iter().cloned().zip(record.iter().map(text_value)).collect();
        comment(output, Fields(&row), Position::Line(line))?;
    }
}

fn column_name(bytes: &[u8]) -> String {
    let name = String::from_utf8_lossy(bytes);
    name.trim_start_matches('\u{feff}').trim().to_lowercase().replace([' ', '-'], "_")
}

fn text_value(bytes: &[u8]) -> Value {
    Value::String(crate::containers::encodings::text(bytes).into_owned())
}

/// The character between columns: of the usual ones, the one that is most often in the first line.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

fn csv_error(file: &str, line: u64, error: csv::Error) -> ReadError {
    let position = Position::Line(line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            let message = "a record without end begins here: a quotation mark is not closed".to_owned();
            ReadError::Malformed { file: file.to_owned(), position, message }
        }
        csv::ErrorKind::Io(error) => read_error(file, position, &error),
        _ => ReadError::Malformed {
            file: file.to_owned(),
            position,
            message: "this line is no part of a table".to_owned(),
        },
    }
}

/// Fails if a record does not end.
struct RecordLimit<'a, R> {
    inner: R,
    /// Bytes that were read since the record began.
    size: &'a Cell<u64>,
}

impl<R: Read> Read for RecordLimit<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.size.set(self.size.get().saturating_add(read as u64));
        if self.size.get() > MAX_RECORD_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(read) }
    }
}

fn comment(output: &mut Output<'_>, fields: Fields<'_>, position: Position) -> Result<(), ReadError> {
    let (url, body) = (fields.line(URL), body(fields));
    let Some(state) = state(&fields.line("state|status")) else {
        output.problem(position, ProblemKind::BadField);
        return Ok(());
    };
    let title = fields.line("title|post_title|page_title");
    if !url.is_empty() {
        output.thread(SourceThread { key: url.clone(), url: url.clone(), title, ..SourceThread::default() })?;
    }
    let zone = output.options.zone_minutes;
    let time = fields.time("date|time|created|created_at|timestamp", zone);
    let name = fields.line("name|author|nick");
    let comment = SourceComment {
        id: fields.id("id|comment_id").unwrap_or_else(|| id_of_content(fields, &url, &name, &body)),
        parent: fields.id("parent|parent_id|reply_to").filter(|parent| parent != "0"),
        thread: url,
        time,
        edited: edit_time(fields.time("edited|updated|updated_at", zone), time),
        name,
        email: output.email(&fields.line("email|mail|author_email")),
        website: fields.some_line("website|author_url|homepage"),
        body,
        state,
        is_owner: fields.flag("owner|is_owner") == Some(true),
        pinned: fields.flag("pinned") == Some(true),
        votes: fields.number("votes").unwrap_or(0),
    };
    output.comment(comment, position)
}

/// An id for a comment without one, the same in each export: all that tells comments apart. None for an empty row.
fn id_of_content(fields: Fields<'_>, url: &str, name: &str, body: &Body) -> String {
    let date = fields.line("date|time|created|created_at|timestamp");
    if date.is_empty() && body.text.is_empty() { String::new() } else { [url, &date, name, &body.text].join("\n") }
}

fn body(fields: Fields<'_>) -> Body {
    let is_html_column = fields.value("html").is_some() && fields.value("text|comment|content|body|message").is_none();
    let kind = match fields.line("format").to_lowercase().as_str() {
        "html" => BodyKind::Html,
        "markdown" | "md" => BodyKind::Markdown,
        "" if is_html_column => BodyKind::Html,
        "" if fields.value("markdown").is_some() => BodyKind::Markdown,
        _ => BodyKind::Text,
    };
    Body { kind, text: fields.text(TEXT) }
}

/// The state by its word; none for a word that is not known, which is never published.
fn state(word: &str) -> Option<SourceState> {
    match word.to_lowercase().as_str() {
        "" | "published" | "approved" | "public" | "visible" | "1" => Some(SourceState::Published),
        "pending" | "waiting" | "unapproved" | "hold" | "hidden" | "0" => Some(SourceState::Pending),
        "spam" => Some(SourceState::Spam),
        "deleted" | "trash" | "removed" => Some(SourceState::Deleted),
        _ => None,
    }
}
