//! A request, as the routes read it.

use std::str::FromStr;

use afterword_model::{Refusal, limits};
use futures_util::StreamExt;
use url::Url;
use web_sys::ReadableStream;
use worker::{Method, Request, console_error};

/// How much of a body over [`limits::BODY`] is still read, to be thrown away. A connection whose body was left unread cannot be used
/// for the next request, and the local runtime then fails that one instead.
const PATIENCE: usize = 4 * 1024 * 1024;
/// Pages beyond this are not asked for by anybody.
const LAST_PAGE: u32 = 1_000_000;

/// A request, its parsed address and its body, once that is read.
pub(crate) struct ApiRequest {
    request: Request,
    url: Url,
    body: Result<Vec<u8>, Refusal>,
}

impl ApiRequest {
    /// Takes in the request, but for its body.
    pub(crate) fn new(request: Request) -> worker::Result<Self> {
        let url = request.url()?;
        Ok(Self { request, url, body: Ok(Vec::new()) })
    }

    /// Takes in the body: every request's whatever the answer will be, but for those whose body is passed on.
    pub(crate) async fn read_body(&mut self) {
        self.body = read_body(&mut self.request).await;
    }

    /// The method, where `HEAD` counts as `GET`: the runtime leaves the body out.
    pub(crate) fn method(&self) -> Method {
        match self.request.inner().method().as_str() {
            "GET" | "HEAD" => Method::Get,
            // Methods that `Method` does not know become `GET` in it; no route takes a `TRACE`.
            other => match Method::from(other.to_owned()) {
                Method::Get => Method::Trace,
                method => method,
            },
        }
    }

    /// The path, as sent.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    /// The origin under which the Worker was reached, without a trailing slash.
    pub(crate) fn endpoint(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The first query parameter of this name.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Every query parameter of this name.
    pub(crate) fn parameters(&self, name: &str) -> Vec<String> {
        self.url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// The page asked for, from 1.
    pub(crate) fn page(&self) -> Result<u32, Refusal> {
        let Some(page) = self.parameter("page") else { return Ok(1) };
        page.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page)).ok_or(Refusal::BadQuery)
    }

    /// A header, if it is there and can be read.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// The origin of the page that made the request; browsers send it with every cross-origin request and every POST.
    pub(crate) fn origin(&self) -> Option<String> {
        self.header("origin")
    }

    /// Whether a browser says that a page of another origin makes the request. Who is no browser says nothing.
    pub(crate) fn is_cross_site(&self) -> bool {
        let foreign = self.origin().is_some_and(|origin| origin != self.endpoint());
        let site = self.header("sec-fetch-site");
        foreign || site.is_some_and(|site| !matches!(site.as_str(), "same-origin" | "none"))
    }

    /// Whether the body says it is of this media type; parameters such as a charset do not matter.
    pub(crate) fn has_media_type(&self, media_type: &str) -> bool {
        let header = self.header("content-type").unwrap_or_default();
        header.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
    }

    /// Whether the client has the answer with this tag already (RFC 9110, section 13.1.2).
    pub(crate) fn has(&self, etag: &str) -> bool {
        let known = self.header("if-none-match").unwrap_or_default();
        known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
    }

    /// Whether a parameter that is `true` or `false` is `true`; without one it is `default`.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.parameter(name).as_deref() {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(Refusal::BadQuery),
        }
    }

    /// A parameter that is a whole number.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        self.parameter(name).map(|text| text.parse().map_err(|_| Refusal::BadQuery)).transpose()
    }

    /// The body as it arrives, if it was not read.
    pub(crate) fn body_stream(&self) -> Option<ReadableStream> {
        self.request.inner().body()
    }

    /// The body, of at most [`limits::BODY`] bytes.
    pub(crate) fn take_body(&mut self) -> Result<Vec<u8>, Refusal> {
        std::mem::replace(&mut self.body, Ok(Vec::new()))
    }
}

async fn read_body(request: &mut Request) -> Result<Vec<u8>, Refusal> {
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let broken = |error: worker::Error| {
        console_error!("a body cannot be read: {error}");
        Refusal::Internal
    };
    let (mut body, mut size) = (Vec::new(), 0);
    let mut stream = request.stream().map_err(broken)?;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(broken)?;
        size += chunk.len();
        if size <= limits::BODY_BYTES {
            body.extend(chunk);
        } else if size > PATIENCE {
            break;
        }
    }
    if size > limits::BODY_BYTES { Err(Refusal::BodyTooLarge) } else { Ok(body) }
}
