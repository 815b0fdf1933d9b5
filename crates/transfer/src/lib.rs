#![doc = include_str!("../README.md")]

mod export_file;
mod import_totals;
mod move_list;
mod move_table;
mod remap_plan;
mod upload;

pub use export_file::{ExportFileError, ExportReader, ExportSummary};
pub use import_totals::ImportTotals;
pub use move_list::{AddressError, MoveList, MoveListError, MoveRow};
pub use move_table::{render_steps, summarize_steps};
pub use remap_plan::{RemapError, RemapPlan, merge_preview, prefix_rule};
pub use upload::{Chunk, UploadChunks};
