//! The ledger takes every line of the plan of any file.

use afterword_interchange::{
    Body, BodyKind, PlanOptions, SourceComment, SourceState, SourceThread, SourceTime, ThreadState, TimeQuality,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::common::{NOW, SITE, TestDatabase, assert_changes_are_counted};
use crate::fixtures::{START, import};

/// Texts that readers of the ledger must not see, or that are too long for it.
fn any_text() -> impl Strategy<Value = String> {
    let hostile = vec![
        "",
        " ",
        "\0",
        "a\0b",
        "\u{feff}",
        "\u{202e}abc",
        "\u{200b}",
        "<script>alert(1)</script>",
        "]]>",
        "&amp;",
        "=1+1",
        "\u{e0041}",
        "ﷺ",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "a\r\nb",
        "\u{fffe}",
        "{\"end\":{\"lines\":1}}",
        "javascript:alert(1)",
        "\u{2028}",
    ];
    prop_oneof![
        select(hostile).prop_map(str::to_owned),
        "\\PC{0,60}",
        ("[a-z <&\n\u{e9}\u{1f600}\0\"\\\\]{1,20}", 1_usize..2_000).prop_map(|(text, times)| text.repeat(times)),
        select(vec![
            "ada@ada.example",
            "a*b@c.example",
            "x@y",
            "http://ada.example",
            "ada.example/~x",
            "ftp://a.example"
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_url() -> impl Strategy<Value = String> {
    let urls = vec![
        "",
        "/",
        "/a",
        "/a/",
        "a/b",
        "?p=1",
        "https://blog.example/a",
        "http://www.blog.example/a/index.html?utm_source=x",
        "//blog.example/b",
        "https://old.blogspot.de/2010/01/x.html?m=1",
        "https://other.example/",
        "http://localhost:4000/a",
        "https://blog.example/#!/route",
        "mailto:a@b",
        "https://",
        "https://user:pass@blog.example/a",
        "blog.example/a",
    ];
    prop_oneof![4 => select(urls).prop_map(str::to_owned), 1 => any_text()]
}

fn any_time() -> impl Strategy<Value = SourceTime> {
    let seconds = prop_oneof![
        4 => START..START + 40,
        1 => select(vec![i64::MIN, -1, 0, 600_000_000, NOW + 1, 253_402_300_800, i64::MAX]),
    ];
    let quality = select(vec![TimeQuality::Exact, TimeQuality::Exact, TimeQuality::ZoneGuessed, TimeQuality::Missing]);
    (seconds, quality).prop_map(|(seconds, quality)| SourceTime { seconds, quality })
}

fn any_thread() -> impl Strategy<Value = SourceThread> {
    let states = select(vec![
        ThreadState::Published,
        ThreadState::Published,
        ThreadState::Published,
        ThreadState::Draft,
        ThreadState::Private,
        ThreadState::Deleted,
    ]);
    let partition = select(vec![None, None, Some("x".to_owned()), Some("y".to_owned())]);
    let hints = prop::collection::vec(any_url(), 0..3);
    (0..6_u32, any_url(), any_text(), hints, states, partition, any::<bool>(), any::<Option<i64>>()).prop_map(
        |(key, url, title, hints, state, partition, closed, time)| SourceThread {
            key: key.to_string(),
            partition,
            url,
            hints,
            title,
            time,
            closed,
            state,
        },
    )
}

fn any_comment() -> impl Strategy<Value = SourceComment> {
    let states = select(vec![
        SourceState::Published,
        SourceState::Published,
        SourceState::Pending,
        SourceState::Spam,
        SourceState::Deleted,
        SourceState::Private,
        SourceState::Pingback,
        SourceState::Other,
    ]);
    let ids = (0..8_u32, 0..20_u32, prop::option::of(0..24_u32));
    let author = (any_text(), prop::option::of(any_text()), prop::option::of(any_text()), any::<bool>(), any::<bool>());
    let numbers = (any_time(), any::<Option<i64>>(), any::<i64>());
    (ids, author, numbers, states, any_text()).prop_map(|(ids, author, numbers, state, text)| SourceComment {
        thread: ids.0.to_string(),
        id: ids.1.to_string(),
        parent: ids.2.map(|parent| parent.to_string()),
        time: numbers.0,
        edited: numbers.1,
        name: author.0,
        email: author.1,
        website: author.2,
        body: Body { kind: BodyKind::Markdown, text },
        state,
        is_owner: author.3,
        pinned: author.4,
        votes: numbers.2,
    })
}

fn any_options() -> impl Strategy<Value = PlanOptions> {
    (any::<[bool; 5]>(), select(vec![0, NOW])).prop_map(|([spam, pingbacks, owner, alias, rule], latest)| {
        let mut options = PlanOptions { site: SITE.to_owned(), latest, ..PlanOptions::default() };
        options.include_spam = spam;
        options.include_pingbacks = pingbacks;
        options.owner.trust_source = owner;
        options.owner.emails = vec!["ADA@ada.example".to_owned()];
        options.aliases = if alias { vec!["old.blogspot.com".to_owned()] } else { Vec::new() };
        options.slug_rule = rule.then(|| "/blog/{slug}/".to_owned());
        options.address_table = "from,to\n?p=1,/first\nmailto:a@b,-\n".to_owned();
        options
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_ledger_takes_every_line_of_every_plan(
        threads in prop::collection::vec(any_thread(), 0..10),
        comments in prop::collection::vec(any_comment(), 0..30),
        options in any_options(),
    ) {
        let database = TestDatabase::new();
        import(&database, &threads, &comments, &options);
        assert_changes_are_counted(&database);
        let before = database.dump();
        import(&database, &threads, &comments, &options);
        prop_assert_eq!(database.dump(), before);
    }
}
