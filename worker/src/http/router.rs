//! The router: finds the handler of a request and adds the headers that all routes share.

use afterword_model::Refusal;
use worker::{Env, Method, Request, Response};

use crate::context::AppContext;
use crate::error::{ApiError, refusal_response};
use crate::http::admin::auth;
use crate::http::admin::call::AdminCall;
#[cfg(feature = "fault-injection")]
use crate::http::fault_routes;
use crate::http::request::{ApiRequest, has_cors, is_admin_path};
use crate::http::routes::{self, Handler};
use crate::http::setup;
use crate::platform::log_context::LogContext;
use crate::response::{self, ContentType};
use crate::settings::{self, Settings};

/// Time in seconds for which a browser may cache a preflight (browsers have limits of their own).
const PREFLIGHT_SECONDS: &str = "86400";

/// Responds to any request. A refusal is a response too.
pub(crate) async fn respond(request: Request, env: Env, log: LogContext) -> worker::Result<Response> {
    let mut request = ApiRequest::new(request)?;
    let settings = match settings::load(&env) {
        Ok(settings) => settings,
        Err(problems) => {
            request.read_body(&log).await;
            return setup::not_configured(&request, problems);
        }
    };
    let (path, origin) = (request.path().to_owned(), request.origin());
    let app = AppContext::new(env, settings, log);
    let result = if is_admin_path(&path) {
        dispatch_admin(&app, &mut request).await
    } else {
        request.read_body(&app.log).await;
        dispatch(&app, &mut request).await
    };
    let (mut response, refusal) = match result {
        Ok(response) => (response, None),
        Err(error) => {
            let (response, refusal) = error.into_response(&app.log)?;
            (response, Some(refusal))
        }
    };
    if has_cors(&path) {
        add_cors(&mut response, settings, origin.as_deref(), refusal)?;
    }
    response.headers_mut().set("afterword-cost", &app.usage.header_value())?;
    Ok(response)
}

async fn dispatch(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let (method, path) = (request.method(), request.path());
    if let Some((route, _)) = routes::find(&method, path)
        && let Handler::Public(handler) = route.handler
    {
        return handler(app, request).await;
    }
    if method == Method::Options
        && has_cors(path)
        && let Some(methods) = routes::allowed_methods(path)
    {
        return preflight(app, request, &methods);
    }
    #[cfg(feature = "fault-injection")]
    if path.starts_with("/debug/") {
        return fault_routes::dispatch(app, request).await;
    }
    unmatched(path)
}

/// Authenticates the moderator before anything else: without a valid secret, all paths get the same response.
async fn dispatch_admin(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let moderator = auth::authenticate(app, request).await;
    let found = routes::find(&request.method(), request.path());
    let streams_body = matches!(found, Some((route, _)) if matches!(route.handler, Handler::AdminStream(_)));
    if moderator.is_err() || !streams_body {
        request.read_body(&app.log).await;
    }
    let moderator = moderator?;
    match found {
        Some((route, comment)) => match route.handler {
            Handler::Admin(handler) | Handler::AdminStream(handler) => {
                handler(app, AdminCall { request, moderator, comment }).await
            }
            Handler::Public(_) => Err(Refusal::NotFound.into()),
        },
        None => unmatched(request.path()),
    }
}

/// Response for a request that matches no route: `405` with the methods of its path, or `404` if there is no such path.
fn unmatched(path: &str) -> Result<Response, ApiError> {
    let methods = routes::allowed_methods(path).ok_or(Refusal::NotFound)?;
    let mut response = refusal_response(Refusal::BadMethod)?;
    response.headers_mut().set("allow", &methods)?;
    Ok(response)
}

fn preflight(app: &AppContext, request: &ApiRequest, methods: &str) -> Result<Response, ApiError> {
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

/// Lets the pages of configured sites read a response, by their exact origin and without credentials.
fn add_cors(
    response: &mut Response,
    settings: &Settings,
    origin: Option<&str>,
    refusal: Option<Refusal>,
) -> worker::Result<()> {
    let headers = response.headers_mut();
    headers.append("vary", "Origin")?;
    let Some(origin) = origin else { return Ok(()) };
    if settings.sites.find_by_origin(origin).is_some() {
        headers.set("access-control-allow-origin", origin)?;
        headers.set("access-control-expose-headers", "retry-after")?;
    } else if refusal == Some(Refusal::UnknownSite) {
        // The owner of a site that is not configured yet reads the reason on the page itself. A refusal reveals nothing else.
        headers.set("access-control-allow-origin", "*")?;
    }
    Ok(())
}
