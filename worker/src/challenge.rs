//! The proof of work, on its way out and back in.

use afterword_guard::{ProofError, Purpose, Scope, Spent, TTL, Terms};
use afterword_model::{Place, Refusal};
use serde::Serialize;
use worker::Response;

use crate::answer::{self, Failure};
use crate::clock;
use crate::random;
use crate::request::Call;
use crate::route::App;

/// What `GET /v1/challenge` answers.
#[derive(Serialize)]
struct Issued {
    /// What to solve; none where the proof is switched off.
    challenge: Option<String>,
    /// For how long it is good, in seconds.
    ttl: i64,
}

/// `GET /v1/challenge`. Nothing is stored and nothing is looked up: what a challenge is for, and for how long, is in the challenge.
pub(crate) fn issue(app: &App, call: &Call) -> Result<Response, Failure> {
    let place = app.settings.sites.place(&call.parameter("url").ok_or(Refusal::BadUrl)?)?;
    let challenge = match app.settings.proof_bits {
        0 => None,
        _ => Some(challenge(app, &place, Purpose::Comment, &call.parameter("after").unwrap_or_default())?),
    };
    Ok(answer::json(200, &Issued { challenge, ttl: TTL })?)
}

/// What says when a plain form was drawn: now, or when `after`, that of the same form before, was. Empty where the proof is switched off.
pub(crate) fn token(app: &App, place: &Place, after: &str) -> worker::Result<String> {
    if app.settings.proof_bits == 0 {
        return Ok(String::new());
    }
    challenge(app, place, Purpose::Form, after)
}

/// Holds a proof against everything but whether it was used before, which the ledger knows. None where the proof is switched off, or where
/// none was sent.
pub(crate) fn verify(app: &App, place: &Place, proof: Option<&str>) -> Result<Option<Spent>, Refusal> {
    let Some(proof) = proof.filter(|_| app.settings.proof_bits > 0) else { return Ok(None) };
    let spent = scope(place, Purpose::Comment).verify(proof, now(), &app.settings.signing_key);
    spent.map(Some).map_err(|error| match error {
        ProofError::Invalid => Refusal::ProofInvalid,
        ProofError::Expired => Refusal::ProofExpired,
    })
}

/// The time, in Unix seconds.
fn now() -> i64 {
    clock::seconds(clock::now())
}

fn challenge(app: &App, place: &Place, purpose: Purpose, after: &str) -> worker::Result<String> {
    let (scope, key, now) = (scope(place, purpose), &app.settings.signing_key, now());
    let opened = scope.opened(after, now, key).unwrap_or(now);
    Ok(scope.issue(&Terms { now, opened, work: app.settings.proof_bits, nonce: random::bytes()? }, key))
}

fn scope(place: &Place, purpose: Purpose) -> Scope<'_> {
    Scope { purpose, site: &place.site, thread: &place.url }
}
