//! Sanitized HTML.

use serde::{Deserialize, Serialize};

/// HTML that `markup` rendered from a reader's text, safe to insert into a page.
///
/// Only `markup` makes it ([`SafeHtml::from_sanitizer`]), and only the ledger's row reader restores it from storage
/// ([`SafeHtml::from_storage`]). `clippy.toml` disallows both functions everywhere else. Deserialize it only from JSON
/// that the Worker itself wrote: the published thread, and the Worker's responses as the widget reads them. If others
/// may have written the JSON, check it with [`SafeHtml::has_only_comment_markup`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Wraps HTML that has just left the sanitizer.
    pub fn from_sanitizer(html: String) -> Self {
        Self(html)
    }

    /// Wraps HTML that was stored as `SafeHtml` before.
    pub fn from_storage(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text without its markup, one line for each paragraph, item and line break.
    ///
    /// This needs no HTML parser, for the reasons of [`SafeHtml::has_only_comment_markup`].
    pub fn to_text(&self) -> String {
        let mut pieces = self.0.split('<');
        let mut text = String::new();
        push_unescaped(&mut text, pieces.next().unwrap_or_default());
        for piece in pieces {
            let (tag, after) = piece.split_once('>').unwrap_or((piece, ""));
            if matches!(tag, "br" | "/p" | "/li" | "/pre") && !text.ends_with('\n') {
                text.push('\n');
            }
            push_unescaped(&mut text, after);
        }
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Returns true if the HTML consists only of text and of tags exactly as `markup` writes them. Use it for HTML from
    /// a store that others can write to, such as a browser's storage.
    ///
    /// This needs no HTML parser: text is escaped, so every `<` starts a tag, and each tag has one spelling.
    pub fn has_only_comment_markup(&self) -> bool {
        let mut pieces = self.0.split('<');
        // The piece before the first tag is text.
        pieces.next();
        pieces.all(|piece| piece.split_once('>').is_some_and(|(tag, _)| is_tag(tag)))
    }
}

/// All elements that a comment may contain.
pub const COMMENT_ELEMENTS: [&str; 12] =
    ["a", "blockquote", "br", "code", "del", "em", "li", "ol", "p", "pre", "strong", "ul"];

/// Beginnings of all link targets that a comment may contain.
pub const LINK_PREFIXES: [&str; 3] = ["http://", "https://", "mailto:"];

/// [`LINK_REL`] as a literal.
macro_rules! link_rel {
    () => {
        "nofollow ugc noopener noreferrer"
    };
}

/// The `rel` attribute of every link that a reader typed: the blog does not endorse it, it is user content, and the
/// target page gets neither an opener nor a referrer.
pub const LINK_REL: &str = link_rel!();

/// The character references that the sanitizer writes in text.
const REFERENCES: [(&str, char); 5] =
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", '\u{a0}')];

/// Appends escaped text without its escapes.
fn push_unescaped(out: &mut String, mut escaped: &str) {
    while let Some(at) = escaped.find('&') {
        out.push_str(&escaped[..at]);
        escaped = &escaped[at..];
        let known = REFERENCES.iter().find(|(reference, _)| escaped.starts_with(reference));
        let (length, character) = known.map_or((1, '&'), |(reference, character)| (reference.len(), *character));
        out.push(character);
        escaped = &escaped[length..];
    }
    out.push_str(escaped);
}

/// Returns true for a tag of `markup`, given without its angle brackets.
fn is_tag(tag: &str) -> bool {
    for direction in [" dir=\"auto\"", " dir=\"ltr\""] {
        // The direction is the first attribute.
        if let Some((element, attributes)) = tag.split_once(direction)
            && !element.contains([' ', '/'])
        {
            return is_tag(&[element, attributes].concat());
        }
    }
    if COMMENT_ELEMENTS.contains(&tag.strip_prefix('/').unwrap_or(tag)) {
        return tag != "a";
    }
    let value = |before: &str, after: &str| {
        let value = tag.strip_prefix(before)?.strip_suffix(after)?;
        // `contains` would link the search for texts of any length, 1.7 KB of the widget's code.
        value.bytes().all(|byte| byte != b'"').then_some(value)
    };
    let is_link = |href: &str| LINK_PREFIXES.iter().any(|prefix| href.len() > prefix.len() && href.starts_with(prefix));
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+#-.".contains(&byte))
    };
    value("a href=\"", concat!("\" rel=\"", link_rel!(), "\"")).is_some_and(is_link)
        || value("code class=\"language-", "\"").is_some_and(is_word)
        || ["ol start=\"", "li value=\""].iter().any(|before| value(before, "\"").is_some_and(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: bool) {
        assert_eq!(SafeHtml(html.to_owned()).has_only_comment_markup(), expected, "{html}");
    }

    #[test]
    fn comment_markup_is_recognized() {
        for html in [
            "",
            "a &lt;b&gt; &amp; \"c\" > d",
            "<p>a<br>\n<em>b</em> <strong><del>c</del></strong></p>",
            "<ol start=\"7\"><li value=\"3\">a</li></ol><ul><li>b</li></ul><blockquote><p>c</p></blockquote>",
            "<pre><code class=\"language-c++\">a</code></pre><code>b</code>",
            "<a href=\"https://a.example/?b=c&amp;d=%22\" rel=\"nofollow ugc noopener noreferrer\">e</a>",
            "<a href=\"mailto:a@b.example\" rel=\"nofollow ugc noopener noreferrer\">e</a>",
            "<p dir=\"auto\">a</p><li dir=\"auto\" value=\"3\">b</li><blockquote dir=\"auto\">c</blockquote>",
            "<pre dir=\"ltr\"><code class=\"language-c\">a</code></pre><code dir=\"ltr\">b</code>",
            "<a dir=\"ltr\" href=\"https://a.example/\" rel=\"nofollow ugc noopener noreferrer\">e</a>",
        ] {
            check(html, true);
        }
    }

    #[test]
    fn text_is_read_without_its_markup() {
        for (html, text) in [
            ("", ""),
            ("<p>a &lt;b&gt; &amp;amp; &quot;c&quot;&nbsp;d</p>\n", "a <b> &amp; \"c\"\u{a0}d"),
            ("<p dir=\"auto\">a<br>b</p>\n<blockquote>\n<p>c</p>\n</blockquote>\n", "a\nb\nc"),
            ("<ul>\n<li>a</li>\n<li><p>b</p></li>\n</ul>", "a\nb"),
            ("<pre><code class=\"language-rust\">if a &amp;&amp; b {\n  c\n}</code></pre>", "if a && b {\nc\n}"),
            ("<p><a href=\"https://b/?c&amp;d\" rel=\"nofollow\">e</a> & f &copy; &</p>", "e & f &copy; &"),
        ] {
            assert_eq!(SafeHtml(html.to_owned()).to_text(), text, "{html}");
        }
    }

    #[test]
    fn other_markup_is_rejected() {
        for html in [
            "<",
            "<p",
            "<>",
            "</>",
            "<//p>",
            "< p>",
            "<P>",
            "<p >",
            "<p/>",
            "<p id=\"a\">",
            "<script>a</script>",
            "<img src=a onerror=b>",
            "<svg onload=a>",
            "<!--a-->",
            "<style>a</style>",
            "<p><p onclick=\"a\">",
            "<p title=\"<p>",
            "<a>b</a>",
            "<a href=\"javascript:b\" rel=\"nofollow ugc noopener noreferrer\">c</a>",
            "<a href=\"HTTPS://b\" rel=\"nofollow ugc noopener noreferrer\">c</a>",
            "<a href=\"https://\" rel=\"nofollow ugc noopener noreferrer\">c</a>",
            "<a href=\"https://b\" onclick=\"c\" rel=\"nofollow ugc noopener noreferrer\">d</a>",
            "<a href=\"https://b\">c</a>",
            "<a href=\"https://b\" rel=\"opener\">c</a>",
            "<code class=\"language-a b\">c</code>",
            "<code class=\"language-\">c</code>",
            "<code class=\"aw-form\">c</code>",
            "<ol start=\"1\" onclick=\"a\">b</ol>",
            "<li value=\"\">a</li>",
            "<p dir=\"rtl\">a</p>",
            "<p>a</p dir=\"auto\">",
            "<a dir=\"ltr\">b</a>",
            "<p dir=\"auto\" onclick=\"a\">b</p>",
            "<p onclick=\"a\" dir=\"auto\">b</p>",
        ] {
            check(html, false);
        }
    }
}
