//! Folders of files, CSV, and archives that are told by the names in them.

use std::collections::BTreeSet;

use super::Kind;
use crate::format::Format;

/// The folder in which Staticman keeps comments.
pub(super) const COMMENTS_FOLDER: &str = "_data/comments/";
const WORDPRESS_THEME: &str = "style.css";
const SUBSTACK_POSTS: &str = "posts.csv";
const SUBSTACK_TEXTS: &str = "posts/";

const SUBSTACK: &str = "this is an export of Substack, which has no comments. They cannot be exported";
const THEME: &str = "this is a theme of WordPress, without comments. Take the export: Tools, Export, All content";

/// The name, if any, by which a path tells the system.
pub(super) fn telling_name(path: &str) -> Option<&'static str> {
    if path.contains(COMMENTS_FOLDER) {
        return Some(COMMENTS_FOLDER);
    }
    let mut parts = path.rsplit('/');
    match (parts.next()?, parts.next()) {
        (SUBSTACK_POSTS, _) => Some(SUBSTACK_POSTS),
        (name, Some("posts")) if name.ends_with(".html") => Some(SUBSTACK_TEXTS),
        _ => None,
    }
}

/// The advice for an archive with such names.
pub(super) fn advice_by_names(names: &BTreeSet<&'static str>) -> Option<&'static str> {
    (names.contains(SUBSTACK_POSTS) && names.contains(SUBSTACK_TEXTS)).then_some(SUBSTACK)
}

/// The kind of a text without a bracket at its start.
pub(super) fn kind(path: &str, text: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if name == WORDPRESS_THEME && text.contains("Theme Name:") {
        return Kind::Advice(THEME);
    }
    if is_staticman(&name, text) {
        return Kind::Of(Format::Staticman);
    }
    if is_csv(text) { Kind::Of(Format::Csv) } else { Kind::Unknown }
}

/// A comment in YAML, or in front matter.
fn is_staticman(name: &str, text: &str) -> bool {
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    if !is_yaml && !text.starts_with("---") && !text.starts_with("+++") {
        return false;
    }
    let keys: BTreeSet<_> =
        text.lines().filter_map(|line| line.split_once([':', '=']).map(|(key, _)| key.trim_end())).collect();
    let has_any = |names: &[&str]| names.iter().any(|name| keys.contains(name));
    let has_text = has_any(&["message", "comment", "body"]) || !is_yaml;
    has_text && has_any(&["_id", "name", "email"]) && has_any(&["_id", "date", "timestamp", "email"])
}

/// The documented CSV: a line of names, among them that of the text and that of the post.
fn is_csv(text: &str) -> bool {
    let Some(line) = text.lines().next() else { return false };
    let separator = [',', ';', '\t'].into_iter().max_by_key(|separator| line.matches(*separator).count());
    let names: BTreeSet<_> = line
        .split(separator.unwrap_or(','))
        .map(|name| name.trim().trim_matches('"').trim().to_ascii_lowercase())
        .collect();
    let has_any = |wanted: &[&str]| wanted.iter().any(|name| names.contains(*name));
    has_any(&["text", "body", "comment", "content", "message", "html", "markdown"])
        && has_any(&["url", "post", "thread", "page", "path", "post_url"])
}
