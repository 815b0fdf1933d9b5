//! A reader for each format.

mod artalk;
mod blogger;
mod comentario;
mod cusdis;
mod disqus;
mod garrul;
mod generic;
mod ghost;
mod github;
mod isso;
mod output;
mod remark42;
mod rows;
mod staticman;
mod text;
mod twikoo;
mod values;
mod waline;
mod wxr;
mod xml_export;

use crate::format::Format;
use crate::input::Input;
use crate::problem::ReadError;
use crate::record::RecordSink;
use output::Output;

/// Our own export keeps more than the records that readers give.
const OWN_EXPORT: &str = "this is an export of Afterword itself: restore it, in place of an import from another system";

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
        _ => read_data(format, inputs, &mut Output::new(options, sink)),
    }
}

/// Reads the formats that are not XML.
fn read_data(format: Format, inputs: &mut [Input<'_>], output: &mut Output<'_>) -> Result<(), ReadError> {
    let file = inputs.first().map(|input| input.name.clone()).unwrap_or_default();
    match format {
        Format::IssoDatabase => isso::read_database(inputs, output),
        Format::IssoJson => isso::read_json(inputs, output),
        Format::Remark42 => remark42::read(inputs, output),
        Format::Commento | Format::Comentario => comentario::read(inputs, output),
        Format::Cusdis => cusdis::read(inputs, output),
        Format::Garrul => garrul::read(inputs, output),
        Format::Ghost => ghost::read(inputs, output),
        Format::Waline | Format::Valine => waline::read(format, inputs, output),
        Format::Twikoo => twikoo::read(inputs, output),
        Format::Artalk => artalk::read(inputs, output),
        Format::Giscus | Format::Utterances => github::read(inputs, output),
        Format::Staticman => staticman::read(inputs, output),
        Format::Csv => generic::read_csv(inputs, output),
        Format::Json => generic::read_json(inputs, output),
        Format::Afterword | Format::Disqus | Format::Wxr | Format::BloggerAtom | Format::BloggerTakeout => {
            Err(ReadError::NoComments { file, advice: OWN_EXPORT.to_owned() })
        }
    }
}
