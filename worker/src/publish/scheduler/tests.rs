//! Tests of the scheduler, on a ledger in memory.

use afterword_ledger::{Attribution, PageSize, PostMove, PostMoves, RusqliteSql, VerifiedComment};
use afterword_model::{CommentId, Moderation, SubmissionId, Vote};
use rusqlite::Connection;

use super::*;

/// Whole seconds, so that the ledger has the same time.
const NOW: u64 = 1_321_000_000_000;

fn scheduler() -> Scheduler<RusqliteSql> {
    Scheduler::new(Rc::new(Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap()))
}

fn url(post: u32) -> PostUrl {
    PostUrl::parse(&format!("https://blog.example/{post}")).unwrap()
}

/// The daily quota delays all writes until a time.
fn until(time: u64) -> AllowedAt {
    AllowedAt { any: time, deferred: time }
}

impl Scheduler<RusqliteSql> {
    fn post(&self, post: u32, comment: u32) -> CommentId {
        let comment = VerifiedComment::anonymous(comment, url(post));
        self.ledger.submit(&comment, Moderation::Open, to_seconds(NOW)).unwrap().posted.comment.id
    }

    fn post_on(&self, posts: std::ops::RangeInclusive<u32>) {
        for post in posts {
            self.post(post, post);
        }
    }

    /// The next task beside publishing the latest comments.
    fn next_without_latest(&self, now: u64, prefer_healthy: bool, allowed_at: AllowedAt) -> Result<Next, LedgerError> {
        self.publish_latest();
        self.next(now, prefer_healthy, allowed_at)
    }

    fn publish_latest(&self) {
        self.ledger.mark_latest_published(&self.ledger.latest_comments().unwrap()).unwrap();
    }

    fn publish_threads(&self) {
        for due in self.ledger.due_threads_after(0, to_seconds(NOW), 64).unwrap() {
            self.ledger.mark_published(&due).unwrap();
        }
    }

    /// Performs the next task with this outcome. Returns its address, or the time to wait for.
    fn put(&self, now: u64, prefer_healthy: bool, outcome: WriteOutcome) -> Result<PostUrl, Option<u64>> {
        let url = match self.next_without_latest(now, prefer_healthy, AllowedAt::default()).unwrap() {
            Next::Thread(due) => {
                self.start_round(&due);
                if outcome == WriteOutcome::Done {
                    self.ledger.mark_published(&due).unwrap();
                }
                due.url
            }
            Next::Redirect(redirect) => {
                self.ledger.record_redirect(&redirect, 1, to_seconds(now)).unwrap();
                redirect.from
            }
            Next::StalePages(stale) => {
                let last = if outcome == WriteOutcome::Done { stale.last_kept } else { stale.last_stale };
                self.ledger.record_removed(&stale, last, to_seconds(now)).unwrap();
                stale.url
            }
            Next::Latest => panic!("they are published"),
            Next::Wait(at) => return Err(at),
        };
        self.back_off(&url, outcome, 1_000, now);
        Ok(url)
    }
}

#[test]
fn an_empty_ledger_has_nothing_due() {
    assert_eq!(scheduler().next(NOW, false, AllowedAt::default()).unwrap(), Next::Wait(None));
}

#[test]
fn a_busy_thread_waits_for_its_turn() {
    let scheduler = scheduler();
    scheduler.post_on(1..=3);
    let mut put = Vec::new();
    for comment in 10..16 {
        // The first thread changes all the time.
        put.push(scheduler.put(NOW + u64::from(comment) * 1_000, false, WriteOutcome::Done).unwrap());
        scheduler.post(1, comment);
    }
    assert_eq!(put[..4], [url(1), url(2), url(3), url(1)]);
}

#[test]
fn threads_in_backoff_do_not_delay_others() {
    for prefer_healthy in [false, true] {
        let scheduler = scheduler();
        scheduler.post_on(1..=100);
        (1..=99).for_each(|post| assert_eq!(scheduler.put(NOW, prefer_healthy, WriteOutcome::Failed), Ok(url(post))));
        assert_eq!(scheduler.put(NOW, prefer_healthy, WriteOutcome::Done), Ok(url(100)));
        assert_eq!(scheduler.put(NOW, prefer_healthy, WriteOutcome::Done), Err(Some(NOW + 1_000)));
        // Threads after and before those in backoff.
        scheduler.post(100, 200);
        scheduler.post(50, 201);
        assert_eq!(scheduler.put(NOW + 1_000, true, WriteOutcome::Done), Ok(url(100)));
        assert_eq!(scheduler.put(NOW + 1_000, true, WriteOutcome::Done), Ok(url(1)));
    }
}

