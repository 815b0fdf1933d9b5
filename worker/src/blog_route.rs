//! The addresses of blogs in front of which the Worker stands.

use url::Url;

/// Hosts that stand for any port, as in `SITES`: tests and previews choose free ones.
const LOOPBACK: [&str; 2] = ["localhost", "127.0.0.1"];

/// An address of a blog whose pages pass through the Worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlogRoute {
    blog: Url,
    /// The server of the pages, if it is not at the address of the blog.
    upstream: Option<Url>,
}

impl BlogRoute {
    /// Parses `origin` or `origin=server`, both without a path.
    pub fn parse(word: &str) -> Option<Self> {
        let (blog, upstream) = word.split_once('=').map_or((word, None), |(blog, upstream)| (blog, Some(upstream)));
        Some(Self {
            blog: parse_origin(blog)?,
            upstream: upstream.map(parse_origin).map_or(Some(None), |url| url.map(Some))?,
        })
    }

    /// The origin of the blog.
    pub(crate) fn origin(&self) -> String {
        self.blog.origin().ascii_serialization()
    }

    /// Returns true if an address is of this blog. `http` and `https` count as one.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        let is_any_port =
            self.blog.port().is_none() && self.blog.host_str().is_some_and(|host| LOOPBACK.contains(&host));
        self.blog.host_str() == url.host_str() && (is_any_port || self.blog.port() == url.port())
    }

    /// The address from which a page is fetched.
    pub(crate) fn upstream_url(&self, url: &Url) -> Url {
        let mut target = url.clone();
        if let Some(upstream) = &self.upstream {
            target = upstream.clone();
            target.set_path(url.path());
            target.set_query(url.query());
        }
        target
    }
}

fn parse_origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let has_no_user = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && is_plain && has_no_user).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(route: &str, url: &str) -> bool {
        BlogRoute::parse(route).unwrap().covers(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_route_covers_the_pages_of_its_host() {
        for url in ["https://blog.example/", "http://blog.example/a?b", "https://blog.example/x/y.html"] {
            assert!(covers("https://blog.example", url), "{url}");
        }
        for url in ["https://www.blog.example/", "https://blog.example:8443/", "https://afterword.ada.workers.dev/"] {
            assert!(!covers("https://blog.example", url), "{url}");
        }
        assert!(covers("http://127.0.0.1", "http://127.0.0.1:8787/post"));
        assert!(!covers("http://127.0.0.1:1", "http://127.0.0.1:8787/post"));
    }

    #[test]
    fn pages_are_fetched_from_another_server_if_there_is_one() {
        let url = Url::parse("https://blog.example/a/b%20c?d=e").unwrap();
        let target = |route| BlogRoute::parse(route).unwrap().upstream_url(&url).to_string();
        assert_eq!(target("https://blog.example"), "https://blog.example/a/b%20c?d=e");
        assert_eq!(target("https://blog.example=https://ada.host.example"), "https://ada.host.example/a/b%20c?d=e");
    }

    #[test]
    fn only_origins_are_routes() {
        for word in [
            "",
            "blog.example",
            "ftp://blog.example",
            "https://blog.example/a",
            "https://a:b@blog.example",
            "https://a.example=",
            "https://a.example=x",
        ] {
            assert_eq!(BlogRoute::parse(word), None, "{word}");
        }
    }
}
