//! Writing to KV: the only place from which a value is put there or taken away.

use std::future::Future;
use std::time::Duration;

use afterword_model::ThreadMeta;
use serde::Serialize;
use worker::kv::KvStore;
use worker::{Delay, Env, console_error};

#[cfg(feature = "fault-injection")]
use crate::fault_injection::Faults;
use crate::kv_reader::BINDING;
use crate::platform::timeout::with_timeout;

/// How long a write may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A breath after each write. The local runtime keeps KV in its own process, and as long as there is something to do inside it
/// takes no requests from outside: a long thread being published would stop everything else.
const BREATH: Duration = Duration::from_millis(1);

/// The published values.
pub(crate) struct KvWriter {
    kv: KvStore,
    #[cfg(feature = "fault-injection")]
    pub(crate) faults: Faults,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteOutcome {
    Done,
    Failed,
    /// There was no answer in time: it may still come about.
    TimedOut,
}

impl KvWriter {
    pub(crate) fn new(env: &Env) -> worker::Result<Self> {
        Ok(Self {
            kv: env.kv(BINDING)?,
            #[cfg(feature = "fault-injection")]
            faults: Faults::new(env),
        })
    }

    /// Puts a value as JSON, and beside it what can be known of it without reading.
    pub(crate) async fn put(&self, key: &str, value: &impl Serialize, meta: ThreadMeta) -> WriteOutcome {
        finish(key, self.try_put(key, value, meta)).await
    }

    /// Takes a value away; it need not be there.
    pub(crate) async fn delete(&self, key: &str) -> WriteOutcome {
        finish(key, self.try_delete(key)).await
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
}

async fn finish(key: &str, write: impl Future<Output = worker::Result<()>>) -> WriteOutcome {
    let outcome = with_timeout(LIMIT, write).await;
    Delay::from(BREATH).await;
    match outcome {
        Some(Ok(())) => WriteOutcome::Done,
        Some(Err(error)) => {
            console_error!("KV, {key}: {error}");
            WriteOutcome::Failed
        }
        None => {
            console_error!("KV, {key}: no answer in time");
            WriteOutcome::TimedOut
        }
    }
}
