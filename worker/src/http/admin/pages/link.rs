//! `/admin/link`: a moderator decides about one comment by a link in a message, without signing in.
//!
//! Programs that look at links in mail open them, so opening one changes nothing.

use afterword_guard::{LINK_SECONDS, LinkAction, LinkRecipient, LinkTarget, ModerationLink, Moderator};
use afterword_model::moderation::{
    ActionBatch, ActionItem, ActionOutcome, BatchAction, ModerationState, QueuedComment,
};
use afterword_model::{Origin, Refusal, Site};
use afterword_view::admin::{OneUse, OneUseState, one_use_page, texts};
use serde::{Deserialize, Serialize};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::{auth, calls, page_response};
use crate::http::form_fields::FormFields;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::platform::random;
use crate::response::{json, see_other};

/// Path of the page. Its parameter is the signed token.
const PATH: &str = "/admin/link";
const TOKEN: &str = "token";
/// Parameter of the page to which the form leads.
const DONE: &str = "done";

/// A valid link, with the comment as it is now.
struct OpenLink<'a> {
    link: ModerationLink,
    site: &'a Origin,
    moderator: &'static Moderator,
    comment: QueuedComment,
}

/// Body of `POST /admin/api/comments/<id>/link`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    /// The decisions that the link offers: `approve`, `spam`, `delete`. All of them if it is missing.
    actions: Option<Vec<String>>,
}

#[derive(Serialize)]
struct LinkReply {
    url: String,
    /// Time at which the link expires, in Unix seconds.
    expires: i64,
}

/// `POST /admin/api/comments/<id>/link`: makes a link about a comment as it is now, for a program that sends messages to the moderator whose
/// secret it has.
pub(crate) async fn create(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let site = call.site(app)?;
    let LinkBody { actions } = call.json_body(&app.log).await?;
    let parse = |name: &String| LinkAction::parse(name).ok_or(Refusal::BadJson);
    let actions = match actions {
        Some(names) => names.iter().map(parse).collect::<Result<Vec<_>, _>>()?,
        None => LinkAction::ALL.to_vec(),
    };
    let comment = calls::comment(app, site, call.comment_id()?).await?.comment;
    let target = LinkTarget { site, comment: comment.id, revision: comment.revision };
    let name = call.moderator.name();
    let credential = app.settings.credential_tag(name).ok_or(Refusal::Unauthorized)?;
    let recipient = LinkRecipient { name, credential };
    let link = ModerationLink::new(target, &actions, recipient, random::bytes()?, now_seconds());
    let url = format!("{}{}", call.request.endpoint(), address(&link.token(&app.settings.signing_key)));
    Ok(json(200, &LinkReply { url, expires: link.expires })?)
}

/// `GET /admin/link`: shows the comment and the decisions. Changes nothing.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let token = request.query_value(TOKEN).unwrap_or_default();
    let Some(open) = open(app, &token).await? else { return invalid(app, &token) };
    let actions: Vec<BatchAction> = open.link.actions().map(batch_action).collect();
    let state = open.state(app, &actions, request.query_value(DONE).is_some());
    let view = OneUse { comment: Some(&open.comment), state, address: &address(&token), now: now_seconds() };
    Ok(page_response::page(200, one_use_page(texts(), &view))?)
}

/// `POST /admin/link`: the decision. It is bound to the revision in the link, and the first one spends the link.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    if !auth::is_own_page(request) {
        return Err(Refusal::WrongOrigin.into());
    }
    let token = request.query_value(TOKEN).unwrap_or_default();
    let fields = FormFields::read(app, request).await?;
    let Some(open) = open(app, &token).await? else { return invalid(app, &token) };
    let action = LinkAction::parse(fields.value("action")).filter(|action| open.link.offers(*action));
    let action = batch_action(action.ok_or(Refusal::BadQuery)?);
    let batch = ActionBatch {
        id: open.link.batch_id(&app.settings.signing_key),
        action,
        comments: vec![ActionItem { id: open.link.comment, revision: open.link.revision }],
        reason: None,
    };
    let done = match calls::act(app, open.site, batch, open.moderator.name()).await {
        Ok(result) => result.results.iter().any(|result| matches!(result.outcome, ActionOutcome::Done { .. })),
        // The link was used before, for another decision.
        Err(ApiError::Refused(Refusal::IdReused)) => false,
        Err(error) => return Err(error),
    };
    let suffix = if done { "&done=1" } else { "" };
    Ok(see_other(&format!("{}{suffix}", address(&token)))?)
}

/// Verifies a link. `None` if it is not valid, its moderator has another credential, or may not moderate the site any more.
async fn open<'a>(app: &'a AppContext, token: &str) -> Result<Option<OpenLink<'a>>, ApiError> {
    let link = ModerationLink::verify(token, now_seconds(), &app.settings.signing_key);
    let Some(link) = link else { return Ok(None) };
    let site = app.settings.sites.iter().map(Site::origin).find(|site| link.is_for(site));
    let moderator = app.settings.find_moderator(&link.moderator);
    let (Some(site), Some(moderator)) = (site, moderator) else { return Ok(None) };
    if !moderator.may_moderate(site) || !link.is_current(app.settings.credential_tag(&link.moderator)) {
        return Ok(None);
    }
    app.log.set_site(site.as_str());
    match calls::comment(app, site, link.comment).await {
        Ok(page) => Ok(Some(OpenLink { link, site, moderator, comment: page.comment })),
        Err(ApiError::Refused(Refusal::UnknownComment)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl OpenLink<'_> {
    fn state<'a>(&'a self, app: &AppContext, actions: &'a [BatchAction], is_done: bool) -> OneUseState<'a> {
        let batch = self.link.batch_id(&app.settings.signing_key).to_string();
        match &self.comment.last_action {
            Some(last) if last.batch == batch && is_done => OneUseState::Done(last.action),
            Some(last) if last.batch == batch => OneUseState::Used,
            _ if self.comment.revision == self.link.revision => OneUseState::Open(actions),
            Some(last) if self.comment.state != ModerationState::Pending => {
                OneUseState::Decided { by: &last.by, at: last.at }
            }
            _ => OneUseState::Changed,
        }
    }
}

/// The page for a link that is not valid. It tells nothing of the comment; only of a link that once was valid it says that it has expired.
fn invalid(app: &AppContext, token: &str) -> Result<Response, ApiError> {
    let before = now_seconds().saturating_sub(LINK_SECONDS);
    let was_valid = ModerationLink::verify(token, before, &app.settings.signing_key).is_some();
    let state = if was_valid { OneUseState::Expired } else { OneUseState::Invalid };
    let view = OneUse { comment: None, state, address: "", now: now_seconds() };
    Ok(page_response::page(Refusal::BadLink.status(), one_use_page(texts(), &view))?)
}

/// Only a valid token is put into an address, and that needs no encoding.
fn address(token: &str) -> String {
    format!("{PATH}?{TOKEN}={token}")
}

const fn batch_action(action: LinkAction) -> BatchAction {
    match action {
        LinkAction::Approve => BatchAction::Approve,
        LinkAction::Spam => BatchAction::Spam,
        LinkAction::Delete => BatchAction::Delete,
    }
}
