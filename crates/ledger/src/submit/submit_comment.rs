//! Submission of a comment.

use afterword_model::{Author, Comment, CommentId, Moderation, PostedComment, Refusal, Signal, Status};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::policy::submission_policy::SubmissionPolicy;
use crate::publish::pagination::PageAssigner;
use crate::publish::reply_range::extend_reply_range;
use crate::publish::title::update_title;
use crate::store::author_trust;
use crate::store::comment_row::{COMMENT_COLUMNS, next_comment_id, read_comment};
use crate::store::fingerprint;
use crate::store::network_ids::network_ids_text;
use crate::store::row::Row;
use crate::store::signals::signals_text;
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::ThreadRow;
use crate::submit::admission::Admitted;
use crate::verified_comment::VerifiedComment;

/// The reply to a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitReply {
    /// The reply to the client.
    pub posted: PostedComment,
    /// True if the submission was stored before. In that case nothing was written.
    pub repeat: bool,
}

/// The thread and the parent's page of a new comment.
struct Destination {
    /// The thread; `None` if the post has none so far.
    thread: Option<ThreadRow>,
    /// Page of the parent.
    parent_page: Option<u32>,
}

/// Everything that is decided before the first write.
struct Plan {
    id: CommentId,
    /// The thread with the comment added.
    thread: ThreadRow,
    thread_write: ThreadWrite,
    /// Page of the comment; `None` if it waits.
    page: Option<u32>,
    /// Page of the parent.
    parent_page: Option<u32>,
    /// True if this is the first published comment of its author.
    first_approved: bool,
    signals: Vec<String>,
}

/// The write to the row of the thread.
enum ThreadWrite {
    None,
    Insert,
    Update,
}

