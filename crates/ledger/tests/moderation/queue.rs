use afterword_ledger::VerifiedComment;
use afterword_model::Moderation;
use afterword_model::moderation::{AuditAction, AuditFilter, BatchAction, QueueFilter, QueueList, ThreadFilter};

use crate::common::{NOW, TestDatabase, url};
use crate::fixtures::{act, author_id, comment_by, list, list_of, network, report, submit, undo};

#[test]
fn lists_have_their_comments_in_their_order() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<_> =
        (1..=9).map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::Open)).collect();
    act(&database, BatchAction::Unpublish, &ids[..3]);
    act(&database, BatchAction::Spam, &ids[3..5]);
    act(&database, BatchAction::Delete, &ids[5..7]);
    report(&ledger, ids[8], "reader");
    let numbers = |range: std::ops::Range<usize>| ids[range].iter().map(|id| id.get()).collect::<Vec<_>>();
    let reversed = |range| numbers(range).into_iter().rev().collect::<Vec<_>>();
    assert_eq!(list_of(&ledger, QueueList::Pending), numbers(0..3), "oldest first");
    assert_eq!(list_of(&ledger, QueueList::Spam), reversed(3..5));
    assert_eq!(list_of(&ledger, QueueList::Deleted), reversed(5..7));
    assert_eq!(list_of(&ledger, QueueList::Published), reversed(7..9));
    assert_eq!(list_of(&ledger, QueueList::Unanswered), reversed(7..9));
    assert_eq!(list_of(&ledger, QueueList::Reported), [ids[8].get()]);
    let counts = ledger.count_queue().unwrap();
    let found: Vec<u32> = QueueList::ALL.iter().map(|list| counts.of(*list).count).collect();
    assert_eq!(found, [3, 1, 2, 2, 2, 2]);
}

#[test]
fn pages_neither_skip_nor_repeat_while_the_queue_moves() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<_> =
        (1..=30).map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::All)).collect();
    let filter = QueueFilter::of_list(QueueList::Pending);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = ledger.read_queue(&filter, after, 4).unwrap();
        seen.extend(page.comments.iter().map(|comment| comment.id));
        // The whole page is decided, a decided comment comes back, and another one arrives.
        let page_ids: Vec<_> = page.comments.iter().map(|comment| comment.id).collect();
        if !page_ids.is_empty() {
            act(&database, BatchAction::Approve, &page_ids);
            act(&database, BatchAction::Unpublish, &page_ids[..1]);
        }
        if seen.len() < 20 {
            submit(&ledger, &comment_by("bob", 100 + u32::try_from(seen.len()).unwrap(), "New"), Moderation::All);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen[..30], ids[..]);
    assert!(seen.len() > 30 && seen.is_sorted(), "{seen:?}");
}

#[test]
fn filters_select_by_post_author_and_time() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=40_u32 {
        let author = ["ada", "eve"][number as usize % 2];
        let mut comment = comment_by(author, number, "Hello");
        comment.url = url(["a", "b", "c", "d"][number as usize % 4]);
        let policy = if number % 3 == 0 { Moderation::All } else { Moderation::Open };
        ledger.submit(&comment, policy, NOW + i64::from(number) * 10).unwrap();
    }
    let check = |filter: QueueFilter, expected: &dyn Fn(i64) -> bool| {
        let mut found = list(&ledger, &filter);
        found.sort_unstable();
        let is_pending = |number: i64| number % 3 == 0;
        let in_list = |number: &i64| is_pending(*number) == (filter.list == QueueList::Pending);
        let wanted: Vec<i64> = (1..=40).filter(in_list).filter(|number| expected(*number)).collect();
        assert_eq!(found, wanted, "{filter:?}");
        assert_eq!(ledger.count_matching(&filter).unwrap().count.count as usize, wanted.len());
    };
    for list in [QueueList::Pending, QueueList::Published] {
        let all = QueueFilter::of_list(list);
        check(QueueFilter { post: Some(url("b")), ..all.clone() }, &|number| number % 4 == 1);
        check(QueueFilter { author: Some("eve".to_owned()), ..all.clone() }, &|number| number % 2 == 1);
        check(QueueFilter { author: Some(author_id("eve").hash), ..all.clone() }, &|number| number % 2 == 1);
        check(QueueFilter { author: Some("nobody".to_owned()), ..all.clone() }, &|_| false);
        check(QueueFilter { post: Some(url("none")), ..all.clone() }, &|_| false);
        let (from, until) = (Some(NOW + 100), Some(NOW + 200));
        check(QueueFilter { from, until, ..all.clone() }, &|number| (10..20).contains(&number));
        let both = QueueFilter { post: Some(url("b")), author: Some("eve".to_owned()), from, ..all };
        check(both, &|number| number % 4 == 1 && number >= 10);
    }
}

