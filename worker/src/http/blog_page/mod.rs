//! Pages of a blog that pass through the Worker, which puts the thread of each post into it.
//!
//! A page is never delayed for its comments: they are read while the page is on its way, and are left to the loader if they are not there
//! when its place in the page is. Whatever fails here, the page passes through as it is.

mod insertion;
mod policy;
mod rewrite;
mod thread_source;

use std::rc::Rc;

use wasm_bindgen::JsCast;
use worker::{Env, Fetch, Method, Request, Response, console_error};

use crate::blog_route::BlogRoute;
use crate::context::AppContext;
use crate::http::blog_page::rewrite::rewrite;
use crate::http::blog_page::thread_source::ThreadSource;
use crate::http::request::{ApiRequest, is_below};
use crate::response;
use crate::settings::{BASE_PATH, BLOG_ROUTES, Settings};

/// Request headers by which a client asks for a part of a page, or for nothing if it has not changed. The thread may have.
const CONDITIONAL: [&str; 5] = ["if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "range"];
/// Response headers that describe the bytes of a page as they were.
const OF_BYTES: [&str; 5] = ["accept-ranges", "content-length", "content-md5", "etag", "last-modified"];

/// The route of a request for a page of a blog, or for anything else on the server of the blog.
pub(crate) fn find_route<'a>(settings: &'a Settings, request: &ApiRequest) -> Option<&'a BlogRoute> {
    if request.is_below_base_path() {
        return None;
    }
    settings.blog_routes.iter().find(|route| route.covers(request.url()))
}

/// Response of the blog's own server while the settings of the Worker are invalid. `None` if the request is not for the blog.
pub(crate) async fn pass_through(env: &Env, request: &ApiRequest) -> Option<worker::Result<Response>> {
    let variable = |name| env.var(name).map(|value| value.to_string()).unwrap_or_default();
    let base_path = variable(BASE_PATH);
    if !base_path.is_empty() && is_below(request.url().path(), base_path.trim()) {
        return None;
    }
    let routes = variable(BLOG_ROUTES);
    let route = routes.split_whitespace().filter_map(BlogRoute::parse).find(|route| route.covers(request.url()))?;
    Some(fetch(&route, request, false).await)
}

/// Response of the blog's server, with the thread in it if it is a page.
pub(crate) async fn respond(app: AppContext, route: &BlogRoute, request: &ApiRequest) -> worker::Result<Response> {
    if !may_be_page(request) {
        return fetch(route, request, false).await;
    }
    let (app, url) = (Rc::new(app), request.url().clone());
    let source = ThreadSource::prefetch(&app, &url);
    let response = fetch(route, request, true).await?;
    if !is_page(&response) {
        return Ok(response);
    }
    let page: web_sys::Response = response.into();
    match rewrite(&app, url, source, &page) {
        Ok(rewritten) => without_headers_of_bytes(&rewritten),
        Err(error) => {
            console_error!("thread not inserted {} cause={error:?}", app.log);
            Ok(page.into())
        }
    }
}

/// Fetches from the blog's server.
async fn fetch(route: &BlogRoute, request: &ApiRequest, is_whole: bool) -> worker::Result<Response> {
    let target = route.upstream_url(request.url());
    // The platform takes a request where it takes options.
    let init = request.inner().unchecked_ref();
    let outgoing = web_sys::Request::new_with_str_and_init(target.as_str(), init)?;
    for name in CONDITIONAL.into_iter().filter(|_| is_whole) {
        outgoing.headers().delete(name)?;
    }
    Fetch::Request(Request::from(outgoing)).send().await
}

/// Returns true if the response may be a page. Browsers say what they want to use it for.
fn may_be_page(request: &ApiRequest) -> bool {
    let destination = request.header("sec-fetch-dest");
    let is_for_page = destination.is_none_or(|it| matches!(it.as_str(), "document" | "iframe" | "frame" | "empty"));
    request.method() == Method::Get && !request.is_head() && is_for_page && request.header("upgrade").is_none()
}

/// Returns true if a response is a page into which a thread may be put.
fn is_page(response: &Response) -> bool {
    let header = |name| response.headers().get(name).ok().flatten().unwrap_or_default().to_ascii_lowercase();
    let content_type = header("content-type");
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_fixed =
        header("cache-control").contains("no-transform") || header("content-disposition").starts_with("attachment");
    response.status_code() == 200 && essence == "text/html" && !is_fixed
}

fn without_headers_of_bytes(response: &web_sys::Response) -> worker::Result<Response> {
    let mut response = response::with_own_headers(response)?;
    for name in OF_BYTES {
        response.headers_mut().delete(name)?;
    }
    Ok(response)
}
