//! Pinned comments of later pages, which the first page has as well, so that readers find them first without a further read.

use afterword_model::{Comment, CommentId, limits};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::pagination::comment_bytes;
use crate::publish::thread_page::{continued_comments, load_comments};
use crate::publish::top_page::subtree;
use crate::publish::tree_order::tree_order;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

/// Pinned comments with their replies, and the pages that have further replies, as in `CommentIndex::continued`.
pub(crate) type Pins = (Vec<Comment>, Vec<(CommentId, u32, u32)>);

impl<S: Sql> Ledger<S> {
    /// The pinned root comments of later pages, each with the replies on its page, as many as fit. Reads no page without a pinned comment.
    pub(crate) fn load_pins(&self, row: &ThreadRow) -> Result<Pins, LedgerError> {
        let (mut comments, mut continued) = (Vec::new(), Vec::new());
        let (mut room, mut bytes) =
            (limits::PINNED_TREE_COMMENTS, i64::try_from(limits::PINNED_TREE_BYTES).unwrap_or(i64::MAX));
        for (id, page) in self.pinned_roots(row)? {
            if room == 0 || bytes <= 0 {
                break;
            }
            let on_page = load_comments(&self.sql, row, page)?;
            let (mut tree, mut is_cut) = (Vec::new(), false);
            for paged in subtree(id, &on_page) {
                is_cut = room == 0 || bytes <= 0;
                if is_cut {
                    break;
                }
                room -= 1;
                bytes -= comment_bytes(&paged.comment);
                tree.push(paged.clone());
            }
            let mut further = continued_comments(&tree);
            if is_cut {
                // The page of the comment has all replies there are on it, and leads to the rest.
                let last = further.iter().find(|(known, ..)| *known == id).map_or(page, |(.., last)| (*last).max(page));
                further.retain(|(known, ..)| *known != id);
                further.push((id, page, last));
            }
            let tree = tree_order(tree);
            continued.extend(further.into_iter().filter(|(known, ..)| tree.iter().any(|comment| comment.id == *known)));
            comments.extend(tree);
        }
        Ok((comments, continued))
    }

    fn pinned_roots(&self, row: &ThreadRow) -> Result<Vec<(CommentId, u32)>, LedgerError> {
        if row.pages == 1 {
            return Ok(Vec::new());
        }
        let query = "SELECT id, page FROM comment INDEXED BY comment_pinned WHERE thread = ? AND pinned = 1 AND parent IS NULL \
                     AND status = 1 AND erased IS NULL AND page > 1 ORDER BY id LIMIT ?";
        let limit = i64::try_from(limits::PINNED_COMMENTS).unwrap_or(i64::MAX);
        let read = |columns| {
            let mut row = Row::new(columns);
            Ok((CommentId::new(row.integer("comment.id")?), row.count("comment.page")?))
        };
        self.sql.exec(query, &[row.id.into(), limit.into()])?.into_iter().map(read).collect()
    }
}
