//! Publishing: what the ledger says is due is put to KV, each thread at most once a second, until it is there.
//!
//! Which threads are due stands in the ledger, so a crash at any point loses nothing: the alarm, committed with the change itself, begins
//! again. One put is in flight at a time for the whole object, and what is put is read from the ledger right before, so an older
//! version never follows a newer one. A put that does not answer in time may still be under way: its thread then rests for a minute
//! before it is put again, so that what comes late does not cover what came after it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use afterword_ledger::{Due, Ledger};
use worker::kv::KvStore;
use worker::{Date, Env, Storage, console_error};

use crate::deadline::within;
use crate::published::BINDING;
use crate::sql::ObjectSql;

/// KV takes one write a second for a key (Cloudflare's documentation, "KV limits").
const PUT_INTERVAL_MILLIS: u64 = 1_000;
/// When the alarm looks after a publishing that should have ended long before.
const CRASH_ALARM_MILLIS: u64 = 5_000;
/// How long a put may take.
const PUT_LIMIT: Duration = Duration::from_secs(10);
/// How long a thread rests whose put did not answer: longer than a request to KV lives.
const LOST_PUT_PAUSE_MILLIS: u64 = 60_000;
/// The longest pause between two tries of one thread while KV refuses: a spent daily quota is refused for hours.
const LONGEST_PAUSE_MILLIS: u64 = 30_000;
/// Puts that may fail before a run gives up; a hanging KV is not asked for every thread in turn.
const FAILURES_A_RUN: u32 = 3;
/// Threads looked at in one round.
const ROUND: u32 = 64;

/// The outbox of one site.
pub(crate) struct Outbox {
    storage: Storage,
    kv: KvStore,
    ledger: Rc<Ledger<ObjectSql>>,
    running: Cell<bool>,
    /// When the alarm will ring, in Unix milliseconds, as far as this instance knows.
    alarm: Cell<Option<u64>>,
    /// Threads that may not be put yet, by their number in the ledger.
    resting: RefCell<HashMap<i64, Rest>>,
}

/// Why a thread waits.
#[derive(Clone, Copy, Default)]
struct Rest {
    /// Until when, in Unix milliseconds.
    until: u64,
    /// Puts of it that have failed since one succeeded.
    failures: u32,
}

/// What became of publishing a thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Failed,
    /// There was no answer in time.
    Lost,
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
        Ok(Self {
            storage,
            kv: env.kv(BINDING)?,
            ledger,
            running: Cell::new(false),
            alarm: Cell::new(None),
            resting: RefCell::new(HashMap::new()),
        })
    }

    /// Sets the alarm that publishes should this instance die first.
    pub(crate) async fn arm_for_crash(&self) -> worker::Result<()> {
        self.arm(CRASH_ALARM_MILLIS).await
    }

    /// The alarm has rung.
    pub(crate) async fn ring(self: Rc<Self>) -> worker::Result<()> {
        self.alarm.set(None);
        if self.running.get() {
            // The alarm just spent was the running publication's safety.
            return self.arm(CRASH_ALARM_MILLIS).await;
        }
        self.publish().await;
        Ok(())
    }

    /// Puts all that is due and may be put now; sets the alarm for the rest.
    pub(crate) async fn publish(self: Rc<Self>) {
        if self.running.replace(true) {
            // The one running asks what is due again before it ends.
            return;
        }
        let _turn = Turn(&self.running);
        let next = self.put_due().await.unwrap_or_else(|error| {
            console_error!("publishing: {error}");
            Some(LONGEST_PAUSE_MILLIS)
        });
        // With nothing left to do the alarm is not taken back: it rings once more and finds nothing, which is one request to the object, while
        // taking it back is one more row written, and rows are what the free plan has fewer of for each comment.
        if let Some(millis) = next
            && let Err(error) = self.arm(millis).await
        {
            console_error!("publishing: the alarm cannot be set: {error}");
        }
    }

    /// Returns after how many milliseconds there is more to do, or `None` if nothing is due.
    async fn put_due(&self) -> worker::Result<Option<u64>> {
        let mut failures = 0;
        while failures < FAILURES_A_RUN {
            let now = Date::now().as_millis();
            let due = self.ledger.due(seconds(now), ROUND).map_err(|error| error.to_string())?;
            let Some(ready) = due.iter().find(|due| self.rest(due.thread).until <= now) else {
                let rested = due.iter().map(|due| self.rest(due.thread).until).min();
                let next = if rested.is_some() { rested } else { self.next_due()? };
                return Ok(next.map(|until| until.saturating_sub(now)));
            };
            let outcome = match self.put(ready).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    console_error!("publishing {}: {error}", ready.url);
                    Outcome::Failed
                }
            };
            failures += u32::from(outcome != Outcome::Done);
            self.let_rest(ready.thread, outcome);
        }
        Ok(Some(PUT_INTERVAL_MILLIS))
    }

    /// When the first of what may wait is due, in Unix milliseconds.
    fn next_due(&self) -> worker::Result<Option<u64>> {
        let next = self.ledger.next_due().map_err(|error| error.to_string())?;
        Ok(next.map(|seconds| u64::try_from(seconds).unwrap_or_default().saturating_mul(1_000)))
    }

    async fn put(&self, due: &Due) -> worker::Result<Outcome> {
        let now = seconds(Date::now().as_millis());
        let Some(snapshot) = self.ledger.snapshot(due, now).map_err(|error| error.to_string())? else {
            return Ok(Outcome::Done);
        };
        for page in &snapshot.pages {
            let key = page.kv_key();
            let put = self.kv.put(&key, serde_json::to_string(page)?)?.metadata(snapshot.meta)?.execute();
            let Some(done) = within(PUT_LIMIT, put).await else {
                console_error!("publishing {}: KV did not answer in time", due.url);
                return Ok(Outcome::Lost);
            };
            done?;
        }
        self.ledger.published(&snapshot.due).map_err(|error| error.to_string())?;
        Ok(Outcome::Done)
    }

    fn rest(&self, thread: i64) -> Rest {
        self.resting.borrow().get(&thread).copied().unwrap_or_default()
    }

    /// After a put a thread rests for a second, after failed ones for longer and longer.
    fn let_rest(&self, thread: i64, outcome: Outcome) {
        let now = Date::now().as_millis();
        let failures = if outcome == Outcome::Done { 0 } else { self.rest(thread).failures.saturating_add(1) };
        let pause = match outcome {
            Outcome::Lost => LOST_PUT_PAUSE_MILLIS,
            Outcome::Done | Outcome::Failed => (PUT_INTERVAL_MILLIS << failures.min(10)).min(LONGEST_PAUSE_MILLIS),
        };
        let mut resting = self.resting.borrow_mut();
        resting.retain(|_, rest| rest.until > now || rest.failures > 0);
        resting.insert(thread, Rest { until: now + pause, failures });
    }

    /// Sets the alarm unless it rings early enough already: each setting of it is a row written.
    async fn arm(&self, millis: u64) -> worker::Result<()> {
        let now = Date::now().as_millis();
        if self.alarm.get().is_some_and(|at| at > now && at <= now + millis) {
            return Ok(());
        }
        self.storage.set_alarm(Duration::from_millis(millis)).await?;
        self.alarm.set(Some(now + millis));
        Ok(())
    }
}

fn seconds(millis: u64) -> i64 {
    i64::try_from(millis / 1_000).unwrap_or(i64::MAX)
}
