//! The questions of the script: what other moderators did since the page was drawn, and the numbers of the lists.

use afterword_model::Origin;
use afterword_model::moderation::{Answering, Changes, KeptCounts};
use serde::Serialize;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::fields;
use crate::http::admin::pages::merged_queue::add_count;
use crate::response::json;

/// Number of entries in one reply. The script asks again with the number of the last one.
const MAX_ENTRIES: u32 = 100;

#[derive(Serialize)]
struct News {
    #[serde(flatten)]
    changes: Changes,
    /// The other moderators who have the form for an answer open.
    answering: Vec<Answering>,
}

/// `GET /admin/api/changes`: the entries of the audit log after `since`, oldest first, and the numbers of comments in the lists. For several blogs
/// together there are only the numbers, because the entries of each blog have numbers of their own.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let since: i64 = call.request.query_number("since")?.unwrap_or(0);
    let sites: Vec<&Origin> = match call.request.query_value("site").filter(|site| !site.is_empty()) {
        Some(site) => vec![fields::site(app, &call, &site)?],
        None => call.sites(app).collect(),
    };
    let news = match sites[..] {
        [site] => News {
            changes: calls::changes(app, site, Some(since), MAX_ENTRIES).await?,
            answering: calls::answering(app, site, call.moderator.name()).await?,
        },
        _ => News { changes: Changes { audit: Vec::new(), counts: counts(app, &sites).await? }, answering: Vec::new() },
    };
    Ok(json(200, &news)?)
}

/// The numbers of comments in the lists of some blogs together.
pub(crate) async fn counts(app: &AppContext, sites: &[&Origin]) -> Result<KeptCounts, ApiError> {
    let mut total = KeptCounts::default();
    for site in sites {
        let counts = calls::changes(app, site, None, 0).await?.counts;
        add_count(&mut total.pending, counts.pending);
        add_count(&mut total.reported, counts.reported);
        add_count(&mut total.spam, counts.spam);
        add_count(&mut total.deleted, counts.deleted);
    }
    Ok(total)
}
