//! Publishes what is due in the ledger to KV, each thread at most once a second, the latest comments of the site at most once a minute, and
//! retries until it is there.
//!
//! The ledger records what is due, so a crash at any point loses nothing: the alarm, committed together with the change, starts again. The
//! object has one write in flight at a time, and reads the value from the ledger right before the write, so an older version never follows
//! a newer one. Two kinds of writes can still land after nobody waits for them: a write that timed out, after which its address is left
//! alone for a minute, and a write of a previous instance, for which a new instance waits before its first. So a late write never covers
//! a newer one.

use std::cell::Cell;
use std::rc::Rc;

use afterword_ledger::{DueThread, Ledger, LedgerError, PendingRedirect, StalePages};
use afterword_model::moderation::LimitUsage;
use afterword_model::{LatestComments, PostUrl, ThreadMeta};
use worker::{Env, Storage, console_error};

use crate::platform::alarm::{Alarm, Deadline};
use crate::platform::clock::{now_millis, sleep_until, to_millis, to_seconds};
use crate::platform::log_context::LogContext;
use crate::platform::object_sql::ObjectSql;
use crate::publish::circuit_breaker::CircuitBreaker;
use crate::publish::daily_quota::DailyQuota;
use crate::publish::kv_writer::{Attempt, KvWriter, WriteOutcome};
use crate::publish::scheduler::{Next, Scheduler};

/// Minimum interval between two writes of a key, in milliseconds: KV takes one a second (Cloudflare's documentation, "KV limits"). The
/// publisher sleeps through delays up to this length. For a longer one it sets the alarm, which writes a row, and the instance may be
/// evicted before it fires.
const PUT_INTERVAL: u64 = 1_000;
/// Delay of the alarm that resumes publishing after a crash, in milliseconds: publishing normally ends long before.
const RECOVERY_DELAY: u64 = 5_000;
/// Delay before a new instance's first write, in milliseconds, so that a write still in flight from the previous one cannot land after it.
/// It applies if something was due. The instance sleeps, because a successor would have to wait just as long.
const HANDOVER_DELAY: u64 = 10_000;
/// Delay before publishing resumes after an error other than a failed KV write, in milliseconds.
const ERROR_RETRY_DELAY: u64 = 30_000;
/// Delay of publishing after each batch of an import, in milliseconds.
const IMPORT_HOLD: u64 = 10_000;
/// Maximum time in milliseconds for which an import delays publishing, including other changes to the site.
const MAX_IMPORT_HOLD: u64 = 60_000;
/// Maximum number of stale pages that are deleted in one turn of an address.
const DELETE_BATCH: u32 = 16;

/// Publisher of one site. Times are in Unix milliseconds.
pub(crate) struct Publisher {
    pub(crate) writer: KvWriter,
    log: LogContext,
    ledger: Rc<Ledger<ObjectSql>>,
    alarm: Rc<Alarm<Storage>>,
    breaker: CircuitBreaker<Rc<Storage>>,
    quota: DailyQuota,
    scheduler: Scheduler<ObjectSql>,
    running: Cell<bool>,
    /// True if the running publication must look again for due work before it ends.
    run_again: Cell<bool>,
    /// Nothing is written before this time: a previous instance may have left a write in flight.
    handover_until: Cell<u64>,
    /// Nothing is written before this time: an import is in progress.
    import_hold_until: Cell<u64>,
    /// Time of the first batch of that import.
    import_hold_since: Cell<u64>,
}

/// Clears the flag of the running publication on drop, also when it unwinds or is cancelled.
struct RunningGuard<'a>(&'a Cell<bool>);

