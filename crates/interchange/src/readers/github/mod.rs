//! giscus and utterances: discussions and issues of GitHub, as answers of GraphQL, of REST, or as webhooks.

mod comment;
mod thread;

use super::output::Output;
use super::values::read_values;
use crate::containers::json::{Outline, Place, Shape, Step};
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ProblemKind, ReadError};
use comment::read_comment;
use std::collections::HashMap;

/// The deepest level of an answer at which a discussion is searched.
const MAX_LEVELS: usize = 8;
/// The deepest nesting of replies; GitHub has two levels.
const MAX_REPLY_DEPTH: u32 = 8;

pub(super) fn read(inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let mut pages = Pages::default();
    read_values(inputs, output, &choose, &mut |output, _, fields, position| {
        value(output, fields, position, &mut pages)
    })?;
    pages.report(output);
    Ok(())
}

/// Pages of lists that are not whole yet.
#[derive(Default)]
struct Pages {
    /// The number of comments that are missing, by the thread.
    missing_comments: HashMap<String, i64>,
    /// The thread of a comment whose replies are not whole, and the number of those that are missing.
    missing_replies: HashMap<String, (String, i64)>,
}

impl Pages {
    /// Counts what came, of a list that has `total`.
    fn comments(&mut self, thread: &str, list: Fields<'_>) {
        let (total, here) = (list.number("totalCount").unwrap_or(0), nodes(list).count());
        let missing = self.missing_comments.entry(thread.to_owned()).or_insert(total);
        *missing -= i64::try_from(here).unwrap_or(i64::MAX);
    }

    /// Counts the replies of a comment, on its first page or a later one.
    fn replies(&mut self, id: &str, thread: &str, list: Fields<'_>) {
        let here = i64::try_from(nodes(list).count()).unwrap_or(i64::MAX);
        if let Some((_, missing)) = self.missing_replies.get_mut(id) {
            *missing -= here;
        } else if list.number("totalCount").is_some_and(|total| total > here) {
            let missing = list.number("totalCount").unwrap_or(0) - here;
            self.missing_replies.insert(id.to_owned(), (thread.to_owned(), missing));
        }
    }

    /// Reports each list of which a page was not given.
    fn report(&self, output: &mut Output<'_>) {
        let lists = self.missing_comments.values().chain(self.missing_replies.values().map(|(_, missing)| missing));
        for _ in lists.filter(|missing| **missing > 0) {
            output.problem(Position::Record(0), ProblemKind::MissingPage);
        }
    }
}

/// Takes whole discussions, issues, comments and webhooks, and enters what is around them.
fn choose(place: &Place<'_>, _: &Outline) -> Step {
    let last = place.path.rsplit('.').next().unwrap_or_default();
    let is_unit = match last {
        "discussion" | "issue" | "node" | "discussions[]" | "issues[]" => true,
        "nodes[]" | "items[]" | "data[]" => true,
        "" | "[]" => !matches!(
            place.first_key,
            Some("data" | "errors" | "extensions" | "viewer" | "repository" | "search" | "total_count")
        ),
        _ => false,
    };
    match place.shape {
        Shape::Object if is_unit => Step::Take,
        Shape::Scalar => Step::Skip,
        _ if place.path.matches(['.', '[']).count() < MAX_LEVELS && last != "viewer" => Step::Enter,
        _ => Step::Skip,
    }
}

/// The elements of a list of GraphQL.
fn nodes<'a>(list: Fields<'a>) -> impl Iterator<Item = Fields<'a>> {
    let edges = list.array("edges").iter().filter_map(|edge| Fields(edge.as_object()?).object("node"));
    list.array("nodes").iter().filter_map(|node| node.as_object().map(Fields)).chain(edges)
}

fn value(output: &mut Output<'_>, fields: Fields<'_>, position: Position, pages: &mut Pages) -> Result<(), ReadError> {
    if let Some(comment) = fields.object("comment") {
        return webhook(output, fields, comment, position);
    }
    if let Some(nested) = fields.object("discussion|issue").filter(|_| !fields.has("body")) {
        return value(output, nested, position, pages);
    }
    if fields.has("issue_url") || fields.has("discussion_url") || fields.has("discussion_id") && !fields.has("title") {
        let key = thread::key_of_comment(fields);
        return read_comment(output, fields, &key, None, position);
    }
    if fields.has("title") || fields.has("comments") {
        return discussion(output, fields, position, pages);
    }
    if let Some(replies) = fields.object("replies") {
        return more_replies(output, fields, replies, position, pages);
    }
    Ok(())
}

fn webhook(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    comment: Fields<'_>,
    position: Position,
) -> Result<(), ReadError> {
    let Some(parent) = fields.object("discussion|issue") else {
        output.problem(position, ProblemKind::NoThread);
        return Ok(());
    };
    if parent.value("pull_request").is_some() || fields.line("action") == "deleted" {
        return Ok(());
    }
    let key = thread::key(parent);
    thread::read_thread(output, parent, &key)?;
    read_comment(output, comment, &key, None, position)
}

/// A discussion or issue with the comments in it.
fn discussion(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    position: Position,
    pages: &mut Pages,
) -> Result<(), ReadError> {
    if fields.value("pull_request").is_some() {
        return Ok(());
    }
    let key = thread::key(fields);
    if key.is_empty() {
        output.problem(position, ProblemKind::NoId);
        return Ok(());
    }
    thread::read_thread(output, fields, &key)?;
    for comment in fields.array("comments").iter().filter_map(|comment| comment.as_object()) {
        read_tree(output, Fields(comment), &key, None, position, pages, MAX_REPLY_DEPTH)?;
    }
    if let Some(list) = fields.object("comments") {
        pages.comments(&key, list);
        for comment in nodes(list) {
            read_tree(output, comment, &key, None, position, pages, MAX_REPLY_DEPTH)?;
        }
    }
    Ok(())
}

/// A comment with its replies.
fn read_tree(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    thread: &str,
    parent: Option<&str>,
    position: Position,
    pages: &mut Pages,
    depth: u32,
) -> Result<(), ReadError> {
    read_comment(output, fields, thread, parent, position)?;
    let id = comment::id(fields);
    if let Some(list) = fields.object("replies").filter(|_| depth > 0) {
        pages.replies(&comment::node_id(fields), thread, list);
        for reply in nodes(list) {
            read_tree(output, reply, thread, Some(&id), position, pages, depth - 1)?;
        }
    }
    for reply in fields.array("replies").iter().filter_map(|reply| reply.as_object()).filter(|_| depth > 0) {
        read_tree(output, Fields(reply), thread, Some(&id), position, pages, depth - 1)?;
    }
    Ok(())
}

/// A later page of the replies of a comment that came before.
fn more_replies(
    output: &mut Output<'_>,
    fields: Fields<'_>,
    list: Fields<'_>,
    position: Position,
    pages: &mut Pages,
) -> Result<(), ReadError> {
    let node_id = comment::node_id(fields);
    let of_discussion = fields.object("discussion").map(thread::key);
    let known = pages.missing_replies.get(&node_id).map(|(thread, _)| thread.clone());
    let Some(thread) = known.or(of_discussion) else {
        output.problem(position, ProblemKind::NoThread);
        return Ok(());
    };
    pages.replies(&node_id, &thread, list);
    let parent = comment::id(fields);
    nodes(list).try_for_each(|reply| read_comment(output, reply, &thread, Some(&parent), position))
}
