//! The ledger of one site as a Durable Object: the only writer of that site's comments.
//!
//! The platform runs one instance of an object world-wide, one event at a time between two `await`s. A use case of the
//! ledger is one synchronous call, so nothing can come between its checks and its writes; and the writes of one turn, the alarm
//! included, are committed together (Cloudflare's documentation, "Rules of Durable Objects": input gates, write
//! coalescing). The answer leaves only when that commit is durable (output gate).

#![expect(missing_docs, reason = "`durable_object` makes public functions without documentation")]

use std::cell::OnceCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use afterword_guard::{LOAD_WINDOW_SECONDS, required_difficulty as work_of};
use afterword_ledger::{Ledger, LedgerError};
use afterword_model::{Origin, Refusal, Site, Status};
use futures_util::FutureExt;
use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use crate::admin_rpc::AdminRequest;
use crate::http::spam_check;
use crate::ledger_client::{Sent, Told};
use crate::maintenance;
use crate::platform::clock::now_seconds;
use crate::platform::object_sql::ObjectSql;
use crate::publish::publisher::Publisher;
use crate::response::{self, ApiError};
use crate::settings::{self, Settings};
use crate::transfer::backup;
use crate::transfer::backup_day::BackupDay;
use crate::transfer::r2_store::R2Store;
use crate::transfer::stream::{self, ImportParams};

/// The ledger of one site; see the module.
#[durable_object]
pub struct SiteLedger {
    state: State,
    env: Env,
    // Safe to look at after a panic: the ledger keeps nothing in memory but what it reads again, and the outbox gives its turn back when it unwinds.
    opened: AssertUnwindSafe<OnceCell<OpenLedger>>,
}

/// What the first call that writes opens; a site that is only read never has it.
#[derive(Clone)]
struct OpenLedger {
    ledger: Rc<Ledger<ObjectSql>>,
    outbox: Rc<Publisher>,
}

impl DurableObject for SiteLedger {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, opened: AssertUnwindSafe(OnceCell::new()) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        // A panic in an object would leave its caller without an answer.
        match AssertUnwindSafe(self.answer(request)).catch_unwind().await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(failure)) => response::failed(failure).map(|(response, _)| response),
            Err(_) => {
                console_error!("a call to the ledger ended in a panic");
                response::refused(Refusal::Internal)
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        match AssertUnwindSafe(self.wake()).catch_unwind().await {
            Ok(Ok(())) => response::start(response::ContentType::Json, 204).map(worker::ResponseBuilder::empty),
            // An alarm that fails is run again by the platform.
            Ok(Err(failure)) => Err(format!("alarm: {}", failure.into_refusal().code()).into()),
            Err(_) => Err("alarm: panic".into()),
        }
    }
}

impl SiteLedger {
    async fn answer(&self, request: Request) -> std::result::Result<Response, ApiError> {
        match request.path().as_str() {
            "/submit" => self.submit(request).await,
            "/export" => self.export(&request),
            "/import" => self.import(request).await,
            "/ask" => self.ask(request).await,
            "/backup" => self.backup(&request).await,
            "/forget" => self.forget(request).await,
            #[cfg(feature = "fault-injection")]
            path if path.starts_with("/hooks/") => {
                let open = || self.open().map(|OpenLedger { ledger, outbox }| (ledger, outbox));
                crate::fault_injection::ledger(&self.state, &self.env, request, open, async || self.wake().await).await
            }
            _ => Err(Refusal::NotFound.into()),
        }
    }

    async fn submit(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let settings = self.settings()?;
        // Not `Request::json`, which goes through JavaScript numbers: any integer may be asked for as a parent.
        let Sent { entry, work } = serde_json::from_str(&request.text().await?).map_err(worker::Error::from)?;
        let OpenLedger { ledger, outbox } = self.open()?;
        // From here until the alarm is set nothing is awaited: the comment, the mark that its thread is due, and the alarm that sees to
        // it are one commit.
        if let Some(needed) = more_work(&ledger, settings, work)? {
            return Ok(response::json(200, &Told::TooEasy(needed))?);
        }
        let outcome = ledger.submit(&entry, spam_check::rules(settings), now_seconds()).map_err(failure)?;
        if outcome.posted.status == Status::Published {
            let armed = if outcome.repeat { Ok(()) } else { outbox.arm_for_crash().await };
            // A repeat may be of a submission whose first answer was an error; with nothing due, there is nothing to put.
            self.state.wait_until(outbox.publish());
            armed?;
        }
        Ok(response::json(200, &Told::Outcome(outcome))?)
    }

