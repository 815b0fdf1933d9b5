//! `/admin/sign-in` and `/admin/sign-out`: the session of a moderator's browser.

use afterword_guard::{Session, admin_return_path};
use afterword_model::Refusal;
use afterword_view::admin::{SignIn, SignInProblem};
use url::form_urlencoded;
use worker::{Response, console_log};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::auth::{self, Credential, SignedOut};
use crate::http::admin::call::AdminCall;
use crate::http::admin::{cookie, page_response};
use crate::http::form_fields::FormFields;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::platform::random;
use crate::response;
use crate::session_client;
use crate::session_rpc::SessionCall;

/// Path of the page.
const PATH: &str = "/admin/sign-in";
/// The page of a moderator who names no other.
const HOME: &str = "/admin";
/// Path at which Cloudflare Access ends its own session, on every host that it protects (Cloudflare's documentation, "Session management").
const ACCESS_SIGN_OUT: &str = "/cdn-cgi/access/logout";
/// Values of the parameter `why`: the reasons for which the page is shown.
const ENDED: &str = "ended";
const SIGNED_OUT: &str = "signed-out";

/// `GET /admin/sign-in`: shows the form, or tells the owner of a new Worker how to make a secret.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    if let Some(response) = redirect_to_https(request)? {
        return Ok(response);
    }
    if !app.settings.has_moderators() {
        return Ok(page_response::first_time()?);
    }
    let back = request.query_value("back").unwrap_or_default();
    let problem = match request.query_value("why").as_deref() {
        Some(ENDED) => Some(SignInProblem::Expired),
        Some(SIGNED_OUT) => Some(SignInProblem::SignedOut),
        _ => None,
    };
    Ok(page_response::sign_in(200, &SignIn { back: admin_return_path(&back).unwrap_or_default(), problem })?)
}

/// `POST /admin/sign-in`: starts a session. It has a new id each time, so nobody can prepare a session for somebody else. The form is accepted
/// from the page itself alone: another website could otherwise sign a moderator in under another name.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    if !auth::is_own_page(request) || is_plain_http(request) {
        return refuse(Refusal::WrongOrigin.status(), "", SignInProblem::Foreign);
    }
    let fields = FormFields::read(app, request).await?;
    let back = admin_return_path(fields.value("back")).unwrap_or_default();
    let secret = fields.value("secret").trim();
    let moderator = match auth::authenticate_secret(app, request, Some(secret)).await {
        Ok(moderator) => moderator,
        Err(ApiError::Refused(Refusal::Unauthorized)) => {
            // Not 401, which asks for a header.
            return refuse(403, back, SignInProblem::WrongSecret);
        }
        Err(ApiError::RateLimited { retry_after, .. }) => {
            let response = refuse(429, back, SignInProblem::TooManyAttempts(retry_after))?;
            return Ok(response::with_retry_after(response, Some(retry_after))?);
        }
        Err(error) => return Err(error),
    };
    let read = SessionCall::Read { moderator: moderator.name().to_owned(), session: None };
    let generation = session_client::call(app, &read).await?.generation;
    let session = Session::new(moderator, random::bytes()?, generation, now_seconds());
    let mut response = response::see_other(if back.is_empty() { HOME } else { back })?;
    cookie::set(app, &mut response, &session)?;
    console_log!("moderator signed in moderator={} {}", moderator.name(), app.log);
    Ok(response)
}

/// `POST /admin/sign-out`: ends this session, or all of the moderator's.
pub(crate) async fn sign_out(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let moderator = call.moderator.name();
    if !fields.value("everywhere").is_empty() {
        session_client::call(app, &SessionCall::EndAll { moderator: moderator.to_owned() }).await?;
        console_log!("all sessions ended moderator={moderator} {}", app.log);
    } else if let Credential::Session(session) = &call.credential {
        // Another copy of the cookie may have been renewed later than this one.
        let expires = session.latest_expiry();
        session_client::call(app, &SessionCall::End { session: session.id_text(), expires }).await?;
    }
    let location = match call.credential {
        Credential::Access => ACCESS_SIGN_OUT.to_owned(),
        Credential::Secret | Credential::Session(_) => format!("{PATH}?why={SIGNED_OUT}"),
    };
    let mut response = response::see_other(&location)?;
    cookie::delete(&mut response)?;
    Ok(response)
}

/// Leads a moderator who is not signed in to the sign-in, and from there back to the page.
pub(crate) fn redirect_to_sign_in(request: &ApiRequest, reason: SignedOut) -> worker::Result<Response> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let target = request.path_and_query();
    if let Some(back) = admin_return_path(&target).filter(|back| *back != HOME) {
        query.append_pair("back", back);
    }
    if reason == SignedOut::Ended {
        query.append_pair("why", ENDED);
    }
    let query = query.finish();
    response::see_other(&if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") })
}

fn refuse(status: u16, back: &str, problem: SignInProblem) -> Result<Response, ApiError> {
    Ok(page_response::sign_in(status, &SignIn { back, problem: Some(problem) })?)
}

/// A secret is not typed into a page that a network can change. The local runtime has no certificate, and its host is this machine.
fn is_plain_http(request: &ApiRequest) -> bool {
    let by_proxy = request.header("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    !request.is_secure() && !by_proxy
}

fn redirect_to_https(request: &ApiRequest) -> worker::Result<Option<Response>> {
    if !is_plain_http(request) {
        return Ok(None);
    }
    let endpoint = request.own_origin();
    let host = endpoint.strip_prefix("http://").unwrap_or(&endpoint);
    response::see_other(&format!("https://{host}{}", request.path_and_query())).map(Some)
}
