//! Fault injection: the points at which tests make KV and object calls fail. Not in a release; see the feature `fault-injection`.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use afterword_model::ThreadMeta;
use futures_util::future::pending;
use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use worker::{Delay, Env, Headers, Method, Request, RequestInit, Response};

/// Text in a post's address that makes KV and object requests about it never complete.
const STALL_MARKER: &str = "stalled-by-a-test";
/// Name of the object that makes writes which outlive the object that sent them, and of its fault route. It has no ledger.
pub(crate) const LATE: &str = "late";

/// Text in the body of an object call that makes its first attempt fail, with the exception's flags that the platform sets in such a case.
const FAILURES: [(&str, &[&str]); 3] = [
    ("disconnected-by-a-test", &["retryable"]),
    ("overloaded-by-a-test", &["retryable", "overloaded"]),
    ("broken-by-a-test", &[]),
];

/// Delay after which the text of a deleted comment is wiped, in seconds, if a test sets it: ten minutes are too long for one.
pub(crate) fn wipe_delay(env: &Env) -> Option<i64> {
    env.var("TEST_WIPE_DELAY").ok()?.to_string().parse().ok()
}

/// Makes an object call, unless its body asks for a failure.
pub(crate) async fn unless_failing<T>(
    body: &str,
    attempt: u32,
    call: impl Future<Output = worker::Result<T>>,
) -> worker::Result<T> {
    match FAILURES.iter().find(|(text, _)| attempt == 1 && body.contains(text)) {
        Some((text, flags)) => {
            let exception = js_sys::Error::new(text);
            for flag in *flags {
                Reflect::set(&exception, &(*flag).into(), &true.into())?;
            }
            Err(exception.into())
        }
        None => unless_stalled(body, call).await,
    }
}

/// Runs a future, or never completes if `target` contains the stall marker, as a store does that has lost a request.
pub(crate) async fn unless_stalled<T>(target: &str, future: impl Future<Output = T>) -> T {
    if target.contains(STALL_MARKER) { pending().await } else { future.await }
}

/// Calls a fault route of an object.
pub(crate) async fn call_object(env: &Env, object: &str, route: &str, body: String) -> worker::Result<Response> {
    let stub = env.durable_object("LEDGER")?.get_by_name(object)?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body.into()));
    stub.fetch_with_request(Request::new_with_init(&format!("https://ledger/faults/{route}"), &init)?).await
}

/// A put that takes effect later, even if its sender is gone.
#[derive(Serialize, Deserialize)]
pub(crate) struct LateWrite {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) meta: ThreadMeta,
    /// Delay in milliseconds.
    pub(crate) after: u64,
}

/// Faults for KV writes, as a test plans them.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FaultPlan {
    /// Only writes whose key contains this text fail.
    only: String,
    /// Percentage of writes that fail.
    share: u64,
    /// Selects which writes fail. The same seed selects the same ones.
    seed: u64,
    /// Number of writes that fail before all succeed again.
    times: u32,
    /// Delay of a failing write, in milliseconds.
    wait: u64,
    /// Delay in milliseconds after which a failing put takes effect, whatever its result and whoever still waits for it.
    late: Option<u64>,
    /// Result of a failing write.
    end: FaultResult,
}

/// Result of a failing write.
#[derive(Clone, Copy, Deserialize)]
enum FaultResult {
    /// The write succeeds after all.
    #[serde(rename = "ok")]
    Success,
    /// KV has taken a write of this key less than a second ago, or the day's quota is used up.
    #[serde(rename = "429")]
    TooManyRequests,
    #[serde(rename = "500")]
    ServerError,
    /// No answer ever arrives.
    #[serde(rename = "never")]
    NoAnswer,
}

impl Default for FaultPlan {
    fn default() -> Self {
        Self {
            only: String::new(),
            share: 100,
            seed: 0,
            times: u32::MAX,
            wait: 0,
            late: None,
            end: FaultResult::Success,
        }
    }
}

/// Number of KV writes since the object started, whether they succeeded or failed.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct WriteCounts {
    puts: u32,
    deletes: u32,
    /// Writes that a fault hit.
    #[serde(rename = "struck")]
    faults: u32,
}

/// The fault plan of one object and its counts.
pub(crate) struct KvFaults {
    env: Env,
    plan: RefCell<FaultPlan>,
    counts: Cell<WriteCounts>,
}

impl KvFaults {
    pub(crate) fn new(env: &Env) -> Self {
        let plan = RefCell::new(FaultPlan { share: 0, ..FaultPlan::default() });
        Self { env: env.clone(), plan, counts: Cell::default() }
    }

    /// Replaces the plan.
    pub(crate) fn set_plan(&self, plan: FaultPlan) {
        *self.plan.borrow_mut() = plan;
    }

    /// Number of writes so far.
    pub(crate) fn counts(&self) -> WriteCounts {
        self.counts.get()
    }

    /// Applies the plan before a put, or in place of it.
    pub(crate) async fn before_put(&self, key: &str, value: &str, meta: ThreadMeta) -> worker::Result<()> {
        let counts = self.counts.get();
        self.counts.set(WriteCounts { puts: counts.puts + 1, ..counts });
        let Some(plan) = self.next_fault(key) else { return Ok(()) };
        if let Some(after) = plan.late {
            let write = LateWrite { key: key.to_owned(), value: value.to_owned(), meta, after };
            call_object(&self.env, LATE, LATE, serde_json::to_string(&write)?).await?;
        }
        plan.apply().await
    }

    /// Applies the plan before a delete, or in place of it.
    pub(crate) async fn before_delete(&self, key: &str) -> worker::Result<()> {
        let counts = self.counts.get();
        self.counts.set(WriteCounts { deletes: counts.deletes + 1, ..counts });
        match self.next_fault(key) {
            Some(plan) => plan.apply().await,
            None => Ok(()),
        }
    }

    /// The plan, if a fault hits this write.
    fn next_fault(&self, key: &str) -> Option<FaultPlan> {
        let mut plan = self.plan.borrow_mut();
        let counts = self.counts.get();
        let number = plan.seed.wrapping_add((counts.puts + counts.deletes).into());
        if plan.times == 0 || !key.contains(&plan.only) || mix(number) % 100 >= plan.share {
            return None;
        }
        plan.times -= 1;
        self.counts.set(WriteCounts { faults: counts.faults + 1, ..counts });
        Some(plan.clone())
    }
}

impl FaultPlan {
    async fn apply(self) -> worker::Result<()> {
        Delay::from(Duration::from_millis(self.wait)).await;
        match self.end {
            FaultResult::Success => Ok(()),
            FaultResult::TooManyRequests => Err("KV PUT failed: 429 Too Many Requests".into()),
            FaultResult::ServerError => Err("KV PUT failed: 500 Internal Server Error".into()),
            FaultResult::NoAnswer => pending().await,
        }
    }
}

/// Scatters consecutive numbers (the last step of SplitMix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
