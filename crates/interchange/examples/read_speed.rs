//! Speed of the readers of XML exports, beside `quick-xml` that reads the same file bare: all its events, with their texts checked for UTF-8.
//!
//! ```sh
//! cargo run --release --package afterword-interchange --example read_speed -- 1000
//! ```
//!
//! The argument is the size of each generated file in MB. Each time is the shortest of three, and of the processor if the system tells it
//! (Linux), so that other programs do not count.
#![expect(clippy::print_stdout, reason = "it prints measurements")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use afterword_interchange::{
    Body, Format, Input, LostField, Problem, ReadOptions, RecordSink, SourceComment, SourceThread, read, recognize,
    to_markdown,
};
use quick_xml::Reader;
use quick_xml::events::Event;

/// Comments for each post.
const COMMENTS: u64 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let megabytes: u64 = std::env::args().nth(1).map_or(Ok(100), |size| size.parse())?;
    for (name, format) in [("WordPress", Format::Wxr), ("Disqus", Format::Disqus), ("Blogger", Format::BloggerAtom)] {
        let mut file = tempfile::tempfile()?;
        let bytes = generate(&mut file, format, megabytes * 1_000_000)?;
        let (mut bare, mut reading, mut converting, mut count) = (Duration::MAX, Duration::MAX, Duration::MAX, 0);
        for _ in 0..3 {
            bare = bare.min(timed(|| read_bare(&mut file))?.0);
            let (time, comments) = timed(|| records(&mut file, format, false))?;
            (reading, count) = (reading.min(time), comments);
            converting = converting.min(timed(|| records(&mut file, format, true))?.0);
        }
        println!("{name}: {} MB, {count} comments", bytes / 1_000_000);
        for (step, time) in [("quick-xml bare", bare), ("reading", reading), ("reading and converting", converting)] {
            let speed = f64::from(u32::try_from(bytes / 1_000_000)?) / time.as_secs_f64();
            let ratio = bare.as_secs_f64() / time.as_secs_f64();
            println!("  {step:24} {:6.2} s {speed:6.0} MB/s, {ratio:.2} of bare", time.as_secs_f64());
        }
    }
    Ok(())
}

/// The time of a step, with its result.
fn timed<T>(step: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<(Duration, T), Box<dyn Error>> {
    let (start, processor) = (Instant::now(), processor_time());
    let result = step()?;
    let time = processor.zip(processor_time()).map_or_else(|| start.elapsed(), |(before, after)| after - before);
    Ok((time, result))
}

/// The time for which the processor has run this program.
fn processor_time() -> Option<Duration> {
    let times = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    times.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn read_bare(file: &mut File) -> Result<(), Box<dyn Error>> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, file));
    let mut buffer = Vec::new();
    let mut bytes = 0;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Eof => break,
            Event::Text(text) => bytes += text.decode()?.len(),
            Event::CData(text) => bytes += text.decode()?.len(),
            Event::GeneralRef(name) => bytes += name.decode()?.len(),
            _ => {}
        }
    }
    assert!(bytes > 0);
    Ok(())
}

/// Reads all records. Returns the number of comments.
fn records(file: &mut File, format: Format, converts: bool) -> Result<u64, Box<dyn Error>> {
    let mut inputs = [Input { name: "export.xml".to_owned(), bytes: file }];
    assert_eq!(recognize(&mut inputs)?, format);
    let mut counter = Counter { converts, comments: 0, bytes: 0 };
    read(format, &mut inputs, &ReadOptions::default(), &mut counter)?;
    assert!(counter.bytes > 0);
    Ok(counter.comments)
}

struct Counter {
    converts: bool,
    comments: u64,
    bytes: usize,
}

impl RecordSink for Counter {
    fn thread(&mut self, thread: SourceThread) -> std::io::Result<()> {
        self.bytes += thread.url.len();
        Ok(())
    }

    fn comment(&mut self, comment: SourceComment) -> std::io::Result<()> {
        self.comments += 1;
        self.bytes += if self.converts { markdown_bytes(&comment.body) } else { comment.body.text.len() };
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        panic!("{problem:?}");
    }

    fn lost(&mut self, _: LostField, _: u64) {}
}

fn markdown_bytes(body: &Body) -> usize {
    to_markdown(body).markdown.len()
}

