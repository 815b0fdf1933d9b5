//! Which call is meant, and what all calls have in common: settings, CORS, the cost header.

use afterword_model::Refusal;
use afterword_view::{PageAssets, SetupState, catalogue};
use serde::Serialize;
use worker::{Env, Method, Request, Response};

use crate::http::request::ApiRequest;
use crate::http::{admin, challenge, read_api, security_txt, submit_comment, thread_page};
use crate::platform::usage::Usage;
use crate::response::{self, ApiError};
use crate::settings::{self, Settings};

/// How long a browser may remember a preflight, in seconds (browsers cap it themselves).
const PREFLIGHT_SECONDS: &str = "86400";

/// What every route may use.
pub(crate) struct AppContext {
    pub(crate) env: Env,
    pub(crate) settings: &'static Settings,
    pub(crate) cost: Usage,
}

/// The answer to any request; a refusal is an answer too.
pub(crate) async fn answer(request: Request, env: Env) -> worker::Result<Response> {
    let mut call = ApiRequest::new(request)?;
    let (path, origin) = (call.path().to_owned(), call.origin());
    let settings = match settings::of(&env) {
        Ok(settings) => settings,
        Err(problems) => {
            call.read_body().await;
            return unconfigured(&call, problems);
        }
    };
    let app = AppContext { env, settings, cost: Usage::default() };
    let answered = if admin::is_behind(&path) {
        admin::answer(&app, call).await
    } else {
        call.read_body().await;
        dispatch(&app, call).await
    };
    let (mut response, refusal) = match answered {
        Ok(response) => (response, None),
        Err(failure) => {
            let (response, refusal) = response::failed(failure)?;
            (response, Some(refusal))
        }
    };
    if path.starts_with("/v1/") {
        share(&mut response, settings, origin.as_deref(), refusal)?;
    }
    response.headers_mut().set("afterword-cost", &app.cost.header())?;
    Ok(response)
}

async fn dispatch(app: &AppContext, call: ApiRequest) -> Result<Response, ApiError> {
    let path = call.path().to_owned();
    let method = call.method();
    match (path.as_str(), &method) {
        ("/health", Method::Get) => Ok(health(true)?),
        ("/", Method::Get) => Ok(thread_page::welcome(&call)?),
        ("/favicon.ico", Method::Get) => Ok(response::start(response::ContentType::Page, 204)?.empty()),
        (security_txt::PATH, Method::Get) => security_txt::answer(app, &call),
        ("/thread", Method::Get) => Ok(thread_page::show(app, &call).await?),
        ("/thread", Method::Post) => Ok(thread_page::take(app, call).await?),
        ("/v1/thread", Method::Get) => read_api::thread(app, &call).await,
        ("/v1/thread.html", Method::Get) => read_api::fragment(app, &call).await,
        ("/v1/counts", Method::Get) => read_api::counts(app, &call).await,
        ("/v1/challenge", Method::Get) => challenge::issue(app, &call),
        ("/v1/comments", Method::Post) => submit_comment::comment(app, call).await,
        (path, Method::Options) if path.starts_with("/v1/") && allowed(path).is_some() => preflight(app, &call, path),
        #[cfg(feature = "fault-injection")]
        (path, _) if path.starts_with("/debug/") => crate::fault_injection::answer(app, call).await,
        (path, _) => unserved(path),
    }
}

/// What a route says to a method that it does not take, and what is said where there is no route.
pub(crate) fn unserved(path: &str) -> Result<Response, ApiError> {
    let methods = allowed(path).ok_or(Refusal::NotFound)?;
    let mut response = response::refused(Refusal::BadMethod)?;
    response.headers_mut().set("allow", methods)?;
    Ok(response)
}

