//! Makers of posts, titles, authors and comments.

use afterword_ledger::VerifiedComment;
use afterword_model::{AuthorId, PostUrl, SafeHtml};

use crate::common::{anonymous_comment, url};

/// HTML as the sanitizer might have made it.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn html(text: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(format!("<p>{text}</p>"))
}

/// The HTML of a text of these stories. It has the text in it, whose last word is about the size of the HTML in bytes.
pub(crate) fn render(source: &str) -> SafeHtml {
    let size = source.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()).unwrap_or_default();
    let filler = if source.starts_with("Edit") { "y\n".repeat(size / 3) } else { "\"x\n".repeat(size / 5) };
    html(&format!("[{source}]{filler}"))
}

pub(crate) fn author_id(author: u8) -> AuthorId {
    AuthorId { hash: format!("hash of {author}"), mark: author.to_string() }
}

/// An anonymous root comment without data for spam protection.
pub(crate) fn root_comment(number: u32) -> VerifiedComment {
    let source = format!("Text {number}");
    let html = html(&source);
    anonymous_comment("a", number, source, html)
}

/// The title with this number. Number 0 is the empty title.
pub(crate) fn title(title: u8) -> String {
    if title == 0 { String::new() } else { format!("Title {title}") }
}

pub(crate) fn post_url(post: u8) -> PostUrl {
    url(&format!("post-{post}"))
}
