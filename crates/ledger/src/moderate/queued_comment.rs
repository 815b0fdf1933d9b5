//! One comment of the queue, with everything that a moderator decides by.

use std::collections::HashMap;

use afterword_model::moderation::{
    AuthorHistory, CommentPage, ModerationState, ParentComment, QueuedAuthor, QueuedComment, QueuedReport,
};
use afterword_model::{CommentId, Refusal, SafeHtml};

use crate::error::LedgerError;
use crate::ledger::{Ledger, RESTORE_SECONDS};
use crate::store::audit_log;
use crate::store::author_trust::is_declared;
use crate::store::comment_row::moderation_state;
use crate::store::comment_text;
use crate::store::network_ids::parse_network_ids;
use crate::store::report_row;
use crate::store::row::Row;
use crate::store::signals::parse_signals;
use crate::store::sql::Sql;
use crate::store::thread_row::stored_url;

/// Number of the newest comments of an author that are counted.
const MAX_HISTORY: u32 = 50;
/// Number of the newest comments among which those of the same network are counted.
const NETWORK_WINDOW: u32 = 500;
/// Maximum length of an excerpt in characters.
const EXCERPT_CHARS: usize = 160;
/// Maximum number of reports that a comment is shown with.
const MAX_REPORTS: usize = 20;
/// Maximum number of comments above a comment that its page shows.
const ANCESTORS: usize = 5;
/// Maximum number of replies that the page of a comment shows.
const REPLIES: u32 = 20;

/// Reads comments of the queue. It counts the comments of each author and of all networks once.
pub(crate) struct QueueReader<'a, S> {
    ledger: &'a Ledger<S>,
    histories: HashMap<String, AuthorHistory>,
    /// Number of recent comments of each network.
    networks: Option<HashMap<String, u32>>,
}

impl<'a, S: Sql> QueueReader<'a, S> {
    pub(crate) fn new(ledger: &'a Ledger<S>) -> Self {
        Self { ledger, histories: HashMap::new(), networks: None }
    }

    /// Reads a comment.
    pub(crate) fn read(&mut self, id: CommentId) -> Result<QueuedComment, LedgerError> {
        let sql = &self.ledger.sql;
        let query = "SELECT status, erased, removed, revision, url, thread.title, parent, name, email, website, mark, author, owner, \
                     coalesce(dated, created), dated IS NOT NULL, edited, edited_by_moderator, source, html, signals, reported, \
                     reports_muted, network, pinned, answered, votes \
                     FROM comment CROSS JOIN thread ON thread.id = comment.thread WHERE comment.id = ?";
        let mut row = Row::first(sql.exec(query, &[id.get().into()])?).ok_or(Refusal::UnknownComment)?;
        let status = row.integer("comment.status")?;
        let erased = row.optional_integer("comment.erased")?;
        let removed = row.boolean("comment.removed")?;
        let revision = row.integer("comment.revision")?;
        let url = stored_url(row.text("thread.url")?)?;
        let title = row.text("thread.title")?;
        let parent = row.optional_integer("comment.parent")?.map(CommentId::new);
        let mut author = read_author(&mut row)?;
        let created = row.integer("comment.created")?;
        let on_behalf = row.boolean("comment.dated")?;
        let edited = row.optional_integer("comment.edited")?;
        let edited_by_moderator = row.boolean("comment.edited_by_moderator")?;
        let (mut source, mut html) = (row.text("comment.source")?, read_html(&mut row)?);
        let mut signals = parse_signals(&row.text("comment.signals")?);
        let has_reports = row.boolean("comment.reported")?;
        let reports_muted = row.boolean("comment.reports_muted")?;
        let network = row.optional_text("comment.network")?.map(|text| parse_network_ids(&text).network);
        let state = moderation_state(status, erased.is_some(), removed, source.is_empty());
        let is_hidden = state == ModerationState::Erased;
        if is_hidden {
            // The ledger keeps what an author has deleted for a while, and shows it to nobody.
            author =
                QueuedAuthor { mark: author.mark, key: author.key, owner: author.owner, ..QueuedAuthor::default() };
            (source, html) = (String::new(), SafeHtml::default());
            signals.clear();
        }
        author.trusted = is_declared(sql, author.key.as_deref())?;
        author.history = self.history(&author, state)?;
        let same_network = self.count_same_network(network.as_deref())?;
        let reports = if is_hidden { Vec::new() } else { self.reports(id, has_reports || reports_muted)? };
        Ok(QueuedComment {
            id,
            revision,
            state,
            url,
            title,
            parent: parent.map(|parent| self.parent(parent)).transpose()?,
            author,
            created,
            edited,
            edited_by_moderator,
            source,
            html,
            signals,
            reports,
            reports_muted,
            last_action: audit_log::last_on_comment(&self.ledger.sql, id)?,
            same_network,
            pinned: row.boolean("comment.pinned")?,
            on_behalf,
            answered: row.boolean("comment.answered")?,
            votes: row.integer("comment.votes")?,
            similar: None,
            wiped_at: erased.filter(|_| state == ModerationState::Deleted).map(|at| at.saturating_add(RESTORE_SECONDS)),
        })
    }

