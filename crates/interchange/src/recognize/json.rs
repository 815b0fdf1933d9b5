//! JSON, by the names in it.

use super::Kind;
use crate::containers::json::Outline;
use crate::format::Format;

const HYVOR: &str = "this looks like an export of Hyvor Talk, whose form is not documented. Convert it to the generic CSV or JSON that the \
     documentation describes";

/// The places at which files have their records.
const RECORDS: [&str; 6] = ["", "[]", "results[]", "data[]", "comments[]", "data.results[]"];

/// The kind of a text that starts with `{` or `[`.
pub(super) fn kind(path: &str, text: &str) -> Kind {
    let outline = Outline::read(&mut text.as_bytes(), u64::MAX);
    let head = Head { text, outline };
    match head.format() {
        Some(format) => Kind::Of(format),
        None if head.is_staticman(path) => Kind::Of(Format::Staticman),
        None if text.to_ascii_lowercase().contains("hyvor") => Kind::Advice(HYVOR),
        None if head.is_generic() => Kind::Of(Format::Json),
        None => Kind::Unknown,
    }
}

struct Head<'a> {
    text: &'a str,
    outline: Outline,
}

impl Head<'_> {
    fn format(&self) -> Option<Format> {
        if self.text.starts_with("{\"afterword\":") {
            return Some(Format::Afterword);
        }
        self.format_of_records().or_else(|| self.format_of_envelope())
    }

    /// The format that the names of records tell.
    fn format_of_records(&self) -> Option<Format> {
        let found = |members: &[&str]| self.outline.find(&RECORDS, members).is_some();
        if self.has_name("commentHex") {
            return Some(Format::Commento);
        }
        if found(&["locator", "user"]) || found(&["locator", "text"]) {
            return Some(Format::Remark42);
        }
        if found(&["page_key", "content"]) {
            return Some(Format::Artalk);
        }
        if found(&["_id", "nick"]) {
            return Some(Format::Twikoo);
        }
        if found(&["objectId", "nick"]) {
            let is_waline = found(&["objectId", "nick", "status"]);
            return Some(if is_waline { Format::Waline } else { Format::Valine });
        }
        if self.has_name("by_nickname") {
            return Some(Format::Cusdis);
        }
        self.github()
    }

    /// Answers of GitHub's interfaces.
    fn github(&self) -> Option<Format> {
        let has = |name: &str| self.has_name(name);
        if has("discussions") || has("discussion") || has("discussion_url") || (has("replies") && has("nodes")) {
            return Some(Format::Giscus);
        }
        (has("issue_url") || (has("comments_url") && has("number"))).then_some(Format::Utterances)
    }

    /// The format that the names around records tell, even if there are none.
    fn format_of_envelope(&self) -> Option<Format> {
        let outline = &self.outline;
        if ["data.Comment", "data.data.Comment", "Comment"].iter().any(|path| outline.has(path)) {
            return Some(Format::Waline);
        }
        if outline.has_all("[]", &["id", "title", "comments"]) {
            return Some(Format::IssoJson);
        }
        if outline.has("db[].data.posts") || outline.has_all("comments[]", &["post_id", "html"]) {
            return Some(Format::Ghost);
        }
        if outline.has("pages[].domainId") || outline.has("comments[].pageId") {
            return Some(Format::Comentario);
        }
        if outline.has_all("", &["users", "posts"]) {
            return Some(Format::Remark42);
        }
        self.commento_version()
    }

    /// A file that has nothing but a version, or only empty arrays.
    fn commento_version(&self) -> Option<Format> {
        let text: String = self.text.chars().filter(|character| !character.is_whitespace()).take(64).collect();
        let version = text.strip_prefix("{\"version\":")?;
        let is_of_commento = ["}", ",\"comments\"", ",\"commenters\"", ",\"pages\""]
            .iter()
            .any(|after| version.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(after));
        match version.split([',', '}']).next() {
            Some("1") if is_of_commento => Some(Format::Commento),
            Some(_) if is_of_commento => Some(Format::Comentario),
            _ => None,
        }
    }

    /// Returns true for a name of a member. In a string its quotation marks would have backslashes.
    fn has_name(&self, name: &str) -> bool {
        let quoted = format!("\"{name}\"");
        self.text.match_indices(&quoted).any(|(at, _)| {
            !self.text[..at].ends_with('\\') && self.text[at + quoted.len()..].trim_start().starts_with(':')
        })
    }

    /// A comment in a file of its own.
    fn is_staticman(&self, path: &str) -> bool {
        let has_text = ["message", "comment", "body"].iter().any(|name| self.outline.has(name));
        let has_other = ["_id", "date", "timestamp", "email"].iter().any(|name| self.outline.has(name));
        path.to_ascii_lowercase().ends_with(".json") && path.contains('/') && has_text && has_other
    }

    /// The documented JSON.
    fn is_generic(&self) -> bool {
        let places = ["[]", "", "comments[]"];
        ["text", "body", "comment", "content", "html", "markdown"].iter().any(|text| {
            ["url", "post", "thread", "page", "path"]
                .iter()
                .any(|post| self.outline.find(&places, &[text, post]).is_some())
        })
    }
}
