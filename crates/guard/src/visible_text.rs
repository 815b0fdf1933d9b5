//! The visible text of a comment, and a key that finds duplicates of it.

use afterword_model::encode_hex;
use sha2::{Digest, Sha256};

use crate::normalize::{Lookalikes, is_word_character, normalize};

/// Minimum number of letters and digits for a duplicate key. Two readers may well write the same shorter text.
const MIN_KEY_CHARACTERS: usize = 40;
/// Length of a duplicate key, in bytes of SHA-256.
const DUPLICATE_KEY_BYTES: usize = 16;

/// The visible text of a comment in [`afterword_model::SafeHtml`], followed by the targets of its links.
///
/// Inline markup does not split a word. The HTML is our own: tags are closed, and attributes are in double quotes.
pub fn visible_text(html: &str) -> String {
    let (mut words, mut addresses) = (String::with_capacity(html.len()), String::new());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        unescape(&rest[..start], &mut words);
        let tag = &rest[start..];
        let end = end_of_tag(tag);
        let (tag, after) = tag.split_at(end);
        if let Some(address) = tag.strip_prefix("<a ").and_then(|tag| tag.split("href=\"").nth(1)?.split('"').next()) {
            addresses.push(' ');
            unescape(address, &mut addresses);
        }
        if !is_inline(tag) {
            words.push(' ');
        }
        rest = after;
    }
    unescape(rest, &mut words);
    words + &addresses
}

/// Number of links in a comment.
pub(crate) fn count_links(html: &str) -> usize {
    html.matches("<a ").count()
}

/// A key that is equal for texts with the same words, to find duplicates of earlier comments. `None` for a text so
/// short that many readers would write it.
///
/// Case, fonts, punctuation, white space and invisible characters are ignored.
pub fn duplicate_key(words: &str) -> Option<String> {
    let mut hash = Sha256::new();
    let (mut count, mut buffer) = (0, [0; 4]);
    for character in normalize(words, Lookalikes::MapToLatin).filter(|&character| is_word_character(character)) {
        hash.update(character.encode_utf8(&mut buffer));
        count += 1;
    }
    (count >= MIN_KEY_CHARACTERS).then(|| encode_hex(&hash.finalize()[..DUPLICATE_KEY_BYTES]))
}

/// The index behind the `>` that closes the tag at the start. A `>` within an attribute does not close it.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    let end = tag.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    });
    end.map_or(tag.len(), |end| end + 1)
}

fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default();
    matches!(name, "a" | "code" | "del" | "em" | "strong")
}

/// Decodes the five characters that a serializer escapes, and the no-break space.
fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let known =
            [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", "\u{a0}")];
        let (escaped, character) = known.into_iter().find(|(it, _)| rest.starts_with(it)).unwrap_or(("&", "&"));
        out.push_str(character);
        rest = &rest[escaped.len()..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn visible_text_has_no_markup() {
        let cases = [
            ("<p>Hi <em>th</em>ere</p>", " Hi there "),
            ("<p>a<br>b</p><ul><li>c</li></ul>", " a b   c  "),
            ("vi<strong>ag</strong>ra", "viagra"),
            ("1 &lt; 2 &amp;&amp; &quot;x&quot; &amp;lt; & &nope;", "1 < 2 && \"x\" &lt; & &nope;"),
            (
                "<a href=\"https://a.example/?x=1&amp;y=>\" rel=\"nofollow\">he<code>re</code></a>!",
                "here! https://a.example/?x=1&y=>",
            ),
            ("<pre><code class=\"language-x\">a\nb</code></pre>", " a\nb "),
            ("a < b", "a  "),
        ];
        for (html, expected) in cases {
            assert_eq!(visible_text(html), expected, "{html}");
        }
    }

    #[test]
    fn links_are_counted() {
        assert_eq!(count_links("<p>x</p>"), 0);
        assert_eq!(count_links("<a href=\"x\">a</a> &lt;a href&gt; <a href=\"y\" rel=\"z\">b</a><abbr>"), 2);
    }

    #[test]
    fn equal_words_have_equal_duplicate_keys() {
        let one = duplicate_key("Cheap pills! Visit https://spam.example/ today, and tomorrow.").unwrap();
        for same in [
            "cheap PILLS visit https spam example today and tomorrow",
            "Ch\u{200b}eap   pills!!!\n\nVisit *https*://spam.example/ today,\nand tomorrow",
            "Сhеар рills Visit https://spam.example/ today, and tomorrow",
        ] {
            assert_eq!(duplicate_key(same).as_ref(), Some(&one), "{same}");
        }
        assert_ne!(duplicate_key("Cheap pills! Visit https://spam.example/2 today, and tomorrow.").unwrap(), one);
        assert_eq!(one.len(), 32);
    }

    #[test]
    fn short_texts_have_no_duplicate_key() {
        for short in
            ["", "Thanks!", "First!!! First!!! First!!!", &"?".repeat(1000), "Thank you very much for this great post"]
        {
            assert_eq!(duplicate_key(short), None, "{short}");
        }
        assert!(duplicate_key(&"x".repeat(40)).is_some());
    }

    proptest! {
        #[test]
        fn visible_text_of_any_html_has_bounded_length(html in "[<>&\"a-z =/;]{0,60}\\PC{0,40}") {
            prop_assert!(visible_text(&html).len() <= 2 * html.len() + 1);
        }
    }
}
