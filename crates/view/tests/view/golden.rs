//! Compares rendered fixtures with `tests/golden/<name>.html`. `UPDATE=1 cargo test -p afterword-view` rewrites these
//! files.

use afterword_model::{Author, Comment, CommentId, Field, LatestComments, PostUrl, SafeHtml, Sort, Thread};
use afterword_view::{
    CommentState, Form, Markup, Notice, Outcome, OwnComment, OwnCommentNotice, OwnCommentState, ParentComment,
    RenderContext, Report, SetupState, comment_item, comments, form_page, latest_list, own_comment_page,
    own_comment_url, page, post_question_page, refusal_page, report_page, setup_page, thread,
};

use crate::{CHROME, context, fixture, golden, messages};

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
        "moderated",
        "options",
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

/// The main fixture without the texts of its comments, for what is around them. `thread.html` has the texts.
fn thread_without_texts() -> Thread {
    let mut thread = fixture("thread");
    for comment in &mut thread.comments {
        comment.html = serde_json::from_str("\"<p>Text.</p>\"").unwrap();
    }
    thread
}

#[test]
fn german_and_right_to_left_threads_match() {
    check("thread.de", with("de", |context| thread(context, &thread_without_texts(), &Form::default())));
    check("scripts.rtl", with("ar", |context| thread(context, &fixture("scripts"), &Form::default())));
    check("moderated.rtl", with("he", |context| comments(context, &fixture("moderated"))));
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
    let notice = |outcome| Notice { outcome, own_comment_url: "" };
    let render_thread = |thread: &Thread, lang: &str, form: &Form, notice| {
        with(lang, |context| page(context, thread, form, notice, &CHROME))
    };
    let render = |name: &str, lang: &str, form: &Form, notice| render_thread(&fixture(name), lang, form, notice);
    let main = thread_without_texts();
    check("page", render_thread(&main, "en", &Form::default(), None));
    check("page.empty", render("empty", "en", &Form::default(), None));
    check("page.hostile", render("hostile", "en", &filled(), None));
    check("page.reply", render_thread(&main, "en", &Form { parent: Some(parent), ..Form::default() }, None));
    let refused = Form { refusal: Some((Some(Field::Website), "bad_website")), ..filled() };
    check("page.error.de", render("one", "de", &refused, None));
    check("page.closed", render("closed", "en", &Form { refusal: Some((None, "closed")), ..filled() }, None));
    check("page.published", render("one", "en", &Form::default(), Some(notice(Outcome::Published))));
    check("page.pending.de", render("one", "de", &Form::default(), Some(notice(Outcome::Pending))));
    let (messages, id) = (messages("en"), CommentId::new(1));
    let own_comment_url = own_comment_url(&context(&messages), "https://blog.example/post?a&b", id, "0123abcd");
    assert!(own_comment_url.ends_with("?url=https%3A%2F%2Fblog.example%2Fpost%3Fa%26b&lang=en&id=1&token=0123abcd"));
    let own = Notice { outcome: Outcome::Published, own_comment_url: &own_comment_url };
    check("page.own", render("one", "en", &Form::default(), Some(own)));
    let html: SafeHtml = serde_json::from_str("\"<p>One &amp; <em>two</em></p>\"").unwrap();
    check("page.preview", render("one", "en", &Form { preview: Some(&html), parent: Some(parent), ..filled() }, None));
    check("page.repeat", render("one", "ar", &Form::default(), Some(notice(Outcome::Repeat))));
}

#[test]
fn an_absent_comment_is_explained_unless_it_was_just_posted() {
    let render = |linked, notice| {
        with("en", |context| {
            let context = RenderContext { linked: Some(CommentId::new(linked)), ..*context };
            page(&context, &fixture("tombstone"), &Form::default(), notice, &CHROME)
        })
        .into_string()
    };
    let (missing, removed) = ("This comment is not here. It may be waiting for approval.", "This comment was removed.");
    let comments = fixture("tombstone").comments;
    let deleted = comments.iter().find(|comment| comment.deleted).unwrap().id.get();
    assert!(render(4_711, None).contains(missing));
    assert!(render(4_711, None).contains("noindex"), "a page about nothing is not found by searching");
    let posted = Notice { outcome: Outcome::Published, own_comment_url: "" };
    assert!(!render(4_711, Some(posted)).contains(missing));
    assert!(!render(deleted, None).contains(missing) && render(deleted, None).contains(removed));
}

