//! The router: finds the handler of a request and adds the headers that all routes share.

use worker::{Env, Method, Request, Response, console_error};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::dispatch::{serve_api, serve_page};
use crate::http::cors::{self, has_cors};
#[cfg(feature = "fault-injection")]
use crate::http::fault_routes;
use crate::http::language::error_messages;
use crate::http::request::{ApiRequest, is_admin_api_path, is_admin_path};
use crate::http::routes::{self, Handler, Route};
use crate::http::setup;
use crate::http::unmatched::unmatched;
use crate::http::{assets, blog_page};
use crate::platform::log_context::LogContext;
use crate::platform::random;
use crate::settings;

/// Log context of a request: its route, and the id that Cloudflare gave it, or else a random one.
pub(crate) fn log_context(request: &Request) -> LogContext {
    let method = if request.method() == Method::Head { Method::Get } else { request.method() };
    let route = routes::find(&method, &request.path()).map_or("unmatched", |(route, _)| route.path);
    let ray = request.headers().get("cf-ray").ok().flatten();
    LogContext::new(route).with_request_id(ray.or_else(|| random::request_id().ok()))
}

/// Responds to any request. A refusal is a response too.
pub(crate) async fn respond(request: Request, env: Env, log: LogContext) -> worker::Result<Response> {
    let settings = settings::load(&env);
    let mut request = ApiRequest::new(request, settings.map_or("", |settings| &settings.base_path))?;
    let response = match settings {
        Ok(settings) => {
            let app = AppContext::new(env, settings, log.clone());
            if let Some(route) = blog_page::find_route(settings, &request) {
                return blog_page::respond(app, route, &request).await;
            }
            serve(&app, &mut request).await?
        }
        Err(problems) => {
            // The blog stays readable, whatever is wrong here.
            if let Some(response) = blog_page::pass_through(&env, &request).await {
                return response;
            }
            console_error!("request refused {log} cause=invalid settings: {}", problems.join(" "));
            setup::not_configured(&request, problems)?
        }
    };
    #[cfg(feature = "local-runtime")]
    request.drain_body(&log).await;
    Ok(response)
}

async fn serve(app: &AppContext, request: &mut ApiRequest) -> worker::Result<Response> {
    let result = match request.path() {
        // A script of the blog's page could act as a moderator who is signed in there.
        path if is_admin_path(path) && request.is_below_base_path() => unmatched(""),
        path if is_admin_api_path(path) => serve_api(app, request).await,
        path if is_admin_path(path) => serve_page(app, request).await,
        _ => dispatch(app, request).await,
    };
    let (mut response, refusal) = match result {
        Ok(response) => (response, None),
        Err(error) => {
            let (response, refusal) = error.into_response(&app.log, error_messages(request))?;
            (response, Some(refusal))
        }
    };
    if has_cors(request.path()) {
        cors::add_headers(&mut response, &app.settings.sites, request, refusal)?;
    }
    if app.settings.server_timing {
        response.headers_mut().set("server-timing", &app.usage.server_timing())?;
    }
    #[cfg(feature = "fault-injection")]
    response.headers_mut().set("afterword-cost", &app.usage.cost())?;
    Ok(response)
}

async fn dispatch(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let (method, path) = (request.method(), request.path());
    if request.is_below_base_path() && method == Method::Get && assets::is_asset(path) {
        return Ok(assets::serve(&app.env, request).await?);
    }
    match routes::find(&method, path) {
        Some((Route { handler: Handler::Public(handler), .. }, _)) => {
            cors::require_known_page(app, request)?;
            return handler(app, request).await;
        }
        Some((Route { handler: Handler::Comment(handler), .. }, Some(comment))) => {
            cors::require_known_page(app, request)?;
            return handler(app, request, comment).await;
        }
        _ => {}
    }
    if method == Method::Options
        && has_cors(path)
        && let Some(methods) = routes::allowed_methods(path)
    {
        return cors::preflight(app, request, &methods);
    }
    #[cfg(feature = "fault-injection")]
    if path.starts_with("/debug/") {
        return fault_routes::dispatch(app, request).await;
    }
    unmatched(path)
}
