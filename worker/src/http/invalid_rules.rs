//! Number of the sites' rules that are not valid, for the health check.

use std::cell::Cell;

use crate::admin_rpc::{AdminRequest, InvalidRuleList};
use crate::context::AppContext;
use crate::error::ApiError;
use crate::ledger_client;
use crate::platform::clock::now_seconds;

/// Time in seconds for which the number is kept: anybody can ask, and each answer costs an object request for each site.
const MAX_AGE_SECONDS: i64 = 60;

thread_local! {
    /// The last number, and the time at which it was read.
    static LAST: Cell<Option<(usize, i64)>> = const { Cell::new(None) };
}

/// Number of bans and lists of muted words, of all sites, because of which comments are held. `None` if a ledger does not reply.
pub(crate) async fn count(app: &AppContext) -> Option<usize> {
    let now = now_seconds();
    if let Some((rules, _)) = LAST.get().filter(|(_, read)| (0..MAX_AGE_SECONDS).contains(&(now - read))) {
        return Some(rules);
    }
    let rules = read(app).await.ok()?;
    LAST.set(Some((rules, now)));
    Some(rules)
}

async fn read(app: &AppContext) -> Result<usize, ApiError> {
    let mut rules = 0;
    for site in app.settings.sites.iter() {
        let mut response = ledger_client::admin(app, site.origin(), &AdminRequest::ListInvalidRules).await?;
        let list: InvalidRuleList = response.json().await?;
        rules += list.invalid_rules.len();
    }
    Ok(rules)
}
