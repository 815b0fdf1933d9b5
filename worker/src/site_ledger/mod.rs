//! The ledger of one site as a Durable Object: the only writer of the site's comments.
//!
//! The platform runs one instance of an object worldwide, and one event at a time between two awaits. A use case of the ledger is one
//! synchronous call, so nothing can come between its checks and its writes. The writes of one synchronous turn, including the alarm, are
//! committed together (Cloudflare's documentation, "Rules of Durable Objects": input gates, write coalescing). The response leaves only
//! when that commit is durable (output gate).

#![expect(missing_docs, reason = "`durable_object` generates public functions without documentation")]

mod admin;
mod admin_comments;
mod canonicalize;
#[cfg(feature = "fault-injection")]
mod fault_routes;
mod interact;
mod policy;
mod prune;
mod sessions;

use std::cell::{Cell, OnceCell};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use afterword_ledger::{Ledger, LedgerError, VerifiedComment, network_id_expiry};
use afterword_model::{Origin, Refusal, Site, Status};
use futures_util::FutureExt;
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, Result, State, Storage, console_error, durable_object};

use crate::admin_rpc::{AdminRequest, AdminResponse};
use crate::error::{ApiError, refusal_response};
use crate::ledger_client::{ADMIN, BACKUP, EXPORT, IMPORT, ImportParams, PRUNE, READER, REQUEST_ID_HEADER, SUBMIT};
use crate::platform::alarm::{Alarm, Deadline};
use crate::platform::clock::{end_turn, now_millis, now_seconds, to_millis};
use crate::platform::log_context::LogContext;
use crate::platform::object_sql::ObjectSql;
use crate::publish::publisher::Publisher;
use crate::reader_rpc::{Aftermath, ReaderCall, ReaderRequest};
use crate::renderer::RENDERER;
use crate::response::{self, ContentType, json};
use crate::session_rpc;
use crate::settings::{self, Settings};
use crate::site_ledger::policy::{PatternWatcher, submission_policy};
use crate::transfer::backup_day::BackupDay;
use crate::transfer::r2_store::R2Store;
use crate::transfer::{backup, export, import};

/// Minimum delay before pruning continues, and the delay after it failed, in milliseconds.
const PRUNE_PAUSE: u64 = 30_000;

/// The ledger of one site; see the module.
#[durable_object]
pub struct SiteLedger {
    state: State,
    env: Env,
    /// Log context of the object, for lines about no particular call.
    log: AssertUnwindSafe<LogContext>,
    // Unwind safe: the ledger keeps nothing in memory that it does not read again, and the publisher's running flag is cleared on unwind.
    open_ledger: AssertUnwindSafe<OnceCell<OpenLedger>>,
}

/// The open ledger, its publisher, and the alarm, of which the object has one. The first call that needs the ledger opens it.
#[derive(Clone)]
struct OpenLedger {
    ledger: Rc<Ledger<ObjectSql>>,
    publisher: Rc<Publisher>,
    alarm: Rc<Alarm<Storage>>,
    /// True once all threads are at the addresses that the present rules give them.
    is_canonical: Rc<Cell<bool>>,
}

