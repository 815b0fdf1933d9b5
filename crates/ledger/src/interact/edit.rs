//! An author's edit of a comment. It passes the checks of a new comment.

use afterword_model::moderation::ModerationState;
use afterword_model::{CommentId, Moderation, PostedComment, Refusal, Signal, SignalDetail, Status, limits};

use crate::error::LedgerError;
use crate::interact::own_comment::CommentRef;
use crate::ledger::Ledger;
use crate::policy::submission_policy::SubmissionPolicy;
use crate::publish::title::update_title;
use crate::store::author_trust::{is_declared, is_trusted};
use crate::store::comment_row::SPAM;
use crate::store::comment_text;
use crate::store::overwrite::{TextColumns, update_without_copy};
use crate::store::search_index;
use crate::store::signals::{MAX_SIGNALS, signals_text};
use crate::store::sql::{Sql, Value};
use crate::store::stored_comment::StoredComment;
use crate::submit::admission::Admitted;
use crate::verified_comment::VerifiedComment;

/// Everything that is decided before the first write.
struct Plan {
    signals: Vec<String>,
    status: Status,
    /// True if the comment is on a page that readers see, and leaves it.
    is_removed: bool,
    keep_tombstone: bool,
    edited: Option<i64>,
}

impl<S: Sql> Ledger<S> {
    /// Replaces the text of a comment by that of `edit`, whose author must be the author of the comment. The id of `edit` is that of the
    /// edit, not of the comment; name and addresses stay. A repeat changes nothing and returns the comment as it is now.
    ///
    /// An edit that would be held if it were a new comment holds the comment, with the reasons. A comment that waits goes on waiting. Readers
    /// are told of an edit if it came late or if the comment had a reply. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::NotYourComment`], [`Refusal::UnknownComment`] for a deleted comment, [`Refusal::IdReused`]
    /// for the id of another edit, [`Refusal::EditWindowOver`], [`Refusal::Closed`], or [`Refusal::TextTooLong`] if the page of the comment
    /// has no room for more.
    pub fn edit_own(
        &self,
        id: CommentId,
        edit: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<PostedComment, LedgerError> {
        let author = edit.author_hash().ok_or(Refusal::NotYourComment)?;
        let mut stored = self.find_own(CommentRef { url: &edit.url, id }, author)?;
        if stored.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        if stored.edits.is_repeat(&edit.id, &edit.fingerprint)? || is_unchanged(&stored, edit) {
            return Ok(stored.into_posted());
        }
        self.check_edit_window(&stored, now)?;
        if self.is_closed(&stored.thread, now)? {
            return Err(Refusal::Closed.into());
        }
        self.check_room(&stored, &edit.html)?;
        let plan = self.plan_edit(&stored, edit, policy, now)?;
        self.forget_counts();
        let page = stored.visible_page();
        if let Some(page) = page {
            if plan.is_removed {
                stored.thread.remove_comment(page, now);
                stored.version = None;
            } else {
                stored.thread.version += 1;
                stored.thread.dirty.mark_page(page);
                stored.thread.mark_top(now);
            }
        }
        stored.edits.push(&edit.id, &edit.fingerprint);
        stored.comment.moderated &= plan.edited == stored.comment.edited;
        (stored.comment.html, stored.comment.edited) = (edit.html.clone(), plan.edited);
        stored.status = plan.status;
        self.sql.transaction(|| {
            self.write_edit(&stored, edit, &plan, now)?;
            if page.is_none() {
                return Ok(());
            }
            if plan.is_removed {
                update_title(&self.sql, &mut stored.thread)?;
            }
            stored.thread.update(&self.sql)
        })?;
        self.recent_activity.borrow_mut().replace_duplicate_key(id.get(), edit.duplicate_key.as_deref());
        Ok(stored.into_posted())
    }

    fn check_edit_window(&self, stored: &StoredComment, now: i64) -> Result<(), LedgerError> {
        let window = self.reader_settings()?.edit_window;
        let end = stored.comment.created.saturating_add(window).saturating_add(limits::EDIT_GRACE_SECONDS);
        if window == 0 || now > end { Err(Refusal::EditWindowOver.into()) } else { Ok(()) }
    }

    fn plan_edit(
        &self,
        stored: &StoredComment,
        edit: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<Plan, LedgerError> {
        if edit.duplicate_key.is_some() {
            self.recent_activity.borrow_mut().refresh(&self.sql, now)?;
        }
        let checked = VerifiedComment {
            name: stored.comment.author.name.clone(),
            email: stored.email.clone(),
            website: stored.comment.author.website.clone(),
            ..edit.clone()
        };
        // The comment itself was counted when it was sent.
        let policy = SubmissionPolicy { limits: &[], ..*policy };
        let Admitted { moderation, signals: found } =
            self.collect_signals(&checked, Some(stored.comment.id), "", &policy, now)?;
        let is_held = !found.is_empty()
            || match moderation {
                Moderation::Open => false,
                Moderation::First => !is_trusted(&self.sql, edit.author_hash())?,
                Moderation::All => !is_declared(&self.sql, edit.author_hash())?,
            };
        let status = if is_held { Status::Pending } else { stored.status };
        let is_removed = stored.visible_page().is_some() && status == Status::Pending;
        let is_late = now.saturating_sub(stored.comment.created) > limits::EDITED_MARK_SECONDS;
        let is_marked = is_late || stored.has_visible_replies(&self.sql)?;
        Ok(Plan {
            signals: merge_signals(&stored.signals, found),
            status,
            is_removed,
            keep_tombstone: is_removed && stored.has_replies_on_other_pages(&self.sql)?,
            edited: if is_marked { Some(now) } else { stored.comment.edited },
        })
    }

    /// Writes the row of the comment. The former text is overwritten, and nothing of the author is left where the row was before. An author is
    /// not trusted any more because of a comment whose new text waits.
    fn write_edit(
        &self,
        stored: &StoredComment,
        edit: &VerifiedComment,
        plan: &Plan,
        now: i64,
    ) -> Result<(), LedgerError> {
        let id = stored.comment.id.get();
        let columns = TextColumns {
            kept: &["name", "email", "website", "title", "fingerprint"],
            assigned: &["source", "html", "signals", "duplicate_key", "edits"],
        };
        let assignments = "source = ?, html = ?, renderer = ?, edited = ?, edits = ?, duplicate_key = ?, signals = ?, status = ?, \
                           version = ?, first_approved = min(first_approved, ?), keep_tombstone = max(keep_tombstone, ?), \
                           edited_by_moderator = ?, reports_muted = 0, revision = revision + 1";
        // The author of spam does not get it back into the queue by editing it.
        let status = if stored.state == ModerationState::Spam { SPAM.into() } else { plan.status.into() };
        if stored.is_reported {
            comment_text::keep(&self.sql, stored.comment.id, stored.revision, now)?;
        }
        search_index::remove(&self.sql, id)?;
        let values: [Value; 12] = [
            edit.source.as_str().into(),
            edit.html.as_str().into(),
            edit.renderer_version.into(),
            plan.edited.into(),
            stored.edits.to_column().into(),
            edit.duplicate_key.as_deref().into(),
            signals_text(&plan.signals).into(),
            status,
            stored.version.into(),
            (plan.status == Status::Published).into(),
            plan.keep_tombstone.into(),
            stored.comment.moderated.into(),
        ];
        update_without_copy(&self.sql, "comment", &columns, (assignments, &values), ("id", id.into()))?;
        search_index::add(&self.sql, id)
    }
}

fn is_unchanged(stored: &StoredComment, edit: &VerifiedComment) -> bool {
    stored.source == edit.source && stored.comment.html == edit.html && stored.renderer_version == edit.renderer_version
}

/// The signals of an edited comment: those about its sender, and those that the new text has.
fn merge_signals(stored: &[String], found: Vec<String>) -> Vec<String> {
    let is_about_text = |signal: &str| SignalDetail::parse(signal).is_some_and(|it| Signal::is_about_text(it.signal));
    let mut signals: Vec<String> = stored.iter().filter(|signal| !is_about_text(signal)).cloned().collect();
    for signal in found {
        if !signals.contains(&signal) {
            signals.push(signal);
        }
    }
    signals.truncate(MAX_SIGNALS);
    signals
}
