//! On which page a comment goes.
//!
//! A root comment goes to the last root page. An answer goes to the page of its parent, else to the end of that page's chain. A page
//! that is full takes no more, and a new one is opened. So a comment changes its own page and the head, and no other, whatever the
//! length of the thread; and how full a page is, is found by looking at that page alone.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use afterword_model::{PageLayout, limits};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::thread_page::ThreadRow;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// What a comment takes in the JSON of a page beside its name, website and HTML: all of its other fields and their names. The
/// same number is in [`COMMENT_BYTES`].
const FRAME_BYTES: i64 = 200;

/// When a page is full: at so many comments, or so many bytes of its JSON; and what may be made of pages in one turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// Comments, tombstones and what was taken back included.
    pub comments: u32,
    /// Bytes of JSON.
    pub bytes: i64,
    /// Bytes of JSON over which no text may grow by being edited.
    pub edited_bytes: i64,
    /// How many pages two threads may have together for their comments to be mixed when they become one. Each comment that is mixed takes a
    /// statement or two, all in one turn: this many pages are a few thousand.
    pub max_interleaved_pages: u32,
}

impl Default for PageSize {
    /// That of [`limits`].
    fn default() -> Self {
        let bytes = |limit| i64::try_from(limit).unwrap_or(i64::MAX);
        Self {
            comments: u32::try_from(limits::PAGE_COMMENTS).unwrap_or(u32::MAX),
            bytes: bytes(limits::PAGE_BYTES),
            edited_bytes: bytes(limits::PAGE_EDITED_BYTES),
            max_interleaved_pages: 20,
        }
    }
}

/// What [`comment_bytes`] gives, of a row of `comment`.
pub(crate) const COMMENT_BYTES: &str = "200 + length(CAST(json_quote(html) AS BLOB)) \
     + length(CAST(json_quote(name) AS BLOB)) + length(CAST(json_quote(website) AS BLOB))";

/// What is on a page.
#[derive(Clone, Copy)]
pub(crate) struct Fill {
    pub(crate) comments: u32,
    pub(crate) bytes: i64,
}

/// How full the pages of threads are. Each is looked at once, and what is put on it from then on is counted along.
#[derive(Default)]
pub(crate) struct Fills(HashMap<(i64, u32), Fill>);

impl Fills {
    fn of<S: Sql>(&mut self, ledger: &Ledger<S>, thread: i64, page: u32) -> Result<Fill, LedgerError> {
        match self.0.entry((thread, page)) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(unknown) => Ok(*unknown.insert(ledger.fill(thread, page)?)),
        }
    }

    /// Counts a comment of so many bytes that is put on a page. A page that was not looked at yet will have it by then.
    pub(crate) fn add(&mut self, thread: i64, page: u32, bytes: i64) {
        if let Some(fill) = self.0.get_mut(&(thread, page)) {
            fill.comments = fill.comments.saturating_add(1);
            fill.bytes += bytes;
        }
    }
}

impl<S: Sql> Ledger<S> {
    /// The page for one more comment, given that of the comment it answers; `thread` takes note of a new one.
    pub(crate) fn place(&self, thread: &mut ThreadRow, parent_page: Option<u32>, now: i64) -> Result<u32, LedgerError> {
        self.place_among(&mut Fills::default(), thread, parent_page, now)
    }

    /// The same, where many comments get their pages one after the other.
    pub(crate) fn place_among(
        &self,
        fills: &mut Fills,
        thread: &mut ThreadRow,
        parent_page: Option<u32>,
        now: i64,
    ) -> Result<u32, LedgerError> {
        let layout = thread.layout();
        let root = parent_page.map(|page| layout.root_page_of(page));
        let first = parent_page.unwrap_or_else(|| layout.last_root_page());
        if !self.is_full(fills.of(self, thread.id, first)?) {
            return Ok(first);
        }
        if let Some(end) = root.and_then(|root| layout.last_page_of_chain(root)).filter(|end| *end != first)
            && !self.is_full(fills.of(self, thread.id, end)?)
        {
            return Ok(end);
        }
        if thread.pages == 1 && self.has_voted_root(thread.id)? {
            // A single page is put in order by who reads it; from the second on the best comments are a value of their own.
            thread.mark_top_later(now);
        }
        Ok(thread.open_page(root))
    }

    fn is_full(&self, fill: Fill) -> bool {
        fill.comments >= self.page_size.comments || fill.bytes >= self.page_size.bytes
    }

    /// Reads as many rows as the page has, and no more.
    pub(crate) fn fill(&self, thread: i64, page: u32) -> Result<Fill, LedgerError> {
        let query =
            format!("SELECT count(*), coalesce(sum({COMMENT_BYTES}), 0) FROM comment WHERE thread = ? AND page = ?");
        let mut row =
            Row::new(self.sql.exec(&query, &[thread.into(), page.into()])?.into_iter().next().unwrap_or_default());
        Ok(Fill { comments: row.count("count of comments")?, bytes: row.integer("bytes of comments")? })
    }

    /// Whether a root comment on the first page has votes for it.
    fn has_voted_root(&self, thread: i64) -> Result<bool, LedgerError> {
        let query = "SELECT 1 FROM comment WHERE thread = ? AND page = 1 AND votes > 0 AND parent IS NULL LIMIT 1";
        Ok(!self.sql.exec(query, &[thread.into()])?.is_empty())
    }
}

impl ThreadRow {
    pub(crate) fn layout(&self) -> PageLayout<'_> {
        PageLayout { pages: self.pages, continuations: &self.parts }
    }

    /// One more page: a root page, or one that continues the chain of a root page.
    fn open_page(&mut self, continues: Option<u32>) -> u32 {
        self.pages = self.pages.saturating_add(1);
        if let Some(root) = continues {
            match self.parts.last_mut() {
                Some([of, _, last]) if *of == root && *last + 1 == self.pages => *last = self.pages,
                _ => self.parts.push([root, self.pages, self.pages]),
            }
        }
        self.pages
    }
}

/// The bytes of a text as JSON, quotes included: what [`COMMENT_BYTES`] counts.
pub(crate) fn json_bytes(text: &str) -> i64 {
    let of_byte = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    };
    2 + text.bytes().map(of_byte).sum::<i64>()
}

/// The bytes a comment takes in the JSON of its page.
pub(crate) fn comment_bytes(comment: &afterword_model::Comment) -> i64 {
    face_bytes(comment.html.as_str(), &comment.author.name, comment.author.website.as_deref())
}

/// The same, of what readers see of a comment.
pub(crate) fn face_bytes(html: &str, name: &str, website: Option<&str>) -> i64 {
    FRAME_BYTES + json_bytes(html) + json_bytes(name) + website.map_or(4, json_bytes)
}
