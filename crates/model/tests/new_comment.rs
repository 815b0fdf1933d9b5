//! Validation of new comments, field by field.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use afterword_model::{CommentId, Field, NewComment, Refusal, Sites, Submission, Website, limits};
use proptest::prelude::*;

const ID: &str = "0b0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a77";

fn sites() -> Sites {
    Sites::parse("https://blog.example=localhost").unwrap()
}

fn comment() -> NewComment {
    NewComment {
        id: ID.to_owned(),
        url: "https://blog.example/post".to_owned(),
        text: "Well said.".to_owned(),
        ..NewComment::default()
    }
}

fn with(change: impl FnOnce(&mut NewComment)) -> Result<Submission, Refusal> {
    let mut new = comment();
    change(&mut new);
    new.validate(&sites())
}

fn with_name(name: &str) -> Result<String, Refusal> {
    with(|new| new.name = Some(name.to_owned())).map(|submission| submission.name)
}

fn with_email(email: &str) -> Result<Option<String>, Refusal> {
    with(|new| new.email = Some(email.to_owned())).map(|submission| submission.email)
}

fn website(typed: &str) -> Result<Option<String>, Refusal> {
    Ok(Website::from_input(typed)?.map(|website| website.as_str().to_owned()))
}

fn with_text(text: &str) -> Result<String, Refusal> {
    with(|new| new.text = text.to_owned()).map(|submission| submission.text)
}

#[test]
fn minimal_and_full_comments_are_accepted() {
    let least = comment().validate(&sites()).unwrap();
    assert_eq!(least.id.to_string(), ID);
    assert_eq!(least.post.url.as_str(), "https://blog.example/post");
    assert_eq!((least.name.as_str(), least.title.as_str(), least.text.as_str()), ("", "", "Well said."));
    assert_eq!((least.email, least.website, least.parent), (None, None, None));

    let most = NewComment {
        id: ID.to_uppercase(),
        url: "http://localhost:4000/post/?utm_source=x#comments".to_owned(),
        title: Some(" A  post\n".to_owned()),
        parent: Some(CommentId::new(7)),
        name: Some("\tAda  Lovelace ".to_owned()),
        email: Some(" ada@example.org".to_owned()),
        website: Some("ada.example".to_owned()),
        text: "\r\n*Well*\r\nsaid.\r\n".to_owned(),
        proof: Some("1:2:3".to_owned()),
        subject: Some("x".to_owned()),
        written: true,
    };
    let most = most.validate(&sites()).unwrap();
    assert_eq!(most.id, least.id, "upper and lower case are the same UUID");
    assert_eq!((&most.post.site, &most.post.url), (&least.post.site, &least.post.url));
    assert_eq!(most.title, "A post");
    assert_eq!(most.parent, Some(CommentId::new(7)));
    assert_eq!(most.name, "Ada Lovelace");
    assert_eq!(most.email.as_deref(), Some("ada@example.org"));
    assert_eq!(most.website.as_ref().map(Website::as_str), Some("https://ada.example/"));
    assert_eq!(most.text, "*Well*\nsaid.");
}

#[test]
fn refusals_name_the_invalid_field() {
    type Change = fn(&mut NewComment);
    let cases: &[(Change, Refusal, Option<Field>)] = &[
        (|new| new.id = String::new(), Refusal::BadId, Some(Field::Id)),
        (|new| new.url = "post".to_owned(), Refusal::BadUrl, Some(Field::Url)),
        (|new| new.url = format!("https://blog.example/{:a<2048}", ""), Refusal::UrlTooLong, Some(Field::Url)),
        (|new| new.url = "https://evil.example/".to_owned(), Refusal::UnknownSite, Some(Field::Url)),
        (|new| new.name = Some("a".repeat(81)), Refusal::NameTooLong, Some(Field::Name)),
        (|new| new.email = Some("ada".to_owned()), Refusal::BadEmail, Some(Field::Email)),
        (|new| new.website = Some("javascript:0".to_owned()), Refusal::BadWebsite, Some(Field::Website)),
        (|new| new.text = " ".to_owned(), Refusal::TextEmpty, Some(Field::Text)),
        (|new| new.text = "a".repeat(limits::TEXT_BYTES + 1), Refusal::TextTooLong, Some(Field::Text)),
    ];
    for (change, refusal, field) in cases {
        assert_eq!(with(change), Err(*refusal));
        assert_eq!(refusal.field(), *field, "{refusal:?}");
    }
}

