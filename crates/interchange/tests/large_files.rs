//! Files with 500,000 comments and a gigabyte of XML. Each test prints its throughput beside that of `quick-xml` alone, and the peak memory of
//! the process, so run one at a time:
//!
//! ```text
//! cargo test --release -p afterword-interchange --test large_files -- --ignored --exact --nocapture a_large_wxr_file
//! ```

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]
#![expect(clippy::print_stdout, reason = "the measurements are for whoever runs the test")]

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;

use afterword_interchange::{Format, Input, LineCursor, PlanOptions, ReadOptions, Reading, Spool};
use quick_xml::events::Event;

const COMMENTS: u64 = 500_000;
/// Comments of a thread.
const BLOCK_COMMENTS: u64 = 50;
/// Maximum of memory that the process may use, in kB.
const MAX_PEAK_KB: u64 = 150 * 1024;
/// Minimum of the throughput, as a part of that of `quick-xml`.
const MIN_SPEED: f64 = 0.3;

/// A file that is made while it is read: blocks of equal size between a head and a tail.
struct Generated {
    head: String,
    block: fn(u64) -> String,
    block_bytes: u64,
    tail: &'static str,
    at: u64,
    current: (u64, String),
}

impl Generated {
    fn new(head: &str, block: fn(u64) -> String, tail: &'static str) -> Self {
        let block_bytes = block(0).len() as u64;
        Self { head: head.to_owned(), block, block_bytes, tail, at: 0, current: (u64::MAX, String::new()) }
    }

    fn length(&self) -> u64 {
        let blocks = COMMENTS / BLOCK_COMMENTS;
        self.head.len() as u64 + blocks * self.block_bytes + self.tail.len() as u64
    }
}

impl Read for Generated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let blocks = COMMENTS / BLOCK_COMMENTS;
        let from_head = self.at.checked_sub(self.head.len() as u64);
        let rest = match from_head {
            None => &self.head.as_bytes()[self.at as usize..],
            Some(offset) if offset / self.block_bytes < blocks => {
                let number = offset / self.block_bytes;
                if self.current.0 != number {
                    self.current = (number, (self.block)(number));
                    assert_eq!(self.current.1.len() as u64, self.block_bytes);
                }
                &self.current.1.as_bytes()[(offset % self.block_bytes) as usize..]
            }
            Some(offset) => {
                let offset = (offset - blocks * self.block_bytes) as usize;
                self.tail.as_bytes().get(offset..).unwrap_or_default()
            }
        };
        let count = Cursor::new(rest).read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Generated {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(offset) => self.length().saturating_add_signed(offset),
            SeekFrom::Current(offset) => self.at.saturating_add_signed(offset),
        };
        Ok(self.at)
    }
}

/// A text of about two kilobytes with paragraphs, links and emphasis.
fn text(number: u64) -> String {
    let sentence =
        "This is a sentence of a comment that somebody wrote on a blog long ago, and it has nothing special. ";
    let paragraph = format!("<p>{}</p>", sentence.repeat(6));
    format!(
        "{paragraph}<p>Look at <a href=\"https://ada.example/{number:010}\" rel=\"nofollow\">my page</a>, it is <b>good</b>.</p>{paragraph}{paragraph}"
    )
}

/// Every second comment of a thread answers the one before it.
fn parent(number: u64) -> u64 {
    if number.is_multiple_of(2) { 0 } else { number - 1 }
}

fn wxr_block(block: u64) -> String {
    let comments = (block * BLOCK_COMMENTS..(block + 1) * BLOCK_COMMENTS).map(|number| {
        let (id, parent) = (number + 1_000_000, if parent(number) == 0 { 0 } else { parent(number) + 1_000_000 });
        let (hour, minute) = (number % 24, number % 60);
        format!(
            "<wp:comment><wp:comment_id>{id:010}</wp:comment_id><wp:comment_author><![CDATA[Author {number:010}]]></wp:comment_author>\
             <wp:comment_author_email><![CDATA[a{number:010}@ada.example]]></wp:comment_author_email>\
             <wp:comment_date_gmt>2012-04-02 {hour:02}:{minute:02}:00</wp:comment_date_gmt>\
             <wp:comment_content><![CDATA[{}]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved>\
             <wp:comment_parent>{parent:010}</wp:comment_parent></wp:comment>\n",
            text(number)
        )
    });
    format!(
        "<item><title>Post {block:010}</title><link>https://blog.example/{block:010}/</link><wp:post_id>{block:010}</wp:post_id>\
         <wp:post_type>post</wp:post_type><wp:status>publish</wp:status>{}</item>\n",
        comments.collect::<String>()
    )
}

