//! Prints the comments of a file of another system as Markdown.
//!
//! ```sh
//! cargo run --package afterword-interchange --example show_markdown -- export.xml
//! ```
#![expect(clippy::print_stdout, reason = "it prints comments")]

use std::error::Error;
use std::fs::File;

use afterword_interchange::{
    Input, LostField, Problem, ReadOptions, RecordSink, SourceComment, SourceThread, read, recognize, to_markdown,
};

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).ok_or("name a file")?;
    let mut file = File::open(&name)?;
    let mut inputs = [Input { name, bytes: &mut file }];
    let format = recognize(&mut inputs)?;
    read(format, &mut inputs, &ReadOptions::default(), &mut Printer)?;
    Ok(())
}

struct Printer;

impl RecordSink for Printer {
    fn thread(&mut self, thread: SourceThread) -> std::io::Result<()> {
        println!("thread {} {} {:?}", thread.key, thread.url, thread.title);
        Ok(())
    }

    fn comment(&mut self, comment: SourceComment) -> std::io::Result<()> {
        let converted = to_markdown(&comment.body);
        println!("---- {} of {} by {:?}, dropped {:?}", comment.id, comment.thread, comment.name, converted.dropped);
        println!("{}", converted.markdown);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        println!("---- {problem:?}");
    }

    fn lost(&mut self, field: LostField, count: u64) {
        println!("lost {field:?}: {count}");
    }
}
