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
/// Interval in milliseconds between two writes of the latest comments while the daily quota is running low. A removal does not wait for it.
const LATEST_INTERVAL: u64 = 10 * 60 * 1_000;

/// Scheduler of one site. Times are in Unix milliseconds.
pub(crate) struct Scheduler<S> {
    ledger: Rc<Ledger<S>>,
    /// Id of the thread that was written last. The thread with the next id is next.
    last_thread: Cell<i64>,
    /// Addresses that must not be written to yet, or have failed. A thread that has moved is written to another address from then on.
    backoffs: RefCell<HashMap<PostUrl, Backoff>>,
    /// The same for the latest comments of the site.
    latest_backoff: Cell<Backoff>,
    /// Time of the last write of the latest comments.
    latest_written: Cell<u64>,
}

/// The next task of the publisher.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Thread(DueThread),
    Redirect(PendingRedirect),
    StalePages(StalePages),
    /// The latest comments of the site.
    Latest,
    /// Nothing to do before this time, or nothing at all.
    Wait(Option<u64>),
}

impl<S: Sql> Scheduler<S> {
    pub(crate) fn new(ledger: Rc<Ledger<S>>) -> Self {
        Self {
            ledger,
            last_thread: Cell::new(0),
            backoffs: RefCell::default(),
            latest_backoff: Cell::default(),
            latest_written: Cell::new(0),
        }
    }

    /// Chooses the next task: the threads in turn, and after each round of them a redirect, stale pages, or the latest comments. With
    /// `prefer_healthy`, addresses that have not failed come before those that have: either KV fails as a whole, or it fails for those
    /// addresses alone. Before
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
        if let Some(next) = self.latest_comments(allowed_at.any, &mut choice)? {
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

    /// Chooses the latest comments of the site, if they are due.
    fn latest_comments(&self, next_allowed_at: u64, choice: &mut Choice) -> Result<Option<Next>, LedgerError> {
        let Some(latest) = self.ledger.due_latest()? else { return Ok(None) };
        let mut due = to_millis(latest.due);
        if next_allowed_at > 0 && !latest.is_urgent() {
            // The quota is running low, and the threads come first.
            due = due.max(next_allowed_at).max(self.latest_written.get() + LATEST_INTERVAL);
        }
        if due > choice.now {
            choice.wait_until(due);
            return Ok(None);
        }
        Ok(choice.accepts(self.latest_backoff.get(), || Next::Latest).then_some(Next::Latest))
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

    /// Number of the next attempt to write the latest comments, and the delay if it fails.
    pub(crate) fn latest_attempt(&self) -> Attempt {
        let backoff = self.latest_backoff.get();
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
        backoffs.insert(url.clone(), backoff_after(previous, outcome, interval_after_success, now));
    }

    /// Delays the next write of the latest comments in the same way.
    pub(crate) fn back_off_latest(&self, outcome: WriteOutcome, interval_after_success: u64, now: u64) {
        let backoff = backoff_after(self.latest_backoff.get(), outcome, interval_after_success, now);
        self.latest_backoff.set(backoff);
        if outcome == WriteOutcome::Done {
            self.latest_written.set(now);
        }
    }
}

/// Backoff of a key after a write to it.
fn backoff_after(previous: Backoff, outcome: WriteOutcome, interval_after_success: u64, now: u64) -> Backoff {
    let after_failure = previous.after_failure(&DELAYS, now);
    match outcome {
        WriteOutcome::Done => Backoff::after_success(now + interval_after_success),
        WriteOutcome::Failed => after_failure,
        WriteOutcome::TimedOut => Backoff { until: now + LATE_WRITE_WINDOW, ..after_failure },
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
mod tests;
