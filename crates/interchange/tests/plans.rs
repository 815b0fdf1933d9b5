//! Plans: the addresses of posts, the owner's decisions, and the report.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

use afterword_interchange::{
    Body, BodyKind, Format, LeftOut, MemorySpool, OwnerRule, Plan, PlanError, PlanOptions, Reading, SourceComment,
    SourceState, SourceThread, SourceTime, Survey, ThreadState, TimeQuality,
};
use afterword_model::export_format::{CommentLine, Line};

const SITE: &str = "https://blog.example";
const START: i64 = 1_300_000_000;

fn options() -> PlanOptions {
    PlanOptions { site: SITE.to_owned(), latest: 1_400_000_000, ..PlanOptions::default() }
}

fn thread(key: &str, url: &str) -> SourceThread {
    SourceThread { key: key.to_owned(), url: url.to_owned(), title: format!("Title {key}"), ..SourceThread::default() }
}

fn comment(thread: &str, number: u32) -> SourceComment {
    SourceComment {
        thread: thread.to_owned(),
        id: number.to_string(),
        time: SourceTime { seconds: START + i64::from(number), quality: TimeQuality::Exact },
        name: "Ada".to_owned(),
        body: Body { kind: BodyKind::Text, text: format!("Text {number}") },
        ..SourceComment::default()
    }
}

fn reading(format: Format, threads: &[SourceThread], comments: &[SourceComment]) -> Reading<MemorySpool> {
    Reading::from_records(format, MemorySpool::default(), |sink| {
        threads.iter().try_for_each(|thread| sink.thread(thread.clone()))?;
        comments.iter().try_for_each(|comment| sink.comment(comment.clone()))
    })
    .unwrap()
}

fn comments(plan: &Plan, reading: &mut Reading<MemorySpool>) -> Vec<CommentLine> {
    let lines: Vec<String> = plan.lines(reading).collect::<Result<_, _>>().unwrap();
    let parse = |line: &String| match serde_json::from_str(line).ok()? {
        Line::Comment(comment) => Some(*comment),
        _ => None,
    };
    lines.iter().filter_map(parse).collect()
}

/// The path of the thread to which a comment on this post goes, or the reason why it is left out.
fn place(
    format: Format,
    post: &SourceThread,
    others: &[SourceThread],
    options: &PlanOptions,
) -> Result<String, LeftOut> {
    let threads = [std::slice::from_ref(post), others].concat();
    let mut reading = reading(format, &threads, &[comment(&post.key, 1)]);
    let plan = reading.plan(options).unwrap();
    match comments(&plan, &mut reading).first() {
        Some(line) => Ok(line.thread.strip_prefix(SITE).unwrap().to_owned()),
        None => Err(plan.report().left_out[0].reason),
    }
}

#[test]
fn addresses_of_the_site_and_its_aliases_become_canonical() {
    let mut options = options();
    options.aliases = vec!["http://old.example".to_owned(), "ada.blogspot.com".to_owned()];
    for (url, path) in [
        ("http://www.blog.example/a/index.html?utm_source=x", "/a"),
        ("https://old.example/a/", "/a"),
        ("https://ada.blogspot.de/2010/01/x.html?m=1", "/2010/01/x.html"),
        ("/path/", "/path"),
        ("path/post.html", "/path/post.html"),
        ("blog.example/x", "/x"),
        ("?p=12", "/?p=12"),
        ("https://blog.example", "/"),
    ] {
        assert_eq!(place(Format::Wxr, &thread("k", url), &[], &options).as_deref(), Ok(path), "{url}");
    }
}

#[test]
fn other_hosts_and_posts_without_an_address_are_left_out_with_a_reason() {
    for (url, reason) in [
        ("http://localhost:1313/a", LeftOut::LeftOutHost),
        ("https://webcache.googleusercontent.com/search?q=cache:x", LeftOut::LeftOutHost),
        ("https://other.example/a", LeftOut::UnknownHost),
        ("", LeftOut::NoAddress),
        ("mailto:ada@ada.example", LeftOut::NoAddress),
        ("some title", LeftOut::NoAddress),
    ] {
        assert_eq!(place(Format::Disqus, &thread("k", url), &[], &options()), Err(reason), "{url}");
    }
    let hidden = [
        (ThreadState::Draft, LeftOut::DraftPost),
        (ThreadState::Private, LeftOut::PrivatePost),
        (ThreadState::Deleted, LeftOut::DeletedPost),
    ];
    for (state, reason) in hidden {
        let post = SourceThread { state, ..thread("k", "/a") };
        assert_eq!(place(Format::Wxr, &post, &[], &options()), Err(reason));
    }
}