#[test]
fn orders_are_offered_from_three_comments_on() {
    let render = |count, sort| {
        with("de", |context| thread(context, &Thread { count, sort, ..fixture("nested") }, &Form::default()))
            .into_string()
    };
    assert!(!render(2, Sort::Oldest).contains("aw-order"));
    let sorted = render(3, Sort::Top);
    assert!(sorted.contains("<option value=\"top\" selected>Meiste Stimmen</option>"), "{sorted}");
    assert!(sorted.contains("data-sort=\"top\"") && sorted.matches(" selected").count() == 1);
}

#[test]
fn reactions_and_downvotes_are_attributes_for_the_widget() {
    let reactions = vec![("👍".to_owned(), 3), ("🎉".to_owned(), 0)];
    let thread_with = Thread { reactions, downvotes: true, edit_window: Some(0), ..fixture("one") };
    let html = with("en", |context| thread(context, &thread_with, &Form::default())).into_string();
    assert!(
        html.contains(
            "data-edit-window=\"0\" data-downvotes=\"on\" data-reactions=\"[[&quot;👍&quot;,3],[&quot;🎉&quot;,0]]\""
        ),
        "{html}"
    );
    let html = with("en", |context| thread(context, &fixture("one"), &Form::default())).into_string();
    assert!(!html.contains("data-edit-window") && !html.contains("data-downvotes") && !html.contains("data-reactions"));
}

