//! `cargo xtask backup`, `restore` and `remap`: a site's comments as a file, out of a running Worker and into one; and comments along
//! with the posts that move.

pub(crate) mod backup;
mod file;
mod list;
pub(crate) mod remap;
mod remote;
pub(crate) mod restore;
mod table;
