//! The best comments of a thread of more than one page.

use std::collections::{HashMap, HashSet};

use afterword_model::{CommentId, Sort, Thread};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::pagination::comment_bytes;
use crate::publish::thread_page::ThreadRow;
use crate::publish::tree_order::{Placed, drawing_order};
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Pages on which the best comments are looked for: what lies scattered over more is left in its place.
const PAGES_READ: usize = 32;

impl<S: Sql> Ledger<S> {
    /// The root comments with most votes, each with the answers on its page, as many as fit on one page.
    pub(crate) fn top_of(&self, row: &ThreadRow) -> Result<Thread, LedgerError> {
        let query = "SELECT id, page FROM comment WHERE thread = ? AND votes > 0 AND parent IS NULL AND status = 1 \
                     AND erased IS NULL ORDER BY votes DESC, id LIMIT ?";
        let roots = self.sql.exec(query, &[row.id.into(), self.page_size.comments.into()])?;
        let mut pages: HashMap<u32, Vec<Placed>> = HashMap::new();
        let (mut comments, mut room, mut bytes) = (Vec::new(), self.page_size.comments, self.page_size.bytes);
        for root in roots {
            let mut root = Row::new(root);
            let (id, page) = (CommentId::new(root.integer("comment.id")?), root.count("comment.page")?);
            if !pages.contains_key(&page) {
                if pages.len() == PAGES_READ {
                    break;
                }
                pages.insert(page, self.placed_on(row, page)?);
            }
            let on_page = pages.get(&page).map_or(&[][..], Vec::as_slice);
            let mut tree = Vec::new();
            for placed in below(id, on_page) {
                if room == 0 || bytes <= 0 {
                    break;
                }
                room -= 1;
                bytes -= comment_bytes(&placed.comment);
                tree.push(placed.clone());
            }
            comments.extend(drawing_order(tree));
        }
        Ok(Thread { sort: Sort::Top, comments, ..row.thread(1) })
    }
}

/// A comment and all below it on its page, in the order of their ids: each after the one it answers.
fn below(root: CommentId, on_page: &[Placed]) -> impl Iterator<Item = &Placed> {
    let mut ids = HashSet::from([root]);
    on_page.iter().filter(move |placed| {
        let comment = &placed.comment;
        let is_below = comment.id == root || comment.parent.is_some_and(|parent| ids.contains(&parent));
        if is_below {
            ids.insert(comment.id);
        }
        is_below
    })
}
