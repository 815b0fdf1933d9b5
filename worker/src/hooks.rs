//! Routes by which the tests make things go wrong: panics, a KV that fails, an object that is gone all of a sudden, alarms that ring
//! twice. Not in a release: see the feature `test-hooks`.
//!
//! `POST /debug/ledger/<hook>?site=<host>` hands the call to the ledger of that site as `/hooks/<hook>`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use afterword_guard::AuthorKey;
use afterword_ledger::Ledger;
use afterword_model::{Refusal, ThreadMeta, body};
use futures_util::future::{join_all, pending};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::{Delay, Env, Headers, Method, Request, RequestInit, Response, State, console_error};

use crate::answer::{self, Failure};
use crate::outbox::Outbox;
use crate::post;
use crate::published::BINDING;
use crate::request::Call;
use crate::route::App;
use crate::screen::SubmissionContext;
use crate::sql::ObjectSql;

/// How long the slow route takes: long enough that a panic falls into it.
const SLOW: Duration = Duration::from_millis(400);
/// Stands in the addresses of posts whose requests to KV and to the object are lost.
const STALLED: &str = "stalled-by-a-test";
/// An author, whose key has to be sealed too.
const AUTHOR: &str = "Bearer 0123456789abcdef0123456789abcdef";
/// The object that does what outlives another one; it keeps no ledger.
const LATE: &str = "late";

/// `/debug/panic`, `/debug/slow`, `/debug/work?times=<n>` and `/debug/ledger/<hook>`.
pub(crate) async fn answer(app: &App, mut call: Call) -> Result<Response, Failure> {
    let path = call.path().to_owned();
    match path.as_str() {
        "/debug/panic" => panic!("asked for"),
        "/debug/work" => {
            let body = call.take_body()?;
            let mut done = Ok(0);
            for _ in 0..call.number("times")?.unwrap_or(1) {
                done = work(app, &call, &body);
            }
            Ok(answer::json(200, &done.map_err(Refusal::code))?)
        }
        "/debug/slow" => {
            Delay::from(SLOW).await;
            Ok(answer::json(200, &"slow")?)
        }
        path => {
            let hook = path.strip_prefix("/debug/ledger/").ok_or(Refusal::NotFound)?;
            let body = String::from_utf8(call.take_body()?).map_err(|_| Refusal::BadJson)?;
            let site = call.parameter("site").ok_or(Refusal::BadQuery)?;
            match ask(&app.env, &site, hook, body).await {
                Ok(mut response) if response.status_code() == 200 => {
                    Ok(answer::start(answer::Kind::Json, 200)?.fixed(response.bytes().await?))
                }
                Ok(response) => {
                    Err(if response.status_code() == 500 { Refusal::Internal } else { Refusal::NotFound }.into())
                }
                // What an object that is gone has to say.
                Err(_) => Err(Refusal::Busy.into()),
            }
        }
    }
}

/// All that is computed for a comment before its ledger sees it. Gives the length of its HTML.
fn work(app: &App, call: &Call, body: &[u8]) -> Result<usize, Refusal> {
    let mut new = body::parse_comment(body)?;
    let (hidden, proof) = (new.subject.take(), new.proof.clone());
    let submission = new.validate(&app.settings.sites)?;
    let context = SubmissionContext::with_json(app, call, &submission.post, proof.as_deref(), hidden)?;
    let comment = post::verify(app, submission, AuthorKey::from_authorization(AUTHOR), context)?;
    let body = serde_json::to_string(&comment).map_err(|_| Refusal::Internal)?;
    Ok(body.len().min(comment.html.as_str().len()))
}

/// Never ends where `about` says so, as a store does that has lost a request.
pub(crate) async fn unless_stalled<T>(about: &str, future: impl Future<Output = T>) -> T {
    if about.contains(STALLED) { pending().await } else { future.await }
}

async fn ask(env: &Env, object: &str, hook: &str, body: String) -> worker::Result<Response> {
    let stub = env.durable_object("LEDGER")?.get_by_name(object)?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body.into()));
    stub.fetch_with_request(Request::new_with_init(&format!("https://ledger/hooks/{hook}"), &init)?).await
}

/// A hook in the object, if the path is that of one. `wake` is what an alarm does.
pub(crate) async fn ledger(
    state: &State,
    env: &Env,
    mut request: Request,
    open: impl FnOnce() -> Result<(Rc<Ledger<ObjectSql>>, Rc<Outbox>), Failure>,
    wake: impl AsyncFn() -> Result<(), Failure>,
) -> Result<Response, Failure> {
    let path = request.path();
    match path.strip_prefix("/hooks/").ok_or(Refusal::NotFound)? {
        "panic" => panic!("asked for"),
        "evict" => {
            // With this the platform ends the object at once, its memory and all that it waits for.
            drop(state.block_concurrency_while(async { Err::<(), _>("evicted by a test".into()) }));
            pending().await
        }
        "faults" => {
            open()?.1.values.faults.plan(read(&mut request).await?);
            Ok(answer::json(200, &"planned")?)
        }
        "writes" => Ok(answer::json(200, &open()?.1.values.faults.writes.get())?),
        "hold" => {
            open()?.1.hold().await?;
            Ok(answer::json(200, &"held")?)
        }
        "release" => {
            state.wait_until(open()?.1.release());
            Ok(answer::json(200, &"released")?)
        }
        "ring" => {
            let twice = join_all([wake(), wake()]).await;
            let went_well = twice.iter().all(Result::is_ok);
            Ok(answer::json(if went_well { 200 } else { 500 }, &"rung")?)
        }
        LATE => {
            let write: LateWrite = read(&mut request).await?;
            let kv = env.kv(BINDING)?;
            state.wait_until(async move {
                Delay::from(Duration::from_millis(write.after)).await;
                let put = kv.put(&write.key, write.value).and_then(|put| put.metadata(write.meta));
                let put = match put {
                    Ok(put) => put.execute().await,
                    Err(error) => Err(error),
                };
                if let Err(error) = put {
                    console_error!("a late put: {error}");
                }
            });
            Ok(answer::json(200, &"later")?)
        }
        _ => Err(Refusal::NotFound.into()),
    }
}

