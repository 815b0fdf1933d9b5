//! Submitting a comment.

use afterword_model::{Author, Comment, CommentId, Moderation, Posted, Refusal, Status, limits};

use crate::read::ThreadRow;
use crate::row::{COMMENT, PENDING, PUBLISHED, Row, page_text};
use crate::{Entry, Ledger, LedgerError, Sql, Value};

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The answer to the client.
    pub posted: Posted,
    /// Whether the submission was stored before; nothing was written then.
    pub repeat: bool,
}

/// Everything that is decided before the first write.
struct Plan {
    thread: ThreadRow,
    /// Whether the row of the thread has to be written.
    thread_changed: bool,
    /// The page of the comment; `None` for one that waits.
    page: Option<u32>,
    introduces: bool,
}

impl<S: Sql> Ledger<S> {
    /// Stores a submission, or gives the stored answer to one that was sent before.
    ///
    /// `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for a UUID that was sent with another content or author key,
    /// [`Refusal::Closed`], or [`Refusal::UnknownParent`] for an answer to a comment that readers of this thread cannot see.
    pub fn submit(&self, entry: &Entry, policy: Moderation, now: i64) -> Result<Outcome, LedgerError> {
        if let Some(posted) = self.stored(entry)? {
            return Ok(Outcome { posted, repeat: true });
        }
        let plan = self.plan(entry, policy)?;
        let mut id = None;
        self.sql.transaction(&mut || {
            id = Some(self.write(entry, &plan, now)?);
            Ok(())
        })?;
        let id = id.ok_or(LedgerError::Corrupt("comment.id"))?;
        Ok(Outcome { posted: plan.posted(entry, id, now), repeat: false })
    }

    /// The answer to a submission that is stored already.
    fn stored(&self, entry: &Entry) -> Result<Option<Posted>, LedgerError> {
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
        Ok(Some(Posted { comment, status, version: version.unwrap_or(thread_version) }))
    }

    /// Holds an entry against the rules and works out everything that is to be written.
    fn plan(&self, entry: &Entry, policy: Moderation) -> Result<Plan, LedgerError> {
        let found = self.thread_row(&entry.url)?;
        if found.as_ref().is_some_and(|thread| thread.closed) {
            return Err(Refusal::Closed.into());
        }
        let parent_page = match entry.parent {
            Some(parent) => Some(self.page_of_parent(parent, found.as_ref())?),
            None => None,
        };
        let known = self.author_is_known(entry)?;
        let publish = match policy {
            Moderation::Open => true,
            Moderation::First => known,
            Moderation::All => false,
        };
        let is_new = found.is_none();
        let mut thread = found.unwrap_or_else(ThreadRow::empty);
        let title_changed = thread.name(&entry.title, publish);
        let page = publish.then(|| thread.publish(parent_page, entry.html.as_str().len()));
        Ok(Plan {
            thread,
            thread_changed: is_new || title_changed || publish,
            page,
            introduces: publish && !known && entry.author.is_some(),
        })
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
    fn author_is_known(&self, entry: &Entry) -> Result<bool, LedgerError> {
        let Some(hash) = entry.author_hash() else { return Ok(false) };
        let query = "SELECT 1 FROM comment WHERE author = ? AND introduces = 1";
        Ok(!self.sql.exec(query, &[hash.into()])?.is_empty())
    }

    fn write(&self, entry: &Entry, plan: &Plan, now: i64) -> Result<CommentId, LedgerError> {
        let thread = if plan.thread_changed { self.write_thread(entry, &plan.thread)? } else { plan.thread.id };
        let id = self.write_comment(entry, plan, thread, now)?;
        if plan.page.is_some() {
            self.sql.exec(
                "INSERT INTO outbox (thread, version, pages) VALUES (?, ?, ?) \
                 ON CONFLICT (thread) DO UPDATE SET version = excluded.version, pages = excluded.pages",
                &[thread.into(), plan.thread.version.into(), page_text(&plan.thread.dirty).into()],
            )?;
        }
        Ok(id)
    }

    /// Writes the row of a thread, a new one if it has no number yet, and gives its number.
    fn write_thread(&self, entry: &Entry, thread: &ThreadRow) -> Result<i64, LedgerError> {
        let mut params: Vec<Value> = vec![
            thread.title.as_str().into(),
            thread.version.into(),
            thread.count.into(),
            thread.pages.into(),
            thread.page_comments.into(),
            thread.page_bytes.into(),
        ];
        let query = if thread.id == 0 {
            params.push(entry.url.as_str().into());
            "INSERT INTO thread (title, version, count, pages, page_comments, page_bytes, url) \
             VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"
        } else {
            params.push(thread.id.into());
            "UPDATE thread SET title = ?, version = ?, count = ?, pages = ?, page_comments = ?, page_bytes = ? \
             WHERE id = ? RETURNING id"
        };
        self.returned_id(query, &params, "thread.id")
    }

    fn write_comment(&self, entry: &Entry, plan: &Plan, thread: i64, now: i64) -> Result<CommentId, LedgerError> {
        let published = plan.page.is_some();
        let params: [Value; 17] = [
            thread.into(),
            entry.parent.map(CommentId::get).into(),
            plan.page.into(),
            (if published { PUBLISHED } else { PENDING }).into(),
            published.then_some(plan.thread.version).into(),
            entry.id.to_string().into(),
            entry.fingerprint.as_str().into(),
            entry.author_hash().into(),
            entry.author.as_ref().map(|author| author.mark.as_str()).into(),
            plan.introduces.into(),
            entry.name.as_str().into(),
            entry.email.as_deref().into(),
            entry.website.as_deref().into(),
            entry.source.as_str().into(),
            entry.html.as_str().into(),
            entry.renderer.into(),
            now.into(),
        ];
        let query = "INSERT INTO comment (thread, parent, page, status, version, uuid, fingerprint, author, mark, introduces, \
                     name, email, website, source, html, renderer, created) \
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
        self.returned_id(query, &params, "comment.id").map(CommentId::new)
    }

    fn returned_id(&self, query: &str, params: &[Value], column: &'static str) -> Result<i64, LedgerError> {
        let rows = self.sql.exec(query, params)?;
        rows.into_iter().next().map_or(Err(LedgerError::Corrupt(column)), |row| Row::new(row).integer(column))
    }
}

impl ThreadRow {
    /// A thread that nobody has written in, and that has no row yet.
    fn empty() -> Self {
        Self {
            id: 0,
            title: String::new(),
            version: 0,
            count: 0,
            closed: false,
            pages: 1,
            page_comments: 0,
            page_bytes: 0,
            dirty: Vec::new(),
        }
    }

