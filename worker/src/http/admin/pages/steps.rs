//! Work on many comments that takes several requests: the undo of a large batch, and the sweep of a ban. Every request does a bounded part; its
//! page has the form that continues.

use afterword_model::moderation::{ActionOutcome, MatchingProgress, SiteResult, SweepRequest, UndoRequest};
use afterword_model::{CommentId, Origin, Refusal, SubmissionId};
use afterword_view::admin::{StepsKind, StepsView, steps_page};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::cursors::Cursors;
use crate::http::admin::pages::fields;
use crate::http::form_fields::FormFields;

/// A part of an undo on one or several sites.
pub(super) struct UndoneSites<'a> {
    /// The outcomes, each with its site.
    pub(super) results: Vec<SiteResult>,
    /// The sites that know the batch, as far as they were asked.
    pub(super) sites: Vec<&'a Origin>,
    /// The places at which the next request continues; empty at the end.
    pub(super) next: Cursors,
}

impl UndoneSites<'_> {
    /// Number of comments that got back what the batch had changed.
    pub(super) fn done(&self) -> u32 {
        let is_done = |outcome: &ActionOutcome| matches!(outcome, ActionOutcome::Done { .. });
        let done = self.results.iter().filter(|result| is_done(&result.result.outcome)).count();
        u32::try_from(done).unwrap_or(u32::MAX)
    }
}

/// Undoes the next part of a batch, on all sites that may know it.
pub(super) async fn undo<'a>(
    app: &'a AppContext,
    sites: &[&'a Origin],
    (batch, id): (SubmissionId, SubmissionId),
    by: &str,
    after: &Cursors,
) -> Result<UndoneSites<'a>, ApiError> {
    let mut steps = calls::STEPS;
    let mut undone = UndoneSites { results: Vec::new(), sites: Vec::new(), next: Cursors::default() };
    let mut unknown = None;
    for site in sites {
        // A site without a cursor is done, unless the undo has just begun.
        if !after.is_empty() && after.of(site).is_none() {
            continue;
        }
        let request = UndoRequest { id, batch, after: after.of(site) };
        match calls::undo(app, site, request, by, &mut steps).await {
            Ok(part) => {
                undone.results.extend(
                    part.results.into_iter().map(|result| SiteResult { site: site.as_str().to_owned(), result }),
                );
                undone.sites.push(*site);
                if let Some(next) = part.next {
                    undone.next.set(site, next);
                }
            }
            // The other sites do not know the batch.
            Err(error) => unknown = Some(error),
        }
    }
    match unknown {
        Some(error) if undone.sites.is_empty() => Err(error),
        _ => Ok(undone),
    }
}

/// The page of an undo that takes several requests, with the numbers of all of them.
pub(super) async fn undo_page(
    app: &AppContext,
    call: &AdminCall<'_>,
    (batch, id): (SubmissionId, SubmissionId),
    undone: &UndoneSites<'_>,
    fields: &FormFields,
    back: &str,
) -> Result<Response, ApiError> {
    let others = undone.results.len() - undone.done() as usize;
    let kind = StepsKind::Undo { id: &id.to_string(), batch: &batch.to_string() };
    show(
        app,
        call,
        &StepsView {
            kind,
            site: fields.value("site"),
            done: number(fields, "undone")?.saturating_add(undone.done()),
            others: number(fields, "others")?.saturating_add(u32::try_from(others).unwrap_or(u32::MAX)),
            next: &undone.next.text(),
            back,
        },
    )
    .await
}

/// The page of a sweep that takes several requests.
pub(super) async fn sweep_page(
    app: &AppContext,
    call: &AdminCall<'_>,
    (site, request): (&Origin, SweepRequest),
    progress: &MatchingProgress,
    fields: &FormFields,
    back: &str,
) -> Result<Response, ApiError> {
    let SweepRequest { ban, batch, .. } = request;
    let kind = StepsKind::Sweep { ban: &ban.to_string(), batch: &batch.to_string() };
    let others = u32::try_from(progress.others.len()).unwrap_or(u32::MAX);
    show(
        app,
        call,
        &StepsView {
            kind,
            site: site.as_str(),
            done: progress.done,
            others: number(fields, "others")?.saturating_add(others),
            next: &progress.next.map(|next| next.to_string()).unwrap_or_default(),
            back,
        },
    )
    .await
}

/// `POST /admin/bans/sweep`: marks the next comments that a ban matches as spam.
pub(crate) async fn continue_sweep(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let site = fields::form_site(app, &call, &fields)?;
    let ban = SubmissionId::parse(fields.value("ban")).ok_or(Refusal::BadId)?;
    let after = fields.value("after").parse().map(CommentId::new).map_err(|_| Refusal::BadQuery)?;
    let request = SweepRequest { ban, batch: fields::action_id(&fields)?, after: Some(after) };
    let progress = calls::sweep(app, site, request, call.moderator.name()).await?;
    sweep_page(app, &call, (site, request), &progress, &fields, &fields::back(&fields, "/admin/bans")).await
}

async fn show(app: &AppContext, call: &AdminCall<'_>, view: &StepsView<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_any_site(app, call).await?;
    context.respond(|frame| steps_page(frame, view))
}

/// A number that the page before counted. It is shown, and decides nothing.
fn number(fields: &FormFields, name: &str) -> Result<u32, Refusal> {
    match fields.value(name) {
        "" => Ok(0),
        text => text.parse().map_err(|_| Refusal::BadQuery),
    }
}
