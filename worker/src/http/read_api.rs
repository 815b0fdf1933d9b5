//! The calls of readers. They are answered out of KV alone: no object is asked, whatever the thread's length.

use std::hash::{DefaultHasher, Hash, Hasher};

use afterword_model::{PostRef, PostUrl, Refusal, Sort, Thread, limits};
use afterword_view::{DEFAULT_MAX_DEPTH, Form, Messages, RenderContext, catalogue};
use worker::Response;

use crate::http::request::ApiRequest;
use crate::http::router::AppContext;
use crate::kv_reader::KvReader;
use crate::response::{self, ApiError, ContentType};

/// Names this build, so that a browser does not keep a fragment that another one drew.
const BUILD: &str = match option_env!("AFTERWORD_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

/// `GET /v1/thread`.
pub(crate) async fn thread(app: &AppContext, call: &ApiRequest) -> Result<Response, ApiError> {
    let ThreadQuery { place, page, sort } = asked(app, call)?;
    let published = KvReader::new(&app.env, &app.cost)?;
    if page > 1 || sort != Sort::Oldest {
        let (thread, versions) = published.page(&place.url, page, sort).await?;
        let etag = etag(&thread.url, versions, page, sort, "json");
        return fresh_or(
            call,
            &etag,
            || Ok(serde_json::to_vec(&thread).map_err(worker::Error::from)?),
            ContentType::Json,
        );
    }
    let head = published.head(place.url).await?;
    let etag = etag(&head.url, [head.meta.version, 0, 0], page, sort, "json");
    match head.body {
        Some(body) if !call.has(&etag) => Ok(response::revalidated(ContentType::Json, 200, &etag)?.stream(body)),
        body => {
            // An unread body would keep its connection to the store.
            drop(body.map(|body| body.cancel()));
            let empty = || Ok(serde_json::to_vec(&Thread::empty(head.url)).map_err(worker::Error::from)?);
            fresh_or(call, &etag, empty, ContentType::Json)
        }
    }
}

/// `GET /v1/thread.html`.
pub(crate) async fn fragment(app: &AppContext, call: &ApiRequest) -> Result<Response, ApiError> {
    let ThreadQuery { place, page, sort } = asked(app, call)?;
    let (thread, versions) = KvReader::new(&app.env, &app.cost)?.page(&place.url, page, sort).await?;
    let messages = catalogue::messages(&call.parameter("lang").unwrap_or_default());
    let etag = etag(&thread.url, versions, page, sort, messages.get("lang"));
    let draw = || {
        let endpoint = call.endpoint();
        let form = Form { url: &place.requested_url, ..Form::default() };
        Ok(afterword_view::thread(&scene(messages, &endpoint), &thread, &form).into_string().into_bytes())
    };
    fresh_or(call, &etag, draw, ContentType::Fragment)
}

/// `GET /v1/counts`.
pub(crate) async fn counts(app: &AppContext, call: &ApiRequest) -> Result<Response, ApiError> {
    let urls = call.parameters("url");
    if urls.is_empty() || urls.len() > limits::COUNT_URLS {
        return Err(Refusal::BadQuery.into());
    }
    let counts = KvReader::new(&app.env, &app.cost)?.counts(&app.settings.sites, urls).await?;
    Ok(response::start(ContentType::Json, 200)?
        .with_header("cache-control", "public, max-age=60")?
        .fixed(serde_json::to_vec(&counts).map_err(worker::Error::from)?))
}

/// How threads are drawn here.
pub(crate) fn scene<'a>(messages: &'a Messages, endpoint: &'a str) -> RenderContext<'a> {
    RenderContext {
        messages,
        endpoint,
        messages_path: catalogue::messages_path(messages.get("lang")),
        max_depth: DEFAULT_MAX_DEPTH,
    }
}

/// What a reader asks for.
pub(crate) struct ThreadQuery {
    pub(crate) place: PostRef,
    pub(crate) page: u32,
    pub(crate) sort: Sort,
}

/// The post, and the page of its thread in an order.
pub(crate) fn asked(app: &AppContext, call: &ApiRequest) -> Result<ThreadQuery, Refusal> {
    let place = app.settings.sites.resolve_post(&call.parameter("url").ok_or(Refusal::BadUrl)?)?;
    let sort = match call.parameter("sort").as_deref() {
        None | Some("" | "oldest") => Sort::Oldest,
        Some("newest") => Sort::Newest,
        Some("top") => Sort::Top,
        Some(_) => return Err(Refusal::BadQuery),
    };
    Ok(ThreadQuery { place, page: call.page()?, sort })
}

/// Names one state of an answer: where all of this is the same, so is every byte. The address tells the thread of a post that has
/// moved from another one that was at the same address, and may be of the same version.
fn etag(url: &PostUrl, [head, top, page_version]: [i64; 3], page: u32, sort: Sort, form: &str) -> String {
    // Told apart within one build only, so any hash will do.
    let mut hasher = DefaultHasher::new();
    url.hash(&mut hasher);
    let thread = hasher.finish();
    format!("\"{head}.{top}.{page_version}-{page}-{sort:?}-{form}-{thread:x}-{BUILD}\"")
}

fn fresh_or(
    call: &ApiRequest,
    etag: &str,
    body: impl FnOnce() -> Result<Vec<u8>, ApiError>,
    kind: ContentType,
) -> Result<Response, ApiError> {
    if call.has(etag) {
        return Ok(response::revalidated(kind, 304, etag)?.empty());
    }
    Ok(response::revalidated(kind, 200, etag)?.fixed(body()?))
}
