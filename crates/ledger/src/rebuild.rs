//! Publishing everything again, and rendering again what an older renderer made.

use crate::row::{Row, page_text};
use crate::{Ledger, LedgerError, Renderer, Sql};

/// What a step of a rebuild did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Pages that are due now because of it.
    pub pages: u32,
    /// Where the next step goes on; `None` once everything is due.
    pub next: Option<Place>,
}

/// A page of a thread, by the ledger's own number of the thread: how far a rebuild has come. The beginning is before all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The thread.
    pub thread: i64,
    /// The last page of it that was marked.
    pub page: u32,
}

/// What a step of rendering again did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rerendered {
    /// Comments that the present renderer rendered.
    pub rendered: u32,
    /// Those of them whose HTML is another one than before.
    pub changed: u32,
    /// Comments whose text the present renderer refuses; they keep the HTML they have.
    pub refused: u32,
    /// The comment after which the next step goes on; `None` after the last.
    pub next: Option<i64>,
}
