//! One batch of an import on its way into the tables.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use afterword_model::{PostUrl, SubmissionId};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::settings::SettingChange;
use crate::publish::pagination::{Fills, face_bytes};
use crate::publish::thread_page::ThreadRow;
use crate::store::audit_log::ActionKey;
use crate::store::row::{PENDING, PUBLISHED, Row};
use crate::store::signals as signal;
use crate::store::sql::Sql;
use crate::store::sql::Value;
use crate::transfer::export::CHANGES;
use crate::transfer::export_format::{CommentLine, MAX_KEPT, StatusWord};
use crate::transfer::import::validate::{Checked, CheckedAudit, CheckedBan, CheckedComment, CheckedThread, LineError};
use crate::transfer::import::{ImportBatch, ImportCounts, ImportError, bad_line};

impl<S: Sql> Ledger<S> {
    pub(crate) fn comment_named(&self, uuid: &SubmissionId) -> Result<Option<Stored>, LedgerError> {
        let query = "SELECT id, thread, page, status = 0 OR erased IS NOT NULL FROM comment WHERE uuid = ?";
        let rows = self.sql.exec(query, &[uuid.to_string().into()])?;
        let read = |columns| {
            let mut row = Row::new(columns);
            let (id, thread) = (row.integer("comment.id")?, row.integer("comment.thread")?);
            Ok(Stored { id, thread, page: row.optional_count("comment.page")?, gone: row.truth("comment.status")? })
        };
        rows.into_iter().next().map(read).transpose()
    }

    pub(crate) fn is_taken(&self, id: i64) -> Result<bool, LedgerError> {
        Ok(!self.sql.exec("SELECT 1 FROM comment WHERE id = ?", &[id.into()])?.is_empty())
    }

    pub(crate) fn has_voted(&self, comment: i64, author: &str) -> Result<bool, LedgerError> {
        let query = "SELECT 1 FROM vote WHERE comment = ? AND author = ?";
        Ok(!self.sql.exec(query, &[comment.into(), author.into()])?.is_empty())
    }

    /// How many of a thread's changes are those that an export brings.
    fn changes(&self, thread: i64) -> Result<i64, LedgerError> {
        let query = format!("SELECT {CHANGES} FROM thread WHERE id = ?");
        let row = self.sql.exec(&query, &[thread.into()])?.into_iter().next().unwrap_or_default();
        Row::new(row).integer("thread.changes")
    }
}

/// Where a comment is.
#[derive(Clone, Copy)]
pub(crate) struct Stored {
    pub(crate) id: i64,
    pub(crate) thread: i64,
    pub(crate) page: Option<u32>,
    /// Whether it was erased, or waits.
    gone: bool,
}

fn is_readable(line: &CommentLine) -> bool {
    line.status == StatusWord::Published && line.erased.is_none()
}

/// One batch on its way into the ledger.
pub(crate) struct Turn<'a, S> {
    ledger: &'a Ledger<S>,
    batch: &'a ImportBatch<'a>,
    /// The threads met so far, as they are to be in the end.
    threads: BTreeMap<i64, ThreadRow>,
    /// Those of them that are not as they were.
    changed: BTreeSet<i64>,
    names: HashMap<PostUrl, i64>,
    comments: HashMap<SubmissionId, Stored>,
    /// How full the pages are that were looked at.
    fills: Fills,
    /// No comment has this number or a larger one; read when it is needed.
    free: Option<i64>,
    done: ImportCounts,
}

impl<'a, S: Sql> Turn<'a, S> {
    pub(crate) fn new(ledger: &'a Ledger<S>, batch: &'a ImportBatch<'a>) -> Self {
        Self {
            ledger,
            batch,
            threads: BTreeMap::new(),
            changed: BTreeSet::new(),
            names: HashMap::new(),
            comments: HashMap::new(),
            fills: Fills::default(),
            free: None,
            done: ImportCounts::default(),
        }
    }

    pub(crate) fn take(mut self, lines: &[Checked]) -> Result<ImportCounts, ImportError> {
        for (line, number) in lines.iter().zip(self.batch.first..) {
            match line {
                Checked::Setting(change) => self.setting(change)?,
                Checked::Ban(ban) => self.ban(ban)?,
                Checked::Audit(audit) => self.audit(audit)?,
                Checked::Thread(thread) => self.thread(thread)?,
                Checked::Moved { from, to } => self.moved(from, to)?,
                Checked::Comment(comment) => match self.comment(comment)? {
                    true => {}
                    false => return Err(bad_line(number, LineError::UnknownParent)),
                },
                Checked::Vote { comment, author, vote } => match self.named(comment)? {
                    Some(comment) => self.vote(comment, author, *vote)?,
                    None => return Err(bad_line(number, LineError::UnknownComment)),
                },
            }
        }
        for thread in self.changed.iter().filter_map(|id| self.threads.get(id)) {
            self.ledger.update_thread(thread)?;
        }
        Ok(self.done)
    }

