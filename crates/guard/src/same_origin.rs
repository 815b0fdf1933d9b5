//! The defence against forged requests: which page of a browser makes a request, and to which pages of ours it leads.

/// The headers by which a browser says which page makes a request.
#[derive(Clone, Copy, Debug)]
pub struct PageHeaders<'a> {
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a str>,
    /// `Origin`.
    pub origin: Option<&'a str>,
}

impl PageHeaders<'_> {
    /// Returns true if the headers prove that a page of `endpoint`, the Worker's own origin, makes the request. Without any of them nothing is
    /// proven: every browser of the last ten years sends `Origin` with a form.
    pub fn is_own_page(self, endpoint: &str) -> bool {
        let is_own_origin = self.origin.map(|origin| origin == endpoint);
        match self.fetch_site {
            Some(site) => site == "same-origin" && is_own_origin != Some(false),
            None => is_own_origin == Some(true),
        }
    }
}

/// Returns `path` if it is a path of the moderators' pages, to which a sign-in may lead. Anything else could lead to another website, or back
/// to the sign-in.
pub fn admin_return_path(path: &str) -> Option<&str> {
    const MAX_BYTES: usize = 2048;
    let rest = path.strip_prefix("/admin")?;
    let is_admin = rest.is_empty() || rest.starts_with(['/', '?']);
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let file = rest.split(['?', '#']).next().unwrap_or_default();
    let is_canonical = !file.contains("//") && !file.contains("..") && !file.contains('%');
    let leads_back = ["/sign-in", "/sign-out", "/api"].iter().any(|start| file.starts_with(start));
    (path.len() <= MAX_BYTES && is_admin && is_plain && is_canonical && !leads_back).then_some(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWN: &str = "https://comments.example.com";

    fn is_own_page(fetch_site: Option<&str>, origin: Option<&str>) -> bool {
        PageHeaders { fetch_site, origin }.is_own_page(OWN)
    }

    #[test]
    fn only_pages_of_the_worker_are_own_pages() {
        for (fetch_site, origin) in [(Some("same-origin"), Some(OWN)), (Some("same-origin"), None), (None, Some(OWN))] {
            assert!(is_own_page(fetch_site, origin), "{fetch_site:?} {origin:?}");
        }
        for fetch_site in ["same-site", "cross-site", "none", "", "Same-Origin", "same-origin, same-origin"] {
            assert!(!is_own_page(Some(fetch_site), None), "{fetch_site}");
            assert!(!is_own_page(Some(fetch_site), Some(OWN)), "{fetch_site}");
        }
        for origin in
            ["null", "", "http://comments.example.com", "https://comments.example.com:8443", "https://blog.example"]
        {
            assert!(!is_own_page(None, Some(origin)), "{origin}");
            assert!(!is_own_page(Some("same-origin"), Some(origin)), "{origin}");
        }
        assert!(!is_own_page(None, None));
    }

    #[test]
    fn a_sign_in_leads_to_pages_of_moderators_only() {
        for path in ["/admin", "/admin/", "/admin/queue?list=spam&site=https%3A%2F%2Fblog.example", "/admin?site=x"] {
            assert_eq!(admin_return_path(path), Some(path));
        }
        for path in [
            "",
            "/",
            "admin",
            "//evil.example/admin",
            "/\\evil.example",
            "/admin\\..\\..\\x",
            "/admin/../x",
            "/admin/%2e%2e/x",
            "/admin//evil.example",
            "/adminx",
            "https://evil.example/admin",
            "/admin/queue\r\nSet-Cookie: a=b",
            "/admin/ä",
            "/admin/sign-in",
            "/admin/sign-in?to=/admin",
            "/admin/sign-out",
            "/admin/api/export",
        ] {
            assert_eq!(admin_return_path(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_return_path_stays_on_this_host(path in "(/admin)?[/\\\\?#.:@%a-z\\r\\n\u{0}]{0,24}") {
            if let Some(path) = admin_return_path(&path) {
                prop_assert!(path == "/admin" || path.starts_with("/admin/") || path.starts_with("/admin?"));
                prop_assert!(path.bytes().all(|byte| byte > b' ' && byte != b'\\'));
            }
        }
    }
}