#[test]
fn a_branch_counts_its_comments_without_tombstones() {
    let rendered = with("en", |context| comments(context, &fixture("thread"))).into_string();
    let summaries: Vec<&str> = rendered
        .split("<details class=\"aw-branch\" part=\"branch\" open><summary>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    assert_eq!(summaries, ["6 replies", "5 replies", "4 replies", "3 replies", "1 reply", "1 reply"]);
}

#[test]
fn avatars_differ_by_mark_and_can_be_turned_off() {
    let draw = |mark: Option<&str>, avatars| {
        let author = Author { mark: mark.map(str::to_owned), ..Author::default() };
        let thread =
            Thread { comments: vec![Comment { author, ..fixture("one").comments[0].clone() }], ..fixture("one") };
        let html = with("en", |context| comments(&RenderContext { avatars, ..*context }, &thread)).into_string();
        html.split_once("<svg").map(|(_, rest)| rest.split_once("</svg>").unwrap().0.to_owned())
    };
    let marks = ["aaaaaa", "aaaaab", "baaaaa", "dhj5ye", "999999"];
    let drawn: std::collections::BTreeSet<_> = marks.iter().map(|mark| draw(Some(mark), true).unwrap()).collect();
    assert_eq!(drawn.len(), marks.len());
    assert!(drawn.iter().all(|svg| svg.matches('M').count() == 3 && svg.contains("aria-hidden=\"true\"")), "{drawn:?}");
    assert_eq!(draw(Some("dhj5ye"), true), draw(Some("dhj5ye"), true));
    assert_eq!(draw(None, true), None);
    let html = with("en", |context| comments(context, &fixture("one"))).into_string();
    assert!(html.contains("<span class=\"aw-avatar\" part=\"avatar\"></span>"), "{html}");
    assert_eq!(draw(Some("dhj5ye"), false), None);
}

/// The visible word of a link is a part of its name, wherever a language has it in the sentence.
#[test]
fn reply_links_contain_their_visible_word() {
    let text = |reply: &str, reply_to: &str| {
        let mut catalogue = crate::catalogue("en");
        catalogue.insert("reply".into(), reply.into());
        catalogue.insert("reply.to".into(), reply_to.into());
        let messages = serde_json::from_value(catalogue.into()).unwrap();
        let html = comments(&context(&messages), &fixture("one")).into_string();
        let link =
            html.split("class=\"aw-reply\"").nth(1).unwrap().split_once('>').unwrap().1.split("</a>").next().unwrap();
        let is_tag = std::cell::Cell::new(false);
        let visible = |c: &char| {
            let inside = is_tag.replace(*c != '>' && (is_tag.get() || *c == '<'));
            !inside && *c != '<'
        };
        link.chars().filter(visible).collect::<String>()
    };
    assert_eq!(text("Reply", "Reply to {name}"), "Reply to Ada");
    assert_eq!(text("返信", "{name}に返信"), "Adaに返信");
    assert_eq!(text("返信", "{name}に返信する"), "Adaに返信する");
    assert_eq!(text("Yanıtla", "{name} için yanıt"), "Yanıtla Ada için yanıt");
}

#[test]
fn pages_of_a_comment_match() {
    let comment = |state| OwnComment {
        url: "https://blog.example/post?a=1&b=2",
        id: CommentId::new(5),
        token: "0123456789abcdef",
        state,
        text: "\nOne & two\n</textarea><script>alert(1)</script>",
        edit_id: "0b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f10",
        preview: None,
        notice: None,
        refusal: None,
        excess: None,
        retry_after: None,
    };
    let own = |lang: &str, comment: &OwnComment| with(lang, |context| own_comment_page(context, comment, &CHROME));
    let editable = comment(OwnCommentState::Editable { seconds: Some(840) });
    let html: SafeHtml = serde_json::from_str("\"<p>One &amp; <em>two</em></p>\"").unwrap();
    check("own.editable", own("en", &editable));
    check("own.saved.de", own("de", &OwnComment { notice: Some(OwnCommentNotice::Saved), ..editable }));
    check("own.preview.ar", own("ar", &OwnComment { preview: Some(&html), ..editable }));
    let refused = OwnComment { refusal: Some((Some(Field::Text), "text_too_long")), excess: Some(3), ..editable };
    check("own.refused", own("en", &refused));
    let busy = OwnComment { refusal: Some((None, "too_many")), retry_after: Some(40), ..editable };
    check("own.busy", own("en", &busy));
    check("own.fixed", own("en", &comment(OwnCommentState::Fixed)));
    check("own.deleted", own("en", &comment(OwnCommentState::Deleted)));
    check("own.gone", own("en", &comment(OwnCommentState::Gone)));
    let thread = fixture("one");
    let report = Report {
        url: "https://blog.example/post?a=1&b=2",
        id: CommentId::new(1),
        comment: thread.comments.first(),
        reason: "",
        text: "",
        refusal: None,
        retry_after: None,
        is_sent: false,
    };
    let reported = |lang: &str, report: &Report| with(lang, |context| report_page(context, report, &CHROME));
    check("report", reported("en", &report));
    let refused = Report { refusal: Some("text_too_long"), text: "Why & </textarea>", ..report };
    check("report.refused.de", reported("de", &refused));
    check("report.sent", reported("en", &Report { is_sent: true, reason: "spam", ..report }));
    check("report.missing", reported("en", &Report { comment: None, ..report }));
}

/// The structured data of a page, and the page.
#[cfg(feature = "catalogue")]
fn page_with_data(name: &str, form: &Form) -> (serde_json::Value, String) {
    let messages = messages("en");
    let context = context(&messages);
    let data = afterword_view::structured_data(&context, &fixture(name));
    let json = data.0.strip_prefix("<script type=\"application/ld+json\">").unwrap().strip_suffix("</script>").unwrap();
    assert!(!json.contains('<'), "{json}");
    let assets = afterword_view::PageAssets { structured_data: Some(&data), ..CHROME };
    let json = serde_json::from_str(json).unwrap();
    (json, page(&context, &fixture(name), form, None, &assets).into_string())
}

#[cfg(feature = "catalogue")]
#[test]
fn search_engines_get_every_comment_as_data() {
    let (data, page) = page_with_data("thread", &Form::default());
    assert!(page.contains("<link rel=\"canonical\" href=\"https://blog.example/2011/lighthouse\">"));
    assert!(page.contains("<script type=\"application/ld+json\">"));
    let comments = data["comment"].as_array().unwrap();
    assert_eq!((comments.len(), &data["commentCount"]), (10, &10.into()), "a tombstone is no comment");
    assert_eq!(
        comments[0]["text"],
        "Thank you for this. I took the same train in the winter of 1998, and the lamp room was still open to visitors then.\nThere is a photograph at ada.example/lamp."
    );
    assert_eq!(comments[0]["author"]["url"], "https://ada.example/");
    assert_eq!(comments[0]["dateCreated"], "2011-11-11T09:38:41Z");
    assert_eq!(comments[1]["parentItem"]["@id"], comments[0]["@id"]);
    assert_eq!(comments[0]["url"], "https://blog.example/2011/lighthouse#comment-1");
    let (data, _) = page_with_data("hostile", &Form::default());
    assert!(
        data["comment"].as_array().unwrap().iter().all(|comment| !comment["text"].as_str().unwrap().contains("&amp;"))
    );
    let (_, transient) = page_with_data("thread", &filled_reply());
    assert!(!transient.contains("ld+json"), "a page that is not indexed has none");
}

#[cfg(feature = "catalogue")]
fn filled_reply() -> Form<'static> {
    Form { parent: Some(ParentComment { id: CommentId::new(7), name: "Joan" }), ..filled() }
}

