//! Pages of a thread as they would be published now.

use afterword_model::{CommentId, CommentIndex, PostUrl, Status, Thread, ThreadOptions};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::tree_order::{PagedComment, tree_order};
use crate::store::comment_row::{COMMENT_COLUMNS, read_comment, tombstone};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_index::ThreadIndex;
use crate::store::thread_row::ThreadRow;

impl<S: Sql> Ledger<S> {
    /// A page of a thread by its number, as it would be published now. A post without comments and a page that does not exist are
    /// empty. Reading creates no thread.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_page(&self, url: &PostUrl, page: u32) -> Result<Thread, LedgerError> {
        // A thread in which all comments wait looks like one without comments.
        match ThreadRow::find(&self.sql, url)?.filter(|row| row.version > 0) {
            Some(row) => self.load_page(&row, page),
            None => self
                .add_reader_settings(&ThreadRow::empty(0, url.clone()), Thread { page, ..Thread::empty(url.clone()) }),
        }
    }

    /// A page of a thread with its comments.
    pub(crate) fn load_page(&self, row: &ThreadRow, page: u32) -> Result<Thread, LedgerError> {
        let paged = load_comments(&self.sql, row, page)?;
        let mut continued = continued_comments(&paged);
        let comments = tree_order(paged);
        continued.retain(|(id, ..)| comments.iter().any(|comment| comment.id == *id));
        let (pins, continued_pins) = if page == 1 { self.load_pins(row)? } else { Default::default() };
        continued.extend(continued_pins);
        let index = match page {
            _ if row.pages == 1 => None,
            // While the index is incomplete, readers must go through all continuation pages.
            1 if !self.is_indexed() => None,
            1 => {
                let ThreadIndex { newest, runs, blocks, .. } = row.index.clone();
                Some(CommentIndex { continued, newest, runs, blocks })
            }
            _ => {
                let runs = row.index.load_block(&self.sql, row.id, page)?;
                Some(CommentIndex { continued, runs, ..CommentIndex::default() })
            }
        };
        let continuations = if page == 1 { row.continuations.clone() } else { Vec::new() };
        self.add_reader_settings(row, Thread { comments, pins, continuations, index, ..row.empty_page(page) })
    }
}

impl<S: Sql> Ledger<S> {
    /// Adds what readers may do to the first page of a thread.
    fn add_reader_settings(&self, row: &ThreadRow, thread: Thread) -> Result<Thread, LedgerError> {
        if thread.page != 1 {
            return Ok(thread);
        }
        let settings = self.reader_settings()?;
        let reactions = row.offered_reactions(&settings.reactions);
        let edit_window = settings.changed_edit_window();
        let options = ThreadOptions { closes: self.closing_time(row)?, ..settings.options };
        Ok(Thread { reactions, downvotes: settings.downvotes, edit_window, options, ..thread })
    }
}

/// The comments with replies on other pages, as in [`CommentIndex::continued`].
pub(crate) fn continued_comments(page: &[PagedComment]) -> Vec<(CommentId, u32, u32)> {
    let range = |paged: &PagedComment| paged.replies.map(|(first, last)| (paged.comment.id, first, last));
    page.iter().filter_map(range).collect()
}

/// The comments on a page by ascending id. Those that readers must not see are tombstones.
pub(crate) fn load_comments(sql: &impl Sql, row: &ThreadRow, page: u32) -> Result<Vec<PagedComment>, LedgerError> {
    // The index ends in the row id, so the rows come ordered by id.
    let query = format!(
        "SELECT {COMMENT_COLUMNS}, keep_tombstone, replies_from, replies_to FROM comment WHERE thread = ? AND page = ? ORDER BY id"
    );
    let read = |columns| {
        let mut row = Row::new(columns);
        let (comment, status) = read_comment(&mut row)?;
        let comment = if status == Status::Published { comment } else { tombstone(&comment) };
        let keep_tombstone = row.boolean("comment.keep_tombstone")?;
        let first = row.optional_count("comment.replies_from")?;
        let replies = first.zip(row.optional_count("comment.replies_to")?);
        Ok(PagedComment { comment, keep_tombstone, replies })
    };
    sql.exec(&query, &[row.id.into(), page.into()])?.into_iter().map(read).collect()
}
