//! `cargo xtask backup`, `restore` and `remap`: a site's comments as a file, out of a running Worker and into one; and comments along
//! with the posts that move.

mod admin_client;
pub(crate) mod backup;
mod export_file;
mod move_list;
mod move_table;
pub(crate) mod remap;
pub(crate) mod restore;