    /// The other comments of an author, who is recognized by the author key.
    fn history(&mut self, author: &QueuedAuthor, state: ModerationState) -> Result<Option<AuthorHistory>, LedgerError> {
        let (Some(mark), Some(key)) = (&author.mark, &author.key) else { return Ok(None) };
        let all = match self.histories.get(key) {
            Some(known) => *known,
            None => {
                let counted = self.ledger.count_history(mark, key)?;
                self.histories.insert(key.clone(), counted);
                counted
            }
        };
        let mut others = all;
        let own = match state {
            ModerationState::Published => &mut others.published,
            ModerationState::Pending => &mut others.pending,
            ModerationState::Spam => &mut others.spam,
            ModerationState::Deleted | ModerationState::Erased => &mut others.deleted,
        };
        *own = own.saturating_sub(1);
        Ok(Some(others))
    }

    fn count_same_network(&mut self, network: Option<&str>) -> Result<u32, LedgerError> {
        let Some(network) = network else { return Ok(0) };
        if self.networks.is_none() {
            self.networks = Some(self.ledger.count_networks()?);
        }
        let counted = self.networks.as_ref().and_then(|networks| networks.get(network)).copied();
        Ok(counted.unwrap_or(1).saturating_sub(1))
    }

    fn reports(&self, id: CommentId, has_reports: bool) -> Result<Vec<QueuedReport>, LedgerError> {
        if !has_reports {
            return Ok(Vec::new());
        }
        let sql = &self.ledger.sql;
        let mut reports = Vec::new();
        for report in report_row::list(sql, id.get())?.into_iter().take(MAX_REPORTS) {
            let reported_text = comment_text::find_at(sql, id, report.revision)?;
            reports.push(QueuedReport {
                reason: report.reason,
                text: report.text,
                at: report.at,
                reported_text,
                closed: report.closed,
            });
        }
        Ok(reports)
    }

    fn parent(&self, id: CommentId) -> Result<ParentComment, LedgerError> {
        let query = "SELECT status, erased IS NOT NULL, removed, source = '', revision, name, substr(source, 1, 400) FROM comment WHERE id = ?";
        let mut row = Row::only(self.ledger.sql.exec(query, &[id.get().into()])?);
        let status = row.integer("comment.status")?;
        let (is_erased, is_removed) = (row.boolean("comment.erased")?, row.boolean("comment.removed")?);
        let is_wiped = row.boolean("comment.source")?;
        let state = moderation_state(status, is_erased, is_removed, is_wiped);
        let revision = row.integer("comment.revision")?;
        let (name, text) = (row.text("comment.name")?, row.text("comment.source")?);
        let is_hidden = state == ModerationState::Erased;
        let (name, excerpt) = if is_hidden { Default::default() } else { (name, shorten(&text)) };
        Ok(ParentComment { id, revision, state, name, excerpt })
    }
}

impl<S: Sql> Ledger<S> {
    /// A comment with everything that a moderator may see.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`].
    pub fn read_queued_comment(&self, id: CommentId) -> Result<QueuedComment, LedgerError> {
        QueueReader::new(self).read(id)
    }

