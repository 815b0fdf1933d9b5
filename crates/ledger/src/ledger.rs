//! The ledger of one site.

use std::cell::{Cell, RefCell};

use afterword_model::{CommentId, ReaderSettings, limits};

use crate::error::LedgerError;
use crate::policy::answering_forms::AnsweringForms;
use crate::policy::interaction_limiter::InteractionLimiter;
use crate::policy::recent_activity::RecentActivity;
use crate::policy::refusal_limiter::RefusalLimiter;
use crate::policy::site_policy::SitePolicyCache;
use crate::renderer::Renderer;
use crate::store::counted_lists::CountedLists;
use crate::store::row::Row;
use crate::store::schema;
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

/// Time in seconds for which a comment that its author deleted keeps its content, unseen by anybody, before [`Ledger::prune`] deletes it.
/// Until then its author can restore it.
pub const WIPE_DELAY_SECONDS: i64 = 600;

/// Time in seconds for which a comment that a moderator deleted can be restored: 30 days. Then [`Ledger::prune`] deletes its content.
pub const RESTORE_SECONDS: i64 = 30 * 86_400;

/// `maintenance_cursor.name` of building the index of threads. The row exists until all comments are in the index.
pub(crate) const INDEX_CURSOR: &str = "index";

/// A secret. Never prints it.
struct AuditKey(Option<String>);

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

/// The comments of one site.
#[derive(Debug)]
pub struct Ledger<S> {
    pub(crate) sql: S,
    pub(crate) page_size: PageSize,
    /// See [`WIPE_DELAY_SECONDS`].
    pub(crate) wipe_delay: i64,
    /// Permissions of readers, unless the site has settings of its own.
    reader_defaults: ReaderSettings,
    /// See [`Ledger::with_audit_key`].
    audit_key: AuditKey,
    /// See [`Ledger::with_renderer`].
    pub(crate) renderer: Option<Renderer<'static>>,
    /// Cache of recent comments. It is read from the database and refreshed before each use, so nothing is lost with it.
    pub(crate) recent_activity: RefCell<RecentActivity>,
    /// Numbers of comments in the lists of moderators; see [`Ledger::read_changes`].
    pub(crate) counted_lists: Cell<Option<CountedLists>>,
    /// Cache of settings and bans, read from the database when it is empty.
    pub(crate) site_policy: SitePolicyCache,
    /// Not stored. Its content matters for a minute only.
    pub(crate) refusal_limiter: RefCell<RefusalLimiter>,
    /// Not stored, apart from the number of a day.
    pub(crate) interaction_limiter: RefCell<InteractionLimiter>,
    /// Not stored. Its content matters for two minutes only.
    pub(crate) answering: AnsweringForms,
    /// Id of the last comment in the index of its thread, until all are.
    pub(crate) index_cursor: Cell<Option<i64>>,
}

impl<S: Sql> Ledger<S> {
    /// Opens the ledger in a database. An empty database gets the schema, an older one is migrated.
    ///
    /// # Errors
    ///
    /// [`LedgerError::TooNew`] for a database of a later version of this code, which is left as it is.
    pub fn open(sql: S) -> Result<Self, LedgerError> {
        schema::migrate(&sql)?;
        let ledger = Self {
            sql,
            page_size: PageSize::default(),
            wipe_delay: WIPE_DELAY_SECONDS,
            reader_defaults: ReaderSettings::default(),
            audit_key: AuditKey(None),
            renderer: None,
            recent_activity: RefCell::default(),
            counted_lists: Cell::default(),
            site_policy: SitePolicyCache::default(),
            refusal_limiter: RefCell::default(),
            interaction_limiter: RefCell::default(),
            answering: AnsweringForms::default(),
            index_cursor: Cell::default(),
        };
        ledger.index_cursor.set(ledger.find_cursor(INDEX_CURSOR)?);
        Ok(ledger)
    }

