//! Authentication of moderators.

use afterword_guard::bearer_token;
use afterword_model::Refusal;
use worker::console_warn;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::rate_limiter::LOGIN_LIMITER;
use crate::http::request::ApiRequest;

/// Returns the name of the moderator who makes the request. The secret travels in a header that no browser adds by itself. A request is
/// refused all the same if a browser says that another site's page makes it.
///
/// Wrong secrets are counted, and a network that tries many has to wait. The right secret never has to wait, or anybody could lock out a
/// moderator of the same network.
pub(crate) async fn authenticate(app: &AppContext, request: &ApiRequest) -> Result<&'static str, ApiError> {
    let header = request.header("authorization").unwrap_or_default();
    authenticate_secret(app, request, bearer_token(&header)).await
}

/// Like [`authenticate`], with a secret that the request sends in another way.
pub(crate) async fn authenticate_secret(
    app: &AppContext,
    request: &ApiRequest,
    secret: Option<&str>,
) -> Result<&'static str, ApiError> {
    let secret = secret.ok_or(Refusal::Unauthorized)?;
    match app.settings.moderators.find_by_secret(secret) {
        Some(_) if request.is_cross_site() => Err(Refusal::WrongOrigin.into()),
        Some(name) => Ok(name),
        None => Err(wrong_secret(app, request).await),
    }
}

async fn wrong_secret(app: &AppContext, request: &ApiRequest) -> ApiError {
    if !LOGIN_LIMITER.is_limited(app, request).await {
        return Refusal::Unauthorized.into();
    }
    let retry_after = LOGIN_LIMITER.window_seconds;
    console_warn!("too many wrong moderator secrets retry_after_s={retry_after} {}", app.log);
    ApiError::RateLimited { refusal: Refusal::TooManySecrets, retry_after }
}
