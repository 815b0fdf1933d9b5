//! Counts and times the billed operations of a request.

use std::cell::Cell;

use crate::platform::clock::now_millis;

/// Billed operations of one request so far. There are no KV writes, because requests make none: the object publishes.
#[derive(Debug)]
pub(crate) struct Usage {
    started_at: u64,
    /// KV reads, one for each key. A bulk read is one operation of the invocation, but Cloudflare's documentation ("KV limits", "KV pricing")
    /// does not say that it is billed as fewer reads than it has keys.
    pub(crate) kv_reads: Operations,
    /// Requests to Durable Objects.
    pub(crate) object_requests: Operations,
}

/// Operations of one kind: their number, and the time that the request waited for them.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    count: Cell<usize>,
    millis: Cell<u64>,
}

impl Operations {
    /// Waits for a call that is billed as `count` operations.
    pub(crate) async fn track<T>(&self, count: usize, call: impl Future<Output = T>) -> T {
        self.count.set(self.count.get() + count);
        let started_at = now_millis();
        let result = call.await;
        self.millis.set(self.millis.get() + now_millis().saturating_sub(started_at));
        result
    }

    fn metric(&self, name: &str) -> String {
        format!("{name};desc=\"{}\";dur={}", self.count.get(), self.millis.get())
    }
}

impl Usage {
    /// Starts to count.
    pub(crate) fn start() -> Self {
        Self { started_at: now_millis(), kv_reads: Operations::default(), object_requests: Operations::default() }
    }

    /// Value of the `Afterword-Cost` header, which tests read.
    #[cfg(feature = "fault-injection")]
    pub(crate) fn cost(&self) -> String {
        format!("kv-read={}, object={}", self.kv_reads.count.get(), self.object_requests.count.get())
    }

    /// Value of a `Server-Timing` header. The platform's clock advances only while a request waits, so CPU time is not part of any duration.
    pub(crate) fn server_timing(&self) -> String {
        let total = now_millis().saturating_sub(self.started_at);
        format!("{}, {}, total;dur={total}", self.kv_reads.metric("kv"), self.object_requests.metric("ledger"))
    }
}
