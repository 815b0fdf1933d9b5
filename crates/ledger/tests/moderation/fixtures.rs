//! Makers of comments, and of the batches of moderators.

use afterword_ledger::{ClientNetwork, CommentEdit, CommentRef, ExportCursor, Ledger, NewReport, VerifiedComment};
use afterword_model::moderation::{
    ActionBatch, ActionItem, ActionOutcome, BatchAction, ItemResult, ModerationState, QueueFilter, QueueList,
    UndoRequest, UndoResult,
};
use afterword_model::{AuthorId, CommentId, Moderation, NetworkIds, ReportReason, SafeHtml, SubmissionId};
use serde_json::Value;

use crate::common::{NOW, SITE, TestDatabase, anonymous_comment, attribution, url};

pub(crate) type TestLedger<'a> = Ledger<&'a TestDatabase>;

#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn html(text: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(format!("<p>{text}</p>"))
}

pub(crate) fn author_id(name: &str) -> AuthorId {
    AuthorId { hash: format!("{name:0>40}"), mark: name.to_owned() }
}

/// A comment by an author with a key on the post `a`.
pub(crate) fn comment_by(author: &str, number: u32, text: &str) -> VerifiedComment {
    let comment = anonymous_comment("a", number, text.to_owned(), html(text));
    VerifiedComment { author: Some(author_id(author)), name: author.to_owned(), title: "Spring".to_owned(), ..comment }
}

pub(crate) fn network(name: &str) -> ClientNetwork {
    let ids = |day: &str| NetworkIds { network: format!("{name} {day}"), block: None };
    ClientNetwork { today: ids("today"), yesterday: ids("yesterday") }
}

pub(crate) fn submit(ledger: &TestLedger<'_>, comment: &VerifiedComment, policy: Moderation) -> CommentId {
    ledger.submit(comment, policy, NOW).unwrap().posted.comment.id
}

/// A new UUID.
pub(crate) fn new_id() -> SubmissionId {
    attribution().id
}

pub(crate) fn revision_of(database: &TestDatabase, id: CommentId) -> i64 {
    database.query_integer(&format!("SELECT revision FROM comment WHERE id = {id}"))
}

pub(crate) fn state_of(ledger: &TestLedger<'_>, id: CommentId) -> ModerationState {
    ledger.read_queued_comment(id).unwrap().state
}

/// A batch with the comments as they are now.
pub(crate) fn batch(database: &TestDatabase, action: BatchAction, ids: &[CommentId]) -> ActionBatch {
    let comments = ids.iter().map(|id| ActionItem { id: *id, revision: revision_of(database, *id) }).collect();
    ActionBatch { id: new_id(), action, comments, reason: None }
}

/// Carries out an action on comments as they are now, which must succeed for all of them. Returns the batch.
pub(crate) fn act(database: &TestDatabase, action: BatchAction, ids: &[CommentId]) -> SubmissionId {
    let batch = batch(database, action, ids);
    let result = database.ledger().act(&batch, "ada", NOW).unwrap();
    assert!(result.results.iter().all(is_done), "{action:?}: {result:?}");
    batch.id
}

pub(crate) fn is_done(result: &ItemResult) -> bool {
    matches!(result.outcome, ActionOutcome::Done { .. })
}

pub(crate) fn undo(database: &TestDatabase, batch: SubmissionId) -> UndoResult {
    let request = UndoRequest { id: new_id(), batch, after: None };
    database.ledger().undo(&request, "ada", NOW + 1).unwrap()
}

/// Undoes a batch in as many steps as it takes. Returns the outcomes.
pub(crate) fn undo_all(database: &TestDatabase, batch: SubmissionId) -> Vec<ItemResult> {
    let mut request = UndoRequest { id: new_id(), batch, after: None };
    let mut results = Vec::new();
    loop {
        let step = database.ledger().undo(&request, "ada", NOW + 1).unwrap();
        assert!(step.results.len() <= 51, "{} in a step", step.results.len());
        results.extend(step.results);
        request.after = step.next;
        if step.next.is_none() {
            return results;
        }
    }
}

pub(crate) fn edit(text: &str) -> CommentEdit {
    CommentEdit { source: text.to_owned(), html: html(text), renderer: 1 }
}

pub(crate) fn below(id: CommentId) -> CommentRef<'static> {
    static URL: std::sync::LazyLock<afterword_model::PostUrl> = std::sync::LazyLock::new(|| url("a"));
    CommentRef { url: &URL, id }
}

pub(crate) fn report(ledger: &TestLedger<'_>, id: CommentId, reader: &str) {
    let network = network(reader);
    let report =
        NewReport { id: new_id(), author: None, network: &network, reason: ReportReason::Spam, text: Some("Look!") };
    ledger.report(below(id), &report, NOW).unwrap();
}

/// The ids of all comments of a filter, by pages of two.
pub(crate) fn list(ledger: &TestLedger<'_>, filter: &QueueFilter) -> Vec<i64> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = ledger.read_queue(filter, after, 2).unwrap();
        ids.extend(page.comments.iter().map(|comment| comment.id.get()));
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

pub(crate) fn list_of(ledger: &TestLedger<'_>, list_name: QueueList) -> Vec<i64> {
    list(ledger, &QueueFilter::of_list(list_name))
}

pub(crate) fn export_lines(ledger: &TestLedger<'_>) -> Vec<String> {
    let (mut lines, mut cursor) = (Vec::new(), Some(ExportCursor::default()));
    while let Some(from) = cursor {
        let part = ledger.export(SITE, from, 1 << 20).unwrap();
        lines.extend(part.lines);
        cursor = part.next;
    }
    lines
}

/// The export without the log, and without the versions of threads, which only rise.
pub(crate) fn export_but_log(ledger: &TestLedger<'_>) -> Vec<Value> {
    let lines = export_lines(ledger).into_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let without_version = |mut line: Value| {
        if let Some(thread) = line.get_mut("thread").and_then(Value::as_object_mut) {
            thread.remove("version");
        }
        line
    };
    lines.filter(|line| line.get("audit").is_none()).map(without_version).collect()
}
