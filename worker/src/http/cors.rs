//! CORS: the pages of configured sites may read the responses under `/v1/`, by their exact origin and without credentials.

use afterword_model::{Refusal, Sites};
use worker::{Method, Response};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::request::ApiRequest;
use crate::response::{self, ContentType};

/// Time in seconds for which a browser may cache a preflight (browsers have limits of their own).
const PREFLIGHT_SECONDS: &str = "86400";
/// Response headers that a page may read, besides those that are always readable.
const EXPOSED_HEADERS: &str = "retry-after";

/// Returns true if pages of the configured sites may call this path.
pub(crate) fn has_cors(path: &str) -> bool {
    path.starts_with("/v1/")
}

/// Refuses a read by a page whose site is not configured. The browser would withhold the response from that page, and its owner would not
/// learn why.
pub(crate) fn require_known_page(app: &AppContext, request: &ApiRequest) -> Result<(), Refusal> {
    let origin = request.origin().filter(|_| request.method() == Method::Get && has_cors(request.path()));
    match origin {
        Some(origin) if app.settings.sites.find_by_origin(&origin).is_none() => Err(Refusal::UnknownSite),
        _ => Ok(()),
    }
}

/// Response to a preflight for a path with these methods.
pub(crate) fn preflight(app: &AppContext, request: &ApiRequest, methods: &str) -> Result<Response, ApiError> {
    let origin = request.origin().unwrap_or_default();
    if app.settings.sites.find_by_origin(&origin).is_none() {
        return Err(Refusal::WrongOrigin.into());
    }
    let response = response::builder(ContentType::Json, 204)?
        .with_header("access-control-allow-methods", methods)?
        .with_header("access-control-allow-headers", "authorization, content-type")?
        .with_header("access-control-max-age", PREFLIGHT_SECONDS)?;
    Ok(response.empty())
}

/// Lets the pages of configured sites read a response.
pub(crate) fn add_headers(
    response: &mut Response,
    sites: &Sites,
    origin: Option<&str>,
    refusal: Option<Refusal>,
) -> worker::Result<()> {
    response.headers_mut().append("vary", "Origin")?;
    let Some(origin) = origin else { return Ok(()) };
    if sites.find_by_origin(origin).is_some() {
        allow_origin(response, origin)
    } else if refusal == Some(Refusal::UnknownSite) {
        // The owner of a site that is not configured yet reads the reason on the page itself. A refusal reveals nothing else.
        allow_every_origin(response)
    } else {
        Ok(())
    }
}

/// Lets every page read a response. For responses that reveal nothing.
pub(crate) fn allow_every_origin(response: &mut Response) -> worker::Result<()> {
    allow_origin(response, "*")
}

fn allow_origin(response: &mut Response, origin: &str) -> worker::Result<()> {
    let headers = response.headers_mut();
    headers.set("access-control-allow-origin", origin)?;
    headers.set("access-control-expose-headers", EXPOSED_HEADERS)
}
