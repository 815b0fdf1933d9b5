//! Writing one batch of an import.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use afterword_model::{CommentId, PostUrl, Refusal, Status, SubmissionId};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::pagination::{PageAssigner, content_bytes};
use crate::publish::redirects::insert_redirect;
use crate::publish::reply_range::extend_reply_range;
use crate::store::audit_log::{self, ActionKey};
use crate::store::author_trust::{is_declared, is_trusted, set_declared};
use crate::store::ban::{Ban, MAX_BANS};
use crate::store::comment_row::{SPAM, next_comment_id};
use crate::store::fingerprint;
use crate::store::reaction_row::{find_reaction, put_reaction};
use crate::store::report_row::StoredReport;
use crate::store::row::Row;
use crate::store::search_index;
use crate::store::setting::{self, SettingChange};
use crate::store::signals::signals_text;
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::{MAX_IMPORTED_NUMBER, ThreadRow};
use crate::store::vote_row::find_vote;
use crate::transfer::import::batch::{ImportBatch, ImportCounts, ImportError};
use crate::transfer::import::validate::{LineError, ValidAudit, ValidBan, ValidComment, ValidLine, ValidThread};
use afterword_model::export_format::CommentLine;

/// Ids of a comment in the ledger.
#[derive(Clone, Copy)]
pub(crate) struct ImportedComment {
    pub(crate) id: i64,
    thread: i64,
    page: Option<u32>,
    /// True if nobody can read it: it is erased, or waits.
    is_removed: bool,
}

impl ImportedComment {
    pub(crate) fn find(sql: &impl Sql, uuid: &SubmissionId) -> Result<Option<Self>, LedgerError> {
        let query = "SELECT id, thread, page, status <> 1 OR erased IS NOT NULL FROM comment WHERE uuid = ?";
        let row = Row::first(sql.exec(query, &[uuid.to_string().into()])?);
        row.map(|mut row| {
            let (id, thread) = (row.integer("comment.id")?, row.integer("comment.thread")?);
            let page = row.optional_count("comment.page")?;
            Ok(Self { id, thread, page, is_removed: row.boolean("comment.status")? })
        })
        .transpose()
    }
}

pub(crate) fn is_id_taken(sql: &impl Sql, id: i64) -> Result<bool, LedgerError> {
    Ok(!sql.exec("SELECT 1 FROM comment WHERE id = ?", &[id.into()])?.is_empty())
}

fn is_readable(line: &CommentLine) -> bool {
    line.status == Status::Published && line.erased.is_none()
}

/// The threads of a batch, with changes that are written at its end.
#[derive(Default)]
struct ThreadCache {
    rows: BTreeMap<i64, ThreadRow>,
    /// Ids of the threads that differ from their stored rows.
    changed: BTreeSet<i64>,
    ids: HashMap<PostUrl, i64>,
}

impl ThreadCache {
    /// The thread of a post, created if there is none. Also returns true if it was created.
    fn find_or_create(&mut self, sql: &impl Sql, url: &PostUrl) -> Result<(i64, bool), LedgerError> {
        if let Some(id) = self.ids.get(url) {
            return Ok((*id, false));
        }
        let found = ThreadRow::find(sql, url)?;
        let is_new = found.is_none();
        let thread = match found {
            // A thread that is cached already, perhaps under another address, is newer than its row.
            Some(found) => self.rows.remove(&found.id).unwrap_or(found),
            None => {
                let thread = ThreadRow::create(sql, url)?;
                thread.insert(sql)?;
                thread
            }
        };
        let id = thread.id;
        self.ids.insert(url.clone(), id);
        self.rows.insert(id, thread);
        Ok((id, is_new))
    }

    fn get(&mut self, sql: &impl Sql, id: i64) -> Result<&mut ThreadRow, LedgerError> {
        Ok(match self.rows.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let thread = ThreadRow::find_by_id(sql, id)?;
                unknown.insert(thread.ok_or(LedgerError::Corrupt("comment.thread"))?)
            }
        })
    }

    /// The thread with this id, which is to be changed.
    fn get_for_change(&mut self, sql: &impl Sql, id: i64) -> Result<&mut ThreadRow, LedgerError> {
        self.changed.insert(id);
        self.get(sql, id)
    }

    fn write_changes(&self, sql: &impl Sql) -> Result<(), LedgerError> {
        self.changed.iter().filter_map(|id| self.rows.get(id)).try_for_each(|thread| thread.update(sql))
    }
}

