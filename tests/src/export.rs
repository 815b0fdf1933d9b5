//! Exports: those of a server, and large ones that a ledger here has made.

use afterword_ledger::{Cursor, Entry, Ledger, RusqliteSql, Tally};
use afterword_model::{CommentId, Moderation, PostUrl, SafeHtml, SubmissionId};
use rusqlite::Connection;

use crate::api::{Answer, Call};
use crate::server::Server;

/// What a server exports of the blog of this suite.
#[track_caller]
pub fn export(server: &Server) -> String {
    let answer = Call::moderator("GET", "/admin/api/export").send(server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().to_owned()
}

/// Sends a file, or lines of one, to be restored.
#[track_caller]
pub fn import(server: &Server, file: impl Into<Vec<u8>>) -> Answer {
    Call::moderator("POST", "/admin/api/import").body(file).send(server)
}

/// These lines as a file, closed.
pub fn sealed<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let (mut tally, mut file) = (Tally::default(), String::new());
    for line in lines {
        tally.add(line);
        file.push_str(line);
        file.push('\n');
    }
    file.push_str(&tally.closing_line());
    file.push('\n');
    file
}

/// The export of a site with so many comments in threads of `in_thread` each, every third of them an answer.
///
/// # Panics
///
/// When the ledger does not take them.
pub fn many_comments(comments: u32, in_thread: u32) -> String {
    let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().expect("a database"))).expect("a ledger");
    let pattern = afterword_markup::render(&text(STAND_IN)).expect("it is rendered");
    for number in 1..=comments {
        let entry = entry(number, in_thread, &pattern);
        ledger.submit(&entry, Moderation::Open, 1_700_000_000 + i64::from(number)).expect("it is taken");
    }
    let (mut lines, mut cursor) = (Vec::new(), Some(Cursor::default()));
    while let Some(from) = cursor {
        let part = ledger.export("https://blog.example", from, 1 << 20).expect("it can be read");
        lines.extend(part.lines);
        cursor = part.next;
    }
    sealed(lines.iter().map(String::as_str))
}

/// A number that nothing else in a text is mistaken for.
const STAND_IN: u32 = 4_294_967_291;

fn text(number: u32) -> String {
    let words = "some words ".repeat(20);
    format!("Comment *{number}* with a link, https://example.org/{number}, and {}", words.trim_end())
}

/// Rendering is the slow part, so it is done once.
#[expect(clippy::disallowed_methods, reason = "the sanitizer gives the same for another number")]
fn entry(number: u32, in_thread: u32, pattern: &SafeHtml) -> Entry {
    let (thread, place) = ((number - 1) / in_thread, (number - 1) % in_thread);
    let html = pattern.as_str().replace(&STAND_IN.to_string(), &number.to_string());
    let (name, url) = (format!("Author {number}"), format!("https://blog.example/many-{thread}"));
    Entry {
        id: SubmissionId::from_digest(u128::from(number).to_be_bytes()),
        fingerprint: format!("{number:064x}"),
        url: PostUrl::parse(&url).expect("an address"),
        title: format!("Post {thread}"),
        parent: (place % 3 == 2).then(|| CommentId::new(i64::from(number) - 1)),
        author: None,
        name,
        email: None,
        website: None,
        source: text(number),
        html: SafeHtml::from_sanitizer(html),
        renderer: afterword_markup::VERSION,
        proof: None,
        sender: None,
        likeness: None,
        signals: Vec::new(),
    }
}
