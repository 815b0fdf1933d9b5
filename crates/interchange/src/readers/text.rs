//! Kinds of texts.

use crate::record::{Body, BodyKind};

/// Parts of HTML that nobody writes in Markdown by hand.
const HTML_MARKS: [&str; 8] = ["</p>", "<p>", "<br>", "<br/>", "<br />", "</a>", "</div>", "</blockquote>"];

/// The text of a source that has Markdown, and HTML in what it imported itself.
pub(super) fn markdown_or_html(text: String) -> Body {
    let lower = text.to_ascii_lowercase();
    // Code is shown as it is in Markdown, so HTML in it says nothing.
    let is_html = !lower.contains('`') && HTML_MARKS.iter().any(|mark| lower.contains(mark));
    Body { kind: if is_html { BodyKind::Html } else { BodyKind::Markdown }, text }
}

/// Removes the mention at the start of a reply, `[@nick](#id): ` or `<a class="at" href="#id">@nick</a> , `: the parent says the same.
pub(super) fn without_mention(text: &str) -> String {
    let (opening, rest) = text.trim_start().strip_prefix("<p>").map_or(("", text.trim_start()), |rest| ("<p>", rest));
    let end = markdown_mention(rest).or_else(|| html_mention(rest));
    end.map_or_else(
        || text.to_owned(),
        |end| format!("{opening}{}", rest[end..].trim_start_matches([' ', ',', ':', '，', '：', '\u{a0}'])),
    )
}

fn markdown_mention(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("[@")?;
    let middle = rest.find("](#")?;
    if rest[..middle].contains('\n') {
        return None;
    }
    let end = middle + rest[middle..].find(')')?;
    Some("[@".len() + end + 1)
}

fn html_mention(text: &str) -> Option<usize> {
    let tag_end = text.strip_prefix("<a ")?.find('>')? + "<a ".len();
    let is_mention = ["class=\"at\"", "class='at'", "class=at"].iter().any(|class| text[..tag_end].contains(class));
    let end = text.find("</a>")? + "</a>".len();
    is_mention.then_some(end)
}

#[cfg(test)]
mod tests {
    use super::{markdown_or_html, without_mention};
    use crate::record::BodyKind;

    #[test]
    fn html_is_known_by_its_blocks() {
        for html in ["<p>x</p>", "a<br>b", "see <a href=\"x\">y</a>"] {
            assert_eq!(markdown_or_html(html.to_owned()).kind, BodyKind::Html, "{html}");
        }
        for markdown in ["a < b", "**x** <em>y</em>", "use `<p>`", "```\n<br>\n```", "<https://x.example>"] {
            assert_eq!(markdown_or_html(markdown.to_owned()).kind, BodyKind::Markdown, "{markdown}");
        }
    }

    #[test]
    fn mentions_go_and_other_links_stay() {
        for (text, expected) in [
            ("[@a b](#5f8): hello", "hello"),
            ("[@a](#5f8) , hello", "hello"),
            ("<a class=\"at\" href=\"#5f8\">@a</a> , hello", "hello"),
            ("<p><a href=\"#5\" class='at'>@a</a>，hello</p>", "<p>hello</p>"),
            ("[a](#5): x", "[a](#5): x"),
            ("<a href=\"#\">@a</a> x", "<a href=\"#\">@a</a> x"),
            ("[@a", "[@a"),
            ("<a class=\"at\"", "<a class=\"at\""),
            ("", ""),
        ] {
            assert_eq!(without_mention(text), expected);
        }
    }
}
