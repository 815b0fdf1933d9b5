//! Giving a thread another address, and making one thread of two.

use afterword_model::{PostUrl, SubmissionId};
use sha2::{Digest, Sha256};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moves::remap::PostMove;
use crate::publish::pagination::{COMMENT_BYTES, Fills};
use crate::publish::thread_page::ThreadRow;
use crate::store::audit_log::Attribution;
use crate::store::audit_log::{Action, ActionKey};
use crate::store::dirty_pages::Marks;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::transfer::export_format::MAX_KEPT;

/// Comments that are given their pages in one go.
const COMMENTS: u32 = 256;

impl<S: Sql> Ledger<S> {
    pub(crate) fn rename(&self, moved: &PostMove, act: &Attribution<'_>, now: i64) -> Result<(), LedgerError> {
        let mut thread = self.thread_of(&moved.from)?;
        let (before, reach) = (self.reach(&thread)?, self.former_reach(&moved.to)?);
        // Readers may know the new address from a thread that has moved on: there too versions only rise, and what lies there is replaced.
        let known = self.thread_row(&moved.to)?.map_or(0, |former| former.version);
        if thread.version > 0 || known > 0 {
            thread.version = thread.version.max(known) + 1;
            thread.top |= reach > 1;
            (1..=thread.pages).for_each(|page| thread.mark(page));
            thread.mark_top_now(now);
        }
        self.sql.transaction(&mut || {
            self.sql.exec("DELETE FROM moved WHERE url = ?", &[moved.to.as_str().into()])?;
            self.leave(&thread, reach)?;
            self.readdress(&thread, moved, before)?;
            self.note_move(moved, act, now)?;
            self.update_thread(&thread)
        })
    }

    /// Makes one thread of those at the two addresses. Its comments keep their numbers and times and get their pages anew, in the
    /// order of their numbers; where there are many, the pages of the one follow those of the other as they are. So a turn of a merge
    /// takes a bounded number of statements, whatever the length of the threads. Gives how many pages were mixed.
    pub(crate) fn merge(&self, moved: &PostMove, act: &Attribution<'_>, now: i64) -> Result<u32, LedgerError> {
        let (source, target) = (self.thread_of(&moved.from)?, self.thread_of(&moved.to)?);
        let (before, reach) = (self.reach(&source)?, self.reach(&target)?);
        // The row with the larger number stays, so that the largest number is never given a second time.
        let (id, gone) = (source.id.max(target.id), source.id.min(target.id));
        let version = merged_version(source.version, target.version);
        let titled = [&target, &source].into_iter().filter(|thread| !thread.title.is_empty());
        // What a moderator calls a post stays; of two such titles, and of two others, that of the address that stays.
        let title = titled.max_by_key(|thread| (thread.named, thread.url == target.url));
        let mut thread = ThreadRow {
            title: title.map(|thread| thread.title.clone()).unwrap_or_default(),
            named: title.is_some_and(|thread| thread.named),
            version,
            count: source.count.saturating_add(target.count),
            closed: target.closed,
            top: source.top || target.top,
            ..ThreadRow::empty(id, target.url.clone())
        };
        let pages = source.pages.saturating_add(target.pages);
        let mixed = if pages > self.page_size.max_interleaved_pages { 0 } else { pages };
        self.sql.transaction(&mut || {
            // The version of a comment counts in its thread; the target's own keep theirs.
            let query = "UPDATE comment SET version = ? WHERE thread = ? AND page IS NOT NULL AND version IS NOT NULL";
            self.sql.exec(query, &[thread.version.into(), source.id.into()])?;
            self.adopt_unplaced(id, gone)?;
            match mixed {
                0 => self.append(&mut thread, &source, &target)?,
                _ => self.mix(&mut thread, gone, now)?,
            }
            self.sql.exec("DELETE FROM outbox WHERE thread IN (?, ?)", &[id.into(), gone.into()])?;
            self.sql.exec("DELETE FROM leftover WHERE thread IN (?, ?)", &[id.into(), gone.into()])?;
            self.sql.exec("UPDATE moved SET thread = ? WHERE thread = ?", &[id.into(), gone.into()])?;
            self.sql.exec("DELETE FROM thread WHERE id = ?", &[gone.into()])?;
            self.leave(&thread, reach)?;
            self.readdress(&thread, moved, before)?;
            self.note_move(moved, act, now)?;
            if thread.version > 0 {
                thread.mark(1);
                thread.mark_top_now(now);
            } else {
                thread.marks = Marks::default();
            }
            self.update_thread(&thread)
        })?;
        Ok(mixed)
    }

    /// Takes over the comments without a page. There is no index of these by threads, but they all wait or are erased, which are few.
    fn adopt_unplaced(&self, id: i64, gone: i64) -> Result<(), LedgerError> {
        for query in [
            "UPDATE comment INDEXED BY comment_waits SET thread = ? WHERE thread = ? AND page IS NULL AND status = 0 AND erased IS NULL",
            "UPDATE comment INDEXED BY comment_erased SET thread = ? WHERE thread = ? AND page IS NULL AND erased IS NOT NULL",
        ] {
            self.sql.exec(query, &[id.into(), gone.into()])?;
        }
        Ok(())
    }

    /// Gives all comments of both threads their pages anew.
    fn mix(&self, thread: &mut ThreadRow, gone: i64, now: i64) -> Result<(), LedgerError> {
        // There is no page 0, so what has this page has yet to be placed.
        let query = "UPDATE comment SET thread = ?, page = 0, kept = 0 WHERE thread IN (?, ?) AND page IS NOT NULL";
        self.sql.exec(query, &[thread.id.into(), thread.id.into(), gone.into()])?;
        self.place_all(thread, now)?;
        thread.marks = Marks::default();
        (1..=thread.pages).for_each(|page| thread.mark(page));
        Ok(())
    }