fn disqus_block(block: u64) -> String {
    let posts = (block * BLOCK_COMMENTS..(block + 1) * BLOCK_COMMENTS).map(|number| {
        let (hour, minute) = (number % 24, number % 60);
        let parent = format!("<parent dsq:id=\"{:010}\" />", parent(number));
        format!(
            "<post dsq:id=\"{number:010}\"><id /><message><![CDATA[{}]]></message><createdAt>2012-04-02T{hour:02}:{minute:02}:00Z</createdAt>\
             <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Author {number:010}</name></author>\
             <thread dsq:id=\"{block:010}\" />{parent}</post>\n",
            text(number)
        )
    });
    format!(
        "<thread dsq:id=\"{block:010}\"><id /><link>https://blog.example/{block:010}</link><title>Post {block:010}</title></thread>\n{}",
        posts.collect::<String>()
    )
}

/// Intermediate data in a file that has no name any more.
struct FileSpool(File);

impl Spool for FileSpool {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Seconds of the processor that this thread has used: other programs on the machine do not change them.
fn cpu_seconds() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    times.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn measure(format: Format, file: &mut Generated) {
    let megabytes = file.length() as f64 / 1e6;
    // The file is made while it is read, which takes time too.
    let start = cpu_seconds();
    io::copy(&mut BufReader::with_capacity(1 << 16, &mut *file), &mut io::sink()).unwrap();
    let making = cpu_seconds() - start;
    file.seek(SeekFrom::Start(0)).unwrap();
    let start = cpu_seconds();
    let mut bare = quick_xml::Reader::from_reader(BufReader::with_capacity(1 << 16, &mut *file));
    let (mut buffer, mut events) = (Vec::new(), 0_u64);
    while bare.read_event_into(&mut buffer).unwrap() != Event::Eof {
        events += 1;
        buffer.clear();
    }
    let bare = megabytes / (cpu_seconds() - start - making);
    file.seek(SeekFrom::Start(0)).unwrap();
    let start = cpu_seconds();
    let spool = FileSpool(tempfile::tempfile().unwrap());
    let mut inputs = [Input { name: "large".to_owned(), bytes: file }];
    let mut reading = Reading::read(&mut inputs, format, &ReadOptions::default(), spool, &mut |_| ()).unwrap();
    let read = megabytes / (cpu_seconds() - start - making);
    let start = cpu_seconds();
    let options = PlanOptions { site: "https://blog.example".to_owned(), ..PlanOptions::default() };
    let plan = reading.plan(&options).unwrap();
    let planned = cpu_seconds() - start;
    let (mut cursor, mut lines) = (LineCursor::default(), 0);
    while plan.next_line(&mut reading, &mut cursor).unwrap().is_some() {
        lines += 1;
    }
    let written = cpu_seconds() - start - planned;
    println!(
        "{format:?}: {megabytes:.0} MB, {events} events; quick-xml alone {bare:.0} MB/s, reading {read:.0} MB/s ({:.2}x); plan {planned:.1} s; \
         {lines} lines {written:.1} s; peak {} MB",
        read / bare,
        peak_kb() / 1024
    );
    assert_eq!(plan.report().to_import, COMMENTS);
    assert_eq!(lines, COMMENTS + COMMENTS / BLOCK_COMMENTS + 2);
    assert!(peak_kb() < MAX_PEAK_KB, "{} kB", peak_kb());
    assert!(read > bare * MIN_SPEED, "{read} MB/s beside {bare} MB/s");
}

#[test]
#[ignore = "a gigabyte; run it in a release build"]
fn a_large_wxr_file() {
    let head = "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>\
                <link>https://blog.example</link><wp:base_blog_url>https://blog.example</wp:base_blog_url>\n";
    measure(Format::Wxr, &mut Generated::new(head, wxr_block, "</channel></rss>\n"));
}

#[test]
#[ignore = "a gigabyte; run it in a release build"]
fn a_large_disqus_file() {
    let head = "<?xml version=\"1.0\"?><disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\">\n";
    measure(Format::Disqus, &mut Generated::new(head, disqus_block, "</disqus>\n"));
}
