//! Exports: those of a server, and large ones that a ledger here has made.

use std::sync::LazyLock;

use afterword_ledger::{Cursor, Entry, Ledger, Proof, RusqliteSql, Tally};
use afterword_model::{CommentId, Moderation, PostUrl, SafeHtml, SubmissionId, Vote};
use rusqlite::Connection;

use crate::api::{Request, Response};
use crate::server::Server;

/// What a server exports of the blog of this suite.
#[track_caller]
pub fn export(server: &Server) -> String {
    let response = Request::as_moderator("GET", "/admin/api/export").send(server);
    assert_eq!(response.status, 200, "{}", response.text());
    response.text().to_owned()
}

/// Sends a file, or lines of one, to be restored.
#[track_caller]
pub fn import(server: &Server, file: impl Into<Vec<u8>>) -> Response {
    Request::as_moderator("POST", "/admin/api/import").body(file).send(server)
}

/// These lines as a file, closed.
pub fn with_checksum_line<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
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
pub fn generate_export(comments: u32, per_thread: u32) -> String {
    let entry = |number| {
        let (thread, position) = ((number - 1) / per_thread, (number - 1) % per_thread);
        let parent = (position % 3 == 2).then(|| number - 1);
        verified_comment(number, &format!("many-{thread}"), parent)
    };
    build_export((1..=comments).map(entry), &[])
}

/// The export of a site with these comments, and a vote for some of them, by their numbers.
///
/// # Panics
///
/// When the ledger does not take them.
pub fn build_export(entries: impl Iterator<Item = Entry>, voted: &[u32]) -> String {
    let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().expect("a database"))).expect("a ledger");
    for (number, entry) in entries.enumerate() {
        let now = 1_700_000_001 + i64::try_from(number).expect("not that many");
        ledger.submit(&entry, Moderation::Open, now).expect("it is taken");
    }
    for number in voted {
        ledger.vote(CommentId::new((*number).into()), "ada", Vote::For, 1_700_000_000).expect("it counts");
    }
    let (mut lines, mut cursor) = (Vec::new(), Some(Cursor::default()));
    while let Some(from) = cursor {
        let part = ledger.export("https://blog.example", from, 1 << 20).expect("it can be read");
        lines.extend(part.lines);
        cursor = part.next;
    }
    with_checksum_line(lines.iter().map(String::as_str))
}

/// A number that nothing else in a text is mistaken for.
const PLACEHOLDER: u32 = 4_294_967_291;

fn text(number: u32) -> String {
    let words = "some words ".repeat(20);
    format!("Comment *{number}* with a link, https://example.org/{number}, and {}", words.trim_end())
}

/// The text rendered. Rendering is the slow part, so it is done once.
#[expect(clippy::disallowed_methods, reason = "the sanitizer gives the same for another number")]
fn html(number: u32) -> SafeHtml {
    static TEMPLATE: LazyLock<SafeHtml> =
        LazyLock::new(|| afterword_markup::render(&text(PLACEHOLDER)).expect("it is rendered"));
    SafeHtml::from_sanitizer(TEMPLATE.as_str().replace(&PLACEHOLDER.to_string(), &number.to_string()))
}

/// The comment of this number on a post, as the ledger takes it; it answers the one of another number.
///
/// # Panics
///
/// When the name makes no address.
pub fn verified_comment(number: u32, post: &str, parent: Option<u32>) -> Entry {
    Entry {
        id: SubmissionId::from_digest(u128::from(number).to_be_bytes()),
        fingerprint: format!("{number:064x}"),
        url: PostUrl::parse(&format!("https://blog.example/{post}")).expect("an address"),
        title: format!("Post {post}"),
        parent: parent.map(|number| CommentId::new(number.into())),
        author: None,
        name: format!("Author {number}"),
        email: None,
        website: None,
        source: text(number),
        html: html(number),
        renderer: afterword_markup::VERSION,
        proof: Proof::NotAsked,
        sender: None,
        likeness: None,
        signals: Vec::new(),
    }
}
