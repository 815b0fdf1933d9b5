//! Compares rendered fixtures with `tests/golden/<name>.html`. `UPDATE=1 cargo test -p afterword-view` rewrites these
//! files.

use afterword_model::{CommentId, Field, LatestComments, PostUrl, SafeHtml, Thread};
use afterword_view::{
    CommentState, Form, Markup, Notice, PageAssets, ParentComment, RenderContext, SetupState, comment_item, comments,
    form_page, latest_list, page, post_question_page, refusal_page, setup_page, thread,
};

use crate::{context, fixture, golden, messages};

const CHROME: PageAssets = PageAssets { stylesheet_path: "/assets/afterword.css", structured_data: "" };

fn check(name: &str, rendered: Markup) {
    let path = golden(&format!("{name}.html"));
    let rendered = format!("{}\n", rendered.into_string());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &rendered).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some(at) = rendered.bytes().zip(expected.bytes()).position(|(a, b)| a != b) {
        let around = |text: &str| {
            String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(60)..text.len().min(at + 60)]).into_owned()
        };
        panic!("{name}: byte {at}\nrendered …{}…\nexpected …{}…", around(&rendered), around(&expected));
    }
    assert_eq!(rendered.len(), expected.len(), "{name}: one is a prefix of the other");
}

fn with(lang: &str, render: impl FnOnce(&RenderContext) -> Markup) -> Markup {
    render(&context(&messages(lang)))
}

fn filled() -> Form<'static> {
    Form {
        id: "0b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f10",
        url: "http://blog.example/2011/lighthouse/?utm_source=x&p=1",
        title: "The \"lighthouse\" <1>",
        name: "Ada \"<\"",
        email: "ada@example.example",
        website: "ada.example",
        text: "\nOne & two\n</textarea><script>alert(1)</script>",
        ..Form::default()
    }
}

#[test]
fn threads_match_their_golden_files() {
    for name in [
        "thread",
        "empty",
        "one",
        "nested",
        "tombstone",
        "orphans",
        "hostile",
        "scripts",
        "pages",
        "continued",
        "closed",
    ] {
        check(name, with("en", |context| thread(context, &fixture(name), &Form::default())));
    }
}

/// A thread at an address that ends in a route, with replies that name their parents.
fn thread_with_route() -> Thread {
    Thread { url: PostUrl::parse("https://blog.example/#/post").unwrap(), ..fixture("nested") }
}

#[test]
fn links_to_comments_of_a_route_lead_to_the_page_of_the_thread() {
    let rendered = with("en", |context| thread(context, &thread_with_route(), &Form::default())).into_string();
    let page = "https://comments.example/thread?url=https%3A%2F%2Fblog.example%2F%23%2Fpost&amp;lang=en";
    let links: Vec<&str> = rendered.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let anchors: Vec<&&str> = links.iter().filter(|link| link.contains("#comment-")).collect();
    assert!(!anchors.is_empty() && anchors.iter().all(|link| link.starts_with(page)), "{anchors:?}");
    let own = &thread_with_route().comments[0];
    let item =
        with("en", |context| comment_item(context, &thread_with_route().url, own, 0, None, CommentState::Pending));
    assert!(item.into_string().contains(&format!("href=\"{page}&amp;comment={0}#comment-{0}\"", own.id)));
}

#[test]
fn copies_and_hints_match() {
    let copy = Form {
        url: "https://blog.example/2011/lighthouse",
        is_elsewhere: true,
        hint: "Add \"it\" to SITES.",
        ..Form::default()
    };
    for (name, lang) in [("copy", "en"), ("copy.de", "de")] {
        check(name, with(lang, |context| thread(context, &fixture("one"), &copy)));
    }
    let closed = with("en", |context| thread(context, &fixture("closed"), &copy)).into_string();
    assert!(closed.contains("aw-closed") && !closed.contains("aw-elsewhere"), "{closed}");
    let hostile = Form { url: "javascript:alert(1)", ..copy };
    let rendered = with("en", |context| thread(context, &fixture("one"), &hostile)).into_string();
    assert!(!rendered.contains("javascript:"), "{rendered}");
}

#[test]
fn german_and_right_to_left_threads_match() {
    check("thread.de", with("de", |context| thread(context, &fixture("thread"), &Form::default())));
    check("scripts.rtl", with("ar", |context| thread(context, &fixture("scripts"), &Form::default())));
}

#[test]
fn nesting_depths_match() {
    for depth in [0, 1] {
        let rendered =
            with("en", |context| comments(&RenderContext { max_depth: depth, ..*context }, &fixture("nested")));
        check(&format!("nested.depth-{depth}"), rendered);
    }
}

#[test]
fn single_comments_match() {
    let thread = fixture("nested");
    let render = |depth, parent, state| {
        with("en", |context| comment_item(context, &thread.url, &thread.comments[5], depth, parent, state))
    };
    let parent = Some(ParentComment { id: CommentId::new(5), name: "Reader <5>" });
    check("item.published", render(2, parent, CommentState::Published));
    check("item.pending", render(5, parent, CommentState::Pending));
    check("item.unknown", render(0, None, CommentState::Published));
}

