//! Addresses of the moderators' pages.

use crate::page_url::push_encoded;

/// An address: a path, and the query parameters that have a value.
pub(crate) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = String::from(path);
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(name);
        address.push('=');
        push_encoded(&mut address, value);
    }
    address
}

/// Returns true for an address within the moderators' pages, to which a form may return.
pub fn is_admin_address(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let has_prefix = path == "/admin" || path.starts_with("/admin/");
    has_prefix && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_without_a_value_are_left_out() {
        assert_eq!(address("/admin", &[("a", ""), ("b", "")]), "/admin");
        assert_eq!(address("/admin", &[("a", "x y&z"), ("b", ""), ("c", "ü")]), "/admin?a=x%20y%26z&c=%C3%BC");
    }

    #[test]
    fn only_own_pages_are_addresses_to_return_to() {
        for good in ["/admin", "/admin/queue?list=spam&search=a%20b#c3", "/admin/comments/3"] {
            assert!(is_admin_address(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "//evil.example/admin",
            "/administrator",
            "https://evil.example/admin",
            "/admin/\\x",
            "/admin/\r\na:b",
        ] {
            assert!(!is_admin_address(bad), "{bad}");
        }
    }
}
