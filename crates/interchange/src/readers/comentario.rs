//! Commento version 1, and Comentario's versions 1 and 3.

use super::output::{Output, edit_time};
use super::text::markdown_or_html;
use super::values::{enter_above, read_values};
use crate::containers::json::{Outline, Place, Shape, Step};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, LostField, SourceComment, SourceState, SourceThread};
use std::collections::HashMap;

const LISTS: [&str; 3] = ["pages[]", "comments[]", "commenters[]"];
const NO_UUID: &str = "00000000-0000-0000-0000-000000000000";

/// An author.
#[derive(Default)]
struct Commenter {
    name: String,
    email: Option<String>,
    website: Option<String>,
    is_owner: bool,
}

/// Rows that stand behind the comments that need them.
#[derive(Default)]
struct Joined {
    commenters: HashMap<String, Commenter>,
    /// Scheme and host of each page, which only comments have.
    origins: HashMap<String, String>,
}

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut joined = Joined::default();
    let mut unknown_version = None;
    let choose_joined = |place: &Place<'_>, outline: &Outline| match place.path {
        "version" => Step::Take,
        "pages[]" => Step::Skip,
        _ => choose(place, outline),
    };
    read_values(inputs, output, &choose_joined, &mut |output, path, fields, _| {
        match path {
            "version" => {
                unknown_version = fields.number("value").filter(|version| ![1, 3].contains(version)).or(unknown_version)
            }
            "commenters[]" => {
                if let Some(id) = fields.id("commenterHex|id") {
                    let commenter = commenter(output, fields);
                    joined.commenters.insert(id, commenter);
                }
            }
            _ => {
                if let (Some(page), Some(origin)) = (fields.id("pageId"), origin(&fields.line("url"))) {
                    joined.origins.entry(page).or_insert(origin);
                }
            }
        }
        Ok(())
    })?;
    if let Some(version) = unknown_version {
        let advice = format!("an export of version {version}; versions 1 and 3 of Commento and Comentario can be read");
        return Err(ReadError::NoComments { file: output.file.clone(), advice });
    }
    let choose_records = |place: &Place<'_>, outline: &Outline| {
        if place.path == "commenters[]" { Step::Skip } else { choose(place, outline) }
    };
    read_values(inputs, output, &choose_records, &mut |output, path, fields, position| match path {
        "pages[]" => page(output, fields, &joined),
        _ if fields.has("pageId") => comment_v3(output, fields, position, &joined),
        _ => comment_v1(output, fields, position, &joined),
    })
}

fn choose(place: &Place<'_>, _: &Outline) -> Step {
    match place.shape {
        Shape::Object if LISTS.contains(&place.path) => Step::Take,
        _ => enter_above(place.path, &LISTS),
    }
}

/// A text, unless it is a word by which Commento says that there is none.
fn unless_placeholder(text: String) -> Option<String> {
    let is_placeholder = text.is_empty() || ["undefined", "anon", "blank"].contains(&text.as_str());
    (!is_placeholder).then_some(text)
}

fn commenter(output: &mut Output<'_>, fields: Fields<'_>) -> Commenter {
    let has_photo = unless_placeholder(fields.line("photo")).is_some() || fields.flag("hasAvatar") == Some(true);
    output.lose_if(has_photo, LostField::Avatars);
    let email = unless_placeholder(fields.line("email"));
    Commenter {
        name: unless_placeholder(fields.line("name")).unwrap_or_default(),
        email: email.and_then(|email| output.email(&email)),
        website: unless_placeholder(fields.line("link|websiteUrl")),
        is_owner: fields.flag("isOwner") == Some(true) || fields.flag("isModerator") == Some(true),
    }
}

/// Scheme and host of an absolute URL.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

/// The host in an origin or URL.
fn host(url: &str) -> Option<String> {
    Some(url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next()?.to_owned())
        .filter(|host| !host.is_empty())
}

