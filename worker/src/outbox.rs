//! Publishing: what the ledger says is due is put to KV, each thread at most once a second, until it is there.
//!
//! Which threads are due stands in the ledger, so a crash at any point loses nothing: the alarm, committed with the change itself, begins
//! again. One put is in flight at a time for the whole object, and what is put is read from the ledger right before, so an older
//! version never follows a newer one.

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
/// The longest pause between two tries while KV refuses: a spent daily quota is refused for hours.
const LONGEST_PAUSE_MILLIS: u64 = 5 * 60 * 1_000;
/// Threads looked at in one round.
const ROUND: u32 = 16;

/// The outbox of one site.
pub(crate) struct Outbox {
    storage: Storage,
    kv: KvStore,
    ledger: Rc<Ledger<ObjectSql>>,
    running: Cell<bool>,
    failures: Cell<u32>,
    /// When the alarm will ring, in Unix milliseconds, as far as this instance knows.
    alarm: Cell<Option<u64>>,
    /// When each thread was last put, by its number in the ledger, in Unix milliseconds; only the last second's.
    last_put: RefCell<HashMap<i64, u64>>,
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
            failures: Cell::new(0),
            alarm: Cell::new(None),
            last_put: RefCell::new(HashMap::new()),
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
        let next = match self.put_due().await {
            Ok(next) => next,
            Err(error) => {
                console_error!("publishing: {error}");
                self.failures.set(self.failures.get().saturating_add(1));
                Some(self.pause())
            }
        };
        let alarmed = match next {
            Some(millis) => self.arm(millis).await,
            None => self.disarm().await,
        };
        if let Err(error) = alarmed {
            console_error!("publishing: the alarm cannot be set: {error}");
        }
    }

    /// Returns after how many milliseconds there is more to do, or `None` if nothing is due.
    async fn put_due(&self) -> worker::Result<Option<u64>> {
        loop {
            let due = self.ledger.due(ROUND).map_err(|error| error.to_string())?;
            let now = Date::now().as_millis();
            self.last_put.borrow_mut().retain(|_, put| now.saturating_sub(*put) < PUT_INTERVAL_MILLIS);
            let ready = due.iter().find(|due| !self.last_put.borrow().contains_key(&due.thread));
            match ready {
                Some(due) => self.put(due).await?,
                None if due.is_empty() => return Ok(None),
                None => return Ok(Some(PUT_INTERVAL_MILLIS)),
            }
        }
    }

    async fn put(&self, due: &Due) -> worker::Result<()> {
        let Some(snapshot) = self.ledger.snapshot(due).map_err(|error| error.to_string())? else { return Ok(()) };
        self.last_put.borrow_mut().insert(due.thread, Date::now().as_millis());
        for page in &snapshot.pages {
            let key = page.url.kv_key(page.page);
            let put = self.kv.put(&key, serde_json::to_string(page)?)?.metadata(snapshot.meta)?.execute();
            within(PUT_LIMIT, put).await.ok_or("KV did not answer in time")??;
        }
        self.ledger.published(&snapshot.due).map_err(|error| error.to_string())?;
        self.failures.set(0);
        Ok(())
    }

    fn pause(&self) -> u64 {
        let doubled = PUT_INTERVAL_MILLIS << self.failures.get().min(20);
        doubled.min(LONGEST_PAUSE_MILLIS)
    }

    /// Sets the alarm unless it rings early enough already: each setting of it is a row written.
    async fn arm(&self, millis: u64) -> worker::Result<()> {
        let now = Date::now().as_millis();
        if self.alarm.get().is_some_and(|at| at > now && at <= now + millis) {
            return Ok(());
        }
        self.alarm.set(Some(now + millis));
        self.storage.set_alarm(Duration::from_millis(millis)).await
    }

    async fn disarm(&self) -> worker::Result<()> {
        if self.alarm.take().is_some() { self.storage.delete_alarm().await } else { Ok(()) }
    }
}