/// The excess of the refused comment, after a check that the comment is accepted without so many characters, and not with one more of them.
#[track_caller]
fn check_excess(change: impl Fn(&mut NewComment, String), typed: &str, expected: Option<u32>) {
    let with_value = |value: String| {
        let mut new = comment();
        change(&mut new, value);
        new.validate(&sites()).map_err(|refusal| (refusal, new.excess(refusal)))
    };
    let refused = with_value(typed.to_owned()).unwrap_err();
    assert_eq!(refused.1, expected, "{refused:?}");
    let Some(excess) = expected else { return };
    let cut = |excess: u32| {
        let count = typed.chars().count() - excess as usize;
        with_value(typed.chars().take(count).collect())
    };
    assert!(cut(excess).is_ok(), "{excess} characters less are accepted");
    assert_eq!(cut(excess - 1).unwrap_err(), (refused.0, Some(1)));
}

#[test]
fn a_field_that_is_too_long_says_by_how_many_characters() {
    let text = |new: &mut NewComment, value| new.text = value;
    check_excess(text, &"a".repeat(9_000), Some(808));
    check_excess(text, &"字".repeat(3_000), Some(270));
    check_excess(text, &"🙂".repeat(2_100), Some(52));
    check_excess(text, &format!("{}é", "a".repeat(limits::TEXT_BYTES - 1)), Some(1));
    check_excess(text, &"a".repeat(60_000), Some(51_808));
    let name = |new: &mut NewComment, value| new.name = Some(value);
    check_excess(name, &"n".repeat(81), Some(1));
    check_excess(name, &"名".repeat(200), Some(120));
    let email = |new: &mut NewComment, value| new.email = Some(value);
    check_excess(email, &format!("ada@a.{}", "a".repeat(265)), Some(17));
    check_excess(email, &format!("ada@例.{}", "例".repeat(90)), Some(8));
    let website = |new: &mut NewComment, value| new.website = Some(value);
    check_excess(website, &format!("https://ada.example/{}", "a".repeat(500)), Some(8));
    check_excess(website, &format!("ada.example/{}", "あ".repeat(60)), Some(6));
}

#[test]
fn a_field_that_is_wrong_in_another_way_has_no_excess() {
    check_excess(|new, value| new.text = value, " ", None);
    check_excess(|new, value| new.email = Some(value), "ada", None);
    check_excess(|new, value| new.website = Some(value), &format!("javascript:{}", "a".repeat(600)), None);
    check_excess(|new, value| new.id = value, "", None);
}

#[test]
fn white_space_at_the_end_of_a_long_text_does_not_count() {
    let new =
        NewComment { text: format!("{}{}", "a".repeat(limits::TEXT_BYTES + 3), " \r\n".repeat(900)), ..comment() };
    assert_eq!(new.validate(&sites()), Err(Refusal::TextTooLong));
    assert_eq!(new.excess(Refusal::TextTooLong), Some(3));
}

#[test]
fn the_first_invalid_field_is_reported() {
    let faulty = NewComment { name: Some("a".repeat(81)), email: Some("ada".to_owned()), ..NewComment::default() };
    assert_eq!(faulty.clone().validate(&sites()), Err(Refusal::BadId));
    let faulty = NewComment { id: ID.to_owned(), ..faulty };
    assert_eq!(faulty.clone().validate(&sites()), Err(Refusal::BadUrl));
    let faulty = NewComment { url: "https://blog.example/".to_owned(), ..faulty };
    assert_eq!(faulty.clone().validate(&sites()), Err(Refusal::NameTooLong));
    let faulty = NewComment { name: None, ..faulty };
    assert_eq!(faulty.clone().validate(&sites()), Err(Refusal::BadEmail));
    let faulty = NewComment { email: None, ..faulty };
    assert_eq!(faulty.validate(&sites()), Err(Refusal::TextEmpty));
}

#[test]
fn nul_is_refused_in_every_field() {
    let changes: [fn(&mut NewComment, String); 9] = [
        |new, nul| new.id = nul,
        |new, nul| new.url = nul,
        |new, nul| new.text = nul,
        |new, nul| new.title = Some(nul),
        |new, nul| new.name = Some(nul),
        |new, nul| new.email = Some(nul),
        |new, nul| new.website = Some(nul),
        |new, nul| new.proof = Some(nul),
        |new, nul| new.subject = Some(nul),
    ];
    for change in changes {
        assert_eq!(with(|new| change(new, "a\0b".to_owned())), Err(Refusal::BadCharacter));
    }
}

