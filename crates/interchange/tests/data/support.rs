//! Reads files into lines of text, one for each record.

use std::fmt::Write as _;
use std::io::{self, Cursor};
use std::path::Path;

use afterword_interchange::{
    Format, Input, LostField, Problem, ReadError, ReadOptions, ReadSeek, RecordSink, SourceComment, SourceThread,
    ThreadState, TimeQuality, read, recognize,
};

/// What a reader gives.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) threads: Vec<SourceThread>,
    pub(crate) comments: Vec<SourceComment>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) lost: Vec<(LostField, u64)>,
}

impl RecordSink for Records {
    fn thread(&mut self, thread: SourceThread) -> io::Result<()> {
        self.threads.push(thread);
        Ok(())
    }

    fn comment(&mut self, comment: SourceComment) -> io::Result<()> {
        self.comments.push(comment);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn lost(&mut self, field: LostField, count: u64) {
        match self.lost.iter_mut().find(|(known, _)| *known == field) {
            Some((_, sum)) => *sum += count,
            None => self.lost.push((field, count)),
        }
    }
}

/// Content of a file in the folder of fixtures.
pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(path)).unwrap()
}

fn with_inputs<T>(files: &[(&str, &[u8])], run: impl FnOnce(&mut [Input<'_>]) -> T) -> T {
    let mut contents: Vec<_> = files.iter().map(|(_, content)| Cursor::new(*content)).collect();
    let mut inputs: Vec<_> = files
        .iter()
        .zip(&mut contents)
        .map(|((name, _), bytes)| Input { name: (*name).to_owned(), bytes: bytes as &mut dyn ReadSeek })
        .collect();
    run(&mut inputs)
}

/// Reads files of a format.
pub(crate) fn records(
    format: Format,
    files: &[(&str, &[u8])],
    zone_minutes: Option<i32>,
) -> Result<Records, ReadError> {
    let mut records = Records::default();
    with_inputs(files, |inputs| read(format, inputs, &ReadOptions { zone_minutes }, &mut records))?;
    Ok(records)
}

/// Checks that files are recognized, and give these records.
pub(crate) fn check_files(format: Format, files: &[(&str, &[u8])], expected: &str) {
    assert_eq!(with_inputs(files, recognize), Ok(format));
    check_records(format, files, expected);
}

/// Checks that files give these records.
pub(crate) fn check_records(format: Format, files: &[(&str, &[u8])], expected: &str) {
    let found = lines(&records(format, files, None).unwrap());
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let found: Vec<&str> = found.lines().map(str::trim).collect();
    assert!(found == expected, "found:\n{}\n\nexpected:\n{}", found.join("\n"), expected.join("\n"));
}

/// The same for one file.
pub(crate) fn check(format: Format, content: &str, expected: &str) {
    check_files(format, &[("export", content.as_bytes())], expected);
}

/// A line for each thread, comment, problem and kind of loss. What is empty is left out.
pub(crate) fn lines(records: &Records) -> String {
    let mut out = String::new();
    for thread in &records.threads {
        out.push_str(&thread_line(thread));
    }
    for comment in &records.comments {
        out.push_str(&comment_line(comment));
    }
    for problem in &records.problems {
        writeln!(out, "problem {:?} {}", problem.position, problem.kind).unwrap();
    }
    for (field, count) in &records.lost {
        writeln!(out, "lost {field:?} {count}").unwrap();
    }
    out
}

fn thread_line(thread: &SourceThread) -> String {
    let mut line = format!("thread {}", thread.key.replace('\n', "|"));
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            write!(line, " {name}={value}").unwrap();
        }
    };
    add("url", &thread.url);
    add("hints", &thread.hints.join(","));
    add("site", thread.partition.as_deref().unwrap_or_default());
    add("title", &thread.title);
    add("time", &thread.time.map(|time| time.to_string()).unwrap_or_default());
    add("closed", if thread.closed { "yes" } else { "" });
    if thread.state != ThreadState::Published {
        add("state", &format!("{:?}", thread.state));
    }
    line + "\n"
}

fn comment_line(comment: &SourceComment) -> String {
    let mut line = format!("{} {}", comment.id.replace('\n', "|"), comment.thread.replace('\n', "|"));
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            write!(line, " {name}{value}").unwrap();
        }
    };
    add("<", comment.parent.as_deref().unwrap_or_default());
    match comment.time.quality {
        TimeQuality::Exact => add("@", &comment.time.seconds.to_string()),
        TimeQuality::ZoneGuessed => add("@", &format!("{}?", comment.time.seconds)),
        TimeQuality::Missing => add("@", "?"),
    }
    add("edited=", &comment.edited.map(|time| time.to_string()).unwrap_or_default());
    add("name=", &comment.name);
    add("email=", comment.email.as_deref().unwrap_or_default());
    add("site=", comment.website.as_deref().unwrap_or_default());
    add("", if comment.is_owner { "owner" } else { "" });
    add("", if comment.pinned { "pinned" } else { "" });
    add("votes=", if comment.votes == 0 { String::new() } else { comment.votes.to_string() }.as_str());
    add("", &format!("{:?} {:?}: {:?}", comment.state, comment.body.kind, comment.body.text));
    line + "\n"
}
