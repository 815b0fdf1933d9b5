//! A request as the handlers read it.

use std::str::FromStr;
use std::time::Duration;

use afterword_guard::Network;
use afterword_model::{CommentId, Refusal, limits};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IntoDeserializer};
use url::Url;
use web_sys::ReadableStream;
use worker::{Method, Request, Response, console_error};

use crate::platform::log_context::LogContext;
use crate::platform::timeout::with_timeout;
use crate::response;

/// Deadline of a whole body, which has at most [`limits::BODY_BYTES`]: a slow mobile network takes a few seconds for it.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);
/// Number of bytes of a body that are read before the connection is given up. Bytes over [`limits::BODY_BYTES`] are dropped.
///
/// The local runtime cannot use a connection whose body is left unread for the next request, and fails that request instead.
const MAX_READ_BYTES: usize = if cfg!(feature = "local-runtime") { 4 * 1024 * 1024 } else { limits::BODY_BYTES };
/// Highest page number that a request may ask for.
const LAST_PAGE: u32 = 1_000_000;

/// A request and its parsed URL.
pub(crate) struct ApiRequest {
    request: Request,
    url: Url,
    /// Length of the base path in the path, 0 if it does not begin with it.
    base_length: usize,
}

impl ApiRequest {
    /// Wraps a request without reading its body. All paths are without the base path, if they begin with it.
    pub(crate) fn new(request: Request, base_path: &str) -> worker::Result<Self> {
        let url = request.url()?;
        let is_below = !base_path.is_empty() && is_below(url.path(), base_path);
        Ok(Self { request, url, base_length: if is_below { base_path.len() } else { 0 } })
    }

    /// Reads the body, of at most [`limits::BODY_BYTES`]. A handler does so after all checks that need no body.
    pub(crate) async fn read_body(&mut self, log: &LogContext) -> Result<Vec<u8>, Refusal> {
        with_timeout(BODY_TIMEOUT, read_body(&mut self.request, log)).await.unwrap_or(Err(Refusal::BodyTimeout))
    }

    /// Reads and drops the body of a request that was refused before its body was read; see [`MAX_READ_BYTES`].
    #[cfg(feature = "local-runtime")]
    pub(crate) async fn drain_body(&mut self, log: &LogContext) {
        if !self.request.inner().body_used() {
            drop(self.read_body(log).await);
        }
    }

    /// The method. `HEAD` counts as `GET`: the runtime leaves the body out of the response.
    pub(crate) fn method(&self) -> Method {
        match self.request.inner().method().as_str() {
            "GET" | "HEAD" => Method::Get,
            // `Method::from` turns unknown methods into `GET`. They become `TRACE` here, which no route has.
            other => match Method::from(other.to_owned()) {
                Method::Get => Method::Trace,
                method => method,
            },
        }
    }

    /// The address, as sent.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The request of the platform, for a server that is to answer it.
    pub(crate) fn inner(&self) -> &web_sys::Request {
        self.request.inner()
    }

    /// Returns true if the client wants no body.
    pub(crate) fn is_head(&self) -> bool {
        self.request.inner().method() == "HEAD"
    }

    /// The path, as sent, without the base path.
    pub(crate) fn path(&self) -> &str {
        self.url.path().get(self.base_length..).unwrap_or_default()
    }

    /// The base path if the path began with it, else nothing.
    pub(crate) fn base_path(&self) -> &str {
        self.url.path().get(..self.base_length).unwrap_or_default()
    }

    /// Redirect with status 303 to a path of the Worker, below the base path if the request was.
    pub(crate) fn see_other(&self, path: &str) -> worker::Result<Response> {
        response::see_other(&[self.base_path(), path].concat())
    }

    /// Returns true if the path began with the base path, so the request is to the blog's own address.
    pub(crate) fn is_below_base_path(&self) -> bool {
        self.base_length > 0
    }

