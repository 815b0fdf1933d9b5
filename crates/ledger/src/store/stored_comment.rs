//! A stored comment with its thread, for use cases that change or judge one comment.

use afterword_model::{Comment, CommentId, PostedComment, Refusal, Status};

use crate::error::LedgerError;
use crate::store::comment_row::{COMMENT_COLUMNS, read_comment};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

/// Maximum number of continuation pages that are searched for replies. Pages beyond them are taken to have some.
const MAX_PAGES_SEARCHED: usize = 8;

/// A stored comment and its thread.
pub(crate) struct StoredComment {
    /// The comment as everybody would read it: a tombstone if it is erased.
    pub(crate) comment: Comment,
    pub(crate) status: Status,
    pub(crate) page: Option<u32>,
    pub(crate) version: Option<i64>,
    pub(crate) uuid: String,
    pub(crate) fingerprint: String,
    pub(crate) author: Option<String>,
    pub(crate) source: String,
    pub(crate) renderer_version: i64,
    pub(crate) thread: ThreadRow,
}

impl StoredComment {
    pub(crate) fn find(sql: &impl Sql, id: CommentId) -> Result<Self, LedgerError> {
        let query = format!(
            "SELECT {COMMENT_COLUMNS}, page, version, uuid, fingerprint, author, source, renderer, thread \
             FROM comment WHERE id = ?"
        );
        let mut row = Row::first(sql.exec(&query, &[id.get().into()])?).ok_or(Refusal::UnknownComment)?;
        let (comment, status) = read_comment(&mut row)?;
        let page = row.optional_count("comment.page")?;
        let version = row.optional_integer("comment.version")?;
        let uuid = row.text("comment.uuid")?;
        let fingerprint = row.text("comment.fingerprint")?;
        let author = row.optional_text("comment.author")?;
        let source = row.text("comment.source")?;
        let renderer_version = row.integer("comment.renderer")?;
        let thread = ThreadRow::find_by_id(sql, row.integer("comment.thread")?)?;
        let thread = thread.ok_or(LedgerError::Corrupt("comment.thread"))?;
        Ok(Self { comment, status, page, version, uuid, fingerprint, author, source, renderer_version, thread })
    }

    /// The page on which everybody reads the comment.
    pub(crate) fn visible_page(&self) -> Option<u32> {
        self.page.filter(|_| self.status == Status::Published && !self.comment.deleted)
    }

    /// Returns true if the comment has replies on another page than its own, for which its tombstone has to stay.
    ///
    /// Such replies are on the pages that continue its own. Of a long chain of pages only the beginning is searched; beyond it the
    /// result is true, because a needless tombstone does no harm.
    pub(crate) fn has_replies_on_other_pages(&self, sql: &impl Sql) -> Result<bool, LedgerError> {
        let layout = self.thread.layout();
        let mut next = self.page.and_then(|page| layout.reply_continuation(page));
        for _ in 0..MAX_PAGES_SEARCHED {
            let Some(page) = next else { return Ok(false) };
            let query = "SELECT 1 FROM comment WHERE thread = ? AND page = ? AND parent = ? LIMIT 1";
            let params = [self.thread.id.into(), page.into(), self.comment.id.get().into()];
            if !sql.exec(query, &params)?.is_empty() {
                return Ok(true);
            }
            next = layout.reply_continuation(page);
        }
        Ok(next.is_some())
    }

    /// The reply to the client: the comment as it is now, and a version of the thread that has it like this.
    pub(crate) fn into_posted(self) -> PostedComment {
        let version = version_with(&self.comment, self.version, self.thread.version);
        let is_visible = self.status == Status::Published && !self.comment.deleted;
        let comment = Comment { since: self.version.filter(|_| is_visible), ..self.comment };
        PostedComment { comment, status: self.status, version }
    }
}

/// A version of the thread that has a comment as it is now. `version` is the one that first showed it, which an edit does not change.
pub(crate) fn version_with(comment: &Comment, version: Option<i64>, thread_version: i64) -> i64 {
    version.filter(|_| comment.edited.is_none()).unwrap_or(thread_version)
}
