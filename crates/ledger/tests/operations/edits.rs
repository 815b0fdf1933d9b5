//! Edits of authors: the checks of a new comment, repeats, and what readers are told.

use afterword_ledger::{CommentFilter, Ledger, SettingChange, SubmissionPolicy, VerifiedComment};
use afterword_model::{Comment, CommentId, Moderation, Refusal, Status};

use crate::fixtures::{
    NOW, TestDatabase, approve, attribution, author_id, html, of_a, own_edit, reply, root_comment, submit, url,
};
use crate::policy_fixtures::POLICY;

const ADA: &str = "hash of ada";

fn by_ada(number: u32) -> VerifiedComment {
    VerifiedComment { author: Some(author_id("ada")), ..root_comment(number) }
}

fn policy(moderation: Moderation) -> SubmissionPolicy<'static> {
    SubmissionPolicy { moderation, limits: &[], ..POLICY }
}

fn only_comment(ledger: &Ledger<&TestDatabase>) -> Comment {
    let comments = ledger.read_page(&url("a"), 1).unwrap().comments;
    assert_eq!(comments.len(), 1);
    comments[0].clone()
}

/// The status of a comment after an edit, and its signals.
fn edited(ledger: &Ledger<&TestDatabase>, id: CommentId, edit: &VerifiedComment) -> (Status, Vec<String>) {
    let status = ledger.edit_own(id, edit, &policy(Moderation::Open), NOW).unwrap().status;
    let listed = [CommentFilter::Pending, CommentFilter::Published]
        .into_iter()
        .flat_map(|filter| ledger.list_comments(filter, None, 99).unwrap().items);
    let details = listed.into_iter().find(|details| details.comment.id == id).unwrap();
    assert_eq!(details.source, edit.source);
    (status, details.signals)
}

#[test]
fn a_clean_comment_edited_into_spam_is_held_with_the_reason() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    ledger.update_setting(&SettingChange::MutedWords("pills".to_owned()), &attribution(), NOW).unwrap();
    let spam = |number| own_edit("ada", number, "pills");
    let linked = VerifiedComment { signals: vec!["many_links:5".to_owned()], ..own_edit("ada", 20, "Links") };
    for (edit, signal) in [(spam(21), "muted_word:pills"), (linked, "many_links:5")] {
        let id = submit(&ledger, &by_ada(if signal.starts_with("muted") { 1 } else { 2 }));
        let (status, signals) = edited(&ledger, id, &edit);
        assert_eq!(status, Status::Pending, "{signal}");
        assert!(signals.contains(&signal.to_owned()), "{signals:?}");
    }
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.count, thread.comments.len()), (0, 0));
    assert_eq!(ledger.urgent_threads(NOW, 9).unwrap().len(), 1, "readers lose sight of it at once");
    // A moderator sees the new text, and may publish it. Then it is new to readers.
    approve(&database, CommentId::new(1));
    let version = thread.version + 1;
    let comment = only_comment(&ledger);
    assert_eq!((comment.html, ledger.read_page(&url("a"), 1).unwrap().version), (html("pills"), version));
    assert_eq!(database.query_integer("SELECT version FROM comment WHERE id = 1"), version);
}

#[test]
fn signals_about_the_text_go_with_the_text() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let signals = ["too_fast:1", "many_links:7", "muted_word:pills"].map(str::to_owned).to_vec();
    let id = submit(&ledger, &VerifiedComment { signals, ..by_ada(1) });
    let (status, signals) = edited(&ledger, id, &own_edit("ada", 21, "Better"));
    assert_eq!(status, Status::Pending, "a comment that waits goes on waiting");
    assert_eq!(signals, ["too_fast:1", "first_comment"]);
}