/// An import of one batch in progress.
pub(super) struct BatchImport<'a, S> {
    ledger: &'a Ledger<S>,
    batch: &'a ImportBatch<'a>,
    threads: ThreadCache,
    comments: HashMap<SubmissionId, ImportedComment>,
    pages: PageAssigner<'a, S>,
    /// An id above those of all comments; read when it is first needed.
    next_id: Option<i64>,
    /// Number of all bans; read when it is first needed.
    bans: Option<usize>,
    counts: ImportCounts,
}

impl<'a, S: Sql> BatchImport<'a, S> {
    pub(super) fn new(ledger: &'a Ledger<S>, batch: &'a ImportBatch<'a>) -> Self {
        Self {
            ledger,
            batch,
            threads: ThreadCache::default(),
            comments: HashMap::new(),
            pages: PageAssigner::new(&ledger.sql, ledger.page_size),
            next_id: None,
            bans: None,
            counts: ImportCounts::default(),
        }
    }

    /// Writes the lines. Must run in a transaction.
    pub(super) fn apply(mut self, lines: &[ValidLine]) -> Result<ImportCounts, ImportError> {
        for (line, number) in lines.iter().zip(self.batch.first..) {
            match line {
                ValidLine::Setting(change) => self.apply_setting(change)?,
                ValidLine::Ban(ban) => {
                    if !self.apply_ban(ban)? {
                        return Err(ImportError::line(number, Refusal::ListFull.into()));
                    }
                }
                ValidLine::Trusted { author } => {
                    self.apply_trusted(author)?;
                }
                ValidLine::Audit(audit) => self.apply_audit(audit)?,
                ValidLine::Thread(thread) => self.apply_thread(thread)?,
                ValidLine::Redirect { from, to } => self.apply_redirect(from, to)?,
                ValidLine::Comment(comment) => {
                    if !self.apply_comment(comment)? {
                        return Err(ImportError::line(number, LineError::UnknownParent));
                    }
                }
                ValidLine::Vote { comment, author, vote } => match self.find_comment(comment)? {
                    Some(comment) => self.apply_vote(comment, author, *vote)?,
                    None => return Err(ImportError::line(number, LineError::UnknownComment)),
                },
                ValidLine::Reaction { url, author, reaction } => self.apply_reaction(url, author, reaction)?,
                ValidLine::Report { comment, report } => match self.find_comment(comment)? {
                    Some(comment) => self.apply_report(comment, report)?,
                    None => return Err(ImportError::line(number, LineError::UnknownComment)),
                },
            }
        }
        self.threads.write_changes(&self.ledger.sql)?;
        Ok(self.counts)
    }

    fn apply_setting(&mut self, change: &SettingChange) -> Result<(), LedgerError> {
        let (name, value) = (change.name(), change.value());
        if setting::is_set(&self.ledger.sql, name)? {
            self.counts.known += 1;
            return Ok(());
        }
        if let Some(value) = value {
            self.ledger.site_policy.invalidate();
            setting::put(&self.ledger.sql, name, &value)?;
            self.counts.add_setting(change, self.batch);
        }
        Ok(())
    }

    /// Returns false if the site has its maximum number of bans.
    fn apply_ban(&mut self, line: &ValidBan) -> Result<bool, LedgerError> {
        let sql = &self.ledger.sql;
        if Ban::exists(sql, &line.uuid)? {
            self.counts.known += 1;
            return Ok(true);
        }
        let bans = match self.bans {
            Some(bans) => bans,
            None => Ban::count(sql)?,
        };
        if bans >= MAX_BANS {
            return Ok(false);
        }
        self.bans = Some(bans + 1);
        self.ledger.site_policy.invalidate();
        line.ban.insert(sql)?;
        self.counts.add_ban(&line.ban, self.batch);
        Ok(true)
    }

