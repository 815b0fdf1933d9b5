//! Assignment of comments to pages.
//!
//! A root comment goes to the last root page. A reply goes to the page of its parent, or else to the last page of that page's chain. A
//! full page takes no more comments, and a new one is opened. So a comment changes only its own page and the first page, whatever the
//! length of the thread, and looking at one page is enough to know how full it is.
//!
//! A page that is full for root comments still has room for replies, so that an answer to a comment on an early page stands below it. Once
//! that room is used up, replies go to continuation pages, to which the page of their parent leads (`comment.replies_from`).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use afterword_model::{Comment, Refusal, SafeHtml};

use crate::error::LedgerError;
use crate::ledger::{Ledger, PageSize};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::thread_row::ThreadRow;

/// Bytes that a comment takes in the JSON of a page besides its name, website and HTML: its other fields and their names.
/// [`COMMENT_BYTES_SQL`] contains the same number.
const FIXED_COMMENT_BYTES: i64 = 200;

/// SQL expression that computes [`comment_bytes`] of a row of `comment`.
pub(crate) const COMMENT_BYTES_SQL: &str = "200 + length(CAST(json_quote(html) AS BLOB)) \
     + length(CAST(json_quote(name) AS BLOB)) + length(CAST(json_quote(website) AS BLOB))";

/// Number and size of the comments on a page.
#[derive(Clone, Copy)]
pub(crate) struct PageFill {
    pub(crate) comments: u32,
    pub(crate) bytes: i64,
}

impl PageFill {
    /// Reads the rows of the page and no others.
    pub(crate) fn load(sql: &impl Sql, thread: i64, page: u32) -> Result<Self, LedgerError> {
        let query = format!(
            "SELECT count(*), coalesce(sum({COMMENT_BYTES_SQL}), 0) FROM comment WHERE thread = ? AND page = ?"
        );
        let mut row = Row::only(sql.exec(&query, &[thread.into(), page.into()])?);
        Ok(Self { comments: row.count("count of comments")?, bytes: row.integer("bytes of comments")? })
    }

    fn is_full(self, size: PageSize, for_reply: bool) -> bool {
        if for_reply {
            return self.comments >= size.comments_with_replies || self.bytes >= size.bytes_with_replies;
        }
        self.comments >= size.comments || self.bytes >= size.bytes
    }
}

impl<S: Sql> Ledger<S> {
    /// Refuses a text that is longer than the present one if the page of the comment has no room for it.
    pub(crate) fn check_room(&self, stored: &StoredComment, html: &SafeHtml) -> Result<(), LedgerError> {
        let growth = json_bytes(html.as_str()) - json_bytes(stored.comment.html.as_str());
        if let Some(page) = stored.page.filter(|_| growth > 0)
            && PageFill::load(&self.sql, stored.thread.id, page)?.bytes + growth > self.page_size.edited_bytes
        {
            return Err(Refusal::TextTooLong.into());
        }
        Ok(())
    }
}

/// Assigns pages to comments. It reads each page once, and then keeps count of the comments that are added.
pub(crate) struct PageAssigner<'a, S> {
    sql: &'a S,
    size: PageSize,
    fills: HashMap<(i64, u32), PageFill>,
}

impl<'a, S: Sql> PageAssigner<'a, S> {
    pub(crate) fn new(sql: &'a S, size: PageSize) -> Self {
        Self { sql, size, fills: HashMap::new() }
    }

    /// The page for a new comment, given the page of its parent. Opens a new page of `thread` if necessary.
    pub(crate) fn assign_page(
        &mut self,
        thread: &mut ThreadRow,
        parent_page: Option<u32>,
        now: i64,
    ) -> Result<u32, LedgerError> {
        let layout = thread.layout();
        let root = parent_page.map(|page| layout.root_page_of(page));
        let first_choice = parent_page.unwrap_or_else(|| layout.last_root_page());
        let end_of_chain = root.and_then(|root| layout.last_page_of_chain(root));
        if !self.is_full(thread.id, first_choice, root.is_some())? {
            return Ok(first_choice);
        }
        if let Some(end) = end_of_chain.filter(|end| *end != first_choice)
            && !self.is_full(thread.id, end, true)?
        {
            return Ok(end);
        }
        if thread.pages == 1 && has_voted_root(self.sql, thread.id)? {
            // Readers sort a single page themselves. With a second page the top comments are published as a value of their own.
            thread.defer_top(now);
        }
        Ok(open_page(thread, root))
    }

    /// Counts a comment of this size that was added to a page. A page that was not read yet will be read with the comment.
    pub(crate) fn add(&mut self, thread: i64, page: u32, bytes: i64) {
        if let Some(fill) = self.fills.get_mut(&(thread, page)) {
            fill.comments = fill.comments.saturating_add(1);
            fill.bytes += bytes;
        }
    }

    fn is_full(&mut self, thread: i64, page: u32, for_reply: bool) -> Result<bool, LedgerError> {
        let fill = match self.fills.entry((thread, page)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(PageFill::load(self.sql, thread, page)?),
        };
        Ok(fill.is_full(self.size, for_reply))
    }
}

/// Returns true if a root comment on the first page has more votes for it than against it.
fn has_voted_root(sql: &impl Sql, thread: i64) -> Result<bool, LedgerError> {
    let query = "SELECT 1 FROM comment WHERE thread = ? AND page = 1 AND votes > 0 AND parent IS NULL LIMIT 1";
    Ok(!sql.exec(query, &[thread.into()])?.is_empty())
}

/// Adds a page: a root page, or one that continues the chain of a root page.
fn open_page(thread: &mut ThreadRow, root: Option<u32>) -> u32 {
    thread.pages = thread.pages.saturating_add(1);
    if let Some(root) = root {
        match thread.continuations.last_mut() {
            Some([of, _, last]) if *of == root && *last + 1 == thread.pages => *last = thread.pages,
            _ => thread.continuations.push([root, thread.pages, thread.pages]),
        }
    }
    thread.pages
}

/// Bytes of a text as JSON, including the quotes. [`COMMENT_BYTES_SQL`] counts the same.
pub(crate) fn json_bytes(text: &str) -> i64 {
    let byte_length = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    };
    2 + text.bytes().map(byte_length).sum::<i64>()
}

/// Bytes that a comment takes in the JSON of its page.
pub(crate) fn comment_bytes(comment: &Comment) -> i64 {
    content_bytes(comment.html.as_str(), &comment.author.name, comment.author.website.as_deref())
}

/// Bytes that a comment with this content takes in the JSON of its page.
pub(crate) fn content_bytes(html: &str, name: &str, website: Option<&str>) -> i64 {
    FIXED_COMMENT_BYTES + json_bytes(html) + json_bytes(name) + website.map_or(4, json_bytes)
}