#[test]
fn delays_grow_and_reset_after_success() {
    let scheduler = scheduler();
    scheduler.post(1, 1);
    let mut now = NOW;
    let mut delays = Vec::new();
    for outcome in [[WriteOutcome::Failed; 7].as_slice(), &[WriteOutcome::TimedOut, WriteOutcome::Done]].concat() {
        assert_eq!(scheduler.put(now, false, outcome), Ok(url(1)));
        scheduler.post(1, u32::try_from(delays.len()).unwrap() + 10);
        let Next::Wait(Some(at)) = scheduler.next_without_latest(now, false, AllowedAt::default()).unwrap() else {
            panic!("it backs off")
        };
        delays.push((at - now) / 1_000);
        now = at;
    }
    assert_eq!(delays, [1, 2, 4, 8, 16, 30, 30, 60, 1]);
}

#[test]
fn a_redirect_has_its_own_turn_and_backoff() {
    let scheduler = scheduler();
    scheduler.post_on(1..=2);
    let attribution = Attribution { id: SubmissionId::from_digest([9; 16]), by: "grace" };
    let moves = PostMoves::List(vec![PostMove { from: url(2), to: url(7) }]);
    scheduler.ledger.remap(&moves, 0, 9, &attribution, to_seconds(NOW)).unwrap();
    let mut put = Vec::new();
    for comment in 10..15 {
        put.push(scheduler.put(NOW + u64::from(comment) * 1_000, false, WriteOutcome::Done).unwrap());
        scheduler.post(1, comment);
    }
    assert_eq!(put[..4], [url(1), url(7), url(2), url(1)], "the thread, then the redirect to it");
    // A timed-out write to the old address delays the next write there.
    scheduler.back_off(&url(7), WriteOutcome::TimedOut, 0, NOW + 20_000);
    let back = PostMoves::List(vec![PostMove { from: url(7), to: url(2) }]);
    let attribution = Attribution { id: SubmissionId::from_digest([8; 16]), by: "grace" };
    scheduler.ledger.remap(&back, 0, 9, &attribution, to_seconds(NOW)).unwrap();
    let put: Vec<_> = (0..2).map(|_| scheduler.put(NOW + 21_000, false, WriteOutcome::Done).unwrap()).collect();
    assert_eq!(put, [url(2), url(1)]);
    assert_eq!(scheduler.put(NOW + 21_000, false, WriteOutcome::Done), Err(Some(NOW + 80_000)));
    assert_eq!(scheduler.put(NOW + 80_000, false, WriteOutcome::Done), Ok(url(7)));
}

#[test]
fn stale_pages_are_deleted_after_the_grace_period() {
    let scheduler = scheduler();
    let long = Scheduler::new(Rc::new({
        let size = PageSize { comments: 1, ..PageSize::default() };
        Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap().with_page_size(size)
    }));
    for scheduler in [&scheduler, &long] {
        for (post, comment) in [(1, 1), (1, 2), (1, 3), (2, 4)] {
            scheduler.post(post, comment);
        }
        let remap = |from, to, id| {
            let moves = PostMoves::List(vec![PostMove { from: url(from), to: url(to) }]);
            let attribution = Attribution { id: SubmissionId::from_digest([id; 16]), by: "grace" };
            scheduler.ledger.remap(&moves, 0, 9, &attribution, to_seconds(NOW)).unwrap();
        };
        remap(1, 7, 1);
        remap(2, 1, 2);
    }
    let put = |scheduler: &Scheduler<_>, now| scheduler.put(now, false, WriteOutcome::Done);
    assert_eq!(
        (put(&scheduler, NOW), put(&scheduler, NOW), put(&scheduler, NOW)),
        (Ok(url(7)), Ok(url(1)), Ok(url(2)))
    );
    assert_eq!(put(&scheduler, NOW + 5_000), Err(None), "a single page is replaced, not deleted");
    let started = NOW + 2_000;
    for now in [NOW, started] {
        while put(&long, now).is_ok() {}
    }
    assert_eq!(put(&long, started + 5_000), Err(Some(started + 60_000)));
    assert_eq!(long.put(started + 60_000, false, WriteOutcome::Failed), Ok(url(1)));
    assert_eq!(put(&long, started + 60_500), Err(Some(started + 61_000)), "it backs off, and is tried again");
    assert_eq!(put(&long, started + 61_000), Ok(url(1)));
    assert_eq!(put(&long, NOW + 70_000), Err(None));
}