/// Writes a file of about this size. Half of the comments are long, a quarter have markup.
fn generate(file: &mut File, format: Format, size: u64) -> Result<u64, Box<dyn Error>> {
    let mut out = BufWriter::new(file);
    let (head, tail) = match format {
        Format::Wxr => ("<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>", "</channel></rss>"),
        Format::Disqus => {
            ("<disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\">", "</disqus>")
        }
        _ => {
            ("<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0'>", "</feed>")
        }
    };
    writeln!(out, "{head}")?;
    let mut written = 0;
    let mut id = 0;
    while written < size {
        id += 1;
        let record = match format {
            Format::Wxr => wordpress(id),
            Format::Disqus => disqus(id),
            _ => blogger(id),
        };
        out.write_all(record.as_bytes())?;
        written += u64::try_from(record.len())?;
    }
    if format == Format::Wxr {
        writeln!(out, "</item>")?;
    }
    writeln!(out, "{tail}")?;
    out.flush()?;
    Ok(written)
}

fn body(id: u64) -> String {
    const SENTENCE: &str =
        "It was a bright day in April, and the kettle was on the stove; nobody said a word about it. ";
    let text = SENTENCE.repeat(if id.is_multiple_of(2) { 30 } else { 4 });
    match id % 4 {
        0 => format!("<p>{text}</p><p>See <a href=\"https://a.example/{id}\">this</a>, <em>please</em>.</p>"),
        1 => format!("<p>{text}</p>"),
        _ => text,
    }
}

fn wordpress(id: u64) -> String {
    let post = id / COMMENTS;
    let item = if id % COMMENTS == 1 {
        let close = if id > 1 { "</item>\n" } else { "" };
        format!(
            "{close}<item><title>Post {post}</title><link>https://blog.example/{post}</link><wp:post_id>{post}</wp:post_id><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>\n"
        )
    } else {
        String::new()
    };
    format!(
        "{item}<wp:comment>\n\t<wp:comment_id>{id}</wp:comment_id>\n\t<wp:comment_author><![CDATA[Ada {id}]]></wp:comment_author>\n\t<wp:comment_author_email>a{id}@blog.example</wp:comment_author_email>\n\t<wp:comment_author_url>https://ada.example/</wp:comment_author_url>\n\t<wp:comment_author_IP>192.0.2.1</wp:comment_author_IP>\n\t<wp:comment_date>2020-01-01 10:00:00</wp:comment_date>\n\t<wp:comment_date_gmt>2020-01-01 09:00:00</wp:comment_date_gmt>\n\t<wp:comment_content><![CDATA[{}]]></wp:comment_content>\n\t<wp:comment_approved>1</wp:comment_approved>\n\t<wp:comment_type></wp:comment_type>\n\t<wp:comment_parent>{}</wp:comment_parent>\n\t<wp:comment_user_id>0</wp:comment_user_id>\n</wp:comment>\n",
        body(id),
        id - 1,
    )
}

fn disqus(id: u64) -> String {
    let post = id / COMMENTS;
    let thread = if id % COMMENTS == 1 {
        format!(
            "<thread dsq:id=\"{post}\"><link>https://blog.example/{post}</link><title>Post {post}</title></thread>\n"
        )
    } else {
        String::new()
    };
    format!(
        "{thread}<post dsq:id=\"{id}\">\n\t<id/>\n\t<message><![CDATA[{}]]></message>\n\t<createdAt>2020-01-01T10:00:00Z</createdAt>\n\t<isDeleted>false</isDeleted>\n\t<isSpam>false</isSpam>\n\t<author><name>Ada</name><isAnonymous>false</isAnonymous><username>ada{id}</username></author>\n\t<thread dsq:id=\"{post}\"/>\n\t<parent dsq:id=\"{}\"/>\n</post>\n",
        body(id),
        id - 1,
    )
}

fn blogger(id: u64) -> String {
    let post = id / COMMENTS;
    let escaped = body(id).replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<entry><id>tag:blogger.com,1999:blog-5.post-{id}</id><published>2020-01-01T10:00:00.000-08:00</published><category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#comment'/><content type='html'>{escaped}</content><author><name>Ada {id}</name><email>noreply@blogger.com</email></author><thr:in-reply-to href='https://blog.example/{post}' ref='tag:blogger.com,1999:blog-5.post-{post}'/></entry>\n"
    )
}
