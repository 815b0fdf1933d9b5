//! Common parts of the readers of XML exports.

use std::collections::BTreeMap;

use super::ReadOptions;
use crate::containers::members;
use crate::containers::xml::{Text, XmlReader};
use crate::format::Format;
use crate::input::Input;
use crate::problem::{Position, Problem, ProblemKind, ReadError};
use crate::recognize;
use crate::record::{LostField, RecordSink, SourceComment, SourceThread, SourceTime, TimeQuality};
use crate::scan;

/// Domain of the addresses that Disqus gives to removed accounts, after their first letters.
const SHARED_EMAILS: [&str; 2] = ["noreply@blogger.com", "noreply@wordpress.com"];

/// An export that is being read, with its receiver.
pub(super) struct Export<'a> {
    pub(super) sink: &'a mut dyn RecordSink,
    pub(super) options: &'a ReadOptions,
    lost: BTreeMap<LostField, u64>,
    has_comments: bool,
}

/// Advice for an export in which nobody has commented, such as that of Squarespace without its comments.
const NO_COMMENTS: &str = "there are no comments in this file. If the site has comments, export it again with them";

impl<'a> Export<'a> {
    /// Visits the XML files of one format among all members of the inputs; others are skipped.
    pub(super) fn read(
        format: Format,
        inputs: &mut [Input<'_>],
        options: &'a ReadOptions,
        sink: &'a mut dyn RecordSink,
        read_file: &mut dyn FnMut(&mut Self, &mut XmlReader<'_>, &str) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut export = Self { sink, options, lost: BTreeMap::new(), has_comments: false };
        let file = inputs.first().map(|input| input.name.clone()).unwrap_or_default();
        members::for_each(inputs, &mut |member| {
            if !recognize::is_xml_of(member.head, format) {
                return Ok(());
            }
            let (name, head, path) = (member.name, member.head, member.path);
            read_file(&mut export, &mut XmlReader::new(name, head, member), path)
        })?;
        if !export.has_comments {
            return Err(ReadError::NoComments { file, advice: NO_COMMENTS.to_owned() });
        }
        for (field, count) in export.lost {
            export.sink.lost(field, count);
        }
        Ok(())
    }

    pub(super) fn thread(&mut self, thread: SourceThread) -> Result<(), ReadError> {
        self.sink.thread(thread).map_err(|error| sink_error(&error))
    }

    pub(super) fn comment(&mut self, comment: SourceComment) -> Result<(), ReadError> {
        self.has_comments = true;
        self.sink.comment(comment).map_err(|error| sink_error(&error))
    }

    /// Counts a value that is left behind.
    pub(super) fn lose(&mut self, field: LostField) {
        *self.lost.entry(field).or_default() += 1;
    }

    /// Reports a record that starts at a line.
    pub(super) fn problem(&mut self, xml: &XmlReader<'_>, line: u64, kind: ProblemKind) {
        self.sink.problem(Problem { file: xml.file().to_owned(), position: Position::Line(line), kind });
    }

    /// An address that can identify a person: not one that a system writes for many.
    pub(super) fn email(&mut self, email: &str) -> Option<String> {
        let email = email.trim();
        let lower = email.to_ascii_lowercase();
        let is_shared = SHARED_EMAILS.contains(&lower.as_str())
            || (lower.starts_with("anonymized-") && lower.ends_with("@disqus.com"))
            || (!email.is_empty() && !email.contains('@'));
        if is_shared {
            self.lose(LostField::UnusableEmails);
        }
        (!is_shared && !email.is_empty()).then(|| email.to_owned())
    }
}

fn sink_error(error: &std::io::Error) -> ReadError {
    ReadError::Io { file: "intermediate data".to_owned(), message: error.to_string() }
}

/// A field of one line, without white space around it.
pub(super) fn line(text: Text) -> String {
    let Text { mut text, .. } = text;
    let line = text.trim();
    if !is_plain_line(line) {
        return line.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if line.len() == text.len() {
        return text;
    }
    text = line.to_owned();
    text
}

/// Returns true for ASCII without white space other than single spaces.
fn is_plain_line(line: &str) -> bool {
    !scan::has_byte(line.as_bytes(), |byte| !scan::is_within(byte, b' ', 0x7f))
        && !scan::has_double_space(line.as_bytes())
}

/// A field, if it has a text.
pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A truth value, with white space around it.
pub(super) fn is_true(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("true") || text.trim() == "1"
}

/// The seconds of a time that is known.
pub(super) fn seconds(time: SourceTime) -> Option<i64> {
    (time.quality != TimeQuality::Missing).then_some(time.seconds)
}
