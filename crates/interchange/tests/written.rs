//! Files of other systems that are made of our own export, and read again.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

use std::io::Cursor;

use afterword_interchange::{
    Body, BodyKind, ExportFormat, Format, Input, MemorySpool, PlanOptions, ReadOptions, Reading, SourceComment,
    SourceState, SourceThread, SourceTime, TimeQuality, WriteError, WriteReport, recognize, write_export,
};
use afterword_model::Status;
use afterword_model::export_format::{CommentLine, ExportChecksum, Line};
use proptest::prelude::*;

const SITE: &str = "https://blog.example";
const START: i64 = 1_300_000_000;

fn options() -> PlanOptions {
    PlanOptions { site: SITE.to_owned(), include_spam: true, ..PlanOptions::default() }
}

fn thread(name: &str) -> SourceThread {
    let url = format!("{SITE}/{name}");
    SourceThread { key: name.to_owned(), url, title: format!("{name} & <more>"), ..SourceThread::default() }
}

fn comment(thread: &str, number: u32, parent: Option<u32>, markdown: &str) -> SourceComment {
    SourceComment {
        thread: thread.to_owned(),
        id: number.to_string(),
        parent: parent.map(|parent| parent.to_string()),
        time: SourceTime { seconds: START + i64::from(number), quality: TimeQuality::Exact },
        name: format!("A & B <{number}> &amp; \"C\""),
        email: Some(format!("a{number}@ada.example")),
        website: Some("https://ada.example/?a=1&b=2".to_owned()),
        body: Body { kind: BodyKind::Markdown, text: markdown.to_owned() },
        ..SourceComment::default()
    }
}

/// The export of a blog with these comments.
fn export(comments: &[SourceComment]) -> Vec<String> {
    let mut reading = Reading::from_records(Format::Json, MemorySpool::default(), |sink| {
        ["a", "b"].iter().try_for_each(|name| sink.thread(thread(name)))?;
        comments.iter().try_for_each(|comment| sink.comment(comment.clone()))
    })
    .unwrap();
    let plan = reading.plan(&options()).unwrap();
    plan.lines(&mut reading).collect::<Result<_, _>>().unwrap()
}

fn write(lines: &[String], format: ExportFormat) -> (String, WriteReport) {
    let mut file = Vec::new();
    let export = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let report = write_export(&mut Cursor::new(export.into_bytes()), format, &mut file).unwrap();
    (String::from_utf8(file).unwrap(), report)
}

/// The lines of a file that was written, after its format is recognized.
fn read_again(file: &str, format: Format) -> Vec<String> {
    let mut bytes = Cursor::new(file.as_bytes().to_vec());
    let mut inputs = [Input { name: "file".to_owned(), bytes: &mut bytes }];
    assert_eq!(recognize(&mut inputs).unwrap(), format);
    let options_of_file = ReadOptions::default();
    let mut reading =
        Reading::read(&mut inputs, format, &options_of_file, MemorySpool::default(), &mut |_| ()).unwrap();
    let plan = reading.plan(&options()).unwrap();
    assert_eq!(plan.report().problem_count, 0);
    plan.lines(&mut reading).collect::<Result<_, _>>().unwrap()
}

/// The parts that both exports must have in common: a comment with the place of its parent, in the order of the lines.
#[derive(Debug, PartialEq, Eq)]
struct Common {
    thread: String,
    parent: Option<usize>,
    status: Status,
    spam: bool,
    is_erased: bool,
    name: String,
    email: Option<String>,
    created: i64,
    html: String,
}

fn common(lines: &[String]) -> Vec<Common> {
    let comments: Vec<CommentLine> = lines.iter().filter_map(|line| comment_of(line)).collect();
    let describe = |line: &CommentLine| Common {
        thread: line.thread.clone(),
        parent: line.parent.as_ref().map(|parent| comments.iter().position(|other| other.uuid == *parent).unwrap()),
        status: line.status,
        spam: line.spam,
        is_erased: line.erased.is_some(),
        name: line.name.clone(),
        email: line.email.clone(),
        created: line.created,
        html: afterword_markup::render(&line.source)
            .map_or_else(|_| line.source.clone(), |it| it.html.as_str().to_owned()),
    };
    comments.iter().map(describe).collect()
}

fn comment_of(line: &str) -> Option<CommentLine> {
    match serde_json::from_str(line).ok()? {
        Line::Comment(comment) => Some(*comment),
        _ => None,
    }
}

