//! Counts the billed operations of a request.

use std::cell::Cell;
use std::rc::Rc;

/// Billed operations of one request so far. Only the adapters that make the calls raise the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage(Rc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    kv_reads: Cell<usize>,
    object_requests: Cell<u32>,
}

impl Usage {
    /// Adds KV reads, one for each key. A bulk read is one operation of the invocation, but Cloudflare's documentation ("KV limits", "KV
    /// pricing") does not say that it is billed as fewer reads than it has keys.
    pub(crate) fn add_kv_reads(&self, keys: usize) {
        self.0.kv_reads.set(self.0.kv_reads.get() + keys);
    }

    /// Adds one request to a Durable Object.
    pub(crate) fn add_object_request(&self) {
        self.0.object_requests.set(self.0.object_requests.get() + 1);
    }

    /// Value of the `Afterword-Cost` header. It has no KV writes, because requests make none: the object publishes.
    pub(crate) fn header_value(&self) -> String {
        format!("kv-read={}, object={}", self.0.kv_reads.get(), self.0.object_requests.get())
    }
}
