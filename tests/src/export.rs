//! Exports: those of a server, and large ones that no server made.

use afterword_ledger::Tally;
use serde_json::json;

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

/// The export of a site with so many comments in threads of `in_thread` each, every third of them an answer, as a server would
/// have written it, except for the HTML.
pub fn many_comments(comments: u32, in_thread: u32) -> String {
    let url = |number: u32| format!("https://blog.example/many-{}", (number - 1) / in_thread);
    let mut lines = vec![json!({"afterword": 1, "site": "https://blog.example", "last": comments}).to_string()];
    for first in (1..=comments).step_by(in_thread as usize) {
        let size = in_thread.min(comments + 1 - first);
        let thread = json!({"url": url(first), "title": format!("Post {first}"), "version": size, "changes": size, "closed": false});
        lines.push(json!({ "thread": thread }).to_string());
    }
    lines.extend((1..=comments).map(|number| {
        let place = (number - 1) % in_thread;
        let parent = (place % 3 == 2).then(|| uuid(number - 1));
        let source =
            format!("Comment *{number}* with a link, https://example.org/{number}, and {}", "some words ".repeat(20));
        let comment = json!({
            "id": number, "uuid": uuid(number), "thread": url(number), "parent": parent, "status": "published",
            "placed": true, "version": place + 1, "fingerprint": format!("{number:064x}"), "author": null, "mark": null,
            "introduces": false, "owner": false, "name": format!("Author {number}"), "email": null, "website": null,
            "source": source.trim_end(), "html": "", "renderer": 1, "votes": 0, "pinned": false,
            "created": 1_700_000_000 + i64::from(number), "edited": null, "erased": null,
        });
        json!({ "comment": comment }).to_string()
    }));
    sealed(lines.iter().map(String::as_str))
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}
