//! The row of a thread, with its row in the outbox.

use afterword_model::{PageLayout, PostUrl, Reactions, Thread};
use serde::Deserialize;
use serde::de::{IntoDeserializer, value};

use crate::error::LedgerError;
use crate::store::dirty_pages::DirtyPages;
use crate::store::latest_row::{LatestChange, LatestRow};
use crate::store::row::{Row, parse_list};
use crate::store::sql::{Sql, Value};
use crate::store::thread_index::ThreadIndex;

/// Largest comment id and thread version that an import takes over; no ledger reaches it by itself. Larger ones are replaced, so
/// that every export of this ledger can be imported again.
pub(crate) const MAX_IMPORTED_NUMBER: i64 = 1 << 48;

/// A row of `thread`, and what is dirty of it.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRow {
    pub(crate) id: i64,
    pub(crate) url: PostUrl,
    pub(crate) title: String,
    /// True if a moderator set the title.
    pub(crate) title_locked: bool,
    pub(crate) version: i64,
    /// Number of comments that readers see.
    pub(crate) count: u32,
    pub(crate) closed: bool,
    pub(crate) pages: u32,
    /// See [`Thread::continuations`].
    pub(crate) continuations: Vec<[u32; 3]>,
    /// True once the thread has a top page, that is, a published value of its own with the top comments.
    pub(crate) top: bool,
    /// Number of comments with a page, of votes on them, and of reactions. Each of them raised the version by one.
    pub(crate) changes: i64,
    /// Numbers of the reactions to the post.
    pub(crate) reactions: Vec<(String, u32)>,
    /// The page of each comment.
    pub(crate) index: ThreadIndex,
    /// Values that changed after they were published.
    pub(crate) dirty: DirtyPages,
    /// The comments that become visible with the change in progress.
    pub(crate) latest: LatestChange,
}

impl ThreadRow {
    /// A thread without comments, and without a row so far.
    pub(crate) fn empty(id: i64, url: PostUrl) -> Self {
        Self {
            id,
            url,
            title: String::new(),
            title_locked: false,
            version: 0,
            count: 0,
            closed: false,
            pages: 1,
            continuations: Vec::new(),
            top: false,
            changes: 0,
            reactions: Vec::new(),
            index: ThreadIndex::default(),
            dirty: DirtyPages::default(),
            latest: LatestChange::default(),
        }
    }

    /// A thread without comments for a post that has none. Its row is not written yet.
    pub(crate) fn create(sql: &impl Sql, url: &PostUrl) -> Result<Self, LedgerError> {
        let row = Row::only(sql.exec("SELECT max(id) FROM thread", &[])?).optional_integer("thread.id")?;
        Ok(Self::empty(row.unwrap_or(0) + 1, url.clone()))
    }

    /// The thread of a post, whether `url` is its present address or one it moved from.
    pub(crate) fn find(sql: &impl Sql, url: &PostUrl) -> Result<Option<Self>, LedgerError> {
        let condition =
            "thread.id = coalesce((SELECT id FROM thread WHERE url = ?), (SELECT thread FROM redirect WHERE url = ?))";
        Self::find_where(sql, condition, &[url.as_str().into(), url.as_str().into()])
    }

    /// The thread whose present address this is.
    pub(crate) fn find_at(sql: &impl Sql, url: &PostUrl) -> Result<Option<Self>, LedgerError> {
        Ok(Self::find(sql, url)?.filter(|thread| thread.url == *url))
    }

    pub(crate) fn find_by_id(sql: &impl Sql, id: i64) -> Result<Option<Self>, LedgerError> {
        Self::find_where(sql, "thread.id = ?", &[id.into()])
    }

    fn find_where(sql: &impl Sql, condition: &str, params: &[Value]) -> Result<Option<Self>, LedgerError> {
        let query = format!(
            "SELECT thread.id, url, title, title_locked, thread.version, count, closed, thread.pages, parts, top, changes, reactions, runs, blocks, {} \
             FROM thread LEFT JOIN outbox ON outbox.thread = thread.id WHERE {condition}",
            DirtyPages::COLUMNS
        );
        Row::first(sql.exec(&query, params)?).map(Self::read).transpose()
    }

    fn read(mut row: Row) -> Result<Self, LedgerError> {
        Ok(Self {
            id: row.integer("thread.id")?,
            url: stored_url(row.text("thread.url")?)?,
            title: row.text("thread.title")?,
            title_locked: row.boolean("thread.title_locked")?,
            version: row.integer("thread.version")?,
            count: row.count("thread.count")?,
            closed: row.boolean("thread.closed")?,
            pages: row.count("thread.pages")?,
            continuations: parse_list(&row.text("thread.parts")?, "thread.parts", parse_continuation)?,
            top: row.boolean("thread.top")?,
            changes: row.integer("thread.changes")?,
            reactions: parse_list(&row.text("thread.reactions")?, "thread.reactions", parse_reaction)?,
            index: ThreadIndex::read(&mut row)?,
            dirty: DirtyPages::read(&mut row)?,
            latest: LatestChange::default(),
        })
    }

    /// Updates the row of the thread, and writes what is dirty.
    pub(crate) fn update(&self, sql: &impl Sql) -> Result<(), LedgerError> {
        let query = "UPDATE thread SET title = ?, title_locked = ?, version = ?, count = ?, closed = ?, pages = ?, parts = ?, \
                     top = ?, changes = ?, reactions = ?, runs = ?, blocks = ? WHERE id = ?";
        self.write(sql, query, [self.id.into()])
    }

