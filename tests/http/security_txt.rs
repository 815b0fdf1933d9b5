//! `/.well-known/security.txt` (RFC 9116), if the owner has set a contact.

use std::time::{SystemTime, UNIX_EPOCH};

use afterword_model::Refusal;
use afterword_tests::{Request, Server};

use crate::OPEN;

const PATH: &str = "/.well-known/security.txt";

#[test]
fn not_found_without_a_contact() {
    Request::get(PATH).send(&OPEN).check_refusal(Refusal::NotFound);
}

#[test]
fn contacts_and_expiry_are_listed() {
    let server = Server::with_spam_checks(
        "http-security",
        &[("SECURITY_CONTACT", "mailto:ada@blog.example https://blog.example/security")],
    );
    let response = Request::get(PATH).send(&server);
    assert_eq!((response.status, response.header("content-type").as_deref()), (200, Some("text/plain; charset=utf-8")));
    let lines: Vec<_> = response.text().lines().collect();
    let [first, second, expires, canonical] = lines[..] else { panic!("{lines:?}") };
    assert_eq!((first, second), ("Contact: mailto:ada@blog.example", "Contact: https://blog.example/security"));
    assert_eq!(canonical, format!("Canonical: {}{PATH}", server.origin()));
    // A few months from now, and less than a year.
    let expires = expires.strip_prefix("Expires: ").unwrap();
    assert!(expires.len() == 24 && expires.ends_with("T00:00:00.000Z"), "{expires}");
    let number = |at: std::ops::Range<usize>| expires[at].parse::<u64>().unwrap();
    let then = number(0..4) * 12 + number(5..7);
    let now = 1970 * 12 + today() * 12 / 365 + 1;
    assert!((5..=7).contains(&(then - now)), "{expires}");
}

/// Days since 1970.
#[expect(clippy::disallowed_methods, reason = "compares the Worker's clock with this machine's")]
fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / (24 * 60 * 60)
}