#[test]
fn only_hyphenated_uuids_are_valid_ids() {
    for id in [
        "00000000-0000-0000-0000-000000000000",
        "0B0E6C80-6a5b-4A53-9d4b-0f3f2d6f1a77",
        "0190163d-8694-739b-aea5-966c26f8ad91",
    ] {
        assert_eq!(with(|new| new.id = id.to_owned()).unwrap().id.to_string(), id.to_lowercase());
    }
    let others = [
        "7",
        "0b0e6c806a5b4a539d4b0f3f2d6f1a77",
        "{0b0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a77}",
        "urn:uuid:0b0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a77",
        "0b0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a7g",
        "0b0e6c80-6a5b-4a53-9d4b0f3f2d6f1a77--",
        " 0b0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a77",
        "0b0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a77\n",
        "éb0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a7",
    ];
    for id in others {
        assert_eq!(with(|new| new.id = id.to_owned()), Err(Refusal::BadId), "{id:?}");
    }
}

#[test]
fn names_are_one_line_with_a_visible_character() {
    assert_eq!(with_name("Ada\r\nLovelace"), Ok("Ada Lovelace".to_owned()));
    assert_eq!(with_name("Ada\u{202e}"), Ok("Ada".to_owned()));
    assert_eq!(with_name("<b>Ada</b>"), Ok("<b>Ada</b>".to_owned()), "a name is text, and is escaped when rendered");
    assert_eq!(with_name("شیوا\u{200c}نام"), Ok("شیوا\u{200c}نام".to_owned()));
    for empty in ["", " ", "\u{200b}\u{200d}", "\u{3164}", "\u{2800} \u{ad}", "\u{feff}"] {
        assert_eq!(with_name(empty), Ok(String::new()), "{empty:?}");
    }
    assert_eq!(with_name(&"字".repeat(limits::NAME_CHARS)), Ok("字".repeat(limits::NAME_CHARS)));
    assert_eq!(with_name(&"字".repeat(limits::NAME_CHARS + 1)), Err(Refusal::NameTooLong));
}

#[test]
fn texts_need_a_visible_character_and_have_a_maximum_length() {
    for empty in [
        "",
        "\n\n",
        "\u{a0}\u{3000}",
        "\u{200b}\u{200c}\u{200d}\u{2060}",
        "\u{ad}",
        "\u{fe0f}",
        "\u{e0041}",
        "\u{1d159}",
    ] {
        assert_eq!(with_text(empty), Err(Refusal::TextEmpty), "{empty:?}");
    }
    for full in ["a", ".", "+1", "👍", "❤\u{fe0f}", "\u{200f}א", "ก", "\u{301}", "¶"] {
        assert_eq!(with_text(full), Ok(full.to_owned()));
    }
    assert_eq!(with_text(&"a".repeat(limits::TEXT_BYTES)).map(|text| text.len()), Ok(limits::TEXT_BYTES));
    assert_eq!(with_text(&"é".repeat(limits::TEXT_BYTES / 2 + 1)), Err(Refusal::TextTooLong));
    let lines = "a\r\n".repeat(limits::TEXT_BYTES / 2);
    assert_eq!(
        with_text(&lines).map(|text| text.len()),
        Ok(limits::TEXT_BYTES - 1),
        "each line end of a form counts once"
    );
}

#[test]
fn titles_are_truncated_and_never_refused() {
    let title = |title: &str| with(|new| new.title = Some(title.to_owned())).unwrap().title;
    assert_eq!(title("A\u{202e}\n post "), "A post");
    assert_eq!(title("\u{200b}"), "");
    assert_eq!(title(&"é".repeat(limits::TITLE_CHARS + 7)), "é".repeat(limits::TITLE_CHARS));
    assert_eq!(title(&format!("{} b", "a".repeat(limits::TITLE_CHARS - 1))), "a".repeat(limits::TITLE_CHARS - 1));
    let flag = "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
    assert_eq!(
        title(&format!("{}{flag}", "a".repeat(limits::TITLE_CHARS - 3))),
        format!("{}🏴", "a".repeat(limits::TITLE_CHARS - 3))
    );
}

