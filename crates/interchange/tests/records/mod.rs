//! Records of files as lines of text.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use afterword_interchange::{
    Format, Input, LostField, Problem, ReadError, ReadOptions, ReadSeek, RecordSink, SourceComment, SourceThread,
    TimeQuality, read, recognize, to_markdown,
};

/// The records of a file, a line each.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) String);

impl RecordSink for Lines {
    fn thread(&mut self, thread: SourceThread) -> std::io::Result<()> {
        let SourceThread { key, partition, url, hints, title, time, closed, state } = thread;
        let closed = if closed { " closed" } else { "" };
        let time = time.map(|time| format!(" {time}")).unwrap_or_default();
        let partition = partition.unwrap_or_default();
        writeln!(self.0, "thread {key} [{partition}] {state:?}{closed}{time} <{url}> {title:?} {hints:?}").unwrap();
        Ok(())
    }

    fn comment(&mut self, comment: SourceComment) -> std::io::Result<()> {
        let SourceComment { thread, id, parent, time, name, email, website, body, state, .. } = comment;
        let time = match time.quality {
            TimeQuality::Exact => time.seconds.to_string(),
            TimeQuality::ZoneGuessed => format!("~{}", time.seconds),
            TimeQuality::Missing => "?".to_owned(),
        };
        let parent = parent.map(|parent| format!(" < {parent}")).unwrap_or_default();
        let author = [Some(name), email, website].into_iter().flatten().collect::<Vec<_>>().join(", ");
        writeln!(self.0, "{thread}/{id}{parent} {state:?} {time} ({author})").unwrap();
        writeln!(self.0, "    {:?} {:?}", body.kind, body.text).unwrap();
        let markdown = to_markdown(&body).markdown;
        if markdown != body.text {
            writeln!(self.0, "    {markdown:?}").unwrap();
        }
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        writeln!(self.0, "problem {:?} {:?}", problem.position, problem.kind).unwrap();
    }

    fn lost(&mut self, field: LostField, count: u64) {
        writeln!(self.0, "lost {field:?} {count}").unwrap();
    }
}

/// Recognizes and reads files, given by name and content.
pub(crate) fn records(files: &[(&str, Vec<u8>)]) -> Result<(Format, String), ReadError> {
    let format = with_inputs(files, recognize)?;
    let mut lines = Lines::default();
    with_inputs(files, |inputs| read(format, inputs, &ReadOptions::default(), &mut lines))?;
    Ok((format, lines.0))
}

fn with_inputs<T>(files: &[(&str, Vec<u8>)], run: impl FnOnce(&mut [Input<'_>]) -> T) -> T {
    let mut contents: Vec<_> = files.iter().map(|(_, content)| Cursor::new(content.as_slice())).collect();
    let named = files.iter().zip(&mut contents);
    let mut inputs: Vec<_> =
        named.map(|((name, _), bytes)| Input { name: (*name).to_owned(), bytes: bytes as &mut dyn ReadSeek }).collect();
    run(&mut inputs)
}

/// A file below `tests/fixtures`.
pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A zip file.
pub(crate) fn zipped(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        archive.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A gzip file.
pub(crate) fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
