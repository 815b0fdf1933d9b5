#![doc = include_str!("../README.md")]

mod convert;
mod export_file;
mod host;
mod import;
mod names;
mod remap;
mod totals;

pub use convert::convert_export;
pub use export_file::{ExportFile, UploadChunk};
pub use host::Host;
pub use import::{Import, recognize_files};
pub use remap::{Remap, describe_moves, describe_preview, prefix_request};
pub use totals::Totals;
