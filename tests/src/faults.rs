//! Making things go wrong, in a Worker with its feature `test-hooks`.

use serde::Deserialize;
use serde_json::Value;

use crate::api::Request;
use crate::server::Server;

/// The hooks of one site's ledger.
#[derive(Clone, Copy, Debug)]
pub struct FaultInjector<'a> {
    server: &'a Server,
    site: &'a str,
}

/// Writes to KV that set out since the object of the site began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct KvWriteCounts {
    /// Values put, or not.
    pub puts: u32,
    /// Values taken away, or not.
    pub deletes: u32,
    /// Those of both that something happened to.
    pub struck: u32,
}

impl<'a> FaultInjector<'a> {
    /// Those of the site on this host.
    pub fn new(server: &'a Server, site: &'a str) -> Self {
        Self { server, site }
    }

    /// From now on this happens to writes to KV, as `worker/src/hooks.rs` says; `{"share": 0}` is nothing.
    #[track_caller]
    pub fn set_plan(&self, plan: &Value) {
        assert_eq!(self.post("faults", plan).status, 200, "{plan}");
    }

    /// Ends the object at once, with all that it remembers and waits for.
    #[track_caller]
    pub fn evict_object(&self) {
        assert_eq!(self.post("evict", &Value::Null).status, 503, "its caller gets no answer");
    }

    /// Two alarms ring at once, and come to their end.
    #[track_caller]
    pub fn fire_two_alarms(&self) {
        assert_eq!(self.post("ring", &Value::Null).status, 200);
    }

    /// A batch of an import begins to hold publishing back.
    #[track_caller]
    pub fn begin_import_batch(&self) {
        assert_eq!(self.post("hold", &Value::Null).status, 200);
    }

    /// An import is at its end.
    #[track_caller]
    pub fn end_import(&self) {
        assert_eq!(self.post("release", &Value::Null).status, 200);
    }

    /// What was written so far.
    #[track_caller]
    pub fn write_counts(&self) -> KvWriteCounts {
        self.post("writes", &Value::Null).json()
    }

    #[track_caller]
    fn post(&self, hook: &str, body: &Value) -> crate::Response {
        let path = format!("/debug/ledger/{hook}?site={}", self.site);
        Request::new("POST", path).body(body.to_string()).send(self.server)
    }
}
