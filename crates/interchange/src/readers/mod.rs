//! A reader for each format.

mod blogger;
mod disqus;
mod wxr;
mod xml_export;

use crate::format::Format;
use crate::input::Input;
use crate::problem::ReadError;
use crate::record::RecordSink;

/// The owner's answers about files that do not say it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Offset from UTC in minutes of times without a zone.
    pub zone_minutes: Option<i32>,
}

/// Reads files of one format into a sink.
///
/// # Errors
///
/// See [`ReadError`]. What the sink got before must be thrown away.
pub fn read(
    format: Format,
    inputs: &mut [Input<'_>],
    options: &ReadOptions,
    sink: &mut dyn RecordSink,
) -> Result<(), ReadError> {
    match format {
        Format::Disqus => disqus::read(inputs, options, sink),
        Format::Wxr => wxr::read(inputs, options, sink),
        Format::BloggerAtom | Format::BloggerTakeout => blogger::read(format, inputs, options, sink),
        _ => Err(ReadError::UnknownFormat { file: inputs.first().map(|input| input.name.clone()).unwrap_or_default() }),
    }
}
