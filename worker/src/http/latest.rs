//! `GET /v1/latest` and `GET /v1/latest.html`: the latest comments of a site, for the sidebar of a blog. They are read from KV alone.

use std::hash::{DefaultHasher, Hash, Hasher};

use afterword_model::{LatestComments, Origin, Refusal, Site};
use afterword_view::catalogue;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::read_api::render_context;
use crate::http::request::ApiRequest;
use crate::kv_reader::KvReader;
use crate::response::{self, ContentType};

/// Number of comments unless `count` says otherwise.
const DEFAULT_COUNT: usize = 5;
/// Highest value of `count`.
const MAX_COUNT: usize = 20;

/// `GET /v1/latest`: as JSON.
pub(crate) async fn json(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let latest = read(app, request).await?;
    respond(request, ContentType::Json, serde_json::to_vec(&latest)?)
}

/// `GET /v1/latest.html`: as an HTML fragment.
pub(crate) async fn fragment(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let latest = read(app, request).await?;
    let endpoint = request.endpoint();
    let messages = catalogue::messages(&request.query_value("lang").unwrap_or_default());
    let list = afterword_view::latest_list(&render_context(messages, &endpoint), &latest);
    respond(request, ContentType::Fragment, list.into_string().into_bytes())
}

async fn read(app: &AppContext, request: &ApiRequest) -> Result<LatestComments, ApiError> {
    let site = requested_site(app, request)?;
    let count: usize = request.query_number("count")?.unwrap_or(DEFAULT_COUNT);
    if !(1..=MAX_COUNT).contains(&count) {
        return Err(Refusal::BadQuery.into());
    }
    let mut latest = KvReader::new(app)?.latest_comments(site).await?;
    latest.comments.truncate(count);
    Ok(latest)
}

/// The site that the query parameter `site` names by one of its origins, or the only site. Log lines name it from now on.
pub(crate) fn requested_site<'a>(app: &'a AppContext, request: &ApiRequest) -> Result<&'a Origin, Refusal> {
    let sites = &app.settings.sites;
    let site = match request.query_value("site") {
        Some(name) => {
            let origin = Origin::parse(&name).ok_or(Refusal::BadUrl)?;
            sites.find_by_origin(origin.as_str()).ok_or(Refusal::UnknownSite)?
        }
        None => sites.iter().next().filter(|_| sites.iter().count() == 1).ok_or(Refusal::BadQuery)?,
    };
    app.log.set_site(site.origin().as_str());
    Ok(Site::origin(site))
}

/// Responds with `304` if the client has the same content already.
pub(crate) fn respond(request: &ApiRequest, content_type: ContentType, body: Vec<u8>) -> Result<Response, ApiError> {
    // ETags are compared within one build only, so any hash will do. Another build with another hash costs one response.
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let etag = format!("\"{:x}\"", hasher.finish());
    if request.matches_etag(&etag) {
        return Ok(response::cached(content_type, 304, &etag)?.empty());
    }
    Ok(response::cached(content_type, 200, &etag)?.fixed(body))
}