#[test]
fn typing_errors_in_email_addresses_are_refused() {
    for none in ["", "  ", "\u{200b}"] {
        assert_eq!(with_email(none), Ok(None), "{none:?}");
    }
    let long = format!("{}@example.org", "a".repeat(limits::EMAIL_BYTES - 12));
    for email in [
        "ada@example.org",
        "ada+blog@mail.example.org",
        "o'hara@example.org",
        "a_b-c!#$%&/=?^`{|}~.d@x-y.example",
        "用户@例子.测试",
        "ada@xn--bcher-kva.example",
        "Ada@Example.ORG",
        "1@2.de",
        &long,
    ] {
        assert_eq!(with_email(email), Ok(Some(email.to_owned())));
    }
    assert_eq!(with_email("\u{feff} ada@example.org\u{200b}\n"), Ok(Some("ada@example.org".to_owned())));
    for slip in [
        "ada",
        "@",
        "ada@",
        "@example.org",
        "ada@example",
        "ada.example.org",
        "ada@example.",
        "ada@.example.org",
        "ada@example..org",
        "ada@example.org.",
        "ada@example,org",
        "ada@@example.org",
        "ada@home@example.org",
        "ada @example.org",
        "ada@exam ple.org",
        "ada@exam\u{200b}ple.org",
        "ada@example.org, bob@example.org",
        "ada@example.org;bob@example.org",
        "ada@example.org\r\nBcc: bob@example.org",
        "Ada <ada@example.org>",
        "<ada@example.org>",
        "mailto:ada@example.org",
        "\"ada\"@example.org",
        "ada@[127.0.0.1]",
        "ada@example.org/",
        "ada@exam_ple.org",
        "ada\\@example.org",
        "*@example.org",
        "a*da@example.org",
        &format!("a{long}"),
    ] {
        assert_eq!(with_email(slip), Err(Refusal::BadEmail), "{slip:?}");
    }
}

