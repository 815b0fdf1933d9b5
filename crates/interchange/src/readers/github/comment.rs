//! Comments of GitHub.

use super::super::output::{Output, edit_time};
use crate::fields::Fields;
use crate::problem::{Position, ReadError};
use crate::record::{Body, BodyKind, LostField, SourceComment, SourceState};

/// The account that stands for removed ones.
const REMOVED_ACCOUNT: &str = "ghost";

/// The id of a comment: the number that all interfaces know, if it is there.
pub(super) fn id(fields: Fields<'_>) -> String {
    let number = fields.id("databaseId|fullDatabaseId|id").unwrap_or_default();
    if number.is_empty() { node_id(fields) } else { number }
}

/// The id of a comment in GraphQL.
pub(super) fn node_id(fields: Fields<'_>) -> String {
    fields.id("node_id|id").unwrap_or_default()
}

pub(super) fn read_comment(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    thread: &str,
    parent: Option<&str>,
    position: Position,
) -> Result<(), ReadError> {
    let author = fields.object("author|user");
    let name = author.map(|author| author.line("login")).unwrap_or_default();
    let is_removed = name == REMOVED_ACCOUNT;
    output.lose_if(author.is_some_and(|author| author.value("avatarUrl|avatar_url").is_some()), LostField::Avatars);
    output.lose(LostField::Reactions, reactions(fields));
    let reply_to = fields.object("replyTo").map(id);
    let time = fields.time("createdAt|created_at", Some(0));
    let comment = SourceComment {
        thread: thread.to_owned(),
        id: id(fields),
        parent: parent.map(str::to_owned).or(reply_to).or_else(|| fields.id("parent_id")),
        time,
        edited: edit_time(fields.time("lastEditedAt|updated_at", Some(0)), time),
        website: author
            .filter(|_| !is_removed)
            .and_then(|author| author.some_line("html_url").or_else(|| author.some_line("url"))),
        name: if is_removed { String::new() } else { name },
        body: Body { kind: BodyKind::Markdown, text: fields.text("body") },
        state: state(fields),
        is_owner: fields.line("authorAssociation|author_association") == "OWNER",
        votes: fields.number("upvoteCount").unwrap_or(0),
        ..SourceComment::default()
    };
    output.comment(without_empty_body(comment, fields), position)
}

/// A comment without Markdown, of which only the HTML was asked for.
fn without_empty_body(comment: SourceComment, fields: Fields<'_>) -> SourceComment {
    if comment.body.text.is_empty() && fields.value("bodyHTML|body_html").is_some() {
        return SourceComment {
            body: Body { kind: BodyKind::Html, text: fields.text("bodyHTML|body_html") },
            ..comment
        };
    }
    comment
}

fn state(fields: Fields<'_>) -> SourceState {
    let is_minimized = fields.flag("isMinimized") == Some(true) || fields.object("minimized").is_some();
    let reason =
        fields.object("minimized").map_or_else(|| fields.line("minimizedReason"), |minimized| minimized.line("reason"));
    if fields.value("deletedAt").is_some() {
        SourceState::Deleted
    } else if is_minimized && reason.eq_ignore_ascii_case("spam") {
        SourceState::Spam
    } else if is_minimized {
        SourceState::Pending
    } else {
        SourceState::Published
    }
}

fn reactions(fields: Fields<'_>) -> i64 {
    let of_rest =
        fields.object("reactions").and_then(|reactions| reactions.number("total_count|totalCount")).unwrap_or(0);
    let groups =
        fields.array("reactionGroups").iter().filter_map(|group| Fields(group.as_object()?).object("users|reactors"));
    groups.fold(of_rest, |sum, users| sum.saturating_add(users.number("totalCount").unwrap_or(0)))
}
