//! The result of a form, from its handler to the page to which it leads: in the parameters of the address, which name the batch. The page reads
//! from the audit log what the batch did, so that a reload shows the same and repeats nothing.

use afterword_model::moderation::{
    ActionOutcome, AuditAction, AuditFilter, AuditRecord, BatchAction, ItemResult, SiteResult,
};
use afterword_model::{Origin, SubmissionId};
use afterword_view::admin::{FormResult, Notice, Saved, UndoOffer};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::fields::with_parameters;

/// Parameters of the address.
const DONE: &str = "done";
const ACTION: &str = "acted";
const UNDONE: &str = "undone";
const OTHERS: &str = "others";
const SAVED: &str = "saved";
const NUMBER: &str = "number";
const BATCH: &str = "batch";
const NOTHING: &str = "nothing";
/// Number of other outcomes that an address names at most. An address must not grow without bound.
const MAX_OTHERS: usize = 40;
/// Number of entries of the audit log that are read for one batch: as many as a form can name comments.
const MAX_ENTRIES: u32 = 100;

/// The result of the form that led to a page.
pub(crate) struct PageNotice {
    kind: NoticeKind,
    results: Vec<SiteResult>,
    /// Author and title of the post, if the action concerned one comment.
    subject: Option<(String, String)>,
    /// UUID of the batch that a button can undo. Empty if there is none.
    undo: String,
    site: String,
    back: String,
}

#[derive(Clone, Copy)]
enum NoticeKind {
    Batch(AuditAction),
    Undone,
    Saved(Saved),
    NothingSelected,
}

impl PageNotice {
    /// The notice as the page shows it.
    pub(crate) fn view(&self) -> Notice<'_> {
        let subject = self.subject.as_ref().map(|(name, title)| (name.as_str(), title.as_str()));
        let result = match self.kind {
            NoticeKind::Batch(action) => FormResult::Batch { action, results: &self.results, subject },
            NoticeKind::Undone => FormResult::Undone { results: &self.results },
            NoticeKind::Saved(saved) => FormResult::Saved(saved),
            NoticeKind::NothingSelected => FormResult::NothingSelected,
        };
        let undo = UndoOffer { batch: &self.undo, site: &self.site, back: &self.back };
        Notice { result, undo: (!self.undo.is_empty()).then_some(undo) }
    }
}

/// The address to which the form of a batch leads.
pub(crate) fn batch_address(back: &str, id: SubmissionId, action: BatchAction, results: &[SiteResult]) -> String {
    let id = id.to_string();
    with_parameters(back, &[(DONE, &id), (ACTION, action.logged().as_str()), (OTHERS, &others(results))])
}

/// The address to which the form of an undo leads.
pub(crate) fn undo_address(back: &str, id: SubmissionId, results: &[SiteResult]) -> String {
    with_parameters(back, &[(UNDONE, &id.to_string()), (OTHERS, &others(results))])
}

/// The address to which a form without a selection leads.
pub(crate) fn nothing_address(back: &str) -> String {
    with_parameters(back, &[(NOTHING, "selected")])
}

/// The address to which a form with one result leads. `batch` can be undone there.
pub(crate) fn saved_address(back: &str, saved: Saved, batch: Option<SubmissionId>) -> String {
    let (word, number) = saved_word(saved);
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let batch = batch.map(|batch| batch.to_string()).unwrap_or_default();
    with_parameters(back, &[(SAVED, word), (NUMBER, &number), (BATCH, &batch)])
}

/// Reads the notice in the address of a page that shows these sites.
pub(crate) async fn read(
    app: &AppContext,
    call: &AdminCall<'_>,
    sites: &[&Origin],
) -> Result<Option<PageNotice>, ApiError> {
    let value = |name: &str| call.request.query_value(name).unwrap_or_default();
    let site =
        if call.sites(app).count() > 1 && sites.len() == 1 { sites[0].as_str().to_owned() } else { String::new() };
    let plain = |kind, undo| PageNotice {
        kind,
        results: Vec::new(),
        subject: None,
        undo,
        site: site.clone(),
        back: back(call),
    };
    if let Some(id) = SubmissionId::parse(&value(DONE)) {
        return batch_notice(app, call, sites, id, plain(NoticeKind::NothingSelected, String::new())).await;
    }
    if let Some(id) = SubmissionId::parse(&value(UNDONE)) {
        let entries = entries(app, sites, id).await?;
        let results =
            entries.iter().filter_map(|(site, entry)| done(site, entry)).chain(parse_others(&value(OTHERS))).collect();
        return Ok(Some(PageNotice { results, ..plain(NoticeKind::Undone, String::new()) }));
    }
    if let Some(saved) = parse_saved(&value(SAVED), value(NUMBER).parse().unwrap_or_default()) {
        let undo = SubmissionId::parse(&value(BATCH)).map(|batch| batch.to_string()).unwrap_or_default();
        return Ok(Some(plain(NoticeKind::Saved(saved), undo)));
    }
    let is_nothing = !value(NOTHING).is_empty();
    Ok(is_nothing.then(|| plain(NoticeKind::NothingSelected, String::new())))
}

