//! The proof of work, on its way out and back in.

use afterword_guard::{CHALLENGE_TTL_SECONDS, ChallengeParams, ChallengeScope, ProofError, Purpose, VerifiedProof};
use afterword_model::proof_of_work::CHALLENGE_BYTES;
use afterword_model::{ErrorBody, PostRef, Refusal};
use serde::Serialize;
use worker::Response;

use crate::answer::{self, Failure};
use crate::clock::now_seconds;
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
    let place = app.settings.sites.resolve_post(&call.parameter("url").ok_or(Refusal::BadUrl)?)?;
    let challenge = match app.settings.proof_bits {
        0 => None,
        work => {
            Some(challenge(app, &scope(&place, Purpose::Comment), work, &call.parameter("after").unwrap_or_default())?)
        }
    };
    Ok(answer::json(200, &Issued { challenge, ttl: CHALLENGE_TTL_SECONDS })?)
}

/// The refusal of a proof, and with it what to solve instead: of the work that is asked for, and from the same form. Another failure is
/// given back.
pub(crate) fn another(app: &App, place: &PostRef, proof: Option<&str>, failure: Failure) -> Result<Response, Failure> {
    let (refusal, work) = match &failure {
        Failure::TooEasy(work) => (Refusal::ProofTooEasy, *work),
        Failure::Refused(refusal) if refusal.is_proof_failure() => (*refusal, app.settings.proof_bits),
        _ => return Err(failure),
    };
    let before = proof.and_then(|proof| proof.get(..2 * CHALLENGE_BYTES)).unwrap_or_default();
    let challenge = challenge(app, &scope(place, Purpose::Comment), work, before)?;
    Ok(answer::json(refusal.status(), &ErrorBody { challenge: Some(challenge), ..ErrorBody::from(refusal) })?)
}

/// What says when a plain form was drawn: now, or when `before`, that of the same form, was. Empty where the proof is switched off.
pub(crate) fn token(app: &App, place: &PostRef, before: &str) -> worker::Result<String> {
    match app.settings.proof_bits {
        0 => Ok(String::new()),
        work => challenge(app, &scope(place, Purpose::Form), work, before),
    }
}

/// When a plain form was opened, if it says so and can be believed.
pub(crate) fn opened(app: &App, place: &PostRef, token: &str) -> Option<i64> {
    scope(place, Purpose::Form).form_opened_at(token, now_seconds(), &app.settings.signing_key)
}

/// Holds a proof against everything but whether it was used before, which the ledger knows. None where the proof is switched off, or where
/// none was sent.
pub(crate) fn verify(app: &App, place: &PostRef, proof: Option<&str>) -> Result<Option<VerifiedProof>, Refusal> {
    let Some(proof) = proof.filter(|_| app.settings.proof_bits > 0) else { return Ok(None) };
    let spent = scope(place, Purpose::Comment).verify(proof, now_seconds(), &app.settings.signing_key);
    spent.map(Some).map_err(|error| match error {
        ProofError::Invalid => Refusal::ProofInvalid,
        ProofError::Expired => Refusal::ProofExpired,
    })
}

fn challenge(app: &App, scope: &ChallengeScope<'_>, work: u8, before: &str) -> worker::Result<String> {
    let (key, now) = (&app.settings.signing_key, now_seconds());
    let opened = scope.form_opened_at(before, now, key).unwrap_or(now);
    Ok(scope.issue(&ChallengeParams { now, form_opened_at: opened, difficulty: work, nonce: random::bytes()? }, key))
}

fn scope(place: &PostRef, purpose: Purpose) -> ChallengeScope<'_> {
    ChallengeScope { purpose, site: &place.site, thread: &place.url }
}
