//! What a post is called.
//!
//! Every comment brings along what its sender says the title is, and nobody knows better: the ledger never sees the post. So the title is
//! decided among the comments that everybody can read, of the last [`VOICES`] places of the thread: it is the one that most authors sent,
//! of two the newer one. A stranger who comes first, or whose comment waits, is held or erased, names nothing for good; and a post
//! whose title is changed is called by the new one as soon as as many say so. What a moderator calls it stays.

use std::collections::BTreeSet;

use afterword_model::PostUrl;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::thread_page::ThreadRow;
use crate::store::audit_log::Attribution;
use crate::store::audit_log::{Action, ActionKey};
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Places of a thread that are looked at, its last ones: as many rows are read whenever a comment comes or goes.
const VOICES: u32 = 32;

impl<S: Sql> Ledger<S> {
    /// Calls a post by this title from now on, whatever comments bring along; by an empty one, what they bring along decides again.
    /// Gives the version of its thread. The same again changes nothing.
    ///
    /// A post can be called something before anybody has written about it. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`](afterword_model::Refusal::IdReused) for an act that was another one before.
    pub fn set_title(&self, url: &PostUrl, title: &str, act: &Attribution<'_>, now: i64) -> Result<i64, LedgerError> {
        let doing = ActionKey { detail: Some(title), ..ActionKey::plain(Action::Title, url.as_str()) };
        self.change_thread(url, doing, act, now, |thread| {
            let is_same = if title.is_empty() { !thread.named } else { thread.named && thread.title == title };
            if is_same {
                return Ok(false);
            }
            thread.named = !title.is_empty();
            title.clone_into(&mut thread.title);
            self.find_title(thread)?;
            // The one before may be what the moderator could not leave there.
            thread.mark_urgent();
            Ok(true)
        })
    }

    /// Gives a thread the title that its comments, as they are stored now, decide; none if a moderator has decided.
    pub(crate) fn find_title(&self, thread: &mut ThreadRow) -> Result<(), LedgerError> {
        if thread.named {
            return Ok(());
        }
        // The index ends in the row's id, so it is read backwards from the last comment of the last page.
        let query = "SELECT status = 1 AND erased IS NULL, title, author FROM comment WHERE thread = ? AND page IS NOT NULL \
                     ORDER BY page DESC, id DESC LIMIT ?";
        let mut voices = Vec::new();
        for columns in self.sql.exec(query, &[thread.id.into(), VOICES.into()])? {
            let mut row = Row::new(columns);
            let is_read = row.truth("comment.status")?;
            let voice = (row.text("comment.title")?, row.optional_text("comment.author")?);
            if is_read && !voice.0.is_empty() {
                voices.push(voice);
            }
        }
        thread.title = decide(&voices);
        Ok(())
    }
}

/// The title that most authors sent, of voices from the newest to the oldest. All who have no key are one.
fn decide(voices: &[(String, Option<String>)]) -> String {
    let authors = |title: &str| {
        let said = voices.iter().filter(|(said, _)| said == title);
        said.map(|(_, author)| author).collect::<BTreeSet<_>>().len()
    };
    // Of equals, `max_by_key` gives the last.
    let newest_last = voices.iter().rev().map(|(title, _)| title);
    newest_last.max_by_key(|title| authors(title)).cloned().unwrap_or_default()
}