async fn read<T: DeserializeOwned>(request: &mut Request) -> worker::Result<T> {
    Ok(serde_json::from_str(&request.text().await?)?)
}

/// A put that comes about after whoever wanted it is gone.
#[derive(Serialize, Deserialize)]
struct LateWrite {
    key: String,
    value: String,
    meta: ThreadMeta,
    /// Milliseconds until then.
    after: u64,
}

/// What goes wrong with which writes to KV.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Plan {
    /// The only keys whose writes are struck are those in which this occurs.
    only: String,
    /// Of a hundred writes, how many are struck, …
    share: u64,
    /// … and which: the same seed strikes the same ones.
    seed: u64,
    /// Writes that are struck before all goes well again.
    times: u32,
    /// Milliseconds that a write struck takes before anything else happens.
    wait: u64,
    /// Milliseconds after which a put struck comes about, whatever its answer is and whoever still waits for it.
    late: Option<u64>,
    /// How it ends.
    end: End,
}

/// How a write that was struck ends.
#[derive(Clone, Copy, Deserialize)]
enum End {
    /// It comes about after all.
    #[serde(rename = "ok")]
    Well,
    /// KV has taken a write of this key less than a second ago, or enough of them for a day.
    #[serde(rename = "429")]
    TooMany,
    #[serde(rename = "500")]
    Broken,
    /// There is no answer, ever.
    #[serde(rename = "never")]
    Never,
}

impl Default for Plan {
    fn default() -> Self {
        Self { only: String::new(), share: 100, seed: 0, times: u32::MAX, wait: 0, late: None, end: End::Well }
    }
}

/// Writes that came about or failed, since the object began.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Writes {
    puts: u32,
    deletes: u32,
    struck: u32,
}

/// What goes wrong on the way to KV, and how many writes set out.
pub(crate) struct Faults {
    env: Env,
    plan: RefCell<Plan>,
    writes: Cell<Writes>,
}

impl Faults {
    pub(crate) fn new(env: &Env) -> Self {
        let plan = RefCell::new(Plan { share: 0, ..Plan::default() });
        Self { env: env.clone(), plan, writes: Cell::default() }
    }

    fn plan(&self, plan: Plan) {
        *self.plan.borrow_mut() = plan;
    }

    /// What happens before a put, or in its place.
    pub(crate) async fn before_put(&self, key: &str, value: &str, meta: ThreadMeta) -> worker::Result<()> {
        let writes = self.writes.get();
        self.writes.set(Writes { puts: writes.puts + 1, ..writes });
        let Some(plan) = self.strike(key) else { return Ok(()) };
        if let Some(after) = plan.late {
            let write = LateWrite { key: key.to_owned(), value: value.to_owned(), meta, after };
            ask(&self.env, LATE, LATE, serde_json::to_string(&write)?).await?;
        }
        plan.end().await
    }

    /// What happens before a value is taken away, or in place of that.
    pub(crate) async fn before_delete(&self, key: &str) -> worker::Result<()> {
        let writes = self.writes.get();
        self.writes.set(Writes { deletes: writes.deletes + 1, ..writes });
        match self.strike(key) {
            Some(plan) => plan.end().await,
            None => Ok(()),
        }
    }

    fn strike(&self, key: &str) -> Option<Plan> {
        let mut plan = self.plan.borrow_mut();
        let writes = self.writes.get();
        let number = plan.seed.wrapping_add((writes.puts + writes.deletes).into());
        if plan.times == 0 || !key.contains(&plan.only) || scattered(number) % 100 >= plan.share {
            return None;
        }
        plan.times -= 1;
        self.writes.set(Writes { struck: writes.struck + 1, ..writes });
        Some(plan.clone())
    }
}

impl Plan {
    async fn end(self) -> worker::Result<()> {
        Delay::from(Duration::from_millis(self.wait)).await;
        match self.end {
            End::Well => Ok(()),
            End::TooMany => Err("KV PUT failed: 429 Too Many Requests".into()),
            End::Broken => Err("KV PUT failed: 500 Internal Server Error".into()),
            End::Never => pending().await,
        }
    }
}

/// A number that has nothing to do with its neighbours' (the last step of SplitMix64).
fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
