//! Maintenance jobs over a whole site, each done in steps of a bounded size.

pub(crate) mod index_comments;
pub(crate) mod index_search;
pub(crate) mod prune;
pub(crate) mod republish;
pub(crate) mod rerender;
