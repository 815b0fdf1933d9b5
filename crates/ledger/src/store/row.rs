//! Reading stored rows: every column is held against the type this code gave it.

use std::collections::BTreeMap;

use afterword_model::{Author, Comment, CommentId, SafeHtml};

use crate::error::LedgerError;
use crate::store::dirty_pages::Marks;
use crate::store::sql::Value;

/// The columns of `comment` that [`Row::comment`] reads, in its order. None of them is private.
pub(crate) const COMMENT: &str =
    "id, parent, status, name, website, owner, mark, html, created, edited, votes, pinned, erased";

/// The columns of `outbox` that [`Row::marks`] reads, in its order.
pub(crate) const MARKS: &str = "outbox.pages, later_pages, later_top, later, urgent";

/// `comment.status` of a comment that waits for a moderator.
pub(crate) const PENDING: i64 = 0;
/// `comment.status` of a comment that everybody may read.
pub(crate) const PUBLISHED: i64 = 1;

/// A row that is read from its first column to its last.
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(row: Vec<Value>) -> Self {
        Self(row.into_iter())
    }

    pub(crate) fn integer(&mut self, column: &'static str) -> Result<i64, LedgerError> {
        self.optional_integer(column)?.ok_or(LedgerError::Corrupt(column))
    }

    pub(crate) fn optional_integer(&mut self, column: &'static str) -> Result<Option<i64>, LedgerError> {
        match self.0.next() {
            Some(Value::Integer(integer)) => Ok(Some(integer)),
            Some(Value::Null) => Ok(None),
            _ => Err(LedgerError::Corrupt(column)),
        }
    }

    /// A number that counts something.
    pub(crate) fn count(&mut self, column: &'static str) -> Result<u32, LedgerError> {
        u32::try_from(self.integer(column)?).map_err(|_| LedgerError::Corrupt(column))
    }

    /// A number that counts something, or nothing.
    pub(crate) fn optional_count(&mut self, column: &'static str) -> Result<Option<u32>, LedgerError> {
        let number = self.optional_integer(column)?;
        number.map(|number| u32::try_from(number).map_err(|_| LedgerError::Corrupt(column))).transpose()
    }

    pub(crate) fn truth(&mut self, column: &'static str) -> Result<bool, LedgerError> {
        Ok(self.integer(column)? != 0)
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, LedgerError> {
        self.optional_text(column)?.ok_or(LedgerError::Corrupt(column))
    }

    pub(crate) fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, LedgerError> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(LedgerError::Corrupt(column)),
        }
    }

    /// The pages with their versions that [`mark_text`] wrote; `NULL` stands for none.
    pub(crate) fn mark_list(&mut self, column: &'static str) -> Result<BTreeMap<u32, i64>, LedgerError> {
        let text = self.optional_text(column)?.unwrap_or_default();
        listed(&text).map(|mark| read_mark(mark).ok_or(LedgerError::Corrupt(column))).collect()
    }

    /// The continuation pages that [`part_text`] wrote.
    pub(crate) fn part_list(&mut self, column: &'static str) -> Result<Vec<[u32; 3]>, LedgerError> {
        listed(&self.text(column)?).map(|part| read_part(part).ok_or(LedgerError::Corrupt(column))).collect()
    }

    /// The columns [`MARKS`]; without a row there is nothing to publish.
    pub(crate) fn marks(&mut self) -> Result<Marks, LedgerError> {
        Ok(Marks {
            pages: self.mark_list("outbox.pages")?,
            later_pages: self.mark_list("outbox.later_pages")?,
            later_top: self.optional_integer("outbox.later_top")?.filter(|since| *since != 0),
            later: self.optional_integer("outbox.later")?,
            urgent: self.optional_integer("outbox.urgent")?.filter(|since| *since != 0),
        })
    }

    /// The columns [`COMMENT`], as everybody may read them, and the comment's status.
    pub(crate) fn comment(&mut self) -> Result<(Comment, i64), LedgerError> {
        let id = CommentId::new(self.integer("comment.id")?);
        let parent = self.optional_integer("comment.parent")?.map(CommentId::new);
        let status = self.integer("comment.status")?;
        let author = Author {
            name: self.text("comment.name")?,
            website: self.optional_text("comment.website")?,
            owner: self.truth("comment.owner")?,
            mark: self.optional_text("comment.mark")?,
        };
        let comment = Comment {
            id,
            parent,
            author,
            html: self.html("comment.html")?,
            created: self.integer("comment.created")?,
            edited: self.optional_integer("comment.edited")?,
            votes: self.integer("comment.votes")?,
            pinned: self.truth("comment.pinned")?,
            deleted: false,
        };
        let erased = self.optional_integer("comment.erased")?.is_some();
        Ok((if erased { tombstone(&comment) } else { comment }, status))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the ledger's row reader: what it reads was stored as SafeHtml"
    )]
    fn html(&mut self, column: &'static str) -> Result<SafeHtml, LedgerError> {
        self.text(column).map(SafeHtml::from_storage)
    }
}

/// Pages, each with the version in which it changed last, as they are stored: `1:7,4:5`. No change is of a version to come.
pub(crate) fn mark_text(marks: &BTreeMap<u32, i64>, version: i64) -> String {
    marks.iter().map(|(page, since)| format!("{page}:{}", since.min(&version))).collect::<Vec<_>>().join(",")
}

fn read_mark(text: &str) -> Option<(u32, i64)> {
    let (page, since) = text.split_once(':')?;
    Some((page.parse().ok()?, since.parse().ok()?))
}

/// A list of continuation pages as it is stored: `1:4-5,2:6-6`.
pub(crate) fn part_text(parts: &[[u32; 3]]) -> String {
    parts.iter().map(|[root, first, last]| format!("{root}:{first}-{last}")).collect::<Vec<_>>().join(",")
}

fn read_part(text: &str) -> Option<[u32; 3]> {
    let (root, pages) = text.split_once(':')?;
    let (first, last) = pages.split_once('-')?;
    Some([root.parse().ok()?, first.parse().ok()?, last.parse().ok()?])
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|_| !text.is_empty())
}

/// What remains of a comment that was taken away.
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
    }
}
