//! The calls of a moderator to a running Worker.

use std::time::Duration;
use std::{env, thread};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use crate::run::print_progress;

/// The variable that holds the secret: an argument would be seen by everybody who lists processes.
const SECRET_VARIABLE: &str = "AFTERWORD_SECRET";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long nothing at all may arrive.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
/// The longest answer that is read, in bytes.
const MAX_RESPONSE_BYTES: u64 = 64 << 20;

/// Pauses after calls that failed in passing, in seconds.
const RETRY_DELAYS_SECONDS: [u64; 5] = [1, 2, 5, 10, 30];

/// A Worker, and the secret of one of its moderators.
pub(super) struct AdminClient {
    agent: Agent,
    origin: String,
    authorization: String,
}

/// Why a call did not come to its end.
#[derive(Debug)]
pub(super) enum CallError {
    /// It may succeed when it is made again.
    Transient(String),
    /// It will not.
    Permanent(String),
}

impl AdminClient {
    /// The Worker at this address, with the secret from the environment.
    pub(super) fn new(address: &str) -> Result<Self> {
        let secret =
            env::var(SECRET_VARIABLE).ok().map(|secret| secret.trim().to_owned()).filter(|secret| !secret.is_empty());
        let secret = secret.with_context(|| {
            format!("no secret: put that of a moderator, without the name before it, into the environment as {SECRET_VARIABLE}")
        })?;
        let origin = origin(address)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // The secret is for this address alone.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(IDLE_TIMEOUT))
            .timeout_per_read(Some(IDLE_TIMEOUT))
            .timeout_per_write(Some(IDLE_TIMEOUT))
            .build();
        Ok(Self { agent: config.into(), origin, authorization: format!("Bearer {secret}") })
    }

    /// Where it is.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Begins to fetch the export of a site, or of the only one there is.
    pub(super) fn export(&self, site: Option<&str>) -> Result<Response<Body>, CallError> {
        let mut request = self.agent.get(format!("{}/admin/api/export", self.origin));
        if let Some(site) = site {
            request = request.query("site", site);
        }
        check_status(request.header("authorization", &self.authorization).call())
    }

    /// Sends lines of an export of a site, the first of which is its line `first`, the header before it left out.
    pub(super) fn import(
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

    /// Asks for posts of a site to be moved, or what would become of them. The site may be named by any address of it.
    pub(super) fn remap<T: DeserializeOwned>(&self, site: &str, moves: &Value) -> Result<T, CallError> {
        let request = self
            .agent
            .post(format!("{}/admin/api/remap", self.origin))
            .query("site", site)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json");
        decode_json(check_status(request.send(moves.to_string()))?)
    }

    /// Makes a call that is safe to repeat until it does not fail in passing. `left` says how things stand if it goes on failing.
    pub(super) fn retry<T>(&self, left: &str, call: impl Fn(&Self) -> Result<T, CallError>) -> Result<T> {
        let mut pauses = RETRY_DELAYS_SECONDS.iter();
        loop {
            match (call(self), pauses.next()) {
                (Ok(answer), _) => return Ok(answer),
                (Err(CallError::Permanent(reason)), _) => bail!("{}: {reason}", self.origin),
                (Err(CallError::Transient(reason)), None) => bail!("{}: {reason}\n{left}", self.origin),
                (Err(CallError::Transient(reason)), Some(&pause)) => {
                    print_progress(&format!("{}: {reason}; once more in {pause} s", self.origin));
                    thread::sleep(Duration::from_secs(pause));
                }
            }
        }
    }
}

fn decode_json<T: DeserializeOwned>(mut answer: Response<Body>) -> Result<T, CallError> {
    // A long list has a long answer.
    let text = answer.body_mut().with_config().limit(MAX_RESPONSE_BYTES).read_to_string();
    let text = text.map_err(|error| CallError::Transient(error.to_string()))?;
    serde_json::from_str(&text).map_err(|_| CallError::Permanent("the answer is not that of Afterword".to_owned()))
}

/// `https`, or `http` to this very machine: anywhere else the secret would travel in the clear.
fn origin(address: &str) -> Result<String> {
    let address = address.trim_end_matches('/');
    let (scheme, authority) =
        address.split_once("://").with_context(|| format!("`{address}` is no address; write https://…"))?;
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

/// How Afterword says no.
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
    let mut answer = outcome.map_err(|error| CallError::Transient(error.to_string()))?;
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(answer);
    }
    let said = answer.body_mut().read_to_string().unwrap_or_default();
    let reason = explain(status.as_u16(), serde_json::from_str::<ErrorBody>(&said).ok().map(|said| said.error));
    let passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    Err(if passing { CallError::Transient(reason) } else { CallError::Permanent(reason) })
}

/// The words of a refusal, or better ones where it is clear what to do.
fn explain(status: u16, reason: Option<ApiError>) -> String {
    match reason {
        None => format!("the answer has status {status} and is not that of Afterword"),
        Some(ApiError { code, message }) => match code.as_str() {
            "unauthorized" => format!("the secret in {SECRET_VARIABLE} is that of no moderator there"),
            "unknown_site" => {
                "the site is not served there: name it in SITES, as a site of its own or, if the blog has \
                               moved, beside its new name"
                    .to_owned()
            }
            "bad_query" => "several sites are served there: say which by --site".to_owned(),
            "not_found" => "the Afterword there has no such call; is it older than this one?".to_owned(),
            _ => message,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_nowhere_in_the_clear() {
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
