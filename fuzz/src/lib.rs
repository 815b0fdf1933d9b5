//! The laws that the targets for files of other systems share.

use std::io::Cursor;

use afterword_interchange::{
    Format, Input, LostField, Problem, ReadOptions, RecordSink, SourceComment, SourceThread, read, recognize,
    to_markdown,
};

/// Checks the laws of records and converts every text, and keeps nothing.
struct Checker;

impl RecordSink for Checker {
    fn thread(&mut self, thread: SourceThread) -> std::io::Result<()> {
        assert!(!thread.key.is_empty(), "a thread has a key");
        Ok(())
    }

    fn comment(&mut self, comment: SourceComment) -> std::io::Result<()> {
        assert!(!comment.id.is_empty() && !comment.thread.is_empty(), "a comment has an id and a thread");
        let _ = afterword_markup::render(&to_markdown(&comment.body).markdown);
        Ok(())
    }

    fn problem(&mut self, _: Problem) {}

    fn lost(&mut self, _: LostField, _: u64) {}
}

/// Recognizes a file with this name, and reads it as each of the formats.
pub fn check_file(name: &str, bytes: &[u8], formats: &[Format]) {
    let mut content = Cursor::new(bytes);
    let mut inputs = [Input { name: name.to_owned(), bytes: &mut content }];
    let _ = recognize(&mut inputs);
    for format in formats {
        let _ = read(*format, &mut inputs, &ReadOptions::default(), &mut Checker);
    }
}
