//! Posts that move to another address.

pub(crate) mod merge;
pub(crate) mod remap;
