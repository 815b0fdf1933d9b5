//! Nightly maintenance, started by the cron trigger.

use afterword_model::{Origin, Refusal, Site};
use worker::{Env, Response, console_error, console_log};

use crate::context::AppContext;
use crate::ledger_client;
use crate::nightly_record;
use crate::platform::log_context::LogContext;
use crate::settings;
use crate::transfer::backup_day::BackupDay;
use crate::transfer::r2_store::R2Store;

/// Prunes expired data for every site, then writes the backups of all sites, one after the other, if a bucket is bound. If all of it
/// succeeds, the health check reports this run. `scheduled_at` is the time for which the trigger was set, in Unix milliseconds.
pub(crate) async fn run_nightly(env: Env, scheduled_at: f64) {
    let log = LogContext::new("scheduled");
    let settings = match settings::load(&env) {
        Ok(settings) => settings,
        Err(problems) => {
            return console_error!("nightly maintenance skipped {log} cause=invalid settings: {}", problems.join(" "));
        }
    };
    let app = AppContext::new(env, settings, log);
    let sites = || settings.sites.iter().map(Site::origin);
    let seconds = (scheduled_at / 1_000.0).floor() as i64;
    let mut succeeded = true;
    for site in sites() {
        let result = ledger_client::prune(&app, site, seconds).await;
        succeeded &= log_failure(&app, "prune", site, result);
    }
    let has_bucket = R2Store::open(&app.env).is_some();
    let day = BackupDay::from_millis(scheduled_at);
    for site in sites().filter(|_| has_bucket) {
        let result = ledger_client::backup(&app, site, day.number()).await;
        if log_failure(&app, "backup", site, result) {
            console_log!("backup written day={} {}", day.date(), app.log.for_site(site.as_str()));
        } else {
            succeeded = false;
        }
    }
    if succeeded && let Err(error) = nightly_record::write(&app.env, seconds).await {
        console_error!("nightly maintenance not recorded {} cause={error}", app.log);
    }
}

/// Logs a failed call to the object of a site. Returns true if the call succeeded.
fn log_failure(app: &AppContext, operation: &str, site: &Origin, result: Result<Response, Refusal>) -> bool {
    let cause = match result {
        Ok(response) if response.status_code() == 200 => return true,
        Ok(response) => format!("status {}", response.status_code()),
        Err(refusal) => refusal.message().to_owned(),
    };
    console_error!("{operation} failed {} cause={cause}", app.log.for_site(site.as_str()));
    false
}
