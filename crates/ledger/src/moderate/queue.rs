//! The queue of moderators: lists of comments with filters and search, in pages that neither skip nor repeat a comment while the lists change.
//!
//! The cursor is the id of the last comment of a page. Ids never change, so what enters or leaves a list elsewhere does not move the rest.
//!
//! One call reads a bounded number of rows, whatever the size of the site. A list whose comments have an index of their own is read from it.
//! Published comments have none, because it would cost every comment a written row; they are read by id, at most [`MAX_SCANNED`] in a call. So a
//! page may have fewer comments than asked for although more follow.

use afterword_model::CommentId;
use afterword_model::moderation::{QueueFilter, QueueList, QueuePage, QueuedComment};
use afterword_model::{Refusal, limits};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::queued_comment::QueueReader;
use crate::store::comment_row::next_comment_id;
use crate::store::row::Row;
use crate::store::search_index::{self, SearchWords};
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::ThreadRow;

/// Maximum number of comments that one call looks at where no index holds exactly the comments of the list.
pub(crate) const MAX_SCANNED: u32 = 1_000;
/// Maximum number of comments of a thread for which its index is sorted. A longer thread is read like the whole site.
const MAX_SORTED: u32 = 5_000;
/// Number of comments that a search adds to its index before it begins.
const INDEXED_BY_SEARCH: u32 = 300;
/// Number of comments up to which those that are not in the index yet are counted.
const MAX_UNINDEXED: u32 = 10_000;

/// The comments that one call may look at.
struct Candidates {
    /// Those that match, as far as their columns tell, in the order of the list.
    matching: Vec<i64>,
    /// The last comment that was looked at, if there may be more.
    last: Option<i64>,
}

/// A filter, resolved against the database.
pub(crate) struct ResolvedFilter {
    list: QueueList,
    words: Option<SearchWords>,
    /// Id of the thread; 0 for a post without a thread.
    thread: Option<i64>,
    /// Number of comments in that thread.
    thread_count: u32,
    author: Option<AuthorFilter>,
    from: Option<i64>,
    until: Option<i64>,
    /// The condition for comments that are like another one, and its values.
    similar: Option<(String, Vec<Value>)>,
    /// No comment with a larger id matches.
    through: Option<CommentId>,
}

/// An author, by the mark or by the keyed hash of the key.
pub(crate) struct AuthorFilter {
    pub(crate) mark: Option<String>,
    hash: Option<String>,
}

impl<S: Sql> Ledger<S> {
    /// A page of the queue: at most `limit` comments after the comment `after`, in the order of the list.
    ///
    /// A search first adds some comments to the search index, so this may write.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::BadQuery`] for a search that is too long or has no word.
    pub fn read_queue(
        &self,
        filter: &QueueFilter,
        after: Option<CommentId>,
        limit: u32,
    ) -> Result<QueuePage, LedgerError> {
        let filter = self.resolve_filter(filter, None)?;
        let mut unindexed = 0;
        if filter.words.is_some() {
            self.sql.transaction(|| search_index::index_next(&self.sql, INDEXED_BY_SEARCH))?;
            unindexed = search_index::count_unindexed(&self.sql, MAX_UNINDEXED)?;
        }
        let (ids, next) = self.find_matching(&filter, after, limit)?;
        let mut reader = QueueReader::new(self);
        let mut comments = Vec::with_capacity(ids.len());
        let groups = self.count_similar(filter.list, &ids)?;
        for id in ids {
            let similar = groups.get(&id).copied();
            comments.push(QueuedComment { similar, ..reader.read(CommentId::new(id))? });
        }
        let newest = next_comment_id(&self.sql)? - 1;
        Ok(QueuePage {
            comments,
            next: next.map(CommentId::new),
            counts: self.count_queue()?,
            newest: Some(newest).filter(|newest| *newest > 0).map(CommentId::new),
            audit_head: self.audit_head()?,
            unindexed,
        })
    }

