//! Submitting a comment.

use afterword_model::{Author, Comment, CommentId, Moderation, PostUrl, PostedComment, Refusal, Signal, Status};
use serde::{Deserialize, Serialize};

use crate::admit::Admitted;
use crate::entry::stored_seals;
use crate::read::ThreadRow;
use crate::row::{COMMENT, PENDING, PUBLISHED, Row};
use crate::{Ledger, LedgerError, Sql, SubmissionPolicy, Value, VerifiedComment, signal};

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitReply {
    /// The answer to the client.
    pub posted: PostedComment,
    /// Whether the submission was stored before; nothing was written then.
    pub repeat: bool,
}

/// Where a submission is to go.
struct Target {
    /// The thread; `None` if nobody has written in it.
    thread: Option<ThreadRow>,
    /// The page of the comment answered.
    parent_page: Option<u32>,
}

/// Everything that is decided before the first write.
struct Plan {
    id: CommentId,
    /// The thread as it will be.
    thread: ThreadRow,
    thread_write: ThreadWrite,
    /// The page of the comment; `None` for one that waits.
    page: Option<u32>,
    /// Whether this is the first published comment of its author.
    introduces: bool,
    signals: Vec<String>,
}

/// What has to be done to the row of the thread.
enum ThreadWrite {
    Nothing,
    Insert,
    Update,
}