impl<S: Sql> Ledger<S> {
    /// Stores a submission, or returns the stored reply if the submission was sent before.
    ///
    /// A suspicious comment waits for a moderator, together with the reasons. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for a UUID that was sent with other content or another author key (of an erased
    /// comment the content is not known, so every submission with its UUID and author key counts as a repeat),
    /// [`Refusal::ProofSpent`] for a proof of work that another submission spent, [`Refusal::Closed`], or [`Refusal::UnknownParent`] for
    /// a reply to a comment that readers of this thread cannot see; [`LedgerError::TooMany`]; [`LedgerError::DifficultyTooLow`].
    pub fn submit<'a>(
        &self,
        comment: &VerifiedComment,
        policy: impl Into<SubmissionPolicy<'a>>,
        now: i64,
    ) -> Result<SubmitReply, LedgerError> {
        let policy = policy.into();
        self.check_difficulty(comment, &policy, now)?;
        if let Some(posted) = self.find_repeat(comment)? {
            return Ok(SubmitReply { posted, repeat: true });
        }
        let mut plan = self.evaluate(comment, &policy, now).inspect_err(|error| {
            // Clients over their rate limit are not counted: they are told when to try again, and refusing them costs no more.
            if !policy.limits.is_empty() && matches!(error, LedgerError::Refused(_)) {
                self.refusal_limiter.borrow_mut().record(comment, now);
            }
        })?;
        let posted = plan.posted(comment, now);
        self.sql.transaction(|| self.write(comment, &mut plan, now))?;
        Ok(SubmitReply { posted, repeat: false })
    }

    /// Publishes a comment that a moderator wrote, also in a closed thread, and returns its id. Must run in a transaction.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownParent`] for a reply to a comment that readers of this thread cannot see.
    pub(crate) fn publish_comment(&self, comment: &VerifiedComment, now: i64) -> Result<CommentId, LedgerError> {
        let thread = ThreadRow::find(&self.sql, &comment.url)?;
        let parent_page = match comment.parent {
            Some(parent) => Some(self.find_parent_page(parent, thread.as_ref())?),
            None => None,
        };
        let admitted = Admitted { moderation: Moderation::Open, signals: Vec::new() };
        let mut plan = self.plan(comment, Destination { thread, parent_page }, admitted, now)?;
        self.write(comment, &mut plan, now)?;
        Ok(plan.id)
    }

    /// The reply to a submission that is stored already.
    fn find_repeat(&self, comment: &VerifiedComment) -> Result<Option<PostedComment>, LedgerError> {
        let query = format!(
            "SELECT {COMMENT_COLUMNS}, fingerprint, author, \
             CASE WHEN edited IS NULL AND erased IS NULL AND edits = '' THEN version END, \
             (SELECT version FROM thread WHERE thread.id = comment.thread) FROM comment WHERE uuid = ?"
        );
        let Some(mut row) = Row::first(self.sql.exec(&query, &[comment.id.to_string().into()])?) else {
            return Ok(None);
        };
        let (stored, status) = read_comment(&mut row)?;
        let fingerprint = row.text("comment.fingerprint")?;
        let author = row.optional_text("comment.author")?;
        let version = row.optional_integer("comment.version")?;
        let thread_version = row.integer("thread.version")?;
        if fingerprint::differs(&fingerprint, &comment.fingerprint) || author.as_deref() != comment.author_hash() {
            return Err(Refusal::IdReused.into());
        }
        let version = version.unwrap_or(thread_version);
        Ok(Some(PostedComment { comment: stored, status, version }))
    }

    /// Checks a new comment against all rules, the cheapest first, and plans its writes.
    fn evaluate(
        &self,
        comment: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<Plan, LedgerError> {
        self.check_limits(comment, policy, now)?;
        let destination = self.find_destination(comment, now)?;
        let admitted = self.collect_signals(comment, None, destination.new_title(comment), policy, now)?;
        self.plan(comment, destination, admitted, now)
    }

    fn find_destination(&self, comment: &VerifiedComment, now: i64) -> Result<Destination, LedgerError> {
        let thread = ThreadRow::find(&self.sql, &comment.url)?;
        if let Some(thread) = &thread
            && self.is_closed(thread, now)?
        {
            return Err(Refusal::Closed.into());
        }
        let parent_page = match comment.parent {
            Some(parent) => Some(self.find_parent_page(parent, thread.as_ref())?),
            None => None,
        };
        Ok(Destination { thread, parent_page })
    }

    fn plan(
        &self,
        comment: &VerifiedComment,
        destination: Destination,
        admitted: Admitted,
        now: i64,
    ) -> Result<Plan, LedgerError> {
        let is_trusted = author_trust::is_trusted(&self.sql, comment.author_hash())?;
        let Admitted { moderation, mut signals } = admitted;
        let publish = match moderation {
            _ if !signals.is_empty() => false,
            Moderation::Open => true,
            Moderation::First => is_trusted,
            Moderation::All => author_trust::is_declared(&self.sql, comment.author_hash())?,
        };
        if comment.author.is_some() && !is_trusted {
            signals.push(Signal::FirstComment.code().to_owned());
        }
        let is_new = destination.thread.is_none();
        let mut thread = match destination.thread {
            Some(thread) => thread,
            None => ThreadRow::create(&self.sql, &comment.url)?,
        };
        let page = if publish {
            let mut pages = PageAssigner::new(&self.sql, self.page_size);
            Some(pages.assign_page(&mut thread, destination.parent_page, now)?)
        } else {
            None
        };
        let id = CommentId::new(next_comment_id(&self.sql)?);
        let first_approved = publish && !is_trusted && comment.author.is_some();
        if first_approved && destination.parent_page.is_some_and(|parent_page| Some(parent_page) != page) {
            // It writes the row of its parent and an entry for its author beside its own: eight rows.
            thread.index.postpone_block();
        }
        if let Some(page) = page {
            thread.add_comment(page);
            thread.latest.posted = Some(now);
            thread.changes += 1;
            self.index_comment(&mut thread, (id, page), now)?;
        }
        Ok(Plan {
            id,
            thread,
            thread_write: match (is_new, publish) {
                (true, _) => ThreadWrite::Insert,
                (false, true) => ThreadWrite::Update,
                (false, false) => ThreadWrite::None,
            },
            page,
            parent_page: destination.parent_page,
            first_approved,
            signals,
        })
    }

    /// Page of the parent. A parent that no reader of this thread can see is refused with the same error whatever the reason is, so that
    /// the error does not tell a waiting comment from one that never existed.
    fn find_parent_page(&self, parent: CommentId, thread: Option<&ThreadRow>) -> Result<u32, LedgerError> {
        let query =
            "SELECT thread, page FROM comment WHERE id = ? AND status = ? AND erased IS NULL AND page IS NOT NULL";
        let row = Row::first(self.sql.exec(query, &[parent.get().into(), Status::Published.into()])?);
        let mut row = row.ok_or(Refusal::UnknownParent)?;
        let parent_thread = row.integer("comment.thread")?;
        if thread.is_none_or(|thread| thread.id != parent_thread) {
            return Err(Refusal::UnknownParent.into());
        }
        row.count("comment.page")
    }

    fn write(&self, comment: &VerifiedComment, plan: &mut Plan, now: i64) -> Result<(), LedgerError> {
        match plan.thread_write {
            ThreadWrite::None => self.insert_comment(comment, plan, now),
            ThreadWrite::Insert => {
                // The only comment of the thread decides its title.
                if plan.page.is_some() {
                    plan.thread.title.clone_from(&comment.title);
                }
                plan.thread.insert(&self.sql)?;
                self.insert_comment(comment, plan, now)
            }
            ThreadWrite::Update => {
                self.insert_comment(comment, plan, now)?;
                self.extend_parent_range(comment, plan, now)?;
                update_title(&self.sql, &mut plan.thread)?;
                plan.thread.update(&self.sql)
            }
        }
    }

    /// Lets the page of the parent lead to the comment, if the comment is on another page.
    fn extend_parent_range(&self, comment: &VerifiedComment, plan: &mut Plan, now: i64) -> Result<(), LedgerError> {
        if let (Some(parent), Some(parent_page), Some(page)) = (comment.parent, plan.parent_page, plan.page)
            && parent_page != page
            && extend_reply_range(&self.sql, parent.get(), page)?
        {
            plan.thread.defer_addition(parent_page, now);
        }
        Ok(())
    }

    fn insert_comment(&self, comment: &VerifiedComment, plan: &Plan, now: i64) -> Result<(), LedgerError> {
        let query = "INSERT INTO comment (id, thread, parent, page, status, version, uuid, fingerprint, author, mark, \
                     first_approved, network, proof, duplicate_key, signals, name, email, website, title, source, html, renderer, \
                     created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let params: [Value; 23] = [
            plan.id.get().into(),
            plan.thread.id.into(),
            comment.parent.map(CommentId::get).into(),
            plan.page.into(),
            plan.status().into(),
            plan.page.map(|_| plan.thread.version).into(),
            comment.id.to_string().into(),
            fingerprint::to_column(&comment.fingerprint).into(),
            comment.author_hash().into(),
            comment.author.as_ref().map(|author| author.mark.as_str()).into(),
            plan.first_approved.into(),
            comment.network.as_ref().map(|network| network_ids_text(&network.today)).into(),
            comment.proof.as_column().into(),
            comment.duplicate_key.as_deref().into(),
            signals_text(&plan.signals).into(),
            comment.name.as_str().into(),
            comment.email.as_deref().into(),
            comment.website.as_deref().into(),
            comment.title.as_str().into(),
            comment.source.as_str().into(),
            comment.html.as_str().into(),
            comment.renderer_version.into(),
            now.into(),
        ];
        Ok(self.sql.exec(query, &params).map(drop)?)
    }
}

impl Destination {
    /// The title of a comment if it differs from the title of the post, and otherwise an empty text.
    fn new_title<'a>(&self, comment: &'a VerifiedComment) -> &'a str {
        let is_known = self.thread.as_ref().is_some_and(|thread| thread.title == comment.title);
        if is_known { "" } else { &comment.title }
    }
}

impl Plan {
    fn status(&self) -> Status {
        if self.page.is_some() { Status::Published } else { Status::Pending }
    }

    fn posted(&self, comment: &VerifiedComment, now: i64) -> PostedComment {
        let author = Author {
            name: comment.name.clone(),
            website: comment.website.clone(),
            owner: false,
            mark: comment.author.as_ref().map(|author| author.mark.clone()),
        };
        let posted = Comment {
            id: self.id,
            parent: comment.parent,
            author,
            html: comment.html.clone(),
            created: now,
            edited: None,
            votes: 0,
            pinned: false,
            deleted: false,
            moderated: false,
            on_behalf: false,
            since: self.page.map(|_| self.thread.version),
        };
        PostedComment { comment: posted, status: self.status(), version: self.thread.version }
    }
}
