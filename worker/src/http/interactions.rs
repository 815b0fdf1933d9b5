//! Calls of readers about a comment or a post, besides reading and commenting: they edit, delete, vote, report and react.
//!
//! Each call names the post. Those that change something are closed to pages of other sites, as `POST /v1/comments` is.

use afterword_guard::AuthorKey;
use afterword_model::body::{EditBody, ReactionBody, ReportBody, VoteBody, parse_object};
use afterword_model::{CommentId, NewComment, PostRef, Refusal, limits};
use serde::de::DeserializeOwned;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::read_api::requested_post;
use crate::http::request::ApiRequest;
use crate::http::spam_check::{self, SubmissionContext, client_network};
use crate::http::submit_comment::{author_key, require_same_site, site_of_page, verify};
use crate::ledger_client;
use crate::platform::random;
use crate::reader_rpc::{ReaderCall, ReaderRequest};
use crate::response::{ContentType, forward};

/// `GET /v1/comments/<id>/source`: the text of a comment, for its author.
pub(crate) async fn source(app: &AppContext, request: &ApiRequest, comment: CommentId) -> Result<Response, ApiError> {
    let (post, key) = admit(app, request).await?;
    send(app, request, &post, Some(&key), ReaderRequest::Source { comment }).await
}

/// `PATCH /v1/comments/<id>`: replaces the text of a comment.
pub(crate) async fn edit(app: &AppContext, request: &mut ApiRequest, comment: CommentId) -> Result<Response, ApiError> {
    require_json(request)?;
    let (post, key) = admit(app, request).await?;
    let EditBody { id, text } = json_body(app, request).await?;
    let new = NewComment { id, url: post.requested_url.clone(), text, ..NewComment::default() };
    let submission = new.validate(&app.settings.sites).map_err(|refusal| ApiError::invalid(&new, refusal))?;
    let edit = Box::new(verify(app, submission, Some(key.clone()), &SubmissionContext::from_edit(request))?);
    send(app, request, &post, Some(&key), ReaderRequest::Edit { comment, edit }).await
}

/// `DELETE /v1/comments/<id>`: deletes a comment, for its author.
pub(crate) async fn delete(app: &AppContext, request: &ApiRequest, comment: CommentId) -> Result<Response, ApiError> {
    let (post, key) = admit(app, request).await?;
    send(app, request, &post, Some(&key), ReaderRequest::Delete { comment }).await
}

/// `POST /v1/comments/<id>/restore`: restores a comment that its author has deleted.
pub(crate) async fn restore(app: &AppContext, request: &ApiRequest, comment: CommentId) -> Result<Response, ApiError> {
    let (post, key) = admit(app, request).await?;
    send(app, request, &post, Some(&key), ReaderRequest::Restore { comment }).await
}

/// `POST /v1/comments/<id>/vote`: sets the reader's vote on a comment.
pub(crate) async fn vote(app: &AppContext, request: &mut ApiRequest, comment: CommentId) -> Result<Response, ApiError> {
    require_json(request)?;
    let (post, key) = admit(app, request).await?;
    let VoteBody { vote } = json_body(app, request).await?;
    send(app, request, &post, Some(&key), ReaderRequest::Vote { comment, vote }).await
}

/// `POST /v1/comments/<id>/report`: reports a comment to the moderators. It needs no author key.
pub(crate) async fn report(
    app: &AppContext,
    request: &mut ApiRequest,
    comment: CommentId,
) -> Result<Response, ApiError> {
    require_json(request)?;
    let key = author_key(request)?;
    let post = admit_page(app, request).await?;
    let body: ReportBody = json_body(app, request).await?;
    let (id, text) = (random::submission_id()?, body.clean_text()?);
    let report = ReaderRequest::Report { comment, id, reason: body.reason, text };
    send(app, request, &post, key.as_ref(), report).await
}

/// `POST /v1/reactions`: sets the reader's reaction to a post.
pub(crate) async fn react(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    require_json(request)?;
    let (post, key) = admit(app, request).await?;
    let ReactionBody { reaction } = json_body(app, request).await?;
    if reaction.as_ref().is_some_and(|reaction| reaction.len() > limits::REACTION_BYTES) {
        return Err(Refusal::UnknownReaction.into());
    }
    send(app, request, &post, Some(&key), ReaderRequest::React { reaction }).await
}

/// `GET /v1/comments/status`: the fate of the reader's own comments.
pub(crate) async fn fates(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let ids = request.query_values("id");
    if ids.is_empty() || ids.len() > limits::STATUS_IDS {
        return Err(Refusal::BadQuery.into());
    }
    let parse = |id: &String| id.parse().map(CommentId::new).map_err(|_| Refusal::BadQuery);
    let comments = ids.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let (post, key) = admit(app, request).await?;
    send(app, request, &post, Some(&key), ReaderRequest::Fates { comments }).await
}

/// The post of a call and the reader's key, which the call needs.
async fn admit(app: &AppContext, request: &ApiRequest) -> Result<(PostRef, AuthorKey), ApiError> {
    let key = author_key(request)?.ok_or(Refusal::BadAuthorKey)?;
    Ok((admit_page(app, request).await?, key))
}

/// The post of a call, if the page that makes the call is of its site, and the platform's limiter agrees.
async fn admit_page(app: &AppContext, request: &ApiRequest) -> Result<PostRef, ApiError> {
    let page_site = site_of_page(app, request.origin().as_deref())?;
    let post = requested_post(app, request)?.post;
    require_same_site(page_site, &post.site)?;
    spam_check::check_rate(app, request).await?;
    Ok(post)
}

fn require_json(request: &ApiRequest) -> Result<(), Refusal> {
    if request.has_media_type("application/json") { Ok(()) } else { Err(Refusal::BadMediaType) }
}

async fn json_body<T: DeserializeOwned>(app: &AppContext, request: &mut ApiRequest) -> Result<T, Refusal> {
    parse_object(&request.read_body(&app.log).await?)
}

/// Sends a request to the object of the site, and forwards its response.
async fn send(
    app: &AppContext,
    request: &ApiRequest,
    post: &PostRef,
    key: Option<&AuthorKey>,
    reader_request: ReaderRequest,
) -> Result<Response, ApiError> {
    let author = key.map(|key| key.author_id(&post.site, &app.settings.signing_key).hash).unwrap_or_default();
    let network = client_network(app.settings, request, &post.site);
    let call = ReaderCall { url: post.url.clone(), author, network, request: reader_request };
    Ok(forward(ContentType::Json, ledger_client::reader(app, &post.site, &call).await?)?)
}
