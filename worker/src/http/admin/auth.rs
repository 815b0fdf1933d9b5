//! Authentication of moderators: by a secret in a header, by a token of Cloudflare Access, or by the cookie of a session.

use afterword_guard::{Moderator, PageHeaders, Session, SessionError, bearer_token};
use afterword_model::Refusal;
use worker::{Method, Response, console_warn};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::{access, cookie};
use crate::http::rate_limiter::LOGIN_LIMITER;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::session_client;
use crate::session_rpc::SessionCall;

/// A moderator and how they proved who they are.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) moderator: &'static Moderator,
    pub(crate) credential: Credential,
}

/// The proof of a moderator's identity.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// A secret in the `Authorization` header, which no browser adds by itself.
    Secret,
    /// A token of Cloudflare Access.
    Access,
    /// The cookie of a session.
    Session(Session),
}

/// The reason why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedOut {
    /// The request has no credential.
    NoCredential,
    /// The session has ended.
    Ended,
}

/// Returns the moderator who makes the request. A request with an `Authorization` header is judged by that alone.
///
/// # Errors
///
/// [`Refusal::Unauthorized`] with the reason, or the refusal of a request that another website may have made.
pub(crate) async fn authenticate(
    app: &AppContext,
    request: &ApiRequest,
) -> Result<Result<Identity, SignedOut>, ApiError> {
    if let Some(header) = request.header("authorization") {
        let moderator = authenticate_secret(app, request, bearer_token(&header)).await?;
        return Ok(Ok(Identity { moderator, credential: Credential::Secret }));
    }
    let identity = match access::moderator(app, request).await {
        Some(moderator) => Ok(Identity { moderator, credential: Credential::Access }),
        None => authenticate_session(app, request).await?,
    };
    if identity.is_ok() && request.method() != Method::Get && !is_own_page(request) {
        return Err(Refusal::WrongOrigin.into());
    }
    Ok(identity)
}

/// Returns the moderator with this secret. A request is refused even with a right secret if a browser says that another site's page makes it.
///
/// Wrong secrets are counted, and a network that tries many has to wait. The right secret never has to wait, or anybody could lock out a
/// moderator of the same network.
pub(crate) async fn authenticate_secret(
    app: &AppContext,
    request: &ApiRequest,
    secret: Option<&str>,
) -> Result<&'static Moderator, ApiError> {
    let secret = secret.ok_or(Refusal::Unauthorized)?;
    match app.settings.moderators.find_by_secret(secret) {
        Some(_) if request.is_cross_site() => Err(Refusal::WrongOrigin.into()),
        Some(moderator) => Ok(moderator),
        None => Err(wrong_secret(app, request).await),
    }
}

async fn authenticate_session(app: &AppContext, request: &ApiRequest) -> Result<Result<Identity, SignedOut>, ApiError> {
    let Some(token) = cookie::read(request) else { return Ok(Err(SignedOut::NoCredential)) };
    verify_session(app, &token).await
}

/// Verifies the token of a session, and that the session was not ended.
pub(crate) async fn verify_session(app: &AppContext, token: &str) -> Result<Result<Identity, SignedOut>, ApiError> {
    let settings = app.settings;
    let session = match Session::verify(token, now_seconds(), &settings.moderators, &settings.signing_key) {
        Ok(session) => session,
        Err(SessionError::Invalid | SessionError::Expired) => return Ok(Err(SignedOut::Ended)),
    };
    let Some(moderator) = settings.moderators.find(&session.moderator) else { return Ok(Err(SignedOut::Ended)) };
    let call = SessionCall::Read { moderator: session.moderator.clone(), session: Some(session.id_text()) };
    let state = session_client::call(app, &call).await?;
    if state.ended || state.generation != session.generation {
        return Ok(Err(SignedOut::Ended));
    }
    Ok(Ok(Identity { moderator, credential: Credential::Session(session) }))
}

/// Returns true if the browser says that a page of the Worker makes the request.
pub(crate) fn is_own_page(request: &ApiRequest) -> bool {
    let (fetch_site, origin) = (request.header("sec-fetch-site"), request.origin());
    PageHeaders { fetch_site: fetch_site.as_deref(), origin: origin.as_deref() }.is_own_page(&request.own_origin())
}

impl Identity {
    /// Adds the cookie of the session to a response, if its token is to be replaced.
    pub(crate) fn renew_cookie(&self, app: &AppContext, response: &mut Response) -> worker::Result<()> {
        let Credential::Session(session) = &self.credential else { return Ok(()) };
        // A response that ends the session has its own cookie.
        match session.renewed(now_seconds()) {
            Some(renewed) if !response.headers().has("set-cookie")? => cookie::set(app, response, &renewed),
            _ => Ok(()),
        }
    }
}

async fn wrong_secret(app: &AppContext, request: &ApiRequest) -> ApiError {
    if !LOGIN_LIMITER.is_limited(app, request).await {
        return Refusal::Unauthorized.into();
    }
    let retry_after = LOGIN_LIMITER.window_seconds;
    console_warn!("too many wrong moderator secrets retry_after_s={retry_after} {} cause=rate limit", app.log);
    ApiError::RateLimited { refusal: Refusal::TooManySecrets, retry_after }
}