impl Drop for RunningGuard<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Publisher {
    /// Creates the publisher of a site. `daily_writes` is the site's quota of KV writes, if they are counted.
    pub(crate) fn new(
        storage: Storage,
        env: &Env,
        ledger: Rc<Ledger<ObjectSql>>,
        alarm: Rc<Alarm<Storage>>,
        daily_writes: Option<u32>,
        log: LogContext,
    ) -> worker::Result<Self> {
        let now = now_millis();
        let next_due = ledger.next_due().map_err(|error| error.to_string())?;
        let latest_due = ledger.due_latest().map_err(|error| error.to_string())?.map(|latest| latest.due);
        let has_inherited_work = next_due.into_iter().chain(latest_due).any(|due| to_millis(due) <= now);
        let storage = Rc::new(storage);
        Ok(Self {
            writer: KvWriter::new(env, log.clone())?,
            alarm,
            breaker: CircuitBreaker::new(Rc::clone(&storage), log.clone()),
            quota: DailyQuota::new(storage, daily_writes, log.clone()),
            log,
            scheduler: Scheduler::new(Rc::clone(&ledger)),
            ledger,
            running: Cell::new(false),
            run_again: Cell::new(false),
            handover_until: Cell::new(if has_inherited_work { now + HANDOVER_DELAY } else { 0 }),
            import_hold_until: Cell::new(0),
            import_hold_since: Cell::new(0),
        })
    }

    /// The use of the day's limits that this object knows of: its own KV writes.
    pub(crate) async fn usage_today(&self) -> Option<LimitUsage> {
        if let Err(error) = self.load_quota().await {
            console_error!("quota usage not loaded {} cause={error}", self.log);
        }
        let (used, of) = self.quota.writes_today(now_millis())?;
        Some(LimitUsage { limit: "kv_writes".to_owned(), used: used.into(), of: of.into() })
    }

    async fn load_quota(&self) -> Result<(), LedgerError> {
        if self.quota.needs_load() {
            let now = now_millis();
            let published_today = self.ledger.count_published_since(to_seconds(DailyQuota::day_start(now)))?;
            self.quota.load(published_today, now).await;
        }
        Ok(())
    }

    /// Sets the alarm that publishes if this instance ends first.
    pub(crate) async fn schedule_recovery_alarm(&self) -> worker::Result<()> {
        let now = now_millis();
        self.alarm.schedule(Deadline::Recovery, now + RECOVERY_DELAY, now).await
    }

    /// Delays publishing while an import is in progress, because the next batch may change the same threads. Called in the synchronous turn
    /// of each batch, like [`Publisher::schedule_recovery_alarm`]. The delay ends with [`Publisher::end_import_hold`], or by itself if the
    /// import breaks off. During a long import, due work is published from time to time.
    pub(crate) async fn hold_for_import(&self) -> worker::Result<()> {
        let now = now_millis();
        if now > self.import_hold_since.get() + MAX_IMPORT_HOLD + IMPORT_HOLD {
            self.import_hold_since.set(now);
        }
        let until = (now + IMPORT_HOLD).min(self.import_hold_since.get() + MAX_IMPORT_HOLD);
        self.import_hold_until.set(until);
        self.alarm.schedule(Deadline::Recovery, until.max(now + RECOVERY_DELAY), now).await
    }

    /// Publishes the changes of an import that has ended.
    pub(crate) async fn end_import_hold(self: Rc<Self>) {
        self.import_hold_until.set(0);
        self.import_hold_since.set(0);
        self.publish().await;
    }

    /// Publishes when the alarm fires.
    pub(crate) async fn on_alarm(self: Rc<Self>) -> worker::Result<()> {
        if self.running.get() {
            // The alarm that fired was the recovery alarm of the running publication.
            return self.schedule_recovery_alarm().await;
        }
        self.publish().await;
        Ok(())
    }

    /// Publishes everything that is due and allowed now, and sets the alarm for the rest.
    pub(crate) async fn publish(self: Rc<Self>) {
        self.run_again.set(true);
        if self.running.replace(true) {
            return;
        }
        let _guard = RunningGuard(&self.running);
        while self.run_again.take() {
            let next = self.publish_due().await.unwrap_or_else(|error| {
                console_error!("publishing failed retry_in_ms={ERROR_RETRY_DELAY} {} cause={error}", self.log);
                Some(now_millis() + ERROR_RETRY_DELAY)
            });
            // If nothing is left, the alarm stays: it fires once more and finds nothing, which is one object request. Deleting it would write
            // one more row, and the free plan has fewer rows for each comment than requests.
            if let Some(time) = next
                && let Err(error) = self.alarm.schedule(Deadline::Publish, time, now_millis()).await
            {
                console_error!("alarm not set time_ms={time} {} cause={error}", self.log);
            }
        }
    }

