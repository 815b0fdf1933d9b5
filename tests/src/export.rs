//! Exports: those of a server, and large ones that a ledger here has made.

use std::sync::LazyLock;

use afterword_ledger::{ExportChecksum, ExportCursor, Ledger, ProofStatus, RusqliteSql, VerifiedComment};
use afterword_model::{CommentId, Moderation, PostUrl, SafeHtml, SubmissionId, Vote};
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
    let (mut tally, mut file) = (ExportChecksum::default(), String::new());
    for line in lines {
        tally.add_line(line);
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
    let entry = |number| {
        let (thread, place) = ((number - 1) / in_thread, (number - 1) % in_thread);
        let parent = (place % 3 == 2).then(|| number - 1);
        entry(number, &format!("many-{thread}"), parent)
    };
    export_of((1..=comments).map(entry), &[])
}

/// The export of a site with these comments, and a vote for some of them, by their numbers.
///
/// # Panics
///
/// When the ledger does not take them.
pub fn export_of(entries: impl Iterator<Item = VerifiedComment>, voted: &[u32]) -> String {
    let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().expect("a database"))).expect("a ledger");
    for (number, entry) in entries.enumerate() {
        let now = 1_700_000_001 + i64::try_from(number).expect("not that many");
        ledger.submit(&entry, Moderation::Open, now).expect("it is taken");
    }
    for number in voted {
        ledger.vote(CommentId::new((*number).into()), "ada", Vote::For, 1_700_000_000).expect("it counts");
    }
    let (mut lines, mut cursor) = (Vec::new(), Some(ExportCursor::default()));
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

/// The text rendered. Rendering is the slow part, so it is done once.
#[expect(clippy::disallowed_methods, reason = "the sanitizer gives the same for another number")]
fn html(number: u32) -> SafeHtml {
    static PATTERN: LazyLock<SafeHtml> =
        LazyLock::new(|| afterword_markup::render(&text(STAND_IN)).expect("it is rendered").html);
    SafeHtml::from_sanitizer(PATTERN.as_str().replace(&STAND_IN.to_string(), &number.to_string()))
}

/// The comment of this number on a post, as the ledger takes it; it answers the one of another number.
///
/// # Panics
///
/// When the name makes no address.
pub fn entry(number: u32, post: &str, parent: Option<u32>) -> VerifiedComment {
    VerifiedComment {
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
        renderer_version: afterword_markup::RENDERER_VERSION,
        text: String::new(),
        proof: ProofStatus::NotRequired,
        difficulty: None,
        network: None,
        duplicate_key: None,
        signals: Vec::new(),
    }
}
