//! What is published next: each thread in its turn, unless it rests.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use afterword_ledger::{DueThread, Ledger, LedgerError, PendingRedirect, Sql, StalePages};
use afterword_model::PostUrl;

use crate::clock::{millis, seconds};
use crate::patience::LOST_PAUSE;
use crate::values::Written;

/// The first pause between two tries of one address, in milliseconds; each is twice the one before.
const FIRST_PAUSE: u64 = 1_000;
/// The longest of them.
const LONGEST_PAUSE: u64 = 30_000;
/// Threads looked at in one query.
const ROUND: u32 = 16;
/// Those of them from which something was taken away.
const URGENT: u32 = 64;

/// The queue of one site. Times are in Unix milliseconds.
pub(crate) struct Queue<S> {
    ledger: Rc<Ledger<S>>,
    /// The thread that was put last, by its number. The next one is that with the next number, so that each has its turn.
    last: Cell<i64>,
    /// Addresses that may not be written to yet, or have failed. A thread that has moved writes to another address from then on.
    resting: RefCell<HashMap<PostUrl, Rest>>,
}

/// Why an address waits.
#[derive(Clone, Copy, Default)]
struct Rest {
    until: u64,
    /// Failures since it was published.
    failures: u32,
}

/// What is to be published next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Thread(DueThread),
    Forward(PendingRedirect),
    Leftover(StalePages),
    /// Nothing before this time, or nothing at all.
    Later(Option<u64>),
}

impl<S: Sql> Queue<S> {
    pub(crate) fn new(ledger: Rc<Ledger<S>>) -> Self {
        Self { ledger, last: Cell::new(0), resting: RefCell::default() }
    }

    /// The threads in turn, and after each round of them a former address, or what is left of another thread. With `wary`, what has not
    /// failed comes before what has: KV fails, or it fails for those alone. Before `opens_at` nothing is put but what takes something away.
    pub(crate) fn next(&self, now: u64, wary: bool, opens_at: u64) -> Result<Next, LedgerError> {
        let mut choice = Choice { now, wary, second: Next::Later(None) };
        let is_open = opens_at <= now;
        let last = if is_open { self.last.get() } else { 0 };
        let thread = if is_open { self.thread_after(last, &mut choice)? } else { self.urgent_thread(&mut choice)? };
        if let Some(due) = thread {
            return Ok(Next::Thread(due));
        }
        if is_open {
            // The next round begins anew.
            self.last.set(0);
        }
        if let Some(next) = self.other(is_open, &mut choice)? {
            return Ok(next);
        }
        if last > 0
            && let Some(due) = self.thread_after(0, &mut choice)?
        {
            return Ok(Next::Thread(due));
        }
        if !is_open && self.ledger.has_due()? {
            choice.wake(opens_at);
        }
        if let Some(later) = self.ledger.next_deferred(seconds(now))? {
            choice.wake(millis(later));
        }
        Ok(choice.second)
    }

    /// What is to be done elsewhere than at the threads' own addresses.
    fn other(&self, is_open: bool, choice: &mut Choice) -> Result<Option<Next>, LedgerError> {
        let now = seconds(choice.now);
        // What is only taken away is no put, and does not wait for the day's other ones.
        let forwards =
            if is_open { self.ledger.due_redirects(now, ROUND) } else { self.ledger.due_redirect_cleanups(now, ROUND) };
        for forward in forwards? {
            if choice.takes(self.rest(&forward.from), || Next::Forward(forward.clone())) {
                return Ok(Some(Next::Forward(forward)));
            }
        }
        for leftover in self.ledger.due_stale_pages(now, ROUND)? {
            if choice.takes(self.rest(&leftover.url), || Next::Leftover(leftover.clone())) {
                return Ok(Some(Next::Leftover(leftover)));
            }
        }
        Ok(None)
    }

    /// The first thread from which something was taken away.
    fn urgent_thread(&self, choice: &mut Choice) -> Result<Option<DueThread>, LedgerError> {
        let urgent = self.ledger.urgent_threads(seconds(choice.now), URGENT)?;
        Ok(urgent.into_iter().find(|due| choice.takes(self.rest(&due.url), || Next::Thread(due.clone()))))
    }

    /// The first thread after this one that is to be put.
    fn thread_after(&self, mut thread: i64, choice: &mut Choice) -> Result<Option<DueThread>, LedgerError> {
        loop {
            let some = self.ledger.due_threads_after(thread, seconds(choice.now), ROUND)?;
            let Some(last) = some.last() else { return Ok(None) };
            thread = last.thread;
            for due in some {
                if choice.takes(self.rest(&due.url), || Next::Thread(due.clone())) {
                    return Ok(Some(due));
                }
            }
        }
    }