fn page(output: &mut Output<'_>, fields: Fields<'_>, joined: &Joined) -> Result<(), ReadError> {
    let Some(key) = fields.id("id") else { return Ok(()) };
    let path = fields.line("path");
    let origin = joined.origins.get(&key);
    let thread = SourceThread {
        partition: origin.and_then(|origin| host(origin)).or_else(|| fields.id("domainId")),
        url: origin.map_or_else(|| path.clone(), |origin| format!("{origin}{path}")),
        title: fields.line("title"),
        closed: fields.flag("isReadonly") == Some(true),
        key,
        ..SourceThread::default()
    };
    output.thread(thread)
}

fn comment_v1(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    position: Position,
    joined: &Joined,
) -> Result<(), ReadError> {
    let (site, path) = (fields.line("domain|host"), fields.line("path|url"));
    let url = match (site.is_empty(), path.contains("://")) {
        (true, _) | (_, true) => path,
        (false, false) if site.contains("://") => {
            format!("{}/{}", site.trim_end_matches('/'), path.trim_start_matches('/'))
        }
        (false, false) => format!("https://{}/{}", site.trim_end_matches('/'), path.trim_start_matches('/')),
    };
    if !url.is_empty() {
        output.thread(SourceThread {
            key: url.clone(),
            url: url.clone(),
            partition: host(&site),
            ..SourceThread::default()
        })?;
    }
    let mut comment = comment(output, fields, joined.commenters.get(&fields.id("commenterHex").unwrap_or_default()));
    comment.thread = url;
    comment.id = fields.id("commentHex").unwrap_or_default();
    comment.parent = fields.id("parentHex").filter(|parent| parent != "root");
    comment.time = fields.time("creationDate", output.options.zone_minutes);
    let is_deleted = fields.flag("deleted") == Some(true) || matches!(comment.body.text.trim(), "" | "[deleted]");
    comment.state = match fields.line("state").as_str() {
        _ if is_deleted => SourceState::Deleted,
        "approved" | "" => SourceState::Published,
        _ => SourceState::Pending,
    };
    output.comment(comment, position)
}

fn comment_v3(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    position: Position,
    joined: &Joined,
) -> Result<(), ReadError> {
    let user = fields.id("userCreated").filter(|id| id != NO_UUID);
    let mut comment = comment(output, fields, user.and_then(|id| joined.commenters.get(&id)));
    if comment.name.is_empty() {
        comment.name = fields.line("authorName");
    }
    comment.thread = fields.id("pageId").unwrap_or_default();
    comment.id = fields.id("id").unwrap_or_default();
    comment.parent = fields.id("parentId").filter(|parent| parent != NO_UUID);
    comment.time = fields.time("createdTime", output.options.zone_minutes);
    comment.edited = edit_time(fields.time("editedTime", output.options.zone_minutes), comment.time);
    let is = |name: &str| fields.flag(name) == Some(true);
    comment.state = match (is("isDeleted"), is("isPending"), is("isApproved")) {
        (true, _, _) => SourceState::Deleted,
        (false, true, _) => SourceState::Pending,
        (false, false, true) => SourceState::Published,
        // A moderator rejected it.
        (false, false, false) => SourceState::Deleted,
    };
    output.comment(comment, position)
}

/// The parts that all versions share.
fn comment(output: &mut Output<'_>, fields: Fields<'_>, commenter: Option<&Commenter>) -> SourceComment {
    output.lose_if(fields.value("authorIP|authorIp").is_some(), LostField::NetworkAddresses);
    let text = fields.text("markdown");
    let body =
        if text.is_empty() { Body { kind: BodyKind::Html, text: fields.text("html") } } else { markdown_or_html(text) };
    SourceComment {
        name: commenter.map(|commenter| commenter.name.clone()).unwrap_or_default(),
        email: commenter.and_then(|commenter| commenter.email.clone()),
        website: commenter.and_then(|commenter| commenter.website.clone()),
        body,
        is_owner: commenter.is_some_and(|commenter| commenter.is_owner),
        pinned: fields.flag("isSticky") == Some(true),
        votes: fields.number("score").unwrap_or(0),
        ..SourceComment::default()
    }
}
