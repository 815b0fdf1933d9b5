//! Moderators' calls about comments: the queue, batches of actions and their undo, and what moderators write.

use afterword_model::moderation::{
    ActionBatch, ActionItem, ActionReason, AuditFilter, BatchAction, CloseOldThreads, MatchingBatch, ModeratedEdit,
    MoveComment, NewReply, OnBehalf, QueueFilter, SweepRequest, ThreadFilter, UndoRequest,
};
use afterword_model::{CommentId, Refusal, Role, SubmissionId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::Response;

use crate::admin_rpc::AdminRequest;
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::api_requests;
use crate::http::admin::call::{AdminCall, send};
use crate::response::{ContentType, builder};

/// The OpenAPI document of all calls of moderators.
const OPENAPI: &str = include_str!("openapi.json");

/// `GET /admin/api/openapi.json`: the description of all calls.
pub(crate) fn openapi() -> Result<Response, ApiError> {
    Ok(builder(ContentType::Json, 200)?.fixed(OPENAPI.as_bytes().to_vec()))
}

/// `GET /admin/api/comments?list=…`: a page of the queue.
pub(crate) async fn read_queue(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let filter = queue_filter(app, &call)?;
    let after = call.request.query_number("after")?.map(CommentId::new);
    let limit = call.list_limit()?.min(MAX_QUEUE_PAGE);
    send(app, &call, &AdminRequest::ReadQueue { filter, after, limit }).await
}

/// Maximum number of comments of a page of the queue.
const MAX_QUEUE_PAGE: u32 = 100;

/// `GET /admin/api/comments/count?list=…`: the number of comments that match.
pub(crate) async fn count_matching(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let filter = queue_filter(app, &call)?;
    send(app, &call, &AdminRequest::CountMatching { filter }).await
}

/// `GET /admin/api/comments/<id>`: a comment with its thread around it and its history.
pub(crate) async fn read_comment(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let comment = call.comment_id()?;
    send(app, &call, &AdminRequest::ReadComment { comment }).await
}

/// `POST /admin/api/comments`: posts a comment for somebody.
pub(crate) async fn post_on_behalf(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let mut body: OnBehalf = call.json_body(&app.log).await?;
    body.url = call.post_url(app, body.url.as_str())?;
    let request = api_requests::on_behalf(app, call.site(app)?, body, call.moderator.name())?;
    send(app, &call, &request).await
}

/// `POST /admin/api/comments/<id>/edit`: replaces the text of a comment.
pub(crate) async fn edit(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let (comment, body): (_, ModeratedEdit) = comment_body(app, &mut call).await?;
    let request = api_requests::edit(app, call.site(app)?, comment, body, call.moderator.name())?;
    send(app, &call, &request).await
}

/// `POST /admin/api/comments/<id>/reply`: replies as the owner.
pub(crate) async fn reply(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let (comment, body): (_, NewReply) = comment_body(app, &mut call).await?;
    let request = api_requests::reply(app, call.site(app)?, comment, body, call.moderator.name())?;
    send(app, &call, &request).await
}

/// `POST /admin/api/comments/<id>/move`: moves a comment to another post.
pub(crate) async fn move_comment(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let (comment, mut body): (_, MoveComment) = comment_body(app, &mut call).await?;
    body.url = call.post_url(app, body.url.as_str())?;
    let request = api_requests::move_comment(comment, body, call.moderator.name());
    send(app, &call, &request).await
}

/// `POST /admin/api/actions`: carries out a batch.
pub(crate) async fn act(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let BatchBody { id, action, comments, reason } = call.json_body(&app.log).await?;
    require_role_for(&call, action)?;
    let id = call.attribution(id)?.id;
    let batch = ActionBatch { id, action, comments, reason };
    send(app, &call, &AdminRequest::RunBatch { batch, by: call.moderator.name().to_owned() }).await
}

/// `POST /admin/api/actions/matching`: carries out a step of a batch on all comments that match a filter.
pub(crate) async fn act_on_matching(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let mut batch: MatchingBatch = call.json_body(&app.log).await?;
    require_role_for(&call, batch.action)?;
    if let Some(post) = &batch.filter.post {
        batch.filter.post = Some(call.post_url(app, post.as_str())?);
    }
    send(app, &call, &AdminRequest::RunMatchingBatch { batch, by: call.moderator.name().to_owned() }).await
}

/// `POST /admin/api/actions/<action>/undo`: undoes a batch.
pub(crate) async fn undo(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let batch = call.action_id()?;
    let UndoBody { id, after } = call.json_body(&app.log).await?;
    let request = UndoRequest { id: call.attribution(id)?.id, batch, after };
    send(app, &call, &AdminRequest::Undo { request, by: call.moderator.name().to_owned() }).await
}

/// `POST /admin/api/bans/<action>/sweep`: marks the next comments that a ban matches as spam.
pub(crate) async fn sweep(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let ban = call.action_id()?;
    let SweepBody { id, after } = call.json_body(&app.log).await?;
    let request = SweepRequest { ban, batch: id.unwrap_or(ban), after };
    send(app, &call, &AdminRequest::Sweep { request, by: call.moderator.name().to_owned() }).await
}

/// `GET /admin/api/threads`: the threads of the site, newest first.
pub(crate) async fn list_threads(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let search = call.request.query_value("search").filter(|search| !search.is_empty());
    let closed = call.request.query_value("closed").filter(|closed| !closed.is_empty());
    let closed = closed.map(|_| call.request.query_flag("closed", false)).transpose()?;
    let (before, limit) = (call.request.query_number("before")?, call.list_limit()?);
    send(app, &call, &AdminRequest::ListThreads { filter: ThreadFilter { search, closed }, before, limit }).await
}

/// `POST /admin/api/threads/close-old`: closes threads without a recent comment.
pub(crate) async fn close_old_threads(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let request: CloseOldThreads = call.json_body(&app.log).await?;
    send(app, &call, &AdminRequest::CloseOldThreads { request, by: call.moderator.name().to_owned() }).await
}

/// `GET /admin/api/overview`: numbers of the site.
pub(crate) async fn overview(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    send(app, &call, &AdminRequest::ReadOverview).await
}

/// The filter in the query of a list of comments.
pub(crate) fn queue_filter(app: &AppContext, call: &AdminCall<'_>) -> Result<QueueFilter, Refusal> {
    let text = |name| call.request.query_value(name).filter(|text| !text.trim().is_empty());
    Ok(QueueFilter {
        list: call.request.query_word("list")?.unwrap_or_default(),
        search: text("search"),
        post: text("post").map(|url| call.post_url(app, &url)).transpose()?,
        author: text("author"),
        from: call.request.query_number("from")?,
        until: call.request.query_number("until")?,
    })
}

/// The filter in the query of the audit log.
pub(crate) fn audit_filter(call: &AdminCall<'_>) -> Result<AuditFilter, Refusal> {
    let text = |name| call.request.query_value(name).filter(|text| !text.is_empty());
    Ok(AuditFilter {
        by: text("by"),
        action: call.request.query_word("action")?,
        comment: call.request.query_number("comment")?.map(CommentId::new),
        batch: text("batch"),
        from: call.request.query_number("from")?,
        until: call.request.query_number("until")?,
        since: call.request.query_number("since")?,
    })
}

/// Only owners do what cannot be undone.
fn require_role_for(call: &AdminCall<'_>, action: BatchAction) -> Result<(), Refusal> {
    let required = if action.is_undoable() { Role::Moderator } else { Role::Owner };
    if call.moderator.role().includes(required) { Ok(()) } else { Err(Refusal::WrongRole) }
}

async fn comment_body<T: DeserializeOwned>(
    app: &AppContext,
    call: &mut AdminCall<'_>,
) -> Result<(CommentId, T), Refusal> {
    Ok((call.comment_id()?, call.json_body(&app.log).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchBody {
    id: Option<SubmissionId>,
    action: BatchAction,
    comments: Vec<ActionItem>,
    reason: Option<ActionReason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoBody {
    id: Option<SubmissionId>,
    after: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SweepBody {
    /// UUID of the batch; that of the ban if it is missing.
    id: Option<SubmissionId>,
    after: Option<CommentId>,
}
