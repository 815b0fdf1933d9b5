//! Fault injection in a Worker built with the feature `fault-injection`.

use serde::Deserialize;
use serde_json::Value;

use crate::api::Request;
use crate::server::Server;

/// Fault injection for the ledger of one site.
#[derive(Clone, Copy, Debug)]
pub struct FaultInjector<'a> {
    server: &'a Server,
    site: &'a str,
}

/// KV writes that the site's object has started since its own start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct KvWriteCounts {
    /// Puts started, successful or not.
    pub puts: u32,
    /// Deletes started, successful or not.
    pub deletes: u32,
    /// Puts and deletes that were affected by a fault.
    #[serde(rename = "struck")]
    pub affected: u32,
}

impl<'a> FaultInjector<'a> {
    /// Fault injection for the site on this host.
    pub fn new(server: &'a Server, site: &'a str) -> Self {
        Self { server, site }
    }

    /// Applies a fault plan to all KV writes from now on. The Worker's fault-injection module describes its fields;
    /// `{"share": 0}` means no faults.
    #[track_caller]
    pub fn set_plan(&self, plan: &Value) {
        assert_eq!(self.post("faults", plan).status, 200, "{plan}");
    }

    /// Terminates the object at once, with its memory and its pending operations.
    #[track_caller]
    pub fn evict_object(&self) {
        assert_eq!(self.post("evict", &Value::Null).status, 503, "an evicted object does not respond");
    }

    /// Runs the alarm handler twice concurrently and waits for both runs.
    #[track_caller]
    pub fn fire_two_alarms(&self) {
        assert_eq!(self.post("ring", &Value::Null).status, 200);
    }

    /// Begins an import batch, during which publishing is on hold.
    #[track_caller]
    pub fn begin_import_batch(&self) {
        assert_eq!(self.post("hold", &Value::Null).status, 200);
    }

    /// Ends the import.
    #[track_caller]
    pub fn end_import(&self) {
        assert_eq!(self.post("release", &Value::Null).status, 200);
    }

    /// The KV writes so far.
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
