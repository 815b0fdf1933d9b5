//! `GET /v1/counts`: the comment counts of posts.

use afterword_model::{Counts, Refusal};
use afterword_tests::{Request, new_comment, post_url, usage, wait_for_thread};

use crate::OPEN;

#[test]
fn counts_are_keyed_by_the_requested_url() {
    let (two, none) = (post_url("counts_two"), post_url("counts_none"));
    for text in ["one", "two"] {
        assert_eq!(Request::post_comment(&new_comment(&two, text)).send(&OPEN).status, 201);
    }
    wait_for_thread(&OPEN, &two, 2);
    let expected = [
        (two.as_str(), 2),
        ("http://127.0.0.1:99/counts_two/?utm_campaign=x#top", 2),
        (none.as_str(), 0),
        ("https://elsewhere.example/counts_two", 0),
        ("not an address", 0),
        ("", 0),
    ];
    let query: Vec<_> = expected.iter().map(|(url, _)| ("url", *url)).collect();
    let response = Request::get("/v1/counts").query(&query).send(&OPEN);
    assert_eq!(response.status, 200);
    assert_eq!(usage(&response), [2, 0], "two of the posts are on configured sites");
    let counted: Vec<_> = response.json::<Counts>().counts.into_iter().collect();
    let mut expected: Vec<_> = expected.iter().map(|(url, count)| ((*url).to_owned(), *count)).collect();
    expected.sort();
    assert_eq!(counted, expected);
}

#[test]
fn at_most_a_hundred_urls_can_be_counted() {
    let urls: Vec<String> = (0..101).map(|number| post_url(&format!("counts_many_{number}"))).collect();
    let query: Vec<_> = urls.iter().map(|url| ("url", url.as_str())).collect();
    let hundred = Request::get("/v1/counts").query(&query[..100]).send(&OPEN);
    assert_eq!(hundred.json::<Counts>().counts.len(), 100);
    assert_eq!(usage(&hundred), [100, 0], "each post costs one read");
    Request::get("/v1/counts").query(&query).send(&OPEN).check_refusal(Refusal::BadQuery);
    Request::get("/v1/counts").send(&OPEN).check_refusal(Refusal::BadQuery);
    let twice = Request::get("/v1/counts").query(&[query[0], query[0]]).send(&OPEN);
    assert_eq!(twice.json::<Counts>().counts.len(), 1);
}

#[test]
fn counts_come_in_words_too() {
    let (two, none) = (post_url("counts_words"), post_url("counts_no_words"));
    for text in ["one", "two"] {
        assert_eq!(Request::post_comment(&new_comment(&two, text)).send(&OPEN).status, 201);
    }
    wait_for_thread(&OPEN, &two, 2);
    let texts = |lang: &str| {
        let query = [("url", two.as_str()), ("url", none.as_str()), ("lang", lang)];
        let counts: Counts = Request::get("/v1/counts").query(&query).send(&OPEN).json();
        [counts.texts[&two].clone(), counts.texts[&none].clone()]
    };
    assert_eq!(texts("en"), ["2 comments", "0 comments"]);
    assert_eq!(texts("de-CH"), ["2 Kommentare", "0 Kommentare"]);
    let heading = Request::get("/v1/thread.html").query(&[("url", &two)]).send(&OPEN);
    assert!(heading.text().contains(">2 comments</h2>"), "the heading says the same: {}", heading.text());
    let numbers = Request::get("/v1/counts").query(&[("url", &two)]).send(&OPEN);
    assert!(!numbers.text().contains("texts"), "{}", numbers.text());
}
