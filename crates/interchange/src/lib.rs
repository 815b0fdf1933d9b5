#![doc = include_str!("../README.md")]

mod containers;
mod convert;
mod fields;
mod format;
mod input;
mod problem;
mod readers;
mod recognize;
mod record;
mod times;

pub use convert::{Converted, to_markdown};
pub use format::Format;
pub use input::{Input, ReadSeek};
pub use problem::{Position, Problem, ProblemKind, ReadError};
pub use readers::{ReadOptions, read};
pub use recognize::recognize;
pub use record::{Body, BodyKind, LostField, SourceComment, SourceState, SourceThread, SourceTime, ThreadState};
pub use record::{RecordSink, TimeQuality};
