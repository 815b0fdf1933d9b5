//! Round-robin scheduler for KV writes, with per-key backoff.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use afterword_ledger::{DueThread, Ledger, LedgerError, PendingRedirect, Sql, StalePages};
use afterword_model::PostUrl;

use crate::platform::clock::{to_millis, to_seconds};
use crate::publish::backoff::{Backoff, Delays};
use crate::publish::daily_quota::AllowedAt;
use crate::publish::kv_writer::{Attempt, LATE_WRITE_WINDOW, WriteOutcome};

/// Delays between two attempts at one address.
const DELAYS: Delays = Delays { tolerated: 0, first: 1_000, max: 30_000 };
/// Number of rows that one query reads.
const BATCH: u32 = 16;
/// Number of urgent threads that are considered.
const URGENT_BATCH: u32 = 64;

/// Scheduler of one site. Times are in Unix milliseconds.
pub(crate) struct Scheduler<S> {
    ledger: Rc<Ledger<S>>,
    /// Id of the thread that was written last. The thread with the next id is next.
    last_thread: Cell<i64>,
    /// Addresses that must not be written to yet, or have failed. A thread that has moved is written to another address from then on.
    backoffs: RefCell<HashMap<PostUrl, Backoff>>,
}

/// The next task of the publisher.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Thread(DueThread),
    Redirect(PendingRedirect),
    StalePages(StalePages),
    /// Nothing to do before this time, or nothing at all.
    Wait(Option<u64>),
}

impl<S: Sql> Scheduler<S> {
    pub(crate) fn new(ledger: Rc<Ledger<S>>) -> Self {
        Self { ledger, last_thread: Cell::new(0), backoffs: RefCell::default() }
    }

    /// Chooses the next task: the threads in turn, and after each round of them a redirect or stale pages. With `prefer_healthy`, addresses
    /// that have not failed come before those that have: either KV fails as a whole, or it fails for those addresses alone. Before
    /// `allowed_at.any`, only tasks that remove content are chosen, and before `allowed_at.deferred`, none for votes and reactions alone.
    pub(crate) fn next(&self, now: u64, prefer_healthy: bool, allowed_at: AllowedAt) -> Result<Next, LedgerError> {
        // The ledger takes what is deferred to this time as not due.
        let deferred_until = if allowed_at.deferred <= now { to_seconds(now) } else { 0 };
        let mut choice = Choice { now, deferred_until, prefer_healthy, fallback: Next::Wait(None) };
        let has_quota = allowed_at.any <= now;
        let last = if has_quota { self.last_thread.get() } else { 0 };
        let mut thread = None;
        // Also while votes and reactions have to wait: content that was removed may be left among what is deferred.
        if allowed_at.deferred > now {
            thread = self.urgent_thread(&mut choice)?;
        }
        if thread.is_none() && has_quota {
            thread = self.thread_after(last, &mut choice)?;
        }
        if let Some(due) = thread {
            return Ok(Next::Thread(due));
        }
        if has_quota {
            // The next round starts at the first thread.
            self.last_thread.set(0);
        }
        if let Some(next) = self.redirect_or_stale_pages(has_quota, &mut choice)? {
            return Ok(next);
        }
        if last > 0
            && let Some(due) = self.thread_after(0, &mut choice)?
        {
            return Ok(Next::Thread(due));
        }
        if !has_quota && self.ledger.has_due()? {
            choice.wait_until(allowed_at.any);
        } else if allowed_at.deferred > now && self.ledger.has_due()? {
            choice.wait_until(allowed_at.deferred);
        }
        if let Some(deferred) = self.ledger.next_deferred(to_seconds(now))? {
            choice.wait_until(to_millis(deferred));
        }
        Ok(choice.fallback)
    }

    /// Chooses a task at an address other than that of a thread's own pages.
    fn redirect_or_stale_pages(&self, has_quota: bool, choice: &mut Choice) -> Result<Option<Next>, LedgerError> {
        let now = to_seconds(choice.now);
        // Deletes do not wait for the quota of puts.
        let redirects = if has_quota {
            self.ledger.due_redirects(now, BATCH)
        } else {
            self.ledger.due_redirect_cleanups(now, BATCH)
        };
        for redirect in redirects? {
            if choice.accepts(self.backoff(&redirect.from), || Next::Redirect(redirect.clone())) {
                return Ok(Some(Next::Redirect(redirect)));
            }
        }
        for stale in self.ledger.due_stale_pages(now, BATCH)? {
            if choice.accepts(self.backoff(&stale.url), || Next::StalePages(stale.clone())) {
                return Ok(Some(Next::StalePages(stale)));
            }
        }
        Ok(None)
    }

    /// Chooses the first thread from which content was removed.
    fn urgent_thread(&self, choice: &mut Choice) -> Result<Option<DueThread>, LedgerError> {
        let urgent = self.ledger.urgent_threads(to_seconds(choice.now), URGENT_BATCH)?;
        Ok(urgent.into_iter().find(|due| choice.accepts(self.backoff(&due.url), || Next::Thread(due.clone()))))
    }

