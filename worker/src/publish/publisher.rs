//! Publishing: what the ledger says is due is put to KV, each thread at most once a second, until it is there.
//!
//! What is due stands in the ledger, so a crash at any point loses nothing: the alarm, committed with the change itself, begins
//! again. One write is in flight at a time for the whole object, and what is put is read from the ledger right before, so an older
//! version never follows a newer one. Two kinds of writes may still come about after nobody waits for them any more: one that did not answer
//! in time, after which its address rests for a minute, and one of an instance that is gone, for which a new instance
//! waits before its first. So what comes late does not cover what came after it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use afterword_ledger::{DueThread, Ledger, LedgerError, PendingRedirect, StalePages};
use afterword_model::{PostUrl, ThreadMeta};
use worker::{Env, Storage, console_error};

use crate::platform::clock::{millis, now, seconds, sleep_until};
use crate::platform::object_sql::ObjectSql;
use crate::publish::circuit_breaker::CircuitBreaker;
use crate::publish::daily_quota::DailyQuota;
use crate::publish::kv_writer::{KvWriter, WriteOutcome};
use crate::publish::scheduler::{Next, Scheduler};

/// KV takes one write a second for a key (Cloudflare's documentation, "KV limits"). A pause as short as this is waited out; for a
/// longer one the alarm is set, which is a row written, and the instance may be gone when it rings.
const PUT_INTERVAL: u64 = 1_000;
/// When the alarm looks after a publishing that should have ended long before.
const CRASH_ALARM: u64 = 5_000;
/// How long a new instance leaves KV to the last write of the one before it, if something was left to be published. This is waited
/// out too: the next instance would have to wait as long.
const SUCCESSION: u64 = 10_000;
/// When what failed for another reason than KV is tried again.
const MISHAP_PAUSE: u64 = 30_000;
/// How long publishing is held back after the last batch of an import.
const HOLD: u64 = 10_000;
/// How long an import may hold it back in all, and what else the site's readers and moderators do with it.
const HOLD_AT_MOST: u64 = 60_000;
/// Pages that are taken away in one go.
const PAGES_AT_ONCE: u32 = 16;

/// The outbox of one site. Times are in Unix milliseconds.
pub(crate) struct Publisher {
    storage: Rc<Storage>,
    pub(crate) values: KvWriter,
    ledger: Rc<Ledger<ObjectSql>>,
    running: Cell<bool>,
    /// Whether to look again for what is due before ending.
    asked: Cell<bool>,
    /// When the alarm will ring, as far as this instance knows.
    alarm: Cell<Option<u64>>,
    /// Nothing is put before: an instance before this one may have left a write behind.
    succeeds_at: Cell<u64>,
    patience: CircuitBreaker,
    budget: DailyQuota,
    /// Nothing is put before: an import is under way.
    held_until: Cell<u64>,
    /// When the first batch of it came.
    held_since: Cell<u64>,
    queue: Scheduler<ObjectSql>,
}

/// Gives the turn back when publishing ends, however it ends.
struct Turn<'a>(&'a Cell<bool>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Publisher {
    /// `writes` are those that a day has, if they are counted.
    pub(crate) fn new(
        storage: Storage,
        env: &Env,
        ledger: Rc<Ledger<ObjectSql>>,
        writes: Option<u32>,
    ) -> worker::Result<Self> {
        let now = now();
        let inherited = ledger.next_due().map_err(|error| error.to_string())?.is_some_and(|due| millis(due) <= now);
        let storage = Rc::new(storage);
        Ok(Self {
            values: KvWriter::new(env)?,
            running: Cell::new(false),
            asked: Cell::new(false),
            alarm: Cell::new(None),
            succeeds_at: Cell::new(if inherited { now + SUCCESSION } else { 0 }),
            patience: CircuitBreaker::new(Rc::clone(&storage)),
            budget: DailyQuota::new(Rc::clone(&storage), writes),
            storage,
            held_until: Cell::new(0),
            held_since: Cell::new(0),
            queue: Scheduler::new(ledger.clone()),
            ledger,
        })
    }

    /// Sets the alarm that publishes should this instance die first.
    pub(crate) async fn arm_for_crash(&self) -> worker::Result<()> {
        self.arm(now() + CRASH_ALARM).await
    }

