//! Garrul: the SQL text of its database, or the database.

use super::output::{Output, edit_time, known_seconds, utc};
use super::rows::{TableShape, read_tables};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, LostField, SourceComment, SourceState, SourceThread};
use std::collections::HashMap;

const SHAPES: &[TableShape] = &[
    TableShape { name: "comments", fields: &["id", "post_slug", "body_md"] },
    TableShape { name: "posts", fields: &["slug", "url", "title"] },
    TableShape { name: "users", fields: &["id", "name", "provider"] },
];

struct User {
    name: String,
    email: Option<String>,
    is_owner: bool,
}

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut users = HashMap::new();
    read_tables(inputs, output, SHAPES, &["users"], &mut |output, _, fields, _| {
        output.lose_if(fields.value("avatar_url").is_some(), LostField::Avatars);
        if let Some(id) = fields.id("id") {
            let email = output.email(&fields.line("email"));
            users
                .insert(id, User { name: fields.line("name"), email, is_owner: fields.flag("is_admin") == Some(true) });
        }
        Ok(())
    })?;
    read_tables(inputs, output, SHAPES, &["posts", "comments"], &mut |output, table, fields, position| match table {
        "posts" => {
            let slug = fields.line("slug");
            let thread = SourceThread {
                key: slug.clone(),
                url: fields.line("url"),
                hints: Some(slug).filter(|slug| !slug.is_empty()).into_iter().collect(),
                title: fields.line("title"),
                time: known_seconds(utc(fields.time("created_at", Some(0)))),
                ..SourceThread::default()
            };
            if thread.key.is_empty() { Ok(()) } else { output.thread(thread) }
        }
        _ => comment(output, fields, position, &users),
    })
}

fn comment(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    position: Position,
    users: &HashMap<String, User>,
) -> Result<(), ReadError> {
    let user = fields.id("user_id").and_then(|id| users.get(&id));
    output.lose_if(fields.value("ip_hash").is_some(), LostField::NetworkAddresses);
    output.lose_if(fields.value("user_agent").is_some(), LostField::UserAgents);
    let is_deleted = fields.value("deleted_at").is_some();
    let time = utc(fields.time("created_at", Some(0)));
    let typed = fields.text("body_md");
    let comment = SourceComment {
        thread: fields.line("post_slug"),
        id: fields.id("id").unwrap_or_default(),
        parent: fields.id("parent_id"),
        time,
        edited: edit_time(fields.time("edited_at", Some(0)), time),
        name: user.map(|user| user.name.clone()).unwrap_or_default(),
        email: user.and_then(|user| user.email.clone()).filter(|_| !is_deleted),
        body: if typed.is_empty() {
            Body { kind: BodyKind::Html, text: fields.text("body_html") }
        } else {
            Body { kind: BodyKind::Markdown, text: typed }
        },
        state: match fields.line("status").as_str() {
            "deleted" => SourceState::Deleted,
            _ if is_deleted => SourceState::Deleted,
            "approved" => SourceState::Published,
            "spam" => SourceState::Spam,
            _ => SourceState::Pending,
        },
        is_owner: user.is_some_and(|user| user.is_owner),
        ..SourceComment::default()
    };
    output.comment(comment, position)
}
