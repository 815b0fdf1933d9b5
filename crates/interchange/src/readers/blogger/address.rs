//! Addresses of posts on Blogger.

/// Folds the addresses of one post into one: that of phones, and those of countries.
pub(super) fn fold_address(address: &str) -> String {
    let address = address.trim();
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = match host.split_once(".blogspot.") {
        Some((blog, country)) if is_country(country) => format!("{blog}.blogspot.com"),
        _ => host.to_owned(),
    };
    format!("{scheme}://{host}{}", without_phone_mark(path))
}

/// `de`, `com.br`, `co.uk`.
fn is_country(suffix: &str) -> bool {
    let country = suffix.strip_prefix("com.").or_else(|| suffix.strip_prefix("co.")).unwrap_or(suffix);
    country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn without_phone_mark(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let (query, fragment) = query.split_at(query.find('#').unwrap_or(query.len()));
    let kept: Vec<_> = query.split('&').filter(|part| !matches!(*part, "m=0" | "m=1")).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    [path, mark, &kept.join("&"), fragment].concat()
}

/// The address without what names a comment on the page.
pub(super) fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_phones_and_countries_are_folded() {
        for (address, folded) in [
            ("http://a.blogspot.de/2010/01/b.html?m=1", "http://a.blogspot.com/2010/01/b.html"),
            ("https://a.blogspot.co.uk/b.html?x=2&m=1#c", "https://a.blogspot.com/b.html?x=2#c"),
            ("https://a.blogspot.com.br", "https://a.blogspot.com"),
            ("https://a.blogspot.com/b.html", "https://a.blogspot.com/b.html"),
            ("https://a.example/b.html?m=10", "https://a.example/b.html?m=10"),
            ("https://a.blogspot.example/b", "https://a.blogspot.example/b"),
            ("/2010/01/b.html", "/2010/01/b.html"),
            ("", ""),
        ] {
            assert_eq!(fold_address(address), folded);
        }
    }
}
