//! Twikoo: JSON of its rows.

use super::output::{Output, edit_time};
use super::values::read_list;
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, LostField, SourceComment, SourceState, SourceThread};
use serde_json::Value;

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let members: [&[&str]; 2] = [&["_id", "nick"], &["_id", "comment"]];
    read_list(inputs, output, &members, &mut |output, _, fields, position| comment(output, fields, position))
}

fn comment(output: &mut Output<'_>, fields: Fields<'_>, position: Position) -> Result<(), ReadError> {
    let address = fields.line("href");
    let address = address.split('#').next().unwrap_or_default();
    let path = fields.line("url");
    let key = if path.is_empty() { address.to_owned() } else { path };
    if !key.is_empty() {
        let hints = Some(address.to_owned()).filter(|address| !address.is_empty()).into_iter().collect();
        output.thread(SourceThread { key: key.clone(), url: key.clone(), hints, ..SourceThread::default() })?;
    }
    output.lose_if(fields.value("ip").is_some(), LostField::NetworkAddresses);
    output.lose_if(fields.value("ua").is_some(), LostField::UserAgents);
    output.lose_if(fields.value("avatar").is_some(), LostField::Avatars);
    let mail = fields.line("mail");
    output.lose_if(mail.is_empty() && fields.value("mailMd5").is_some(), LostField::UnusableEmails);
    let time = fields.time("created", output.options.zone_minutes);
    let comment = SourceComment {
        thread: key,
        id: fields.id("_id").unwrap_or_default(),
        parent: fields.id("pid|rid"),
        time,
        edited: edit_time(fields.time("updated", output.options.zone_minutes), time),
        name: fields.line("nick"),
        email: output.email(&mail),
        website: fields.some_line("link"),
        body: Body { kind: BodyKind::Html, text: fields.text("comment") },
        state: if fields.flag("isSpam") == Some(true) { SourceState::Spam } else { SourceState::Published },
        is_owner: fields.flag("master") == Some(true),
        pinned: fields.flag("top") == Some(true),
        votes: count(fields, "like").saturating_add(count(fields, "ups")).saturating_sub(count(fields, "downs")),
    };
    output.comment(comment, position)
}

/// The length of a list of voters, which may be written as text, or a number.
fn count(fields: Fields<'_>, name: &str) -> i64 {
    let length = |list: &[Value]| i64::try_from(list.len()).unwrap_or(i64::MAX);
    match fields.value(name) {
        Some(Value::Array(list)) => length(list),
        Some(Value::String(text)) => serde_json::from_str::<Vec<Value>>(text)
            .map_or_else(|_| fields.number(name).unwrap_or(0), |list| length(&list)),
        _ => fields.number(name).unwrap_or(0),
    }
}
