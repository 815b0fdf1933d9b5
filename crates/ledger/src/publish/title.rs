//! The title of a post.
//!
//! Every comment brings along a title of the post, and the ledger never sees the post itself. So it chooses among the titles of the
//! last [`SAMPLE_SIZE`] comments with a page, of those that everybody can read: the title that most authors sent, and the older one if two
//! have equally many. So a comment by a stranger does not replace the title of a post that has one other commenter; a first comment, or one
//! that waits, is unpublished or erased, does not decide for good; and a changed title is taken over once more authors have sent it than the
//! old one. A title that a moderator set stays.

use std::collections::BTreeSet;

use crate::error::LedgerError;
use crate::store::overwrite::overwrite_texts;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

/// Number of comments that are looked at, the last ones of the thread. So many rows are read whenever a comment is published or removed.
const SAMPLE_SIZE: u32 = 32;

/// Sets the title that most authors sent, according to the stored comments, unless a moderator set one. The earlier title is
/// overwritten, because it may be one that was erased.
pub(crate) fn update_title(sql: &impl Sql, thread: &mut ThreadRow) -> Result<(), LedgerError> {
    if thread.title_locked {
        return Ok(());
    }
    // The index ends in the row id, so it is read backwards from the last comment of the last page.
    let query = "SELECT status = 1 AND erased IS NULL, title, author FROM comment WHERE thread = ? AND page IS NOT NULL \
                 ORDER BY page DESC, id DESC LIMIT ?";
    let mut samples = Vec::new();
    for columns in sql.exec(query, &[thread.id.into(), SAMPLE_SIZE.into()])? {
        let mut row = Row::new(columns);
        let is_visible = row.boolean("comment.status")?;
        let (title, author) = (row.text("comment.title")?, row.optional_text("comment.author")?);
        if is_visible && !title.is_empty() {
            samples.push((title, author));
        }
    }
    let title = most_common_title(&samples);
    if title != thread.title && !thread.title.is_empty() {
        overwrite_texts(sql, "thread", &["title"], ("id", thread.id.into()))?;
    }
    thread.title = title;
    Ok(())
}

/// The title that most authors sent, given samples from the newest to the oldest. All comments without an author key count as one
/// author.
fn most_common_title(samples: &[(String, Option<String>)]) -> String {
    let authors = |title: &str| {
        let matching = samples.iter().filter(|(sent, _)| sent == title);
        matching.map(|(_, author)| author).collect::<BTreeSet<_>>().len()
    };
    // `max_by_key` returns the last of equals, which is the oldest.
    let titles = samples.iter().map(|(title, _)| title);
    titles.max_by_key(|title| authors(title)).cloned().unwrap_or_default()
}