async fn batch_notice(
    app: &AppContext,
    call: &AdminCall<'_>,
    sites: &[&Origin],
    id: SubmissionId,
    notice: PageNotice,
) -> Result<Option<PageNotice>, ApiError> {
    let value = |name: &str| call.request.query_value(name).unwrap_or_default();
    let entries = entries(app, sites, id).await?;
    let others = parse_others(&value(OTHERS));
    let action = entries.first().map(|(_, entry)| entry.action).or_else(|| value(ACTION).parse().ok());
    let Some(action) = action.filter(|_| !entries.is_empty() || !others.is_empty()) else { return Ok(None) };
    let can_undo = entries.iter().any(|(_, entry)| !entry.undone) && action != AuditAction::Erase;
    let subject = match (&entries[..], &others[..]) {
        ([(site, entry)], []) => subject(app, site, entry).await,
        _ => None,
    };
    Ok(Some(PageNotice {
        kind: NoticeKind::Batch(action),
        results: entries.iter().filter_map(|(site, entry)| done(site, entry)).chain(others).collect(),
        subject,
        undo: if can_undo { id.to_string() } else { String::new() },
        ..notice
    }))
}

/// The entries of a batch. If the page shows several sites, the batch may have entries in each.
async fn entries<'a>(
    app: &AppContext,
    sites: &[&'a Origin],
    batch: SubmissionId,
) -> Result<Vec<(&'a Origin, AuditRecord)>, ApiError> {
    let filter = AuditFilter { batch: Some(batch.to_string()), ..AuditFilter::default() };
    let mut entries = Vec::new();
    for site in sites {
        let of_site = calls::audit(app, site, &filter, None, MAX_ENTRIES).await?.audit;
        entries.extend(of_site.into_iter().map(|entry| (*site, entry)));
    }
    Ok(entries)
}

/// Author and title of the comment of an entry. The notice is complete without them, so an error is none.
async fn subject(app: &AppContext, site: &Origin, entry: &AuditRecord) -> Option<(String, String)> {
    let page = calls::comment(app, site, entry.comment?).await.ok()?;
    let title = if page.comment.title.is_empty() { page.comment.url.to_string() } else { page.comment.title };
    Some((page.comment.author.name, title))
}

fn done(site: &Origin, entry: &AuditRecord) -> Option<SiteResult> {
    let revision = entry.after.as_ref().map(|after| after.revision).unwrap_or_default();
    let result = ItemResult { id: entry.comment?, outcome: ActionOutcome::Done { revision } };
    Some(SiteResult { site: site.as_str().to_owned(), result })
}

/// The outcomes that are not in the audit log, because nothing was done.
fn others(results: &[SiteResult]) -> String {
    let is_other = |result: &&SiteResult| !matches!(result.result.outcome, ActionOutcome::Done { .. });
    let others: Vec<&SiteResult> = results.iter().filter(is_other).take(MAX_OTHERS).collect();
    if others.is_empty() { String::new() } else { serde_json::to_string(&others).unwrap_or_default() }
}

/// Reads the outcomes of an address, which anybody can make. An invalid one shows nothing, and none can claim that something was done.
fn parse_others(text: &str) -> Vec<SiteResult> {
    let mut others: Vec<SiteResult> = serde_json::from_str(text).unwrap_or_default();
    others.retain(|result| !matches!(result.result.outcome, ActionOutcome::Done { .. }));
    others.truncate(MAX_OTHERS);
    others
}

/// The address of the page without its notice, to which the undo returns.
fn back(call: &AdminCall<'_>) -> String {
    let own = [DONE, ACTION, UNDONE, OTHERS, SAVED, NUMBER, BATCH, NOTHING];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(call.request.query_pairs().filter(|(name, _)| !own.contains(&&**name)));
    let query = query.finish();
    let path = call.request.path();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

const fn saved_word(saved: Saved) -> (&'static str, Option<u32>) {
    match saved {
        Saved::Settings => ("settings", None),
        Saved::Edit => ("edit", None),
        Saved::Reply => ("reply", None),
        Saved::Post => ("post", None),
        Saved::Move => ("move", None),
        Saved::Ban(number) => ("ban", Some(number)),
        Saved::BanLifted(number) => ("ban-lifted", Some(number)),
        Saved::Closed => ("closed", None),
        Saved::Reopened => ("opened", None),
        Saved::ClosedOld(number) => ("closed-old", Some(number)),
        Saved::Title => ("title", None),
        Saved::SignedOutEverywhere => ("signed-out", None),
    }
}

fn parse_saved(word: &str, number: u32) -> Option<Saved> {
    let all = [
        Saved::Settings,
        Saved::Edit,
        Saved::Reply,
        Saved::Post,
        Saved::Move,
        Saved::Ban(number),
        Saved::BanLifted(number),
        Saved::Closed,
        Saved::Reopened,
        Saved::ClosedOld(number),
        Saved::Title,
        Saved::SignedOutEverywhere,
    ];
    all.into_iter().find(|saved| saved_word(*saved).0 == word)
}

#[cfg(test)]
mod tests {
    use afterword_model::CommentId;

    use super::*;

    #[test]
    fn no_address_can_claim_that_something_was_done() {
        let of_blog = |id, outcome| SiteResult {
            site: "https://blog.example".to_owned(),
            result: ItemResult { id: CommentId::new(id), outcome },
        };
        let changed = of_blog(7, ActionOutcome::Changed { revision: 3 });
        let result = of_blog(8, ActionOutcome::Done { revision: 3 });
        let text = others(&[changed.clone(), result.clone()]);
        assert_eq!(parse_others(&text), [changed]);
        let forged = serde_json::to_string(&[result]).unwrap();
        for forged in [&forged, "", "[", "{}", "[1]"] {
            assert_eq!(parse_others(forged), [], "{forged}");
        }
    }

    #[test]
    fn each_result_has_a_word_of_its_own() {
        for saved in [Saved::Settings, Saved::Ban(3), Saved::BanLifted(4), Saved::ClosedOld(0), Saved::Title] {
            let (word, number) = saved_word(saved);
            assert_eq!(parse_saved(word, number.unwrap_or_default()), Some(saved));
        }
        assert_eq!(parse_saved("", 0), None);
    }
}