impl DurableObject for SiteLedger {
    fn new(state: State, env: Env) -> Self {
        let log = AssertUnwindSafe(object_log_context(&state, &env));
        Self { state, env, log, open_ledger: AssertUnwindSafe(OnceCell::new()) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let log = self.log_context(&request);
        // A panic in an object would leave its caller without an answer.
        match AssertUnwindSafe(self.dispatch(request)).catch_unwind().await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => error.into_response(&log, None).map(|(response, _)| response),
            Err(_) => {
                console_error!("ledger call panicked {log} cause=panic");
                refusal_response(Refusal::Internal)
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        let log = self.log.for_route("alarm");
        match AssertUnwindSafe(self.on_alarm()).catch_unwind().await {
            Ok(Ok(())) => response::builder(ContentType::Json, 204).map(worker::ResponseBuilder::empty),
            // The platform runs a failed alarm again.
            Ok(Err(error)) => {
                let refusal = error.into_refusal(&log);
                Err(format!("alarm failed: {}", refusal.code()).into())
            }
            Err(_) => {
                console_error!("alarm failed {log} cause=panic");
                Err("alarm failed: panic".into())
            }
        }
    }
}

/// The `site` parameter of every call.
#[derive(Deserialize)]
struct SiteParam {
    /// Origin of the site, as configured.
    site: String,
}

#[derive(Deserialize)]
struct BackupParams {
    /// Number of the day.
    day: i32,
}

impl SiteLedger {
    async fn dispatch(&self, request: Request) -> std::result::Result<Response, ApiError> {
        match request.path().as_str() {
            SUBMIT => self.submit(request).await,
            READER => self.interact(request).await,
            ADMIN => self.admin(request).await,
            EXPORT => self.export(&request),
            IMPORT => self.import(request).await,
            BACKUP => self.back_up(&request).await,
            PRUNE => self.prune(request).await,
            session_rpc::PATH => sessions::execute(&self.state.storage(), request).await,
            #[cfg(feature = "fault-injection")]
            path if path.starts_with("/faults/") => {
                let publisher = || self.open().map(|open| open.publisher);
                fault_routes::dispatch(&self.state, &self.env, request, publisher, async || self.on_alarm().await).await
            }
            _ => Err(Refusal::NotFound.into()),
        }
    }

    async fn submit(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let (policy, log) = (submission_policy(self.settings()?), self.log_context(&request));
        let open = self.open_with_alarm(&request).await?;
        // Not `Request::json`, which goes through JavaScript numbers: a parent may be any integer.
        let comment: VerifiedComment = serde_json::from_str(&request.text().await?)?;
        let OpenLedger { ledger, publisher, alarm, .. } = open;
        while ledger.load_recent_activity(&comment, &policy, now_seconds())? {
            end_turn().await;
        }
        // No await from here until the alarm is set: the comment, the dirty mark of its page and the alarm are one commit.
        let now = now_seconds();
        let reply = ledger.submit(&comment, policy, now)?;
        if !reply.repeat && comment.network.is_some() {
            alarm.add(Deadline::Prune, to_millis(network_id_expiry(now)), now_millis());
        }
        if reply.posted.status == Status::Published {
            let scheduled = if reply.repeat { Ok(()) } else { publisher.schedule_recovery_alarm().await };
            // Also for a repeat, whose first response may have been an error. If nothing is due, nothing is written.
            self.state.wait_until(publisher.publish());
            scheduled?;
        } else {
            alarm.set(now_millis()).await?;
            for rule in ledger.invalid_rules(&PatternWatcher, now_seconds()).unwrap_or_default() {
                console_error!("comments are held rule={rule} {log} cause=the rule is invalid");
            }
        }
        Ok(json(200, &reply)?)
    }

    /// Executes a reader's request.
    async fn interact(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let policy = submission_policy(self.settings()?);
        let OpenLedger { ledger, publisher, alarm, .. } = self.open_with_alarm(&request).await?;
        // Not `Request::json`, which goes through JavaScript numbers: an id may be any integer.
        let call: ReaderCall = serde_json::from_str(&request.text().await?)?;
        if let ReaderRequest::Edit { edit, .. } = &call.request {
            while ledger.load_recent_activity(edit, &policy, now_seconds())? {
                end_turn().await;
            }
        }
        // No await from here until the alarm is set: what the request changed and the alarm are one commit.
        let now = now_seconds();
        let reply = interact::execute(&ledger, &call, &policy, now)?;
        let aftermath = call.request.aftermath();
        if matches!(aftermath, Aftermath::Expiring | Aftermath::ExpiringChange) {
            prune::add_deadline(&ledger, &alarm, now_millis())?;
        }
        match aftermath {
            Aftermath::None => {}
            Aftermath::Expiring => alarm.set(now_millis()).await?,
            // Nothing is published before that time, so a flood of votes sets one alarm.
            Aftermath::DeferredChange => {
                if let Some(time) = ledger.next_deferred(now)? {
                    alarm.schedule(Deadline::Publish, to_millis(time), now_millis()).await?;
                }
            }
            Aftermath::Change | Aftermath::ExpiringChange => {
                let scheduled = publisher.schedule_recovery_alarm().await;
                self.state.wait_until(publisher.publish());
                scheduled?;
            }
        }
        Ok(json(200, &reply)?)
    }

    fn export(&self, request: &Request) -> std::result::Result<Response, ApiError> {
        let site = self.site(request)?;
        export::respond(self.open()?.ledger, site)
    }

    async fn admin(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let OpenLedger { ledger, publisher, alarm, .. } = self.open_with_alarm(&request).await?;
        let admin_request: AdminRequest = serde_json::from_str(&request.text().await?)?;
        let may_publish = admin_request.may_publish();
        let may_expire = admin_request.may_expire();
        // No await from here until the alarm is set: what the request changed and the alarm are one commit.
        let result = admin::execute(&ledger, admin_request, now_seconds());
        // Also after an error, because a request may have been executed in part.
        let deadline = if may_expire { prune::add_deadline(&ledger, &alarm, now_millis()) } else { Ok(()) };
        if may_publish {
            let scheduled = publisher.schedule_recovery_alarm().await;
            self.state.wait_until(Rc::clone(&publisher).publish());
            scheduled?;
        } else if may_expire {
            alarm.set(now_millis()).await?;
        }
        deadline?;
        let mut response = result?;
        if let AdminResponse::Overview(overview) = &mut response {
            overview.usage.extend(publisher.usage_today().await);
        }
        Ok(json(200, &response)?)
    }

    async fn import(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let site = self.site(&request)?;
        let params: ImportParams = request.query()?;
        let OpenLedger { ledger, publisher, .. } = self.open_with_alarm(&request).await?;
        let settings = self.settings()?;
        let outcome =
            import::run(&ledger, &publisher, settings, &PatternWatcher, site, params, request.stream()?).await;
        if outcome.has_ended {
            // Otherwise more of the site may follow, and publishing waits for it for a while.
            self.state.wait_until(publisher.end_import_hold());
        }
        outcome.response
    }

    async fn back_up(&self, request: &Request) -> std::result::Result<Response, ApiError> {
        let site = self.site(request)?;
        let BackupParams { day } = request.query()?;
        let store = R2Store::open(&self.env).ok_or(Refusal::NotFound)?;
        let (ledger, log) = (self.open()?.ledger, self.log_context(request));
        backup::write_backup(&store, &ledger, site, BackupDay::from_number(day), &log).await?;
        Ok(json(200, &"done")?)
    }

    async fn prune(&self, mut request: Request) -> std::result::Result<Response, ApiError> {
        let now = request.text().await?.parse().map_err(|_| Refusal::BadQuery)?;
        let open = self.open_with_alarm(&request).await?;
        self.prune_expired(&open, now).await?;
        prune::index_search(&open.ledger).await?;
        if open.ledger.has_due()? {
            // Building the index of an older database changes pages.
            open.publisher.schedule_recovery_alarm().await?;
        }
        open.alarm.set(now_millis()).await?;
        Ok(json(200, &"done")?)
    }

    /// Handles the alarm, whichever deadline it was set for.
    async fn on_alarm(&self) -> std::result::Result<(), ApiError> {
        let open = self.open()?;
        open.alarm.mark_fired(now_millis());
        if let Err(error) = self.prune_expired(&open, now_seconds()).await {
            let log = self.log.for_route("alarm");
            console_error!("pruning failed retry_in_ms={PRUNE_PAUSE} {log} cause={error}");
        }
        Rc::clone(&open.publisher).on_alarm().await?;
        Ok(open.alarm.set(now_millis()).await?)
    }

    /// Prunes what has expired, and adds the deadline for what expires next.
    async fn prune_expired(&self, open: &OpenLedger, now: i64) -> std::result::Result<(), LedgerError> {
        let result = prune::prune_site(&open.ledger, now).await;
        let next = match &result {
            Ok(next) => next.map(to_millis),
            Err(_) => Some(0),
        };
        if let Some(next) = next {
            let now = now_millis();
            open.alarm.add(Deadline::Prune, next.max(now + PRUNE_PAUSE), now);
        }
        result.map(drop)
    }

    /// The configured site that a call names, which is the one that this object is for.
    fn site(&self, request: &Request) -> std::result::Result<&'static Origin, ApiError> {
        self.configured_site(request).map(Site::origin)
    }

    fn configured_site(&self, request: &Request) -> std::result::Result<&'static Site, ApiError> {
        let SiteParam { site: name } = request.query()?;
        let site = self.settings()?.sites.iter().find(|site| site.origin().as_str() == name);
        Ok(site.ok_or(Refusal::UnknownSite)?)
    }

