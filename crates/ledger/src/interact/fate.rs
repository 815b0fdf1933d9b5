//! The fate of an author's own comments.

use std::collections::HashMap;

use afterword_model::{CommentFate, CommentId, FateReply, OwnCommentFate, PostUrl, Status};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::ThreadRow;

impl<S: Sql> Ledger<S> {
    /// The fate of each of these comments below a post that belongs to the author with this hash of the author key. Those of others and
    /// those that do not exist are left out alike. The caller limits the number of ids.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn fates(&self, url: &PostUrl, ids: &[CommentId], author: &str) -> Result<FateReply, LedgerError> {
        let Some(thread) = ThreadRow::find(&self.sql, url)?.filter(|_| !ids.is_empty()) else {
            return Ok(FateReply { comments: Vec::new() });
        };
        let window = Some(self.reader_settings()?.edit_window).filter(|window| *window > 0);
        let places = vec!["?"; ids.len()].join(", ");
        let query = format!(
            "SELECT id, status, erased IS NOT NULL, \
             removed = 1 OR EXISTS (SELECT 1 FROM audit_log WHERE target = comment.uuid AND action = 'erase'), created FROM comment \
             WHERE id IN ({places}) AND thread = ? AND author = ?"
        );
        let mut params: Vec<Value> = ids.iter().map(|id| id.get().into()).collect();
        params.extend([thread.id.into(), author.into()]);
        let mut own = HashMap::new();
        for columns in self.sql.exec(&query, &params)? {
            let mut row = Row::new(columns);
            let id = CommentId::new(row.integer("comment.id")?);
            let status = row.status("comment.status")?;
            let (is_erased, is_rejected) = (row.boolean("comment.erased")?, row.boolean("audit_log.action")?);
            let created = row.integer("comment.created")?;
            let status = match (is_erased, is_rejected, status) {
                (true, true, _) => CommentFate::Rejected,
                (true, false, _) => CommentFate::Deleted,
                (false, _, Status::Pending) => CommentFate::Pending,
                (false, _, Status::Published) => CommentFate::Published,
            };
            let edit_until = window.filter(|_| !is_erased).map(|window| created.saturating_add(window));
            own.insert(id, OwnCommentFate { id, status, edit_until });
        }
        Ok(FateReply { comments: ids.iter().filter_map(|id| own.remove(id)).collect() })
    }
}
