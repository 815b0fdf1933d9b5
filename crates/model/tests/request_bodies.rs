//! Parsing of request bodies.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod invariants;

use afterword_model::body::{
    EditBody, PlainForm, PreviewBody, ReactionBody, ReportBody, VoteBody, parse_comment, parse_object,
};
use afterword_model::{CommentId, NewComment, Refusal, ReportReason, Vote};
use proptest::prelude::*;

#[test]
fn a_comment_body_is_one_utf_8_json_object() {
    for good in [
        r#"{"id":"a","url":"b","text":"c"}"#,
        " \n\t{\"text\":\"c\",\"id\":\"a\",\"url\":\"b\",\"parent\":null} \r\n",
        r#"{"id":"a","url":"b","text":"\u0063","proof":null,"subject":null}"#,
    ] {
        let new = parse_comment(good.as_bytes()).unwrap();
        assert_eq!((new.id.as_str(), new.url.as_str(), new.text.as_str()), ("a", "b", "c"), "{good}");
    }
    let deep = format!("{{\"id\":{}", "[".repeat(60_000));
    let bad: [&[u8]; 10] = [
        b"",
        b" ",
        b"null",
        br#"["a","b",null,null,null,null,null,"c",null,null]"#,
        br#"[{"id":"a","url":"b","text":"c"}]"#,
        b"\xef\xbb\xbf{\"id\":\"a\",\"url\":\"b\",\"text\":\"c\"}",
        b"{\"id\":\"a\",\"url\":\"b\",\"text\":\"\xff\"}",
        b"{\"id\":\"a\",\"url\":\"b\",\"text\":\"\xed\xa0\x80\"}",
        br#"{"id":"a","url":"b","text":"c"}{}"#,
        deep.as_bytes(),
    ];
    for bad in bad {
        assert_eq!(parse_comment(bad), Err(Refusal::BadJson), "{}", String::from_utf8_lossy(bad));
    }
}

