//! Publishing: what the ledger says is due is put to KV, each thread at most once a second, until it is there.
//!
//! What is due stands in the ledger, so a crash at any point loses nothing: the alarm, committed with the change itself, begins
//! again. One write is in flight at a time for the whole object, and what is put is read from the ledger right before, so an older
//! version never follows a newer one. Two kinds of writes may still come about after nobody waits for them any more: one that did not answer
//! in time, after which its address rests for a minute, and one of an instance that is gone, for which a new instance
//! waits before its first. So what comes late does not cover what came after it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use afterword_ledger::{Due, Forward, Ledger, LedgerError};
use afterword_model::{PostUrl, ThreadMeta};
use worker::{Env, Storage, console_error};

use crate::clock::{millis, now, seconds, sleep_until};
use crate::patience::{LOST_PAUSE, Patience};
use crate::sql::ObjectSql;
use crate::values::{Values, Written};

/// KV takes one write a second for a key (Cloudflare's documentation, "KV limits"). A pause as short as this is waited out; for a
/// longer one the alarm is set, which is a row written, and the instance may be gone when it rings.
const PUT_INTERVAL: u64 = 1_000;
/// When the alarm looks after a publishing that should have ended long before.
const CRASH_ALARM: u64 = 5_000;
/// How long a new instance leaves KV to the last write of the one before it, if something was left to be published. This is waited
/// out too: the next instance would have to wait as long.
const SUCCESSION: u64 = 10_000;
/// The longest pause between two tries of one address.
const LONGEST_PAUSE: u64 = 30_000;
/// How long publishing is held back after the last batch of an import.
const HOLD: u64 = 10_000;
/// Threads looked at in one query.
const ROUND: u32 = 16;
/// Pages of a former address that are taken away in one go.
const PAGES_AT_ONCE: u32 = 16;

/// The outbox of one site. Times are in Unix milliseconds.
pub(crate) struct Outbox {
    storage: Rc<Storage>,
    pub(crate) values: Values,
    ledger: Rc<Ledger<ObjectSql>>,
    running: Cell<bool>,
    /// Whether to look again for what is due before ending.
    asked: Cell<bool>,
    /// When the alarm will ring, as far as this instance knows.
    alarm: Cell<Option<u64>>,
    /// Nothing is put before: an instance before this one may have left a write behind.
    succeeds_at: Cell<u64>,
    patience: Patience,
    /// Nothing is put before: an import is under way.
    held_until: Cell<u64>,
    /// The thread that was put last, by its number. The next one is that with the next number, so that each has its turn.
    last: Cell<i64>,
    /// Addresses that may not be written to yet.
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
enum Next {
    Thread(Due),
    Forward(Forward),
    /// Nothing before this time, or nothing at all.
    Later(Option<u64>),
}

/// Gives the turn back when publishing ends, however it ends.
struct Turn<'a>(&'a Cell<bool>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Outbox {
    pub(crate) fn new(storage: Storage, env: &Env, ledger: Rc<Ledger<ObjectSql>>) -> worker::Result<Self> {
        let now = now();
        let inherited = ledger.next_due().map_err(|error| error.to_string())?.is_some_and(|due| millis(due) <= now);
        let storage = Rc::new(storage);
        Ok(Self {
            values: Values::new(env)?,
            ledger,
            running: Cell::new(false),
            asked: Cell::new(false),
            alarm: Cell::new(None),
            succeeds_at: Cell::new(if inherited { now + SUCCESSION } else { 0 }),
            patience: Patience::new(Rc::clone(&storage)),
            storage,
            held_until: Cell::new(0),
            last: Cell::new(0),
            resting: RefCell::new(HashMap::new()),
        })
    }

    /// Sets the alarm that publishes should this instance die first.
    pub(crate) async fn arm_for_crash(&self) -> worker::Result<()> {
        self.arm(now() + CRASH_ALARM).await
    }

    /// Publishes nothing for a while, because an import will go on to change what it has just changed: to be called, like
    /// [`Outbox::arm_for_crash`], in the turn of each batch. Ends with [`Outbox::release`], or by itself if the import breaks off.
    #[cfg_attr(not(feature = "test-hooks"), expect(dead_code, reason = "imports are not served yet"))]
    pub(crate) async fn hold(&self) -> worker::Result<()> {
        let until = now() + HOLD;
        self.held_until.set(until);
        self.arm(until).await
    }

    /// Publishes what an import has changed.
    #[cfg_attr(not(feature = "test-hooks"), expect(dead_code, reason = "imports are not served yet"))]
    pub(crate) async fn release(self: Rc<Self>) {
        self.held_until.set(0);
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
                Some(now() + LONGEST_PAUSE)
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
        loop {
            let (now, quiet_until) = (now(), self.patience.quiet_until().max(self.held_until.get()));
            let next = if quiet_until > now {
                let due = self.ledger.next_due()?;
                Next::Later(due.map(|due| millis(due).max(quiet_until)))
            } else {
                self.next(now)?
            };
            match next {
                Next::Thread(due) => self.put_thread(&due).await,
                Next::Forward(forward) => self.put_forward(&forward).await,
                Next::Later(Some(at)) if at <= now + PUT_INTERVAL || self.patience.has_lost() => {
                    sleep_until(at.min(now + PUT_INTERVAL)).await;
                }
                Next::Later(at) => return Ok(at),
            }
        }
    }

