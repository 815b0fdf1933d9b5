//! Builders of HTTP responses, with the headers that every response carries.

use serde::Serialize;
use wasm_bindgen::JsCast;
use worker::{Headers, Response, ResponseBuilder};

/// `Retry-After` of a `429` or `503`, in seconds, unless a rate limit knows better.
const DEFAULT_RETRY_AFTER: &str = "5";

/// Type of a response body. Each type has its own strict headers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ContentType {
    /// JSON, for programs.
    Json,
    /// JSON lines, for a file.
    JsonLines,
    /// Atom feed.
    Atom,
    /// HTML fragment, which the loader inserts into a blog's page.
    Fragment,
    /// Complete HTML page.
    Page,
    /// Complete HTML page for moderators.
    AdminPage,
    /// Plain text.
    Text,
}

impl ContentType {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::JsonLines => "application/x-ndjson",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Fragment | Self::Page | Self::AdminPage => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// Only a page may load its stylesheet and send its form. Everything else may do nothing if a browser opens it.
    const fn content_security_policy(self) -> &'static str {
        match self {
            Self::Json | Self::JsonLines | Self::Atom | Self::Fragment | Self::Text => {
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
            }
            Self::Page => {
                "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; \
                 frame-ancestors 'none'"
            }
            Self::AdminPage => {
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; \
                 base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            }
        }
    }

    /// A page's form needs an `Origin` header, which browsers do not send from a page with `no-referrer`.
    const fn referrer_policy(self) -> &'static str {
        match self {
            Self::Json | Self::JsonLines | Self::Atom | Self::Fragment | Self::Text => "no-referrer",
            Self::Page | Self::AdminPage => "same-origin",
        }
    }
}

/// Starts a response with the headers of its content type, without a body.
pub(crate) fn builder(content_type: ContentType, status: u16) -> worker::Result<ResponseBuilder> {
    let headers = Headers::new();
    headers.set("content-type", content_type.content_type())?;
    headers.set("content-security-policy", content_type.content_security_policy())?;
    headers.set("referrer-policy", content_type.referrer_policy())?;
    headers.set("x-content-type-options", "nosniff")?;
    // Browsers follow it over `https` only. It covers the Worker's own host and no other.
    headers.set("strict-transport-security", "max-age=31536000")?;
    // For browsers without `frame-ancestors`.
    headers.set("x-frame-options", "DENY")?;
    // Blogs read responses by CORS, which this does not prevent. It stops other pages from embedding a response as an image or script.
    headers.set("cross-origin-resource-policy", "same-origin")?;
    headers.set("cross-origin-opener-policy", "same-origin")?;
    headers.set("cache-control", "no-store")?;
    if matches!(status, 429 | 503) {
        headers.set("retry-after", DEFAULT_RETRY_AFTER)?;
    }
    if !matches!(content_type, ContentType::Page | ContentType::Text) {
        headers.set("x-robots-tag", "noindex")?;
    }
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers))
}

/// Starts a response that a browser may keep but must revalidate before each use.
pub(crate) fn revalidated(content_type: ContentType, status: u16, etag: &str) -> worker::Result<ResponseBuilder> {
    builder(content_type, status)?.with_header("cache-control", "no-cache")?.with_header("etag", etag)
}

/// Starts a response that anybody may keep for a minute, as long as KV takes to change everywhere, and must revalidate then.
pub(crate) fn cached(content_type: ContentType, status: u16, etag: &str) -> worker::Result<ResponseBuilder> {
    builder(content_type, status)?.with_header("cache-control", "public, max-age=60")?.with_header("etag", etag)
}

/// JSON response.
pub(crate) fn json<T: Serialize>(status: u16, body: &T) -> worker::Result<Response> {
    Ok(builder(ContentType::Json, status)?.fixed(serde_json::to_vec(body)?))
}

/// HTML page.
pub(crate) fn page(status: u16, markup: maud::Markup) -> worker::Result<Response> {
    Ok(builder(ContentType::Page, status)?.fixed(markup.into_string().into_bytes()))
}

/// Plain text with status 200.
pub(crate) fn text(text: String) -> worker::Result<Response> {
    Ok(builder(ContentType::Text, 200)?.fixed(text.into_bytes()))
}

/// Redirect with status 303: the browser opens `location`, a path of this Worker, with a GET.
pub(crate) fn see_other(location: &str) -> worker::Result<Response> {
    Ok(builder(ContentType::Page, 303)?.with_header("location", location)?.empty())
}

/// Sets the `Retry-After` header to the delay of a rate limit, in seconds, if there is one.
pub(crate) fn with_retry_after(mut response: Response, seconds: Option<u32>) -> worker::Result<Response> {
    if let Some(seconds) = seconds {
        response.headers_mut().set("retry-after", &seconds.to_string())?;
    }
    Ok(response)
}

/// A response of another server with headers that can be changed.
pub(crate) fn with_own_headers(response: &web_sys::Response) -> worker::Result<Response> {
    // The platform takes a response where it takes its status and headers.
    let init = response.unchecked_ref();
    Ok(web_sys::Response::new_with_opt_readable_stream_and_init(response.body().as_ref(), init)?.into())
}

/// Forwards a body, unread, with the Worker's headers.
pub(crate) fn forward(content_type: ContentType, response: Response) -> worker::Result<Response> {
    let builder = builder(content_type, response.status_code())?;
    Ok(builder.body(response.into_parts().1))
}