#[test]
fn moderation_and_trust_apply_to_edits() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let status = |id, number, moderation| {
        let edit = own_edit("ada", number, &format!("Text of edit {number}"));
        ledger.edit_own(id, &edit, &policy(moderation), NOW).unwrap().status
    };
    let id = submit(&ledger, &by_ada(1));
    assert_eq!(status(id, 21, Moderation::First), Status::Published, "the author is trusted");
    assert_eq!(status(id, 22, Moderation::All), Status::Pending);
    // The approval of the author rested on the text before.
    let posted = ledger.submit(&by_ada(2), Moderation::First, NOW).unwrap().posted;
    assert_eq!(posted.status, Status::Pending);
    approve(&database, id);
    let second = ledger.submit(&by_ada(3), Moderation::First, NOW).unwrap().posted;
    assert_eq!(second.status, Status::Published);
    // Another comment that is held leaves that approval as it is.
    assert_eq!(status(second.comment.id, 23, Moderation::All), Status::Pending);
    assert_eq!(status(id, 24, Moderation::First), Status::Published);
    // Approving the comment that earned the trust keeps it.
    approve(&database, second.comment.id);
    assert_eq!(ledger.submit(&by_ada(4), Moderation::First, NOW).unwrap().posted.status, Status::Published);
}

#[test]
fn a_banned_author_cannot_get_past_the_ban_by_an_edit() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &VerifiedComment { name: "Eve".to_owned(), ..by_ada(1) });
    let target = afterword_ledger::BanTarget::Author(afterword_ledger::BanKind::Name, id);
    ledger.ban(&target, None, &attribution(), NOW).unwrap();
    let (status, signals) = edited(&ledger, id, &own_edit("ada", 21, "Better"));
    assert_eq!(status, Status::Pending);
    assert!(signals.contains(&"banned:name".to_owned()), "{signals:?}");
}

#[test]
fn duplicates_are_found_by_the_present_text() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let keyed =
        |comment: VerifiedComment, key: &str| VerifiedComment { duplicate_key: Some(key.to_owned()), ..comment };
    let edit = |id, edit: VerifiedComment| ledger.edit_own(id, &edit, &policy(Moderation::Open), NOW).unwrap().status;
    let first = submit(&ledger, &keyed(by_ada(1), "old"));
    assert_eq!(edit(first, keyed(own_edit("ada", 21, "Old!"), "old")), Status::Published, "it does not repeat itself");
    assert_eq!(edit(first, keyed(own_edit("ada", 22, "New"), "new")), Status::Published);
    let status =
        |number, key| ledger.submit(&keyed(root_comment(number), key), Moderation::Open, NOW).unwrap().posted.status;
    assert_eq!((status(2, "old"), status(3, "new")), (Status::Published, Status::Pending));
    // The same after the instance was evicted.
    let ledger = database.ledger();
    let status =
        |number, key| ledger.submit(&keyed(root_comment(number), key), Moderation::Open, NOW).unwrap().posted.status;
    assert_eq!(status(4, "new"), Status::Pending);
    let copy = submit(&ledger, &VerifiedComment { author: Some(author_id("bob")), ..root_comment(5) });
    let edit = keyed(own_edit("bob", 23, "New"), "new");
    assert_eq!(ledger.edit_own(copy, &edit, &policy(Moderation::Open), NOW).unwrap().status, Status::Pending);
    // A text that was taken back may be sent again.
    let again = submit(&ledger, &keyed(by_ada(6), "again"));
    ledger.delete_own(of_a(again), ADA, NOW).unwrap();
    assert_eq!(status(7, "again"), Status::Published);
}

#[test]
fn edits_are_repeated_by_their_ids() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    let open = policy(Moderation::Open);
    let (first, second) = (own_edit("ada", 21, "First"), own_edit("ada", 22, "Second"));
    ledger.edit_own(id, &first, &open, NOW).unwrap();
    let present = ledger.edit_own(id, &second, &open, NOW).unwrap();
    let before = database.dump();
    for repeat in [&first, &second] {
        assert_eq!(ledger.edit_own(id, repeat, &open, NOW).as_ref(), Ok(&present), "the later edit stays");
    }
    let other = VerifiedComment { id: first.id, ..own_edit("ada", 23, "Third") };
    assert_eq!(ledger.edit_own(id, &other, &open, NOW).err(), Some(Refusal::IdReused.into()));
    assert_eq!(database.dump(), before);
    // The submission is still known by the content that was sent.
    assert!(ledger.submit(&by_ada(1), Moderation::Open, NOW).unwrap().repeat);
    for number in 30..60 {
        ledger.edit_own(id, &own_edit("ada", number, &format!("Text {number}")), &open, NOW).unwrap();
    }
    let length = database.query_integer("SELECT length(edits) FROM comment");
    assert!(length < 2_000, "{length} bytes: only the latest edits are remembered");
}