#[test]
fn votes_are_published_after_a_delay() {
    let scheduler = scheduler();
    let comment = scheduler.post(1, 1);
    scheduler.put(NOW, false, WriteOutcome::Done).unwrap();
    scheduler.ledger.vote(comment, "ada", Vote::For, to_seconds(NOW)).unwrap();
    assert_eq!(scheduler.put(NOW + 2_000, false, WriteOutcome::Done), Err(Some(NOW + 60_000)));
    assert_eq!(scheduler.put(NOW + 60_000, false, WriteOutcome::Done), Ok(url(1)));
    assert_eq!(scheduler.put(NOW + 60_000, false, WriteOutcome::Done), Err(None));
}

#[test]
fn votes_wait_for_their_share_of_the_quota_or_for_a_comment() {
    let scheduler = scheduler();
    let comment = scheduler.post(1, 1);
    scheduler.put(NOW, false, WriteOutcome::Done).unwrap();
    scheduler.ledger.vote(comment, "ada", Vote::For, to_seconds(NOW)).unwrap();
    let (minute, later) = (NOW + 60_000, NOW + 500_000);
    let next = |now| scheduler.next_without_latest(now, false, AllowedAt { any: 0, deferred: later }).unwrap();
    assert_eq!(next(minute), Next::Wait(Some(later)));
    let Next::Thread(due) = next(later) else { panic!("its share is there") };
    assert!(due.deferred);
    scheduler.post(1, 2);
    let Next::Thread(due) = next(minute) else { panic!("the comment does not wait for it") };
    assert!(!due.deferred);
    let snapshot = scheduler.ledger.snapshot(&due, to_seconds(minute)).unwrap().unwrap();
    assert_eq!(snapshot.pages[0].comments[0].votes, 1, "the vote is published with the comment");
    scheduler.ledger.mark_published(&snapshot.due).unwrap();
    assert_eq!(next(minute), Next::Wait(None));
}

#[test]
fn urgent_threads_do_not_wait_for_the_quota() {
    let scheduler = scheduler();
    scheduler.post_on(1..=3);
    let comments: Vec<_> = (11..=12).map(|comment| scheduler.post(2, comment)).collect();
    let later = NOW + 60_000;
    assert_eq!(scheduler.next_without_latest(NOW, false, until(later)).unwrap(), Next::Wait(Some(later)));
    let unpublish = |comment, id| {
        let attribution = Attribution { id: SubmissionId::from_digest([id; 16]), by: "grace" };
        scheduler.ledger.unpublish(comment, &attribution, to_seconds(NOW)).unwrap();
    };
    let urgent = |now| match scheduler.next_without_latest(now, false, until(later)).unwrap() {
        Next::Thread(due) => Ok(due),
        Next::Wait(at) => Err(at),
        other => panic!("{other:?}"),
    };
    unpublish(comments[0], 1);
    let due = urgent(NOW).unwrap();
    assert_eq!(due.url, url(2));
    scheduler.back_off(&due.url, WriteOutcome::Failed, 0, NOW);
    assert_eq!(urgent(NOW), Err(Some(NOW + 1_000)), "a failed write backs off");
    // Content removed during the write is not in it.
    unpublish(comments[1], 2);
    scheduler.ledger.mark_published(&due).unwrap();
    let due = urgent(NOW + 1_000).unwrap();
    scheduler.ledger.mark_published(&due).unwrap();
    scheduler.post(2, 13);
    assert_eq!(urgent(NOW + 2_000), Err(Some(later)), "a new comment waits for the quota");
    assert!(urgent(later).is_ok());
}

