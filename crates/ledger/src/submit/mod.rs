//! New comments of readers.

pub(crate) mod admission;
pub(crate) mod submit_comment;
