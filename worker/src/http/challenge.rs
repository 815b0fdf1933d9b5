//! Proof-of-work challenges: issues them and verifies their proofs.

use afterword_guard::{CHALLENGE_TTL_SECONDS, ChallengeParams, ChallengeScope, ProofError, Purpose, VerifiedProof};
use afterword_model::proof_of_work::CHALLENGE_BYTES;
use afterword_model::{ChosenPost, ErrorBody, PostRef, Refusal};
use serde::Serialize;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::read_api::requested_post;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::platform::random;
use crate::response::json;

/// Response to `GET /v1/challenge`.
#[derive(Serialize)]
struct ChallengeBody {
    /// The challenge to solve, or `None` if the proof of work is off.
    challenge: Option<String>,
    /// Validity in seconds.
    ttl: i64,
}

/// `GET /v1/challenge`: issues a challenge. Nothing is stored or looked up: the challenge contains its post and its expiry.
pub(crate) fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let ChosenPost { post, .. } = requested_post(app, request)?;
    let challenge = match app.settings.proof_bits {
        0 => None,
        difficulty => {
            let previous = request.query_value("after").unwrap_or_default();
            Some(issue(app, &scope(&post, Purpose::Comment), difficulty, &previous)?)
        }
    };
    Ok(json(200, &ChallengeBody { challenge, ttl: CHALLENGE_TTL_SECONDS })?)
}

/// Response to a rejected proof, with a new challenge of the required difficulty for the same form. Returns any other error unchanged.
pub(crate) fn retry_response(
    app: &AppContext,
    post: &PostRef,
    proof: Option<&str>,
    error: ApiError,
) -> Result<Response, ApiError> {
    let (refusal, difficulty) = match &error {
        ApiError::ProofTooEasy(difficulty) => (Refusal::ProofTooEasy, *difficulty),
        ApiError::Refused(refusal) if refusal.is_proof_failure() => (*refusal, app.settings.proof_bits),
        _ => return Err(error),
    };
    let previous = proof.and_then(|proof| proof.get(..2 * CHALLENGE_BYTES)).unwrap_or_default();
    let challenge = issue(app, &scope(post, Purpose::Comment), difficulty, previous)?;
    Ok(json(refusal.status(), &ErrorBody { challenge: Some(challenge), ..ErrorBody::from(refusal) })?)
}

/// Token of a plain form with the time when the form was opened: now, or that of `previous`, a token of the same form. Empty if the proof
/// of work is off.
pub(crate) fn form_token(app: &AppContext, post: &PostRef, previous: &str) -> worker::Result<String> {
    match app.settings.proof_bits {
        0 => Ok(String::new()),
        difficulty => issue(app, &scope(post, Purpose::Form), difficulty, previous),
    }
}

/// Time when a plain form was opened, if its token is valid.
pub(crate) fn form_opened_at(app: &AppContext, post: &PostRef, token: &str) -> Option<i64> {
    scope(post, Purpose::Form).form_opened_at(token, now_seconds(), &app.settings.signing_key)
}

/// Verifies a proof. The ledger knows whether it was used before. Returns `None` if the proof of work is off or no proof was sent.
pub(crate) fn verify(app: &AppContext, post: &PostRef, proof: Option<&str>) -> Result<Option<VerifiedProof>, Refusal> {
    let Some(proof) = proof.filter(|_| app.settings.proof_bits > 0) else { return Ok(None) };
    let verified = scope(post, Purpose::Comment).verify(proof, now_seconds(), &app.settings.signing_key);
    verified.map(Some).map_err(|error| match error {
        ProofError::Invalid => Refusal::ProofInvalid,
        ProofError::Expired => Refusal::ProofExpired,
    })
}

/// Issues a challenge for a form that was opened now, or when `previous` says.
fn issue(app: &AppContext, scope: &ChallengeScope<'_>, difficulty: u8, previous: &str) -> worker::Result<String> {
    let (key, now) = (&app.settings.signing_key, now_seconds());
    let form_opened_at = scope.form_opened_at(previous, now, key).unwrap_or(now);
    Ok(scope.issue(&ChallengeParams { now, form_opened_at, difficulty, nonce: random::bytes()? }, key))
}

fn scope(post: &PostRef, purpose: Purpose) -> ChallengeScope<'_> {
    ChallengeScope { purpose, site: &post.site, thread: &post.url }
}