    /// Chooses the first due thread with an id greater than `thread`.
    fn thread_after(&self, mut thread: i64, choice: &mut Choice) -> Result<Option<DueThread>, LedgerError> {
        loop {
            let batch = self.ledger.due_threads_after(thread, choice.deferred_until, BATCH)?;
            let Some(last) = batch.last() else { return Ok(None) };
            thread = last.thread;
            for due in batch {
                if choice.accepts(self.backoff(&due.url), || Next::Thread(due.clone())) {
                    return Ok(Some(due));
                }
            }
        }
    }

    fn backoff(&self, url: &PostUrl) -> Backoff {
        self.backoffs.borrow().get(url).copied().unwrap_or_default()
    }

    /// Number of the next attempt at an address, and the delay if it fails.
    pub(crate) fn attempt(&self, url: &PostUrl) -> Attempt {
        let backoff = self.backoff(url);
        Attempt { number: backoff.failures.saturating_add(1), retry_in_ms: backoff.next_delay(&DELAYS) }
    }

    /// Starts the next round of the round robin behind a thread.
    pub(crate) fn start_round(&self, due: &DueThread) {
        self.last_thread.set(due.thread);
    }

    /// Delays the next write to an address: by `interval_after_success` if the last one succeeded, else by a delay that grows with each
    /// failure.
    pub(crate) fn back_off(&self, url: &PostUrl, outcome: WriteOutcome, interval_after_success: u64, now: u64) {
        let mut backoffs = self.backoffs.borrow_mut();
        backoffs.retain(|_, backoff| backoff.until > now || backoff.failures > 0);
        let previous = backoffs.get(url).copied().unwrap_or_default();
        let after_failure = previous.after_failure(&DELAYS, now);
        let backoff = match outcome {
            WriteOutcome::Done => Backoff::after_success(now + interval_after_success),
            WriteOutcome::Failed => after_failure,
            WriteOutcome::TimedOut => Backoff { until: now + LATE_WRITE_WINDOW, ..after_failure },
        };
        backoffs.insert(url.clone(), backoff);
    }
}

/// State of one choice.
struct Choice {
    now: u64,
    /// Time in Unix seconds up to which deferred values are due.
    deferred_until: i64,
    prefer_healthy: bool,
    /// The result if no better task is found.
    fallback: Next,
}

impl Choice {
    /// Returns true if a task is to be chosen. A task that backs off, or that is not preferred, is remembered as the fallback.
    fn accepts(&mut self, backoff: Backoff, next: impl FnOnce() -> Next) -> bool {
        if backoff.until > self.now {
            self.wait_until(backoff.until);
            return false;
        }
        let is_preferred = !self.prefer_healthy || backoff.failures == 0;
        if !is_preferred && matches!(self.fallback, Next::Wait(_)) {
            self.fallback = next();
        }
        is_preferred
    }

    /// Notes a time at which there will be something to do.
    fn wait_until(&mut self, time: u64) {
        if let Next::Wait(earliest) = &mut self.fallback {
            *earliest = Some(earliest.map_or(time, |earliest| earliest.min(time)));
        }
    }
}

#[cfg(test)]
mod tests {
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

        /// Performs the next task with this outcome. Returns its address, or the time to wait for.
        fn put(&self, now: u64, prefer_healthy: bool, outcome: WriteOutcome) -> Result<PostUrl, Option<u64>> {
            let url = match self.next(now, prefer_healthy, AllowedAt::default()).unwrap() {
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
            (1..=99)
                .for_each(|post| assert_eq!(scheduler.put(NOW, prefer_healthy, WriteOutcome::Failed), Ok(url(post))));
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
            let Next::Wait(Some(at)) = scheduler.next(now, false, AllowedAt::default()).unwrap() else {
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
        let next = |now| scheduler.next(now, false, AllowedAt { any: 0, deferred: later }).unwrap();
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
        assert_eq!(scheduler.next(NOW, false, until(later)).unwrap(), Next::Wait(Some(later)));
        let unpublish = |comment, id| {
            let attribution = Attribution { id: SubmissionId::from_digest([id; 16]), by: "grace" };
            scheduler.ledger.unpublish(comment, &attribution, to_seconds(NOW)).unwrap();
        };
        let urgent = |now| match scheduler.next(now, false, until(later)).unwrap() {
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
        assert_eq!(scheduler.next(NOW, false, until(later)).unwrap(), Next::Wait(Some(later)), "a redirect is a put");
        let Next::Redirect(redirect) = scheduler.next(NOW, false, AllowedAt::default()).unwrap() else {
            panic!("it is due")
        };
        scheduler.ledger.record_redirect(&redirect, redirect.pages, to_seconds(NOW)).unwrap();
        assert_eq!(scheduler.next(NOW, false, until(later)).unwrap(), Next::Wait(Some(minute)));
        let Next::Redirect(cleanup) = scheduler.next(minute, false, until(later)).unwrap() else { panic!("it is due") };
        assert_eq!((cleanup.is_published, cleanup.pages), (true, 3));
    }
}
