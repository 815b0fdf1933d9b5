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

use afterword_ledger::{Ledger, LedgerError, VerifiedComment};
use afterword_model::{Origin, Refusal, Site, Status};
use futures_util::FutureExt;
use worker::{DurableObject, Env, Request, Response, Result, State, console_error, durable_object};

use crate::answer::{self, Failure};
use crate::ask::Ask;
use crate::backup;
use crate::bucket::R2;
use crate::carry::{self, How};
use crate::clock::now_seconds;
use crate::day::Day;
use crate::night;
use crate::outbox::Outbox;
use crate::screen;
use crate::settings::{self, Settings};
use crate::sql::ObjectSql;

/// The ledger of one site; see the module.
#[durable_object]
pub struct SiteLedger {
    state: State,
    env: Env,
    // Safe to look at after a panic: the ledger keeps nothing in memory but what it reads again, and the outbox gives its turn back when it unwinds.
    opened: AssertUnwindSafe<OnceCell<Opened>>,
}

/// What the first call that writes opens; a site that is only read never has it.
#[derive(Clone)]
struct Opened {
    ledger: Rc<Ledger<ObjectSql>>,
    outbox: Rc<Outbox>,
}

impl DurableObject for SiteLedger {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, opened: AssertUnwindSafe(OnceCell::new()) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        // A panic in an object would leave its caller without an answer.
        match AssertUnwindSafe(self.answer(request)).catch_unwind().await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(failure)) => answer::failed(failure).map(|(response, _)| response),
            Err(_) => {
                console_error!("a call to the ledger ended in a panic");
                answer::refused(Refusal::Internal)
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        match AssertUnwindSafe(self.wake()).catch_unwind().await {
            Ok(Ok(())) => answer::start(answer::Kind::Json, 204).map(worker::ResponseBuilder::empty),
            // An alarm that fails is run again by the platform.
            Ok(Err(failure)) => Err(format!("alarm: {}", failure.into_refusal().code()).into()),
            Err(_) => Err("alarm: panic".into()),
        }
    }
}

impl SiteLedger {
    async fn answer(&self, request: Request) -> std::result::Result<Response, Failure> {
        match request.path().as_str() {
            "/submit" => self.submit(request).await,
            "/export" => self.export(&request),
            "/import" => self.import(request).await,
            "/ask" => self.ask(request).await,
            "/backup" => self.backup(&request).await,
            "/forget" => self.forget(request).await,
            #[cfg(feature = "test-hooks")]
            path if path.starts_with("/hooks/") => {
                let open = || self.open().map(|Opened { ledger, outbox }| (ledger, outbox));
                crate::hooks::ledger(&self.state, &self.env, request, open, async || self.wake().await).await
            }
            _ => Err(Refusal::NotFound.into()),
        }
    }

    async fn submit(&self, mut request: Request) -> std::result::Result<Response, Failure> {
        let settings = self.settings()?;
        // Not `Request::json`, which goes through JavaScript numbers: any integer may be asked for as a parent.
        let comment: VerifiedComment = serde_json::from_str(&request.text().await?).map_err(worker::Error::from)?;
        let Opened { ledger, outbox } = self.open()?;
        // From here until the alarm is set nothing is awaited: the comment, the mark that its thread is due, and the alarm that sees to
        // it are one commit.
        let outcome = ledger.submit(&comment, screen::policy(settings), now_seconds()).map_err(failure)?;
        if outcome.posted.status == Status::Published {
            let armed = if outcome.repeat { Ok(()) } else { outbox.arm_for_crash().await };
            // A repeat may be of a submission whose first answer was an error; with nothing due, there is nothing to put.
            self.state.wait_until(outbox.publish());
            armed?;
        }
        Ok(answer::json(200, &outcome)?)
    }

    fn export(&self, request: &Request) -> std::result::Result<Response, Failure> {
        let (site, _) = self.told(request)?;
        carry::export(self.open()?.ledger, site)
    }

    async fn import(&self, mut request: Request) -> std::result::Result<Response, Failure> {
        let (site, how) = self.told(&request)?;
        let Opened { ledger, outbox } = self.open()?;
        let came = carry::import(&ledger, &outbox, self.settings()?, site, &how, request.stream()?).await;
        if came.ended {
            // Else the rest of a site may be about to come, and publishing waits for it for a while.
            self.state.wait_until(outbox.release());
        }
        came.answer
    }

    async fn ask(&self, mut request: Request) -> std::result::Result<Response, Failure> {
        let ask: Ask = serde_json::from_str(&request.text().await?).map_err(worker::Error::from)?;
        let Opened { ledger, outbox } = self.open()?;
        let answer = ask.answer(&ledger);
        if ask.writes() {
            // Also after a failure, for an order may be done in part.
            let armed = outbox.arm_for_crash().await;
            self.state.wait_until(outbox.publish());
            armed?;
        }
        answer
    }

    async fn forget(&self, mut request: Request) -> std::result::Result<Response, Failure> {
        let now = request.text().await?.parse().map_err(|_| Refusal::BadQuery)?;
        night::forget(&self.open()?.ledger, now).map_err(failure)?;
        Ok(answer::json(200, &"done")?)
    }

    async fn backup(&self, request: &Request) -> std::result::Result<Response, Failure> {
        let (site, how) = self.told(request)?;
        let bucket = R2::bound(&self.env).ok_or(Refusal::NotFound)?;
        backup::write(&bucket, &self.open()?.ledger, site, Day::new(how.day)).await?;
        Ok(answer::json(200, &"done")?)
    }

    /// What the address of a call says: the site that this object is for, and how the call is meant.
    fn told(&self, request: &Request) -> std::result::Result<(&'static Origin, How), Failure> {
        let how: How = request.query()?;
        let site = self.settings()?.sites.iter().map(Site::origin).find(|site| site.as_str() == how.site);
        Ok((site.ok_or(Refusal::UnknownSite)?, how))
    }

    fn settings(&self) -> std::result::Result<&'static Settings, Refusal> {
        settings::of(&self.env).map_err(|_| Refusal::NotConfigured)
    }

    async fn wake(&self) -> std::result::Result<(), Failure> {
        self.open()?.outbox.ring().await?;
        Ok(())
    }

    fn open(&self) -> std::result::Result<Opened, Failure> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened.clone());
        }
        let storage = self.state.storage();
        let ledger = Rc::new(Ledger::open(ObjectSql::new(&storage)).map_err(failure)?);
        // With wrong settings nobody can post, but what was posted before is published.
        let writes = self.settings().ok().and_then(Settings::writes_of_a_site);
        let outbox = Rc::new(Outbox::new(storage, &self.env, Rc::clone(&ledger), writes)?);
        Ok(self.opened.get_or_init(|| Opened { ledger, outbox }).clone())
    }
}

/// What a client is told when the ledger says no.
pub(crate) fn failure(error: LedgerError) -> Failure {
    match error {
        LedgerError::Refused(refusal) => Failure::Refused(refusal),
        LedgerError::TooMany { seconds } => Failure::TooMany(seconds),
        LedgerError::DifficultyTooLow { required } => Failure::TooEasy(required),
        error => Failure::Broken(error.to_string().into()),
    }
}
