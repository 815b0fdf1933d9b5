//! KV writes. No other module puts or deletes a thread's KV value.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use afterword_model::ThreadMeta;
use serde::Serialize;
use worker::kv::KvStore;
use worker::{Env, console_error};

#[cfg(feature = "fault-injection")]
use crate::platform::faults::KvFaults;
use crate::platform::log_context::LogContext;
use crate::platform::timeout::with_timeout;
use crate::settings::THREADS;

/// Deadline of a KV write.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time in milliseconds during which a write that timed out may still take effect: longer than a request to KV lives.
pub(crate) const LATE_WRITE_WINDOW: u64 = 60_000;
/// Pause after each write on the local runtime, which runs KV in its own process and serves no outside request while requests inside it are
/// pending: without the pause, publishing a long thread would block everything else.
#[cfg(feature = "local-runtime")]
const YIELD_AFTER_WRITE: Duration = Duration::from_millis(1);

/// Writer of published values.
pub(crate) struct KvWriter {
    kv: KvStore,
    log: LogContext,
    #[cfg(feature = "fault-injection")]
    pub(crate) faults: KvFaults,
}

/// Outcome of a KV write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteOutcome {
    Done,
    Failed,
    /// No answer arrived in time. The write may still take effect, within [`LATE_WRITE_WINDOW`].
    TimedOut,
}

/// Number of a write attempt and the delay before the next one, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Counts from 1, and starts again after a success.
    pub(crate) number: u32,
    /// Delay after a failure, in milliseconds.
    pub(crate) retry_in_ms: u64,
}

/// Kind of a write, for the log.
#[derive(Clone, Copy)]
enum Operation {
    Put,
    Delete,
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Put => "put",
            Self::Delete => "delete",
        })
    }
}

impl KvWriter {
    pub(crate) fn new(env: &Env, log: LogContext) -> worker::Result<Self> {
        Ok(Self {
            kv: env.kv(THREADS)?,
            log,
            #[cfg(feature = "fault-injection")]
            faults: KvFaults::new(env),
        })
    }

    /// Puts a value as JSON, with metadata that can be read without the value.
    pub(crate) async fn put(
        &self,
        key: &str,
        value: &impl Serialize,
        meta: ThreadMeta,
        attempt: Attempt,
    ) -> WriteOutcome {
        self.finish(Operation::Put, key, attempt, self.try_put(key, value, meta)).await
    }

    /// Deletes a value. Succeeds if there is none.
    pub(crate) async fn delete(&self, key: &str, attempt: Attempt) -> WriteOutcome {
        self.finish(Operation::Delete, key, attempt, self.try_delete(key)).await
    }

    async fn try_put(&self, key: &str, value: &impl Serialize, meta: ThreadMeta) -> worker::Result<()> {
        let value = serde_json::to_string(value)?;
        #[cfg(feature = "fault-injection")]
        self.faults.before_put(key, &value, meta).await?;
        Ok(self.kv.put(key, value)?.metadata(meta)?.execute().await?)
    }

    async fn try_delete(&self, key: &str) -> worker::Result<()> {
        #[cfg(feature = "fault-injection")]
        self.faults.before_delete(key).await?;
        Ok(self.kv.delete(key).await?)
    }

    /// Waits for a write and logs its failure.
    async fn finish(
        &self,
        operation: Operation,
        key: &str,
        attempt: Attempt,
        write: impl Future<Output = worker::Result<()>>,
    ) -> WriteOutcome {
        let result = with_timeout(WRITE_TIMEOUT, write).await;
        #[cfg(feature = "local-runtime")]
        worker::Delay::from(YIELD_AFTER_WRITE).await;
        let Attempt { number, retry_in_ms } = attempt;
        let (outcome, retry_in_ms, cause) = match result {
            Some(Ok(())) => return WriteOutcome::Done,
            Some(Err(error)) => (WriteOutcome::Failed, retry_in_ms, error.to_string()),
            None => (WriteOutcome::TimedOut, LATE_WRITE_WINDOW, "timed out".to_owned()),
        };
        console_error!(
            "kv {operation} failed key={key} attempt={number} retry_in_ms={retry_in_ms} {} cause={cause}",
            self.log
        );
        outcome
    }
}