    /// Publishes nothing for a while, because an import will go on to change what it has just changed: to be called, like
    /// [`Publisher::arm_for_crash`], in the turn of each batch. Ends with [`Publisher::release`], or by itself if the import breaks off; and during
    /// a long import what is due is published now and then.
    pub(crate) async fn hold(&self) -> worker::Result<()> {
        let now = now();
        if now > self.held_since.get() + HOLD_AT_MOST + HOLD {
            self.held_since.set(now);
        }
        let until = (now + HOLD).min(self.held_since.get() + HOLD_AT_MOST);
        self.held_until.set(until);
        self.arm(until.max(now + CRASH_ALARM)).await
    }

    /// Publishes what an import has changed.
    pub(crate) async fn release(self: Rc<Self>) {
        self.held_until.set(0);
        self.held_since.set(0);
        self.publish().await;
    }

    /// The alarm has rung.
    pub(crate) async fn ring(self: Rc<Self>) -> worker::Result<()> {
        self.alarm.set(None);
        if self.running.get() {
            // The alarm just spent was the running publication's safety.
            return self.arm_for_crash().await;
        }
        self.publish().await;
        Ok(())
    }

    /// Puts all that is due and may be put now; sets the alarm for the rest.
    pub(crate) async fn publish(self: Rc<Self>) {
        self.asked.set(true);
        if self.running.replace(true) {
            return;
        }
        let _turn = Turn(&self.running);
        while self.asked.take() {
            let next = self.put_due().await.unwrap_or_else(|error| {
                console_error!("publishing: {error}");
                Some(now() + MISHAP_PAUSE)
            });
            // With nothing left to do the alarm is not taken back: it rings once more and finds nothing, which is one request to the
            // object, while taking it back is one more row written, and rows are what the free plan has fewer of for each comment.
            if let Some(at) = next
                && let Err(error) = self.arm(at).await
            {
                console_error!("publishing: the alarm cannot be set: {error}");
            }
        }
    }

    /// Returns when there is more to do, or `None` if nothing is due.
    async fn put_due(&self) -> Result<Option<u64>, LedgerError> {
        if self.succeeds_at.get() > now() {
            sleep_until(self.succeeds_at.get()).await;
            self.patience.take_over().await;
        }
        if self.budget.is_new() {
            let now = now();
            let published = self.ledger.count_published_since(seconds(DailyQuota::day_of(now)))?;
            self.budget.take_over(published, now).await;
        }
        loop {
            let (now, quiet_until) = (now(), self.patience.quiet_until().max(self.held_until.get()));
            let next = if quiet_until > now {
                let due = self.ledger.next_due()?;
                Next::Later(due.map(|due| millis(due).max(quiet_until)))
            } else {
                self.queue.next(now, self.patience.is_wary(), self.budget.opens_at(now))?
            };
            match next {
                Next::Thread(due) => self.put_thread(&due).await,
                Next::Forward(forward) => self.put_forward(&forward).await,
                Next::Leftover(leftover) => self.take_leftover(&leftover).await,
                Next::Later(Some(at)) if at <= now + PUT_INTERVAL || self.patience.has_lost() => {
                    sleep_until(at.min(now + PUT_INTERVAL)).await;
                }
                Next::Later(at) => return Ok(at),
            }
        }
    }

    async fn put_thread(&self, due: &DueThread) {
        self.queue.turn_of(due);
        match self.try_thread(due).await {
            Ok(Some((written, pause))) => self.queue.let_rest(&due.url, written, pause, now()),
            Ok(None) => {}
            Err(error) => {
                console_error!("publishing {}: {error}", due.url);
                self.queue.let_rest(&due.url, WriteOutcome::Failed, 0, now());
            }
        }
    }

    /// What became of it, and how long the thread rests if all went well; `None` if there was nothing to do.
    async fn try_thread(&self, due: &DueThread) -> Result<Option<(WriteOutcome, u64)>, LedgerError> {
        let Some(snapshot) = self.ledger.snapshot(due, seconds(now()))? else { return Ok(None) };
        let mut written = WriteOutcome::Done;
        let mut put = 0;
        for value in &snapshot.pages {
            written = self.patience.heed(self.values.put(&value.kv_key(), value, snapshot.meta).await).await;
            if written != WriteOutcome::Done {
                break;
            }
            put += 1;
            self.budget.spend(now());
        }
        self.budget.keep().await;
        self.ledger.mark_published(&snapshot.published_part(put))?;
        // No other page is put twice.
        let head = snapshot.due.pages.contains(&1);
        Ok(Some((written, if head { PUT_INTERVAL } else { 0 })))
    }