    fn rest(&self, url: &PostUrl) -> Rest {
        self.resting.borrow().get(url).copied().unwrap_or_default()
    }

    /// The turn of a thread has come.
    pub(crate) fn turn_of(&self, due: &DueThread) {
        self.last.set(due.thread);
    }

    /// Lets an address rest: for this pause if all went well, after failures for longer and longer.
    pub(crate) fn let_rest(&self, url: &PostUrl, written: Written, pause_if_done: u64, now: u64) {
        let mut resting = self.resting.borrow_mut();
        resting.retain(|_, rest| rest.until > now || rest.failures > 0);
        let failures = resting.get(url).map_or(0, |rest| rest.failures);
        let pause = match written {
            Written::Done => pause_if_done,
            Written::Failed => (FIRST_PAUSE << failures.min(10)).min(LONGEST_PAUSE),
            Written::Lost => LOST_PAUSE,
        };
        let failures = if written == Written::Done { 0 } else { failures.saturating_add(1) };
        resting.insert(url.clone(), Rest { until: now + pause, failures });
    }
}

/// Choosing what is put next.
struct Choice {
    now: u64,
    wary: bool,
    /// What is put if there is nothing better.
    second: Next,
}

impl Choice {
    /// Whether something that rests, or rested, in this way is to be put.
    fn takes(&mut self, rest: Rest, next: impl FnOnce() -> Next) -> bool {
        if rest.until > self.now {
            self.wake(rest.until);
            return false;
        }
        let better = !self.wary || rest.failures == 0;
        if !better && matches!(self.second, Next::Later(_)) {
            self.second = next();
        }
        better
    }

    /// Notes that there will be something to do at this time.
    fn wake(&mut self, time: u64) {
        if let Next::Later(at) = &mut self.second {
            *at = Some(at.map_or(time, |at| at.min(time)));
        }
    }
}

#[cfg(test)]
mod tests {
    use afterword_ledger::{Attribution, PageSize, PostMove, PostMoves, ProofStatus, RusqliteSql, VerifiedComment};
    use afterword_model::{CommentId, Moderation, SafeHtml, SubmissionId, Vote};
    use rusqlite::Connection;

    use super::*;

    /// A time in whole seconds, so that it is the ledger's too.
    const NOW: u64 = 1_321_000_000_000;

    fn queue() -> Queue<RusqliteSql> {
        Queue::new(Rc::new(Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap()))
    }

    fn url(post: u32) -> PostUrl {
        PostUrl::parse(&format!("https://blog.example/{post}")).unwrap()
    }

    impl Queue<RusqliteSql> {
        fn post(&self, post: u32, comment: u32) -> CommentId {
            let entry = VerifiedComment {
                id: SubmissionId::from_digest(u128::from(comment).to_be_bytes()),
                fingerprint: String::new(),
                url: url(post),
                title: String::new(),
                parent: None,
                author: None,
                name: String::new(),
                email: None,
                website: None,
                source: String::new(),
                html: SafeHtml::default(),
                renderer_version: 1,
                text: String::new(),
                proof: ProofStatus::NotRequired,
                difficulty: None,
                network: None,
                duplicate_key: None,
                signals: Vec::new(),
            };
            self.ledger.submit(&entry, Moderation::Open, seconds(NOW)).unwrap().posted.comment.id
        }

        fn post_on(&self, posts: std::ops::RangeInclusive<u32>) {
            for post in posts {
                self.post(post, post);
            }
        }

        /// Puts what is next, with this outcome, and gives its address.
        fn put(&self, now: u64, wary: bool, written: Written) -> Result<PostUrl, Option<u64>> {
            let url = match self.next(now, wary, 0).unwrap() {
                Next::Thread(due) => {
                    self.turn_of(&due);
                    if written == Written::Done {
                        self.ledger.mark_published(&due).unwrap();
                    }
                    due.url
                }
                Next::Forward(forward) => {
                    self.ledger.record_redirect(&forward, 1, seconds(now)).unwrap();
                    forward.from
                }
                Next::Leftover(leftover) => {
                    let last = if written == Written::Done { leftover.last_kept } else { leftover.last_stale };
                    self.ledger.record_removed(&leftover, last, seconds(now)).unwrap();
                    leftover.url
                }
                Next::Later(at) => return Err(at),
            };
            self.let_rest(&url, written, 1_000, now);
            Ok(url)
        }
    }

