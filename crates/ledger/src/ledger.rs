//! The ledger itself.

use std::cell::RefCell;
use std::rc::Rc;

use crate::error::LedgerError;
use crate::policy::recent_activity::Recent;
use crate::policy::refusal_limiter::Refused;
use crate::policy::site_policy::House;
use crate::publish::pagination::PageSize;
use crate::store::schema;
use crate::store::sql::Sql;

/// The comments of one site.
#[derive(Debug)]
pub struct Ledger<S> {
    pub(crate) sql: S,
    pub(crate) page_size: PageSize,
    /// Only what can be read again from the database, and is whenever there is more: nothing is lost with it.
    pub(crate) recent: RefCell<Recent>,
    pub(crate) house: RefCell<Option<Rc<House>>>,
    /// Of no use after a minute.
    pub(crate) refused: RefCell<Refused>,
}

impl<S: Sql> Ledger<S> {
    /// Opens the ledger in a database: an empty one gets the schema, an older one is migrated.
    ///
    /// # Errors
    ///
    /// [`LedgerError::TooNew`] for a database of a later version of this code, which is left as it is.
    pub fn open(sql: S) -> Result<Self, LedgerError> {
        schema::migrate(&sql)?;
        Ok(Self {
            sql,
            page_size: PageSize::default(),
            recent: RefCell::default(),
            house: RefCell::default(),
            refused: RefCell::default(),
        })
    }

    /// The same with other pages, from now on. A ledger in use keeps the default; tests make long threads out of few comments.
    #[must_use]
    pub fn with_page_size(self, page_size: PageSize) -> Self {
        Self { page_size, ..self }
    }
}
