//! Changes of the state of one comment, with everything that follows from them: its page, its thread, what is published.

use afterword_model::moderation::{CommentSnapshot, ModerationState};
use afterword_model::{CommentId, Status};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::pagination::PageAssigner;
use crate::publish::reply_range::extend_reply_range;
use crate::publish::title::update_title;
use crate::store::author_trust::{find_first_approved, is_declared, is_trusted};
use crate::store::comment_row::{SPAM, moderation_state};
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::store::stored_comment::StoredComment;
use crate::store::vote_row::count_votes;
use crate::store::wipe::update_row;

/// A new state for a comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transition {
    /// Pending, published, spam or deleted.
    pub(crate) state: ModerationState,
    /// For a comment that becomes visible again: the version of the thread that first showed it. `None` for the next version.
    pub(crate) since: Option<i64>,
    /// Time at which it becomes visible, for the latest comments.
    pub(crate) shown_at: i64,
    /// Time of the deletion.
    pub(crate) deleted_at: i64,
    /// For a deletion: the state to which the comment returns. `None` for its present one.
    pub(crate) below: Option<ModerationState>,
    /// True if its author earns trust by it.
    pub(crate) earns_trust: bool,
    /// True if it loses its place in the thread, unless there are replies to it.
    pub(crate) loses_place: bool,
}

impl Transition {
    /// A decision of a moderator at this time.
    pub(crate) fn decide(state: ModerationState, now: i64) -> Self {
        let earns_trust = state == ModerationState::Published;
        Self { state, since: None, shown_at: now, deleted_at: now, below: None, earns_trust, loses_place: false }
    }
}

/// The comment that another one replies to.
#[derive(Clone, Copy)]
struct Parent {
    page: u32,
    /// True if nobody can read it any more.
    is_removed: bool,
}

/// Changes of other rows that follow from a transition.
#[derive(Default)]
struct Consequences {
    /// True if the row of the thread changes.
    changes_thread: bool,
    /// True if its tombstone stays because of replies on other pages.
    keep_tombstone: bool,
    first_approved: bool,
    parent: Option<Parent>,
}

impl<S: Sql> Ledger<S> {
    /// The properties of a comment that an action may change, as they are now.
    pub(crate) fn take_snapshot(&self, stored: &StoredComment) -> Result<CommentSnapshot, LedgerError> {
        let author = stored.author.as_deref();
        Ok(CommentSnapshot {
            state: stored.state,
            revision: stored.revision,
            pinned: stored.is_pinned,
            reported: stored.is_reported,
            muted: stored.reports_muted,
            first_approved: find_first_approved(&self.sql, author)?,
            trusted: is_declared(&self.sql, author)?,
            since: stored.version,
            placed: stored.page.is_some(),
            deleted_at: stored.erased.filter(|_| stored.state == ModerationState::Deleted),
            below: Some(state_below(stored)).filter(|_| stored.state == ModerationState::Deleted),
            url: None,
            parent: None,
        })
    }

    /// Brings a comment that is not erased into another state. Must run in a transaction.
    pub(crate) fn change_state(
        &self,
        stored: &mut StoredComment,
        to: &Transition,
        now: i64,
    ) -> Result<(), LedgerError> {
        let is_restored = stored.state == ModerationState::Deleted && to.state != ModerationState::Deleted;
        let mut follows = Consequences::default();
        match (stored.visible_page(), to.state == ModerationState::Published) {
            (None, true) => self.show(stored, to, &mut follows, now)?,
            (Some(page), false) => {
                follows.keep_tombstone = stored.has_replies_on_other_pages(&self.sql)?;
                follows.changes_thread = true;
                stored.thread.remove_comment(page, now);
            }
            _ => {}
        }
        if to.loses_place {
            self.leave_place(stored, &mut follows)?;
        }
        stored.version = match to.state {
            ModerationState::Published => to.since.or(stored.version).or(Some(stored.thread.version)),
            ModerationState::Deleted if to.below.is_some() => to.since,
            ModerationState::Deleted => stored.version,
            _ => None,
        };
        stored.status_column = match to.state {
            ModerationState::Deleted => to.below.map_or(stored.status_column, status_column),
            state => status_column(state),
        };
        stored.state = to.state;
        stored.status = if stored.status_column == 1 { Status::Published } else { Status::Pending };
        stored.is_removed = to.state == ModerationState::Deleted;
        stored.erased = stored.is_removed.then_some(to.deleted_at);
        stored.revision += 1;
        self.write_state(stored, &follows)?;
        if is_restored {
            self.rerender_restored(stored.comment.id)?;
        }
        self.write_parent(stored, &follows, now)?;
        if follows.changes_thread {
            update_title(&self.sql, &mut stored.thread)?;
            stored.thread.update(&self.sql)?;
        }
        Ok(())
    }

