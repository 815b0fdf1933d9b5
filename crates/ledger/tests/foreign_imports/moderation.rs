//! Imports of a newer file after moderators have worked: their decisions stay.

use afterword_interchange::{SourceComment, SourceState};
use afterword_ledger::{CommentEdit, PostMove, PostMoves};
use afterword_model::moderation::{ActionBatch, ActionItem, BatchAction};
use afterword_model::{CommentId, SafeHtml};

use crate::common::{NOW, TestDatabase, attribution, url};
use crate::fixtures::{Stored, comment, find, id_of, import, options, post, stored, with_state};

/// Two posts with comments, of which some wait. The newer file has all of the older one, and answers to each comment.
fn older() -> Vec<SourceComment> {
    let mut comments: Vec<_> = (1..=8).map(|number| comment("a", number, None)).collect();
    comments.extend((9..=10).map(|number| with_state(comment("b", number, None), SourceState::Pending)));
    comments
}

fn newer() -> Vec<SourceComment> {
    let mut comments = older();
    let answers: Vec<_> =
        comments.iter().zip(11..).map(|(it, number)| comment(&it.thread, number, it.id.parse().ok())).collect();
    comments.extend(answers);
    comments
}

fn item(database: &TestDatabase, id: CommentId) -> ActionItem {
    let revision = database.query_integer(&format!("SELECT revision FROM comment WHERE id = {id}"));
    ActionItem { id, revision }
}

fn act(database: &TestDatabase, action: BatchAction, number: u32) {
    let comments = vec![item(database, id_of(database, number))];
    let batch = ActionBatch { id: attribution().id, action, comments, reason: None };
    database.ledger().act(&batch, "grace", NOW).unwrap();
}

/// Imports the older file, has a moderator work, imports the newer one, and returns the comments that the older file has, as they were before
/// the second import and as they are after it.
fn around(work: impl Fn(&TestDatabase)) -> (TestDatabase, Vec<Stored>, Vec<Stored>) {
    let (database, threads) = (TestDatabase::new(), ["a", "b"].map(post));
    import(&database, &threads, &older(), &options());
    work(&database);
    let before = stored(&database);
    let summary = import(&database, &threads, &newer(), &options());
    assert_eq!((summary.imported.known, summary.imported.comments), (12, 10));
    let known = |it: &Stored| before.iter().any(|other| other.uuid == it.uuid);
    let after = stored(&database).into_iter().filter(known).collect();
    (database, before, after)
}

#[test]
fn states_and_texts_that_moderators_gave_stay() {
    let (database, before, after) = around(|database| {
        let ledger = database.ledger();
        act(database, BatchAction::Approve, 9);
        act(database, BatchAction::Spam, 1);
        act(database, BatchAction::Delete, 2);
        act(database, BatchAction::Unpublish, 3);
        ledger.erase(id_of(database, 4), &attribution(), NOW).unwrap();
        #[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
        let html = SafeHtml::from_sanitizer("<p>Edited</p>".to_owned());
        let edit = CommentEdit { source: "Edited".to_owned(), html, renderer: 1 };
        ledger.edit(id_of(database, 5), &edit, &attribution(), NOW).unwrap();
    });
    assert_eq!(after, before);
    // Answers to comments that are out of sight are there, below them.
    assert_eq!(find(&database, 11).unwrap().parent, find(&database, 1).map(|it| it.uuid));
    assert!(find(&database, 14).unwrap().parent.is_some(), "below the tombstone");
}

#[test]
fn comments_that_were_moved_stay_where_they_are_and_get_their_answers_there() {
    let (database, before, after) = around(|database| {
        let id = id_of(database, 6);
        database.ledger().move_comment(item(database, id), &url("elsewhere"), &attribution(), NOW).unwrap();
    });
    assert_eq!(after, before);
    assert_eq!(find(&database, 16).unwrap().thread, url("elsewhere").as_str());
}

#[test]
fn comments_under_posts_that_moved_or_were_merged_follow_them() {
    for (from, to, count) in [("a", "c", 16), ("a", "b", 20)] {
        let (database, before, after) = around(|database| {
            let moves = PostMoves::List(vec![PostMove { from: url(from), to: url(to) }]);
            database.ledger().remap(&moves, 0, 9, &attribution(), NOW).unwrap();
        });
        assert_eq!(after, before);
        let at_new = stored(&database).iter().filter(|it| it.thread == url(to).as_str()).count();
        assert_eq!(at_new, count, "{from} to {to}");
    }
}

#[test]
fn titles_and_closed_threads_stay_as_moderators_left_them() {
    let (database, ..) = around(|database| {
        database.ledger().set_title(&url("a"), "Set by hand", &attribution(), NOW).unwrap();
        database.ledger().set_closed(&url("a"), true, &attribution(), NOW).unwrap();
    });
    let query = "SELECT count(*) FROM thread WHERE title = 'Set by hand' AND closed = 1";
    assert_eq!(database.query_integer(query), 1);
}
