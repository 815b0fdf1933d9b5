//! Data for the pages of moderators: ordinary, hostile and right-to-left.

use afterword_model::moderation::{
    ActionOutcome, AuditAction, AuditRecord, AuthorHistory, BanKind, BanSummary, CommentPage, CommentRevision,
    CommentSnapshot, DayCount, ItemResult, LimitUsage, ListCount, LoggedText, ModerationState, Overview, ParentComment,
    QueueCounts, QueuePage, QueuedAuthor, QueuedComment, QueuedReport, SettingField, SettingKind, SignalCount,
    SiteResult, ThreadActivity, ThreadListPage, ThreadSummary,
};
use afterword_model::{CommentId, PostUrl, ReportReason};

/// The time of every page: 26 November 2026, 14:05 UTC.
pub(crate) const NOW: i64 = 1_795_701_900;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The words of a set of data.
pub(crate) struct Words {
    /// Names of authors.
    pub(crate) names: &'static [&'static str],
    /// Titles of posts.
    pub(crate) titles: &'static [&'static str],
    /// Texts of comments, with their HTML.
    pub(crate) texts: &'static [(&'static str, &'static str)],
    /// A line of any other field.
    pub(crate) line: &'static str,
}

/// Ordinary words.
pub(crate) const PLAIN: Words = Words {
    names: &["Ada", "Marguerite Okonkwo-Lindqvist", "", "ben", "Günther"],
    titles: &["The keeper of the lighthouse", "Notes on tides, and why they are late", ""],
    texts: &[
        ("Thank you, this made my morning.", "<p>Thank you, this made my morning.</p>"),
        (
            "Play at our casino now: https://casino.example/win and http://bonus.example",
            "<p>Play at our casino now: <a href=\"https://casino.example/win\" rel=\"nofollow ugc noopener noreferrer\">free money</a> and <a href=\"http://bonus.example\" rel=\"nofollow ugc noopener noreferrer\">http://bonus.example</a></p>",
        ),
        (
            "I read it twice.\n\n> The tide is never late, we are early.\n\nThat line stays. But the table in the *second* part has a wrong sum.",
            "<p>I read it twice.</p>\n<blockquote>\n<p>The tide is never late, we are early.</p>\n</blockquote>\n<p>That line stays. But the table in the <em>second</em> part has a wrong sum.</p>",
        ),
        (
            "One\n\nTwo\n\nThree\n\nFour\n\nFive\n\nSix\n\nSeven\n\nEight\n\nNine\n\nTen\n\nEleven\n\nTwelve\n\nThirteen",
            "<p>One</p><p>Two</p><p>Three</p><p>Four</p><p>Five</p><p>Six</p><p>Seven</p><p>Eight</p><p>Nine</p><p>Ten</p><p>Eleven</p><p>Twelve</p><p>Thirteen</p>",
        ),
        ("`let x = 1;`", "<pre><code class=\"language-rust\">let x = 1;\n</code></pre>"),
    ],
    line: "off topic since Tuesday",
};

