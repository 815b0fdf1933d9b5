//! Cusdis: a database, its SQL text, or JSON of its rows.

use super::output::{Output, known_seconds, utc};
use super::rows::{TableShape, read_tables};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, SourceComment, SourceState, SourceThread};
use std::collections::HashMap;

const SHAPES: &[TableShape] = &[
    TableShape { name: "comments", fields: &["id", "pageId", "content", "by_nickname"] },
    TableShape { name: "pages", fields: &["id", "slug", "projectId"] },
    TableShape { name: "projects", fields: &["id", "title", "ownerId"] },
];
const PUBLIC_API: &str = "this is an answer of the public interface of Cusdis, which hides e-mail addresses and comments that wait for approval; \
     give the database, its SQL dump, or its tables pages and comments as JSON";

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut projects = HashMap::new();
    read_tables(inputs, output, SHAPES, &["projects"], &mut |_, _, fields, _| {
        if let (Some(id), Some(title)) = (fields.id("id"), fields.some_line("title")) {
            projects.insert(id, title);
        }
        Ok(())
    })?;
    read_tables(inputs, output, SHAPES, &["pages", "comments"], &mut |output, table, fields, position| match table {
        "pages" => page(output, fields, &projects),
        _ => comment(output, fields, position),
    })
}

fn page(output: &mut Output<'_>, fields: Fields<'_>, projects: &HashMap<String, String>) -> Result<(), ReadError> {
    let Some(key) = fields.id("id") else { return Ok(()) };
    let (slug, url) = (fields.line("slug"), fields.line("url"));
    let is_address = slug.starts_with('/') || slug.contains("://");
    let project = fields.id("projectId");
    let thread = SourceThread {
        key,
        partition: project.map(|id| projects.get(&id).cloned().unwrap_or(id)),
        url: if url.is_empty() && is_address { slug.clone() } else { url },
        hints: Some(slug).filter(|slug| !slug.is_empty()).into_iter().collect(),
        title: fields.line("title"),
        time: known_seconds(utc(fields.time("created_at|createdAt", Some(0)))),
        ..SourceThread::default()
    };
    output.thread(thread)
}

fn comment(output: &mut Output<'_>, fields: Fields<'_>, position: Position) -> Result<(), ReadError> {
    if !fields.has("by_email") && !fields.has("approved") {
        return Err(ReadError::NoComments { file: output.file.clone(), advice: PUBLIC_API.to_owned() });
    }
    let is_deleted = fields.value("deletedAt|deleted_at").is_some();
    let email = output.email(&fields.line("by_email"));
    let comment = SourceComment {
        thread: fields.id("pageId").unwrap_or_default(),
        id: fields.id("id").unwrap_or_default(),
        parent: fields.id("parentId"),
        time: utc(fields.time("created_at|createdAt", Some(0))),
        name: fields.line("by_nickname"),
        email: email.filter(|_| !is_deleted),
        body: Body { kind: BodyKind::Markdown, text: fields.text("content") },
        state: match fields.flag("approved") {
            _ if is_deleted => SourceState::Deleted,
            Some(true) => SourceState::Published,
            _ => SourceState::Pending,
        },
        is_owner: fields.value("moderatorId").is_some(),
        ..SourceComment::default()
    };
    output.comment(comment, position)
}
