//! Makers of comments on the post `a`, and actions that must succeed.

use afterword_ledger::{Actor, Ledger, SubmitReply, VerifiedComment};
use afterword_model::{AuthorId, CommentId, Moderation, SafeHtml};

use crate::common::anonymous_comment;
pub(crate) use crate::common::{NOW, TestDatabase, attribution, page_size, url, uuid};

/// HTML as the sanitizer might have made it.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn html(text: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(format!("<p>{text}</p>"))
}

pub(crate) fn author_id(name: &str) -> AuthorId {
    AuthorId { hash: format!("hash of {name}"), mark: name.to_owned() }
}

/// An anonymous root comment on the post `a`.
pub(crate) fn root_comment(number: u32) -> VerifiedComment {
    let source = format!("Text {number}");
    let html = html(&source);
    anonymous_comment("a", number, source, html)
}

/// An anonymous reply on the post `a`.
pub(crate) fn reply(number: u32, parent: CommentId) -> VerifiedComment {
    VerifiedComment { parent: Some(parent), ..root_comment(number) }
}

/// Submits a comment under `Moderation::Open` for the first time, which must succeed.
pub(crate) fn submit(ledger: &Ledger<&TestDatabase>, comment: &VerifiedComment) -> CommentId {
    let SubmitReply { posted, repeat } = ledger.submit(comment, Moderation::Open, NOW).unwrap();
    assert!(!repeat);
    posted.comment.id
}

/// Approves a comment as a moderator.
pub(crate) fn approve(database: &TestDatabase, id: CommentId) {
    database.ledger().approve(id, &attribution(), NOW).unwrap();
}

/// Erases a comment as a moderator.
pub(crate) fn erase(database: &TestDatabase, id: CommentId) {
    database.ledger().erase(id, Actor::Moderator(&attribution()), NOW).unwrap();
}
