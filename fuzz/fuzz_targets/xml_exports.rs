//! Recognizes and reads arbitrary files as each format that is XML, plain, and packed as they are.
#![no_main]

use std::io::Cursor;

use afterword_interchange::{Format, Input, LostField, Problem, ReadOptions, RecordSink, SourceComment, SourceThread, read, recognize, to_markdown};
use libfuzzer_sys::fuzz_target;

/// Converts every text, and keeps nothing.
struct Converter;

impl RecordSink for Converter {
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

fuzz_target!(|bytes: &[u8]| {
    let mut content = Cursor::new(bytes);
    let mut inputs = [Input { name: "file".to_owned(), bytes: &mut content }];
    let _ = recognize(&mut inputs);
    for format in [Format::Disqus, Format::Wxr, Format::BloggerAtom, Format::BloggerTakeout] {
        let _ = read(format, &mut inputs, &ReadOptions::default(), &mut Converter);
    }
});