#[test]
fn a_former_address_leads_to_the_permalink_that_the_file_has_beside_it() {
    let post = SourceThread { hints: vec!["https://blog.example/?p=12".to_owned()], ..thread("new", "/2020/post/") };
    let disqus =
        SourceThread { hints: vec!["12 http://blog.example/?p=12".to_owned()], ..thread("new", "/2020/post/") };
    for other in [post, disqus] {
        let found = place(Format::Wxr, &thread("k", "http://blog.example/?p=12"), &[other], &options());
        assert_eq!(found.as_deref(), Ok("/2020/post"));
    }
    // If two posts have the same former address, it is the address of neither.
    let posts = ["/a/", "/b/"]
        .map(|url| SourceThread { hints: vec!["/?p=12".to_owned(), format!("{SITE}/?p=12")], ..thread(url, url) });
    assert_eq!(place(Format::Wxr, &thread("k", "/?p=12"), &posts, &options()).as_deref(), Ok("/?p=12"));
}

#[test]
fn slugs_and_titles_of_paths_become_addresses_by_a_rule() {
    let rule = PlanOptions { slug_rule: Some("/blog/{slug}/".to_owned()), ..options() };
    assert_eq!(place(Format::Staticman, &thread("k", "my-post"), &[], &rule).as_deref(), Ok("/blog/my-post"));
    assert_eq!(place(Format::Staticman, &thread("k", "my-post"), &[], &options()), Err(LeftOut::NoAddress));
    assert_eq!(place(Format::Giscus, &thread("k", "my-post"), &[], &options()).as_deref(), Ok("/my-post"));
    assert_eq!(place(Format::Giscus, &thread("k", "2020/my-post"), &[], &options()).as_deref(), Ok("/2020/my-post"));
    assert_eq!(place(Format::Utterances, &thread("k", "index"), &[], &options()).as_deref(), Ok("/"));
    let wrong = PlanOptions { slug_rule: Some("/blog/".to_owned()), ..options() };
    let refused = reading(Format::Staticman, &[], &[]).plan(&wrong);
    assert!(matches!(refused, Err(PlanError::SlugRule)));
}

#[test]
fn a_feed_gives_addresses_to_posts_that_have_only_a_title() {
    let feed = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>Title k</title><published>2012-01-01T00:00:00Z</published>\
                <link rel='alternate' href='https://blog.example/2012/01/title-k.html'/></entry></feed>";
    let with_feed = PlanOptions { feeds: vec![feed.as_bytes().to_vec()], ..options() };
    assert_eq!(
        place(Format::BloggerTakeout, &thread("k", ""), &[], &with_feed).as_deref(),
        Ok("/2012/01/title-k.html")
    );
    assert_eq!(place(Format::BloggerTakeout, &thread("other", ""), &[], &with_feed), Err(LeftOut::NoAddress));
    let wrong = PlanOptions { feeds: vec![b"<html></html>".to_vec()], ..options() };
    assert!(matches!(reading(Format::Wxr, &[], &[]).plan(&wrong), Err(PlanError::Feed(1))));
}

#[test]
fn the_table_of_addresses_is_written_out_and_taken_in_the_next_run() {
    let threads =
        [thread("1", "/a/"), thread("2", ""), thread("3", "https://other.example/x"), thread("4", "/left-out")];
    let all: Vec<_> = (1..=4).map(|number| comment(&number.to_string(), number)).collect();
    let mut reading = reading(Format::Wxr, &threads, &all);
    let mut options = PlanOptions { address_table: "from,to\n/left-out,-\n".to_owned(), ..options() };
    let plan = reading.plan(&options).unwrap();
    let table = plan.address_table(&mut reading).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(
        rows,
        [
            "from,to,comments,title",
            "/a/,https://blog.example/a,1,Title 1",
            "2,,1,Title 2",
            "https://other.example/x,,1,Title 3",
            "/left-out,-,1,Title 4"
        ]
    );
    options.address_table = table.replace("2,,1", "2,/second/,1").replace("x,,1", "x,third,1");
    let plan = reading.plan(&options).unwrap();
    let mut urls: Vec<_> = comments(&plan, &mut reading).into_iter().map(|line| line.thread).collect();
    urls.sort();
    assert_eq!(urls, ["a", "second", "third"].map(|name| format!("{SITE}/{name}")));
    assert_eq!(plan.report().left_out[0].reason, LeftOut::LeftOutByTable);
}