    /// Host and port of the site, from the address of its oldest thread. `None` before the first thread.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn authority(&self) -> Result<Option<String>, LedgerError> {
        let rows = self.sql.exec("SELECT url FROM thread ORDER BY id LIMIT 1", &[])?;
        let Some(mut row) = Row::first(rows) else { return Ok(None) };
        Ok(Some(stored_url(row.text("thread.url")?)?.authority().to_owned()))
    }

    /// Position of a maintenance job that is under way.
    pub(crate) fn find_cursor(&self, job: &str) -> Result<Option<i64>, LedgerError> {
        let rows = self.sql.exec("SELECT position FROM maintenance_cursor WHERE name = ?", &[job.into()])?;
        Row::first(rows).map(|mut row| row.integer("maintenance_cursor.position")).transpose()
    }

    /// Returns true if all comments with a page are in the index of their thread.
    pub(crate) fn is_indexed(&self) -> bool {
        self.index_cursor.get().is_none()
    }

    /// Adds a comment that gets a page to the index of its thread.
    pub(crate) fn index_comment(
        &self,
        thread: &mut ThreadRow,
        (comment, page): (CommentId, u32),
        now: i64,
    ) -> Result<(), LedgerError> {
        // The job that builds the index comes to the others.
        if self.index_cursor.get().is_some_and(|last| comment.get() > last) {
            return Ok(());
        }
        let block_page = thread.index.insert(&self.sql, thread.id, (comment, page), self.page_size.index_runs)?;
        if let Some(block_page) = block_page.filter(|block_page| *block_page != page) {
            thread.defer_addition(block_page, now);
        }
        Ok(())
    }

    /// The database, for tests that fill it without the use cases.
    #[cfg(feature = "test-support")]
    pub fn database(&self) -> &S {
        &self.sql
    }

    /// Sets another page size from now on. A ledger in use keeps the default; tests make long threads of few comments.
    #[must_use]
    pub fn with_page_size(self, page_size: PageSize) -> Self {
        Self { page_size, ..self }
    }

    /// Sets the secret with which the audit log hashes titles and muted words. The hash tells a repeat of an action from another one with the
    /// same UUID. Without a secret none is stored, because such a short text can be guessed from its hash.
    #[must_use]
    pub fn with_audit_key(self, key: Option<String>) -> Self {
        Self { audit_key: AuditKey(key), ..self }
    }

    /// Sets the renderer, with which a text that is restored is rendered again if an older version rendered it.
    #[must_use]
    pub fn with_renderer(self, renderer: Renderer<'static>) -> Self {
        Self { renderer: Some(renderer), ..self }
    }

    /// Sets what readers may do on a site without settings of its own.
    #[must_use]
    pub fn with_reader_defaults(self, reader_defaults: ReaderSettings) -> Self {
        Self { reader_defaults, ..self }
    }

    /// The permissions of readers on this site.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn reader_settings(&self) -> Result<ReaderSettings, LedgerError> {
        let policy = self.site_policy.get(&self.sql)?;
        Ok(policy.settings.reader_settings(&self.reader_defaults))
    }

    /// The detail of an action that nobody may guess from its hash, if there is a secret to hash it with.
    pub(crate) fn secret_detail(&self, text: &str) -> Option<String> {
        self.audit_key.0.as_ref().map(|key| format!("{key} {text}"))
    }

    /// Sets another delay than [`WIPE_DELAY_SECONDS`]; for tests.
    #[must_use]
    pub fn with_wipe_delay(self, seconds: i64) -> Self {
        Self { wipe_delay: seconds, ..self }
    }
}

/// Limits at which a page is full, and the limit for interleaving pages in one merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// Number of comments from which on there is no room for a root comment, including tombstones and unpublished comments.
    pub comments: u32,
    /// Number of comments from which on there is no room for a reply either.
    pub comments_with_replies: u32,
    /// Bytes of JSON from which on there is no room for a root comment.
    pub bytes: i64,
    /// Bytes of JSON from which on there is no room for a reply either.
    pub bytes_with_replies: i64,
    /// Bytes of JSON above which an edit may not make a text longer.
    pub edited_bytes: i64,
    /// Maximum number of pages that two merged threads may have together for their comments to be interleaved. Each interleaved comment
    /// takes a statement or two in a single transaction; this many pages are a few thousand statements.
    pub max_interleaved_pages: u32,
    /// Number of runs of the index that the first page may have.
    pub index_runs: usize,
}

impl Default for PageSize {
    /// The size given by [`limits`].
    fn default() -> Self {
        let count = |limit| u32::try_from(limit).unwrap_or(u32::MAX);
        let bytes = |limit| i64::try_from(limit).unwrap_or(i64::MAX);
        Self {
            comments: count(limits::PAGE_COMMENTS),
            comments_with_replies: count(limits::PAGE_COMMENTS_WITH_REPLIES),
            bytes: bytes(limits::PAGE_BYTES),
            bytes_with_replies: bytes(limits::PAGE_BYTES_WITH_REPLIES),
            edited_bytes: bytes(limits::PAGE_EDITED_BYTES),
            max_interleaved_pages: 20,
            index_runs: 256,
        }
    }
}