    /// The path and the query, as sent, without the base path.
    pub(crate) fn path_and_query(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.path()),
            None => self.path().to_owned(),
        }
    }

    /// Returns true if nobody on the way can read or change the request: it came by `https`, or from this machine.
    pub(crate) fn is_secure(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        self.url.scheme() == "https" || matches!(host, "localhost" | "127.0.0.1" | "[::1]")
    }

    /// The origin of the address that the request is for, without a trailing slash.
    pub(crate) fn own_origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The address of the Worker to which paths are appended: its origin, and the base path if the request began with it.
    pub(crate) fn endpoint(&self) -> String {
        self.own_origin() + self.base_path()
    }

    /// All query parameters.
    pub(crate) fn query_pairs(&self) -> url::form_urlencoded::Parse<'_> {
        self.url.query_pairs()
    }

    /// First query parameter of this name.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// All query parameters of this name.
    pub(crate) fn query_values(&self, name: &str) -> Vec<String> {
        self.url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// Query parameter that is an integer.
    pub(crate) fn query_number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        self.query_value(name).map(|text| text.parse().map_err(|_| Refusal::BadQuery)).transpose()
    }

    /// Query parameter that is the id of a comment. `None` if it is missing or no id.
    pub(crate) fn query_comment(&self, name: &str) -> Option<CommentId> {
        self.query_value(name).and_then(|id| id.parse().ok()).map(CommentId::new)
    }

    /// Query parameter that is `true` or `false`.
    pub(crate) fn query_flag(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.query_value(name).as_deref() {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(Refusal::BadQuery),
        }
    }

    /// Query parameter that is a word, one of the names of `T`. Empty counts as missing.
    pub(crate) fn query_word<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let word = self.query_value(name).filter(|word| !word.is_empty());
        let parse = |word: String| T::deserialize(IntoDeserializer::<serde::de::value::Error>::into_deserializer(word));
        word.map(parse).transpose().map_err(|_| Refusal::BadQuery)
    }

    /// Query parameter `page`, counted from 1.
    pub(crate) fn page(&self) -> Result<u32, Refusal> {
        let Some(page) = self.query_value("page") else { return Ok(1) };
        page.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page)).ok_or(Refusal::BadQuery)
    }

    /// Value of a header, if it is present and readable.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// Origin of the page that made the request. Browsers send it with every cross-origin request and every `POST`.
    pub(crate) fn origin(&self) -> Option<String> {
        self.header("origin")
    }

    /// Returns true if a browser says that a page of another origin made the request. Clients other than browsers send no such header.
    pub(crate) fn is_cross_site(&self) -> bool {
        let is_foreign = self.origin().is_some_and(|origin| origin != self.own_origin());
        let fetch_site = self.header("sec-fetch-site");
        is_foreign || fetch_site.is_some_and(|site| !matches!(site.as_str(), "same-origin" | "none"))
    }

    /// Network of the client. The platform sets the header, and no client can (Cloudflare's documentation, "Cloudflare HTTP headers").
    pub(crate) fn network(&self) -> Network {
        Network::from_address(self.header("cf-connecting-ip").as_deref())
    }

    /// Returns true if the body declares this media type. Parameters such as a charset do not matter.
    pub(crate) fn has_media_type(&self, media_type: &str) -> bool {
        let header = self.header("content-type").unwrap_or_default();
        header.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
    }

    /// Returns true if the client already has the response with this ETag (RFC 9110, section 13.1.2).
    pub(crate) fn matches_etag(&self, etag: &str) -> bool {
        let known = self.header("if-none-match").unwrap_or_default();
        known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
    }

    /// The body as a form with files, which the platform parses.
    pub(crate) fn form_data(&self) -> worker::Result<js_sys::Promise> {
        Ok(self.request.inner().form_data()?)
    }

    /// The body as a stream, if it was not read.
    pub(crate) fn body_stream(&self) -> Option<ReadableStream> {
        self.request.inner().body()
    }
}

async fn read_body(request: &mut Request, log: &LogContext) -> Result<Vec<u8>, Refusal> {
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let unreadable = |error: worker::Error| {
        console_error!("request body not read {log} cause={error}");
        Refusal::Internal
    };
    let (mut body, mut size) = (Vec::new(), 0);
    let mut stream = request.stream().map_err(unreadable)?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(unreadable)?;
        size += chunk.len();
        if size <= limits::BODY_BYTES {
            body.extend(chunk);
        }
        if size > MAX_READ_BYTES {
            break;
        }
    }
    if size > limits::BODY_BYTES { Err(Refusal::BodyTooLarge) } else { Ok(body) }
}

/// Returns true if a path is the base path with a path after it.
pub(crate) fn is_below(path: &str, base_path: &str) -> bool {
    path.strip_prefix(base_path).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns true if a path is for moderators only, whether it exists or not.
pub(crate) fn is_admin_path(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

/// Returns true if a path is for programs of moderators, whether it exists or not.
pub(crate) fn is_admin_api_path(path: &str) -> bool {
    path == "/admin/api" || path.starts_with("/admin/api/")
}
