//! CORS: any page may read published threads, and the pages of configured sites may make the other calls under `/v1/`, by their exact origin.
//! Never with credentials.

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

/// Paths that pages of any origin may read: what they answer is public.
const OPEN_PATHS: &[&str] =
    &["/v1/counts", "/v1/feed", "/v1/latest", "/v1/latest.html", "/v1/thread", "/v1/thread.html"];

/// Returns true if pages of other origins than the Worker's may call this path.
pub(crate) fn has_cors(path: &str) -> bool {
    path.starts_with("/v1/")
}

fn is_open(path: &str) -> bool {
    OPEN_PATHS.contains(&path)
}

/// Returns true if a browser says that the page that reads is of no configured site: a copy of a post, such as that of a translation proxy.
/// Nobody can post from there.
pub(crate) fn is_elsewhere(app: &AppContext, request: &ApiRequest) -> bool {
    request.origin().is_some_and(|origin| app.settings.sites.find_by_origin(&origin).is_none())
}

/// Refuses a call by a page whose site is not configured, unless it reads a published thread. The browser would withhold the response from
/// that page, and its owner would not learn why.
pub(crate) fn require_known_page(app: &AppContext, request: &ApiRequest) -> Result<(), Refusal> {
    let path = request.path();
    let is_closed = request.method() == Method::Get && has_cors(path) && !is_open(path);
    if is_closed && is_elsewhere(app, request) { Err(Refusal::UnknownSite) } else { Ok(()) }
}

/// Response to a preflight for a path with these methods. Reading needs none, unless a page's script adds headers of its own.
pub(crate) fn preflight(app: &AppContext, request: &ApiRequest, methods: &str) -> Result<Response, ApiError> {
    let may_call = is_open(request.path()) || !is_elsewhere(app, request);
    if request.origin().is_none() || !may_call {
        return Err(Refusal::WrongOrigin.into());
    }
    let headers = if is_open(request.path()) { "content-type, if-none-match" } else { "authorization, content-type" };
    let response = response::builder(ContentType::Json, 204)?
        .with_header("access-control-allow-methods", methods)?
        .with_header("access-control-allow-headers", headers)?
        .with_header("access-control-max-age", PREFLIGHT_SECONDS)?;
    Ok(response.empty())
}

/// Lets pages read a response: of an open path, those of every origin, and otherwise those of configured sites.
pub(crate) fn add_headers(
    response: &mut Response,
    sites: &Sites,
    request: &ApiRequest,
    refusal: Option<Refusal>,
) -> worker::Result<()> {
    response.headers_mut().append("vary", "Origin")?;
    let origin = request.origin();
    if is_open(request.path()) && (origin.is_some() || request.method() == Method::Get) {
        return allow_every_origin(response);
    }
    let Some(origin) = origin else { return Ok(()) };
    if sites.find_by_origin(&origin).is_some() {
        allow_origin(response, &origin)
    } else if refusal == Some(Refusal::UnknownSite) {
        // The owner of a site that is not configured yet reads the reason on the page itself. A refusal reveals nothing else.
        allow_every_origin(response)
    } else {
        Ok(())
    }
}

/// Lets every page read a response. For responses that are public, or reveal nothing.
pub(crate) fn allow_every_origin(response: &mut Response) -> worker::Result<()> {
    allow_origin(response, "*")
}

fn allow_origin(response: &mut Response, origin: &str) -> worker::Result<()> {
    let headers = response.headers_mut();
    headers.set("access-control-allow-origin", origin)?;
    headers.set("access-control-expose-headers", EXPOSED_HEADERS)
}
