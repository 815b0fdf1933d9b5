//! The public part of a comment's row, and ids of comments.

use afterword_model::moderation::ModerationState;
use afterword_model::{Author, Comment, CommentId, SafeHtml, Status};

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};

/// The columns of `comment` that [`read_comment`] reads, in its order. None of them is private.
pub(crate) const COMMENT_COLUMNS: &str = "id, parent, status, name, website, owner, mark, html, coalesce(dated, created), edited, votes, pinned, version, \
     edited_by_moderator, dated IS NOT NULL, erased";

/// `comment.status` of a comment that a moderator marked as spam.
pub(crate) const SPAM: i64 = 2;

/// `comment.status`: 0 for a comment that waits for a moderator, 1 for one that everybody may read, [`SPAM`] for spam. For everybody but
/// moderators, spam is a comment that waits.
impl From<Status> for Value {
    fn from(status: Status) -> Self {
        Self::from(status == Status::Published)
    }
}

/// Reads [`COMMENT_COLUMNS`]: the comment as everybody may read it, a tombstone if it is erased, and its status.
pub(crate) fn read_comment(row: &mut Row) -> Result<(Comment, Status), LedgerError> {
    let id = CommentId::new(row.integer("comment.id")?);
    let parent = row.optional_integer("comment.parent")?.map(CommentId::new);
    let status = row.status("comment.status")?;
    let author = Author {
        name: row.text("comment.name")?,
        website: row.optional_text("comment.website")?,
        owner: row.boolean("comment.owner")?,
        mark: row.optional_text("comment.mark")?,
    };
    let comment = Comment {
        id,
        parent,
        author,
        html: read_html(row, "comment.html")?,
        created: row.integer("comment.created")?,
        edited: row.optional_integer("comment.edited")?,
        votes: row.integer("comment.votes")?,
        pinned: row.boolean("comment.pinned")?,
        deleted: false,
        since: row.optional_integer("comment.version")?,
        moderated: row.boolean("comment.edited_by_moderator")?,
        on_behalf: row.boolean("comment.dated")?,
    };
    let erased = row.optional_integer("comment.erased")?.is_some();
    Ok((if erased { tombstone(&comment) } else { comment }, status))
}

#[expect(clippy::disallowed_methods, reason = "this is the ledger's row reader: what it reads was stored as SafeHtml")]
fn read_html(row: &mut Row, column: &'static str) -> Result<SafeHtml, LedgerError> {
    row.text(column).map(SafeHtml::from_storage)
}

/// The remainder of a comment that was erased or unpublished.
pub(crate) fn tombstone(comment: &Comment) -> Comment {
    Comment {
        id: comment.id,
        parent: comment.parent,
        author: Author::default(),
        html: SafeHtml::default(),
        created: comment.created,
        edited: None,
        votes: 0,
        pinned: false,
        deleted: true,
        moderated: false,
        on_behalf: false,
        since: None,
    }
}

/// The state of a comment as moderators see it, from `comment.status`, `erased`, `removed`, and whether its text is wiped.
pub(crate) fn moderation_state(status: i64, is_erased: bool, is_removed: bool, is_wiped: bool) -> ModerationState {
    match (is_erased, status) {
        (true, _) if is_removed && !is_wiped => ModerationState::Deleted,
        (true, _) => ModerationState::Erased,
        (false, 1) => ModerationState::Published,
        (false, SPAM) => ModerationState::Spam,
        (false, _) => ModerationState::Pending,
    }
}

/// An id above those of all comments. Rows of `comment` are never deleted, so ids ascend and none is given twice.
pub(crate) fn next_comment_id(sql: &impl Sql) -> Result<i64, LedgerError> {
    let largest = Row::only(sql.exec("SELECT max(id) FROM comment", &[])?).optional_integer("comment.id")?;
    Ok(largest.unwrap_or(0) + 1)
}
