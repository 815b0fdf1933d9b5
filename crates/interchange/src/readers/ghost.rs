//! Ghost: rows of its database, or answers of its Admin API.

use super::output::{Output, edit_time, known_seconds, utc};
use super::rows::{TableShape, read_tables};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, SourceComment, SourceState, SourceThread, ThreadState};
use std::collections::HashMap;

const SHAPES: &[TableShape] = &[
    TableShape { name: "comments", fields: &["id", "post_id", "html", "status"] },
    TableShape { name: "posts", fields: &["id", "slug", "title"] },
    TableShape { name: "members", fields: &["id", "email", "name"] },
];
const NO_COMMENTS: &str = "this export of Ghost has no comments: Ghost leaves them out of the file that its settings page writes; give a dump of the \
     database (tables posts, members and comments), or the answers of the Admin API at /ghost/api/admin/comments/";

/// Name and address by the id of the member.
type Members = HashMap<String, (String, Option<String>)>;

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut members = Members::new();
    read_tables(inputs, output, SHAPES, &["members"], &mut |output, _, fields, _| {
        if let Some(id) = fields.id("id") {
            let email = output.email(&fields.line("email"));
            members.insert(id, (fields.line("name"), email));
        }
        Ok(())
    })?;
    let mut has_comments = false;
    read_tables(inputs, output, SHAPES, &["posts", "comments"], &mut |output, table, fields, position| match table {
        "posts" => post(output, fields),
        _ => {
            has_comments = true;
            comment(output, fields, position, &members)
        }
    })?;
    if has_comments {
        Ok(())
    } else {
        Err(ReadError::NoComments { file: output.file.clone(), advice: NO_COMMENTS.to_owned() })
    }
}

/// A post. Where its URL is missing, it is that of Ghost's own setting for addresses.
fn post(output: &mut Output<'_>, fields: Fields<'_>) -> Result<(), ReadError> {
    let Some(key) = fields.id("id") else { return Ok(()) };
    let (slug, url) = (fields.line("slug"), fields.line("url"));
    let state = match (fields.line("status").as_str(), fields.line("visibility").as_str()) {
        ("draft" | "scheduled", _) => ThreadState::Draft,
        // A newsletter that is on no page.
        ("sent", _) => ThreadState::Private,
        _ => ThreadState::Published,
    };
    let thread = SourceThread {
        key,
        url: if url.is_empty() && !slug.is_empty() { format!("/{slug}/") } else { url },
        hints: Some(slug).filter(|slug| !slug.is_empty()).into_iter().collect(),
        title: fields.line("title"),
        time: known_seconds(utc(fields.time("published_at", Some(0)))),
        state,
        ..SourceThread::default()
    };
    output.thread(thread)
}

fn comment(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    position: Position,
    members: &Members,
) -> Result<(), ReadError> {
    if let Some(nested) = fields.object("post") {
        post(output, nested)?;
    }
    let nested = fields.object("member");
    let (name, email) = match nested {
        Some(member) => (member.line("name"), output.email(&member.line("email"))),
        None => fields.id("member_id").and_then(|id| members.get(&id).cloned()).unwrap_or_default(),
    };
    let post = fields.object("post").and_then(|post| post.id("id"));
    let time = utc(fields.time("created_at", Some(0)));
    let state = match fields.line("status").as_str() {
        "published" => SourceState::Published,
        "deleted" => SourceState::Deleted,
        _ => SourceState::Pending,
    };
    let comment = SourceComment {
        thread: fields.id("post_id").or(post).unwrap_or_default(),
        id: fields.id("id").unwrap_or_default(),
        // `parent_id` is the first comment of the branch.
        parent: fields.id("in_reply_to_id|parent_id"),
        time,
        edited: edit_time(fields.time("edited_at", Some(0)), time),
        name,
        email: email.filter(|_| state != SourceState::Deleted),
        body: Body { kind: BodyKind::Html, text: fields.text("html") },
        state,
        votes: fields.object("count").and_then(|count| count.number("likes")).unwrap_or(0),
        ..SourceComment::default()
    };
    output.comment(comment, position)?;
    for reply in fields.array("replies") {
        if let Some(reply) = reply.as_object() {
            self::reply(output, Fields(reply), fields, position, members)?;
        }
    }
    Ok(())
}

/// A reply inside its parent, as the API writes it, which may leave out what the parent says.
fn reply(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    parent: Fields<'_>,
    position: Position,
    members: &Members,
) -> Result<(), ReadError> {
    let mut row = fields.0.clone();
    for (name, from) in [("post_id", "post_id"), ("parent_id", "id"), ("post", "post")] {
        if let Some(value) = parent.value(from).filter(|_| fields.value(name).is_none()) {
            row.insert(name.to_owned(), value.clone());
        }
    }
    row.remove("replies");
    comment(output, Fields(&row), position, members)
}
