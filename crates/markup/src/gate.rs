//! The last gate: nothing becomes [`SafeHtml`] but what ammonia lets through.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use afterword_model::SafeHtml;
use ammonia::{Builder, UrlRelative};

/// What every link says about itself: the blog does not vouch for it, a reader wrote it, and its page learns nothing of ours.
pub(crate) const LINK_REL: &str = "nofollow ugc noopener noreferrer";

/// Every element a comment may hold.
const TAGS: [&str; 12] = ["a", "blockquote", "br", "code", "del", "em", "li", "ol", "p", "pre", "strong", "ul"];

/// The longest name of a language, after `language-`.
const LANGUAGE: usize = 20;

static GATE: LazyLock<Builder<'static>> = LazyLock::new(build);

/// Every field is set, for `Builder::empty` leaves attributes, some thirty URL schemes and relative URLs allowed.
fn build() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("code", HashSet::from(["class"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .tag_attribute_values(HashMap::new())
        .set_tag_attribute_values(HashMap::new())
        .generic_attributes(HashSet::new())
        .generic_attribute_prefixes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
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
    let fit = match (element, attribute) {
        ("code", "class") => value.strip_prefix("language-").is_some_and(is_language),
        ("ol", "start") => matches!(value.len(), 1..=9) && value.bytes().all(|byte| byte.is_ascii_digit()),
        // The scheme was checked before, and the filter sees `rel` as well once the gate has set it.
        ("a", "href" | "rel") => true,
        _ => false,
    };
    fit.then_some(Cow::Borrowed(value))
}

/// Whether the name of a language may become part of a class: `rust`, `c++`, `objective-c`, `c#`, `asp.net`.
pub(crate) fn is_language(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let all = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+#-.".contains(&byte));
    name.len() <= LANGUAGE && first && all
}

/// Sanitizes our own markup. There should be nothing to do; a test holds every page of ours against that.
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes `SafeHtml`")]
pub(crate) fn pass(html: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(GATE.clean(html).to_string())
}
