//! Discussions and issues, each of which is about a post.

use super::super::output::{Output, known_seconds};
use crate::fields::Fields;
use crate::problem::ReadError;
use crate::record::SourceThread;

/// The key of a discussion or issue: repository and number.
pub(super) fn key(fields: Fields<'_>) -> String {
    let url = fields.line("html_url|url|resourcePath");
    match (repository(&url), fields.id("number")) {
        (Some(repository), Some(number)) => format!("{repository}#{number}"),
        (None, Some(number)) => format!("#{number}"),
        (_, None) => fields.id("id|node_id").unwrap_or_default(),
    }
}

/// The key of the issue or discussion to which a comment belongs, by the addresses in it.
pub(super) fn key_of_comment(fields: Fields<'_>) -> String {
    let url = fields.line("issue_url|discussion_url|html_url");
    let number = url.split(['/', '#', '?']).skip_while(|part| !matches!(*part, "issues" | "discussions")).nth(1);
    match (repository(&url), number) {
        (Some(repository), Some(number)) => format!("{repository}#{number}"),
        _ => String::new(),
    }
}

/// `owner/name` in an address of GitHub's pages or of its interface.
fn repository(url: &str) -> Option<String> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let mut parts = path.trim_start_matches('/').trim_start_matches("repos/").split('/');
    match (parts.next(), parts.next()) {
        (Some(owner), Some(name)) if !owner.is_empty() && !name.is_empty() => Some(format!("{owner}/{name}")),
        _ => None,
    }
}

pub(super) fn read_thread(output: &mut Output<'_>, fields: Fields<'_>, key: &str) -> Result<(), ReadError> {
    let (name, body) = (fields.line("title"), fields.text("body"));
    let heading = body.lines().next().and_then(|line| line.strip_prefix("# ")).map(|line| line.trim().to_owned());
    let thread = SourceThread {
        key: key.to_owned(),
        partition: key
            .split_once('#')
            .map(|(repository, _)| repository.to_owned())
            .filter(|repository| !repository.is_empty()),
        url: address(&name, &body),
        hints: Some(name.clone()).filter(|name| !name.is_empty()).into_iter().collect(),
        title: heading.filter(|heading| !heading.is_empty()).unwrap_or(name),
        time: known_seconds(fields.time("createdAt|created_at", Some(0))),
        closed: fields.flag("locked") == Some(true),
        ..SourceThread::default()
    };
    output.thread(thread)
}

/// The address of the post: the last link in the text that the program wrote, or the name if it is an address or a path.
fn address(name: &str, body: &str) -> String {
    // The text ends with a comment in HTML that has a hash of the name.
    let text = body.split("<!--").next().unwrap_or_default();
    let is_end = |c: char| c.is_whitespace() || matches!(c, ')' | ']' | '>' | '"');
    let links = text.rmatch_indices("http").map(|(at, _)| text[at..].split(is_end).next().unwrap_or_default());
    let link = links.into_iter().find(|link| link.starts_with("http://") || link.starts_with("https://"));
    match link {
        Some(link) => link.to_owned(),
        None if name.contains("://") => name.to_owned(),
        None if name == "index" => "/".to_owned(),
        None if !name.is_empty() && !name.contains(char::is_whitespace) => format!("/{}", name.trim_start_matches('/')),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_links_of_the_text_or_names() {
        for (name, body, expected) in [
            (
                "a/b",
                "# T\n\nabout https://other.example/x\n\n[https://b.example/a/b](https://b.example/a/b)\n\n<!-- sha1: 1 -->",
                "https://b.example/a/b",
            ),
            ("a/b", "# T\n\nno link, only http", "/a/b"),
            ("index", "", "/"),
            ("https://b.example/", "", "https://b.example/"),
            ("A title of a page", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(address(name, body), expected);
        }
    }
}