    /// Puts the pages of a thread behind those of the other. What is published of the other stays as it is.
    fn append(&self, thread: &mut ThreadRow, source: &ThreadRow, target: &ThreadRow) -> Result<(), LedgerError> {
        let (id, before, more) = (thread.id, self.filled(target)?, self.filled(source)?);
        let query = "UPDATE comment SET thread = ?, page = page + ? WHERE thread = ? AND page IS NOT NULL";
        self.sql.exec(query, &[id.into(), before.into(), source.id.into()])?;
        if target.id != id {
            let query = "UPDATE comment SET thread = ? WHERE thread = ? AND page IS NOT NULL";
            self.sql.exec(query, &[id.into(), target.id.into()])?;
        }
        thread.pages = before.saturating_add(more).max(1);
        thread.parts.clone_from(&target.parts);
        thread.parts.extend(source.parts.iter().map(|part| part.map(|page| page + before)));
        // Of a thread of one page the best comments were no value of their own.
        thread.top = true;
        thread.marks = target.marks.clone();
        (before + 1..=thread.pages).for_each(|page| thread.mark(page));
        Ok(())
    }

    /// How many pages a thread has with something on them: of one in which all comments wait, there is none.
    fn filled(&self, thread: &ThreadRow) -> Result<u32, LedgerError> {
        let is_empty = thread.pages == 1 && self.fill(thread.id, 1)?.comments == 0;
        Ok(if is_empty { 0 } else { thread.pages })
    }

    /// One act may move many threads, and the same again goes on where the first broke off: each move has an entry and a UUID of its own.
    fn note_move(&self, moved: &PostMove, act: &Attribution<'_>, now: i64) -> Result<(), LedgerError> {
        let about = format!("{} {}", moved.from, moved.to);
        let digest = Sha256::new().chain_update(act.id.to_string()).chain_update(&about).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        let id = SubmissionId::from_digest(bytes);
        if self.is_audited(&id)? {
            return Ok(());
        }
        self.insert_audit(&id, now, act.by, ActionKey::plain(Action::Move, &about))
    }

    /// The old address, under which so many pages are published, and all before it lead to the new one.
    fn readdress(&self, thread: &ThreadRow, moved: &PostMove, pages: u32) -> Result<(), LedgerError> {
        let id = thread.id;
        self.sql.exec("UPDATE thread SET url = ? WHERE id = ?", &[moved.to.as_str().into(), id.into()])?;
        let query = "INSERT INTO moved (url, thread, pages, due) VALUES (?, ?, ?, 1)";
        self.sql.exec(query, &[moved.from.as_str().into(), id.into(), pages.into()])?;
        Ok(self.sql.exec("UPDATE moved SET due = 1 WHERE thread = ?", &[id.into()]).map(drop)?)
    }

    fn place_all(&self, thread: &mut ThreadRow, now: i64) -> Result<(), LedgerError> {
        // The index of pages ends in the row's id, so the rows come in the order of their ids.
        let query = format!(
            "SELECT id, parent, {COMMENT_BYTES} FROM comment WHERE thread = ? AND page = 0 ORDER BY id LIMIT ?"
        );
        let mut fills = Fills::default();
        loop {
            let rows = self.sql.exec(&query, &[thread.id.into(), COMMENTS.into()])?;
            if rows.is_empty() {
                return Ok(());
            }
            for columns in rows {
                let mut row = Row::new(columns);
                let id = row.integer("comment.id")?;
                let parent = row.optional_integer("comment.parent")?;
                let page = self.place_again(&mut fills, thread, (id, parent), now)?;
                fills.add(thread.id, page, row.integer("bytes of comments")?);
            }
        }
    }

    /// Gives a comment, named with the one it answers, its page.
    fn place_again(
        &self,
        fills: &mut Fills,
        thread: &mut ThreadRow,
        (id, parent): (i64, Option<i64>),
        now: i64,
    ) -> Result<u32, LedgerError> {
        let above = match parent {
            Some(parent) => self.page_and_absence(parent)?,
            None => None,
        };
        let page = self.place_among(fills, thread, above.map(|(page, _)| page), now)?;
        self.sql.exec("UPDATE comment SET page = ? WHERE id = ?", &[page.into(), id.into()])?;
        if above.is_some_and(|(on, is_gone)| is_gone && on != page) {
            self.sql.exec("UPDATE comment SET kept = 1 WHERE id = ?", &[parent.into()])?;
        }
        Ok(page)
    }

    /// The page of a comment that has one, and whether nobody can read the comment any more.
    fn page_and_absence(&self, id: i64) -> Result<Option<(u32, bool)>, LedgerError> {
        let query = "SELECT page, status = 0 OR erased IS NOT NULL FROM comment WHERE id = ? AND page > 0";
        let row = self.sql.exec(query, &[id.into()])?.into_iter().next().map(Row::new);
        row.map(|mut row| Ok((row.count("comment.page")?, row.truth("comment.status")?))).transpose()
    }

    fn thread_of(&self, url: &PostUrl) -> Result<ThreadRow, LedgerError> {
        self.thread_at(url)?.ok_or(LedgerError::Corrupt("thread.url"))
    }
}

/// A version above those of both threads, and at least their changes together; none if nothing of either is published. The versions that
/// an import brings may be so large that their sum is no number of the database any more.
fn merged_version(source: i64, target: i64) -> i64 {
    match source + target {
        0 => 0,
        sum if sum < MAX_KEPT => sum + 1,
        _ => source.max(target) + 1,
    }
}
