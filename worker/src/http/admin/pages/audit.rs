//! `/admin/audit`: what moderators did.

use afterword_model::moderation::AuditFilter;
use afterword_model::{CommentId, Refusal, SubmissionId};
use afterword_view::admin::{AuditView, audit_page};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::fields;

/// Number of entries on a page.
const PAGE_ENTRIES: u32 = 100;

/// `GET /admin/audit`: the log of a blog, newest entries first.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let filter = filter(|name| call.request.query_value(name).unwrap_or_default())?;
    let before = call.request.query_number("before")?;
    let page = calls::audit(app, context.site()?, &filter, before, PAGE_ENTRIES).await?;
    let next = page.next.map(|next| next.to_string()).unwrap_or_default();
    let moderators = app.settings.moderator_names(context.site()?);
    context.respond(|frame| {
        audit_page(frame, &AuditView { filter: &filter, entries: &page.audit, next: &next, moderators: &moderators })
    })
}

fn filter(value: impl Fn(&str) -> String) -> Result<AuditFilter, Refusal> {
    let text = |name| Some(value(name).trim().to_owned()).filter(|text: &String| !text.is_empty());
    let comment = |id: String| id.parse().map(CommentId::new).map_err(|_| Refusal::BadQuery);
    let batch = |id: String| SubmissionId::parse(&id).map(|id| id.to_string()).ok_or(Refusal::BadQuery);
    let until = |day: String| fields::day_start(&day).map(|start| start + 24 * 3600);
    Ok(AuditFilter {
        by: text("by"),
        action: fields::word(&value("action"))?,
        comment: text("comment").map(comment).transpose()?,
        batch: text("batch").map(batch).transpose()?,
        from: text("from").map(|day| fields::day_start(&day)).transpose()?,
        until: text("until").map(until).transpose()?,
        since: None,
    })
}
