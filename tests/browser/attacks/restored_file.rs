//! The injection point that takes a whole file: a restore with lines that no export would contain.

use afterword_tests::{Attack, import, with_checksum_line};
use serde_json::{Value, json};

use super::SERVER;

/// A post in a restored file: its thread line and comment lines.
pub(super) struct RestoredPost {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) comments: Vec<Value>,
}

/// A comment whose `fields` all contain the string.
pub(super) fn restored_comment(fields: &[&str], attack: &Attack) -> Value {
    let mut line = json!({
        "id": 1, "uuid": uuid::Uuid::new_v4().to_string(), "thread": "", "parent": null, "status": "published", "placed": true,
        "version": 1, "fingerprint": "0", "author": null, "mark": null, "first_approved": false, "owner": false, "signals": [],
        "name": "Ada", "email": null, "website": null, "source": "Harmless", "html": "<p>Harmless</p>", "renderer": 1, "votes": 0,
        "pinned": false, "created": 1_700_000_000, "edited": null, "erased": null
    });
    for field in fields {
        line[*field] = if *field == "signals" { json!([attack.text()]) } else { json!(attack.text()) };
    }
    line
}

/// Restores the posts, removing each refused comment or thread until the file is accepted. Returns the number of
/// accepted comments of each post.
pub(super) fn restore(mut posts: Vec<RestoredPost>) -> Vec<(String, usize)> {
    loop {
        let lines = lines(&posts);
        let texts: Vec<_> = lines.iter().map(|(line, _)| line.to_string()).collect();
        let response = import(&SERVER, with_checksum_line(texts.iter().map(String::as_str)));
        if response.status == 200 {
            posts.retain(|post| !post.comments.is_empty());
            return posts.into_iter().map(|post| (post.url, post.comments.len())).collect();
        }
        assert_eq!(response.status, 422, "{}", response.text());
        let body: Value = response.json();
        let refused_line = body["error"]["line"].as_u64().and_then(|line| usize::try_from(line).ok());
        let refused_line = refused_line.and_then(|line| lines.get(line - 1)).unwrap_or_else(|| panic!("{body}")).1;
        match refused_line {
            Some((post, Some(comment))) => drop(posts[post].comments.remove(comment)),
            Some((post, None)) => drop(posts.remove(post)),
            None => panic!("the header is refused: {body}"),
        }
    }
}

/// The lines of the file, each with the index of its post and, for a comment, of the comment.
type Numbered = (Value, Option<(usize, Option<usize>)>);

fn lines(posts: &[RestoredPost]) -> Vec<Numbered> {
    let mut lines: Vec<Numbered> = vec![(json!({"afterword": 2, "site": "https://blog.example", "last": 1}), None)];
    for (number, post) in posts.iter().enumerate() {
        let changes = post.comments.len();
        let thread =
            json!({"url": post.url, "title": post.title, "version": changes, "changes": changes, "closed": false});
        lines.push((json!({ "thread": thread }), Some((number, None))));
        for (place, comment) in post.comments.iter().enumerate() {
            let mut comment = comment.clone();
            comment["thread"] = json!(post.url);
            comment["version"] = json!(place + 1);
            lines.push((json!({ "comment": comment }), Some((number, Some(place)))));
        }
    }
    lines
}
