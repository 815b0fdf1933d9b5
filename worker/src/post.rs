//! Taking a comment: checked and rendered here, stored by the ledger.

use afterword_guard::{AuthorKey, duplicate_key};
use afterword_ledger::{SubmitReply, VerifiedComment};
use afterword_markup::MarkupError;
use afterword_model::{Origin, Refusal, Site, Submission, body, encode_hex};
use worker::Response;

use crate::answer::{self, Failure};
use crate::challenge;
use crate::desk;
use crate::request::Call;
use crate::route::App;
use crate::screen::{self, SubmissionContext};

/// `POST /v1/comments`.
pub(crate) async fn comment(app: &App, mut call: Call) -> Result<Response, Failure> {
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
    screen::gate(app, &call, &submission.post.site).await?;
    let (place, proof) = (submission.post.clone(), proof.as_deref());
    let outcome = match SubmissionContext::with_json(app, &call, &place, proof, hidden) {
        Ok(context) => submit(app, submission, author, context).await,
        Err(refusal) => Err(refusal.into()),
    };
    match outcome {
        Ok(outcome) => Ok(answer::json(if outcome.repeat { 200 } else { 201 }, &outcome.posted)?),
        Err(failure) => challenge::another(app, &place, proof, failure),
    }
}

/// The site whose page sends the request. No `Origin` means no browser, and so no reader who was tricked into anything.
fn site_of_page<'a>(app: &'a App, origin: Option<&str>) -> Result<Option<&'a Site>, Refusal> {
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

fn author_key(call: &Call) -> Result<Option<AuthorKey>, Refusal> {
    let Some(header) = call.header("authorization") else { return Ok(None) };
    AuthorKey::from_authorization(&header).map(Some).ok_or(Refusal::BadAuthorKey)
}

/// Renders a checked comment, looks at it, and hands it to the ledger of its site.
pub(crate) async fn submit(
    app: &App,
    submission: Submission,
    author: Option<AuthorKey>,
    context: SubmissionContext,
) -> Result<SubmitReply, Failure> {
    let site = submission.post.site.clone();
    let comment = verify(app, submission, author, context)?;
    desk::submit(&app.env, &app.cost, &site, &comment).await
}

/// Everything the Worker computes for a comment before it calls an object: the HTML, the keyed hashes and the spam signals.
pub(crate) fn verify(
    app: &App,
    submission: Submission,
    author: Option<AuthorKey>,
    context: SubmissionContext,
) -> Result<VerifiedComment, Refusal> {
    let rendered = afterword_markup::render(&submission.text).map_err(|error| match error {
        MarkupError::TooLong => Refusal::TextTooLong,
        MarkupError::TooDeep | MarkupError::OutputTooLong => Refusal::TextTooComplex,
    })?;
    if rendered.is_blank() {
        return Err(Refusal::TextEmpty);
    }
    let fingerprint = encode_hex(&submission.fingerprint());
    let (settings, site) = (app.settings, &submission.post.site);
    let author = author.map(|key| key.author_id(site, &settings.signing_key));
    let signals = context.detect_signals(settings, rendered.link_targets.len());
    let text = rendered.searchable_text();
    Ok(VerifiedComment {
        id: submission.id,
        fingerprint,
        title: submission.title,
        parent: submission.parent,
        author,
        name: submission.name,
        email: submission.email,
        website: submission.website.map(|website| website.as_str().to_owned()),
        source: submission.text,
        html: rendered.html,
        renderer_version: afterword_markup::RENDERER_VERSION,
        proof: context.proof_status(settings),
        difficulty: context.difficulty(),
        network: settings.rate_limits.then(|| context.client_network(settings, site)),
        duplicate_key: settings.rate_limits.then(|| duplicate_key(&text)).flatten(),
        text,
        signals,
        url: submission.post.url,
    })
}