#[test]
fn a_preview_body_is_an_object_with_a_text() {
    let parse_preview = |body: &[u8]| parse_object(body).map(|PreviewBody { text }| text);
    assert_eq!(parse_preview(b" {\"text\":\"a\\nb\"} ").as_deref(), Ok("a\nb"));
    for bad in
        ["", "null", "\"x\"", "[\"x\"]", "{}", r#"{"text":null}"#, r#"{"text":"x","url":"y"}"#, r#"{"text":"x"}{}"#]
    {
        assert_eq!(parse_preview(bad.as_bytes()), Err(Refusal::BadJson), "{bad}");
    }
    assert_eq!(parse_preview(b"{\"text\":\"\xff\"}"), Err(Refusal::BadJson));
}

#[test]
fn the_button_that_sent_a_form_is_known() {
    assert!(!PlainForm::parse(b"text=x").preview);
    assert!(PlainForm::parse(b"text=x&preview=1").preview && PlainForm::parse(b"preview=&text=x").preview);
}

#[test]
fn forms_are_parsed_as_browsers_encode_them() {
    let body = b"id=a&url=https%3A%2F%2Fblog.example%2F&title=A+B&parent=7&name=&email=e&website=w&text=x%0D%0Ay&subject=s&lang=de&token=t&utf8=%E2%9C%93";
    let form = PlainForm::parse(body);
    let some = |text: &str| Some(text.to_owned());
    let new = NewComment {
        id: "a".to_owned(),
        url: "https://blog.example/".to_owned(),
        title: some("A B"),
        name: some(""),
        email: some("e"),
        website: some("w"),
        text: "x\r\ny".to_owned(),
        subject: some("s"),
        ..NewComment::default()
    };
    let expected = PlainForm {
        comment: new,
        parent: "7".to_owned(),
        lang: "de".to_owned(),
        token: "t".to_owned(),
        preview: false,
    };
    assert_eq!(form, expected);
    assert_eq!(form.parent(), Ok(Some(CommentId::new(7))));
    // The name of the button that was pressed.
    assert!(PlainForm::parse(&[body.as_slice(), b"&preview=1"].concat()).preview);
}

#[test]
fn any_bytes_parse_as_a_form() {
    assert_eq!(PlainForm::parse(b""), PlainForm::default());
    let form = PlainForm::parse(b"text=a&&=&text=caf%E9%zz+%ED%A0%80&text&proof=p&parent=%20-3 &\xff=\xff");
    assert_eq!(
        (form.comment.text.as_str(), form.comment.proof.as_ref()),
        ("", None),
        "the last one counts, even without a value"
    );
    assert_eq!(form.parent(), Ok(Some(CommentId::new(-3))));
    for (parent, expected) in [
        ("", Ok(None)),
        ("  ", Ok(None)),
        ("1.0", Err(Refusal::UnknownParent)),
        ("x", Err(Refusal::UnknownParent)),
        ("9223372036854775808", Err(Refusal::UnknownParent)),
    ] {
        let form = PlainForm { parent: parent.to_owned(), ..PlainForm::default() };
        assert_eq!(form.parent(), expected, "{parent}");
    }
}

proptest! {
    #[test]
    fn any_bytes_satisfy_the_invariants(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        invariants::check(&bytes);
    }

    #[test]
    fn any_fields_satisfy_the_invariants(text in "\\PC{0,40}", name in "\\PC{0,100}", website in "[a-z.:/@%]{0,30}") {
        let new = NewComment {
            url: "https://blog.example/x".to_owned(),
            text,
            name: Some(name),
            website: Some(website),
            ..NewComment::default()
        };
        invariants::check(&serde_json::to_vec(&new).unwrap());
    }
}

#[test]
fn bodies_of_interactions_are_objects_with_exactly_their_fields() {
    assert_eq!(parse_object::<VoteBody>(br#" {"vote": -1} "#), Ok(VoteBody { vote: Vote::Against }));
    assert_eq!(parse_object::<ReactionBody>(br#"{"reaction": null}"#), Ok(ReactionBody { reaction: None }));
    let edit = EditBody { id: "a".to_owned(), text: "b".to_owned() };
    assert_eq!(parse_object::<EditBody>(br#"{"text":"b","id":"a"}"#), Ok(edit));
    for bad in [
        "",
        "[1]",
        "{}",
        r#"{"vote":2}"#,
        r#"{"vote":"1"}"#,
        r#"{"vote":1.0}"#,
        r#"{"vote":null}"#,
        r#"{"vote":1,"x":1}"#,
    ] {
        assert_eq!(parse_object::<VoteBody>(bad.as_bytes()), Err(Refusal::BadJson), "{bad}");
    }
    for bad in [
        "{}",
        "null",
        r#"["👍"]"#,
        r#"{"reaction":7}"#,
        r#"{"reaction":null,"reaction":null}"#,
        r#"{"reactions":null}"#,
    ] {
        assert_eq!(parse_object::<ReactionBody>(bad.as_bytes()), Err(Refusal::BadJson), "{bad}");
    }
    for bad in [r#"{"text":"b"}"#, r#"{"id":"a"}"#, r#"{"id":"a","text":"b","name":"c"}"#] {
        assert_eq!(parse_object::<EditBody>(bad.as_bytes()), Err(Refusal::BadJson), "{bad}");
    }
}

#[test]
fn texts_of_reports_are_cleaned_and_bounded() {
    let report = |text: &str| {
        let body = serde_json::json!({"reason": "off_topic", "text": text}).to_string();
        parse_object::<ReportBody>(body.as_bytes()).unwrap().clean_text()
    };
    assert_eq!(report(" why\u{202e} \r\n"), Ok(Some(" why".to_owned())));
    assert_eq!(report(&"é".repeat(500)).unwrap().unwrap().chars().count(), 500);
    for blank in ["", " \n", "\u{200b}"] {
        assert_eq!(report(blank), Ok(None), "{blank:?}");
    }
    assert_eq!(report(&"é".repeat(501)), Err(Refusal::TextTooLong));
    assert_eq!(report("a\0b"), Err(Refusal::BadCharacter));
    for reason in ReportReason::ALL {
        let body = format!(r#"{{"reason":"{}"}}"#, reason.as_str());
        assert_eq!(parse_object::<ReportBody>(body.as_bytes()), Ok(ReportBody { reason: *reason, text: None }));
    }
    for bad in [r#"{"reason":"Spam"}"#, r#"{"reason":""}"#, r#"{"text":"x"}"#, r#"{"reason":"spam","text":7}"#] {
        assert_eq!(parse_object::<ReportBody>(bad.as_bytes()), Err(Refusal::BadJson), "{bad}");
    }
}