impl<S: Sql> Ledger<S> {
    /// Stores a submission, or gives the stored answer to one that was sent before.
    ///
    /// What is suspicious waits for a moderator, with the reasons. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for a UUID that was sent with another content or author key,
    /// [`Refusal::ProofSpent`] for a proof of work that another submission has spent,
    /// [`Refusal::Closed`], or [`Refusal::UnknownParent`] for an answer to a comment that readers of this thread cannot see;
    /// [`LedgerError::TooMany`]; [`LedgerError::DifficultyTooLow`].
    pub fn submit<'a>(
        &self,
        entry: &VerifiedComment,
        rules: impl Into<SubmissionPolicy<'a>>,
        now: i64,
    ) -> Result<SubmitReply, LedgerError> {
        let rules = rules.into();
        self.check_difficulty(entry, &rules, now)?;
        if let Some(posted) = self.stored(entry)? {
            return Ok(SubmitReply { posted, repeat: true });
        }
        let mut plan = self.consider(entry, &rules, now).inspect_err(|error| {
            // Not those who came too often: they are told when to come back, and that costs no more than this.
            if !rules.limits.is_empty() && matches!(error, LedgerError::Refused(_)) {
                self.refused.borrow_mut().note(entry, now);
            }
        })?;
        let posted = plan.posted(entry, now);
        self.sql.transaction(&mut || self.write(entry, &mut plan, now))?;
        Ok(SubmitReply { posted, repeat: false })
    }

    /// Refuses a proof of work that is too easy for the number of recent posts. A repeat is checked as well: its sender solves a harder challenge,
    /// and then gets the stored answer.
    fn check_difficulty(
        &self,
        comment: &VerifiedComment,
        policy: &SubmissionPolicy<'_>,
        now: i64,
    ) -> Result<(), LedgerError> {
        let (Some(rule), Some(difficulty)) = (policy.difficulty, comment.difficulty) else { return Ok(()) };
        let required = (rule.required)(rule.base_bits, self.count_recent(rule.window_seconds, now)?);
        if difficulty < required { Err(LedgerError::DifficultyTooLow { required }) } else { Ok(()) }
    }

    /// The answer to a submission that is stored already.
    fn stored(&self, entry: &VerifiedComment) -> Result<Option<PostedComment>, LedgerError> {
        let query = format!(
            "SELECT {COMMENT}, fingerprint, author, version, \
             (SELECT version FROM thread WHERE thread.id = comment.thread) FROM comment WHERE uuid = ?"
        );
        let rows = self.sql.exec(&query, &[entry.id.to_string().into()])?;
        let Some(mut row) = rows.into_iter().next().map(Row::new) else { return Ok(None) };
        let (comment, status) = row.comment()?;
        let fingerprint = row.text("comment.fingerprint")?;
        let author = row.optional_text("comment.author")?;
        let version = row.optional_integer("comment.version")?;
        let thread_version = row.integer("thread.version")?;
        if fingerprint != entry.fingerprint || author.as_deref() != entry.author_hash() {
            return Err(Refusal::IdReused.into());
        }
        let status = if status == PUBLISHED { Status::Published } else { Status::Pending };
        Ok(Some(PostedComment { comment, status, version: version.unwrap_or(thread_version) }))
    }

    /// Holds an entry that is new against the rules, what costs least to find out first.
    fn consider(&self, entry: &VerifiedComment, rules: &SubmissionPolicy<'_>, now: i64) -> Result<Plan, LedgerError> {
        self.require_leave(entry, rules, now)?;
        let target = self.target(entry)?;
        let admitted = self.admit(entry, target.brought(entry), rules, now)?;
        self.plan(entry, target, admitted, now)
    }

    /// Where an entry is to go, if there is such a place.
    fn target(&self, entry: &VerifiedComment) -> Result<Target, LedgerError> {
        let thread = self.thread_row(&entry.url)?;
        if thread.as_ref().is_some_and(|thread| thread.closed) {
            return Err(Refusal::Closed.into());
        }
        let parent_page = match entry.parent {
            Some(parent) => Some(self.page_of_parent(parent, thread.as_ref())?),
            None => None,
        };
        Ok(Target { thread, parent_page })
    }

    /// Works out everything that is to be written.
    fn plan(&self, entry: &VerifiedComment, target: Target, admitted: Admitted, now: i64) -> Result<Plan, LedgerError> {
        let known = self.author_is_known(entry.author_hash())?;
        let Admitted { moderation, mut signals } = admitted;
        let publish = match moderation {
            _ if !signals.is_empty() => false,
            Moderation::Open => true,
            Moderation::First => known,
            Moderation::All => false,
        };
        if entry.author.is_some() && !known {
            signals.push(Signal::FirstComment.code().to_owned());
        }
        let is_new = target.thread.is_none();
        let mut thread = match target.thread {
            Some(thread) => thread,
            None => self.new_thread(&entry.url)?,
        };
        let page = if publish { Some(self.place(&mut thread, target.parent_page, now)?) } else { None };
        if let Some(page) = page {
            thread.publish(page);
        }
        Ok(Plan {
            id: CommentId::new(self.next_id("SELECT max(id) FROM comment")?),
            thread,
            thread_write: match (is_new, publish) {
                (true, _) => ThreadWrite::Insert,
                (false, true) => ThreadWrite::Update,
                (false, false) => ThreadWrite::Nothing,
            },
            page,
            introduces: publish && !known && entry.author.is_some(),
            signals,
        })
    }

    /// A thread to be written in for the first time.
    pub(crate) fn new_thread(&self, url: &PostUrl) -> Result<ThreadRow, LedgerError> {
        Ok(ThreadRow::empty(self.next_id("SELECT max(id) FROM thread")?, url.clone()))
    }

    /// One more than the largest id there is. Rows are never deleted, so ids ascend and none is given twice.
    pub(crate) fn next_id(&self, largest: &str) -> Result<i64, LedgerError> {
        let row = self.sql.exec(largest, &[])?.into_iter().next().unwrap_or_default();
        Ok(Row::new(row).optional_integer("id")?.unwrap_or(0) + 1)
    }

    /// The page of the comment answered. One that no reader of this thread sees is refused, whatever the reason is: the
    /// answer must not tell a comment that waits from one that never was.
    fn page_of_parent(&self, parent: CommentId, thread: Option<&ThreadRow>) -> Result<u32, LedgerError> {
        let query =
            "SELECT thread, page FROM comment WHERE id = ? AND status = ? AND erased IS NULL AND page IS NOT NULL";
        let rows = self.sql.exec(query, &[parent.get().into(), PUBLISHED.into()])?;
        let mut row = rows.into_iter().next().map(Row::new).ok_or(Refusal::UnknownParent)?;
        let home = row.integer("comment.thread")?;
        if thread.is_none_or(|thread| thread.id != home) {
            return Err(Refusal::UnknownParent.into());
        }
        row.count("comment.page")
    }

    /// Whether the author's key has a published comment on this site.
    pub(crate) fn author_is_known(&self, hash: Option<&str>) -> Result<bool, LedgerError> {
        let Some(hash) = hash else { return Ok(false) };
        let query = "SELECT 1 FROM comment WHERE author = ? AND introduces = 1";
        Ok(!self.sql.exec(query, &[hash.into()])?.is_empty())
    }

    fn write(&self, entry: &VerifiedComment, plan: &mut Plan, now: i64) -> Result<(), LedgerError> {
        match plan.thread_write {
            ThreadWrite::Nothing => self.insert_comment(entry, plan, now),
            ThreadWrite::Insert => {
                // The only comment there is decides.
                if plan.page.is_some() {
                    plan.thread.title.clone_from(&entry.title);
                }
                self.insert_thread(&plan.thread)?;
                self.insert_comment(entry, plan, now)
            }
            ThreadWrite::Update => {
                self.insert_comment(entry, plan, now)?;
                self.find_title(&mut plan.thread)?;
                self.update_thread(&plan.thread)
            }
        }
    }

    fn insert_comment(&self, entry: &VerifiedComment, plan: &Plan, now: i64) -> Result<(), LedgerError> {
        let query = "INSERT INTO comment (id, thread, parent, page, status, version, uuid, fingerprint, author, mark, \
                     introduces, network, proof, likeness, signals, name, email, website, title, source, html, renderer, created) \
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let published = plan.page.is_some();
        let params: [Value; 23] = [
            plan.id.get().into(),
            plan.thread.id.into(),
            entry.parent.map(CommentId::get).into(),
            plan.page.into(),
            (if published { PUBLISHED } else { PENDING }).into(),
            published.then_some(plan.thread.version).into(),
            entry.id.to_string().into(),
            entry.fingerprint.as_str().into(),
            entry.author_hash().into(),
            entry.author.as_ref().map(|author| author.mark.as_str()).into(),
            plan.introduces.into(),
            entry.network.as_ref().map(|sender| stored_seals(&sender.today)).into(),
            entry.proof.stored().into(),
            entry.duplicate_key.as_deref().into(),
            signal::stored(&plan.signals).into(),
            entry.name.as_str().into(),
            entry.email.as_deref().into(),
            entry.website.as_deref().into(),
            entry.title.as_str().into(),
            entry.source.as_str().into(),
            entry.html.as_str().into(),
            entry.renderer_version.into(),
            now.into(),
        ];
        Ok(self.sql.exec(query, &params).map(drop)?)
    }
}

impl Target {
    /// The title that an entry brings along, if it is another one than the post has.
    fn brought<'a>(&self, entry: &'a VerifiedComment) -> &'a str {
        let is_known = self.thread.as_ref().is_some_and(|thread| thread.title == entry.title);
        if is_known { "" } else { &entry.title }
    }
}

impl ThreadRow {
    /// Takes in one more published comment on this page.
    pub(crate) fn publish(&mut self, page: u32) {
        self.version += 1;
        self.count = self.count.saturating_add(1);
        self.mark(page);
    }
}

impl Plan {
    fn posted(&self, entry: &VerifiedComment, now: i64) -> PostedComment {
        let author = Author {
            name: entry.name.clone(),
            website: entry.website.clone(),
            owner: false,
            mark: entry.author.as_ref().map(|author| author.mark.clone()),
        };
        let comment = Comment {
            id: self.id,
            parent: entry.parent,
            author,
            html: entry.html.clone(),
            created: now,
            edited: None,
            votes: 0,
            pinned: false,
            deleted: false,
        };
        let status = if self.page.is_some() { Status::Published } else { Status::Pending };
        PostedComment { comment, status, version: self.thread.version }
    }
}