    fn setting(&mut self, change: &SettingChange) -> Result<(), LedgerError> {
        let (name, value) = change.name_and_value();
        if self.ledger.is_set(name)? {
            self.done.known += 1;
            return Ok(());
        }
        if let Some(value) = value {
            self.ledger.insert_setting(name, &value)?;
            self.done.settings += 1;
        }
        Ok(())
    }

    fn ban(&mut self, line: &CheckedBan) -> Result<(), LedgerError> {
        if self.ledger.has_ban(&line.uuid)? {
            self.done.known += 1;
            return Ok(());
        }
        self.ledger.insert_ban(&line.ban)?;
        self.done.bans += 1;
        Ok(())
    }

    fn audit(&mut self, line: &CheckedAudit) -> Result<(), LedgerError> {
        if self.ledger.is_audited(&line.id)? {
            self.done.known += 1;
            return Ok(());
        }
        self.ledger.insert_audit(&line.id, line.at, &line.by, ActionKey::plain(line.act, &line.about))?;
        self.done.audited += 1;
        Ok(())
    }

    fn thread(&mut self, line: &CheckedThread) -> Result<(), LedgerError> {
        let before = line.version - line.changes;
        let (id, is_new) = self.thread_at(&line.url)?;
        let mut version = before;
        if !is_new {
            let own = self.thread_by_id(id)?.version;
            if own >= line.version || own - self.ledger.changes(id)? == before {
                self.done.known += 1;
                return Ok(());
            }
            // The thread has a history of its own, and must not come to a version that readers know with other comments.
            version = line.version;
        }
        let thread = self.change(id)?;
        thread.version = version;
        if version > 0 {
            thread.mark(1);
        }
        if is_new {
            thread.title.clone_from(&line.title);
            thread.named = line.named;
            thread.closed = line.closed;
        }
        Ok(())
    }

    fn moved(&mut self, from: &PostUrl, to: &PostUrl) -> Result<(), LedgerError> {
        // What leads to itself, perhaps since two addresses count as one by now, would be published in place of the thread.
        if from == to || self.names.contains_key(from) || self.ledger.thread_row(from)?.is_some() {
            self.done.known += 1;
            return Ok(());
        }
        let (thread, _) = self.thread_at(to)?;
        let query = "INSERT INTO moved (url, thread, due) VALUES (?, ?, 1)";
        self.ledger.sql.exec(query, &[from.as_str().into(), thread.into()])?;
        self.done.moved += 1;
        Ok(())
    }

    /// Says whether the comment answered was found, if there is one.
    fn comment(&mut self, comment: &CheckedComment) -> Result<bool, LedgerError> {
        if self.named(&comment.uuid)?.is_some() {
            self.done.known += 1;
            return Ok(true);
        }
        let parent = match &comment.parent {
            None => None,
            Some(uuid) => match self.named(uuid)? {
                None => return Ok(false),
                found => found,
            },
        };
        // An answer is where the comment is that it answers: that thread may have moved.
        let thread = match parent {
            Some(parent) => parent.thread,
            None => self.thread_at(&comment.url)?.0,
        };
        let page = if comment.line.placed { Some(self.place(thread, parent, &comment.line)?) } else { None };
        let id = self.number(comment.line.id, parent.map_or(0, |parent| parent.id))?;
        self.insert(comment, Stored { id, thread, page, gone: !is_readable(&comment.line) }, parent)?;
        self.done.comments += 1;
        self.done.refused += u32::from(comment.refused);
        Ok(true)
    }

    fn place(&mut self, id: i64, parent: Option<Stored>, line: &CommentLine) -> Result<u32, LedgerError> {
        let (ledger, now) = (self.ledger, self.batch.now);
        let mut fills = std::mem::take(&mut self.fills);
        let thread = self.change(id)?;
        let page = ledger.place_among(&mut fills, thread, parent.and_then(|parent| parent.page), now)?;
        fills.add(id, page, face_bytes(&line.html, &line.name, line.website.as_deref()));
        thread.version += 1;
        thread.mark(page);
        if is_readable(line) {
            thread.count = thread.count.saturating_add(1);
        }
        // Also where nobody has voted for anything: what was published before may be there still.
        thread.top |= thread.pages > 1;
        thread.mark_top_now(now);
        // Its tombstone stays, and comes back if it was not drawn.
        if let Some(parent) = parent.filter(|parent| parent.gone)
            && let Some(on) = parent.page.filter(|on| *on != page)
        {
            ledger.sql.exec("UPDATE comment SET kept = 1 WHERE id = ?", &[parent.id.into()])?;
            thread.mark(on);
        }
        self.fills = fills;
        Ok(page)
    }

