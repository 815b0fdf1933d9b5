//! Waline and Valine: rows of LeanCloud, or of other databases in the same form.

use super::output::Output;
use super::text::{markdown_or_html, without_mention};
use super::values::{LISTS, enter_above, read_values};
use crate::containers::json::{Outline, Place, Shape, Step};
use crate::fields::Fields;
use crate::format::Format;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, LostField, SourceComment, SourceState, SourceThread, TimeQuality};
use std::collections::HashMap;

const COMMENTS: [&str; 4] = ["data.Comment[]", "Comment[]", "data.data.Comment[]", "data.comment[]"];
const USERS: [&str; 4] = ["data.Users[]", "Users[]", "data.data.Users[]", "data.users[]"];

struct User {
    name: String,
    email: Option<String>,
    website: Option<String>,
    is_owner: bool,
}

pub(super) fn read(format: Format, inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut users = HashMap::new();
    let choose_users = |place: &Place<'_>, _: &Outline| match place.shape {
        Shape::Object if USERS.contains(&place.path) => Step::Take,
        _ => enter_above(place.path, &USERS),
    };
    read_values(inputs, output, &choose_users, &mut |output, _, fields, _| {
        output.lose_if(true, LostField::Accounts);
        if let Some(id) = fields.id("objectId") {
            let user = User {
                name: fields.line("display_name"),
                email: output.email(&fields.line("email")),
                website: fields.some_line("url"),
                is_owner: fields.line("type") == "administrator",
            };
            users.insert(id, user);
        }
        Ok(())
    })?;
    let choose_comments = |place: &Place<'_>, outline: &Outline| {
        let is_list = COMMENTS.contains(&place.path)
            || LISTS.contains(&place.path) && outline.has_all(place.path, &["objectId", "comment"]);
        match (place.shape, enter_above(place.path, &COMMENTS)) {
            (Shape::Object, _) if is_list => Step::Take,
            (_, Step::Enter) => Step::Enter,
            _ => enter_above(place.path, &LISTS),
        }
    };
    read_values(inputs, output, &choose_comments, &mut |output, _, fields, position| {
        // The first line of a file of LeanCloud names the class of the others.
        if !fields.has("comment") && !fields.has("nick") {
            return Ok(());
        }
        comment(format, output, fields, position, &users)
    })
}

fn comment(
    format: Format,
    output: &mut Output<'_>,
    fields: Fields<'_>,
    position: Position,
    users: &HashMap<String, User>,
) -> Result<(), ReadError> {
    let url = fields.line("url");
    if !url.is_empty() {
        output.thread(SourceThread { key: url.clone(), url: url.clone(), ..SourceThread::default() })?;
    }
    output.lose_if(fields.value("ip").is_some(), LostField::NetworkAddresses);
    output.lose_if(fields.value("ua").is_some(), LostField::UserAgents);
    output.lose_if(fields.value("label").is_some(), LostField::Badges);
    let user = fields.id("user_id").and_then(|id| users.get(&id));
    let (name, email) = (fields.line("nick"), output.email(&fields.line("mail")));
    let time = fields.time("insertedAt|createdAt", output.options.zone_minutes);
    let comment = SourceComment {
        thread: url,
        id: fields.id("objectId").unwrap_or_default(),
        parent: fields.id("pid|rid"),
        time: if time.quality == TimeQuality::Missing {
            fields.time("created_at", output.options.zone_minutes)
        } else {
            time
        },
        name: if name.is_empty() { user.map(|user| user.name.clone()).unwrap_or_default() } else { name },
        email: email.or_else(|| user?.email.clone()),
        website: fields.some_line("link").or_else(|| user?.website.clone()),
        body: body(format, &fields.text("comment")),
        state: state(fields),
        is_owner: user.is_some_and(|user| user.is_owner),
        pinned: fields.flag("sticky") == Some(true),
        votes: fields.number("like").unwrap_or(0),
        ..SourceComment::default()
    };
    output.comment(comment, position)
}

/// Valine stores HTML. Waline stores Markdown, and HTML in what it took over from Valine.
fn body(format: Format, text: &str) -> Body {
    let text = without_mention(text);
    if format == Format::Valine { Body { kind: BodyKind::Html, text } } else { markdown_or_html(text) }
}

fn state(fields: Fields<'_>) -> SourceState {
    match fields.line("status").as_str() {
        // A bot of Valine marks spam by a flag.
        _ if fields.flag("isSpam") == Some(true) => SourceState::Spam,
        "" | "approved" => SourceState::Published,
        "spam" => SourceState::Spam,
        "deleted" => SourceState::Deleted,
        _ => SourceState::Pending,
    }
}
