//! XML and HTML, by the root element and the namespaces.

use super::Kind;
use crate::format::Format;

const FEED: &str = "this is a feed of posts, without comments. Export the blog: in WordPress under Tools, Export, All content; in Blogger under \
     Settings, Back up content";
const THEME: &str =
    "this is a theme of Blogger, without comments. The comments are in the backup: Settings, Back up content";
const WEB_PAGE: &str = "this is a web page, and no export. Take the file that the comment system exports";
const SITEMAP: &str = "this is a sitemap, without comments. It can be given as the list of the blog's addresses";

/// The kind of a text that starts with `<`.
pub(super) fn kind(text: &str) -> Kind {
    let Some(root) = root(text) else { return Kind::Unknown };
    let has = |part: &str| text.contains(part);
    match root.to_ascii_lowercase().as_str() {
        "disqus" => Kind::Of(Format::Disqus),
        "rss" | "rdf" if has("wordpress.org/export") || has("<wp:") || has(":comment_id>") => Kind::Of(Format::Wxr),
        "feed" if has("schemas.google.com/blogger/2018") || has("<blogger:type>") => Kind::Of(Format::BloggerTakeout),
        "feed" if has("schemas.google.com/blogger/2008") => Kind::Of(Format::BloggerAtom),
        "rss" | "rdf" | "feed" => Kind::Advice(FEED),
        "html" if has("google.com/2005/gml/b") || has("<b:skin") => Kind::Advice(THEME),
        "html" => Kind::Advice(WEB_PAGE),
        "urlset" | "sitemapindex" => Kind::Advice(SITEMAP),
        _ => Kind::Unknown,
    }
}

/// The local name of the root element.
fn root(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.trim_start().strip_prefix('<')?;
        rest = match rest.as_bytes().first()? {
            b'?' => &rest[rest.find("?>")? + 2..],
            b'!' if rest.starts_with("!--") => &rest[rest.find("-->")? + 3..],
            b'!' => after_doctype(rest)?,
            _ => {
                let end = rest.find(|character: char| character.is_whitespace() || matches!(character, '>' | '/'))?;
                let name = &rest[..end];
                return Some(name.rsplit(':').next().unwrap_or(name));
            }
        };
    }
}

/// The text after a DOCTYPE, which may define entities in brackets.
fn after_doctype(text: &str) -> Option<&str> {
    let end = text.find('>')?;
    match text[..end].find('[') {
        Some(_) => text.split_once("]>").map(|(_, rest)| rest).or_else(|| {
            let close = text.find(']')?;
            Some(&text[close + text[close..].find('>')? + 1..])
        }),
        None => Some(&text[end + 1..]),
    }
}
