//! Executes requests of moderators about comments: the queue, actions, their undo, and what moderators write.

use afterword_ledger::{CommentEdit, Ledger, LedgerError, ModeratorComment, Sql};
use afterword_model::Refusal;
use afterword_model::moderation::WrittenComment;

use crate::admin_rpc::{AdminRequest, AdminResponse, AnsweringList, LoggedReason};

/// Executes such a request in one synchronous turn. `now` is in Unix seconds.
pub(super) fn execute<S: Sql>(
    ledger: &Ledger<S>,
    request: AdminRequest,
    now: i64,
) -> Result<AdminResponse, LedgerError> {
    Ok(match request {
        AdminRequest::ReadChanges { since, limit } => AdminResponse::Changes(ledger.read_changes(since, limit)?),
        AdminRequest::ReadQueue { filter, after, limit } => {
            AdminResponse::QueuePage(ledger.read_queue(&filter, after, limit)?)
        }
        AdminRequest::CountMatching { filter } => AdminResponse::MatchingCount(ledger.count_matching(&filter)?),
        AdminRequest::ReadComment { comment } => {
            AdminResponse::CommentPage(Box::new(ledger.read_comment_page(comment)?))
        }
        AdminRequest::RunBatch { batch, by } => AdminResponse::Batch(ledger.act(&batch, &by, now)?),
        AdminRequest::RunMatchingBatch { batch, by } => {
            AdminResponse::Matching(ledger.act_on_matching(&batch, &by, now)?)
        }
        AdminRequest::Undo { request, by } => AdminResponse::Undo(ledger.undo(&request, &by, now)?),
        AdminRequest::SetReason { batch, reason, by } => {
            ledger.set_reason(&batch, reason, &by)?;
            AdminResponse::Reason(LoggedReason { batch, reason })
        }
        AdminRequest::SetAnswering { comment, is_open, by } => {
            ledger.set_answering(comment, &by, is_open, now);
            AdminResponse::Answering(AnsweringList { answering: ledger.answering(now) })
        }
        AdminRequest::ListAnswering => AdminResponse::Answering(AnsweringList { answering: ledger.answering(now) }),
        AdminRequest::Edit { comment, text, approve, attribution } => {
            let edit = CommentEdit { source: text.source, html: text.html, renderer: text.renderer };
            let seen = (comment.id, comment.revision);
            AdminResponse::Item(ledger.edit_seen(seen, &edit, approve, &attribution.borrow(), now)?)
        }
        AdminRequest::Reply { parent, reply, approve, attribution } => {
            let written = ledger.reply_as_owner(parent, &reply, approve, &attribution.borrow(), now)?;
            AdminResponse::WrittenComment(Box::new(read_written(ledger, written)?))
        }
        AdminRequest::PostOnBehalf { comment, date, attribution } => {
            let written = ledger.post_on_behalf(&comment, date.unwrap_or(now), &attribution.borrow(), now)?;
            AdminResponse::WrittenComment(Box::new(read_written(ledger, written)?))
        }
        AdminRequest::MoveComment { comment, url, attribution } => {
            AdminResponse::Item(ledger.move_comment(comment, &url, &attribution.borrow(), now)?)
        }
        _ => return Err(Refusal::NotFound.into()),
    })
}

/// The comment that a moderator wrote, or else the one that it would have answered.
fn read_written<S: Sql>(ledger: &Ledger<S>, written: ModeratorComment) -> Result<WrittenComment, LedgerError> {
    let ModeratorComment { id, results } = written;
    let id = id.or_else(|| results.first().map(|result| result.id)).ok_or(Refusal::UnknownComment)?;
    Ok(WrittenComment { comment: ledger.read_queued_comment(id)?, results })
}
