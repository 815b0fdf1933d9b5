//! Reactions of readers to a post.

use afterword_model::{PostUrl, ReactionReply, Refusal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::reaction_row::{delete_reaction, find_reaction, put_reaction};
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

impl<S: Sql> Ledger<S> {
    /// Sets the reaction of an author to a post, by the keyed hash of the author key. Each author has one, the last one sent, or none.
    ///
    /// Readers see it with the next change of the thread, or a minute later. A post can get reactions before there are comments. `now` is in
    /// Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownReaction`] for one that the site does not offer, or [`Refusal::Closed`].
    pub fn react(
        &self,
        url: &PostUrl,
        author: &str,
        reaction: Option<&str>,
        now: i64,
    ) -> Result<ReactionReply, LedgerError> {
        let offered = self.reader_settings()?.reactions;
        if reaction.is_some_and(|reaction| !offered.contains(reaction)) {
            return Err(Refusal::UnknownReaction.into());
        }
        let found = ThreadRow::find(&self.sql, url)?;
        if let Some(thread) = &found
            && self.is_closed(thread, now)?
        {
            return Err(Refusal::Closed.into());
        }
        let is_new = found.is_none();
        let mut thread = match found {
            Some(thread) => thread,
            None => ThreadRow::create(&self.sql, url)?,
        };
        let previous = if is_new { None } else { find_reaction(&self.sql, thread.id, author)? };
        if previous.as_deref() != reaction {
            thread.version += 1;
            thread.changes += i64::from(reaction.is_some()) - i64::from(previous.is_some());
            thread.count_reaction(previous.as_deref(), reaction);
            thread.dirty.defer_page(1, now);
            self.sql.transaction(|| {
                // A reaction refers to the row of its thread.
                if is_new {
                    thread.insert(&self.sql)?
                } else {
                    thread.update(&self.sql)?
                }
                match reaction {
                    Some(reaction) => put_reaction(&self.sql, thread.id, author, reaction),
                    None => delete_reaction(&self.sql, thread.id, author),
                }
            })?;
        }
        Ok(ReactionReply { reactions: thread.offered_reactions(&offered), reaction: reaction.map(str::to_owned) })
    }
}
