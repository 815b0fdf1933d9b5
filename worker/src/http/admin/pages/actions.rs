//! Actions on comments: on one, on a selection, and their undo.

use afterword_model::moderation::{ActionBatch, ActionItem, BatchAction, QueueCounts, SiteResult};
use afterword_model::{Origin, Refusal, SubmissionId, limits};
use serde::Serialize;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::cursors::Cursors;
use crate::http::admin::pages::{changes, fields, notice, steps};
use crate::http::form_fields::FormFields;
use crate::response::{json, see_other};

/// The page to which a form returns that names no other.
const QUEUE: &str = "/admin/queue";

/// `POST /admin/act`: one action on the comments that the form names.
pub(crate) async fn act(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let back = fields::back(&fields, QUEUE);
    let items = fields::items(app, &call, &fields)?;
    if items.is_empty() {
        return Ok(see_other(&notice::nothing_address(&back))?);
    }
    let action: BatchAction = fields::word(fields.value("action"))?.ok_or(Refusal::BadQuery)?;
    // What cannot be undone has a page of its own, where the owner confirms it.
    if items.len() > limits::BATCH_COMMENTS || !action.is_undoable() {
        return Err(Refusal::BadQuery.into());
    }
    let (id, reason) = (fields::action_id(&fields)?, fields::reason(&fields)?);
    let (mut results, mut sites) = (Vec::new(), Vec::new());
    for site in call.sites(app) {
        let of_site = items.iter().filter(|item| item.site == site);
        let comments: Vec<ActionItem> = of_site.map(|item| item.item).collect();
        if !comments.is_empty() {
            let batch = ActionBatch { id, action, comments, reason };
            let done = calls::act(app, site, batch, call.moderator.name()).await?.results;
            results.extend(done.into_iter().map(|result| SiteResult { site: site.as_str().to_owned(), result }));
            sites.push(site);
        }
    }
    if wants_json(&call) {
        return reply(app, id, results, &sites, String::new()).await;
    }
    Ok(see_other(&notice::batch_address(&back, id, action, &results))?)
}

/// `POST /admin/undo`: undoes a batch, or the next part of a large one. Without a site in the form, the batch may concern several.
pub(crate) async fn undo(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let back = fields::back(&fields, QUEUE);
    let (id, batch) = (fields::action_id(&fields)?, SubmissionId::parse(fields.value("batch")).ok_or(Refusal::BadId)?);
    let after = Cursors::parse(fields.value("after")).ok_or(Refusal::BadQuery)?;
    let sites: Vec<&Origin> = match fields.value("site") {
        "" => call.sites(app).collect(),
        origin => vec![fields::site(app, &call, origin)?],
    };
    let undone = steps::undo(app, &sites, (batch, id), call.moderator.name(), &after).await?;
    if wants_json(&call) {
        return reply(app, id, undone.results, &undone.sites, undone.next.text()).await;
    }
    // The notice of a page reads what was done from the audit log, which has too much for it after a large batch.
    if !after.is_empty() || !undone.next.is_empty() || undone.results.len() > limits::BATCH_COMMENTS {
        return steps::undo_page(app, &call, (batch, id), &undone, &fields, &back).await;
    }
    Ok(see_other(&notice::undo_address(&back, id, &undone.results))?)
}

/// Returns true if the script sends the form, and not the browser itself.
fn wants_json(call: &AdminCall<'_>) -> bool {
    call.request.header("accept").is_some_and(|accept| accept.trim_start().starts_with("application/json"))
}

/// The reply to a form that the script sends.
#[derive(Serialize)]
struct ActionReply {
    id: SubmissionId,
    results: Vec<SiteResult>,
    counts: QueueCounts,
    /// Value of the field `after` with which the script sends the form again, to do the rest. Missing at the end.
    #[serde(skip_serializing_if = "String::is_empty")]
    next: String,
}

async fn reply(
    app: &AppContext,
    id: SubmissionId,
    results: Vec<SiteResult>,
    sites: &[&Origin],
    next: String,
) -> Result<Response, ApiError> {
    Ok(json(200, &ActionReply { id, results, counts: changes::counts(app, sites).await?, next })?)
}