    fn write_state(&self, stored: &StoredComment, follows: &Consequences) -> Result<(), LedgerError> {
        let assignments = "status = ?, erased = ?, removed = ?, page = ?, version = ?, revision = ?, \
                           first_approved = max(first_approved, ?), keep_tombstone = max(keep_tombstone, ?)";
        let values: [Value; 8] = [
            stored.status_column.into(),
            stored.erased.into(),
            stored.is_removed.into(),
            stored.page.into(),
            stored.version.into(),
            stored.revision.into(),
            follows.first_approved.into(),
            follows.keep_tombstone.into(),
        ];
        update_row(&self.sql, stored.comment.id.get(), (assignments, &values))
    }

    /// Makes a comment visible: on its former page, or on one that it is assigned now.
    fn show(
        &self,
        stored: &mut StoredComment,
        to: &Transition,
        follows: &mut Consequences,
        now: i64,
    ) -> Result<(), LedgerError> {
        let id = stored.comment.id;
        if stored.page.is_some() {
            // It was visible before, and the top page may show its tombstone.
            stored.thread.mark_top(now);
        }
        let parent = self.find_parent(stored)?;
        let page = match stored.page {
            Some(page) => page,
            None => {
                stored.thread.changes += 1 + count_votes(&self.sql, id.get())?;
                let mut pages = PageAssigner::new(&self.sql, self.page_size);
                let page = pages.assign_page(&mut stored.thread, parent.map(|parent| parent.page), now)?;
                self.index_comment(&mut stored.thread, (id, page), now)?;
                page
            }
        };
        stored.page = Some(page);
        stored.thread.add_comment(page);
        stored.thread.latest.approved.push((id, to.shown_at));
        follows.changes_thread = true;
        follows.parent = parent.filter(|parent| parent.page != page);
        if let Some(parent) = follows.parent.filter(|parent| parent.is_removed) {
            stored.thread.dirty.mark_page(parent.page);
        }
        let author = stored.author.as_deref();
        follows.first_approved = to.earns_trust && author.is_some() && !is_trusted(&self.sql, author)?;
        Ok(())
    }

    /// Takes the place in its thread from a comment that nobody has answered.
    fn leave_place(&self, stored: &mut StoredComment, follows: &mut Consequences) -> Result<(), LedgerError> {
        let Some(page) = stored.page.filter(|_| !stored.has_later_replies) else { return Ok(()) };
        let query = "SELECT 1 FROM comment WHERE thread = ? AND page = ? AND parent = ? LIMIT 1";
        let id = stored.comment.id.get();
        if !self.sql.exec(query, &[stored.thread.id.into(), page.into(), id.into()])?.is_empty() {
            return Ok(());
        }
        stored.thread.changes -= 1 + count_votes(&self.sql, id)?;
        stored.page = None;
        follows.changes_thread = true;
        Ok(())
    }

    /// Writes what follows for the parent: that its page leads to the comment, that its tombstone stays, and that the owner has answered it.
    fn write_parent(&self, stored: &mut StoredComment, follows: &Consequences, now: i64) -> Result<(), LedgerError> {
        let Some(parent) = stored.comment.parent else { return Ok(()) };
        if let (Some(at), Some(page)) = (follows.parent, stored.page) {
            if at.is_removed {
                let query = "UPDATE comment SET keep_tombstone = 1 WHERE id = ?";
                self.sql.exec(query, &[parent.get().into()])?;
            }
            if extend_reply_range(&self.sql, parent.get(), page)? {
                stored.thread.defer_addition(at.page, now);
            }
        }
        if stored.is_by_owner {
            self.update_answered(parent, stored.comment.id, stored.state == ModerationState::Published)?;
        }
        Ok(())
    }

    /// Records if readers see a reply of the owner to a comment, given one that was shown or hidden.
    pub(crate) fn update_answered(
        &self,
        parent: CommentId,
        reply: CommentId,
        is_shown: bool,
    ) -> Result<(), LedgerError> {
        let answered = is_shown || StoredComment::find(&self.sql, parent)?.has_owner_reply(&self.sql, reply)?;
        let query = "UPDATE comment SET answered = ?1 WHERE id = ?2 AND answered <> ?1";
        Ok(self.sql.exec(query, &[answered.into(), parent.get().into()]).map(drop)?)
    }

    /// The parent of a comment, if it has a page. A parent that was erased or unpublished since the comment was sent still has one.
    fn find_parent(&self, stored: &StoredComment) -> Result<Option<Parent>, LedgerError> {
        let Some(parent) = stored.comment.parent else { return Ok(None) };
        let query = "SELECT page, status = 1 AND erased IS NULL FROM comment WHERE id = ? AND page IS NOT NULL";
        let row = Row::first(self.sql.exec(query, &[parent.get().into()])?);
        row.map(|mut row| Ok(Parent { page: row.count("comment.page")?, is_removed: !row.boolean("comment.status")? }))
            .transpose()
    }
}

/// `comment.status` of a comment in this state.
fn status_column(state: ModerationState) -> i64 {
    match state {
        ModerationState::Published => 1,
        ModerationState::Spam => SPAM,
        _ => 0,
    }
}

/// The state of a deleted comment apart from its deletion.
pub(crate) fn state_below(stored: &StoredComment) -> ModerationState {
    moderation_state(stored.status_column, false, false, false)
}
