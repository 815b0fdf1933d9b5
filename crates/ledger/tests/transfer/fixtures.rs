//! Makers of comments on any post, and a site with every kind of stored data.

use afterword_ledger::{Actor, BanKind, BanTarget, CommentEdit, Ledger, SettingChange, VerifiedComment};
use afterword_model::{AuthorId, CommentId, Moderation, Vote, encode_hex};

use crate::common::anonymous_comment;
pub(crate) use crate::common::{NOW, SITE, TestDatabase, attribution, page_size, url, uuid};
pub(crate) use crate::properties::{RENDERER, export, import_lines, render, render_plain};

pub(crate) fn author_id(name: &str) -> AuthorId {
    AuthorId { hash: format!("{:0>64}", encode_hex(name.as_bytes())), mark: name.to_owned() }
}

/// An anonymous root comment with a title, and with characters that must be escaped.
pub(crate) fn root_comment(post: &str, number: u32) -> VerifiedComment {
    let source = format!("Text {number} with \"quotes\",\n\\ and <b> & ü🏴");
    let html = render(&source).unwrap();
    VerifiedComment { title: format!("Title of {post}"), ..anonymous_comment(post, number, source, html) }
}

/// An anonymous reply.
pub(crate) fn reply(post: &str, number: u32, parent: CommentId) -> VerifiedComment {
    VerifiedComment { parent: Some(parent), ..root_comment(post, number) }
}

/// Submits a comment under `Moderation::Open` for the first time, which must succeed.
pub(crate) fn submit(ledger: &Ledger<&TestDatabase>, comment: &VerifiedComment) -> CommentId {
    let now = NOW + i64::from(comment.id.to_string().as_bytes()[35]);
    let outcome = ledger.submit(comment, Moderation::Open, now).unwrap();
    assert!(!outcome.repeat);
    outcome.posted.comment.id
}

/// Publishes all due threads, as the Worker does, and returns the number of values written.
pub(crate) fn publish_all(ledger: &Ledger<&TestDatabase>, now: i64) -> usize {
    let mut written = 0;
    while let Some(due) = ledger.due_threads_after(0, now, 1).unwrap().into_iter().next() {
        let snapshot = ledger.snapshot(&due, now).unwrap().unwrap();
        written += snapshot.pages.len();
        ledger.mark_published(&snapshot.due).unwrap();
    }
    written
}

/// A site with every kind of data that the ledger stores.
pub(crate) fn full_site() -> TestDatabase {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ada = VerifiedComment {
        author: Some(author_id("ada")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        ..root_comment("a", 1)
    };
    let first = submit(&ledger, &ada);
    let second = submit(&ledger, &VerifiedComment { author: Some(author_id("bob")), ..reply("a", 2, first) });
    let third = submit(&ledger, &reply("a", 3, second));
    let pending = ledger.submit(&root_comment("a", 4), Moderation::All, NOW).unwrap().posted.comment.id;
    let suspicious = VerifiedComment { signals: vec!["too_fast:2".to_owned()], ..root_comment("waits", 5) };
    ledger.submit(&suspicious, Moderation::All, NOW).unwrap();
    let other = submit(&ledger, &root_comment("b", 6));
    submit(&ledger, &reply("b", 7, other));
    ledger.erase(other, Actor::Moderator(&attribution()), NOW + 9).unwrap();
    ledger.unpublish(second, &attribution(), NOW).unwrap();
    let edit = CommentEdit { source: "Other".to_owned(), html: render("Other").unwrap(), renderer: 1 };
    ledger.edit(third, &edit, Actor::Moderator(&attribution()), 0, NOW + 7).unwrap();
    ledger.vote(first, &author_id("bob").hash, Vote::For, NOW).unwrap();
    ledger.vote(first, &author_id("eve").hash, Vote::Against, NOW).unwrap();
    ledger.vote(third, &author_id("eve").hash, Vote::For, NOW).unwrap();
    ledger.approve(pending, &attribution(), NOW).unwrap();
    ledger.set_closed(&url("b"), true, &attribution(), NOW).unwrap();
    ledger.set_closed(&url("empty"), true, &attribution(), NOW).unwrap();
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::First)), &attribution(), NOW).unwrap();
    ledger.update_setting(&SettingChange::MutedWords("pills\n*casino*".to_owned()), &attribution(), NOW).unwrap();
    let spammers = BanTarget::Pattern(BanKind::Email, "*@spam.example".into());
    ledger.ban(&spammers, Some(NOW + 900), &attribution(), NOW).unwrap();
    ledger.ban(&BanTarget::Author(BanKind::Author, second), None, &attribution(), NOW).unwrap();
    database.run("UPDATE comment SET votes = votes + 5, pinned = 1, owner = 1 WHERE id = 3");
    database
}
