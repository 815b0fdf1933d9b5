//! What the acts on a stored comment have in common: finding it, and who may do what.

use afterword_model::{Comment, CommentId, PostedComment, Refusal, Status};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::thread_page::ThreadRow;
use crate::store::audit_log::ActionKey;
use crate::store::audit_log::Attribution;
use crate::store::row::{COMMENT, PUBLISHED, Row};
use crate::store::sql::Sql;

/// Continuation pages that are searched for answers; beyond them there are some.
const PAGES_SEARCHED: usize = 8;

/// Who acts on a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    /// The holder of the author key with this keyed hash.
    Author(&'a str),
    /// A moderator of the site; the audit log has the act.
    Moderator(&'a Attribution<'a>),
}

/// A stored comment and its thread.
pub(crate) struct StoredComment {
    /// As everybody would read it; deleted if it is erased.
    pub(crate) comment: Comment,
    pub(crate) status: i64,
    pub(crate) page: Option<u32>,
    pub(crate) version: Option<i64>,
    pub(crate) uuid: String,
    pub(crate) author: Option<String>,
    pub(crate) source: String,
    pub(crate) renderer: i64,
    pub(crate) thread: ThreadRow,
}

impl StoredComment {
    /// The page on which everybody reads it.
    pub(crate) fn visible_on(&self) -> Option<u32> {
        self.page.filter(|_| self.status == PUBLISHED && !self.comment.deleted)
    }

    /// Lets only the author and moderators pass. What others cannot read does not exist for them.
    pub(crate) fn require(&self, by: Actor<'_>) -> Result<(), Refusal> {
        match by {
            Actor::Moderator(_) => Ok(()),
            Actor::Author(hash) if self.author.as_deref() == Some(hash) => Ok(()),
            Actor::Author(_) if self.visible_on().is_some() => Err(Refusal::NotYours),
            Actor::Author(_) => Err(Refusal::UnknownComment),
        }
    }

    /// What is answered: the comment as it stands.
    pub(crate) fn posted(self) -> PostedComment {
        let status = if self.status == PUBLISHED { Status::Published } else { Status::Pending };
        PostedComment { comment: self.comment, status, version: self.version.unwrap_or(self.thread.version) }
    }
}

impl<S: Sql> Ledger<S> {
    pub(crate) fn find(&self, id: CommentId) -> Result<StoredComment, LedgerError> {
        let query = format!(
            "SELECT {COMMENT}, page, version, uuid, author, source, renderer, thread FROM comment WHERE id = ?"
        );
        let rows = self.sql.exec(&query, &[id.get().into()])?;
        let mut row = rows.into_iter().next().map(Row::new).ok_or(Refusal::UnknownComment)?;
        let (comment, status) = row.comment()?;
        let page = row.optional_count("comment.page")?;
        let version = row.optional_integer("comment.version")?;
        let uuid = row.text("comment.uuid")?;
        let author = row.optional_text("comment.author")?;
        let source = row.text("comment.source")?;
        let renderer = row.integer("comment.renderer")?;
        let thread =
            self.thread_by_id(row.integer("comment.thread")?)?.ok_or(LedgerError::Corrupt("comment.thread"))?;
        Ok(StoredComment { comment, status, page, version, uuid, author, source, renderer, thread })
    }

    /// Whether this is an act of a moderator's that was done before.
    pub(crate) fn is_repeated(&self, by: Actor<'_>, doing: ActionKey<'_>) -> Result<bool, LedgerError> {
        match by {
            Actor::Moderator(act) => self.is_done(act, doing),
            Actor::Author(_) => Ok(false),
        }
    }

    /// Notes an act on a comment, if it is a moderator's, in the transaction that does it.
    pub(crate) fn note_by(&self, by: Actor<'_>, doing: ActionKey<'_>, now: i64) -> Result<(), LedgerError> {
        match by {
            Actor::Moderator(act) => self.note(act, doing, now),
            Actor::Author(_) => Ok(()),
        }
    }

    /// Whether a comment has answers on another page than its own, for which its tombstone stays.
    ///
    /// They are on the pages that continue its own. Of a long chain only the beginning is searched; who asks for more is told that
    /// there are some, for one tombstone too many does no harm.
    pub(crate) fn is_answered_elsewhere(&self, found: &StoredComment) -> Result<bool, LedgerError> {
        let layout = found.thread.layout();
        let mut next = found.page.and_then(|page| layout.reply_continuation(page));
        for _ in 0..PAGES_SEARCHED {
            let Some(page) = next else { return Ok(false) };
            let query = "SELECT 1 FROM comment WHERE thread = ? AND page = ? AND parent = ? LIMIT 1";
            let params = [found.thread.id.into(), page.into(), found.comment.id.get().into()];
            if !self.sql.exec(query, &params)?.is_empty() {
                return Ok(true);
            }
            next = layout.reply_continuation(page);
        }
        Ok(next.is_some())
    }
}