    fn export(&self, request: &Request) -> std::result::Result<Response, ApiError> {
        let (site, _) = self.told(request)?;
        stream::export(self.open()?.ledger, site)
    }

    async fn import(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let (site, how) = self.told(&request)?;
        let OpenLedger { ledger, outbox } = self.open()?;
        let came = stream::import(&ledger, &outbox, self.settings()?, site, &how, request.stream()?).await;
        if came.ended {
            // Else the rest of a site may be about to come, and publishing waits for it for a while.
            self.state.wait_until(outbox.release());
        }
        came.answer
    }

    async fn ask(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let ask: AdminRequest = serde_json::from_str(&request.text().await?).map_err(worker::Error::from)?;
        let OpenLedger { ledger, outbox } = self.open()?;
        let answer = ask.answer(&ledger);
        if ask.writes() {
            // Also after a failure, for an order may be done in part.
            let armed = outbox.arm_for_crash().await;
            self.state.wait_until(outbox.publish());
            armed?;
        }
        answer
    }

    async fn forget(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let now = request.text().await?.parse().map_err(|_| Refusal::BadQuery)?;
        maintenance::forget(&self.open()?.ledger, now).map_err(failure)?;
        Ok(response::json(200, &"done")?)
    }

    async fn backup(&self, request: &Request) -> std::result::Result<Response, ApiError> {
        let (site, how) = self.told(request)?;
        let bucket = R2Store::bound(&self.env).ok_or(Refusal::NotFound)?;
        backup::write(&bucket, &self.open()?.ledger, site, BackupDay::new(how.day)).await?;
        Ok(response::json(200, &"done")?)
    }

    /// What the address of a call says: the site that this object is for, and how the call is meant.
    fn told(&self, request: &Request) -> std::result::Result<(&'static Origin, ImportParams), ApiError> {
        let how: ImportParams = request.query()?;
        let site = self.settings()?.sites.iter().map(Site::origin).find(|site| site.as_str() == how.site);
        Ok((site.ok_or(Refusal::UnknownSite)?, how))
    }

    fn settings(&self) -> std::result::Result<&'static Settings, Refusal> {
        settings::of(&self.env).map_err(|_| Refusal::NotConfigured)
    }

    async fn wake(&self) -> std::result::Result<(), ApiError> {
        self.open()?.outbox.ring().await?;
        Ok(())
    }

    fn open(&self) -> std::result::Result<OpenLedger, ApiError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened.clone());
        }
        let storage = self.state.storage();
        let ledger = Rc::new(Ledger::open(ObjectSql::new(&storage)).map_err(failure)?);
        // With wrong settings nobody can post, but what was posted before is published.
        let writes = self.settings().ok().and_then(Settings::writes_of_a_site);
        let outbox = Rc::new(Publisher::new(storage, &self.env, Rc::clone(&ledger), writes)?);
        Ok(self.opened.get_or_init(|| OpenLedger { ledger, outbox }).clone())
    }
}

/// The work that a proof of less would have to be. Where many are posting, it takes more. A repeat is held against this as well: whoever
/// sends it gets another challenge, and then the stored answer.
fn more_work(
    ledger: &Ledger<ObjectSql>,
    settings: &Settings,
    work: Option<u8>,
) -> std::result::Result<Option<u8>, ApiError> {
    let Some(work) = work.filter(|_| settings.rate_limits) else { return Ok(None) };
    let needed =
        work_of(settings.proof_bits, ledger.count_recent(LOAD_WINDOW_SECONDS, now_seconds()).map_err(failure)?);
    Ok((work < needed).then_some(needed))
}

/// What a client is told when the ledger says no.
pub(crate) fn failure(error: LedgerError) -> ApiError {
    match error {
        LedgerError::Refused(refusal) => ApiError::Refused(refusal),
        LedgerError::TooMany { seconds } => ApiError::TooMany(seconds),
        error => ApiError::Broken(error.to_string().into()),
    }
}
