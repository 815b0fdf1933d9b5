//! The range of pages with replies to a comment that are not on its own page.

use crate::error::LedgerError;
use crate::store::sql::Sql;

/// Adds a page to the range of a comment. Returns true if the range did not have it, so that the page of the comment changes too.
pub(crate) fn extend_reply_range(sql: &impl Sql, comment: i64, page: u32) -> Result<bool, LedgerError> {
    let query = "UPDATE comment SET replies_from = min(coalesce(replies_from, ?1), ?1), \
                 replies_to = max(coalesce(replies_to, ?1), ?1) \
                 WHERE id = ?2 AND (replies_from IS NULL OR replies_from > ?1 OR replies_to < ?1) RETURNING id";
    Ok(!sql.exec(query, &[page.into(), comment.into()])?.is_empty())
}
