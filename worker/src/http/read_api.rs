//! Readers' calls. They read KV alone: no object is called, whatever the length of the thread.

use std::hash::{DefaultHasher, Hash, Hasher};

use afterword_model::{
    CanonicalFault, ChosenPost, CommentId, PageReader, PostRef, PostUrl, Refusal, Sort, Thread, limits,
};
use afterword_view::styles::Stylesheet;
use afterword_view::{DEFAULT_MAX_DEPTH, Form, Messages, RenderContext, catalogue};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::cors;
use crate::http::request::ApiRequest;
use crate::kv_reader::KvReader;
use crate::response::{self, ContentType};

/// Identifies this build in ETags, so that a browser does not keep a fragment that another build rendered.
const BUILD: &str = match option_env!("AFTERWORD_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

/// Advice for the owner of a page whose origin is not configured, although the post is.
const ELSEWHERE_HINT: &str = "The setting SITES does not list the origin of this page, so nobody can comment here. If the page is part of the \
     blog, add its origin to SITES as an alias, then deploy again.";

/// `GET /v1/thread`: a page of a thread as JSON.
pub(crate) async fn thread(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let query = thread_query(app, request)?;
    let (thread, versions) = KvReader::new(app)?.read(&query.post, |url| query.reader(url)).await?;
    let etag = etag(&thread, versions, "json");
    respond(request, ContentType::Json, &etag, || Ok(serde_json::to_vec(&thread)?))
}

/// `GET /v1/thread.html`: a page of a thread as an HTML fragment.
pub(crate) async fn fragment(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let query = thread_query(app, request)?;
    let (thread, versions) = KvReader::new(app)?.read(&query.post, |url| query.reader(url).with_root_page()).await?;
    let messages = catalogue::messages(&request.query_value("lang").unwrap_or_default());
    let is_elsewhere = cors::is_elsewhere(app, request);
    let hint = match query.fault {
        Some(fault) => fault.hint(),
        None if is_elsewhere => ELSEWHERE_HINT,
        None => "",
    };
    // The settings decide about most of these, and the build does not change with them.
    let linked = request.query_comment("comment");
    let is_missing = linked.is_some_and(|id| thread.comments.iter().all(|comment| comment.id != id));
    let avatars = app.settings.avatars;
    let variant = format!("{}-{is_elsewhere}-{is_missing}-{avatars}-{:?}", messages.get("lang"), query.fault);
    let etag = etag(&thread, versions, &variant);
    respond(request, ContentType::Fragment, &etag, || {
        let endpoint = request.endpoint();
        let form = Form { is_elsewhere, hint, ..fragment_form(&query.post) };
        let context = RenderContext { avatars, linked, ..render_context(messages, &endpoint) };
        Ok(afterword_view::thread(&context, &thread, &form).into_string().into_bytes())
    })
}

/// The form of a fragment, with the address of the page.
pub(crate) fn fragment_form(post: &PostRef) -> Form<'_> {
    Form { url: &post.requested_url, stylesheet_path: Stylesheet::Writing.path(), ..Form::default() }
}

/// `GET /v1/counts`: the number of comments of each post, and with `lang` the same in words.
pub(crate) async fn counts(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let urls = request.query_values("url");
    if urls.is_empty() || urls.len() > limits::COUNT_URLS {
        return Err(Refusal::BadQuery.into());
    }
    let mut counts = KvReader::new(app)?.counts(&app.settings.sites, urls).await?;
    if let Some(language) = request.query_value("lang") {
        let messages = catalogue::messages(&language);
        let text = |(url, count): (&String, &u32)| (url.clone(), messages.format_count("count", *count));
        counts.texts = counts.counts.iter().map(text).collect();
    }
    Ok(response::builder(ContentType::Json, 200)?
        .with_header("cache-control", "public, max-age=60")?
        .fixed(serde_json::to_vec(&counts)?))
}

/// Context for rendering a thread.
pub(crate) fn render_context<'a>(messages: &'a Messages, endpoint: &'a str) -> RenderContext<'a> {
    let messages_path = catalogue::messages_path(messages.get("lang"));
    RenderContext { messages, endpoint, messages_path, max_depth: DEFAULT_MAX_DEPTH, avatars: true, linked: None }
}

/// Query of a request for a page of a thread.
pub(crate) struct ThreadQuery {
    pub(crate) post: PostRef,
    page: u32,
    sort: Sort,
    /// The reason why the page's canonical link is not used.
    fault: Option<CanonicalFault>,
    /// The comment whose page is wanted, and its parent.
    comment: Option<(CommentId, Option<CommentId>)>,
}

impl ThreadQuery {
    /// Reader of the page, in the thread at an address.
    pub(crate) fn reader(&self, url: PostUrl) -> PageReader {
        match self.comment {
            Some((comment, parent)) => PageReader::for_comment(url, comment, self.sort).or_parent(parent),
            None => PageReader::new(url, self.page, self.sort),
        }
    }
}

/// Parses the query parameters `url`, `location`, `page`, `sort`, `comment`, `parent` and `reply`. A number of a comment comes from the address of the host page,
/// so one that cannot be read counts as missing.
pub(crate) fn thread_query(app: &AppContext, request: &ApiRequest) -> Result<ThreadQuery, Refusal> {
    let ChosenPost { post, fault } = requested_post(app, request)?;
    let sort: Option<Sort> = request.query_word("sort")?;
    let comment = request.query_comment("comment").map(|comment| (comment, request.query_comment("parent")));
    // A form for a reply is below the comment that it replies to.
    let replied_to = request.query_comment("reply").filter(|_| request.query_value("page").is_none());
    let comment = comment.or(replied_to.map(|comment| (comment, None)));
    Ok(ThreadQuery { post, page: request.page()?, sort: sort.unwrap_or_default(), fault, comment })
}

/// The post of a page, by the query parameters `url` and `location`. Log lines name its site from now on.
pub(crate) fn requested_post(app: &AppContext, request: &ApiRequest) -> Result<ChosenPost, Refusal> {
    let url = request.query_value("url").ok_or(Refusal::BadUrl)?;
    let chosen = app.settings.sites.choose_post(&url, request.query_value("location").as_deref())?;
    app.log.set_site(chosen.post.site.as_str());
    Ok(chosen)
}

/// ETag of a response: equal inputs give equal bytes. The address distinguishes the thread of a moved post from an earlier thread at the
/// same address, which may have the same version.
fn etag(thread: &Thread, [head, top, page_version, root]: [i64; 4], format: &str) -> String {
    // ETags are compared within one build only, so any hash will do.
    let mut hasher = DefaultHasher::new();
    thread.url.hash(&mut hasher);
    let Thread { page, sort, .. } = thread;
    let hash = hasher.finish();
    format!("\"{head}.{top}.{page_version}.{root}-{page}-{sort:?}-{format}-{hash:x}-{BUILD}\"")
}

/// Responds with `304` if the client has this version already, else with the body.
fn respond(
    request: &ApiRequest,
    content_type: ContentType,
    etag: &str,
    body: impl FnOnce() -> Result<Vec<u8>, ApiError>,
) -> Result<Response, ApiError> {
    if request.matches_etag(etag) {
        return Ok(response::revalidated(content_type, 304, etag)?.empty());
    }
    Ok(response::revalidated(content_type, 200, etag)?.fixed(body()?))
}
