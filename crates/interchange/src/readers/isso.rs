//! Isso: its database, or the generic JSON that it imports.

use super::output::{Output, edit_time, utc};
use super::rows::{TableShape, read_tables};
use super::text::markdown_or_html;
use crate::containers::encodings::utf8_reader;
use crate::containers::json::{self, Place, Step, Visitor};
use crate::containers::members;
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ProblemKind, ReadError};
use crate::record::{LostField, SourceComment, SourceState, SourceThread};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Tables of the database.
pub(super) const SHAPES: &[TableShape] = &[
    TableShape { name: "threads", fields: &["id", "uri", "title"] },
    TableShape { name: "comments", fields: &["tid", "id", "mode", "text"] },
];

pub(super) fn read_database(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    read_tables(inputs, output, SHAPES, &["threads", "comments"], &mut |output, table, fields, position| match table {
        "threads" => {
            let Some(key) = fields.id("id") else {
                output.problem(position, ProblemKind::NoId);
                return Ok(());
            };
            output.thread(SourceThread {
                key,
                url: fields.line("uri"),
                title: fields.line("title"),
                ..SourceThread::default()
            })
        }
        _ => {
            let thread = fields.id("tid").unwrap_or_default();
            let comment = comment(output, fields, thread, |id| id);
            output.comment(comment, position)
        }
    })
}

/// A row of comments, or a comment of the JSON with the same names. `key` makes an id unique in the source.
fn comment(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    thread: String,
    key: impl Fn(String) -> String,
) -> SourceComment {
    let is_exact = fields.has("created_epoch") || fields.has("tid");
    let zone = if is_exact { Some(0) } else { output.options.zone_minutes };
    let time = fields.time("created_epoch|created", zone);
    let time = if is_exact { utc(time) } else { time };
    let state = match fields.number("mode") {
        None | Some(1) => SourceState::Published,
        Some(4) => SourceState::Deleted,
        Some(_) => SourceState::Pending,
    };
    output.lose_if(fields.value("remote_addr").is_some(), LostField::NetworkAddresses);
    output.lose_if(fields.flag("notification") == Some(true), LostField::Subscriptions);
    // A deleted comment keeps its address in the database, and has no author any more.
    let email = if state == SourceState::Deleted { None } else { output.email(&fields.line("email")) };
    SourceComment {
        thread,
        id: fields.id("id").map(&key).unwrap_or_default(),
        parent: fields.id("parent").map(&key),
        edited: edit_time(fields.time("modified_epoch|modified", zone), time),
        time,
        name: fields.line("author"),
        email,
        website: fields.some_line("website"),
        body: markdown_or_html(fields.text("text")),
        state,
        votes: fields.number("likes").unwrap_or(0).saturating_sub(fields.number("dislikes").unwrap_or(0)),
        ..SourceComment::default()
    }
}

/// Reads `[{"id": uri, "title": …, "comments": […]}]`. The id may stand behind the comments, so threads are read first.
pub(super) fn read_json(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut uris = Vec::new();
    members::for_each(inputs, &mut |member| {
        let name = member.name;
        let mut threads = Threads { uris: &mut uris, output };
        let head = member.head;
        json::walk(&mut utf8_reader(head, member), name, &mut threads)
    })?;
    let mut next = 0;
    members::for_each(inputs, &mut |member| {
        member.name.clone_into(&mut output.file);
        let (name, head) = (member.name, member.head);
        let mut comments = Comments { uris: &uris, next: &mut next, output };
        json::walk(&mut utf8_reader(head, member), name, &mut comments)
    })
}

struct Threads<'v, 'o> {
    uris: &'v mut Vec<String>,
    output: &'v mut Output<'o>,
}

impl Visitor for Threads<'_, '_> {
    fn choose(&mut self, place: &Place<'_>) -> Step {
        match place.path {
            "" => Step::Enter,
            "[]" => {
                self.uris.push(String::new());
                Step::Enter
            }
            "[].id" | "[].title" => Step::Take,
            _ => Step::Skip,
        }
    }

    fn value(&mut self, path: &str, _: Position, value: Value) -> Result<(), ReadError> {
        let row = std::iter::once(("value".to_owned(), value)).collect();
        let text = Fields(&row).line("value");
        let Some(uri) = self.uris.last_mut() else { return Ok(()) };
        if path == "[].id" {
            uri.clone_from(&text);
            return self.output.thread(SourceThread { key: text.clone(), url: text, ..SourceThread::default() });
        }
        if uri.is_empty() {
            return Ok(());
        }
        self.output.thread(SourceThread {
            key: uri.clone(),
            url: uri.clone(),
            title: decoded_title(&text),
            ..SourceThread::default()
        })
    }

    fn fault(&mut self, _: &str, _: Position, _: ProblemKind) -> Result<(), ReadError> {
        Ok(())
    }
}

/// Some programs write titles as parts of URLs.
fn decoded_title(title: &str) -> String {
    let is_encoded = title.contains('%') && !title.contains(' ');
    let decoded = percent_decode_str(title).decode_utf8();
    decoded.ok().filter(|_| is_encoded).map_or_else(|| title.to_owned(), |decoded| decoded.into_owned())
}

struct Comments<'v, 'o> {
    uris: &'v [String],
    next: &'v mut usize,
    output: &'v mut Output<'o>,
}

impl Visitor for Comments<'_, '_> {
    fn choose(&mut self, place: &Place<'_>) -> Step {
        match place.path {
            "" | "[].comments" => Step::Enter,
            "[]" => {
                *self.next += 1;
                Step::Enter
            }
            "[].comments[]" => Step::Take,
            _ => Step::Skip,
        }
    }

    fn value(&mut self, _: &str, position: Position, value: Value) -> Result<(), ReadError> {
        let Value::Object(row) = &value else {
            self.output.problem(position, ProblemKind::BadField);
            return Ok(());
        };
        let thread = self.uris.get(self.next.wrapping_sub(1)).cloned().unwrap_or_default();
        // Ids start anew in each thread.
        let comment = comment(self.output, Fields(row), thread.clone(), |id| format!("{thread}#{id}"));
        self.output.comment(comment, position)
    }

    fn fault(&mut self, _: &str, position: Position, kind: ProblemKind) -> Result<(), ReadError> {
        self.output.problem(position, kind);
        Ok(())
    }
}