    /// Resolves a filter. With `through`, comments with larger ids do not match.
    pub(crate) fn resolve_filter(
        &self,
        filter: &QueueFilter,
        through: Option<CommentId>,
    ) -> Result<ResolvedFilter, LedgerError> {
        let words = match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) if text.chars().count() > limits::SEARCH_CHARS => return Err(Refusal::BadQuery.into()),
            Some(text) => Some(SearchWords::parse(text).ok_or(Refusal::BadQuery)?),
        };
        let (mut thread, mut thread_count) = (None, 0);
        if let Some(url) = &filter.post {
            let found = ThreadRow::find(&self.sql, url)?;
            thread = Some(found.as_ref().map_or(0, |found| found.id));
            thread_count = found.map_or(0, |found| found.count);
        }
        let author = match filter.author.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => None,
            Some(hash) if hash.len() > MAX_MARK_BYTES => Some(self.resolve_author_hash(hash)?),
            Some(mark) => Some(AuthorFilter { mark: Some(mark.to_owned()), hash: None }),
        };
        let (from, until) = (filter.from, filter.until);
        let similar = filter.similar.map(|similarity| self.similar_condition(similarity)).transpose()?;
        Ok(ResolvedFilter { list: filter.list, words, thread, thread_count, author, from, until, similar, through })
    }

    /// The mark of an author key, by its hash, under which the index finds the comments.
    pub(crate) fn resolve_author_hash(&self, hash: &str) -> Result<AuthorFilter, LedgerError> {
        let query = "SELECT mark FROM comment WHERE author = ?1 AND first_approved = 1 UNION ALL \
                     SELECT mark FROM (SELECT mark, author FROM comment ORDER BY id DESC LIMIT ?2) WHERE author = ?1 LIMIT 1";
        let row = Row::first(self.sql.exec(query, &[hash.into(), MAX_SCANNED.into()])?);
        let mark = row.map(|mut row| row.optional_text("comment.mark")).transpose()?.flatten();
        Ok(AuthorFilter { mark, hash: Some(hash.to_owned()) })
    }

    /// The ids of at most `limit` comments that match a filter, and the comment after which the search continues.
    pub(crate) fn find_matching(
        &self,
        filter: &ResolvedFilter,
        after: Option<CommentId>,
        limit: u32,
    ) -> Result<(Vec<i64>, Option<i64>), LedgerError> {
        let limit = limit.max(1) as usize;
        let after = self.start_of(filter, after)?;
        let Candidates { matching, last } = self.find_candidates(filter, after, limit)?;
        let mut ids = Vec::new();
        for id in matching {
            let is_match = match &filter.words {
                Some(words) => self.has_words(id, words)?,
                None => true,
            };
            if is_match {
                ids.push(id);
            }
            if ids.len() == limit {
                // There may be more, even if these were the last candidates.
                return Ok((ids, Some(id)));
            }
        }
        Ok((ids, last))
    }

    /// The id after which the list is read: that of the caller, or a bound from the filter.
    fn start_of(&self, filter: &ResolvedFilter, after: Option<CommentId>) -> Result<i64, LedgerError> {
        if filter.list.is_oldest_first() {
            return Ok(after.map_or(0, CommentId::get));
        }
        let mut end = match after {
            Some(after) => after.get(),
            None => next_comment_id(&self.sql)?,
        };
        if let Some(through) = filter.through {
            end = end.min(through.get().saturating_add(1));
        }
        if let Some(until) = filter.until.filter(|_| filter.is_read_by_id()) {
            end = end.min(self.first_comment_since(until)?);
        }
        Ok(end)
    }

    /// The smallest id of a comment that was sent at this time or later. Ids ascend with the time of submission, so a binary search finds it.
    pub(crate) fn first_comment_since(&self, time: i64) -> Result<i64, LedgerError> {
        let (mut low, mut high) = (1, next_comment_id(&self.sql)?);
        while low < high {
            let middle = low + (high - low) / 2;
            let query = "SELECT id, created FROM comment WHERE id >= ? ORDER BY id LIMIT 1";
            let Some(mut row) = Row::first(self.sql.exec(query, &[middle.into()])?) else {
                high = middle;
                continue;
            };
            let (id, created) = (row.integer("comment.id")?, row.integer("comment.created")?);
            if created < time {
                low = id + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn find_candidates(&self, filter: &ResolvedFilter, after: i64, limit: usize) -> Result<Candidates, LedgerError> {
        let (query, mut params) = filter.query();
        let scanned = if filter.is_exact() { u32::try_from(limit).unwrap_or(MAX_SCANNED) } else { MAX_SCANNED };
        params.push(after.into());
        params.push(scanned.into());
        let rows = self.sql.exec(&query, &params)?;
        let is_full = rows.len() >= scanned as usize;
        let (mut matching, mut last) = (Vec::new(), None);
        let earliest = match filter.from.filter(|_| filter.is_read_by_id()) {
            Some(from) => self.first_comment_since(from)?,
            None => 0,
        };
        for columns in rows {
            let mut row = Row::new(columns);
            let id = row.integer("comment.id")?;
            if id < earliest {
                return Ok(Candidates { matching, last: None });
            }
            last = Some(id);
            if row.boolean("comment.status")? {
                matching.push(id);
            }
        }
        Ok(Candidates { matching, last: last.filter(|_| is_full) })
    }

    /// Returns true if the texts of a comment have these words.
    fn has_words(&self, id: i64, words: &SearchWords) -> Result<bool, LedgerError> {
        let query = "SELECT name, coalesce(email, ''), coalesce(website, ''), source FROM comment WHERE id = ?";
        let mut row = Row::only(self.sql.exec(query, &[id.into()])?);
        let texts = [
            row.text("comment.name")?,
            row.text("comment.email")?,
            row.text("comment.website")?,
            row.text("comment.source")?,
        ];
        Ok(words.match_texts(texts.iter().map(String::as_str)))
    }

    /// Number of the newest entry of the audit log, 0 if there is none.
    pub(crate) fn audit_head(&self) -> Result<i64, LedgerError> {
        let head = Row::only(self.sql.exec("SELECT max(id) FROM audit_log", &[])?).optional_integer("audit_log.id")?;
        Ok(head.unwrap_or(0))
    }
}

/// Length up to which the author of a filter is a mark. A longer one is a hash.
const MAX_MARK_BYTES: usize = 32;

impl ResolvedFilter {
    /// The list of the filter.
    pub(crate) fn list(&self) -> QueueList {
        self.list
    }

    /// Returns true if the comments must have some words.
    pub(crate) fn has_words(&self) -> bool {
        self.words.is_some()
    }

    /// Returns true if every row of the query matches.
    fn is_exact(&self) -> bool {
        let is_narrowed = self.words.is_some()
            || self.thread.is_some()
            || self.author.is_some()
            || self.from.is_some()
            || self.until.is_some()
            || self.similar.is_some();
        !is_narrowed && list_index(self.list).is_some()
    }

    /// Returns true if the comments are read by their ids alone.
    fn is_read_by_id(&self) -> bool {
        self.words.is_none() && self.author.is_none() && list_index(self.list).is_none() && !self.is_thread_sorted()
    }

    fn is_thread_sorted(&self) -> bool {
        self.thread.is_some() && self.thread_count <= MAX_SORTED && list_index(self.list).is_none()
    }

    /// The query for candidates, which lacks its last two parameters: the comment after which it begins, and the number of rows. Each row has an
    /// id, and if the comment matches.
    fn query(&self) -> (String, Vec<Value>) {
        let (mut conditions, mut values) = self.conditions();
        let (order, compare) = if self.list.is_oldest_first() { ("ASC", ">") } else { ("DESC", "<") };
        if let Some(words) = &self.words {
            values.push(words.expression().into());
            let query = format!(
                "SELECT comment.id, {conditions} FROM search CROSS JOIN comment ON comment.id = search.rowid \
                 WHERE search MATCH ? AND search.rowid {compare} ? ORDER BY search.rowid {order} LIMIT ?"
            );
            return (query, values);
        }
        if let Some(author) = &self.author {
            values.push(author.mark.clone().unwrap_or_default().into());
            let query = format!(
                "SELECT id, {conditions} FROM comment INDEXED BY comment_mark \
                 WHERE mark = ? AND id {compare} ? ORDER BY id {order} LIMIT ?"
            );
            return (query, values);
        }
        if self.is_thread_sorted() {
            values.push(self.thread.into());
            conditions = conditions.replace("comment.", "placed.");
            let query = format!(
                "SELECT placed.id, {conditions} FROM (SELECT id AS found FROM comment INDEXED BY comment_page \
                 WHERE thread = ? AND page IS NOT NULL AND id {compare} ? ORDER BY id {order} LIMIT ?) \
                 CROSS JOIN comment AS placed ON placed.id = found ORDER BY found {order}"
            );
            return (query, values);
        }
        let query = match list_index(self.list) {
            Some((index, condition)) => format!(
                "SELECT id, {conditions} FROM comment INDEXED BY {index} WHERE {condition} AND id {compare} ? ORDER BY id {order} LIMIT ?"
            ),
            None => format!(
                "SELECT id, {conditions} FROM comment NOT INDEXED WHERE id {compare} ? ORDER BY id {order} LIMIT ?"
            ),
        };
        (query, values)
    }

    /// The expression that is true for comments that match, apart from their words.
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut conditions = vec![list_condition(self.list).to_owned()];
        let mut values = Vec::new();
        let mut add = |condition: &str, value: Value| {
            conditions.push(condition.to_owned());
            values.push(value);
        };
        if let Some(thread) = self.thread {
            add("comment.thread = ?", thread.into());
        }
        if let Some(hash) = self.author.as_ref().and_then(|author| author.hash.as_deref()) {
            add("comment.author = ?", hash.into());
        }
        if let Some(from) = self.from {
            add("comment.created >= ?", from.into());
        }
        if let Some(until) = self.until {
            add("comment.created < ?", until.into());
        }
        if let Some(through) = self.through {
            add("comment.id <= ?", through.get().into());
        }
        if let Some((condition, similar)) = &self.similar {
            conditions.push(condition.clone());
            values.extend(similar.iter().cloned());
        }
        (conditions.join(" AND "), values)
    }
}

/// The index that holds exactly the comments of a list, and its condition.
pub(crate) fn list_index(list: QueueList) -> Option<(&'static str, &'static str)> {
    match list {
        QueueList::Pending => Some(("comment_pending", "status = 0 AND erased IS NULL")),
        QueueList::Reported => Some(("comment_reported", "reported = 1 AND erased IS NULL")),
        QueueList::Spam => Some(("comment_spam", "status = 2 AND erased IS NULL")),
        QueueList::Deleted => Some(("comment_deleted", "removed = 1 AND source <> ''")),
        QueueList::Published | QueueList::Unanswered => None,
    }
}

/// The condition for the comments of a list, with the name of the table.
pub(crate) fn list_condition(list: QueueList) -> &'static str {
    match list {
        QueueList::Pending => "comment.status = 0 AND comment.erased IS NULL",
        QueueList::Reported => "comment.reported = 1 AND comment.erased IS NULL",
        QueueList::Spam => "comment.status = 2 AND comment.erased IS NULL",
        QueueList::Deleted => "comment.removed = 1 AND comment.source <> ''",
        QueueList::Published => "comment.status = 1 AND comment.erased IS NULL",
        QueueList::Unanswered => {
            "comment.status = 1 AND comment.erased IS NULL AND comment.owner = 0 AND comment.answered = 0"
        }
    }
}