/// Words that must show as text.
pub(crate) const HOSTILE: Words = Words {
    names: &["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "{name}{n}"],
    titles: &["</title><script>alert(2)</script>", "{title} & \"quotes\" '", "</textarea></select></dialog><b>"],
    texts: &[
        ("</textarea><script>alert(3)</script></pre>", "<p>&lt;/textarea&gt;&lt;script&gt;alert(3)&lt;/script&gt;</p>"),
        ("=cmd|' /C calc'!A0", "<p>=cmd|' /C calc'!A0</p>"),
    ],
    line: "</option><script>alert(4)</script>\" onfocus=\"alert(5)",
};

/// Words of right-to-left scripts, with marks that would turn the text around them.
pub(crate) const RIGHT_TO_LEFT: Words = Words {
    names: &["عائشة", "יעל כהן", "\u{202e}evil"],
    titles: &["مذكرات عن البحر", "רשימות על הים (2)"],
    texts: &[
        ("شكرا لك على هذا المقال! قرأته مرتين.", "<p>شكرا لك على هذا المقال! قرأته مرتين.</p>"),
        ("קראתי את זה פעמיים, ABC 123.", "<p>קראתי את זה פעמיים, ABC 123.</p>"),
    ],
    line: "خارج الموضوع",
};

impl Words {
    fn name(&self, at: usize) -> String {
        self.names[at % self.names.len()].to_owned()
    }

    fn title(&self, at: usize) -> String {
        self.titles[at % self.titles.len()].to_owned()
    }
}

/// The post of a comment.
pub(crate) fn post(at: usize) -> PostUrl {
    PostUrl::parse(&format!("https://blog.example/2026/{}", ["lighthouse", "tides", "a?b=c&d"][at % 3])).unwrap()
}

/// A comment that waits. Each number gives other details.
pub(crate) fn comment(words: &Words, at: usize, state: ModerationState) -> QueuedComment {
    let (source, html) = words.texts[at % words.texts.len()];
    let id = i64::try_from(at).unwrap() + 1;
    let reports = if state == ModerationState::Published || at % 7 == 3 { vec![report(words, at)] } else { Vec::new() };
    QueuedComment {
        id: CommentId::new(id),
        revision: id * 3,
        state,
        url: post(at),
        title: words.title(at),
        parent: (at % 3 == 1).then(|| parent(words, at)),
        author: author(words, at),
        created: NOW - i64::try_from(at).unwrap() * 7_000 - 40,
        edited: (at % 5 == 2).then_some(NOW - 300),
        edited_by_moderator: at.is_multiple_of(2),
        source: source.to_owned(),
        html: serde_json::from_value(html.into()).unwrap(),
        signals: signals(words, at),
        reports,
        reports_muted: at % 8 == 7,
        last_action: (at % 4 == 2).then(|| record(words, at)),
        same_network: u32::from(at % 4 == 1) * 3,
        pinned: state == ModerationState::Published && at.is_multiple_of(4),
        on_behalf: at % 9 == 8,
        answered: false,
        votes: i64::from(at % 6 == 5) * 4,
        wiped_at: (state == ModerationState::Deleted).then_some(NOW + 20 * DAY),
    }
}

fn author(words: &Words, at: usize) -> QueuedAuthor {
    let histories = [
        Some(AuthorHistory::default()),
        Some(AuthorHistory { published: 12, spam: 1, ..AuthorHistory::default() }),
        None,
        Some(AuthorHistory { published: 100, pending: 2, spam: 0, deleted: 1, more: true }),
    ];
    QueuedAuthor {
        name: words.name(at),
        email: (at.is_multiple_of(2)).then(|| format!("{}@mail.example", words.line)),
        website: Some(["https://ada.example/", "javascript:alert(6)"][at % 2].to_owned()),
        mark: (at % 4 != 2).then(|| format!("k3f9a{}", at % 10)),
        key: (at % 4 != 2).then(|| "9f8e7d6c5b4a39281706f5e4d3c2b1a0".to_owned()),
        owner: at % 10 == 9,
        trusted: at % 4 == 3,
        history: histories[at % 4],
    }
}

fn parent(words: &Words, at: usize) -> ParentComment {
    ParentComment {
        id: CommentId::new(900 + i64::try_from(at).unwrap()),
        revision: 4,
        state: [ModerationState::Published, ModerationState::Pending, ModerationState::Deleted][at / 3 % 3],
        name: words.name(at + 1),
        excerpt: words.texts[0].0.to_owned(),
    }
}

fn report(words: &Words, at: usize) -> QueuedReport {
    QueuedReport {
        reason: ReportReason::ALL[at % 5],
        text: Some(words.line.to_owned()),
        at: NOW - 2 * HOUR,
        reported_text: (at % 2 == 1).then(|| words.texts[0].0.to_owned()),
        closed: at % 4 == 3,
    }
}

fn signals(words: &Words, at: usize) -> Vec<String> {
    match at % 5 {
        0 => vec!["first_comment".to_owned()],
        1 => vec!["many_links:3".to_owned(), "muted_word:casino*".to_owned(), "too_fast:2".to_owned()],
        2 => Vec::new(),
        3 => vec![format!("invalid_rule:{}", words.line), format!("unheard_of:{}", words.line)],
        _ => vec!["many:network".to_owned(), "banned:name".to_owned(), "repeated".to_owned()],
    }
}

/// An entry of the audit log.
pub(crate) fn record(words: &Words, at: usize) -> AuditRecord {
    let action = AuditAction::ALL[at % AuditAction::ALL.len()];
    let snapshot = |state: ModerationState, pinned: bool| -> CommentSnapshot {
        let fields = serde_json::json!({"state": state.as_str(), "revision": 3, "pinned": pinned});
        serde_json::from_value(fields).unwrap()
    };
    AuditRecord {
        number: 500 - i64::try_from(at).unwrap(),
        id: format!("0b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f{at:02}"),
        batch: format!("0b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f{:02}", at / 2),
        at: NOW - i64::try_from(at).unwrap() * 5_000,
        by: ["grace", "ben"][at % 2].to_owned(),
        action,
        target: if at % 5 == 4 {
            "https://blog.example/a https://blog.example/b".to_owned()
        } else {
            words.line.to_owned()
        },
        comment: (at % 5 != 4).then(|| CommentId::new(i64::try_from(at).unwrap() + 1)),
        reason: (at % 6 == 4).then_some(afterword_model::moderation::ActionReason::OffTopic),
        before: Some(snapshot(ModerationState::Pending, at.is_multiple_of(2))),
        after: Some(snapshot(ModerationState::Published, false)),
        text: (at.is_multiple_of(9))
            .then(|| LoggedText { before: words.texts[0].0.to_owned(), after: words.line.to_owned() }),
        undone: at % 7 == 6,
    }
}

/// Numbers of comments.
pub(crate) fn counts(pending: u32) -> QueueCounts {
    let count = |count| ListCount { count, more: false };
    QueueCounts {
        pending: count(pending),
        reported: count(2),
        unanswered: count(31),
        spam: count(118),
        published: ListCount { count: 1_000, more: true },
        deleted: count(4),
    }
}

/// A page of the queue with as many comments.
pub(crate) fn queue(words: &Words, state: ModerationState, count: usize) -> QueuePage {
    QueuePage {
        comments: (0..count).map(|at| comment(words, at, state)).collect(),
        next: None,
        counts: counts(u32::try_from(count).unwrap()),
        newest: Some(CommentId::new(4_711)),
        audit_head: 500,
        unindexed: 0,
    }
}

/// The page of a comment with two ancestors and a reply.
pub(crate) fn comment_page(words: &Words) -> CommentPage {
    CommentPage {
        comment: comment(words, 2, ModerationState::Pending),
        ancestors: vec![
            comment(words, 0, ModerationState::Published),
            QueuedComment {
                html: serde_json::from_value("".into()).unwrap(),
                source: String::new(),
                ..comment(words, 4, ModerationState::Erased)
            },
        ],
        replies: vec![comment(words, 5, ModerationState::Published)],
        revisions: vec![CommentRevision { revision: 2, source: words.texts[1].0.to_owned(), until: NOW - HOUR }],
        log: (0..3).map(|at| record(words, at)).collect(),
        audit_head: 500,
    }
}

/// Bans of each kind.
pub(crate) fn bans(words: &Words) -> Vec<BanSummary> {
    let ban = |kind, pattern: &str, until, at: u32| BanSummary {
        id: format!("1b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f{at:02}"),
        kind,
        pattern: pattern.to_owned(),
        literal: at.is_multiple_of(2),
        reason: if at == 1 { String::new() } else { words.line.to_owned() },
        until,
        at: NOW - 9 * DAY,
        by: "grace".to_owned(),
    };
    vec![
        ban(BanKind::Author, "9f8e7d6c5b4a39281706f5e4d3c2b1a0", None, 0),
        ban(BanKind::Email, "*@spam.example", Some(NOW + 9 * DAY), 1),
        ban(BanKind::Name, words.names[0], Some(NOW - HOUR), 2),
        ban(BanKind::Network, "9f8e7d6c5b4a39281706f5e4d3c2b1a0", Some(NOW + HOUR), 4),
    ]
}

/// Threads in each state.
pub(crate) fn threads(words: &Words, count: usize) -> ThreadListPage {
    let thread = |at: usize| ThreadSummary {
        number: i64::try_from(count - at).unwrap(),
        url: PostUrl::parse(&format!("https://blog.example/2026/{at}")).unwrap(),
        title: words.title(at),
        title_locked: at % 3 == 1,
        count: u32::try_from(at * 37).unwrap(),
        pending: u32::try_from(at % 3).unwrap(),
        last_comment: (at % 5 != 4).then_some(NOW - i64::try_from(at).unwrap() * DAY - 60),
        closed: at % 4 == 3,
        pinned: u32::from(at % 4 == 1),
    };
    ThreadListPage { threads: (0..count).map(thread).collect(), next: (count > 5).then_some(17) }
}

/// An overview of a site with or without comments.
pub(crate) fn overview(words: &Words, is_empty: bool) -> Overview {
    let scale = u32::from(!is_empty);
    let day = |at: i64| {
        let busy = u32::try_from((at * 7) % 11 + (at % 7)).unwrap() * scale;
        DayCount {
            day: NOW - (29 - at) * DAY,
            published: busy,
            pending: busy / 5,
            spam: busy / 3,
            deleted: busy / 9,
            held: busy / 2,
        }
    };
    let signal = |signal: &str, count| SignalCount { signal: signal.to_owned(), count };
    let usage = |limit: &str, used, of| LimitUsage { limit: limit.to_owned(), used: used * u64::from(scale), of };
    Overview {
        counts: if is_empty { QueueCounts::default() } else { counts(12) },
        oldest_pending: (!is_empty).then_some(NOW - 5 * HOUR),
        days: (0..30).map(day).collect(),
        days_truncated: false,
        signals: if is_empty {
            Vec::new()
        } else {
            vec![signal("first_comment", 61), signal("many_links", 22), signal("muted_word", 9), signal(words.line, 1)]
        },
        threads: if is_empty {
            Vec::new()
        } else {
            (0..3)
                .map(|at| ThreadActivity {
                    url: post(at),
                    title: words.title(at),
                    count: 40 - u32::try_from(at).unwrap() * 9,
                })
                .collect()
        },
        usage: vec![
            usage("kv_writes", 412, 1_000),
            usage("object_requests", 1_930, 100_000),
            usage("rows_read", 4_750_000, 5_000_000),
            usage("rows_written", 880, 100_000),
        ],
    }
}

/// Settings of each kind.
pub(crate) fn settings(words: &Words) -> Vec<SettingField> {
    let words_of = |words: &[&str]| SettingKind::Choice(words.iter().map(|word| (*word).to_owned()).collect());
    let setting = |name: &str, value: Option<&str>, default: &str, kind| SettingField {
        name: name.to_owned(),
        value: value.map(str::to_owned),
        default: default.to_owned(),
        kind,
    };
    vec![
        setting("moderation", Some("all"), "first", words_of(&["open", "first", "all"])),
        setting("muted", Some(words.line), "", SettingKind::Lines(16_384)),
        setting("edit_window", None, "15", SettingKind::Number(0, 1_440)),
        setting("downvotes", None, "off", words_of(&["on", "off"])),
        setting("reactions", Some("👍 ❤️"), "off", SettingKind::Line(200)),
        setting("contact", Some(words.line), "", SettingKind::Line(254)),
        setting("unheard_of", None, words.line, SettingKind::Line(80)),
    ]
}

/// Outcomes of each kind.
pub(crate) fn outcomes() -> Vec<SiteResult> {
    let done = ActionOutcome::Done { revision: 4 };
    let by = Some("ben".to_owned());
    let otherwise = ActionOutcome::DecidedOtherwise {
        by: "ben".to_owned(),
        at: NOW - 120,
        state: ModerationState::Spam,
        revision: 5,
    };
    [
        done.clone(),
        done,
        ActionOutcome::Already { by, at: Some(NOW - 60) },
        otherwise,
        ActionOutcome::Changed { revision: 9 },
        ActionOutcome::Gone,
    ]
    .into_iter()
    .zip(1..)
    .map(|(outcome, id)| SiteResult {
        site: "https://blog.example".to_owned(),
        result: ItemResult { id: CommentId::new(id), outcome },
    })
    .collect()
}