#[test]
fn latest_comments_match() {
    let latest: LatestComments =
        serde_json::from_str(&std::fs::read_to_string(golden("latest.json")).unwrap()).unwrap();
    for lang in ["en", "de"] {
        check(&format!("latest.{lang}"), with(lang, |context| latest_list(context, &latest)));
    }
}

#[cfg(feature = "catalogue")]
#[test]
fn structured_data_cannot_end_its_element() {
    let hostile = "</script><script>alert(1)</script><!--";
    let mut thread = Thread { title: hostile.to_owned(), ..fixture("one") };
    let first = thread.comments.remove(0);
    let html = |text: &str| serde_json::from_value::<SafeHtml>(text.into()).unwrap();
    let name = |name: &str| Author { name: name.to_owned(), ..Author::default() };
    let reply = Comment {
        id: CommentId::new(2),
        parent: Some(first.id),
        author: Author { website: Some("https://joan.example/".to_owned()), ..name("Joan") },
        html: html("<p>Yes &amp; &lt;/script&gt;</p>"),
        edited: Some(first.created + 60),
        votes: 3,
        ..first.clone()
    };
    let removed = Comment { id: CommentId::new(3), deleted: true, ..first.clone() };
    let orphan = Comment { id: CommentId::new(4), parent: Some(removed.id), ..first.clone() };
    let first = Comment { author: name(hostile), ..first };
    thread.comments = vec![first, reply, removed, orphan];
    let messages = messages("en");
    let data = afterword_view::structured_data(&context(&messages), &thread);
    let json = data.0.strip_prefix("<script type=\"application/ld+json\">").unwrap().strip_suffix("</script>").unwrap();
    assert!(!json.contains('<'), "{json}");
    let data: serde_json::Value = serde_json::from_str(json).unwrap();
    let [first, second, orphan] = data["comment"].as_array().unwrap().as_slice() else { panic!("{data}") };
    assert_eq!((&data["name"], &first["author"]["name"]), (&hostile.into(), &hostile.into()));
    assert_eq!(second["text"], "Yes & </script>");
    assert_eq!((&second["upvoteCount"], &second["parentItem"]["@id"]), (&3.into(), &first["@id"]));
    assert!(second["dateModified"].is_string() && second["author"]["url"] == "https://joan.example/");
    assert!(orphan["parentItem"].is_null(), "its parent is not there");
}

/// The names of microformats2 (h-cite), by which programs read comments.
#[test]
fn comments_are_microformats() {
    let html = with("en", |context| comments(context, &fixture("one"))).into_string();
    for class in ["u-comment h-cite", "p-author h-card", "u-url", "dt-published", "e-content"] {
        assert!(html.contains(class), "{class}: {html}");
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
