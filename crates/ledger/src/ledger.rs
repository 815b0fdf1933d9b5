//! The ledger of one site.

use std::cell::RefCell;

use afterword_model::limits;

use crate::error::LedgerError;
use crate::policy::recent_activity::RecentActivity;
use crate::policy::refusal_limiter::RefusalLimiter;
use crate::policy::site_policy::SitePolicyCache;
use crate::store::schema;
use crate::store::sql::Sql;

/// Time in seconds for which an erased comment keeps its content, unseen by readers, before [`Ledger::prune`] deletes it. Without a delay,
/// the content is deleted in the turn that erases the comment.
pub const WIPE_DELAY_SECONDS: i64 = 0;

/// The comments of one site.
#[derive(Debug)]
pub struct Ledger<S> {
    pub(crate) sql: S,
    pub(crate) page_size: PageSize,
    /// See [`WIPE_DELAY_SECONDS`].
    pub(crate) wipe_delay: i64,
    /// Cache of recent posts. It is read from the database and refreshed before each use, so nothing is lost with it.
    pub(crate) recent_activity: RefCell<RecentActivity>,
    /// Cache of settings and bans, read from the database when it is empty.
    pub(crate) site_policy: SitePolicyCache,
    /// Not stored. Its content matters for a minute only.
    pub(crate) refusal_limiter: RefCell<RefusalLimiter>,
}

impl<S: Sql> Ledger<S> {
    /// Opens the ledger in a database. An empty database gets the schema, an older one is migrated.
    ///
    /// # Errors
    ///
    /// [`LedgerError::TooNew`] for a database of a later version of this code, which is left as it is.
    pub fn open(sql: S) -> Result<Self, LedgerError> {
        schema::migrate(&sql)?;
        Ok(Self {
            sql,
            page_size: PageSize::default(),
            wipe_delay: WIPE_DELAY_SECONDS,
            recent_activity: RefCell::default(),
            site_policy: SitePolicyCache::default(),
            refusal_limiter: RefCell::default(),
        })
    }

    /// Sets another page size from now on. A ledger in use keeps the default; tests make long threads of few comments.
    #[must_use]
    pub fn with_page_size(self, page_size: PageSize) -> Self {
        Self { page_size, ..self }
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
    /// Number of comments, including tombstones and unpublished comments.
    pub comments: u32,
    /// Bytes of JSON.
    pub bytes: i64,
    /// Bytes of JSON above which an edit may not make a text longer.
    pub edited_bytes: i64,
    /// Maximum number of pages that two merged threads may have together for their comments to be interleaved. Each interleaved comment
    /// takes a statement or two in a single transaction; this many pages are a few thousand statements.
    pub max_interleaved_pages: u32,
}

impl Default for PageSize {
    /// The size given by [`limits`].
    fn default() -> Self {
        let bytes = |limit| i64::try_from(limit).unwrap_or(i64::MAX);
        Self {
            comments: u32::try_from(limits::PAGE_COMMENTS).unwrap_or(u32::MAX),
            bytes: bytes(limits::PAGE_BYTES),
            edited_bytes: bytes(limits::PAGE_EDITED_BYTES),
            max_interleaved_pages: 20,
        }
    }
}
