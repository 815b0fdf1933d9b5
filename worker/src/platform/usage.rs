//! Counting what a request costs its owner's quota.

use std::cell::Cell;
use std::rc::Rc;

/// Billed operations of one request so far. The counts are raised by the adapters that make the calls, nowhere else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage(Rc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    kv_reads: Cell<usize>,
    object_requests: Cell<u32>,
}

impl Usage {
    /// Reads of KV, one for each key. A bulk read is one operation of the invocation, but its billing is not said to be less than that of
    /// its keys (Cloudflare's documentation, "KV limits" and "KV pricing").
    pub(crate) fn kv_reads(&self, keys: usize) {
        self.0.kv_reads.set(self.0.kv_reads.get() + keys);
    }

    /// One request to a Durable Object.
    pub(crate) fn object_request(&self) {
        self.0.object_requests.set(self.0.object_requests.get() + 1);
    }

    /// The value of the `Afterword-Cost` header. A request never writes to KV: that is the object's outbox.
    pub(crate) fn header(&self) -> String {
        format!("kv-read={}, object={}", self.0.kv_reads.get(), self.0.object_requests.get())
    }
}
