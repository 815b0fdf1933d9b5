//! Moderators' calls that take and return JSON.

use std::collections::BTreeMap;

use afterword_ledger::{CommentFilter, PostMove, PostMoves, RepublishCursor, SettingChange};
use afterword_model::moderation::{BanKind, NewBan};
use afterword_model::{CommentId, Refusal, SubmissionId, clean_title};
use serde::Deserialize;
use worker::Response;

use crate::admin_rpc::{AdminRequest, ModerationAction};
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::{AdminCall, bounded, post_url, send};
use crate::http::admin::{api_comments, api_requests, setting_fields};

/// Default and maximum number of pages that one call republishes. KV on the free plan takes a thousand writes a day.
const REPUBLISH_LIMIT: (u32, u32) = (500, 5_000);
/// Default and maximum number of comments that one call rerenders, and of posts that it moves: a fraction of a second's work.
const WORK_LIMIT: (u32, u32) = (200, 1_000);

/// `GET /admin/api/audit`: the audit log, newest entries first.
pub(crate) async fn list_audit_log(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let filter = api_comments::audit_filter(&call)?;
    let before = call.request.query_number("before")?;
    let limit = call.list_limit()?;
    send(app, &call, &AdminRequest::ListAuditLog { filter, before, limit }).await
}

/// `GET /admin/api/comments`: a page of the queue; with `status`, comments of one status, newest first.
pub(crate) async fn list_comments(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let status = match call.request.query_value("status") {
        Some(status) => status,
        None if call.request.query_value("list").is_some() => return api_comments::read_queue(app, call).await,
        None => "pending".to_owned(),
    };
    let before = call.request.query_number("before")?.map(CommentId::new);
    let filter = status.parse::<CommentFilter>().map_err(|_| Refusal::BadQuery)?;
    let limit = call.list_limit()?;
    send(app, &call, &AdminRequest::ListComments { filter, before, limit }).await
}

/// `POST /admin/api/comments/<id>/…`: approves, unpublishes or erases a comment.
pub(crate) async fn moderate(
    app: &AppContext,
    mut call: AdminCall<'_>,
    action: ModerationAction,
) -> Result<Response, ApiError> {
    let comment = call.comment_id()?;
    let ActionBody { id } = call.json_body(&app.log).await?;
    let attribution = call.attribution(id)?;
    send(app, &call, &AdminRequest::Moderate { comment, action, attribution }).await
}

/// `GET /admin/api/settings`: the site's own settings.
pub(crate) async fn settings(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    send(app, &call, &AdminRequest::GetSettings).await
}

/// `POST /admin/api/settings`: changes one setting of the site.
pub(crate) async fn update_setting(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let body: SettingBody = call.json_body(&app.log).await?;
    let attribution = call.attribution(body.id)?;
    send(app, &call, &AdminRequest::UpdateSetting { change: body.change()?, attribution }).await
}

/// `GET /admin/api/bans`: the site's bans.
pub(crate) async fn list_bans(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    send(app, &call, &AdminRequest::ListBans).await
}

/// `POST /admin/api/bans`: bans an author, network, name or e-mail pattern.
pub(crate) async fn ban(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let BanBody { id, kind, pattern, comment, until, reason, sweep } = call.json_body(&app.log).await?;
    let id = call.attribution(id)?.id;
    let ban = NewBan { id, kind, pattern, comment, until, reason, sweep };
    send(app, &call, &api_requests::ban(ban, call.moderator.name())?).await
}

/// `POST /admin/api/bans/lift`: lifts one or several bans.
pub(crate) async fn lift_bans(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let LiftBody { id, ban, bans } = call.json_body(&app.log).await?;
    let bans = match (ban, bans) {
        (Some(ban), None) => vec![ban],
        (None, Some(bans)) => bans,
        _ => return Err(Refusal::BadJson.into()),
    };
    let attribution = call.attribution(id)?;
    send(app, &call, &AdminRequest::LiftBans { bans, attribution }).await
}

/// `POST /admin/api/republish`: publishes pages and redirects again.
pub(crate) async fn republish(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let RepublishBody { after, limit } = call.json_body(&app.log).await?;
    send(app, &call, &AdminRequest::Republish { after, limit: bounded(limit, REPUBLISH_LIMIT) }).await
}

/// `POST /admin/api/rerender`: renders comments again that an older renderer rendered.
pub(crate) async fn rerender(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let RerenderBody { after, limit } = call.json_body(&app.log).await?;
    send(app, &call, &AdminRequest::Rerender { after, limit: bounded(limit, WORK_LIMIT) }).await
}

/// `POST /admin/api/remap`: moves threads to the new addresses of their posts.
pub(crate) async fn remap(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let body: RemapBody = call.json_body(&app.log).await?;
    let (after, limit, dry_run) = (body.after, bounded(body.limit, WORK_LIMIT), body.dry_run.unwrap_or(true));
    let attribution = call.attribution(body.id)?;
    let moves = body.moves(app, &call)?;
    send(app, &call, &AdminRequest::Remap { moves, dry_run, after, limit, attribution }).await
}

