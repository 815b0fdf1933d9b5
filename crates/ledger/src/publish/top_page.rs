//! The top page: the comments with the most votes of a thread with more than one page.

use std::collections::{HashMap, HashSet};

use afterword_model::{Comment, CommentId, CommentIndex, PostUrl, Sort, Thread};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::pagination::comment_bytes;
use crate::publish::thread_page::{continued_comments, load_comments};
use crate::publish::tree_order::{PagedComment, tree_order};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

/// Maximum number of pages that are read. Comments on further pages are left out of the top page.
const MAX_PAGES_READ: usize = 32;

impl<S: Sql> Ledger<S> {
    /// The top page of a thread with more than one page, as it would be published now.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_top(&self, url: &PostUrl) -> Result<Thread, LedgerError> {
        match ThreadRow::find(&self.sql, url)?.filter(|row| row.pages > 1) {
            Some(row) => self.load_top_page(&row),
            None => Ok(Thread { sort: Sort::Top, ..Thread::empty(url.clone()) }),
        }
    }

    /// The root comments with the most votes, each with the replies on its page, as many as fit on one page.
    pub(crate) fn load_top_page(&self, row: &ThreadRow) -> Result<Thread, LedgerError> {
        let query = "SELECT id, page FROM comment WHERE thread = ? AND votes > 0 AND parent IS NULL AND status = 1 \
                     AND erased IS NULL ORDER BY votes DESC, id LIMIT ?";
        let roots = self.sql.exec(query, &[row.id.into(), self.page_size.comments.into()])?;
        let mut pages: HashMap<u32, Vec<PagedComment>> = HashMap::new();
        let (mut comments, mut continued) = (Vec::new(), Vec::new());
        let (mut room, mut bytes) = (self.page_size.comments, self.page_size.bytes);
        for root in roots {
            let mut root = Row::new(root);
            let (id, page) = (CommentId::new(root.integer("comment.id")?), root.count("comment.page")?);
            if !pages.contains_key(&page) {
                if pages.len() == MAX_PAGES_READ {
                    break;
                }
                pages.insert(page, load_comments(&self.sql, row, page)?);
            }
            let on_page = pages.get(&page).map_or(&[][..], Vec::as_slice);
            let mut tree = Vec::new();
            for paged in subtree(id, on_page) {
                if room == 0 || bytes <= 0 {
                    break;
                }
                room -= 1;
                bytes -= comment_bytes(&paged.comment);
                tree.push(paged.clone());
            }
            continued.extend(continued_comments(&tree));
            comments.extend(tree_order(tree));
        }
        continued.retain(|(id, ..)| comments.iter().any(|comment: &Comment| comment.id == *id));
        let index = Some(CommentIndex { continued, ..CommentIndex::default() });
        Ok(Thread { sort: Sort::Top, comments, index, ..row.empty_page(1) })
    }
}

/// A comment and all comments below it on its page by ascending id, so that each comes after its parent.
pub(crate) fn subtree(root: CommentId, on_page: &[PagedComment]) -> impl Iterator<Item = &PagedComment> {
    let mut ids = HashSet::from([root]);
    on_page.iter().filter(move |paged| {
        let comment = &paged.comment;
        let is_included = comment.id == root || comment.parent.is_some_and(|parent| ids.contains(&parent));
        if is_included {
            ids.insert(comment.id);
        }
        is_included
    })
}