#[test]
fn an_edit_is_marked_if_it_came_late_or_after_a_reply() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let open = policy(Moderation::Open);
    let mark = |id, number, now| {
        let edit = own_edit("ada", number, &format!("Text {number}"));
        ledger.edit_own(id, &edit, &open, now).unwrap().comment.edited
    };
    let alone = submit(&ledger, &by_ada(1));
    assert_eq!(mark(alone, 21, NOW + 120), None);
    assert_eq!(mark(alone, 22, NOW + 121), Some(NOW + 121));
    let answered = submit(&ledger, &by_ada(2));
    let waits = ledger.submit(&reply(3, answered), Moderation::All, NOW).unwrap().posted.comment.id;
    assert_eq!(mark(answered, 23, NOW + 1), None, "nobody sees the answer");
    approve(&database, waits);
    assert_eq!(mark(answered, 24, NOW + 2), Some(NOW + 2));
    let json = serde_json::to_string(&ledger.read_page(&url("a"), 1).unwrap().comments).unwrap();
    assert!(json.contains(&format!("\"edited\":{}", NOW + 2)), "{json}");
}

#[test]
fn the_version_that_first_showed_a_comment_outlives_edits_and_deletions() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    submit(&ledger, &root_comment(2));
    let version = || database.query_integer("SELECT version FROM comment WHERE id = 1");
    let edit = own_edit("ada", 21, "Better");
    assert_eq!(ledger.edit_own(id, &edit, &policy(Moderation::Open), NOW).unwrap().version, 3);
    assert_eq!(version(), 1);
    assert_eq!(ledger.delete_own(of_a(id), ADA, NOW).unwrap().version, 4);
    assert_eq!(ledger.restore_own(of_a(id), ADA, NOW).unwrap().version, 5);
    assert_eq!(version(), 1);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().version, 5);
}

#[test]
fn a_closed_thread_and_a_closed_window_take_no_edits() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    let edit = own_edit("ada", 21, "Better");
    let refused = |now| ledger.edit_own(id, &edit, &policy(Moderation::Open), now).err();
    ledger.set_closed(&url("a"), true, &attribution(), NOW).unwrap();
    assert_eq!(refused(NOW), Some(Refusal::Closed.into()));
    ledger.set_closed(&url("a"), false, &attribution(), NOW).unwrap();
    ledger.update_setting(&SettingChange::EditWindow(Some(120)), &attribution(), NOW).unwrap();
    assert_eq!(ledger.source(of_a(id), ADA).unwrap().edit_until, NOW + 120);
    assert_eq!(refused(NOW + 181), Some(Refusal::EditWindowOver.into()));
    ledger.update_setting(&SettingChange::EditWindow(Some(0)), &attribution(), NOW).unwrap();
    assert_eq!(refused(NOW), Some(Refusal::EditWindowOver.into()), "editing is off");
    ledger.update_setting(&SettingChange::EditWindow(None), &attribution(), NOW).unwrap();
    assert_eq!(refused(NOW + 900), None);
}

#[test]
fn the_former_text_is_overwritten() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &VerifiedComment { source: "My number is 555".to_owned(), ..by_ada(1) });
    database.statements.borrow_mut().clear();
    ledger.edit_own(id, &own_edit("ada", 21, "Better"), &policy(Moderation::Open), NOW).unwrap();
    let statements = database.statements.borrow();
    let position = |part: &str| statements.iter().position(|it| it.query.contains(part)).unwrap();
    let [measured, changed] = ["length(CAST(source", "UPDATE comment SET source = ?, html = ?, renderer"].map(position);
    let overwrites = statements[measured..changed].iter().filter(|it| {
        let query = &it.query;
        query.starts_with("UPDATE comment SET") && ["name = ?", "source = ?"].iter().all(|part| query.contains(part))
    });
    assert_eq!(overwrites.count(), 1, "blanks of the same length come before the new row");
}