    #[test]
    fn nothing_is_due() {
        assert_eq!(queue().next(NOW, false, 0).unwrap(), Next::Later(None));
    }

    #[test]
    fn a_busy_thread_waits_for_its_turn() {
        let queue = queue();
        queue.post_on(1..=3);
        let mut put = Vec::new();
        for comment in 10..16 {
            // The first one changes all the time.
            put.push(queue.put(NOW + u64::from(comment) * 1_000, false, Written::Done).unwrap());
            queue.post(1, comment);
        }
        assert_eq!(put[..4], [url(1), url(2), url(3), url(1)]);
    }

    #[test]
    fn however_many_rest_the_next_one_does_not_wait_for_them() {
        for wary in [false, true] {
            let queue = queue();
            queue.post_on(1..=100);
            (1..=99).for_each(|post| assert_eq!(queue.put(NOW, wary, Written::Failed), Ok(url(post))));
            assert_eq!(queue.put(NOW, wary, Written::Done), Ok(url(100)));
            assert_eq!(queue.put(NOW, wary, Written::Done), Err(Some(NOW + 1_000)));
            // Behind those that rest, and before them.
            queue.post(100, 200);
            queue.post(50, 201);
            assert_eq!(queue.put(NOW + 1_000, true, Written::Done), Ok(url(100)));
            assert_eq!(queue.put(NOW + 1_000, true, Written::Done), Ok(url(1)));
        }
    }

