//! Taking a comment: checked and rendered here, stored by the ledger.

use afterword_guard::AuthorKey;
use afterword_ledger::{SubmitOutcome, VerifiedComment};
use afterword_markup::MarkupError;
use afterword_model::{Origin, Refusal, Site, Submission, body, encode_hex};
use worker::Response;

use crate::http::challenge;
use crate::http::request::ApiRequest;
use crate::http::router::AppContext;
use crate::http::spam_check::{self, Arrived, Screened};
use crate::ledger_client::{self, Sent};
use crate::response::{self, ApiError};

/// `POST /v1/comments`.
pub(crate) async fn comment(app: &AppContext, mut call: ApiRequest) -> Result<Response, ApiError> {
    let site = site_of_page(app, call.origin().as_deref())?;
    if !call.has_media_type("application/json") {
        return Err(Refusal::BadMediaType.into());
    }
    let author = author_key(&call)?;
    let mut new = body::parse_comment(&call.take_body()?)?;
    let hidden = new.subject.take();
    let proof = new.proof.clone();
    let submission = new.validate(&app.settings.sites)?;
    require_same_site(site, &submission.post.site)?;
    spam_check::gate(app, &call, &submission.post.site).await?;
    let (place, proof) = (submission.post.clone(), proof.as_deref());
    let outcome = match Arrived::with_json(app, &call, &place, proof, hidden) {
        Ok(arrived) => submit(app, submission, author, arrived).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(outcome) => Ok(response::json(if outcome.repeat { 200 } else { 201 }, &outcome.posted)?),
        Err(failure) => challenge::another(app, &place, proof, failure),
    }
}

/// The site whose page sends the request. No `Origin` means no browser, and so no reader who was tricked into anything.
fn site_of_page<'a>(app: &'a AppContext, origin: Option<&str>) -> Result<Option<&'a Site>, Refusal> {
    let Some(origin) = origin else { return Ok(None) };
    app.settings.sites.find_by_origin(origin).map(Some).ok_or(Refusal::WrongOrigin)
}

/// A page of one site posts to that site's threads only.
fn require_same_site(page: Option<&Site>, thread: &Origin) -> Result<(), Refusal> {
    match page {
        Some(site) if site.origin() != thread => Err(Refusal::WrongOrigin),
        _ => Ok(()),
    }
}

fn author_key(call: &ApiRequest) -> Result<Option<AuthorKey>, Refusal> {
    let Some(header) = call.header("authorization") else { return Ok(None) };
    AuthorKey::from_authorization(&header).map(Some).ok_or(Refusal::BadAuthorKey)
}

/// Renders a checked comment, looks at it, and hands it to the ledger of its site.
pub(crate) async fn submit(
    app: &AppContext,
    submission: Submission,
    author: Option<AuthorKey>,
    arrived: Arrived,
) -> Result<SubmitOutcome, ApiError> {
    let site = submission.post.site.clone();
    let sent = prepare(app, submission, author, arrived)?;
    ledger_client::submit(&app.env, &app.cost, &site, &sent).await
}

/// What the ledger is sent of a checked comment: all that is computed for it before an object is asked.
pub(crate) fn prepare(
    app: &AppContext,
    submission: Submission,
    author: Option<AuthorKey>,
    arrived: Arrived,
) -> Result<Sent, Refusal> {
    let html = afterword_markup::render(&submission.text).map_err(|error| match error {
        MarkupError::TooLong => Refusal::TextTooLong,
        MarkupError::TooDeep | MarkupError::OutputTooLong => Refusal::TextTooComplex,
    })?;
    if afterword_markup::is_blank(&html) {
        return Err(Refusal::TextEmpty);
    }
    let fingerprint = encode_hex(&submission.fingerprint());
    let site = &submission.post.site;
    let author = author.map(|key| key.author_id(site, &app.settings.signing_key));
    let work = arrived.work();
    let Screened { proof, sender, likeness, signals } = arrived.screen(app.settings, site, &html);
    let entry = VerifiedComment {
        id: submission.id,
        fingerprint,
        url: submission.post.url,
        title: submission.title,
        parent: submission.parent,
        author,
        name: submission.name,
        email: submission.email,
        website: submission.website.map(|website| website.as_str().to_owned()),
        source: submission.text,
        html,
        renderer_version: afterword_markup::RENDERER_VERSION,
        proof,
        network: sender,
        duplicate_key: likeness,
        signals,
    };
    Ok(Sent { entry, work })
}