    async fn put_forward(&self, forward: &PendingRedirect) {
        let written =
            if forward.is_published { self.try_farewell(forward).await } else { self.try_forward(forward).await };
        let written = written.unwrap_or_else(|error| {
            console_error!("publishing {}: {error}", forward.from);
            WriteOutcome::Failed
        });
        let pause = if forward.is_published { 0 } else { PUT_INTERVAL };
        self.queue.let_rest(&forward.from, written, pause, now());
    }

    /// Leads readers away from a former address.
    async fn try_forward(&self, forward: &PendingRedirect) -> Result<WriteOutcome, LedgerError> {
        let meta = ThreadMeta { is_redirect: true, ..ThreadMeta::default() };
        let written =
            self.patience.heed(self.values.put(&forward.from.kv_key(1), &forward.to_redirect(), meta).await).await;
        if written == WriteOutcome::Done {
            self.budget.spend(now());
            self.budget.keep().await;
            self.ledger.record_redirect(forward, forward.pages, seconds(now()))?;
        }
        Ok(written)
    }

    /// Takes away pages of a former address to which nobody is led any more.
    async fn try_farewell(&self, forward: &PendingRedirect) -> Result<WriteOutcome, LedgerError> {
        // The best comments go with the last of the pages.
        let top = (forward.pages > 1 && forward.pages <= PAGES_AT_ONCE + 1).then(|| forward.from.kv_top_key());
        if let Some(top) = top {
            let written = self.delete(&top).await;
            if written != WriteOutcome::Done {
                return Ok(written);
            }
        }
        let (written, pages) = self.take_pages(&forward.from, forward.pages, 1).await;
        self.ledger.record_redirect(forward, pages, seconds(now()))?;
        Ok(written)
    }

    /// Takes a value away. A failure says nothing about puts, for the day's quota of deletions is one of its own.
    async fn delete(&self, key: &str) -> WriteOutcome {
        match self.values.delete(key).await {
            WriteOutcome::TimedOut => self.patience.heed(WriteOutcome::TimedOut).await,
            written => written,
        }
    }

    /// Takes away pages beyond those that a thread has.
    async fn take_leftover(&self, leftover: &StalePages) {
        let StalePages { url, last_kept: kept, last_stale: last, .. } = leftover;
        let (written, last) =
            if leftover.is_ready() { self.take_pages(url, *last, *kept).await } else { (WriteOutcome::Done, *last) };
        let noted = self.ledger.record_removed(leftover, last, seconds(now()));
        let written = noted.map(|()| written).unwrap_or_else(|error| {
            console_error!("publishing {url}: {error}");
            WriteOutcome::Failed
        });
        self.queue.let_rest(url, written, 0, now());
    }

    /// Takes away pages of an address, from the last one down to the one that stays, or some of them. Says how it ended, and which is the
    /// last page now.
    async fn take_pages(&self, url: &PostUrl, mut last: u32, kept: u32) -> (WriteOutcome, u32) {
        let end = last.saturating_sub(PAGES_AT_ONCE).max(kept);
        while last > end {
            let written = self.delete(&url.kv_key(last)).await;
            if written != WriteOutcome::Done {
                return (written, last);
            }
            last -= 1;
        }
        (WriteOutcome::Done, last)
    }

    /// Sets the alarm unless it rings early enough already: each setting of it is a row written.
    async fn arm(&self, at: u64) -> worker::Result<()> {
        let now = now();
        if self.alarm.get().is_some_and(|alarm| alarm > now && alarm <= at) {
            return Ok(());
        }
        // Noted before it is set: another that comes meanwhile must not put a later one in its place.
        let before = self.alarm.replace(Some(at));
        let set = self.storage.set_alarm(Duration::from_millis(at.saturating_sub(now))).await;
        if set.is_err() {
            self.alarm.set(before);
        }
        set
    }
}