/// Every route there is, with the methods it takes.
const ROUTES: &[(&str, &str)] = &[
    ("/", "GET, HEAD"),
    (security_txt::PATH, "GET, HEAD"),
    ("/admin/api/audit", "GET, HEAD"),
    ("/admin/api/bans", "GET, HEAD, POST"),
    ("/admin/api/bans/lift", "POST"),
    ("/admin/api/comments", "GET, HEAD"),
    ("/admin/api/comments/<id>/approve", "POST"),
    ("/admin/api/comments/<id>/erase", "POST"),
    ("/admin/api/comments/<id>/hold", "POST"),
    ("/admin/api/export", "GET, HEAD"),
    ("/admin/api/import", "POST"),
    ("/admin/api/rebuild", "POST"),
    ("/admin/api/remap", "POST"),
    ("/admin/api/rerender", "POST"),
    ("/admin/api/settings", "GET, HEAD, POST"),
    ("/admin/api/threads/close", "POST"),
    ("/admin/api/threads/open", "POST"),
    ("/admin/api/threads/title", "POST"),
    ("/favicon.ico", "GET, HEAD"),
    ("/health", "GET, HEAD"),
    ("/thread", "GET, HEAD, POST"),
    ("/v1/challenge", "GET, HEAD, OPTIONS"),
    ("/v1/comments", "POST, OPTIONS"),
    ("/v1/counts", "GET, HEAD, OPTIONS"),
    ("/v1/thread", "GET, HEAD, OPTIONS"),
    ("/v1/thread.html", "GET, HEAD, OPTIONS"),
];

/// The methods of a route that exists.
fn allowed(path: &str) -> Option<&'static str> {
    ROUTES.iter().find(|(route, _)| is_at(path, route)).map(|(_, methods)| *methods)
}

/// Whether a path is that of a route, in which `<id>` stands for a number.
fn is_at(path: &str, route: &str) -> bool {
    let Some((before, after)) = route.split_once("<id>") else { return path == route };
    let id = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    id.is_some_and(|id| id.parse::<i64>().is_ok())
}

fn preflight(app: &AppContext, call: &ApiRequest, path: &str) -> Result<Response, ApiError> {
    let origin = call.origin().unwrap_or_default();
    if app.settings.sites.find_by_origin(&origin).is_none() {
        return Err(Refusal::WrongOrigin.into());
    }
    let response = response::start(response::ContentType::Json, 204)?
        .with_header("access-control-allow-methods", allowed(path).unwrap_or_default())?
        .with_header("access-control-allow-headers", "authorization, content-type")?
        .with_header("access-control-max-age", PREFLIGHT_SECONDS)?;
    Ok(response.empty())
}

/// Lets the pages of configured sites read an answer, by their exact origin and without credentials.
fn share(
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
        // The owner of a site that is not configured yet is to read why, on the very page; a refusal tells nothing else.
        headers.set("access-control-allow-origin", "*")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Health {
    version: &'static str,
    configured: bool,
}

fn health(configured: bool) -> worker::Result<Response> {
    response::json(200, &Health { version: env!("CARGO_PKG_VERSION"), configured })
}

/// Without valid settings nothing works, and the owner is told what to do about it.
fn unconfigured(call: &ApiRequest, problems: &[String]) -> worker::Result<Response> {
    if call.path() == "/health" {
        return health(false);
    }
    if admin::is_behind(call.path()) {
        return response::refused(Refusal::NotConfigured);
    }
    if call.path().starts_with("/v1/") {
        let mut response = response::refused(Refusal::NotConfigured)?;
        response.headers_mut().set("access-control-allow-origin", "*")?;
        return Ok(response);
    }
    let chrome = PageAssets { stylesheet_path: catalogue::stylesheet_path() };
    let page = afterword_view::setup_page(&chrome, &SetupState::Missing { problems });
    let wait = ApiError::Refused(Refusal::NotConfigured).retry_after();
    response::with_retry_after(response::page(Refusal::NotConfigured.status(), page)?, wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = include_str!("../../../README.md");

    #[test]
    fn the_readme_lists_the_calls_there_are() {
        let calls = README.split("## Calls").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let mut listed: Vec<&str> = calls
            .split('`')
            .filter_map(|code| code.strip_prefix("GET ").or_else(|| code.strip_prefix("POST ")))
            .map(|target| target.split('?').next().unwrap_or_default())
            .collect();
        listed.sort_unstable();
        listed.dedup();
        let served: Vec<&str> =
            ROUTES.iter().map(|(route, _)| *route).filter(|route| !matches!(*route, "/" | "/favicon.ico")).collect();
        assert_eq!(listed, served);
    }
}