    /// Inserts the row of the thread, and writes what is dirty.
    pub(crate) fn insert(&self, sql: &impl Sql) -> Result<(), LedgerError> {
        let query = "INSERT INTO thread (title, title_locked, version, count, closed, pages, parts, top, changes, reactions, \
                     runs, blocks, id, url) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.write(sql, query, [self.id.into(), self.url.as_str().into()])
    }

    /// Runs a query whose parameters are the columns that change, followed by `others`. Then writes what follows from the change: the index,
    /// the latest comments of the site, and what is dirty.
    fn write<const N: usize>(&self, sql: &impl Sql, query: &str, others: [Value; N]) -> Result<(), LedgerError> {
        let columns = [
            self.title.as_str().into(),
            self.title_locked.into(),
            self.version.into(),
            self.count.into(),
            self.closed.into(),
            self.pages.into(),
            continuations_text(&self.continuations).into(),
            self.top.into(),
            self.changes.into(),
            reactions_text(&self.reactions).into(),
            self.index.runs_column().into(),
            self.index.blocks_column().into(),
        ];
        let params: Vec<Value> = columns.into_iter().chain(others).collect();
        sql.exec(query, &params)?;
        self.index.write_blocks(sql, self.id)?;
        if self.dirty.is_changing() {
            LatestRow::record_change(sql, &self.latest, self.dirty.is_removing())?;
        }
        self.dirty.write(sql, self.id, self.version)
    }

    pub(crate) fn layout(&self) -> PageLayout<'_> {
        PageLayout { pages: self.pages, continuations: &self.continuations }
    }

    /// A page of the thread without its comments.
    pub(crate) fn empty_page(&self, page: u32) -> Thread {
        Thread {
            title: self.title.clone(),
            version: self.version,
            count: self.count,
            closed: self.closed,
            page,
            pages: self.pages,
            ..Thread::empty(self.url.clone())
        }
    }

    /// Counts one more comment that readers see on this page.
    pub(crate) fn add_comment(&mut self, page: u32) {
        self.version += 1;
        self.count = self.count.saturating_add(1);
        self.dirty.mark_page(page);
    }

    /// Counts one comment less that readers see on this page. Its removal is urgent.
    pub(crate) fn remove_comment(&mut self, page: u32, now: i64) {
        self.hide_comment(page, now);
        self.dirty.mark_urgent();
    }

    /// Counts one comment less that readers see on this page. It leaves with the next write of the page.
    pub(crate) fn hide_comment(&mut self, page: u32, now: i64) {
        self.version += 1;
        self.count = self.count.saturating_sub(1);
        self.dirty.mark_page(page);
        self.mark_top(now);
    }

    /// Replaces one reaction to the post by another one. Either may be missing.
    pub(crate) fn count_reaction(&mut self, previous: Option<&str>, reaction: Option<&str>) {
        for (name, count) in &mut self.reactions {
            if Some(name.as_str()) == previous {
                *count = count.saturating_sub(1);
            }
            if Some(name.as_str()) == reaction {
                *count = count.saturating_add(1);
            }
        }
        if let Some(new) = reaction.filter(|new| self.reactions.iter().all(|(name, _)| name != new)) {
            self.reactions.push((new.to_owned(), 1));
        }
        self.reactions.retain(|(_, count)| *count > 0);
    }

    /// The reactions that readers can choose from, with their numbers.
    pub(crate) fn offered_reactions(&self, offered: &Reactions) -> Vec<(String, u32)> {
        let count =
            |name: &String| self.reactions.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count);
        offered.names().iter().map(|name| (name.clone(), count(name))).collect()
    }

    /// Marks a page on which something is added that readers can do without for a minute.
    pub(crate) fn defer_addition(&mut self, page: u32, now: i64) {
        // The first page is published with every change anyway.
        if page != 1 {
            self.dirty.defer_page(page, now);
        }
    }

    /// Marks the top page to be published soon, because the order by votes changed.
    pub(crate) fn defer_top(&mut self, now: i64) {
        self.top = true;
        self.dirty.defer_top(now);
    }

    /// Marks the top page, if there is one, to be published at once: it may show what readers must no longer see.
    pub(crate) fn mark_top(&mut self, now: i64) {
        if self.top {
            self.dirty.mark_top(now);
        }
    }
}

/// Reads the stored address of a thread. The address is not made canonical again: if the rules for that change, the thread
/// keeps its address until `Ledger::canonicalize_urls` moves it.
pub(crate) fn stored_url(text: String) -> Result<PostUrl, LedgerError> {
    PostUrl::deserialize(text.into_deserializer()).map_err(|_: value::Error| LedgerError::Corrupt("thread.url"))
}

/// Continuation pages as stored: `1:4-5,2:6-6`.
fn continuations_text(continuations: &[[u32; 3]]) -> String {
    continuations.iter().map(|[root, first, last]| format!("{root}:{first}-{last}")).collect::<Vec<_>>().join(",")
}

fn parse_continuation(text: &str) -> Option<[u32; 3]> {
    let (root, pages) = text.split_once(':')?;
    let (first, last) = pages.split_once('-')?;
    Some([root.parse().ok()?, first.parse().ok()?, last.parse().ok()?])
}

/// Numbers of reactions as stored: `3:👍,1:🎉`. No reaction has a comma.
fn reactions_text(reactions: &[(String, u32)]) -> String {
    reactions.iter().map(|(reaction, count)| format!("{count}:{reaction}")).collect::<Vec<_>>().join(",")
}

fn parse_reaction(text: &str) -> Option<(String, u32)> {
    let (count, reaction) = text.split_once(':')?;
    Some((reaction.to_owned(), count.parse().ok()?))
}
