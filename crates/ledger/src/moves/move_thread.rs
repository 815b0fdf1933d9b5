//! Moving a thread to an address without a thread.

use afterword_model::PostUrl;
use afterword_model::moderation::AuditAction as Action;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moves::post_move::PostMove;
use crate::publish::redirects::{highest_redirected_page, move_thread_url};
use crate::publish::stale_pages::{highest_published_page, record_stale_pages};
use crate::store::audit_log::{self, ActionKey, Attribution};
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

impl<S: Sql> Ledger<S> {
    /// Gives the thread at the old address the new one, at which there must be no thread.
    pub(crate) fn move_thread(&self, post: &PostMove, by: &Attribution<'_>, now: i64) -> Result<(), LedgerError> {
        let mut thread = thread_at(&self.sql, &post.from)?;
        let published_before = highest_published_page(&self.sql, &thread)?;
        let published_there = highest_redirected_page(&self.sql, &post.to)?;
        // Readers may know the new address from a thread that moved away from it. There too versions only rise, and its pages are replaced.
        let former_version = ThreadRow::find(&self.sql, &post.to)?.map_or(0, |former| former.version);
        if thread.version > 0 || former_version > 0 {
            thread.version = thread.version.max(former_version) + 1;
            thread.top |= published_there > 1;
            (1..=thread.pages).for_each(|page| thread.dirty.mark_page(page));
            thread.mark_top(now);
        }
        self.sql.transaction(|| {
            self.sql.exec("DELETE FROM redirect WHERE url = ?", &[post.to.as_str().into()])?;
            record_stale_pages(&self.sql, &thread, published_there)?;
            move_thread_url(&self.sql, &thread, &post.from, &post.to, published_before)?;
            record_move(&self.sql, post, by, now)?;
            thread.update(&self.sql)
        })
    }
}

/// The thread at an address, where there must be one.
pub(crate) fn thread_at(sql: &impl Sql, url: &PostUrl) -> Result<ThreadRow, LedgerError> {
    ThreadRow::find_at(sql, url)?.ok_or(LedgerError::Corrupt("thread.url"))
}

/// Records the move of one thread in the audit log.
///
/// One action may move many threads, and a repeat continues where the first call stopped. So each move has an entry of its own, with a
/// UUID derived from that of the action.
pub(crate) fn record_move(sql: &impl Sql, post: &PostMove, by: &Attribution<'_>, now: i64) -> Result<(), LedgerError> {
    let target = format!("{} {}", post.from, post.to);
    let id = audit_log::derive_part_id(&by.id, &target);
    if audit_log::contains(sql, &id)? {
        return Ok(());
    }
    audit_log::insert(sql, &id, now, by.by, ActionKey::new(Action::Move, &target))
}
