//! The HTML of comments in the forms of other systems.

use afterword_model::export_format::CommentLine;

/// Elements with lines of their own.
const BLOCKS: [&str; 5] = ["blockquote", "ol", "p", "pre", "ul"];

/// The HTML of a comment: as the export has it, or rendered from its text if a line has none, as those of an import plan.
pub(super) fn html_of(line: &CommentLine) -> String {
    if !line.html.is_empty() || line.source.is_empty() {
        return line.html.clone();
    }
    let rendered = afterword_markup::render(&line.source);
    rendered.map_or_else(
        |_| afterword_markup::render_plain(&line.source).as_str().to_owned(),
        |rendered| rendered.html.as_str().to_owned(),
    )
}

/// A tag or a text between two tags.
enum Piece<'a> {
    Tag { markup: &'a str, name: &'a str, is_end: bool },
    Text(&'a str),
}

/// Splits HTML that our sanitizer wrote: `<` and `>` are in tags only.
fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = if rest.starts_with('<') {
            rest.find('>').map_or(rest.len(), |end| end + 1)
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        let Some(inner) = piece.strip_prefix('<') else { return Some(Piece::Text(piece)) };
        let is_end = inner.starts_with('/');
        let inner = inner.trim_start_matches('/').trim_end_matches('>');
        let name = inner.split([' ', '/']).next().unwrap_or_default();
        Some(Piece::Tag { markup: piece, name, is_end })
    })
}

/// HTML without the newlines between tags that mean nothing.
pub(super) fn compact(html: &str) -> String {
    let (mut out, mut is_in_pre) = (String::with_capacity(html.len()), false);
    for piece in pieces(html) {
        match piece {
            Piece::Tag { markup, name, is_end } => {
                is_in_pre = if name == "pre" { !is_end } else { is_in_pre };
                out.push_str(markup);
            }
            Piece::Text(text) if is_in_pre => out.push_str(text),
            Piece::Text(text) => push_flowing(&mut out, text),
        }
    }
    out
}

/// The text of a comment as WordPress stores it: an empty line between paragraphs, and a newline for a line break.
pub(super) fn to_wordpress(html: &str) -> String {
    let (mut out, mut is_in_pre, mut items) = (String::with_capacity(html.len()), false, 0_u32);
    let mut is_after_block = false;
    for piece in pieces(html) {
        match piece {
            Piece::Tag { name: "br", .. } => out.push('\n'),
            Piece::Tag { markup, name, is_end } => {
                is_in_pre = if name == "pre" { !is_end } else { is_in_pre };
                if name == "li" {
                    items = if is_end { items.saturating_sub(1) } else { items + 1 };
                }
                let is_block = BLOCKS.contains(&name);
                if is_block && !is_end && is_after_block && items == 0 {
                    out.push_str("\n\n");
                }
                if name != "p" || items > 0 {
                    out.push_str(markup);
                }
                is_after_block = is_block && is_end;
            }
            Piece::Text(text) if is_in_pre => out.push_str(text),
            Piece::Text(text) => {
                let before = out.len();
                push_flowing(&mut out, text);
                is_after_block &= out.len() == before;
            }
        }
    }
    out
}

/// Adds a text whose newlines are white space. Beside a tag with lines of its own, or a line break, they are nothing.
fn push_flowing(out: &mut String, text: &str) {
    let is_between_blocks = text.trim().is_empty() && text.contains('\n');
    if is_between_blocks {
        return;
    }
    let is_after_break = out.is_empty() || out.ends_with('\n') || out.ends_with("<br>");
    let text = if is_after_break { text.trim_start_matches('\n') } else { text };
    out.push_str(&text.replace('\n', " "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordpress_gets_lines_in_place_of_paragraphs() {
        let check = |html: &str, expected: &str| assert_eq!(to_wordpress(html), expected);
        check("<p>a<br>\nb</p>\n<p>c <em>d</em></p>\n", "a\nb\n\nc <em>d</em>");
        check("<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n<p>c</p>", "<blockquote>a\n\nb</blockquote>\n\nc");
        check("<p>a</p>\n<pre><code>x\n\n  y\n</code></pre>", "a\n\n<pre><code>x\n\n  y\n</code></pre>");
        check("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "<ul><li>a</li><li>b</li></ul>");
    }

    #[test]
    fn newlines_stay_in_code_alone() {
        let html = "<p>a\nb<br>\nc</p>\n<pre><code>x\n\ny\n</code></pre>\n";
        assert_eq!(compact(html), "<p>a b<br>c</p><pre><code>x\n\ny\n</code></pre>");
    }
}
