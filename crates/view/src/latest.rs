//! The latest comments of a site, for the sidebar of a blog and for its feed.

use afterword_model::{LatestComment, LatestComments};
use maud::{Markup, html};

use crate::comment::name_or_anonymous;
use crate::date::Date;
use crate::page_url::comment_url;
use crate::render_context::RenderContext;

/// Number of characters of a comment that are shown.
const EXCERPT_CHARS: usize = 120;
/// U+2068 and U+2069: text between them has a direction of its own and does not affect the words around it.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Renders the list that `GET /v1/latest.html` responds with: each comment with its author, post and time, and the beginning of its text.
///
/// It has no style of its own.
pub fn latest_list(context: &RenderContext, latest: &LatestComments) -> Markup {
    let messages = context.messages;
    html! {
        ol.aw-latest lang=(messages.get("lang")) dir=(messages.get("dir")) {
            @for latest in &latest.comments {
                li.aw-latest-item {
                    a.aw-latest-link href=(comment_url(context, &latest.url, latest.comment.id)) { (latest_title(context, latest)) }
                    " " time.aw-latest-time datetime=(Date::new(latest.published).machine()) {
                        (Date::new(latest.published).date_time(messages))
                    }
                    p.aw-latest-text dir="auto" { (excerpt(&latest.comment.html.to_text())) }
                }
            }
        }
    }
}

/// The title of a comment outside of its thread, as text: its author and its post.
pub fn latest_title(context: &RenderContext, latest: &LatestComment) -> String {
    let name = name_or_anonymous(context, &latest.comment.author.name);
    let title = if latest.title.is_empty() { latest.url.as_str() } else { &latest.title };
    // Names and titles may contain placeholders themselves, so each is inserted into the message only.
    let message = context.messages.get("latest.title");
    let mut text = String::new();
    for (number, part) in message.split("{name}").enumerate() {
        if number > 0 {
            push_isolated(&mut text, name);
        }
        for (number, part) in part.split("{title}").enumerate() {
            if number > 0 {
                push_isolated(&mut text, title);
            }
            text.push_str(part);
        }
    }
    text
}

fn push_isolated(out: &mut String, text: &str) {
    out.push(ISOLATE[0]);
    out.push_str(text);
    out.push(ISOLATE[1]);
}

/// The beginning of a text, on one line, cut after a word.
fn excerpt(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = words.char_indices().nth(EXCERPT_CHARS) else { return words };
    let cut = &words[..end];
    // A text without spaces, as in Chinese, is cut between two characters.
    let cut = cut.rsplit_once(' ').map_or(cut, |(before, _)| before);
    [cut, "…"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_after_a_word() {
        assert_eq!(excerpt("  Short\n text "), "Short text");
        let long = "word ".repeat(60);
        let cut = excerpt(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= EXCERPT_CHARS + 1, "{cut}");
        let unspaced = excerpt(&"字".repeat(200));
        assert_eq!(unspaced.chars().count(), EXCERPT_CHARS + 1);
        let exact = "x".repeat(EXCERPT_CHARS);
        assert_eq!(excerpt(&exact), exact);
    }
}