    /// Publishes until nothing more is allowed. Returns the time of the next work, or `None` if nothing is due.
    async fn publish_due(&self) -> Result<Option<u64>, LedgerError> {
        if self.handover_until.get() > now_millis() {
            sleep_until(self.handover_until.get()).await;
        }
        // After the last writes of the previous instance, which may have changed it.
        self.breaker.load().await;
        self.load_quota().await?;
        loop {
            let (now, paused_until) = (now_millis(), self.breaker.paused_until().max(self.import_hold_until.get()));
            let next = if paused_until > now {
                let latest = self.ledger.due_latest()?.map(|latest| latest.due);
                let due = self.ledger.next_due()?.into_iter().chain(latest).min();
                Next::Wait(due.map(|due| to_millis(due).max(paused_until)))
            } else {
                self.scheduler.next(now, self.breaker.is_degraded(), self.quota.allowed_at(now))?
            };
            match next {
                Next::Thread(due) => self.publish_thread(&due).await,
                Next::Redirect(redirect) => self.publish_redirect(&redirect).await,
                Next::StalePages(stale) => self.clean_up_stale_pages(&stale).await,
                Next::Latest => self.publish_latest().await,
                Next::Wait(Some(time)) if time <= now + PUT_INTERVAL || self.breaker.has_late_write() => {
                    sleep_until(time.min(now + PUT_INTERVAL)).await;
                }
                Next::Wait(time) => return Ok(time),
            }
        }
    }

    async fn publish_thread(&self, due: &DueThread) {
        self.scheduler.start_round(due);
        match self.put_pages(due).await {
            Ok(Some((outcome, interval))) => self.scheduler.back_off(&due.url, outcome, interval, now_millis()),
            Ok(None) => {}
            Err(error) => self.back_off_after_error(&due.url, &error, 0),
        }
    }

    /// Puts the due pages of a thread. Returns the outcome of the last write and the interval before the next write if it succeeded, or `None`
    /// if there was nothing to do.
    async fn put_pages(&self, due: &DueThread) -> Result<Option<(WriteOutcome, u64)>, LedgerError> {
        let Some(snapshot) = self.ledger.snapshot(due, to_seconds(now_millis()))? else { return Ok(None) };
        let attempt = self.scheduler.attempt(&due.url);
        let mut outcome = WriteOutcome::Done;
        let mut written = 0;
        for value in &snapshot.pages {
            let result = self.writer.put(&value.kv_key(), value, snapshot.meta, attempt).await;
            outcome = self.breaker.record(result, now_millis()).await;
            if outcome != WriteOutcome::Done {
                break;
            }
            written += 1;
            self.quota.record_write(snapshot.due.deferred, now_millis());
        }
        self.quota.persist().await;
        self.ledger.mark_published(&snapshot.published_part(written))?;
        // Only the head is put again soon.
        let has_head = snapshot.due.pages.contains(&1);
        Ok(Some((outcome, if has_head { PUT_INTERVAL } else { 0 })))
    }

    /// Puts the redirect of a former address. Once it is published and old enough, deletes the other pages there.
    async fn publish_redirect(&self, redirect: &PendingRedirect) {
        let (result, interval) = if redirect.is_published {
            (self.delete_stale_pages(redirect).await, 0)
        } else {
            (self.put_redirect(redirect).await, PUT_INTERVAL)
        };
        match result {
            Ok(outcome) => self.scheduler.back_off(&redirect.from, outcome, interval, now_millis()),
            Err(error) => self.back_off_after_error(&redirect.from, &error, interval),
        }
    }

    async fn put_redirect(&self, redirect: &PendingRedirect) -> Result<WriteOutcome, LedgerError> {
        let meta = ThreadMeta { is_redirect: true, ..ThreadMeta::default() };
        let (key, attempt) = (redirect.from.kv_key(1), self.scheduler.attempt(&redirect.from));
        let result = self.writer.put(&key, &redirect.to_redirect(), meta, attempt).await;
        let outcome = self.breaker.record(result, now_millis()).await;
        if outcome == WriteOutcome::Done {
            self.quota.record_write(false, now_millis());
            self.quota.persist().await;
            self.ledger.record_redirect(redirect, redirect.pages, to_seconds(now_millis()))?;
        }
        Ok(outcome)
    }

