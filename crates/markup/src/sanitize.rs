//! The final sanitizer: only HTML that passed ammonia becomes [`SafeHtml`].

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use afterword_model::{COMMENT_ELEMENTS, LINK_PREFIXES, LINK_REL, SafeHtml};
use ammonia::{Builder, UrlRelative};

/// Maximum length of a language name, after `language-`.
const MAX_LANGUAGE_BYTES: usize = 20;

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(build_sanitizer);

/// Sets every field, because `Builder::empty` still allows some attributes, about thirty URL schemes and relative URLs.
fn build_sanitizer() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(COMMENT_ELEMENTS))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "dir"])),
            ("blockquote", HashSet::from(["dir"])),
            ("code", HashSet::from(["class", "dir"])),
            ("li", HashSet::from(["dir", "value"])),
            ("ol", HashSet::from(["start"])),
            ("p", HashSet::from(["dir"])),
            ("pre", HashSet::from(["dir"])),
        ]))
        .tag_attribute_values(HashMap::new())
        .set_tag_attribute_values(HashMap::new())
        .generic_attributes(HashSet::new())
        .generic_attribute_prefixes(HashSet::new())
        .url_schemes(LINK_PREFIXES.iter().filter_map(|prefix| prefix.split(':').next()).collect())
        .url_relative(UrlRelative::Deny)
        .attribute_filter(filter_attribute)
        .link_rel(Some(LINK_REL))
        .allowed_classes(HashMap::new())
        .strip_comments(true)
        .id_prefix(None)
        .filter_style_properties(HashSet::new());
    builder
}

fn filter_attribute<'v>(element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let is_allowed = match (element, attribute) {
        ("code", "class") => value.strip_prefix("language-").is_some_and(is_language),
        ("ol", "start") | ("li", "value") => {
            matches!(value.len(), 1..=9) && value.bytes().all(|byte| byte.is_ascii_digit())
        }
        ("blockquote" | "li" | "p", "dir") => value == "auto",
        ("a" | "code" | "pre", "dir") => value == "ltr",
        // The scheme was checked before, and the filter also sees the `rel` that the sanitizer itself set.
        ("a", "href" | "rel") => true,
        _ => false,
    };
    is_allowed.then_some(Cow::Borrowed(value))
}

/// Returns true if the name of a language may become part of a class: `rust`, `c++`, `objective-c`, `c#`, `asp.net`.
pub(crate) fn is_language(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let all = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+#-.".contains(&byte));
    name.len() <= MAX_LANGUAGE_BYTES && first && all
}

/// Sanitizes the HTML that this crate wrote. Nothing has to change, as debug builds assert, so a second pass would not change the HTML
/// either.
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes `SafeHtml`")]
pub(crate) fn sanitize(html: &str) -> SafeHtml {
    let sanitized = SANITIZER.clean(html).to_string();
    debug_assert_eq!(sanitized, html, "the sanitizer does not change the HTML that this crate wrote");
    SafeHtml::from_sanitizer(sanitized)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let sanitized = SANITIZER.clean(html).to_string();
        assert_eq!(sanitized, expected);
        assert_eq!(SANITIZER.clean(&sanitized).to_string(), sanitized, "sanitizing is idempotent");
    }

    #[test]
    fn foreign_elements_and_attributes_are_removed() {
        check("<p onclick=a id=b class=c style=d title=e lang=f dir=g>h</p>", "<p>h</p>");
        check(
            "<p dir=auto>a</p><li dir=rtl>b</li><code dir=auto>c</code><ul dir=auto>d</ul>",
            "<p dir=\"auto\">a</p><li>b</li><code>c</code><ul>d</ul>",
        );
        check("<script>a</script><style>b</style><!--c--><!doctype d><?e?>", "");
        check("<img src=a onerror=b><video src=c></video><h1>d</h1><table><tr><td>e</table>", "de");
        check("<form action=a><input name=b><button>c</button></form><iframe src=d></iframe>", "c");
        check("<svg><style><a title='</style><img src=a onerror=b>'>c</svg>", "");
        check("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=a onerror=b&gt;'>", "");
        check("<base href=a><meta http-equiv=refresh content=b><link rel=stylesheet href=c>", "");
    }

    #[test]
    fn links_are_limited_to_allowed_schemes() {
        let link = |href: &str| format!("<a href=\"{href}\" rel=\"{LINK_REL}\">a</a>");
        let bare = format!("<a rel=\"{LINK_REL}\">a</a>");
        for href in ["https://a.example/", "http://a.example/", "mailto:a@b.example"] {
            check(&format!("<a href=\"{href}\" rel=opener target=_blank ping=b>a</a>"), &link(href));
        }
        for href in [
            "javascript:a",
            "java&#9;script:a",
            "data:a",
            "//a.example",
            "/a",
            "a",
            "#a",
            "",
            "ftp://a",
            "blob:a",
            "tel:1",
        ] {
            check(&format!("<a href=\"{href}\">a</a>"), &bare);
        }
    }

    #[test]
    fn attribute_values_are_limited_to_allowed_patterns() {
        check("<code class=language-c++ id=a>b</code>", "<code class=\"language-c++\">b</code>");
        for class in ["a", "language-", "language-A", "language-a b", "language-a&#10;b", "language-+", "aw-form"] {
            check(&format!("<code class=\"{class}\">b</code>"), "<code>b</code>");
        }
        check("<ol start=7><li>a</li></ol>", "<ol start=\"7\"><li>a</li></ol>");
        for number in ["-1", "", "x", "1234567890", "1 "] {
            check(&format!("<ol start=\"{number}\"><li value=\"{number}\">a</li></ol>"), "<ol><li>a</li></ol>");
        }
    }
}
