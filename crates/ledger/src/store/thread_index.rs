//! The index of a thread: the page of each comment. See [`afterword_model::CommentIndex`].
//!
//! The row of the thread has the runs of the newest comments. If there are too many, the older half becomes a block, which is published
//! with the page of the comment that is added at that moment: no further page changes, and the row stays short.

use std::collections::BTreeMap;

use afterword_model::{CommentId, PageRuns};

use crate::error::LedgerError;
use crate::store::row::{Row, parse_list};
use crate::store::sql::Sql;

/// Bytes of blocks from which on a statement takes no further one. A parameter of a statement has at most 2 MB.
const BLOCKS_BYTES: usize = 1024 * 1024;

/// The stored index of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreadIndex {
    /// The largest id in the index.
    pub(crate) newest: Option<CommentId>,
    /// The pages of the newest comments.
    pub(crate) runs: PageRuns,
    /// The blocks: their first comments, and the pages with which they are published.
    pub(crate) blocks: Vec<(CommentId, u32)>,
    /// Blocks that are not written yet, by page.
    changed_blocks: BTreeMap<u32, PageRuns>,
    /// True if the next comment makes no block.
    postpones_block: bool,
}

impl ThreadIndex {
    /// Reads the columns `thread.runs` and `thread.blocks`.
    pub(crate) fn read(row: &mut Row) -> Result<Self, LedgerError> {
        let text = row.text("thread.runs")?;
        let (newest, runs) = match text.split_once(';') {
            Some((newest, runs)) => {
                let newest = newest.parse().map_err(|_| LedgerError::Corrupt("thread.runs"))?;
                (Some(CommentId::new(newest)), parse_runs(runs, "thread.runs")?)
            }
            None => (None, PageRuns::default()),
        };
        Ok(Self {
            newest,
            runs,
            blocks: parse_runs(&row.text("thread.blocks")?, "thread.blocks")?.0,
            changed_blocks: BTreeMap::new(),
            postpones_block: false,
        })
    }

    /// The column `thread.runs`.
    pub(crate) fn runs_column(&self) -> String {
        self.newest.map_or_else(String::new, |newest| format!("{newest};{}", runs_text(&self.runs.0)))
    }

    /// The column `thread.blocks`.
    pub(crate) fn blocks_column(&self) -> String {
        runs_text(&self.blocks)
    }

    /// Leaves a block that the next comment would make to one after it, because the comment writes as many rows as one may without it.
    pub(crate) fn postpone_block(&mut self) {
        self.postpones_block = true;
    }

    /// Adds a comment. Returns the page whose block changed, if one did.
    pub(crate) fn insert(
        &mut self,
        sql: &impl Sql,
        thread: i64,
        (comment, page): (CommentId, u32),
        max_runs: usize,
    ) -> Result<Option<u32>, LedgerError> {
        let is_newest = Some(comment) > self.newest;
        self.newest = self.newest.max(Some(comment));
        let precedes_runs = self.runs.0.first().is_none_or(|&(first, _)| comment < first);
        if let Some((first, block_page)) = self.block_for(comment).filter(|_| precedes_runs) {
            *first = comment.min(*first);
            let block_page = *block_page;
            let mut block = self.load_block(sql, thread, block_page)?;
            block.insert(comment, page, false);
            self.changed_blocks.insert(block_page, block);
            return Ok(Some(block_page));
        }
        self.runs.insert(comment, page, is_newest);
        // The first page has the newest runs, and another page has one block at most.
        let can_have_block = || page != 1 && self.blocks.iter().all(|&(_, taken)| taken != page);
        if self.runs.0.len() <= max_runs || self.postpones_block || !can_have_block() {
            return Ok(None);
        }
        // Half of them, and up to twice as many if there was no page for a block before. So the first page never keeps more and more of them.
        let excess = self.runs.0.len() - max_runs;
        let block = self.runs.remove_first(excess.clamp(max_runs.div_ceil(2), max_runs));
        self.blocks.extend(block.0.first().map(|&(first, _)| (first, page)));
        self.changed_blocks.insert(page, block);
        Ok(Some(page))
    }

    /// The entry of the block in which a comment belongs if it is older than all runs.
    fn block_for(&mut self, comment: CommentId) -> Option<&mut (CommentId, u32)> {
        let after = self.blocks.partition_point(|&(first, _)| first <= comment);
        self.blocks.get_mut(after.saturating_sub(1))
    }

    /// The block that is published with a page. Empty if there is none.
    pub(crate) fn load_block(&self, sql: &impl Sql, thread: i64, page: u32) -> Result<PageRuns, LedgerError> {
        if let Some(changed) = self.changed_blocks.get(&page) {
            return Ok(changed.clone());
        }
        if self.blocks.iter().all(|&(_, of)| of != page) {
            return Ok(PageRuns::default());
        }
        let query = "SELECT runs FROM index_block WHERE thread = ? AND page = ?";
        let mut row = Row::only(sql.exec(query, &[thread.into(), page.into()])?);
        parse_runs(&row.text("index_block.runs")?, "index_block.runs")
    }

    /// Writes the blocks that changed.
    pub(crate) fn write_blocks(&self, sql: &impl Sql, thread: i64) -> Result<(), LedgerError> {
        // One statement for many blocks: a merge of long threads has a block for each page.
        let query = "INSERT INTO index_block (thread, page, runs) \
                     SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true \
                     ON CONFLICT (thread, page) DO UPDATE SET runs = excluded.runs";
        let mut blocks = self.changed_blocks.iter().peekable();
        while blocks.peek().is_some() {
            let mut list = String::new();
            while list.len() < BLOCKS_BYTES
                && let Some((page, runs)) = blocks.next()
            {
                let separator = if list.is_empty() { '[' } else { ',' };
                list.push_str(&format!("{separator}[{page},\"{}\"]", runs_text(&runs.0)));
            }
            list.push(']');
            sql.exec(query, &[thread.into(), list.into()])?;
        }
        Ok(())
    }
}

/// Runs as stored: `1:1,40:2`.
fn runs_text(runs: &[(CommentId, u32)]) -> String {
    runs.iter().map(|(first, page)| format!("{first}:{page}")).collect::<Vec<_>>().join(",")
}

fn parse_runs(text: &str, column: &'static str) -> Result<PageRuns, LedgerError> {
    parse_list(text, column, |run| {
        let (first, page) = run.split_once(':')?;
        Some((CommentId::new(first.parse().ok()?), page.parse().ok()?))
    })
    .map(PageRuns)
}
