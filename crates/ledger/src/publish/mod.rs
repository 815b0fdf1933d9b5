//! Pages of threads: their contents, their order, and what has to be written to KV.

mod closing;
pub(crate) mod due_threads;
pub(crate) mod latest_comments;
pub(crate) mod pagination;
pub(crate) mod pinned;
pub(crate) mod redirects;
pub(crate) mod reply_range;
pub(crate) mod stale_pages;
pub(crate) mod thread_page;
pub(crate) mod title;
pub(crate) mod top_page;
pub(crate) mod tree_order;
