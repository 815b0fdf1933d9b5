//! Recognition of formats by content. Names of files count only where the format itself consists of names.

mod database;
mod json;
mod text;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use crate::containers::encodings;
use crate::containers::members::{self, Member};
use crate::format::Format;
use crate::input::Input;
use crate::problem::ReadError;

/// The kind of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A part of an export.
    Of(Format),
    /// A file that has no comments, with advice.
    Advice(&'static str),
    /// A companion of other files, or a file of no known kind.
    Unknown,
}

/// Recognizes the format of files that are parts of one export.
///
/// # Errors
///
/// [`ReadError::SeveralFormats`] if they are parts of different exports, [`ReadError::NoComments`] with advice if they are known and have no
/// comments, and [`ReadError::UnknownFormat`] if they are not known.
pub fn recognize(inputs: &mut [Input<'_>]) -> Result<Format, ReadError> {
    let mut found = Found::default();
    members::for_each(inputs, &mut |member| {
        found.take(member);
        Ok(())
    })?;
    found.answer(inputs.first().map(|input| input.name.clone()).unwrap_or_default())
}

/// The kinds of all files.
#[derive(Default)]
struct Found {
    /// The formats, each with a file of it.
    formats: BTreeMap<Format, String>,
    /// The first advice, with its file.
    advice: Option<(String, &'static str)>,
    /// Names of the folders and files of archives that tell the system.
    names: BTreeSet<&'static str>,
}

impl Found {
    fn take(&mut self, member: &Member<'_>) {
        self.names.extend(text::telling_name(member.path));
        match kind(member.path, member.head) {
            Kind::Of(format) => {
                self.formats.entry(format).or_insert_with(|| member.name.to_owned());
            }
            Kind::Advice(advice) => {
                self.advice.get_or_insert_with(|| (member.name.to_owned(), advice));
            }
            Kind::Unknown => {}
        }
    }

    fn answer(mut self, first_file: String) -> Result<Format, ReadError> {
        if let Some(advice) = text::advice_by_names(&self.names) {
            return Err(ReadError::NoComments { file: first_file, advice: advice.to_owned() });
        }
        // A blog of files has other files of data in its folders.
        if self.formats.len() > 1 && self.names.contains(text::COMMENTS_FOLDER) {
            self.formats.retain(|format, _| *format == Format::Staticman);
        }
        let mut formats = self.formats.into_iter();
        match (formats.next(), formats.next(), self.advice) {
            (Some((format, _)), None, _) => Ok(format),
            (Some((_, first)), Some((_, second)), _) => Err(ReadError::SeveralFormats { first, second }),
            (None, _, Some((file, advice))) => Err(ReadError::NoComments { file, advice: advice.to_owned() }),
            (None, _, None) => Err(ReadError::UnknownFormat { file: first_file }),
        }
    }
}

/// The kind of a file by its beginning.
fn kind(path: &str, head: &[u8]) -> Kind {
    if let Some(kind) = database::kind(head) {
        return kind;
    }
    let text = encodings::head_text(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.as_bytes().first() {
        Some(b'<') => xml::kind(text),
        Some(b'{' | b'[') => json::kind(path, text),
        Some(_) => database::text_kind(text).unwrap_or_else(|| text::kind(path, text)),
        None => Kind::Unknown,
    }
}

/// Returns true if a file starts as XML of a format.
pub(crate) fn is_xml_of(head: &[u8], format: Format) -> bool {
    let text = encodings::head_text(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('<') && xml::kind(text) == Kind::Of(format)
}

#[cfg(test)]
mod tests;
