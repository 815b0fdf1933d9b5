//! Targets of links.

use afterword_model::LINK_PREFIXES;
use url::Url;

/// Number of characters of the signature that Disqus puts behind a target, after a colon.
const DISQUS_SIGNATURE: usize = 27;

/// The target of a link that a comment may have.
pub(super) fn target(href: &str) -> Option<String> {
    let href: String = href.chars().filter(|character| !character.is_control()).collect();
    let href = href.trim();
    let href = if href.starts_with("//") { format!("https:{href}") } else { href.to_owned() };
    let is_link = |href: &str| {
        LINK_PREFIXES
            .iter()
            .any(|prefix| href.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
    };
    if !is_link(&href) {
        return None;
    }
    let url = Url::parse(&href).ok()?;
    let url = disqus_target(&url).filter(|url| is_link(url.as_str())).unwrap_or(url);
    Some(without_markdown(url.as_str()))
}

/// The target that Disqus wraps: `https://disq.us/url?url=<target>:<signature>&cuid=…`.
fn disqus_target(url: &Url) -> Option<Url> {
    if !matches!(url.host_str(), Some("disq.us" | "redirect.disqus.com")) || url.path() != "/url" {
        return None;
    }
    let (_, wrapped) = url.query_pairs().find(|(key, _)| key == "url")?;
    let target = match wrapped.rsplit_once(':') {
        Some((target, signature)) if signature.chars().count() == DISQUS_SIGNATURE => target,
        _ => &wrapped,
    };
    Url::parse(target).ok()
}

/// Encodes the characters that end a target in Markdown, or are markup in it.
fn without_markdown(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for character in url.chars() {
        match character {
            '(' => encoded.push_str("%28"),
            ')' => encoded.push_str("%29"),
            '<' => encoded.push_str("%3C"),
            '>' => encoded.push_str("%3E"),
            '\\' => encoded.push_str("%5C"),
            '`' => encoded.push_str("%60"),
            '[' => encoded.push_str("%5B"),
            ']' => encoded.push_str("%5D"),
            '*' => encoded.push_str("%2A"),
            ' ' => encoded.push_str("%20"),
            other => encoded.push(other),
        }
    }
    // The brackets around an address of IPv6.
    if encoded.contains("%5B") && Url::parse(&encoded).is_err() { url.to_owned() } else { encoded }
}

/// The text of a link in place of one that was cut (`https://a.example/lon...`), or that is missing.
pub(super) fn whole_text(text: &str, target: &str) -> Option<String> {
    let text = text.trim();
    let beginning = text.strip_suffix("...").or_else(|| text.strip_suffix('…'));
    let is_cut = beginning.is_some_and(|beginning| {
        let plain = |url: &str| url.split_once("://").map_or(url.to_owned(), |(_, rest)| rest.to_owned());
        let (beginning, target) = (plain(beginning), plain(target));
        !beginning.is_empty()
            && (target.starts_with(&beginning) || target.trim_start_matches("www.").starts_with(&beginning))
    });
    (is_cut || text.is_empty()).then(|| target.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_disqus_are_unwrapped() {
        let wrapped =
            "https://disq.us/url?url=https%3A%2F%2Fa.example%2Fb%3Fc%3Dd%3AAbCdEfGhIjKlMnOpQrStUvWxYz0&cuid=1";
        assert_eq!(target(wrapped).as_deref(), Some("https://a.example/b?c=d"));
        assert_eq!(
            target("http://disq.us/url?url=http%3A%2F%2Fa.example%2F%3A8").as_deref(),
            Some("http://a.example/:8")
        );
        let hostile = target("https://disq.us/url?url=javascript%3Aalert(1)").unwrap();
        assert!(hostile.starts_with("https://disq.us/url?url=javascript"), "{hostile}");
    }

    #[test]
    fn only_links_of_comments_are_targets() {
        for href in [
            "javascript:alert(1)",
            "data:text/html,a",
            "/a",
            "a",
            "#a",
            "",
            "ftp://a.example",
            "https://",
            "java\nscript:a",
        ] {
            assert_eq!(target(href), None, "{href}");
        }
        assert_eq!(target("//a.example/b").as_deref(), Some("https://a.example/b"));
        assert_eq!(target(" HTTPS://A.example/(b)[c] ").as_deref(), Some("https://a.example/%28b%29%5Bc%5D"));
        assert_eq!(target("mailto:a@b.example").as_deref(), Some("mailto:a@b.example"));
    }

    #[test]
    fn cut_texts_are_replaced() {
        let whole = |text: &str| whole_text(text, "https://www.a.example/long/path");
        assert_eq!(whole("https://www.a.example/lo...").as_deref(), Some("https://www.a.example/long/path"));
        assert_eq!(whole("a.example/long/p…").as_deref(), Some("https://www.a.example/long/path"));
        assert_eq!(whole("").as_deref(), Some("https://www.a.example/long/path"));
        assert_eq!(whole("and so on..."), None);
        assert_eq!(whole("here"), None);
    }
}