    /// Puts the latest comments of the site.
    async fn publish_latest(&self) {
        let attempt = self.scheduler.latest_attempt();
        let outcome = self.put_latest(attempt).await.unwrap_or_else(|error| {
            let Attempt { number, retry_in_ms } = attempt;
            console_error!(
                "publishing failed key=latest attempt={number} retry_in_ms={retry_in_ms} {} cause={error}",
                self.log
            );
            WriteOutcome::Failed
        });
        self.scheduler.back_off_latest(outcome, PUT_INTERVAL, now_millis());
    }

    async fn put_latest(&self, attempt: Attempt) -> Result<WriteOutcome, LedgerError> {
        // The name of the object would tell the site too, but an object that starts for an alarm does not know its name.
        let Some(authority) = self.ledger.authority()? else { return Ok(WriteOutcome::Done) };
        let latest = self.ledger.latest_comments()?;
        let count = u32::try_from(latest.value.comments.len()).unwrap_or(u32::MAX);
        let meta = ThreadMeta { version: latest.value.version, count, pages: 1, is_redirect: false };
        let result = self.writer.put(&LatestComments::kv_key(&authority), &latest.value, meta, attempt).await;
        let outcome = self.breaker.record(result, now_millis()).await;
        if outcome == WriteOutcome::Done {
            self.quota.record_write(false, now_millis());
            self.quota.persist().await;
            self.ledger.mark_latest_published(&latest)?;
        }
        Ok(outcome)
    }

    /// Deletes stale KV pages of an address that now redirects.
    async fn delete_stale_pages(&self, redirect: &PendingRedirect) -> Result<WriteOutcome, LedgerError> {
        // The page of top comments is deleted with the last batch.
        let is_last_batch = redirect.pages > 1 && redirect.pages <= DELETE_BATCH + 1;
        if is_last_batch {
            let attempt = self.scheduler.attempt(&redirect.from);
            let outcome = self.delete(&redirect.from.kv_top_key(), attempt).await;
            if outcome != WriteOutcome::Done {
                return Ok(outcome);
            }
        }
        let (outcome, pages) = self.delete_pages(&redirect.from, redirect.pages, 1).await;
        self.ledger.record_redirect(redirect, pages, to_seconds(now_millis()))?;
        Ok(outcome)
    }

    /// Deletes pages that a thread no longer has, once the grace period is over.
    async fn clean_up_stale_pages(&self, stale: &StalePages) {
        let StalePages { url, last_kept, last_stale, .. } = stale;
        let (outcome, last) = if stale.is_ready() {
            self.delete_pages(url, *last_stale, *last_kept).await
        } else {
            (WriteOutcome::Done, *last_stale)
        };
        match self.ledger.record_removed(stale, last, to_seconds(now_millis())) {
            Ok(()) => self.scheduler.back_off(url, outcome, 0, now_millis()),
            Err(error) => self.back_off_after_error(url, &error, 0),
        }
    }

    /// Deletes a batch of pages, from the last one down, but never `last_kept`. Returns the outcome and the last page that is left.
    async fn delete_pages(&self, url: &PostUrl, mut last: u32, last_kept: u32) -> (WriteOutcome, u32) {
        let attempt = self.scheduler.attempt(url);
        let end = last.saturating_sub(DELETE_BATCH).max(last_kept);
        while last > end {
            let outcome = self.delete(&url.kv_key(last), attempt).await;
            if outcome != WriteOutcome::Done {
                return (outcome, last);
            }
            last -= 1;
        }
        (WriteOutcome::Done, last)
    }

    /// Deletes a value. A failed delete says nothing about puts, because deletes have a daily quota of their own.
    async fn delete(&self, key: &str, attempt: Attempt) -> WriteOutcome {
        match self.writer.delete(key, attempt).await {
            WriteOutcome::TimedOut => self.breaker.record(WriteOutcome::TimedOut, now_millis()).await,
            outcome => outcome,
        }
    }

    /// Logs an error of the ledger and lets the address back off.
    fn back_off_after_error(&self, url: &PostUrl, error: &LedgerError, interval: u64) {
        let Attempt { number, retry_in_ms } = self.scheduler.attempt(url);
        console_error!(
            "publishing failed url={} attempt={number} retry_in_ms={retry_in_ms} {} cause={error}",
            url.as_str(),
            self.log
        );
        self.scheduler.back_off(url, WriteOutcome::Failed, interval, now_millis());
    }
}
