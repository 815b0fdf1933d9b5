//! An authenticated request of a moderator.

use afterword_guard::Moderator;
use afterword_model::{CommentId, Origin, PostUrl, Refusal, Site, SubmissionId};
use serde::de::DeserializeOwned;
use worker::Response;

use crate::admin_rpc::{AdminRequest, Attributed};
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::auth::Credential;
use crate::http::request::ApiRequest;
use crate::ledger_client;
use crate::platform::log_context::LogContext;
use crate::platform::random;
use crate::response::{ContentType, forward};

/// Default and maximum number of items in one list.
const LIST_LIMIT: (u32, u32) = (50, 200);

/// An authenticated request of a moderator.
pub(crate) struct AdminCall<'a> {
    pub(crate) request: &'a mut ApiRequest,
    pub(crate) moderator: &'static Moderator,
    pub(crate) credential: Credential,
    /// Id of the comment in the path.
    pub(crate) comment: Option<CommentId>,
}

impl AdminCall<'_> {
    /// The sites that the moderator may moderate.
    pub(crate) fn sites<'s>(&self, app: &'s AppContext) -> impl Iterator<Item = &'s Origin> {
        let moderator = self.moderator;
        app.settings.sites.iter().map(Site::origin).filter(|site| moderator.may_moderate(site))
    }

    /// The site of the request. With one site, the `site` parameter may be left out. Another moderator's site is refused like one that does
    /// not exist.
    pub(crate) fn site<'s>(&self, app: &'s AppContext) -> Result<&'s Origin, Refusal> {
        let site = self.find_site(app)?;
        app.log.set_site(site.as_str());
        Ok(site)
    }

    fn find_site<'s>(&self, app: &'s AppContext) -> Result<&'s Origin, Refusal> {
        if let Credential::Page(site) = self.credential {
            return Ok(site);
        }
        let mut sites = self.sites(app);
        let Some(name) = self.request.query_value("site") else {
            let only = sites.next().filter(|_| sites.next().is_none());
            return only.ok_or(Refusal::BadQuery);
        };
        let post = app.settings.sites.resolve_post(&name).map_err(|refusal| match refusal {
            Refusal::UnknownSite => Refusal::UnknownSite,
            _ => Refusal::BadQuery,
        })?;
        sites.find(|site| **site == post.site).ok_or(Refusal::UnknownSite)
    }

    /// The canonical address of a post on the site of the request.
    pub(crate) fn post_url(&self, app: &AppContext, url: &str) -> Result<PostUrl, Refusal> {
        post_url(app, self.site(app)?, url)
    }

    /// Id of the comment in the path.
    pub(crate) fn comment_id(&self) -> Result<CommentId, Refusal> {
        self.comment.ok_or(Refusal::NotFound)
    }

    /// UUID of the action or ban in the path, which is its fourth part.
    pub(crate) fn action_id(&self) -> Result<SubmissionId, Refusal> {
        let id = self.request.path().split('/').nth(4).and_then(SubmissionId::parse);
        id.ok_or(Refusal::NotFound)
    }

    /// Attributes an action to the moderator, under the client's id or a new one.
    pub(crate) fn attribution(&self, id: Option<SubmissionId>) -> worker::Result<Attributed> {
        let id = match id {
            Some(id) => id,
            None => random::submission_id()?,
        };
        Ok(Attributed { id, by: self.moderator.name().to_owned() })
    }

    /// Query parameter `limit` of a list.
    pub(crate) fn list_limit(&self) -> Result<u32, Refusal> {
        Ok(bounded(self.request.query_number("limit")?, LIST_LIMIT))
    }

    /// Decodes the JSON body. An empty body counts as an empty object.
    pub(crate) async fn json_body<T: DeserializeOwned>(&mut self, log: &LogContext) -> Result<T, Refusal> {
        let body = self.request.read_body(log).await?;
        if body.is_empty() {
            return serde_json::from_str("{}").map_err(|_| Refusal::BadJson);
        }
        if !self.request.has_media_type("application/json") {
            return Err(Refusal::BadMediaType);
        }
        // An array of the fields' values in order would be decoded as well.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(Refusal::BadJson);
        }
        serde_json::from_slice(&body).map_err(|_| Refusal::BadJson)
    }
}

/// Sends a request to the object of the site. The response is an [`AdminResponse`] as public JSON, which is forwarded unread: a list may have
/// megabytes, and decoding it here would cost CPU time for nothing.
///
/// [`AdminResponse`]: crate::admin_rpc::AdminResponse
pub(crate) async fn send(app: &AppContext, call: &AdminCall<'_>, request: &AdminRequest) -> Result<Response, ApiError> {
    let response = ledger_client::admin(app, call.site(app)?, request).await?;
    Ok(forward(ContentType::Json, response)?)
}

/// The canonical address of a post on this site.
pub(crate) fn post_url(app: &AppContext, site: &Origin, url: &str) -> Result<PostUrl, Refusal> {
    let post = app.settings.sites.resolve_post(url)?;
    if post.site == *site { Ok(post.url) } else { Err(Refusal::UnknownSite) }
}

/// Applies a default and a maximum to a requested number.
pub(crate) fn bounded(requested: Option<u32>, (default, max): (u32, u32)) -> u32 {
    requested.unwrap_or(default).clamp(1, max)
}