    /// A comment with those above and below it, its former texts, and the actions on it.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`].
    pub fn read_comment_page(&self, id: CommentId) -> Result<CommentPage, LedgerError> {
        let mut reader = QueueReader::new(self);
        let comment = reader.read(id)?;
        let mut ancestors = Vec::new();
        let mut next = comment.parent.as_ref().map(|parent| parent.id);
        while let Some(parent) = next.filter(|_| ancestors.len() < ANCESTORS) {
            let read = reader.read(parent)?;
            next = read.parent.as_ref().map(|parent| parent.id);
            ancestors.push(read);
        }
        ancestors.reverse();
        let mut replies = Vec::new();
        for reply in self.replies_of(id)? {
            replies.push(reader.read(reply)?);
        }
        let is_erased = comment.state == ModerationState::Erased;
        let revisions = if is_erased { Vec::new() } else { comment_text::list(&self.sql, id)? };
        let log = self.log_of_comment(id)?;
        Ok(CommentPage { comment, ancestors, replies, revisions, log, audit_head: self.audit_head()? })
    }

    /// The first replies to a comment that have a place in the thread.
    fn replies_of(&self, id: CommentId) -> Result<Vec<CommentId>, LedgerError> {
        let query = "SELECT reply.id FROM comment AS parent CROSS JOIN comment AS reply ON reply.thread = parent.thread \
                     AND reply.page >= parent.page AND reply.page <= coalesce(parent.replies_to, parent.page) \
                     WHERE parent.id = ?1 AND reply.parent = ?1 ORDER BY reply.id LIMIT ?2";
        let rows = self.sql.exec(query, &[id.get().into(), REPLIES.into()])?;
        rows.into_iter().map(|columns| Ok(CommentId::new(Row::new(columns).integer("comment.id")?))).collect()
    }

    fn count_history(&self, mark: &str, key: &str) -> Result<AuthorHistory, LedgerError> {
        let query = "SELECT status, erased IS NOT NULL, count(*) FROM (SELECT status, erased, author FROM comment \
                     INDEXED BY comment_mark WHERE mark = ? ORDER BY id DESC LIMIT ?) WHERE author = ? GROUP BY 1, 2";
        let mut history = AuthorHistory::default();
        let mut total = 0;
        for columns in self.sql.exec(query, &[mark.into(), MAX_HISTORY.into(), key.into()])? {
            let mut row = Row::new(columns);
            let (status, is_erased) = (row.integer("comment.status")?, row.boolean("comment.erased")?);
            let count = row.count("count of comments")?;
            total += count;
            match moderation_state(status, is_erased, false, false) {
                ModerationState::Published => history.published += count,
                ModerationState::Pending => history.pending += count,
                ModerationState::Spam => history.spam += count,
                ModerationState::Deleted | ModerationState::Erased => history.deleted += count,
            }
        }
        history.more = total >= MAX_HISTORY;
        Ok(history)
    }

    /// Numbers of recent comments by the id of their network.
    fn count_networks(&self) -> Result<HashMap<String, u32>, LedgerError> {
        let query =
            "SELECT network FROM (SELECT network FROM comment ORDER BY id DESC LIMIT ?) WHERE network IS NOT NULL";
        let mut networks = HashMap::new();
        for columns in self.sql.exec(query, &[NETWORK_WINDOW.into()])? {
            let ids = parse_network_ids(&Row::new(columns).text("comment.network")?);
            *networks.entry(ids.network).or_default() += 1;
        }
        Ok(networks)
    }
}

#[expect(clippy::disallowed_methods, reason = "what it reads was stored as SafeHtml")]
fn read_html(row: &mut Row) -> Result<SafeHtml, LedgerError> {
    row.text("comment.html").map(SafeHtml::from_storage)
}

fn read_author(row: &mut Row) -> Result<QueuedAuthor, LedgerError> {
    Ok(QueuedAuthor {
        name: row.text("comment.name")?,
        email: row.optional_text("comment.email")?,
        website: row.optional_text("comment.website")?,
        mark: row.optional_text("comment.mark")?,
        key: row.optional_text("comment.author")?,
        owner: row.boolean("comment.owner")?,
        trusted: false,
        history: None,
    })
}

/// The beginning of a text, on one line.
fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= EXCERPT_CHARS {
        return line;
    }
    let cut: String = line.chars().take(EXCERPT_CHARS).collect();
    format!("{}…", cut.trim_end())
}