#[test]
fn websites_are_http_urls() {
    for none in ["", " \n", "\u{200b}"] {
        assert_eq!(website(none), Ok(None), "{none:?}");
    }
    for (typed, expected) in [
        ("https://ada.example", "https://ada.example/"),
        (" http://Ada.Example/Me ", "http://ada.example/Me"),
        ("HTTPS://ada.example/", "https://ada.example/"),
        ("ada.example", "https://ada.example/"),
        ("ada.example/me?a=b#c", "https://ada.example/me?a=b#c"),
        ("ada.example?a=b", "https://ada.example/?a=b"),
        ("ada.example#me", "https://ada.example/#me"),
        ("ada.example:8080/me", "https://ada.example:8080/me"),
        ("ada.example/?next=https://bob.example", "https://ada.example/?next=https://bob.example"),
        ("bücher.example", "https://xn--bcher-kva.example/"),
        ("https://مثال.إختبار/صفحه", "https://xn--mgbh0fb.xn--kgbechtv/%D8%B5%D9%81%D8%AD%D9%87"),
        ("https://ada.example/a b\"<c>", "https://ada.example/a%20b%22%3Cc%3E"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
        ("http://192.0.2.7/", "http://192.0.2.7/"),
        ("\u{feff}https://ada.example\u{200b}", "https://ada.example/"),
    ] {
        assert_eq!(website(typed), Ok(Some(expected.to_owned())), "{typed:?}");
    }
}

#[test]
fn everything_else_is_refused_as_a_website() {
    for bad in [
        "ada",
        "my website",
        "https://",
        "https:///",
        "http://.",
        "//ada.example",
        "/ada.example",
        "ada@example.org",
        "mailto:ada@example.org",
        "https://ada@example.org",
        "https://ada:secret@example.org",
        "https://:secret@example.org",
        "javascript:alert(1)",
        "JavaScript:alert(1)//ada.example",
        "java\nscript:alert(1)",
        "javascript.example:alert(1)",
        "javascript://ada.example/%0aalert(1)",
        " \u{1}javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "blob:https://ada.example/1",
        "file:///etc/passwd",
        "ftp://ada.example",
        "about:blank",
        "ada.example://x",
        "https://ada example/",
        "https://ada.example:port",
        "https://\"onmouseover=alert(1)\".example",
        "https://'.example",
        "https://ada..example",
        "https://1.2.3.256",
        "http://[::1",
    ] {
        assert_eq!(website(bad), Err(Refusal::BadWebsite), "{bad:?}");
    }
}

#[test]
fn the_length_of_a_website_is_limited_as_typed_and_as_stored() {
    let of_length = |length: usize| format!("https://ada.example/{}", "a".repeat(length - 20));
    assert_eq!(website(&of_length(limits::WEBSITE_BYTES)), Ok(Some(of_length(limits::WEBSITE_BYTES))));
    assert_eq!(website(&of_length(limits::WEBSITE_BYTES + 1)), Err(Refusal::BadWebsite));
    assert_eq!(website(&format!("https://ada.example/{}", "é".repeat(100))), Err(Refusal::BadWebsite), "as stored");
    assert_eq!(website(&"a.".repeat(30_000)), Err(Refusal::BadWebsite));
}

#[test]
fn a_repeated_submission_has_the_same_digest() {
    let first = comment().validate(&sites()).unwrap();
    let again = with(|new| {
        new.id = "11111111-2222-4333-8444-555555555555".to_owned();
        new.url = "http://localhost:1313/post/index.html#x".to_owned();
        new.title = Some("Another title".to_owned());
        new.proof = Some("another".to_owned());
        new.text = "Well said.\r\n".to_owned();
    });
    assert_eq!(first.digest(), again.unwrap().digest());
}

#[test]
fn different_content_has_a_different_digest() {
    let some = |text: &str| Some(text.to_owned());
    let others: Vec<Submission> = vec![
        with(|_| ()).unwrap(),
        with(|new| new.url = "https://blog.example/post2".to_owned()).unwrap(),
        with(|new| new.parent = Some(CommentId::new(1))).unwrap(),
        with(|new| new.parent = Some(CommentId::new(12))).unwrap(),
        with(|new| new.name = some("1")).unwrap(),
        with(|new| new.name = some("ada@example.org")).unwrap(),
        with(|new| new.email = some("ada@example.org")).unwrap(),
        with(|new| new.name = some("https://ada.example/")).unwrap(),
        with(|new| new.website = some("https://ada.example/")).unwrap(),
        with(|new| (new.name, new.text) = (some("Well"), "said.".to_owned())).unwrap(),
        with(|new| (new.name, new.text) = (some("Wel"), "lsaid.".to_owned())).unwrap(),
        with(|new| new.text = "Well said!".to_owned()).unwrap(),
    ];
    let digests: std::collections::BTreeSet<[u8; 32]> = others.iter().map(Submission::digest).collect();
    assert_eq!(digests.len(), others.len());
}

proptest! {
    #[test]
    fn accepted_comments_are_within_the_limits(
        (title, name, email, website, text) in any::<(String, String, String, String, String)>(),
    ) {
        let new = NewComment { title: Some(title), name: Some(name), text, ..comment() };
        if let Ok(taken) = new.validate(&sites()) {
            prop_assert!(taken.title.chars().count() <= limits::TITLE_CHARS);
            prop_assert!(taken.name.chars().count() <= limits::NAME_CHARS);
            prop_assert!(!taken.text.trim().is_empty() && taken.text.len() <= limits::TEXT_BYTES);
        }
        if let Ok(Some(email)) = with_email(&email) {
            prop_assert!(email.len() <= limits::EMAIL_BYTES && email.matches('@').count() == 1);
        }
        if let Ok(Some(website)) = Website::from_input(&website) {
            prop_assert!(website.as_str().starts_with("http"));
        }
    }

    #[test]
    fn accepted_websites_are_normalized_http_urls(typed in "(https?:(//)?)?([a-zé0-9.@:-]{1,9}\\.){0,2}[a-z]{1,4}[/:?#%'\"<a-z\u{202e}]{0,9}") {
        if let Ok(Some(website)) = Website::from_input(&typed) {
            prop_assert!(website.as_str().starts_with("http://") || website.as_str().starts_with("https://"));
            prop_assert!(website.as_str().is_ascii() && website.as_str().len() <= limits::WEBSITE_BYTES);
            prop_assert!(!website.as_str().contains(['"', '<', '>', ' ']));
            prop_assert_eq!(Website::from_input(website.as_str()), Ok(Some(website)));
        }
    }
}
