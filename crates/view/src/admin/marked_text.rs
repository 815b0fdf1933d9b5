//! The text of a comment with words marked in it, and with the host of each link beside it.

use afterword_model::SafeHtml;
use maud::{Markup, PreEscaped, Render, html};

/// Patterns of words: muted words, which may hold `*`, and words of a search, which count as beginnings.
#[derive(Debug, Default)]
pub(crate) struct WordPatterns(Vec<Vec<String>>);

impl WordPatterns {
    /// The patterns of muted words and of a search.
    pub(crate) fn new<'a>(muted: impl Iterator<Item = &'a str>, search: &str) -> Self {
        let beginnings = search.split_whitespace().map(|word| format!("{}*", word.trim_matches('"')));
        let patterns = muted.map(str::to_owned).chain(beginnings);
        Self(patterns.map(|pattern| split_pattern(&pattern)).filter(|words| !words.is_empty()).collect())
    }

    /// Number of words that a pattern matches from the first of `words` on; 0 if none does.
    fn match_at(&self, words: &[&str]) -> usize {
        let matches = |pattern: &&Vec<String>| {
            pattern.len() <= words.len()
                && pattern.iter().zip(words).all(|(pattern, word)| matches_word(pattern, &word.to_lowercase()))
        };
        self.0.iter().filter(matches).map(Vec::len).max().unwrap_or(0)
    }
}

/// Renders the text. Code scrolls, so it has a place in the tab order.
pub(crate) fn marked_text(html: &SafeHtml, patterns: &WordPatterns) -> Markup {
    let mut out = String::with_capacity(html.as_str().len() + 64);
    let mut host = None;
    let mut pieces = html.as_str().split('<');
    push_marked(&mut out, pieces.next().unwrap_or_default(), patterns);
    for piece in pieces {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        out.push('<');
        out.push_str(tag);
        if tag == "pre" || tag.starts_with("pre ") {
            out.push_str(" tabindex=\"0\"");
        }
        out.push('>');
        if tag.starts_with("a ") {
            host = link_host(tag).filter(|host| !text.contains(host));
        } else if tag == "/a"
            && let Some(host) = host.take()
        {
            html! { " " span.host { "(" (PreEscaped(host)) ")" } }.render_to(&mut out);
        }
        push_marked(&mut out, text, patterns);
    }
    PreEscaped(out)
}

/// The host of a link with a web address, escaped as it is in the tag.
fn link_host(tag: &str) -> Option<&str> {
    let (_, rest) = tag.split_once("href=\"http")?;
    let (_, rest) = rest.split_once("://")?;
    let host = rest.split(['/', '?', '#', '"']).next()?;
    (!host.is_empty()).then_some(host)
}

/// Appends escaped text with its matching words marked.
fn push_marked(out: &mut String, text: &str, patterns: &WordPatterns) {
    let words = words(text);
    let texts: Vec<&str> = words.iter().map(|(start, end)| &text[*start..*end]).collect();
    let (mut done, mut at) = (0, 0);
    while at < words.len() {
        let count = patterns.match_at(&texts[at..]);
        if count > 0 {
            let (start, end) = (words[at].0, words[at + count - 1].1);
            out.push_str(&text[done..start]);
            out.push_str("<mark>");
            out.push_str(&text[start..end]);
            out.push_str("</mark>");
            done = end;
        }
        at += count.max(1);
    }
    out.push_str(&text[done..]);
}

/// The places of the words in escaped text. A character reference is none.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut reference_end = 0;
    for (at, character) in text.char_indices() {
        if character == '&' {
            reference_end = text[at..].find(';').map_or(at, |length| at + length);
        }
        let is_word = character.is_alphanumeric() && (at > reference_end || reference_end == 0);
        match (is_word, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| (from, text.len())));
    words
}

fn split_pattern(pattern: &str) -> Vec<String> {
    let lower = pattern.to_lowercase();
    let parts = lower.split(|character: char| !character.is_alphanumeric() && character != '*');
    parts.filter(|part| part.chars().any(char::is_alphanumeric)).map(str::to_owned).collect()
}

/// Matches a word with a pattern in which `*` stands for any letters.
fn matches_word(pattern: &str, word: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = word.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, muted: &[&str], search: &str, expected: &str) {
        let html: SafeHtml = serde_json::from_value(html.into()).unwrap_or_default();
        let patterns = WordPatterns::new(muted.iter().copied(), search);
        assert_eq!(marked_text(&html, &patterns).into_string(), expected);
    }

    #[test]
    fn muted_and_searched_words_are_marked() {
        check("<p>A Casino, casinos</p>", &["casino"], "", "<p>A <mark>Casino</mark>, casinos</p>");
        check("<p>viagra</p>", &["v*gr*"], "", "<p><mark>viagra</mark></p>");
        check("<p>buy  now, buy</p>", &["Buy now"], "", "<p><mark>buy  now</mark>, buy</p>");
        check("<p>Ärger argument</p>", &[], "är \"arg", "<p><mark>Ärger</mark> <mark>argument</mark></p>");
        check("<p>a</p>", &["*", "", "-"], "", "<p>a</p>");
    }

    #[test]
    fn marks_are_in_the_text_only() {
        check(
            "<p>&lt;p&gt; lt &amp; p</p>",
            &["lt", "p"],
            "",
            "<p>&lt;<mark>p</mark>&gt; <mark>lt</mark> &amp; <mark>p</mark></p>",
        );
        check("<code class=\"language-p\">q</code>", &["p", "code"], "", "<code class=\"language-p\">q</code>");
        check("a &b c", &["b"], "", "a &<mark>b</mark> c");
    }

    #[test]
    fn links_show_their_host() {
        check(
            "<a href=\"https://evil.example/x?a&amp;b\" rel=\"nofollow\">bank</a>, <a href=\"mailto:a@b.c\" rel=\"\">m</a>",
            &[],
            "",
            "<a href=\"https://evil.example/x?a&amp;b\" rel=\"nofollow\">bank</a> <span class=\"host\">(evil.example)</span>, <a href=\"mailto:a@b.c\" rel=\"\">m</a>",
        );
        check("<a href=\"https://a.example/\">a.example</a>", &[], "", "<a href=\"https://a.example/\">a.example</a>");
        check(
            "<a href=\"http://a.example\">http://a.example</a>",
            &[],
            "",
            "<a href=\"http://a.example\">http://a.example</a>",
        );
        check("<pre><code>x</code></pre>", &[], "", "<pre tabindex=\"0\"><code>x</code></pre>");
    }
}