    #[test]
    fn pauses_grow_and_end_with_success() {
        let queue = queue();
        queue.post(1, 1);
        let mut now = NOW;
        let mut pauses = Vec::new();
        for written in [[Written::Failed; 7].as_slice(), &[Written::Lost, Written::Done]].concat() {
            assert_eq!(queue.put(now, false, written), Ok(url(1)));
            queue.post(1, u32::try_from(pauses.len()).unwrap() + 10);
            let Next::Later(Some(at)) = queue.next(now, false, 0).unwrap() else { panic!("it rests") };
            pauses.push((at - now) / 1_000);
            now = at;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 60, 1]);
    }

    #[test]
    fn a_former_address_has_its_turn_and_rests_by_itself() {
        let queue = queue();
        queue.post_on(1..=2);
        let act = Attribution { id: SubmissionId::from_digest([9; 16]), by: "grace" };
        let moves = PostMoves::List(vec![PostMove { from: url(2), to: url(7) }]);
        queue.ledger.remap(&moves, 0, 9, &act, seconds(NOW)).unwrap();
        let mut put = Vec::new();
        for comment in 10..15 {
            put.push(queue.put(NOW + u64::from(comment) * 1_000, false, Written::Done).unwrap());
            queue.post(1, comment);
        }
        assert_eq!(put[..4], [url(1), url(7), url(2), url(1)], "the thread, then what leads to it");
        // A write to the old address that may still come about keeps whatever comes next waiting there.
        queue.let_rest(&url(7), Written::Lost, 0, NOW + 20_000);
        let back = PostMoves::List(vec![PostMove { from: url(7), to: url(2) }]);
        let act = Attribution { id: SubmissionId::from_digest([8; 16]), by: "grace" };
        queue.ledger.remap(&back, 0, 9, &act, seconds(NOW)).unwrap();
        let put: Vec<_> = (0..2).map(|_| queue.put(NOW + 21_000, false, Written::Done).unwrap()).collect();
        assert_eq!(put, [url(2), url(1)]);
        assert_eq!(queue.put(NOW + 21_000, false, Written::Done), Err(Some(NOW + 80_000)));
        assert_eq!(queue.put(NOW + 80_000, false, Written::Done), Ok(url(7)));
    }

    #[test]
    fn what_is_left_of_a_longer_thread_goes_a_minute_after_the_last_head_that_counts_it() {
        let queue = queue();
        let long = Queue::new(Rc::new({
            let size = PageSize { comments: 1, ..PageSize::default() };
            Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap().with_page_size(size)
        }));
        for queue in [&queue, &long] {
            for (post, comment) in [(1, 1), (1, 2), (1, 3), (2, 4)] {
                queue.post(post, comment);
            }
            let remap = |from, to, by| {
                let moves = PostMoves::List(vec![PostMove { from: url(from), to: url(to) }]);
                let act = Attribution { id: SubmissionId::from_digest([by; 16]), by: "grace" };
                queue.ledger.remap(&moves, 0, 9, &act, seconds(NOW)).unwrap();
            };
            remap(1, 7, 1);
            remap(2, 1, 2);
        }
        let put = |queue: &Queue<_>, now| queue.put(now, false, Written::Done);
        assert_eq!((put(&queue, NOW), put(&queue, NOW), put(&queue, NOW)), (Ok(url(7)), Ok(url(1)), Ok(url(2))));
        assert_eq!(put(&queue, NOW + 5_000), Err(None), "one page is replaced by another one");
        let started = NOW + 2_000;
        for now in [NOW, started] {
            while put(&long, now).is_ok() {}
        }
        assert_eq!(put(&long, started + 5_000), Err(Some(started + 60_000)));
        assert_eq!(long.put(started + 60_000, false, Written::Failed), Ok(url(1)));
        assert_eq!(put(&long, started + 60_500), Err(Some(started + 61_000)), "it rests, and is tried again");
        assert_eq!(put(&long, started + 61_000), Ok(url(1)));
        assert_eq!(put(&long, NOW + 70_000), Err(None));
    }

    #[test]
    fn votes_are_waited_for() {
        let queue = queue();
        let comment = queue.post(1, 1);
        queue.put(NOW, false, Written::Done).unwrap();
        queue.ledger.vote(comment, "ada", Vote::For, seconds(NOW)).unwrap();
        assert_eq!(queue.put(NOW + 2_000, false, Written::Done), Err(Some(NOW + 60_000)));
        assert_eq!(queue.put(NOW + 60_000, false, Written::Done), Ok(url(1)));
        assert_eq!(queue.put(NOW + 60_000, false, Written::Done), Err(None));
    }

    #[test]
    fn what_is_urgent_does_not_wait_for_the_day() {
        let queue = queue();
        queue.post_on(1..=3);
        let comments: Vec<_> = (11..=12).map(|comment| queue.post(2, comment)).collect();
        let later = NOW + 60_000;
        assert_eq!(queue.next(NOW, false, later).unwrap(), Next::Later(Some(later)));
        let hold = |comment, act| {
            let act = Attribution { id: SubmissionId::from_digest([act; 16]), by: "grace" };
            queue.ledger.unpublish(comment, &act, seconds(NOW)).unwrap();
        };
        let urgent = |now| match queue.next(now, false, later).unwrap() {
            Next::Thread(due) => Ok(due),
            Next::Later(at) => Err(at),
            other => panic!("{other:?}"),
        };
        hold(comments[0], 1);
        let due = urgent(NOW).unwrap();
        assert_eq!(due.url, url(2));
        queue.let_rest(&due.url, Written::Failed, 0, NOW);
        assert_eq!(urgent(NOW), Err(Some(NOW + 1_000)), "a failure is waited for");
        // What is taken away while the write is under way is not in it.
        hold(comments[1], 2);
        queue.ledger.mark_published(&due).unwrap();
        let due = urgent(NOW + 1_000).unwrap();
        queue.ledger.mark_published(&due).unwrap();
        queue.post(2, 13);
        assert_eq!(urgent(NOW + 2_000), Err(Some(later)), "what is written then can wait");
        assert!(urgent(later).is_ok());
    }

    #[test]
    fn what_is_left_at_a_former_address_does_not_wait_for_the_day() {
        let size = PageSize { comments: 1, ..PageSize::default() };
        let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap().with_page_size(size);
        let queue = Queue::new(Rc::new(ledger));
        (1..=3).for_each(|comment| assert!(queue.post(1, comment).get() > 0));
        let moves = PostMoves::List(vec![PostMove { from: url(1), to: url(7) }]);
        let act = Attribution { id: SubmissionId::from_digest([1; 16]), by: "grace" };
        queue.ledger.remap(&moves, 0, 9, &act, seconds(NOW)).unwrap();
        assert_eq!(queue.put(NOW, false, Written::Done), Ok(url(7)));
        let (minute, later) = (NOW + 60_000, NOW + 1_000_000);
        assert_eq!(queue.next(NOW, false, later).unwrap(), Next::Later(Some(later)), "to lead on is a put");
        let Next::Forward(forward) = queue.next(NOW, false, 0).unwrap() else { panic!("it is due") };
        queue.ledger.record_redirect(&forward, forward.pages, seconds(NOW)).unwrap();
        assert_eq!(queue.next(NOW, false, later).unwrap(), Next::Later(Some(minute)));
        let Next::Forward(farewell) = queue.next(minute, false, later).unwrap() else { panic!("it is due") };
        assert_eq!((farewell.is_published, farewell.pages), (true, 3));
    }
}