#[test]
fn a_row_says_what_a_moderator_needs() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let by_eve =
        |number, text: &str| VerifiedComment { network: Some(network("n")), ..comment_by("eve", number, text) };
    let root = submit(&ledger, &by_eve(1, "Once\nupon   a time"), Moderation::Open);
    let spam = submit(&ledger, &by_eve(2, "Spam"), Moderation::Open);
    act(&database, BatchAction::Spam, &[spam]);
    let reply = VerifiedComment {
        parent: Some(root),
        email: Some("eve@mail.example".to_owned()),
        signals: vec!["many_links:7".to_owned()],
        ..by_eve(3, "Reply")
    };
    let id = submit(&ledger, &reply, Moderation::Open);
    let row = ledger.read_queued_comment(id).unwrap();
    assert_eq!((row.title.as_str(), row.url.clone()), ("Spring", url("a")));
    assert_eq!(row.signals, ["many_links:7", "first_comment"]);
    let parent = row.parent.unwrap();
    assert_eq!((parent.id, parent.name.as_str(), parent.excerpt.as_str()), (root, "eve", "Once upon a time"));
    let history = row.author.history.unwrap();
    assert_eq!((history.published, history.spam, history.pending, history.deleted), (1, 1, 0, 0));
    assert_eq!((row.same_network, row.author.email.as_deref()), (2, Some("eve@mail.example")));
    let last = ledger.read_queued_comment(spam).unwrap().last_action.unwrap();
    assert_eq!((last.action, last.by.as_str()), (AuditAction::Spam, "ada"));
    let page = ledger.read_comment_page(root).unwrap();
    assert!(page.replies.is_empty(), "the reply has no place yet");
    assert_eq!(ledger.read_comment_page(id).unwrap().ancestors[0].id, root);
}

#[test]
fn the_audit_log_is_filtered_and_followed() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<_> =
        (1..=6).map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::Open)).collect();
    let batch = act(&database, BatchAction::Spam, &ids[..4]);
    act(&database, BatchAction::Delete, &ids[4..]);
    let read = |filter: AuditFilter| ledger.read_audit_log(&filter, None, 3).unwrap();
    let page = read(AuditFilter { action: Some(AuditAction::Spam), ..AuditFilter::default() });
    assert_eq!(page.audit.iter().map(|entry| entry.number).collect::<Vec<_>>(), [4, 3, 2]);
    assert_eq!(page.next, Some(2));
    assert_eq!(read(AuditFilter { comment: Some(ids[5]), ..AuditFilter::default() }).audit.len(), 1);
    assert_eq!(read(AuditFilter { batch: Some(batch.to_string()), ..AuditFilter::default() }).audit.len(), 3);
    assert!(read(AuditFilter { by: Some("ben".to_owned()), ..AuditFilter::default() }).audit.is_empty());
    let since = read(AuditFilter { since: Some(4), ..AuditFilter::default() });
    assert_eq!(since.audit.iter().map(|entry| entry.number).collect::<Vec<_>>(), [5, 6]);
    undo(&database, batch);
    let entry = &read(AuditFilter { comment: Some(ids[0]), ..AuditFilter::default() }).audit;
    assert_eq!((entry[0].action, entry[1].undone), (AuditAction::Undo, true));
}

#[test]
fn threads_and_the_overview_have_their_numbers() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=10_u32 {
        let mut comment = comment_by("eve", number, "Hello");
        comment.url = url(["a", "b"][number as usize % 2]);
        let policy = if number > 8 { Moderation::All } else { Moderation::Open };
        ledger.submit(&comment, policy, NOW + i64::from(number) * 86_400).unwrap();
    }
    let id = afterword_model::CommentId::new(1);
    act(&database, BatchAction::Pin, &[id]);
    let threads = ledger.list_threads(&ThreadFilter::default(), None, 9).unwrap().threads;
    let facts: Vec<_> = threads.iter().map(|it| (it.count, it.pending, it.pinned, it.last_comment)).collect();
    assert_eq!(facts, [(4, 1, 0, Some(NOW + 8 * 86_400)), (4, 1, 1, Some(NOW + 7 * 86_400))]);
    let found =
        ledger.list_threads(&ThreadFilter { search: Some("EXAMPLE/b".to_owned()), closed: Some(false) }, None, 9);
    assert_eq!(found.unwrap().threads.len(), 1);
    let overview = ledger.read_overview(NOW + 12 * 86_400).unwrap();
    assert_eq!(overview.days.len(), 30);
    assert_eq!(overview.days.iter().map(|day| day.published + day.pending).sum::<u32>(), 10);
    assert_eq!(overview.oldest_pending, Some(NOW + 9 * 86_400));
    assert_eq!((overview.signals[0].signal.as_str(), overview.signals[0].count), ("first_comment", 1));
    assert_eq!(overview.threads[0].count, 5);
}
