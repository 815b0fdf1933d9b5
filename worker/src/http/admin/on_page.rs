//! Moderation on the pages of the blog.
//!
//! `/admin/on-page` leads to a post, with a code in the fragment of the address. The widget exchanges the code for a token and makes its calls with
//! it. The blog's own scripts can do the same, so a token allows what can be undone, on one comment at a time, and the replies name nothing
//! that readers must not know of each other: no e-mail address, no network.

use afterword_guard::{Moderator, PAGE_CODE_SECONDS, PAGE_TOKEN_SECONDS, PageAccess, PageCredential, bearer_token};
use afterword_model::body::parse_object;
use afterword_model::moderation::{
    ActionBatch, ActionItem, ActionOutcome, BatchAction, ItemResult, ModerationState, NewReply, QueueFilter, QueueList,
    QueuedComment, UndoRequest,
};
use afterword_model::{CommentId, Refusal, SafeHtml, Site, SubmissionId};
use afterword_view::admin::why_held_list;
use serde::{Deserialize, Serialize};
use worker::{Response, console_log};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::auth::{self, Credential};
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::platform::random;
use crate::response::{json, see_other};
use crate::session_client;
use crate::session_rpc::SessionCall;

/// Number of comments that one call lists.
const LIST_LIMIT: u32 = 50;
/// The actions on a page of the blog. Each concerns one comment and can be undone.
const ACTIONS: [BatchAction; 6] = [
    BatchAction::Approve,
    BatchAction::Spam,
    BatchAction::Delete,
    BatchAction::Unpublish,
    BatchAction::Pin,
    BatchAction::Unpin,
];

/// `GET /admin/on-page?post=…`: leads to the post, with a code for its page. An address with a route has no room for the code.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let requested = call.request.query_value("post").ok_or(Refusal::BadQuery)?;
    let post = app.settings.sites.resolve_post(&requested)?;
    let site = call.sites(app).find(|site| **site == post.site).ok_or(Refusal::UnknownSite)?;
    app.log.set_site(site.as_str());
    if post.url.has_route() {
        return Ok(see_other(post.url.as_str())?);
    }
    let moderator = call.moderator.name().to_owned();
    let (session, generation) = match &call.credential {
        Credential::Session(session) => (session.id, session.generation),
        Credential::Access | Credential::Secret | Credential::Page(_) => {
            let read = SessionCall::Read { moderator: moderator.clone(), session: None };
            (random::bytes()?, session_client::call(app, &read).await?.generation)
        }
    };
    let expires = now_seconds().saturating_add(PAGE_CODE_SECONDS);
    let access = PageAccess { id: random::bytes()?, moderator, session, generation, expires };
    let (moderators, key) = (&app.settings.moderators, &app.settings.signing_key);
    let code = access.issue(PageCredential::Code, site.as_str(), moderators, key);
    Ok(see_other(&format!("{}#afterword&moderate={code}", post.url))?)
}

/// `POST /v1/moderation/token`: exchanges a code for a token, once.
pub(crate) async fn exchange(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    if !request.has_media_type("application/json") {
        return Err(Refusal::BadMediaType.into());
    }
    let (site, page) = page_of(app, request)?;
    let CodeBody { code } = parse_object(&request.read_body(&app.log).await?)?;
    let access = verify(app, PageCredential::Code, &code, site.origin().as_str())?;
    let moderator = authorize(app, &access, site).await?;
    let spend = SessionCall::Spend { code: access.id_text(), expires: access.expires };
    if session_client::call(app, &spend).await?.ended {
        return Err(Refusal::Unauthorized.into());
    }
    let expires = now_seconds().saturating_add(PAGE_TOKEN_SECONDS);
    let access = PageAccess { expires, ..access };
    let token = access.issue(PageCredential::Token, &page, &app.settings.moderators, &app.settings.signing_key);
    console_log!("moderation opened on a page moderator={} {}", moderator.name(), app.log);
    Ok(json(200, &TokenReply { token, expires, moderator: moderator.name() })?)
}

/// Returns the moderator whose token a request has, and the site of the page that makes it.
pub(crate) async fn authenticate(
    app: &AppContext,
    request: &ApiRequest,
) -> Result<(&'static Moderator, Credential), ApiError> {
    let (site, page) = page_of(app, request)?;
    let header = request.header("authorization").unwrap_or_default();
    let token = bearer_token(&header).ok_or(Refusal::Unauthorized)?;
    let access = verify(app, PageCredential::Token, token, &page)?;
    Ok((authorize(app, &access, site).await?, Credential::Page(site.origin())))
}

/// `GET /v1/moderation/comments?url=…`: the comments on a post that wait, oldest first.
pub(crate) async fn list(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let url = call.post_url(app, &call.request.query_value("url").ok_or(Refusal::BadQuery)?)?;
    let filter = QueueFilter { post: Some(url), ..QueueFilter::of_list(QueueList::Pending) };
    let page = calls::queue(app, call.site(app)?, &filter, None, LIST_LIMIT).await?;
    let comments = page.comments.iter().map(OnPageComment::from).collect();
    Ok(json(200, &ListReply { comments, more: page.next.is_some() })?)
}

