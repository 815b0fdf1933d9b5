//! `/admin/matching`: an action on all comments that match a filter, with a confirmation and in bounded steps.

use afterword_model::moderation::{BatchAction, MatchingBatch, MatchingCount, MatchingProgress, QueueFilter};
use afterword_model::{CommentId, Origin, Refusal};
use afterword_view::admin::{MatchingView, matching_page};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::fields;
use crate::http::form_fields::FormFields;

/// `GET /admin/matching`: how many comments match, and what can be done with them.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let site = context.site()?;
    let value = |name: &str| call.request.query_value(name).unwrap_or_default();
    let filter = fields::queue_filter(app, Some(site), value)?;
    let action = fields::word(&value("action"))?.filter(|action: &BatchAction| action.is_undoable());
    let matching = calls::count_matching(app, site, &filter).await?;
    let newest = matching.through.map(|newest| newest.get()).unwrap_or_default();
    let through = call.request.query_number("through")?.unwrap_or(newest);
    let view = MatchingView { filter: &filter, matching: &matching, through, action, progress: None };
    context.respond(|frame| matching_page(frame, &view))
}

/// `POST /admin/matching`: does the next steps. All steps have the id of the first one, and are one batch: a form that is sent twice does
/// nothing twice, and one undo is enough.
pub(crate) async fn post(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let context = PageContext::of_one_site(app, &call).await?;
    let site = fields::form_site(app, &call, &fields).or_else(|_| context.site().map_err(|_| Refusal::UnknownSite))?;
    let batch = read(app, site, &fields)?;
    let (through, count, action) = (batch.through, batch.count, batch.action);
    let filter = batch.filter.clone();
    let progress = run(app, &call, site, batch).await?;
    let counted = afterword_model::moderation::ListCount { count, more: false };
    let matching = MatchingCount { count: counted, through: Some(through) };
    let view = MatchingView {
        filter: &filter,
        matching: &matching,
        through: through.get(),
        action: Some(action),
        progress: Some(&progress),
    };
    context.respond(|frame| matching_page(frame, &view))
}

async fn run(
    app: &AppContext,
    call: &AdminCall<'_>,
    site: &Origin,
    mut batch: MatchingBatch,
) -> Result<MatchingProgress, ApiError> {
    let mut others = Vec::new();
    let mut steps = 1;
    loop {
        let mut progress = calls::act_on_matching(app, site, batch.clone(), call.moderator.name()).await?;
        others.append(&mut progress.others);
        match progress.next {
            Some(next) if steps < calls::STEPS => batch.after = Some(next),
            _ => return Ok(MatchingProgress { others, ..progress }),
        }
        steps += 1;
    }
}

fn read(app: &AppContext, site: &Origin, fields: &FormFields) -> Result<MatchingBatch, Refusal> {
    let number = |name| fields.value(name).parse::<i64>().map_err(|_| Refusal::BadQuery);
    let filter: QueueFilter = fields::queue_filter(app, Some(site), |name| fields.value(name).to_owned())?;
    let action: BatchAction = fields::word(fields.value("action"))?.ok_or(Refusal::BadQuery)?;
    let after = match fields.value("after") {
        "" => None,
        _ => Some(CommentId::new(number("after")?)),
    };
    if !action.is_undoable() {
        return Err(Refusal::BadQuery);
    }
    Ok(MatchingBatch {
        id: fields::action_id(fields)?,
        action,
        filter,
        through: CommentId::new(number("through")?),
        count: u32::try_from(number("count")?).map_err(|_| Refusal::BadQuery)?,
        after,
        reason: fields::reason(fields)?,
    })
}
