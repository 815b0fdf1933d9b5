//! A Worker with missing or invalid settings tells the owner what to do.

use afterword_model::{ErrorBody, Refusal};
use afterword_tests::{MODERATOR_AUTHORIZATION, Request, Server, Setting, new_comment};

const SITES: Setting<'static> = ("SITES", "https://blog.example");
const SIGNING_KEY: Setting<'static> = ("SIGNING_KEY", "canary-7f3-canary-7f3-canary-7f3-canary");

/// Checks that every route fails and that the page names exactly the missing or invalid settings.
fn check(name: &str, settings: &[Setting<'_>], invalid_settings: &[&str]) {
    let server = Server::start(name, settings, &[]);
    let url = "https://blog.example/post";
    for path in ["/v1/thread", "/v1/thread.html", "/v1/counts", "/v1/challenge"] {
        let response = Request::get(path).query(&[("url", url)]).header("Origin", "https://blog.example").send(&server);
        assert_eq!(response.header("access-control-allow-origin").as_deref(), Some("*"));
        assert!(response.header("retry-after").is_some(), "{response:?}");
        let mut body: ErrorBody = response.json();
        let hint = body.error.hint.take().unwrap_or_default();
        assert!(invalid_settings.iter().all(|name| hint.contains(name)), "{path}: {hint}");
        response.check_omits("canary-7f3");
        assert_eq!((response.status, body), (503, ErrorBody::from(Refusal::NotConfigured)));
    }
    let refused = Request::post_comment(&new_comment(url, "too early")).send(&server);
    assert_eq!((refused.status, refused.json::<ErrorBody>().error.code), (503, "not_configured".to_owned()));
    for path in ["/thread", "/", "/admin", "/admin/sign-in"] {
        let page = Request::get(path).query(&[("url", url)]).send(&server);
        assert_eq!(page.status, 503, "{path}");
        assert!(page.header("content-type").unwrap_or_default().starts_with("text/html"), "{path}: {page:?}");
        let named_settings: Vec<_> = [
            "SITES",
            "CLEAN_URLS",
            "MODERATION",
            "SIGNING_KEY",
            "ADMIN_SECRETS",
            "ACCESS_TEAM_DOMAIN",
            "ACCESS_AUD",
            "ACCESS_MODERATORS",
            "PROOF_BITS",
            "RATE_LIMITS",
            "KV_WRITES",
            "SECURITY_CONTACT",
            "SERVER_TIMING",
        ]
        .into_iter()
        .filter(|name| page.text().contains(name))
        .collect();
        assert_eq!(named_settings, invalid_settings, "{path}: {}", page.text());
        page.check_omits("canary-7f3");
    }
    for path in ["/admin/api", "/admin/api/export"] {
        let refused = Request::get(path).header("Authorization", MODERATOR_AUTHORIZATION).send(&server);
        assert_eq!((refused.status, refused.json::<ErrorBody>().error.code), (503, "not_configured".to_owned()));
    }
    let form = Request::post_form("/thread", &[("url", url), ("text", "too early")]).send(&server);
    assert_eq!(form.status, 503);
    let health = Request::get("/health").send(&server);
    assert_eq!(health.status, 200, "the runtime itself is healthy");
    let problems = health.json::<serde_json::Value>()["problems"].take();
    assert!(problems.as_array().is_some_and(|problems| !problems.is_empty()), "{problems}");
    assert_eq!(Request::get("/embed.js").send(&server).status, 200);
}

#[test]
fn nothing_is_set() {
    check("http-unset", &[("SITES", ""), ("MODERATION", ""), ("SIGNING_KEY", "")], &["SITES", "SIGNING_KEY"]);
}

#[test]
fn site_is_not_an_origin() {
    check("http-bad-sites", &[("SITES", "https://blog.example/path"), SIGNING_KEY], &["SITES"]);
}

#[test]
fn moderation_is_unknown() {
    check("http-bad-moderation", &[SITES, SIGNING_KEY, ("MODERATION", "sometimes")], &["MODERATION"]);
}

#[test]
fn proof_bits_are_not_a_number() {
    check("http-bad-work", &[SITES, SIGNING_KEY, ("PROOF_BITS", "much")], &["PROOF_BITS"]);
}

#[test]
fn rate_limits_are_neither_on_nor_off() {
    check("http-bad-limits", &[SITES, SIGNING_KEY, ("RATE_LIMITS", "yes")], &["RATE_LIMITS"]);
}

#[test]
fn signing_key_is_missing() {
    check("http-no-key", &[SITES, ("SIGNING_KEY", "")], &["SIGNING_KEY"]);
}

#[test]
fn signing_key_is_too_short() {
    check("http-short-key", &[SITES, ("SIGNING_KEY", "canary-7f3")], &["SIGNING_KEY"]);
}

#[test]
fn moderator_secret_is_too_short() {
    check("http-short-secret", &[SITES, SIGNING_KEY, ("ADMIN_SECRETS", "ada:7f3")], &["ADMIN_SECRETS"]);
}

#[test]
fn configured_worker_shows_its_start_page() {
    let page = Request::get("/").send(&crate::OPEN);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("/embed.js") && page.text().contains("/thread"), "{}", page.text());
    assert!(!page.text().contains("blog.example"), "the public page reveals no site: {}", page.text());
}