    /// Takes the title that came with a comment if the thread has none, and says whether it did.
    ///
    /// As long as nothing is published, the title came with comments that wait, and what waits must not name the post for
    /// all time: the first published comment may still replace it.
    fn name(&mut self, title: &str, publish: bool) -> bool {
        let open = if publish {
            self.title.is_empty() || self.version == 0
        } else {
            self.title.is_empty() && self.version == 0
        };
        let changed = open && !title.is_empty() && title != self.title;
        if changed {
            title.clone_into(&mut self.title);
        }
        changed
    }

    /// Takes in one more published comment and gives its page: an answer's is that of its parent; any other comment's is
    /// the last one, or a new one if that is full.
    fn publish(&mut self, parent_page: Option<u32>, html_bytes: usize) -> u32 {
        let page = parent_page.unwrap_or_else(|| self.page_for_root());
        let bytes = i64::try_from(html_bytes).unwrap_or(i64::MAX);
        if page == self.pages {
            self.page_comments = self.page_comments.saturating_add(1);
            self.page_bytes = self.page_bytes.saturating_add(bytes);
        }
        self.version += 1;
        self.count = self.count.saturating_add(1);
        for changed in [1, page] {
            if let Err(at) = self.dirty.binary_search(&changed) {
                self.dirty.insert(at, changed);
            }
        }
        page
    }

    fn page_for_root(&mut self) -> u32 {
        let full_bytes = i64::try_from(limits::PAGE_BYTES).unwrap_or(i64::MAX);
        let full_comments = u32::try_from(limits::PAGE_COMMENTS).unwrap_or(u32::MAX);
        if self.page_comments >= full_comments || self.page_bytes >= full_bytes {
            self.pages = self.pages.saturating_add(1);
            self.page_comments = 0;
            self.page_bytes = 0;
        }
        self.pages
    }
}

impl Plan {
    fn posted(&self, entry: &Entry, id: CommentId, now: i64) -> Posted {
        let author = Author {
            name: entry.name.clone(),
            website: entry.website.clone(),
            owner: false,
            mark: entry.author.as_ref().map(|author| author.mark.clone()),
        };
        let comment = Comment {
            id,
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
        Posted { comment, status, version: self.thread.version }
    }
}
