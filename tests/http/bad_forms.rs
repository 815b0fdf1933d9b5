//! Bad input to the plain form: a page that says so, nothing stored, no markup let through, the process well.

use afterword_tests::{Call, post_url, whole_thread};

use crate::OPEN;

const CANARY: &str = "canary-7f3";

#[test]
fn a_form_that_is_none_is_refused_with_a_page() {
    let url = post_url("bad_form");
    let form = |body: Vec<u8>| Call::post_form("/thread", &[]).header("Origin", OPEN.origin()).body(body);
    let encoded = |fields: &[(&str, &str)]| {
        let mut all = vec![("url", url.as_str())];
        all.extend_from_slice(fields);
        Call::post_form("/thread", &all).header("Origin", OPEN.origin())
    };
    let long_name = "n".repeat(81);
    let cases = [
        ("nothing", form(Vec::new()), 400),
        ("no form", form(b"\0\x01\xff\xfe".to_vec()), 400),
        ("JSON", form(format!("{{\"text\":\"{CANARY}\"}}").into_bytes()), 400),
        ("another kind", form(b"text=x".to_vec()).header("Content-Type", "text/plain"), 400),
        ("several parts", form(b"--x--".to_vec()).header("Content-Type", "multipart/form-data; boundary=x"), 400),
        ("one megabyte", form(format!("url={url}&text={}", "x".repeat(1 << 20)).into_bytes()), 413),
        (
            "a foreign host",
            Call::post_form("/thread", &[("url", "https://canary-7f3.example/"), ("text", CANARY)]),
            403,
        ),
        ("no address", Call::post_form("/thread", &[("url", CANARY), ("text", CANARY)]), 400),
        ("no text", encoded(&[("text", "")]), 422),
        ("nul", encoded(&[("text", "a\0b")]), 422),
        ("a long text", encoded(&[("text", &"x".repeat(8193))]), 422),
        ("a long name", encoded(&[("text", "x"), ("name", &long_name)]), 422),
        ("a parent that is none", encoded(&[("text", "x"), ("parent", "x\"><script>")]), 404),
        ("a parent to come", encoded(&[("text", "x"), ("parent", "123456789")]), 404),
        ("a strange language", encoded(&[("text", ""), ("lang", "\"><script>")]), 422),
        ("a strange title", encoded(&[("text", ""), ("title", "</title><script>")]), 422),
    ];
    for (what, call, status) in cases {
        let answer = call.send(&OPEN);
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert!(answer.header("content-type").unwrap_or_default().starts_with("text/html"), "{what}: {answer:?}");
        assert!(!answer.text().contains("<script"), "{what}: {}", answer.text());
        answer.check_silent_about(CANARY);
        assert_eq!(Call::get("/health").send(&OPEN).status, 200, "after {what}");
    }
    whole_thread(&OPEN, &url, 0);
}

#[test]
fn a_form_with_fields_of_others_or_bytes_that_are_no_text_is_read_as_well_as_can_be() {
    let url = post_url("bad_form_bytes");
    let body = format!("url={url}&text=caf%E9+%ED%A0%80&utf8=%E2%9C%93&submit=&text=&=&&name=A%");
    let answer = Call::post_form("/thread", &[]).header("Origin", OPEN.origin()).body(body).send(&OPEN);
    assert!(matches!(answer.status, 303 | 422), "{answer:?}");
}

#[test]
fn what_the_page_of_a_stranger_sends_is_not_drawn_on_ours() {
    let url = post_url("bad_form_strange");
    let send = |origin: &str| {
        let call = Call::post_form("/thread", &[("url", &url), ("name", "Ada"), ("text", CANARY)]);
        call.header("Origin", origin).send(&OPEN)
    };
    for origin in ["https://stranger.example", "https://other.example", "http://blog.example.stranger.example"] {
        let answer = send(origin);
        assert_eq!(answer.status, 403, "{origin}: {answer:?}");
        answer.check_silent_about(CANARY);
        assert!(!answer.text().contains("<form"), "{origin}: {}", answer.text());
    }
    // A browser that withholds the origin may come from the blog, whose reader is not to lose what was written.
    let answer = send("null");
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains(CANARY) && answer.text().contains("<form"), "{}", answer.text());
    whole_thread(&OPEN, &url, 0);
}
