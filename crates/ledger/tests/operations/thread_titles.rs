//! The title of a thread.

use afterword_ledger::{CommentRef, SettingChange, VerifiedComment};
use afterword_model::{CommentId, Moderation, Refusal};

use crate::fixtures::{NOW, TestDatabase, approve, attribution, author_id, erase, root_comment, submit, url};
use crate::policy_fixtures::POLICY;

fn comment_with_title(title: &str, author: Option<&str>, number: u32) -> VerifiedComment {
    VerifiedComment { title: title.to_owned(), author: author.map(author_id), ..root_comment(number) }
}

/// The title of the post `a` that readers see.
fn title(database: &TestDatabase) -> String {
    database.ledger().read_page(&url("a"), 1).unwrap().title
}

/// Submits a comment that becomes pending.
fn submit_pending(database: &TestDatabase, comment: &VerifiedComment) -> CommentId {
    database.ledger().submit(comment, Moderation::All, NOW).unwrap().posted.comment.id
}

#[test]
fn pending_and_removed_comments_give_no_title() {
    let database = TestDatabase::new();
    let spam = submit_pending(&database, &comment_with_title("BUY PILLS", None, 1));
    let honest = submit_pending(&database, &comment_with_title("", Some("ada"), 2));
    erase(&database, spam);
    approve(&database, honest);
    assert_eq!(title(&database), "");
    // A published comment gives the title until it is removed.
    let spam = submit(&database.ledger(), &comment_with_title("BUY PILLS", None, 3));
    assert_eq!(title(&database), "BUY PILLS");
    database.ledger().unpublish(spam, &attribution(), NOW).unwrap();
    assert_eq!(title(&database), "");
    approve(&database, spam);
    assert_eq!(title(&database), "BUY PILLS");
    erase(&database, spam);
    assert_eq!(title(&database), "");
    assert!(!format!("{:?}", database.dump()).contains("BUY PILLS"), "the title is not stored anywhere");
    // A comment erased by its author gives no title either.
    let own = submit(&database.ledger(), &comment_with_title("Mine", Some("bob"), 4));
    let own = CommentRef { url: &url("a"), id: own };
    database.ledger().delete_own(own, "hash of bob", NOW).unwrap();
    assert_eq!(title(&database), "");
}

#[test]
fn the_title_with_most_authors_wins_then_the_older_one() {
    let database = TestDatabase::new();
    let title_after = |title_sent: &str, author, number| {
        submit(&database.ledger(), &comment_with_title(title_sent, author, number));
        title(&database)
    };
    assert_eq!(title_after("Sprnig", Some("ada"), 1), "Sprnig");
    assert_eq!(
        title_after("Spring", Some("bob"), 2),
        "Sprnig",
        "of two titles with one author each, the older one stays"
    );
    assert_eq!(title_after("Spring", Some("cy"), 3), "Spring");
    assert_eq!(title_after("PILLS", Some("eve"), 4), "Spring");
    assert_eq!(title_after("PILLS", Some("eve"), 5), "Spring", "each author counts once");
    assert_eq!(title_after("PILLS", None, 6), "Spring", "two authors each");
    assert_eq!(title_after("PILLS", None, 7), "Spring", "senders without author key count as one author");
    assert_eq!(title_after("Spring", None, 8), "Spring");
    assert_eq!(title_after("", Some("dee"), 9), "Spring", "an empty title does not count");
    // Only the newest comments of a long thread count.
    for number in 10..42 {
        title_after("Summer", Some("fay"), number);
    }
    assert_eq!(title(&database), "Summer");
}

#[test]
fn a_title_set_by_a_moderator_stays() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &comment_with_title("PILLS", Some("eve"), 1));
    let before = ledger.read_page(&url("a"), 1).unwrap().version;
    let action = attribution();
    assert_eq!(ledger.set_title(&url("a"), "Spring", &action, NOW), Ok(before + 1));
    assert_eq!(
        (title(&database).as_str(), ledger.due_threads_after(0, NOW, 9).unwrap()[0].pages.as_slice()),
        ("Spring", &[1][..])
    );
    let dump = database.dump();
    assert_eq!(ledger.set_title(&url("a"), "Spring", &attribution(), NOW), Ok(before + 1));
    assert_eq!(
        ledger.set_title(&url("a"), "Other", &action, NOW),
        Err(Refusal::IdReused.into()),
        "an action id is used once"
    );
    assert_eq!(database.dump(), dump);
    let pills = submit(&ledger, &comment_with_title("PILLS", Some("fay"), 2));
    assert_eq!(title(&database), "Spring");
    erase(&database, pills);
    ledger.set_closed(&url("a"), true, &attribution(), NOW).unwrap();
    assert_eq!(title(&database), "Spring");
    // With an empty title, the comments give the title again.
    ledger.set_title(&url("a"), "", &attribution(), NOW).unwrap();
    assert_eq!(title(&database), "PILLS");
    // A title can be set before the first comment.
    ledger.set_title(&url("b"), "", &attribution(), NOW).unwrap();
    assert_eq!(ledger.read_page(&url("b"), 1).unwrap().version, 0);
    ledger.set_title(&url("b"), "Winter", &attribution(), NOW).unwrap();
    submit(&ledger, &VerifiedComment { url: url("b"), ..comment_with_title("PILLS", None, 3) });
    assert_eq!(ledger.read_page(&url("b"), 1).unwrap().title, "Winter");
}

#[test]
fn new_titles_are_checked_for_muted_words() {
    let database = TestDatabase::new();
    let ledger = database.ledger();

    submit(&ledger, &comment_with_title("My casino", Some("ada"), 1));
    ledger.update_setting(&SettingChange::MutedWords("casino".to_owned()), &attribution(), NOW).unwrap();
    let is_muted = |comment: &VerifiedComment| {
        let posted = ledger.submit(comment, POLICY, NOW + 100).unwrap().posted;
        let rows = database.run_with("SELECT signals FROM comment WHERE id = ?", &[posted.comment.id.get().into()]);
        format!("{rows:?}").contains("muted_word:casino")
    };
    assert!(!is_muted(&comment_with_title("My casino", None, 2)));
    assert!(is_muted(&comment_with_title("Best casino", None, 3)));
    assert!(is_muted(&VerifiedComment { url: url("b"), ..comment_with_title("My casino", None, 4) }));
}
