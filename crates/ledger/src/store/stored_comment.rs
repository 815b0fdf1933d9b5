//! A stored comment with its thread, for use cases that change or judge one comment.

use afterword_model::moderation::ModerationState;
use afterword_model::{Comment, CommentId, PostedComment, Refusal, Status};

use crate::error::LedgerError;
use crate::store::comment_row::{COMMENT_COLUMNS, moderation_state, read_comment};
use crate::store::edit_log::EditLog;
use crate::store::row::Row;
use crate::store::signals::parse_signals;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

/// Maximum number of continuation pages that are searched for replies. Pages beyond them are taken to have some.
const MAX_PAGES_SEARCHED: usize = 8;

/// A stored comment and its thread.
pub(crate) struct StoredComment {
    /// The comment as everybody would read it: a tombstone if it is erased.
    pub(crate) comment: Comment,
    pub(crate) status: Status,
    /// The state as moderators see it.
    pub(crate) state: ModerationState,
    pub(crate) revision: i64,
    /// `comment.status`; a deleted comment keeps the one it had.
    pub(crate) status_column: i64,
    /// True if a moderator deleted it.
    pub(crate) is_removed: bool,
    /// True if it is pinned, even if it is deleted.
    pub(crate) is_pinned: bool,
    /// True if the owner wrote it, even if it is deleted.
    pub(crate) is_by_owner: bool,
    /// True if it has open reports.
    pub(crate) is_reported: bool,
    pub(crate) reports_muted: bool,
    pub(crate) page: Option<u32>,
    pub(crate) version: Option<i64>,
    pub(crate) uuid: String,
    pub(crate) fingerprint: String,
    pub(crate) author: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) source: String,
    pub(crate) renderer_version: i64,
    pub(crate) signals: Vec<String>,
    pub(crate) edits: EditLog,
    /// Time at which it was erased or deleted.
    pub(crate) erased: Option<i64>,
    /// True if there are replies to it on other pages.
    pub(crate) has_later_replies: bool,
    pub(crate) thread: ThreadRow,
}

impl StoredComment {
    pub(crate) fn find(sql: &impl Sql, id: CommentId) -> Result<Self, LedgerError> {
        let query = format!(
            "SELECT {COMMENT_COLUMNS}, page, version, uuid, fingerprint, author, email, source, renderer, signals, edits, erased, \
             replies_from IS NOT NULL, thread, revision, status, removed, pinned, owner, reported, reports_muted \
             FROM comment WHERE id = ?"
        );
        let mut row = Row::first(sql.exec(&query, &[id.get().into()])?).ok_or(Refusal::UnknownComment)?;
        let (comment, status) = read_comment(&mut row)?;
        let page = row.optional_count("comment.page")?;
        let version = row.optional_integer("comment.version")?;
        let uuid = row.text("comment.uuid")?;
        let fingerprint = row.text("comment.fingerprint")?;
        let author = row.optional_text("comment.author")?;
        let email = row.optional_text("comment.email")?;
        let source = row.text("comment.source")?;
        let renderer_version = row.integer("comment.renderer")?;
        let signals = parse_signals(&row.text("comment.signals")?);
        let edits = EditLog::parse(&row.text("comment.edits")?)?;
        let erased = row.optional_integer("comment.erased")?;
        let has_later_replies = row.boolean("comment.replies_from")?;
        let thread = ThreadRow::find_by_id(sql, row.integer("comment.thread")?)?;
        let thread = thread.ok_or(LedgerError::Corrupt("comment.thread"))?;
        let revision = row.integer("comment.revision")?;
        let status_column = row.integer("comment.status")?;
        let is_removed = row.boolean("comment.removed")?;
        let state = moderation_state(status_column, erased.is_some(), is_removed, source.is_empty());
        Ok(Self {
            comment,
            status,
            state,
            revision,
            status_column,
            is_removed,
            is_pinned: row.boolean("comment.pinned")?,
            is_by_owner: row.boolean("comment.owner")?,
            is_reported: row.boolean("comment.reported")?,
            reports_muted: row.boolean("comment.reports_muted")?,
            page,
            version,
            uuid,
            fingerprint,
            author,
            email,
            source,
            renderer_version,
            signals,
            edits,
            erased,
            has_later_replies,
            thread,
        })
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

    /// Returns true if a reply to the comment can be read.
    pub(crate) fn has_visible_replies(&self, sql: &impl Sql) -> Result<bool, LedgerError> {
        let Some(page) = self.page else { return Ok(false) };
        let query = "SELECT 1 FROM comment WHERE thread = ? AND page = ? AND parent = ? AND status = 1 AND erased IS NULL LIMIT 1";
        let params = [self.thread.id.into(), page.into(), self.comment.id.get().into()];
        Ok(self.has_later_replies || !sql.exec(query, &params)?.is_empty())
    }

    /// Returns true if the content of an erased comment is deleted. A comment that is not erased has a text.
    pub(crate) fn is_wiped(&self) -> bool {
        self.source.is_empty()
    }

    /// Returns true if readers see a reply of the owner to the comment, other than the one with the id `except`.
    pub(crate) fn has_owner_reply(&self, sql: &impl Sql, except: CommentId) -> Result<bool, LedgerError> {
        let Some(page) = self.page else { return Ok(false) };
        let query = "SELECT 1 FROM comment WHERE thread = ? AND page >= ? AND page <= ? AND parent = ? AND owner = 1 \
                     AND status = 1 AND erased IS NULL AND id <> ? LIMIT 1";
        let last = if self.has_later_replies { self.thread.pages } else { page };
        let params =
            [self.thread.id.into(), page.into(), last.into(), self.comment.id.get().into(), except.get().into()];
        Ok(!sql.exec(query, &params)?.is_empty())
    }

    /// The reply to the client: the comment as it is now, and a version of the thread that has it like this.
    pub(crate) fn into_posted(self) -> PostedComment {
        let is_changed = self.comment.edited.is_some() || self.comment.deleted || !self.edits.is_empty();
        let version = self.version.filter(|_| !is_changed).unwrap_or(self.thread.version);
        let is_visible = self.status == Status::Published && !self.comment.deleted;
        let comment = Comment { since: self.version.filter(|_| is_visible), ..self.comment };
        PostedComment { comment, status: self.status, version }
    }
}
