//! `cargo xtask backup` and `cargo xtask restore`: a site's comments as a file, out of a running Worker and into one.

pub(crate) mod backup;
mod file;
mod remote;
pub(crate) mod restore;
