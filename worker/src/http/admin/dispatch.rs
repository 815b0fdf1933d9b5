//! From a request under `/admin` to its handler: who makes it, whether their role includes it, and how it is refused.

use afterword_model::{CommentId, Refusal, Role};
use worker::{Method, Response};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::auth::{self, Identity, SignedOut};
use crate::http::admin::call::AdminCall;
use crate::http::admin::{on_page, page_response, sign_in};
use crate::http::request::ApiRequest;
use crate::http::routes::{self, AdminHandler, Handler, Route};
use crate::http::unmatched::unmatched;

/// Serves a call of the JSON interface. Without a valid credential, all paths get the same response.
pub(crate) async fn serve_api(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let identity = auth::authenticate(app, request).await?.map_err(|_| Refusal::Unauthorized)?;
    if request.is_cross_site() {
        return Err(Refusal::WrongOrigin.into());
    }
    let mut response = match routes::find(&request.method(), request.path()) {
        Some((Route { handler: Handler::Admin(role, handler), .. }, comment)) => {
            require_role(&identity, *role)?;
            let Identity { moderator, credential } = identity.clone();
            handler(app, AdminCall { request, moderator, credential, comment }).await?
        }
        Some(_) => return Err(Refusal::NotFound.into()),
        None => unmatched(request.path())?,
    };
    identity.renew_cookie(app, &mut response)?;
    Ok(response)
}

/// Serves a call that the widget makes for a moderator on a page of the blog.
pub(crate) async fn serve_on_page(
    app: &AppContext,
    request: &mut ApiRequest,
    handler: AdminHandler,
    comment: Option<CommentId>,
) -> Result<Response, ApiError> {
    let (moderator, credential) = on_page::authenticate(app, request).await?;
    handler(app, AdminCall { request, moderator, credential, comment }).await
}

/// Serves a page of the moderators, or the pages before it: the sign-in, and a link of a message. Without a valid credential, all other paths
/// get the same response.
pub(crate) async fn serve_page(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let result = match routes::find(&request.method(), request.path()) {
        Some((Route { handler: Handler::Unauthenticated(handler), .. }, _)) => handler(app, request).await,
        _ => serve_signed_in(app, request).await,
    };
    match result {
        Ok(response) => Ok(response),
        Err(error) => Ok(page_response::error(app, error)?),
    }
}

async fn serve_signed_in(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let identity = match auth::authenticate(app, request).await? {
        Ok(identity) => identity,
        Err(reason) => return Ok(signed_out(request, reason)?),
    };
    let result = match routes::find(&request.method(), request.path()) {
        Some((Route { handler: Handler::AdminPage(role, handler), .. }, comment)) => {
            require_role(&identity, *role)?;
            let Identity { moderator, credential } = identity.clone();
            handler(app, AdminCall { request, moderator, credential, comment }).await
        }
        Some(_) => Err(Refusal::NotFound.into()),
        None => Err(routes::allowed_methods(request.path()).map_or(Refusal::NotFound, |_| Refusal::BadMethod).into()),
    };
    let mut response = match result {
        Ok(response) => response,
        Err(error) => page_response::error(app, error)?,
    };
    identity.renew_cookie(app, &mut response)?;
    Ok(response)
}

/// Response to somebody who is not signed in, the same for every path.
fn signed_out(request: &ApiRequest, reason: SignedOut) -> worker::Result<Response> {
    if request.method() != Method::Get {
        return page_response::form_without_session();
    }
    // A browser that follows a link from another website, such as a mailbox, does not send the cookie. The page that it gets instead leads to the
    // same address, and as this is then a link of the Worker itself, the cookie is sent.
    if reason == SignedOut::NoCredential && request.is_cross_site() {
        return page_response::follow_own_link(&request.path_and_query());
    }
    sign_in::redirect_to_sign_in(request, reason)
}

fn require_role(identity: &Identity, role: Role) -> Result<(), Refusal> {
    if identity.moderator.role().includes(role) { Ok(()) } else { Err(Refusal::WrongRole) }
}
