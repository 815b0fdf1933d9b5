//! Invalid input to the plain form: an error page, nothing stored, no markup injected, and the process keeps running.

use afterword_tests::{Request, post_url, wait_for_thread};

use crate::OPEN;

const CANARY: &str = "canary-7f3";

#[test]
fn invalid_form_is_refused_with_a_page() {
    let url = post_url("bad_form");
    let form = |body: Vec<u8>| Request::post_form("/thread", &[]).header("Origin", OPEN.origin()).body(body);
    let encoded = |fields: &[(&str, &str)]| {
        let mut all = vec![("url", url.as_str())];
        all.extend_from_slice(fields);
        Request::post_form("/thread", &all).header("Origin", OPEN.origin())
    };
    let long_name = "n".repeat(81);
    let cases = [
        ("nothing", form(Vec::new()), 400),
        ("not a form", form(b"\0\x01\xff\xfe".to_vec()), 400),
        ("JSON", form(format!("{{\"text\":\"{CANARY}\"}}").into_bytes()), 400),
        ("another content type", form(b"text=x".to_vec()).header("Content-Type", "text/plain"), 400),
        ("multipart", form(b"--x--".to_vec()).header("Content-Type", "multipart/form-data; boundary=x"), 400),
        ("one megabyte", form(format!("url={url}&text={}", "x".repeat(1 << 20)).into_bytes()), 413),
        (
            "a foreign host",
            Request::post_form("/thread", &[("url", "https://canary-7f3.example/"), ("text", CANARY)]),
            403,
        ),
        ("no address", Request::post_form("/thread", &[("url", CANARY), ("text", CANARY)]), 400),
        ("no text", encoded(&[("text", "")]), 422),
        ("nul", encoded(&[("text", "a\0b")]), 422),
        ("a long text", encoded(&[("text", &"x".repeat(8193))]), 422),
        ("a long name", encoded(&[("text", "x"), ("name", &long_name)]), 422),
        ("an invalid parent", encoded(&[("text", "x"), ("parent", "x\"><script>")]), 404),
        ("a future parent", encoded(&[("text", "x"), ("parent", "123456789")]), 404),
        ("markup as language", encoded(&[("text", ""), ("lang", "\"><script>")]), 422),
        ("markup as title", encoded(&[("text", ""), ("title", "</title><script>")]), 422),
    ];
    for (description, request, status) in cases {
        let response = request.send(&OPEN);
        assert_eq!(response.status, status, "{description}: {response:?}");
        assert!(
            response.header("content-type").unwrap_or_default().starts_with("text/html"),
            "{description}: {response:?}"
        );
        assert!(!response.text().contains("<script"), "{description}: {}", response.text());
        response.check_omits(CANARY);
        assert_eq!(Request::get("/health").send(&OPEN).status, 200, "after {description}");
    }
    wait_for_thread(&OPEN, &url, 0);
}

#[test]
fn unknown_fields_and_invalid_utf8_in_a_form_are_tolerated() {
    let url = post_url("bad_form_bytes");
    let body = format!("url={url}&text=caf%E9+%ED%A0%80&utf8=%E2%9C%93&submit=&text=&=&&name=A%");
    let response = Request::post_form("/thread", &[]).header("Origin", OPEN.origin()).body(body).send(&OPEN);
    assert!(matches!(response.status, 303 | 422), "{response:?}");
}

#[test]
fn form_of_an_unknown_origin_is_not_echoed() {
    let url = post_url("bad_form_strange");
    let send_with = |origin: &str, email: &str| {
        let fields = [("url", &*url), ("name", "Ada"), ("email", email), ("text", CANARY)];
        Request::post_form("/thread", &fields).header("Origin", origin).send(&OPEN)
    };
    let send = |origin: &str| send_with(origin, "");
    for origin in ["https://unknown.example", "https://other.example", "http://blog.example.unknown.example"] {
        // A field that is refused before the origin is looked at makes no difference.
        for (email, status) in [("", 403), ("no address", 422)] {
            let response = send_with(origin, email);
            assert_eq!(response.status, status, "{origin}: {response:?}");
            response.check_omits(CANARY);
            assert!(!response.text().contains("<form"), "{origin}: {}", response.text());
        }
    }
    // A browser that withholds the origin may come from the blog, and its reader must not lose the text.
    let response = send("null");
    assert_eq!(response.status, 403);
    assert!(response.text().contains(CANARY) && response.text().contains("<form"), "{}", response.text());
    wait_for_thread(&OPEN, &url, 0);
}

#[test]
fn form_of_another_site_that_withholds_its_origin_cannot_be_sent_on() {
    let url = post_url("bad_form_withheld");
    let send = |fetch_site: &str, text: &str| {
        let request = Request::post_form("/thread", &[("url", &url), ("name", "Mallory"), ("text", text)]);
        request.header("Origin", "null").header("Sec-Fetch-Site", fetch_site).send(&OPEN)
    };
    // A field that is refused before the origin is looked at makes no difference.
    for (text, status) in [(CANARY, 403), ("", 422)] {
        let response = send("cross-site", text);
        assert_eq!(response.status, status, "{response:?}");
        let page = response.text();
        // The text can be read and copied, but nothing on the page sends it, and no other field is repeated.
        assert!(!page.contains("<form") && !page.contains("type=\"submit\"") && !page.contains("Mallory"), "{page}");
        assert!(!page.contains("name=\"text\""), "{page}");
        assert_eq!(page.contains(CANARY) && page.contains("readonly"), !text.is_empty(), "{page}");
    }
    for fetch_site in ["same-origin", "same-site", "none"] {
        assert!(send(fetch_site, CANARY).text().contains("<form"), "{fetch_site}");
    }
    wait_for_thread(&OPEN, &url, 0);
}
