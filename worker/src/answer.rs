//! Building answers: bodies, statuses and the headers that every answer carries.

use afterword_model::{ErrorBody, Refusal};
use serde::Serialize;
use worker::{Headers, Response, ResponseBuilder};

use crate::gate::SECRETS;

/// How long a client waits before it tries again after a `503`, in seconds.
const RETRY_AFTER: u32 = 5;

/// Header of an error from a ledger: the difficulty that a proof of work must have, in bits.
pub(crate) const DIFFICULTY_HEADER: &str = "afterword-difficulty";

/// What an answer is for; each kind has its own strict headers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// JSON, for programs.
    Json,
    /// Lines of JSON, for a file.
    Lines,
    /// A piece of a page, which the loader puts into a blog's page.
    Fragment,
    /// A page of its own.
    Page,
    /// Words for people, without markup.
    Text,
}

impl Kind {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Lines => "application/x-ndjson",
            Self::Fragment | Self::Page => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// Only a page may do anything when a browser opens it: load its stylesheet and send its form.
    const fn content_security_policy(self) -> &'static str {
        match self {
            Self::Json | Self::Lines | Self::Fragment | Self::Text => {
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
            }
            Self::Page => {
                "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; \
                 frame-ancestors 'none'"
            }
        }
    }

    /// A page's form needs its `Origin`, which browsers withhold from a page with `no-referrer`.
    const fn referrer_policy(self) -> &'static str {
        match self {
            Self::Json | Self::Lines | Self::Fragment | Self::Text => "no-referrer",
            Self::Page => "same-origin",
        }
    }
}

/// An answer without a body yet, with the headers of its kind.
pub(crate) fn start(kind: Kind, status: u16) -> worker::Result<ResponseBuilder> {
    let headers = Headers::new();
    headers.set("content-type", kind.content_type())?;
    headers.set("content-security-policy", kind.content_security_policy())?;
    headers.set("referrer-policy", kind.referrer_policy())?;
    headers.set("x-content-type-options", "nosniff")?;
    // Browsers listen to it over `https` only. The host is the Worker's own, so it speaks for no other.
    headers.set("strict-transport-security", "max-age=31536000")?;
    // For browsers that do not know `frame-ancestors`.
    headers.set("x-frame-options", "DENY")?;
    // Blogs read what they may read by CORS, which this does not hinder; nobody takes an answer for a picture or a script.
    headers.set("cross-origin-resource-policy", "same-origin")?;
    headers.set("cross-origin-opener-policy", "same-origin")?;
    headers.set("cache-control", "no-store")?;
    if !matches!(kind, Kind::Page | Kind::Text) {
        headers.set("x-robots-tag", "noindex")?;
    }
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers))
}

/// An answer that a browser may keep, but asks about before each use.
pub(crate) fn revalidated(kind: Kind, status: u16, etag: &str) -> worker::Result<ResponseBuilder> {
    start(kind, status)?.with_header("cache-control", "no-cache")?.with_header("etag", etag)
}

/// JSON.
pub(crate) fn json<T: Serialize>(status: u16, body: &T) -> worker::Result<Response> {
    Ok(start(Kind::Json, status)?.fixed(serde_json::to_vec(body)?))
}

/// A page.
pub(crate) fn page(status: u16, markup: maud::Markup) -> worker::Result<Response> {
    Ok(start(Kind::Page, status)?.fixed(markup.into_string().into_bytes()))
}

/// Words.
pub(crate) fn text(words: String) -> worker::Result<Response> {
    Ok(start(Kind::Text, 200)?.fixed(words.into_bytes()))
}

/// A refusal, as JSON.
pub(crate) fn refused(refusal: Refusal) -> worker::Result<Response> {
    let mut response = json(refusal.status(), &ErrorBody::from(refusal))?;
    if refusal == Refusal::Unauthorized {
        // Which RFC 9110, section 11.6.1 wants beside every 401.
        response.headers_mut().set("www-authenticate", "Bearer")?;
    }
    with_retry_after(response, Failure::Refused(refusal).retry_after())
}

/// A failure, as JSON, and the refusal that it is told as.
pub(crate) fn failed(failure: Failure) -> worker::Result<(Response, Refusal)> {
    let wait = failure.retry_after();
    let difficulty = match failure {
        Failure::TooEasy(required) => Some(required),
        Failure::Refused(_) | Failure::TooMany(_) | Failure::Broken(_) => None,
    };
    let refusal = failure.into_refusal();
    let mut response = with_retry_after(refused(refusal)?, wait)?;
    if let Some(required) = difficulty {
        response.headers_mut().set(DIFFICULTY_HEADER, &required.to_string())?;
    }
    Ok((response, refusal))
}

/// Says in how many seconds to come back, where coming back helps.
pub(crate) fn with_retry_after(mut response: Response, seconds: Option<u32>) -> worker::Result<Response> {
    if let Some(seconds) = seconds {
        response.headers_mut().set("retry-after", &seconds.to_string())?;
    }
    Ok(response)
}

/// Sends the browser on to `location`, a path of this Worker, with a GET.
pub(crate) fn see_other(location: &str) -> worker::Result<Response> {
    Ok(start(Kind::Page, 303)?.with_header("location", location)?.empty())
}

/// Why there is no ordinary answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request was refused.
    Refused(Refusal),
    /// There were too many of them, for so many seconds.
    TooMany(u32),
    /// Its proof of work takes so much work, as in `afterword_guard::Terms`.
    TooEasy(u8),
    /// The platform failed us.
    Broken(worker::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<worker::Error> for Failure {
    fn from(error: worker::Error) -> Self {
        Self::Broken(error)
    }
}

impl Failure {
    /// In how many seconds the same may succeed.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Refused(Refusal::TooManySecrets) => Some(SECRETS.seconds),
            Self::Refused(refusal) => (refusal.status() == 503).then_some(RETRY_AFTER),
            Self::TooMany(seconds) => Some(*seconds),
            Self::TooEasy(_) | Self::Broken(_) => None,
        }
    }

    /// The refusal a client is told; the one place where a failure of the platform is logged.
    pub(crate) fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::TooMany(_) => Refusal::TooMany,
            Self::TooEasy(_) => Refusal::ProofTooEasy,
            Self::Broken(error) => {
                worker::console_error!("{error}");
                Refusal::Internal
            }
        }
    }
}