    fn settings(&self) -> std::result::Result<&'static Settings, Refusal> {
        settings::load(&self.env).map_err(|_| Refusal::NotConfigured)
    }

    /// Opens the ledger for a call that may set the alarm. The first such call moves the threads to which the rules of the site give another
    /// address. If that fails, they stay where they are, and the next call tries again.
    async fn open_with_alarm(&self, request: &Request) -> std::result::Result<OpenLedger, ApiError> {
        let open = self.open()?;
        open.alarm.load().await?;
        if !open.is_canonical.get() {
            let rules = self.configured_site(request)?.rules();
            match canonicalize::move_threads(&open.ledger, rules, now_seconds()).await {
                Ok(0) => open.is_canonical.set(true),
                Ok(_) => {
                    open.is_canonical.set(true);
                    open.publisher.schedule_recovery_alarm().await?;
                    self.state.wait_until(Rc::clone(&open.publisher).publish());
                }
                Err(error) => {
                    let log = self.log_context(request);
                    console_error!("moving threads failed {log} cause={error}");
                }
            }
        }
        Ok(open)
    }

    fn open(&self) -> std::result::Result<OpenLedger, ApiError> {
        if let Some(open) = self.open_ledger.get() {
            return Ok(open.clone());
        }
        let storage = self.state.storage();
        let alarm = Rc::new(Alarm::new(self.state.storage()));
        // With invalid settings nobody can post, but earlier comments are still published.
        let settings = self.settings().ok();
        let audit_key = settings.map(|settings| settings.signing_key.audit_key());
        let mut ledger = Ledger::open(ObjectSql::new(&storage))?.with_audit_key(audit_key).with_renderer(RENDERER);
        if let Some(settings) = settings {
            ledger = ledger.with_reader_defaults(settings.reader_settings());
        }
        #[cfg(feature = "fault-injection")]
        if let Some(seconds) = crate::platform::faults::wipe_delay(&self.env) {
            ledger = ledger.with_wipe_delay(seconds);
        }
        let ledger = Rc::new(ledger);
        if let Some(site) = site_name(&self.env, ledger.authority()?) {
            self.log.set_site(&site);
        }
        let (daily_writes, log) = (settings.and_then(Settings::daily_writes_per_site), self.log.for_route("publisher"));
        let publisher = Publisher::new(storage, &self.env, Rc::clone(&ledger), Rc::clone(&alarm), daily_writes, log)?;
        let publisher = Rc::new(publisher);
        let is_canonical = Rc::default();
        Ok(self.open_ledger.get_or_init(|| OpenLedger { ledger, publisher, alarm, is_canonical }).clone())
    }

    /// Log context of a call: its path, its site, and the id of the request that made it.
    fn log_context(&self, request: &Request) -> LogContext {
        if let Ok(SiteParam { site }) = request.query() {
            self.log.set_site(&site);
        }
        let request_id = request.headers().get(REQUEST_ID_HEADER).ok().flatten();
        self.log.for_route(request.path()).with_request_id(request_id)
    }
}

/// Log context of an object. Its name is the host and port of a site. An object that starts for an alarm does not know it: there, the
/// ledger tells the site.
fn object_log_context(state: &State, env: &Env) -> LogContext {
    LogContext::new("object").with_site(site_name(env, state.id().name()))
}

/// The origin of the site with this host and port, by which all log lines name it. With invalid settings, host and port.
fn site_name(env: &Env, authority: Option<String>) -> Option<String> {
    let sites = settings::load(env).ok().map(|settings| &settings.sites);
    let mut origins = sites.into_iter().flat_map(|sites| sites.iter().map(Site::origin));
    let site = origins.find(|site| Some(site.authority()) == authority.as_deref());
    site.map(|site| site.as_str().to_owned()).or(authority)
}
