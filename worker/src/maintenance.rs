//! What is done every night, when the cron trigger rings.

use afterword_ledger::{Ledger, Sql};
use afterword_model::Site;
use worker::{Env, console_error};

use crate::platform::usage::Usage;
use crate::transfer::backup;
use crate::{ledger_client, settings};

/// Comments that are looked at in one step of forgetting, and steps of a night: five times what a site takes in a day.
const STEP: u32 = 1_000;
const STEPS: u32 = 40;

/// Has every site forget what is kept for a while only, and then write its backup. `at` is the moment for which the trigger was set, in
/// Unix milliseconds.
pub(crate) async fn fall(env: &Env, at: f64) {
    let settings = match settings::of(env) {
        Ok(settings) => settings,
        Err(problems) => return console_error!("no night: {}", problems.join(" ")),
    };
    let seconds = (at / 1_000.0).floor() as i64;
    for site in settings.sites.iter().map(Site::origin) {
        ledger_client::went_well(
            "forgetting",
            site,
            ledger_client::ask(env, &Usage::default(), site, "forget", &seconds.to_string()).await,
        );
    }
    backup::all(env, &settings.sites, at).await;
}

/// Forgets the networks of older days and the bans that have ended; what does not fit into one night is done in the next.
pub(crate) fn forget<S: Sql>(ledger: &Ledger<S>, now: i64) -> Result<(), afterword_ledger::LedgerError> {
    for _ in 0..STEPS {
        if !ledger.prune(now, STEP)?.more {
            break;
        }
    }
    Ok(())
}
