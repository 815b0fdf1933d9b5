#![doc = include_str!("../README.md")]

mod containers;
mod convert;
mod fields;
mod format;
mod input;
mod plan;
mod problem;
mod readers;
mod recognize;
mod record;
mod scan;
mod times;
mod write;

pub use convert::{Converted, to_markdown};
pub use format::Format;
pub use input::{Input, ReadSeek};
pub use plan::counts::StateCounts;
pub use plan::hosts::DEFAULT_LEFT_OUT;
pub use plan::lines::{LineCursor, Lines};
pub use plan::options::{OwnerRule, PlanOptions};
pub use plan::reading::{ReadProgress, Reading};
pub use plan::report::{
    ChangedFields, DroppedMarkup, GuessedDate, LeftOut, LeftOutCount, LostCount, MergedThread, Report, UnplacedThread,
};
pub use plan::spool::{MemorySpool, Spool};
pub use plan::survey::{Count, OwnerCandidate, Survey};
pub use plan::{Plan, PlanError};
pub use problem::{Position, Problem, ProblemKind, ReadError};
pub use readers::{ReadOptions, read};
pub use recognize::recognize;
pub use record::{Body, BodyKind, LostField, SourceComment, SourceState, SourceThread, SourceTime, ThreadState};
pub use record::{RecordSink, TimeQuality};
pub use write::{ExportFormat, WriteError, WriteReport, write_export};
