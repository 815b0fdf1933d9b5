//! `POST /v1/comments`: validates, renders and checks a comment, then sends it to the ledger of its site.

use afterword_guard::{AuthorKey, duplicate_key};
use afterword_ledger::{SubmitReply, VerifiedComment};
use afterword_markup::{MarkupError, Rendered};
use afterword_model::{Origin, Refusal, Site, Submission, body};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::challenge;
use crate::http::request::ApiRequest;
use crate::http::spam_check::{self, SubmissionContext};
use crate::ledger_client;
use crate::response::json;

/// `POST /v1/comments`.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let page_site = site_of_page(app, request.origin().as_deref())?;
    if !request.has_media_type("application/json") {
        return Err(Refusal::BadMediaType.into());
    }
    let author = author_key(request)?;
    spam_check::check_rate(app, request).await?;
    let comment = body::parse_comment(&request.read_body(&app.log).await?)?;
    let submission = comment.validate(&app.settings.sites).map_err(|refusal| ApiError::invalid(&comment, refusal))?;
    app.log.set_site(submission.post.site.as_str());
    require_same_site(page_site, &submission.post.site)?;
    let (post, proof) = (submission.post.clone(), comment.proof.as_deref());
    let result = match SubmissionContext::from_json(app, request, &post, &comment) {
        Ok(context) => submit(app, submission, author, context).await,
        Err(refusal) => Err(refusal.into()),
    };
    match result {
        Ok(reply) => Ok(json(if reply.repeat { 200 } else { 201 }, &reply.posted)?),
        Err(error) => challenge::retry_response(app, &post, proof, error),
    }
}

/// The site whose page sends the request. Without `Origin` the client is no browser, so no page can have tricked a reader into it.
pub(crate) fn site_of_page<'a>(app: &'a AppContext, origin: Option<&str>) -> Result<Option<&'a Site>, Refusal> {
    let Some(origin) = origin else { return Ok(None) };
    app.settings.sites.find_by_origin(origin).map(Some).ok_or(Refusal::WrongOrigin)
}

/// Lets a page of a site post to that site's threads only.
pub(crate) fn require_same_site(page_site: Option<&Site>, post_site: &Origin) -> Result<(), Refusal> {
    match page_site {
        Some(site) if site.origin() != post_site => Err(Refusal::WrongOrigin),
        _ => Ok(()),
    }
}

/// The reader's key, if the request has one.
pub(crate) fn author_key(request: &ApiRequest) -> Result<Option<AuthorKey>, Refusal> {
    let Some(header) = request.header("authorization") else { return Ok(None) };
    AuthorKey::from_authorization(&header).map(Some).ok_or(Refusal::BadAuthorKey)
}

/// Renders and checks a validated comment, and sends it to the ledger of its site.
pub(crate) async fn submit(
    app: &AppContext,
    submission: Submission,
    author: Option<AuthorKey>,
    context: SubmissionContext,
) -> Result<SubmitReply, ApiError> {
    let site = submission.post.site.clone();
    let comment = verify(app, submission, author, &context)?;
    ledger_client::submit(app, &site, &comment).await
}

/// Renders the text of a comment, for everybody or for a preview.
pub(crate) fn render_text(text: &str) -> Result<Rendered, Refusal> {
    let rendered = afterword_markup::render(text).map_err(|error| match error {
        MarkupError::TooLong => Refusal::TextTooLong,
        MarkupError::TooDeep | MarkupError::OutputTooLong => Refusal::TextTooComplex,
    })?;
    if rendered.is_blank() { Err(Refusal::TextEmpty) } else { Ok(rendered) }
}

/// Computes everything that the ledger stores of a comment: the HTML, the keyed hashes and the spam signals.
pub(crate) fn verify(
    app: &AppContext,
    submission: Submission,
    author: Option<AuthorKey>,
    context: &SubmissionContext,
) -> Result<VerifiedComment, Refusal> {
    let rendered = render_text(&submission.text)?;
    let (settings, site) = (app.settings, &submission.post.site);
    let fingerprint = settings.signing_key.submission_fingerprint(&submission);
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
        proof_issued: context.proof_issued(),
        difficulty: context.difficulty(),
        network: settings.rate_limits.then(|| context.client_network(settings, site)),
        duplicate_key: settings.rate_limits.then(|| duplicate_key(&text)).flatten(),
        text,
        signals,
        url: submission.post.url,
    })
}
