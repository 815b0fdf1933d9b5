//! The row of the table `latest`: the comments of the site that became visible last, for its feed.
//!
//! A published comment writes it only if nothing is due yet. The other new comments are found by their ids when the list is published, so that
//! a busy minute costs one row.

use std::cmp::Reverse;

use afterword_model::{CommentId, LatestComments};

use crate::error::LedgerError;
use crate::store::row::{Row, parse_list};
use crate::store::sql::Sql;

/// Delay in seconds before new comments are published as the latest ones, so that the value is written at most once in this time.
pub(crate) const DELAY_SECONDS: i64 = 60;
/// `latest.due` after a removal, which does not wait for anything.
pub(crate) const DUE_REMOVAL: i64 = 0;
/// `latest.due` after another change that does not wait: an edit, a new address.
const DUE_NOW: i64 = 1;
/// Maximum number of new comments, with those that are held, that are searched for visible ones.
const MAX_NEW_COMMENTS: u32 = 2_000;

/// A comment and the time in Unix seconds at which it became visible.
pub(crate) type Shown = (CommentId, i64);

/// The effect of a change of a thread on the latest comments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LatestChange {
    /// Time of a comment that is published as it is submitted.
    pub(crate) posted: Option<i64>,
    /// Comments that become visible later than they were submitted, and imported ones.
    pub(crate) approved: Vec<Shown>,
}

/// The latest comments of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LatestRow {
    /// The comments as they were published last, newest first, and those approved since.
    pub(crate) comments: Vec<Shown>,
    /// The largest id of a comment at that time. Visible comments with larger ids belong to the list too.
    pub(crate) newest: i64,
    pub(crate) version: i64,
    /// Unix time in seconds at which the list is to be published; `None` if it is published.
    pub(crate) due: Option<i64>,
}

impl LatestRow {
    /// The row. `None` before the first change of a thread.
    pub(crate) fn find(sql: &impl Sql) -> Result<Option<Self>, LedgerError> {
        let row = Row::first(sql.exec("SELECT comments, newest, version, due FROM latest WHERE id = 1", &[])?);
        row.map(|mut row| {
            let comments = parse_list(&row.text("latest.comments")?, "latest.comments", |item| {
                let (id, time) = item.split_once(':')?;
                Some((CommentId::new(id.parse().ok()?), time.parse().ok()?))
            })?;
            let (newest, version) = (row.integer("latest.newest")?, row.integer("latest.version")?);
            Ok(Self { comments, newest, version, due: row.optional_integer("latest.due")? })
        })
        .transpose()
    }

    /// Records a change of a thread, if the list is not due already with all that is in it.
    pub(crate) fn record_change(sql: &impl Sql, change: &LatestChange, is_removal: bool) -> Result<(), LedgerError> {
        let mut row = Self::find(sql)?.unwrap_or_default();
        if row.due.is_some() && change.posted.is_some() && change.approved.is_empty() && !is_removal {
            return Ok(());
        }
        row.add(&change.approved);
        let last = change.approved.iter().map(|(_, time)| *time).chain(change.posted).max();
        let due = match last {
            _ if is_removal => DUE_REMOVAL,
            Some(last) => last.saturating_add(DELAY_SECONDS),
            None => DUE_NOW,
        };
        row.due = Some(row.due.map_or(due, |known| known.min(due)));
        row.version += 1;
        row.write(sql)
    }

    /// Has the list published again, with what the owner has chosen about the look of threads. Before the first change of a thread there is none.
    pub(crate) fn republish(sql: &impl Sql) -> Result<(), LedgerError> {
        let Some(mut row) = Self::find(sql)? else { return Ok(()) };
        row.due = Some(row.due.map_or(DUE_NOW, |known| known.min(DUE_NOW)));
        row.version += 1;
        row.write(sql)
    }

    /// Adds comments to the list. One that is in it already gets the new time. The list is bounded, but longer than what is published of it,
    /// because some of its comments may be removed since.
    pub(crate) fn add(&mut self, comments: &[Shown]) {
        self.comments.retain(|(known, _)| comments.iter().all(|(id, _)| id != known));
        self.comments.extend(comments);
        self.comments.sort_unstable_by_key(|(id, time)| Reverse((*time, *id)));
        self.comments.truncate(2 * LatestComments::MAX);
    }

    /// The visible comments that are newer than the list, other than those in it.
    pub(crate) fn new_comments(&self, sql: &impl Sql) -> Result<Vec<Shown>, LedgerError> {
        let query = "SELECT id, created FROM \
                     (SELECT id, created, status, erased, page FROM comment WHERE id > ? ORDER BY id DESC LIMIT ?) \
                     WHERE status = 1 AND erased IS NULL AND page IS NOT NULL";
        let read = |columns| {
            let mut row = Row::new(columns);
            Ok((CommentId::new(row.integer("comment.id")?), row.integer("comment.created")?))
        };
        let comments = sql.exec(query, &[self.newest.into(), MAX_NEW_COMMENTS.into()])?.into_iter().map(read);
        let is_new = |(id, _): &Shown| self.comments.iter().all(|(known, _)| known != id);
        let comments: Vec<Shown> = comments.collect::<Result<_, LedgerError>>()?;
        Ok(comments.into_iter().filter(is_new).collect())
    }

    pub(crate) fn write(&self, sql: &impl Sql) -> Result<(), LedgerError> {
        let comments: Vec<String> = self.comments.iter().map(|(id, time)| format!("{id}:{time}")).collect();
        let query = "INSERT INTO latest (id, comments, newest, version, due) VALUES (1, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE \
                     SET comments = excluded.comments, newest = excluded.newest, version = excluded.version, due = excluded.due";
        let params = [comments.join(",").into(), self.newest.into(), self.version.into(), self.due.into()];
        Ok(sql.exec(query, &params).map(drop)?)
    }
}