/// `GET /v1/moderation/comments/<id>`: a comment as it is now.
pub(crate) async fn read(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let page = calls::comment(app, call.site(app)?, call.comment_id()?).await?;
    Ok(json(200, &OnPageComment::from(&page.comment))?)
}

/// `POST /v1/moderation/actions`: decides about one comment.
pub(crate) async fn act(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let ActionBody { id, action, comment, revision } = call.json_body(&app.log).await?;
    if !ACTIONS.contains(&action) {
        return Err(Refusal::WrongRole.into());
    }
    let batch = ActionBatch { id, action, comments: vec![ActionItem { id: comment, revision }], reason: None };
    let result = calls::act(app, call.site(app)?, batch, call.moderator.name()).await?;
    Ok(json(200, &first_outcome(result.results))?)
}

/// `POST /v1/moderation/actions/<action>/undo`: undoes such a decision.
pub(crate) async fn undo(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let batch = call.action_id()?;
    let UndoBody { id } = call.json_body(&app.log).await?;
    let request = UndoRequest { id, batch, after: None };
    // A batch of this page has one comment.
    let undone = calls::undo(app, call.site(app)?, request, call.moderator.name(), &mut 1).await?;
    Ok(json(200, &first_outcome(undone.results))?)
}

/// `POST /v1/moderation/comments/<id>/reply`: replies as the owner, and approves the comment that is answered if it waits.
pub(crate) async fn reply(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let parent = call.comment_id()?;
    let body: NewReply = call.json_body(&app.log).await?;
    let written = calls::reply(app, call.site(app)?, parent, body, call.moderator).await?;
    Ok(json(200, &first_outcome(written.results))?)
}

/// The site and the exact origin of the page that makes a request. A page of the Worker's own origin sends no `Origin` with a `GET`.
fn page_of(app: &AppContext, request: &ApiRequest) -> Result<(&'static Site, String), Refusal> {
    let is_own = request.header("sec-fetch-site").is_some_and(|site| site == "same-origin");
    let page = request.origin().or_else(|| is_own.then(|| request.own_origin())).ok_or(Refusal::WrongOrigin)?;
    let site = app.settings.sites.find_by_origin(&page).ok_or(Refusal::WrongOrigin)?;
    Ok((site, page))
}

fn verify(app: &AppContext, kind: PageCredential, text: &str, page: &str) -> Result<PageAccess, Refusal> {
    let keys = (&app.settings.moderators, &app.settings.signing_key);
    PageAccess::verify(kind, text, page, now_seconds(), keys).ok_or(Refusal::Unauthorized)
}

/// Checks that the moderator may still moderate the site, and that the session was not ended.
async fn authorize(app: &AppContext, access: &PageAccess, site: &Site) -> Result<&'static Moderator, ApiError> {
    let moderator = app.settings.find_moderator(&access.moderator);
    let moderator = moderator.filter(|moderator| moderator.may_moderate(site.origin())).ok_or(Refusal::Unauthorized)?;
    let read = SessionCall::Read { moderator: access.moderator.clone(), session: Some(access.session_text()) };
    auth::require_open(session_client::call(app, &read).await?, access.generation)?;
    app.log.set_site(site.origin().as_str());
    Ok(moderator)
}

/// The outcome for the only comment of a batch.
fn first_outcome(results: Vec<ItemResult>) -> ActionOutcome {
    results.into_iter().next().map_or(ActionOutcome::Gone, |result| result.outcome)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionBody {
    /// UUID made by the client for this action: sent twice, it is done once.
    id: SubmissionId,
    action: BatchAction,
    comment: CommentId,
    /// The revision that the moderator saw.
    revision: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoBody {
    id: SubmissionId,
}

#[derive(Serialize)]
struct TokenReply<'a> {
    token: String,
    /// Time at which the token expires, in Unix seconds.
    expires: i64,
    moderator: &'a str,
}

#[derive(Serialize)]
struct ListReply<'a> {
    comments: Vec<OnPageComment<'a>>,
    /// True if more comments wait.
    more: bool,
}

/// The part of a comment that a page of the blog may know.
#[derive(Serialize)]
struct OnPageComment<'a> {
    id: CommentId,
    revision: i64,
    state: ModerationState,
    parent: Option<CommentId>,
    parent_name: Option<&'a str>,
    name: &'a str,
    owner: bool,
    pinned: bool,
    html: &'a SafeHtml,
    created: i64,
    /// HTML that says why it waits.
    why: String,
}

impl<'a> From<&'a QueuedComment> for OnPageComment<'a> {
    fn from(comment: &'a QueuedComment) -> Self {
        let parent = comment.parent.as_ref();
        Self {
            id: comment.id,
            revision: comment.revision,
            state: comment.state,
            parent: parent.map(|parent| parent.id),
            parent_name: parent.map(|parent| parent.name.as_str()),
            name: &comment.author.name,
            owner: comment.author.owner,
            pinned: comment.pinned,
            html: &comment.html,
            created: comment.created,
            why: why_held_list(comment).into_string(),
        }
    }
}
