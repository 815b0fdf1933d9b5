//! The questions of the script: what other moderators did since the page was drawn, and the numbers of the lists.

use afterword_model::Origin;
use afterword_model::moderation::{Answering, AuditFilter, AuditRecord, QueueCounts, QueueFilter};
use serde::Serialize;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::fields;
use crate::http::admin::pages::merged_queue::add_counts;
use crate::response::json;

/// Number of entries in one reply. The script asks again with the number of the last one.
const MAX_ENTRIES: u32 = 100;

#[derive(Serialize)]
struct Changes {
    audit: Vec<AuditRecord>,
    /// The other moderators who have the form for an answer open.
    answering: Vec<Answering>,
    counts: QueueCounts,
}

/// `GET /admin/api/changes`: the entries of the audit log after `since`, oldest first, and the numbers of comments in the lists. For several blogs
/// together there are only the numbers, because the entries of each blog have numbers of their own.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let since: i64 = call.request.query_number("since")?.unwrap_or(0);
    let sites: Vec<&Origin> = match call.request.query_value("site").filter(|site| !site.is_empty()) {
        Some(site) => vec![fields::site(app, &call, &site)?],
        None => call.sites(app).collect(),
    };
    let (audit, answering) = match sites[..] {
        [site] => {
            let filter = AuditFilter { since: Some(since), ..AuditFilter::default() };
            let audit = calls::audit(app, site, &filter, None, MAX_ENTRIES).await?.audit;
            (audit, calls::answering(app, site, call.moderator.name()).await?)
        }
        _ => (Vec::new(), Vec::new()),
    };
    Ok(json(200, &Changes { audit, answering, counts: counts(app, &sites).await? })?)
}

/// The numbers of comments in the lists of some blogs together.
pub(crate) async fn counts(app: &AppContext, sites: &[&Origin]) -> Result<QueueCounts, ApiError> {
    let mut total = QueueCounts::default();
    for site in sites {
        add_counts(&mut total, &calls::queue(app, site, &QueueFilter::default(), None, 1).await?.counts);
    }
    Ok(total)
}
