//! The owner's commands. `cargo xtask backup` and `restore` move a site's comments between a running Worker and a file; `remap` moves comments
//! along with their posts.

mod admin_client;
pub(crate) mod backup;
mod export_file;
mod move_list;
mod move_table;
pub(crate) mod remap;
pub(crate) mod restore;