const TEXTS: [&str; 8] = [
    "Plain text",
    "Two\nlines and ***all*** of _it_ and `code ]]> here`",
    "A paragraph\n\nand another one with <angle> & ampersand &amp; entity",
    "> A quote\n> of two lines\n\nan answer",
    "- one\n- two\n\n1. first\n2. second",
    "```\ncode\n\n  indented & <b>\n```",
    "[a link](https://ada.example/?a=1&b=2) and https://bob.example/x",
    "Ünïcödé 👍🏽 \u{5d0}\u{5d1}",
];

fn blog() -> Vec<SourceComment> {
    let mut comments: Vec<_> = (1..).zip(TEXTS).map(|(number, text)| comment("a", number, None, text)).collect();
    comments.push(comment("b", 20, None, "root"));
    comments.push(SourceComment { state: SourceState::Deleted, ..comment("b", 21, Some(20), "gone") });
    comments.push(comment("b", 22, Some(21), "below a deleted one"));
    comments.push(SourceComment { state: SourceState::Spam, ..comment("b", 23, Some(20), "spam") });
    comments.push(comment("a", 24, Some(3), "late answer"));
    comments
}

#[test]
fn wxr_is_read_again_with_threads_parents_states_and_texts() {
    let mut comments = blog();
    comments.push(SourceComment { state: SourceState::Pending, ..comment("b", 25, Some(20), "waits") });
    let lines = export(&comments);
    let (file, report) = write(&lines, ExportFormat::Wxr);
    assert_eq!(common(&read_again(&file, Format::Wxr)), common(&lines));
    assert_eq!((report.read, report.comments, report.tombstones, report.threads), (14, 13, 1, 2));
    assert_eq!((report.left_out_pending, report.lost_websites), (0, 0));
}

#[test]
fn disqus_xml_is_read_again_and_the_report_names_what_is_lost() {
    let mut comments = blog();
    let lines = export(&comments);
    let expected = common(&lines);
    comments.push(SourceComment { state: SourceState::Pending, ..comment("b", 25, Some(20), "waits") });
    let (file, report) = write(&export(&comments), ExportFormat::Disqus);
    assert_eq!(common(&read_again(&file, Format::Disqus)), expected);
    assert_eq!((report.left_out_pending, report.lost_websites, report.left_out_deleted), (1, 12, 0));
}

#[test]
fn an_export_that_is_not_whole_is_refused() {
    let mut lines = export(&blog());
    let text = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
    let fault = |lines: &[String]| write_export(&mut Cursor::new(text(lines)), ExportFormat::Wxr, &mut Vec::new());
    assert!(matches!(fault(&lines[1..]), Err(WriteError::NotAnExport)));
    lines.pop();
    assert!(matches!(fault(&lines), Err(WriteError::Incomplete(_))));
    lines.push("{}".to_owned());
    assert!(matches!(fault(&lines), Err(WriteError::Line(_))));
}

#[test]
fn restored_ids_are_kept() {
    let lines: Vec<String> = export(&blog())
        .iter()
        .scan(100, |id, line| {
            *id += 7;
            Some(line.replace("\"id\":0,", &format!("\"id\":{id},")))
        })
        .collect();
    let mut checksum = ExportChecksum::default();
    lines[..lines.len() - 1].iter().for_each(|line| checksum.add_line(line));
    let lines = [&lines[..lines.len() - 1], &[checksum.closing_line()]].concat();
    let (file, _) = write(&lines, ExportFormat::Disqus);
    let id = comment_of(&lines[3]).unwrap().id;
    assert!(file.contains(&format!("<post dsq:id=\"{id}\">")));
}

fn any_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "word",
        "*em*",
        "**b**",
        "`c`",
        "]]>",
        "&amp;",
        "<b>",
        "\u{1}",
        "https://a.example/b",
        "> q",
        "a\nb",
        "a\n\nb",
        "\u{fffe}",
        "-->",
        "<![CDATA[",
    ]);
    prop::collection::vec(word, 0..12).prop_map(|words| format!("x {}", words.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gives_well_formed_xml_that_is_read_again(texts in prop::collection::vec((any_text(), any_text()), 1..5)) {
        let comments: Vec<_> = (1..)
            .zip(texts)
            .map(|(number, (text, name))| SourceComment { name, ..comment("a", number, None, &text) })
            .collect();
        let lines = export(&comments);
        for (to, from) in [(ExportFormat::Wxr, Format::Wxr), (ExportFormat::Disqus, Format::Disqus)] {
            let (file, _) = write(&lines, to);
            let mut strict = quick_xml::Reader::from_str(&file);
            strict.config_mut().check_end_names = true;
            while strict.read_event().unwrap() != quick_xml::events::Event::Eof {}
            let again = read_again(&file, from);
            let visible = |lines: &[String]| -> Vec<_> { common(lines).into_iter().map(|it| (it.name, it.created)).collect() };
            prop_assert_eq!(visible(&again), visible(&lines));
        }
    }
}
