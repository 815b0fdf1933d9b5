//! The check page for moderators.

use afterword_model::Moderation;
use afterword_view::{CheckPage, CheckResult, CheckedPost, CheckedThread, PageAssets, check_page};

fn render(result: Option<CheckResult>) -> String {
    let page = CheckPage { url: "https://blog.example/\"><b>", canonical: "", result };
    check_page(&PageAssets { stylesheet_path: "/assets/afterword.css", structured_data: "" }, &page).into_string()
}

fn post() -> CheckedPost {
    CheckedPost {
        site: "https://blog.example".to_owned(),
        alias: None,
        canonical_url: "https://blog.example/post".to_owned(),
        canonical_hint: None,
        dropped: Vec::new(),
        drops_fragment: false,
        has_route: false,
        clean_urls: false,
        published: 3,
        thread: None,
        moderation: Moderation::First,
        own_moderation: false,
    }
}

fn thread() -> CheckedThread {
    CheckedThread {
        url: "https://blog.example/post".to_owned(),
        title: "<i>Spring</i>".to_owned(),
        title_locked: true,
        count: 3,
        pending: 2,
        closed: false,
        former_urls: vec!["https://blog.example/old".to_owned()],
    }
}

#[test]
fn what_was_typed_and_stored_is_text() {
    let checked = CheckedPost { thread: Some(thread()), ..post() };
    for page in [render(None), render(Some(CheckResult::Post(Box::new(checked))))] {
        assert!(page.contains("value=\"https://blog.example/&quot;&gt;&lt;b&gt;\""), "{page}");
        for forbidden in ["<b>", "<i>Spring", "<script", "style=", "onclick"] {
            assert!(!page.contains(forbidden), "{forbidden}: {page}");
        }
    }
}

#[test]
fn each_fact_has_its_sentence() {
    let with = |change: fn(&mut CheckedPost)| {
        let mut checked = CheckedPost { thread: Some(thread()), ..post() };
        change(&mut checked);
        render(Some(CheckResult::Post(Box::new(checked))))
    };
    let plain = with(|_| {});
    for part in [
        "Comments that readers see: 3.",
        "wait for a moderator: 2.",
        "set by a moderator",
        "earlier addresses lead here",
        "are two pages",
    ] {
        assert!(plain.contains(part), "{part}: {plain}");
    }
    type Change = fn(&mut CheckedPost);
    let cases: [(&str, Change); 9] = [
        ("is an alias of it", |it| it.alias = Some("https://www.blog.example".to_owned())),
        ("<li><code>fbclid</code> – Facebook</li>", |it| it.dropped = vec![("fbclid".to_owned(), "Facebook")]),
        ("names a place on the page", |it| it.drops_fragment = true),
        ("names a page of its own", |it| it.has_route = true),
        ("are one page", |it| it.clean_urls = true),
        ("The post has moved", |it| it.canonical_url.push_str("-old")),
        ("(3 in a minute or two)", |it| it.published = 1),
        ("the blog’s own setting", |it| it.own_moderation = true),
        ("The post is closed", |it| it.thread.iter_mut().for_each(|thread| thread.closed = true)),
    ];
    for (part, change) in cases {
        assert!(!plain.contains(part) && with(change).contains(part), "{part}");
    }
    assert!(render(Some(CheckResult::Post(Box::new(post())))).contains("There are none yet"));
}

#[test]
fn a_site_that_is_not_listed_gets_the_line_to_change() {
    let sites = vec!["https://a.example".to_owned(), "https://b.example".to_owned()];
    let page = render(Some(CheckResult::UnknownSite { origin: Some("https://c.example".to_owned()), sites }));
    for line in [
        "SITES = \"https://a.example=https://c.example\"",
        "SITES = \"https://b.example=https://c.example\"",
        "SITES = \"https://a.example https://b.example https://c.example\"",
    ] {
        assert!(page.contains(&line.replace('"', "&quot;")), "{line}: {page}");
    }
    assert!(render(Some(CheckResult::NotAnAddress)).contains("not an http or https address"));
}
