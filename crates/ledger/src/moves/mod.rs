//! Posts that move to another address.

pub(crate) mod canonicalize;
pub(crate) mod merge;
pub(crate) mod move_thread;
pub(crate) mod post_move;
pub(crate) mod remap;