    fn apply_trusted(&mut self, author: &str) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        if is_declared(sql, Some(author))? {
            self.counts.known += 1;
            return Ok(());
        }
        self.counts.trusted += 1;
        set_declared(sql, Some(author), true)
    }

    fn apply_audit(&mut self, line: &ValidAudit) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        if audit_log::contains(sql, &line.id)? {
            self.counts.known += 1;
            return Ok(());
        }
        let (key, by) = (ActionKey::new(line.action, &line.target), (&line.id, line.at, line.by.as_str()));
        audit_log::insert_change(sql, by, key, &line.change)?;
        if line.undone {
            sql.exec("UPDATE audit_log SET undone = 1 WHERE uuid = ?", &[line.id.to_string().into()])?;
        }
        self.counts.audited += 1;
        Ok(())
    }

    fn apply_thread(&mut self, line: &ValidThread) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        let version_before = line.version - line.changes;
        let (id, is_new) = self.find_or_create_thread(&line.url)?;
        let mut version = version_before;
        if !is_new {
            let own = self.threads.get(sql, id)?;
            if own.version >= line.version || own.version - own.changes == version_before {
                self.counts.known += 1;
                return Ok(());
            }
            // The thread has a history of its own, and must not reach a version that readers know with other comments.
            version = line.version;
        }
        let thread = self.threads.get_for_change(sql, id)?;
        thread.version = version;
        if version > 0 {
            thread.dirty.mark_page(1);
        }
        if is_new {
            thread.title.clone_from(&line.title);
            thread.title_locked = line.title_locked;
            thread.closed = line.closed;
        }
        Ok(())
    }

    fn apply_redirect(&mut self, from: &PostUrl, to: &PostUrl) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        // A redirect to itself would be published in place of the thread. It is possible if two addresses count as one by now.
        if from == to || self.threads.ids.contains_key(from) || ThreadRow::find(sql, from)?.is_some() {
            self.counts.known += 1;
            return Ok(());
        }
        let (thread, _) = self.find_or_create_thread(to)?;
        insert_redirect(sql, from, thread)?;
        self.counts.moved += 1;
        Ok(())
    }

    /// Returns false if the parent of the comment is missing.
    fn apply_comment(&mut self, comment: &ValidComment) -> Result<bool, LedgerError> {
        if self.find_comment(&comment.uuid)?.is_some() {
            self.counts.known += 1;
            return Ok(true);
        }
        let parent = match &comment.parent {
            None => None,
            Some(uuid) => match self.find_comment(uuid)? {
                None => return Ok(false),
                found => found,
            },
        };
        // A reply belongs to the thread of its parent, which may have moved.
        let thread = match parent {
            Some(parent) => parent.thread,
            None => self.find_or_create_thread(&comment.url)?.0,
        };
        let page = if comment.line.placed { Some(self.assign_page(thread, parent, &comment.line)?) } else { None };
        let id = self.assign_id(comment.line.id, parent.map_or(0, |parent| parent.id))?;
        if let Some(page) = page {
            let thread = self.threads.get_for_change(&self.ledger.sql, thread)?;
            let id = CommentId::new(id);
            self.ledger.index_comment(thread, (id, page), self.batch.now)?;
            if is_readable(&comment.line) {
                thread.latest.approved.push((id, comment.line.created.min(self.batch.now)));
            }
        }
        let imported = ImportedComment { id, thread, page, is_removed: !is_readable(&comment.line) };
        self.insert_comment(comment, imported, parent)?;
        self.counts.add_comment(comment);
        Ok(true)
    }

    fn assign_page(
        &mut self,
        id: i64,
        parent: Option<ImportedComment>,
        line: &CommentLine,
    ) -> Result<u32, LedgerError> {
        let (sql, now) = (&self.ledger.sql, self.batch.now);
        let thread = self.threads.get_for_change(sql, id)?;
        let page = self.pages.assign_page(thread, parent.and_then(|parent| parent.page), now)?;
        self.pages.add(id, page, content_bytes(&line.html, &line.name, line.website.as_deref()));
        thread.version += 1;
        thread.changes += 1;
        thread.dirty.mark_page(page);
        if is_readable(line) {
            thread.count = thread.count.saturating_add(1);
        }
        // Even without votes, a top page that was published before may still be there.
        thread.top |= thread.pages > 1;
        thread.mark_top(now);
        if let Some(parent) = parent
            && let Some(parent_page) = parent.page.filter(|parent_page| *parent_page != page)
        {
            if extend_reply_range(sql, parent.id, page)? {
                thread.dirty.mark_page(parent_page);
            }
            // The tombstone of the parent stays, and comes back if it was not shown.
            if parent.is_removed {
                sql.exec("UPDATE comment SET keep_tombstone = 1 WHERE id = ?", &[parent.id.into()])?;
                thread.dirty.mark_page(parent_page);
            }
        }
        Ok(page)
    }

    /// The id of a comment: its own if that is free and above the id of its parent, because a reply always has a larger id; otherwise the
    /// next one.
    fn assign_id(&mut self, wanted: i64, parent: i64) -> Result<i64, LedgerError> {
        let sql = &self.ledger.sql;
        let next_id = match self.next_id {
            Some(next_id) => next_id,
            None => next_comment_id(sql)?,
        };
        let is_allowed = wanted > parent && wanted <= MAX_IMPORTED_NUMBER;
        // A line of another system's file has the id 0.
        let is_without_id = wanted == 0;
        let keeps = is_allowed && (wanted >= next_id || !is_id_taken(sql, wanted)?);
        let last = Some(self.batch.header.last).filter(|last| *last <= MAX_IMPORTED_NUMBER).unwrap_or(0);
        let id = if keeps { wanted } else { next_id.max(last + 1) };
        self.counts.renumbered += u32::from(!keeps && !is_without_id);
        self.next_id = Some(next_id.max(id + 1));
        Ok(id)
    }

    fn insert_comment(
        &mut self,
        comment: &ValidComment,
        imported: ImportedComment,
        parent: Option<ImportedComment>,
    ) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        let line = &comment.line;
        let author = line.author.as_deref();
        let first_approved = line.first_approved && author.is_some() && !is_trusted(sql, author)?;
        // A line of another system's export has no title. Its comment then counts for the title of its thread.
        let title = match &line.title {
            Some(title) => title.clone(),
            None if line.erased.is_some() => String::new(),
            None => self.threads.get(sql, imported.thread)?.title.clone(),
        };
        let query = "INSERT INTO comment (id, thread, parent, page, status, version, uuid, fingerprint, author, mark, \
                     first_approved, owner, signals, name, email, website, title, source, html, renderer, votes, pinned, created, \
                     edited, erased, removed, answered, edited_by_moderator, reports_muted, dated) \
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let status = if line.spam { SPAM.into() } else { line.status.into() };
        let params: [Value; 30] = [
            imported.id.into(),
            imported.thread.into(),
            parent.map(|parent| parent.id).into(),
            imported.page.into(),
            status,
            line.version.into(),
            comment.uuid.to_string().into(),
            fingerprint::without_unkeyed(line.fingerprint.clone()).into(),
            author.into(),
            line.mark.as_deref().into(),
            first_approved.into(),
            line.owner.into(),
            signals_text(&line.signals).into(),
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
            line.removed.into(),
            line.answered.into(),
            line.edited_by_moderator.into(),
            line.reports_muted.into(),
            line.dated.into(),
        ];
        sql.exec(query, &params)?;
        search_index::add(sql, imported.id)?;
        self.comments.insert(comment.uuid, imported);
        Ok(())
    }

    fn apply_vote(&mut self, comment: ImportedComment, author: &str, vote: i64) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        if find_vote(sql, comment.id, author)?.is_some() {
            self.counts.known += 1;
            return Ok(());
        }
        let query = "INSERT INTO vote (comment, author, vote) VALUES (?, ?, ?)";
        sql.exec(query, &[comment.id.into(), author.into(), vote.into()])?;
        sql.exec("UPDATE comment SET votes = votes + ? WHERE id = ?", &[vote.into(), comment.id.into()])?;
        self.counts.votes += 1;
        let Some(page) = comment.page else { return Ok(()) };
        let thread = self.threads.get_for_change(sql, comment.thread)?;
        thread.version += 1;
        thread.changes += 1;
        thread.dirty.mark_page(page);
        thread.top |= thread.pages > 1;
        thread.mark_top(self.batch.now);
        Ok(())
    }

    /// A reaction that the site does not offer any more is kept, and not shown.
    fn apply_reaction(&mut self, url: &PostUrl, author: &str, reaction: &str) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        let (id, _) = self.find_or_create_thread(url)?;
        if find_reaction(sql, id, author)?.is_some() {
            self.counts.known += 1;
            return Ok(());
        }
        put_reaction(sql, id, author, reaction)?;
        self.counts.reactions += 1;
        let thread = self.threads.get_for_change(sql, id)?;
        thread.version += 1;
        thread.changes += 1;
        thread.count_reaction(None, Some(reaction));
        thread.dirty.mark_page(1);
        Ok(())
    }

    fn apply_report(&mut self, comment: ImportedComment, report: &StoredReport) -> Result<(), LedgerError> {
        let sql = &self.ledger.sql;
        if StoredReport::exists(sql, &report.uuid)? {
            self.counts.known += 1;
            return Ok(());
        }
        self.counts.reports += 1;
        report.insert(sql, comment.id, None)
    }

    fn find_comment(&mut self, uuid: &SubmissionId) -> Result<Option<ImportedComment>, LedgerError> {
        if let Some(known) = self.comments.get(uuid) {
            return Ok(Some(*known));
        }
        let found = ImportedComment::find(&self.ledger.sql, uuid)?;
        if let Some(found) = found {
            self.comments.insert(*uuid, found);
        }
        Ok(found)
    }

    fn find_or_create_thread(&mut self, url: &PostUrl) -> Result<(i64, bool), LedgerError> {
        let (id, is_new) = self.threads.find_or_create(&self.ledger.sql, url)?;
        self.counts.threads += u32::from(is_new);
        Ok((id, is_new))
    }
}