    /// The threads in turn, and a former address after each round of them.
    fn next(&self, now: u64) -> Result<Next, LedgerError> {
        let mut choice = Choice { now, wary: self.patience.is_wary(), second: Next::Later(None) };
        let last = self.last.get();
        if let Some(due) = self.thread_after(last, &mut choice)? {
            return Ok(Next::Thread(due));
        }
        self.last.set(0);
        for forward in self.ledger.forwards_due(seconds(now), ROUND)? {
            if choice.takes(self.rest(&forward.from), || Next::Forward(forward.clone())) {
                return Ok(Next::Forward(forward));
            }
        }
        if last > 0
            && let Some(due) = self.thread_after(0, &mut choice)?
        {
            return Ok(Next::Thread(due));
        }
        if let Some(later) = self.ledger.next_later(seconds(now))? {
            choice.wake(millis(later));
        }
        Ok(choice.second)
    }

    /// The first thread after this one that is to be put.
    fn thread_after(&self, mut thread: i64, choice: &mut Choice) -> Result<Option<Due>, LedgerError> {
        loop {
            let some = self.ledger.due_after(thread, seconds(choice.now), ROUND)?;
            let Some(last) = some.last() else { return Ok(None) };
            thread = last.thread;
            for due in some {
                if choice.takes(self.rest(&due.url), || Next::Thread(due.clone())) {
                    return Ok(Some(due));
                }
            }
        }
    }

    async fn put_thread(&self, due: &Due) {
        self.last.set(due.thread);
        match self.try_thread(due).await {
            Ok(Some((written, pause))) => self.let_rest(&due.url, written, pause),
            Ok(None) => {}
            Err(error) => {
                console_error!("publishing {}: {error}", due.url);
                self.let_rest(&due.url, Written::Failed, 0);
            }
        }
    }

    /// What became of it, and how long the thread rests if all went well; `None` if there was nothing to do.
    async fn try_thread(&self, due: &Due) -> Result<Option<(Written, u64)>, LedgerError> {
        let Some(snapshot) = self.ledger.snapshot(due, seconds(now()))? else { return Ok(None) };
        let mut written = Written::Done;
        let mut put = 0;
        for value in &snapshot.pages {
            written = self.patience.heed(self.values.put(&value.kv_key(), value, snapshot.meta).await).await;
            if written != Written::Done {
                break;
            }
            put += 1;
        }
        self.ledger.published(&snapshot.after(put))?;
        // No other page is put twice.
        let head = snapshot.due.pages.contains(&1);
        Ok(Some((written, if head { PUT_INTERVAL } else { 0 })))
    }

    async fn put_forward(&self, forward: &Forward) {
        let written = if forward.put { self.try_farewell(forward).await } else { self.try_forward(forward).await };
        let written = written.unwrap_or_else(|error| {
            console_error!("publishing {}: {error}", forward.from);
            Written::Failed
        });
        self.let_rest(&forward.from, written, if forward.put { 0 } else { PUT_INTERVAL });
    }

    /// Leads readers away from a former address.
    async fn try_forward(&self, forward: &Forward) -> Result<Written, LedgerError> {
        let meta = ThreadMeta { moved: true, ..ThreadMeta::default() };
        let written = self.patience.heed(self.values.put(&forward.from.kv_key(1), &forward.value(), meta).await).await;
        if written == Written::Done {
            self.ledger.forwarded(forward, forward.pages, seconds(now()))?;
        }
        Ok(written)
    }

    /// Takes away pages of a former address to which nobody is led any more.
    async fn try_farewell(&self, forward: &Forward) -> Result<Written, LedgerError> {
        let from = &forward.from;
        let mut written = Written::Done;
        let mut pages = forward.pages;
        let last = pages.saturating_sub(PAGES_AT_ONCE).max(1);
        while pages > last {
            // The best comments go with the last of the pages.
            let top = (pages == 2).then(|| from.kv_top_key());
            for key in top.into_iter().chain([from.kv_key(pages)]) {
                if written == Written::Done {
                    written = self.patience.heed(self.values.delete(&key).await).await;
                }
            }
            if written != Written::Done {
                break;
            }
            pages -= 1;
        }
        self.ledger.forwarded(forward, pages, seconds(now()))?;
        Ok(written)
    }

    fn rest(&self, url: &PostUrl) -> Rest {
        self.resting.borrow().get(url).copied().unwrap_or_default()
    }

    /// Lets an address rest: for this pause if all went well, after failures for longer and longer.
    fn let_rest(&self, url: &PostUrl, written: Written, pause_if_done: u64) {
        let now = now();
        let mut resting = self.resting.borrow_mut();
        resting.retain(|_, rest| rest.until > now || rest.failures > 0);
        let failures = resting.get(url).map_or(0, |rest| rest.failures);
        let rest = match written {
            Written::Done => Rest { until: now + pause_if_done, failures: 0 },
            Written::Failed => Rest { until: now + pause(failures), failures: failures.saturating_add(1) },
            Written::Lost => Rest { until: now + LOST_PAUSE, failures: failures.saturating_add(1) },
        };
        resting.insert(url.clone(), rest);
    }

    /// Sets the alarm unless it rings early enough already: each setting of it is a row written.
    async fn arm(&self, at: u64) -> worker::Result<()> {
        let now = now();
        if self.alarm.get().is_some_and(|alarm| alarm > now && alarm <= at) {
            return Ok(());
        }
        self.storage.set_alarm(Duration::from_millis(at.saturating_sub(now))).await?;
        self.alarm.set(Some(at));
        Ok(())
    }
}

/// Choosing what is put next.
struct Choice {
    now: u64,
    /// Whether what has not failed is put before what has: KV fails, or it fails for those alone.
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

/// How long to wait after so many failures and one more.
fn pause(failures: u32) -> u64 {
    (PUT_INTERVAL << failures.min(10)).min(LONGEST_PAUSE)
}
