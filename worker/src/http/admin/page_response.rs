//! Responses with the pages of moderators.

use afterword_model::Refusal;
use afterword_view::Markup;
use afterword_view::admin::{self, AdminError, SignIn, SignInProblem, texts};
use worker::Response;

use crate::context::AppContext;
use crate::error::{ApiError, refusal_response};
use crate::response::{self, ContentType};

/// Makes a secret, stores it and prints it: one line to paste into a terminal. It needs nothing but Node, which the deployment needs too.
const FIRST_SECRET: &str = "SECRET=$(node -p \"crypto.randomBytes(32).toString('hex')\"); echo \"owner:$SECRET\" | npx wrangler secret put \
                            ADMIN_SECRETS --config worker/wrangler.toml && echo \"Your secret: $SECRET\"";

/// A page, with the headers of all pages of moderators.
pub(crate) fn page(status: u16, markup: Markup) -> worker::Result<Response> {
    Ok(response::builder(ContentType::AdminPage, status)?.fixed(markup.into_string().into_bytes()))
}

/// The page that reads files of other systems, whose script may start a Web Worker with WebAssembly.
pub(crate) fn import_page(status: u16, markup: Markup) -> worker::Result<Response> {
    Ok(response::builder(ContentType::ImportPage, status)?.fixed(markup.into_string().into_bytes()))
}

/// The sign-in.
pub(crate) fn sign_in(status: u16, content: &SignIn) -> worker::Result<Response> {
    page(status, admin::sign_in_page(texts(), content))
}

/// The page for the owner of a Worker without moderators.
pub(crate) fn first_time() -> worker::Result<Response> {
    page(200, admin::first_time_page(texts(), FIRST_SECRET))
}

/// Response to a form whose sender is not signed in any more. What they typed is still in the page to which they go back.
pub(crate) fn form_without_session() -> worker::Result<Response> {
    let mut response = sign_in(401, &SignIn { back: "", problem: Some(SignInProblem::Expired) })?;
    // RFC 9110, section 11.6.1, requires it for every 401. Browsers ignore this scheme.
    response.headers_mut().set("www-authenticate", "Bearer")?;
    Ok(response)
}

/// A page that leads on to `path`, a path of the Worker.
pub(crate) fn follow_own_link(path: &str) -> worker::Result<Response> {
    page(200, admin::continue_page(texts(), path))
}

/// The page for a refused request.
pub(crate) fn error(app: &AppContext, error: ApiError) -> worker::Result<Response> {
    let retry_after = error.retry_after();
    let refusal = error.into_refusal(&app.log);
    let kind = match refusal {
        // The request had a wrong secret in a header, so it is no browser's.
        Refusal::Unauthorized => return refusal_response(refusal),
        Refusal::NotFound | Refusal::UnknownComment | Refusal::UnknownSite | Refusal::BadMethod => AdminError::NotFound,
        Refusal::WrongRole => AdminError::Forbidden,
        Refusal::WrongOrigin => AdminError::Foreign,
        Refusal::TooMany | Refusal::TooManySecrets => AdminError::TooMany(retry_after.unwrap_or(60)),
        Refusal::Internal | Refusal::Busy => AdminError::Unavailable,
        Refusal::NotConfigured => AdminError::NotConfigured,
        _ => AdminError::Invalid,
    };
    let response = page(refusal.status(), admin::error_page(texts(), None, kind))?;
    response::with_retry_after(response, retry_after)
}
