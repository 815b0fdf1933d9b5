//! Remark42: a backup, a header and one value after the other.

use super::output::{Output, edit_time};
use super::values::{enter_above, read_values};
use crate::containers::json::{Outline, Place, Shape, Step};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, LostField, SourceComment, SourceState, SourceThread};
use std::collections::HashMap;

const LISTS: [&str; 4] = ["users[]", "posts[]", "comments[]", "[]"];

/// Addresses by the id of the user.
type Emails = HashMap<String, String>;

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut emails = Emails::new();
    read_values(inputs, output, &choose, &mut |output, path, fields, position| match path {
        "users[]" => {
            let address = fields.object("details").map(|details| details.line("email")).unwrap_or_default();
            if let (Some(id), Some(address)) = (fields.id("id"), output.email(&address)) {
                emails.insert(id, address);
            }
            Ok(())
        }
        "posts[]" => {
            let url = fields.line("url");
            let closed = fields.flag("read_only") == Some(true);
            if url.is_empty() || !closed {
                return Ok(());
            }
            output.thread(SourceThread { key: url.clone(), url, closed, ..SourceThread::default() })
        }
        _ => read_comment(output, fields, position, &emails),
    })
}

fn choose(place: &Place<'_>, outline: &Outline) -> Step {
    let is_comment = |path: &str| path.is_empty() || path == "[]" || path == "comments[]";
    match place.shape {
        // The header has many users, so its parts are read one by one.
        Shape::Object if place.path.is_empty() => match place.first_key {
            Some("version" | "users" | "posts" | "comments" | "tree") => Step::Enter,
            _ => Step::Take,
        },
        Shape::Object if is_comment(place.path) || LISTS.contains(&place.path) => Step::Take,
        Shape::Array if place.path.is_empty() && !outline.has("[]") => Step::Skip,
        _ => enter_above(place.path, &LISTS),
    }
}

fn read_comment(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    position: Position,
    emails: &Emails,
) -> Result<(), ReadError> {
    let locator = fields.object("locator");
    let url = locator.map(|locator| locator.line("url")).unwrap_or_default();
    let partition = locator.and_then(|locator| locator.some_line("site"));
    if !url.is_empty() {
        let title = fields.line("title");
        output.thread(SourceThread {
            key: url.clone(),
            url: url.clone(),
            partition,
            title,
            ..SourceThread::default()
        })?;
    }
    let user = fields.object("user");
    let is_deleted = fields.flag("delete") == Some(true);
    output.lose_if(user.is_some_and(|user| user.value("picture").is_some()), LostField::Avatars);
    output.lose_if(user.is_some_and(|user| user.value("ip").is_some()), LostField::NetworkAddresses);
    let name = user.map(|user| user.line("name")).unwrap_or_default();
    let time = fields.time("time", output.options.zone_minutes);
    let edited = fields.object("edit").map(|edit| edit.time("time", output.options.zone_minutes)).unwrap_or_default();
    let comment = SourceComment {
        thread: url,
        id: fields.id("id").unwrap_or_default(),
        parent: fields.id("pid"),
        time,
        edited: edit_time(edited, time),
        name: if is_deleted && name == "deleted" { String::new() } else { name },
        email: user.and_then(|user| emails.get(&user.id("id")?).cloned()).filter(|_| !is_deleted),
        body: body(fields),
        state: if is_deleted { SourceState::Deleted } else { SourceState::Published },
        is_owner: user.and_then(|user| user.flag("admin")) == Some(true),
        pinned: fields.flag("pin") == Some(true),
        votes: fields.number("score").unwrap_or(0),
        ..SourceComment::default()
    };
    output.comment(comment, position)
}

/// The source that was typed, or the HTML if it was imported into Remark42.
fn body(fields: Fields<'_>) -> Body {
    let typed = fields.text("orig");
    if typed.trim().is_empty() {
        Body { kind: BodyKind::Html, text: fields.text("text") }
    } else {
        Body { kind: BodyKind::Markdown, text: typed }
    }
}