    /// The number of a comment: its own if that is free and above the parent's, since an answer is never before what it answers.
    fn number(&mut self, wanted: i64, parent: i64) -> Result<i64, LedgerError> {
        let free = match self.free {
            Some(free) => free,
            None => self.ledger.next_id("SELECT max(id) FROM comment")?,
        };
        let may = wanted > parent && wanted <= MAX_KEPT;
        let keeps = may && (wanted >= free || !self.ledger.is_taken(wanted)?);
        let last = Some(self.batch.header.last).filter(|last| *last <= MAX_KEPT).unwrap_or(0);
        let number = if keeps { wanted } else { free.max(last + 1) };
        self.done.renumbered += u32::from(!keeps);
        self.free = Some(free.max(number + 1));
        Ok(number)
    }

    fn insert(&mut self, comment: &CheckedComment, at: Stored, parent: Option<Stored>) -> Result<(), LedgerError> {
        let line = &comment.line;
        let author = line.author.as_deref();
        let introduces = line.introduces && author.is_some() && !self.ledger.author_is_known(author)?;
        // A line of another system's export has none: what its thread is called, its comments say.
        let title = match &line.title {
            Some(title) => title.clone(),
            None if line.erased.is_some() => String::new(),
            None => self.thread_by_id(at.thread)?.title.clone(),
        };
        let query = "INSERT INTO comment (id, thread, parent, page, status, version, uuid, fingerprint, author, mark, \
                     introduces, owner, signals, name, email, website, title, source, html, renderer, votes, pinned, \
                     created, edited, erased) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let params: [Value; 25] = [
            at.id.into(),
            at.thread.into(),
            parent.map(|parent| parent.id).into(),
            at.page.into(),
            (if line.status == StatusWord::Published { PUBLISHED } else { PENDING }).into(),
            line.version.into(),
            comment.uuid.to_string().into(),
            line.fingerprint.as_str().into(),
            author.into(),
            line.mark.as_deref().into(),
            introduces.into(),
            line.owner.into(),
            signal::stored(&line.signals).into(),
            line.name.as_str().into(),
            line.email.as_deref().into(),
            line.website.as_deref().into(),
            title.into(),
            line.source.as_str().into(),
            line.html.as_str().into(),
            line.renderer.into(),
            line.votes.into(),
            line.pinned.into(),
            line.created.into(),
            line.edited.into(),
            line.erased.into(),
        ];
        self.ledger.sql.exec(query, &params)?;
        self.comments.insert(comment.uuid, at);
        Ok(())
    }

    fn vote(&mut self, comment: Stored, author: &str, vote: i64) -> Result<(), LedgerError> {
        if self.ledger.has_voted(comment.id, author)? {
            self.done.known += 1;
            return Ok(());
        }
        let sql = &self.ledger.sql;
        sql.exec(
            "INSERT INTO vote (comment, author, vote) VALUES (?, ?, ?)",
            &[comment.id.into(), author.into(), vote.into()],
        )?;
        sql.exec("UPDATE comment SET votes = votes + ? WHERE id = ?", &[vote.into(), comment.id.into()])?;
        self.done.votes += 1;
        let Some(page) = comment.page else { return Ok(()) };
        let now = self.batch.now;
        let thread = self.change(comment.thread)?;
        thread.version += 1;
        thread.mark(page);
        thread.top |= thread.pages > 1;
        thread.mark_top_now(now);
        Ok(())
    }

    fn named(&mut self, uuid: &SubmissionId) -> Result<Option<Stored>, LedgerError> {
        if let Some(known) = self.comments.get(uuid) {
            return Ok(Some(*known));
        }
        let found = self.ledger.comment_named(uuid)?;
        if let Some(found) = found {
            self.comments.insert(*uuid, found);
        }
        Ok(found)
    }

    /// The thread of a post, made if there is none, and whether it was made.
    fn thread_at(&mut self, url: &PostUrl) -> Result<(i64, bool), LedgerError> {
        if let Some(id) = self.names.get(url) {
            return Ok((*id, false));
        }
        let found = self.ledger.thread_row(url)?;
        let is_new = found.is_none();
        let thread = match found {
            // The one met before, perhaps under another address, is ahead of its row.
            Some(found) => self.threads.remove(&found.id).unwrap_or(found),
            None => {
                let thread = self.ledger.new_thread(url)?;
                self.ledger.insert_thread(&thread)?;
                self.done.threads += 1;
                thread
            }
        };
        let id = thread.id;
        self.names.insert(url.clone(), id);
        self.threads.insert(id, thread);
        Ok((id, is_new))
    }

    fn thread_by_id(&mut self, id: i64) -> Result<&mut ThreadRow, LedgerError> {
        match self.threads.entry(id) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let found = self.ledger.thread_by_id(id)?;
                Ok(unknown.insert(found.ok_or(LedgerError::Corrupt("comment.thread"))?))
            }
        }
    }

    fn change(&mut self, id: i64) -> Result<&mut ThreadRow, LedgerError> {
        self.changed.insert(id);
        self.thread_by_id(id)
    }
}
