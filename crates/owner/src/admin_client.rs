//! A client for the admin API of a running Worker.

use std::time::Duration;
use std::{env, thread};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::progress::print_progress;

/// Environment variable with the secret. An argument would be visible to everybody who lists processes.
const SECRET_VARIABLE: &str = "AFTERWORD_SECRET";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum time without any data.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
/// Maximum length of a response that is read.
const MAX_RESPONSE_BYTES: u64 = 64 << 20;

/// Delays before retries of calls that failed temporarily.
const RETRY_DELAYS_SECONDS: [u64; 5] = [1, 2, 5, 10, 30];

/// A Worker and the secret of one of its moderators.
pub(crate) struct AdminClient {
    agent: Agent,
    origin: String,
    authorization: String,
}

/// Reason for a failed call.
#[derive(Debug)]
pub(crate) enum CallError {
    /// A retry may succeed.
    Transient(String),
    /// A retry will not succeed.
    Permanent(String),
}

impl AdminClient {
    /// Creates a client for the Worker at this address, with the secret from the environment.
    pub(crate) fn new(address: &str) -> Result<Self> {
        let secret =
            env::var(SECRET_VARIABLE).ok().map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty());
        let secret = secret.with_context(|| {
            format!("the secret is missing: set {SECRET_VARIABLE} to that of a moderator, without the name before it")
        })?;
        let origin = origin(address)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // The secret must not be sent to any other address.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(IDLE_TIMEOUT))
            .timeout_per_read(Some(IDLE_TIMEOUT))
            .timeout_per_write(Some(IDLE_TIMEOUT))
            .build();
        Ok(Self { agent: config.into(), origin, authorization: format!("Bearer {secret}") })
    }

    /// The base URL of the Worker.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Starts the download of a site's export. `None` means the only site.
    pub(crate) fn export(&self, site: Option<&str>) -> Result<Response<Body>, CallError> {
        let mut request = self.agent.get(format!("{}/admin/api/export", self.origin));
        if let Some(site) = site {
            request = request.query("site", site);
        }
        check_status(request.header("authorization", &self.authorization).call())
    }

    /// Uploads lines of a site's export. After the header, they begin with line `first` of the export.
    pub(crate) fn import(
        &self,
        site: &str,
        first: u64,
        dry_run: bool,
        lines: &str,
    ) -> Result<Map<String, Value>, CallError> {
        let request = self
            .agent
            .post(format!("{}/admin/api/import", self.origin))
            .query("site", site)
            .query("first", first.to_string())
            .query("dry_run", dry_run.to_string())
            .header("authorization", &self.authorization)
            .header("content-type", "application/x-ndjson");
        decode_json(check_status(request.send(lines))?)
    }

    /// Moves posts of a site, or previews the moves. The site may be given by any of its addresses.
    pub(crate) fn remap<T: DeserializeOwned>(&self, site: &str, moves: &Value) -> Result<T, CallError> {
        let request = self
            .agent
            .post(format!("{}/admin/api/remap", self.origin))
            .query("site", site)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json");
        decode_json(check_status(request.send(moves.to_string()))?)
    }

    /// Makes a call that is safe to repeat, and retries temporary failures. `hint` is added to the error if all retries fail.
    pub(crate) fn retry<T>(&self, hint: &str, call: impl Fn(&Self) -> Result<T, CallError>) -> Result<T> {
        let mut delays = RETRY_DELAYS_SECONDS.iter();
        loop {
            match (call(self), delays.next()) {
                (Ok(answer), _) => return Ok(answer),
                (Err(CallError::Permanent(reason)), _) => bail!("{}: {reason}", self.origin),
                (Err(CallError::Transient(reason)), None) => bail!("{}: {reason}\n{hint}", self.origin),
                (Err(CallError::Transient(reason)), Some(&delay)) => {
                    print_progress(&format!("{}: {reason}; retry in {delay} s", self.origin));
                    thread::sleep(Duration::from_secs(delay));
                }
            }
        }
    }
}

fn decode_json<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, CallError> {
    // The response to a long list is long.
    let text = response.body_mut().with_config().limit(MAX_RESPONSE_BYTES).read_to_string();
    let text = text.map_err(|error| CallError::Transient(error.to_string()))?;
    serde_json::from_str(&text).map_err(|_| CallError::Permanent("the response is not from Afterword".to_owned()))
}

/// Validates the address of a Worker. The secret is sent only over https, or to this machine.
fn origin(address: &str) -> Result<String> {
    let address = address.trim_end_matches('/');
    let (scheme, authority) =
        address.split_once("://").with_context(|| format!("`{address}` is not an address; write https://…"))?;
    if authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
        bail!("`{address}` is not the address of a Worker; write https:// and its name, without a path");
    }
    let port = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let host = port.map_or(authority, |(host, _)| host);
    match scheme {
        "https" => {}
        "http" if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => {}
        _ => bail!("`{address}`: the secret is sent by https only"),
    }
    Ok(address.to_owned())
}

/// Body of an error response.
#[derive(Deserialize)]
struct ErrorBody {
    error: ApiError,
}

#[derive(Deserialize)]
struct ApiError {
    code: String,
    message: String,
}

fn check_status(outcome: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, CallError> {
    let mut response = outcome.map_err(|error| CallError::Transient(error.to_string()))?;
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(response);
    }
    let body = response.body_mut().read_to_string().unwrap_or_default();
    let reason = explain(status.as_u16(), serde_json::from_str::<ErrorBody>(&body).ok().map(|body| body.error));
    let is_transient = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    Err(if is_transient { CallError::Transient(reason) } else { CallError::Permanent(reason) })
}

/// Formats an error response, with advice where it is clear what to do.
fn explain(status: u16, reason: Option<ApiError>) -> String {
    match reason {
        None => format!("the response has status {status} and is not from Afterword"),
        Some(ApiError { code, message }) => match code.as_str() {
            "unauthorized" => format!("the secret in {SECRET_VARIABLE} is not that of a moderator there"),
            "unknown_site" => {
                "the site is not served there: name it in SITES, as a site of its own or, if the blog has \
                               moved, beside its new name"
                    .to_owned()
            }
            "bad_query" => "the Worker serves several sites: choose one with --site".to_owned(),
            "not_found" => "the Worker does not have this function; is it an older version?".to_owned(),
            _ => message,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_sent_over_https_or_to_localhost_only() {
        for good in
            ["https://comments.example", "https://comments.example:8443/", "http://localhost:8787", "http://[::1]:1"]
        {
            assert_eq!(origin(good).unwrap(), good.trim_end_matches('/'));
        }
        for good in ["http://127.0.0.1", "http://[::1]", "http://localhost"] {
            assert!(origin(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "comments.example",
            "http://comments.example",
            "http://localhost.example",
            "http://127.0.0.1.example:80",
            "ftp://localhost",
            "https://",
            "https://comments.example/path",
            "https://ada@comments.example",
            "https://comments.example?x",
            "HTTP://comments.example",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
