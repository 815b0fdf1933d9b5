//! Export and import of a whole site as lines of text.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod restore;