#[test]
fn forms_match() {
    let parent = ParentComment { id: CommentId::new(7), name: "\"Joan\" <b>" };
    let form = |context: &RenderContext, form: &Form| form_page(context, form, false, &CHROME);
    check("form.filled", with("en", |context| form(context, &filled())));
    check("form.reply", with("en", |context| form(context, &Form { parent: Some(parent), ..filled() })));
    check("form.reply.de", with("de", |context| form(context, &Form { parent: Some(parent), ..filled() })));
    let cases = [
        ("text", Some(Field::Text), "text_empty"),
        ("email", Some(Field::Email), "bad_email"),
        ("parent", Some(Field::Parent), "unknown_parent"),
        ("form", None, "busy"),
        ("unknown", None, "no_such_code"),
    ];
    for (name, field, code) in cases {
        let refused = Form { refusal: Some((field, code)), parent: Some(parent), ..filled() };
        check(&format!("form.error.{name}"), with("en", |context| form(context, &refused)));
    }
    for (name, field, code) in [("text", Field::Text, "text_too_long"), ("email", Field::Email, "bad_email")] {
        let refused = Form { refusal: Some((Some(field), code)), excess: Some(808), ..filled() };
        check(&format!("form.too_long.{name}"), with("en", |context| form(context, &refused)));
    }
    for (lang, seconds) in [("en", 40), ("de", 1)] {
        let refused = Form { refusal: Some((None, "too_many")), retry_after: Some(seconds), ..filled() };
        check(&format!("form.error.wait.{lang}"), with(lang, |context| form(context, &refused)));
    }
}

#[test]
fn pages_match() {
    let parent = ParentComment { id: CommentId::new(7), name: "Joan" };
    let render = |name: &str, lang: &str, form: &Form, notice| {
        with(lang, |context| page(context, &fixture(name), form, notice, &CHROME))
    };
    check("page", render("thread", "en", &Form::default(), None));
    check("page.empty", render("empty", "en", &Form::default(), None));
    check("page.hostile", render("hostile", "en", &filled(), None));
    check("page.reply", render("thread", "en", &Form { parent: Some(parent), ..Form::default() }, None));
    let refused = Form { refusal: Some((Some(Field::Website), "bad_website")), ..filled() };
    check("page.error.de", render("one", "de", &refused, None));
    check("page.closed", render("closed", "en", &Form { refusal: Some((None, "closed")), ..filled() }, None));
    check("page.published", render("one", "en", &Form::default(), Some(Notice::Published)));
    check("page.pending.de", render("one", "de", &Form::default(), Some(Notice::Pending)));
    check("page.repeat", render("one", "ar", &Form::default(), Some(Notice::Repeat)));
    let html: SafeHtml = serde_json::from_str("\"<p>Hello <em>there</em></p>\"").unwrap();
    let preview = Form { can_preview: true, preview: Some(&html), ..filled() };
    check("page.preview", render("one", "en", &preview, None));
}

#[test]
fn latest_comments_match() {
    let latest: LatestComments =
        serde_json::from_str(&std::fs::read_to_string(golden("latest.json")).unwrap()).unwrap();
    for lang in ["en", "de"] {
        check(&format!("latest.{lang}"), with(lang, |context| latest_list(context, &latest)));
    }
}

#[test]
fn setup_and_refusal_pages_match() {
    let problems = ["SITES is missing.".to_owned(), "MODERATION is \"<none>\".".to_owned()];
    check("setup.missing", setup_page(&CHROME, &SetupState::Missing { problems: &problems }));
    check("setup.unknown", setup_page(&CHROME, &SetupState::UnknownSite));
    let welcome = |can_moderate| SetupState::Welcome { endpoint: "https://comments.example", can_moderate };
    check("setup.welcome", setup_page(&CHROME, &welcome(true)));
    check("setup.welcome.unmoderated", setup_page(&CHROME, &welcome(false)));
    let own = Form { refusal: Some((None, "too_many")), ..filled() };
    check("refused.form", with("en", |context| form_page(context, &own, false, &CHROME)));
    let foreign = Form { refusal: Some((None, "wrong_origin")), ..filled() };
    check("refused.foreign.de", with("de", |context| form_page(context, &foreign, true, &CHROME)));
    let refused = |lang, code, wait, back| with(lang, |context| refusal_page(context, &CHROME, code, wait, back));
    check("refused", refused("en", "wrong_origin", None, Some("https://blog.example/\"><b>")));
    check("refused.de", refused("de", "wrong_origin", None, Some("javascript:alert(1)")));
    check("refused.wait", refused("en", "busy", Some(5), None));
    for (lang, origin) in [("en", ""), ("de", "https://blog.example/\"><b>")] {
        check(&format!("question.{lang}"), with(lang, |context| post_question_page(context, &CHROME, origin)));
    }
    for (lang, code) in [("en", "origin_withheld"), ("de", "origin_withheld.foreign")] {
        let withheld = Form { refusal: Some((None, code)), ..filled() };
        let is_foreign = code.ends_with("foreign");
        check(&format!("withheld.{lang}"), with(lang, |context| form_page(context, &withheld, is_foreign, &CHROME)));
    }
}