/// `POST /admin/api/threads/close` and `/open`: closes a thread for new comments, or opens it again.
pub(crate) async fn set_closed(app: &AppContext, mut call: AdminCall<'_>, closed: bool) -> Result<Response, ApiError> {
    let ThreadBody { id, url } = call.json_body(&app.log).await?;
    let url = call.post_url(app, &url)?;
    let attribution = call.attribution(id)?;
    send(app, &call, &AdminRequest::SetClosed { url, closed, attribution }).await
}

/// `POST /admin/api/threads/title`: sets the title of a post, or resets it to the title that most comments sent.
pub(crate) async fn set_title(app: &AppContext, mut call: AdminCall<'_>) -> Result<Response, ApiError> {
    let TitleBody { id, url, title } = call.json_body(&app.log).await?;
    let url = call.post_url(app, &url)?;
    let attribution = call.attribution(id)?;
    send(app, &call, &AdminRequest::SetTitle { url, title: clean_title(&title.unwrap_or_default()), attribution }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionBody {
    /// UUID made by the client for this action: sent twice, it is done once.
    id: Option<SubmissionId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThreadBody {
    id: Option<SubmissionId>,
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TitleBody {
    id: Option<SubmissionId>,
    url: String,
    /// `null` for the title that the comments bring along.
    title: Option<String>,
}

/// One setting by its name, with its value or `null` for none. An action cannot change two.
#[derive(Deserialize)]
struct SettingBody {
    id: Option<SubmissionId>,
    #[serde(flatten)]
    settings: BTreeMap<String, Option<String>>,
}

impl SettingBody {
    fn change(&self) -> Result<SettingChange, Refusal> {
        let mut settings = self.settings.iter();
        let (Some((name, value)), None) = (settings.next(), settings.next()) else { return Err(Refusal::BadJson) };
        setting_fields::change(name, value.as_deref())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BanBody {
    id: Option<SubmissionId>,
    kind: BanKind,
    pattern: Option<String>,
    /// The comment whose author, network, name or e-mail address is banned.
    comment: Option<CommentId>,
    /// End of the ban, in Unix seconds.
    until: Option<i64>,
    /// The reason, for other moderators.
    #[serde(default)]
    reason: String,
    /// True if the comments that the ban matches are marked as spam.
    #[serde(default)]
    sweep: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LiftBody {
    id: Option<SubmissionId>,
    /// Id of a ban.
    ban: Option<SubmissionId>,
    /// Ids of several bans.
    bans: Option<Vec<SubmissionId>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepublishBody {
    #[serde(default)]
    after: RepublishCursor,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RerenderBody {
    #[serde(default)]
    after: i64,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemapBody {
    id: Option<SubmissionId>,
    moves: Option<Vec<MoveBody>>,
    prefix: Option<MoveBody>,
    dry_run: Option<bool>,
    #[serde(default)]
    after: i64,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveBody {
    from: String,
    to: String,
}

impl RemapBody {
    /// Reads either the list of moves or the prefix rule; a body cannot have both.
    fn moves(self, app: &AppContext, call: &AdminCall<'_>) -> Result<PostMoves, Refusal> {
        let site = call.site(app)?;
        let parse = |body: MoveBody| {
            Ok(PostMove { from: post_url(app, site, &body.from)?, to: post_url(app, site, &body.to)? })
        };
        match (self.moves, self.prefix) {
            (Some(moves), None) => Ok(PostMoves::List(moves.into_iter().map(parse).collect::<Result<_, Refusal>>()?)),
            (None, Some(rule)) => Ok(PostMoves::Prefix(parse(rule)?)),
            _ => Err(Refusal::BadJson),
        }
    }
}

#[cfg(test)]
mod tests {
    use afterword_model::Moderation;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_body_has_exactly_one_setting() {
        let change = |body: Value| {
            let body: SettingBody = serde_json::from_value(body).map_err(|_| Refusal::BadJson)?;
            body.change()
        };
        let words = |list: &str| Ok(SettingChange::MutedWords(list.to_owned()));
        assert_eq!(change(json!({"moderation": "all"})), Ok(SettingChange::Moderation(Some(Moderation::All))));
        assert_eq!(change(json!({"moderation": null})), Ok(SettingChange::Moderation(None)));
        assert_eq!(change(json!({"id": "00000000-0000-8000-8000-000000000007", "muted": "a\r\nb "})), words("a\nb"));
        assert_eq!(change(json!({"muted": null})), words(""));
        for bad in [
            json!({}),
            json!({"muted": 7}),
            json!({"muted": "x", "moderation": "all"}),
            json!({"moderation": "none"}),
            json!({"colour": "red"}),
            json!({"id": "7", "muted": "x"}),
        ] {
            assert_eq!(change(bad.clone()), Err(Refusal::BadJson), "{bad}");
        }
        assert_eq!(change(json!({"muted": "x\n***"})), Err(Refusal::BadPattern));
    }
}
