//! Recognizes and reads arbitrary files as each format that is JSON.
#![no_main]

use std::io::Cursor;

use afterword_interchange::{
    Format, Input, LostField, Problem, ReadOptions, RecordSink, SourceComment, SourceThread, read, recognize,
};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 13] = [
    Format::IssoJson,
    Format::Remark42,
    Format::Commento,
    Format::Comentario,
    Format::Cusdis,
    Format::Waline,
    Format::Twikoo,
    Format::Valine,
    Format::Artalk,
    Format::Giscus,
    Format::Utterances,
    Format::Ghost,
    Format::Json,
];

/// Checks the laws of records, and keeps nothing.
struct Checker;

impl RecordSink for Checker {
    fn thread(&mut self, thread: SourceThread) -> std::io::Result<()> {
        assert!(!thread.key.is_empty(), "a thread has a key");
        Ok(())
    }

    fn comment(&mut self, comment: SourceComment) -> std::io::Result<()> {
        assert!(!comment.id.is_empty() && !comment.thread.is_empty(), "a comment has an id and a thread");
        Ok(())
    }

    fn problem(&mut self, _: Problem) {}

    fn lost(&mut self, _: LostField, _: u64) {}
}

fuzz_target!(|bytes: &[u8]| {
    let mut content = Cursor::new(bytes);
    let mut inputs = [Input { name: "export.json".to_owned(), bytes: &mut content }];
    let _ = recognize(&mut inputs);
    for format in FORMATS {
        let _ = read(format, &mut inputs, &ReadOptions::default(), &mut Checker);
    }
});