#[test]
fn merged_addresses_and_unknown_hosts_are_reported() {
    let threads = [
        thread("1", "http://blog.example/a"),
        thread("2", "https://www.blog.example/a/?utm_source=x"),
        thread("3", "https://other.example/a"),
        thread("4", "/b"),
    ];
    let all: Vec<_> = (1..=4).map(|number| comment(&number.to_string(), number)).collect();
    let mut reading = reading(Format::Disqus, &threads, &all);
    let plan = reading.plan(&options()).unwrap();
    let report = plan.report();
    assert_eq!((report.threads, report.merged_count), (2, 1));
    assert_eq!(report.merged[0].url, format!("{SITE}/a"));
    assert_eq!(report.merged[0].from, [threads[0].url.as_str(), threads[1].url.as_str()]);
    assert_eq!((report.unknown_hosts[0].name.as_str(), report.unknown_hosts[0].comments), ("other.example", 1));
    let text = report.to_text();
    for part in [
        "Comments read: 4",
        "to import: 3",
        "left out: 1",
        "https://www.blog.example/a/?utm_source=x",
        "other.example: 1 comments",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        serde_json::to_string(report)
            .unwrap()
            .starts_with(r#"{"site":"https://blog.example","source":"disqus","read":4,"#)
    );
}

#[test]
fn a_comment_without_a_possible_date_stands_beside_its_neighbours() {
    let missing = SourceTime::default();
    let at = |seconds| SourceTime { seconds, quality: TimeQuality::Exact };
    let with_time = |number, time| SourceComment { time, ..comment("1", number) };
    let all = [
        with_time(1, missing),
        with_time(2, at(START)),
        with_time(3, at(2_000_000_000)),
        with_time(4, at(START + 100)),
        with_time(5, at(0)),
        SourceComment { parent: Some("4".to_owned()), ..with_time(6, missing) },
        SourceComment { time: missing, ..comment("2", 7) },
    ];
    let threads = [thread("1", "/a"), SourceThread { time: Some(START + 50), ..thread("2", "/b") }];
    let mut reading = reading(Format::Csv, &threads, &all);
    let plan = reading.plan(&options()).unwrap();
    let lines = comments(&plan, &mut reading);
    let times: Vec<_> = lines.iter().map(|line| (line.source.as_str(), line.created - START)).collect();
    assert_eq!(
        times,
        [
            ("Text 1", 0),
            ("Text 2", 0),
            ("Text 3", 0),
            ("Text 7", 50),
            ("Text 4", 100),
            ("Text 5", 100),
            ("Text 6", 100)
        ]
    );
    let listed: Vec<_> = plan.report().guessed_dates.iter().map(|date| date.id.as_str()).collect();
    assert_eq!(listed, ["1", "3", "5", "6", "7"]);
}

#[test]
fn a_reply_comes_after_its_parent_whatever_their_dates_and_places_are() {
    let reply = |number, parent: u32, time| SourceComment {
        parent: Some(parent.to_string()),
        time: SourceTime { seconds: START + time, quality: TimeQuality::Exact },
        ..comment("1", number)
    };
    let all = [
        reply(3, 2, 1),
        reply(2, 1, 2),
        SourceComment { parent: None, ..reply(1, 0, 3) },
        reply(5, 4, 0),
        reply(4, 5, 0),
        reply(6, 6, 0),
    ];
    let mut reading = reading(Format::Disqus, &[thread("1", "/a")], &all);
    let plan = reading.plan(&options()).unwrap();
    let lines = comments(&plan, &mut reading);
    for (place, line) in lines.iter().enumerate() {
        let parent = line.parent.as_ref().map(|parent| lines.iter().position(|other| other.uuid == *parent).unwrap());
        assert!(parent.is_none_or(|parent| parent < place));
    }
    assert_eq!((lines.len(), plan.report().cycles), (6, 2));
    assert_eq!(lines.iter().map(|line| line.created - START).collect::<Vec<_>>(), [0, 0, 0, 3, 2, 1]);
}

#[test]
fn owners_are_marked_by_what_they_confirm_and_their_replies_answer() {
    let mut all = [comment("1", 1), comment("1", 2), comment("1", 3), comment("1", 4)];
    all[1].email = Some("Owner@blog.example".to_owned());
    all[1].parent = Some("1".to_owned());
    all[2].name = "The Owner".to_owned();
    all[3].is_owner = true;
    let rule = OwnerRule {
        emails: vec!["owner@BLOG.example ".to_owned()],
        names: vec!["the owner".to_owned()],
        trust_source: false,
    };
    let mut reading = reading(Format::Remark42, &[thread("1", "/a")], &all);
    let survey: Survey = reading.survey().unwrap();
    assert!(survey.owners[0].marked || survey.owners.iter().any(|owner| owner.marked));
    let plan = reading.plan(&PlanOptions { owner: rule.clone(), ..options() }).unwrap();
    let lines = comments(&plan, &mut reading);
    assert_eq!(lines.iter().map(|line| line.owner).collect::<Vec<_>>(), [false, true, true, false]);
    assert_eq!(lines.iter().map(|line| line.answered).collect::<Vec<_>>(), [true, false, false, false]);
    assert_eq!(plan.report().owner_comments, 2);
    let trusting = reading.plan(&PlanOptions { owner: OwnerRule { trust_source: true, ..rule }, ..options() }).unwrap();
    assert_eq!(trusting.report().owner_comments, 3);
}

#[test]
fn the_survey_names_partitions_hosts_and_states() {
    let threads = [
        SourceThread { partition: Some("one".to_owned()), ..thread("1", "https://blog.example/a") },
        SourceThread { partition: Some("two".to_owned()), ..thread("2", "https://other.example:8080/a") },
        SourceThread { partition: Some("one".to_owned()), ..thread("3", "") },
    ];
    let mut all: Vec<_> =
        [1, 1, 2, 3].iter().zip(1..).map(|(key, number)| comment(&format!("{key}"), number)).collect();
    all[0].state = SourceState::Spam;
    all[1].time.quality = TimeQuality::ZoneGuessed;
    let mut reading = reading(Format::Artalk, &threads, &all);
    let survey = reading.survey().unwrap();
    let named = |counts: &[afterword_interchange::Count]| -> Vec<(String, u64)> {
        counts.iter().map(|count| (count.name.clone(), count.comments)).collect()
    };
    assert_eq!(named(&survey.partitions), [("one".to_owned(), 3), ("two".to_owned(), 1)]);
    let hosts = [("blog.example", 2), ("", 1), ("other.example:8080", 1)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(named(&survey.hosts), hosts);
    assert_eq!((survey.states.spam, survey.without_zone, survey.without_address), (1, 1, 1));
    let one = reading.plan(&PlanOptions { partition: Some("one".to_owned()), ..options() }).unwrap();
    let reasons: Vec<_> = one.report().left_out.iter().map(|item| (item.reason, item.comments)).collect();
    assert_eq!(reasons, [(LeftOut::OtherPartition, 1), (LeftOut::NoAddress, 1), (LeftOut::Spam, 1)]);
    let missing = reading.plan(&PlanOptions { partition: Some("three".to_owned()), ..options() });
    assert!(matches!(missing, Err(PlanError::Partition(_))));
}

#[test]
fn two_old_sites_with_equal_ids_can_move_to_one_site() {
    let mut reading = reading(Format::Wxr, &[thread("1", "/a")], &[comment("1", 1)]);
    let uuid = |reading: &mut Reading<MemorySpool>, source_site: &str| {
        let plan = reading.plan(&PlanOptions { source_site: source_site.to_owned(), ..options() }).unwrap();
        comments(&plan, reading)[0].uuid.clone()
    };
    assert_eq!(uuid(&mut reading, ""), uuid(&mut reading, ""));
    assert_ne!(uuid(&mut reading, ""), uuid(&mut reading, "second.example"));
}

#[test]
fn repeated_ids_and_comments_without_a_post_are_counted() {
    let all = [comment("1", 1), comment("1", 1), comment("unknown", 2)];
    let mut reading = reading(Format::Wxr, &[thread("1", "/a")], &all);
    let plan = reading.plan(&options()).unwrap();
    let reasons: Vec<_> = plan.report().left_out.iter().map(|item| (item.reason, item.comments)).collect();
    assert_eq!(reasons, [(LeftOut::RepeatedId, 1), (LeftOut::NoThread, 1)]);
    assert_eq!(comments(&plan, &mut reading).len(), 1);
}