#[test]
fn redirect_cleanup_does_not_wait_for_the_quota() {
    let size = PageSize { comments: 1, ..PageSize::default() };
    let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap().with_page_size(size);
    let scheduler = Scheduler::new(Rc::new(ledger));
    (1..=3).for_each(|comment| assert!(scheduler.post(1, comment).get() > 0));
    let moves = PostMoves::List(vec![PostMove { from: url(1), to: url(7) }]);
    let attribution = Attribution { id: SubmissionId::from_digest([1; 16]), by: "grace" };
    scheduler.ledger.remap(&moves, 0, 9, &attribution, to_seconds(NOW)).unwrap();
    assert_eq!(scheduler.put(NOW, false, WriteOutcome::Done), Ok(url(7)));
    let (minute, later) = (NOW + 60_000, NOW + 1_000_000);
    assert_eq!(
        scheduler.next_without_latest(NOW, false, until(later)).unwrap(),
        Next::Wait(Some(later)),
        "a redirect is a put"
    );
    let Next::Redirect(redirect) = scheduler.next_without_latest(NOW, false, AllowedAt::default()).unwrap() else {
        panic!("it is due")
    };
    scheduler.ledger.record_redirect(&redirect, redirect.pages, to_seconds(NOW)).unwrap();
    assert_eq!(scheduler.next_without_latest(NOW, false, until(later)).unwrap(), Next::Wait(Some(minute)));
    let Next::Redirect(cleanup) = scheduler.next_without_latest(minute, false, until(later)).unwrap() else {
        panic!("it is due")
    };
    assert_eq!((cleanup.is_published, cleanup.pages), (true, 3));
}

#[test]
fn latest_comments_are_published_once_a_minute() {
    let scheduler = scheduler();
    scheduler.post_on(1..=3);
    scheduler.publish_threads();
    let due = NOW + 60_000;
    assert_eq!(scheduler.next(NOW, false, AllowedAt::default()).unwrap(), Next::Wait(Some(due)));
    assert_eq!(scheduler.next(due, false, AllowedAt::default()).unwrap(), Next::Latest);
    scheduler.back_off_latest(WriteOutcome::Failed, 0, due);
    assert_eq!(
        scheduler.next(due, false, AllowedAt::default()).unwrap(),
        Next::Wait(Some(due + 1_000)),
        "a failed write backs off"
    );
    assert_eq!(scheduler.latest_attempt(), Attempt { number: 2, retry_in_ms: 2_000 });
    // A comment during the write is not in it.
    let latest = scheduler.ledger.latest_comments().unwrap();
    scheduler.post(1, 4);
    scheduler.publish_threads();
    scheduler.ledger.mark_latest_published(&latest).unwrap();
    scheduler.back_off_latest(WriteOutcome::Done, 1_000, due - 1_000);
    assert_eq!(
        scheduler.next(due, false, AllowedAt::default()).unwrap(),
        Next::Latest,
        "the test posts at the same time as before"
    );
    scheduler.publish_latest();
    assert_eq!(scheduler.next(due, false, AllowedAt::default()).unwrap(), Next::Wait(None));
}

#[test]
fn latest_comments_leave_a_scarce_quota_to_the_threads() {
    let scheduler = scheduler();
    let comment = scheduler.post(1, 1);
    scheduler.publish_threads();
    scheduler.publish_latest();
    scheduler.back_off_latest(WriteOutcome::Done, 0, NOW);
    scheduler.post(1, 2);
    scheduler.publish_threads();
    let (due, interval) = (NOW + 120_000, 600_000);
    // The next write is allowed, but others were delayed today.
    assert_eq!(scheduler.next(due, false, until(due)).unwrap(), Next::Wait(Some(NOW + interval)));
    assert_eq!(scheduler.next(NOW + interval, false, until(due)).unwrap(), Next::Latest);
    let later = NOW + 2 * interval;
    assert_eq!(scheduler.next(NOW + interval, false, until(later)).unwrap(), Next::Wait(Some(later)));
    let attribution = Attribution { id: SubmissionId::from_digest([1; 16]), by: "grace" };
    scheduler.ledger.unpublish(comment, &attribution, to_seconds(NOW)).unwrap();
    scheduler.publish_threads();
    assert_eq!(scheduler.next(due, false, until(later)).unwrap(), Next::Latest, "a removal does not wait");
}
