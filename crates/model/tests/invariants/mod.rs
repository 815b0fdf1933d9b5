//! Invariants of request bodies, for arbitrary bytes.

use std::sync::LazyLock;

use afterword_model::body::{self, PlainForm};
use afterword_model::{NewComment, Refusal, Sites, limits};

static SITES: LazyLock<Sites> =
    LazyLock::new(|| Sites::parse("https://blog.example=localhost https://other.example:8443").unwrap());

/// Checks that the bytes are a comment within the limits, or are refused for the right reason.
pub(crate) fn check(bytes: &[u8]) {
    match body::parse_comment(bytes) {
        Ok(new) => {
            let again = serde_json::to_vec(&new).unwrap();
            assert_eq!(body::parse_comment(&again).as_ref(), Ok(&new), "the JSON round-trips");
            check_validation(new);
        }
        Err(refusal) => assert_eq!(refusal, Refusal::BadJson),
    }
    let form = PlainForm::parse(bytes);
    let parent = form.parent();
    assert!(matches!(parent, Ok(_) | Err(Refusal::UnknownParent)), "{parent:?}");
    check_validation(NewComment { parent: parent.ok().flatten(), ..form.comment });
}

fn check_validation(new: NewComment) {
    let whole = NewComment { id: "00000000-0000-0000-0000-000000000000".to_owned(), ..new.clone() };
    for new in [new, whole] {
        let (parent, nul) = (new.parent, format!("{new:?}").contains("\\0"));
        match new.validate(&SITES) {
            Ok(submission) => {
                assert_eq!(submission.parent, parent);
                assert!(!submission.text.trim().is_empty() && submission.text.len() <= limits::TEXT_BYTES);
                assert!(submission.name.chars().count() <= limits::NAME_CHARS && !submission.name.contains('\n'));
                assert!(submission.title.chars().count() <= limits::TITLE_CHARS && !submission.title.contains('\n'));
                assert!(submission.email.is_none_or(|email| email.len() <= limits::EMAIL_BYTES && email.contains('@')));
                let website = submission.website.as_ref().map_or("https://", |website| website.as_str());
                assert!(website.len() <= limits::WEBSITE_BYTES && website.starts_with("http"), "{website}");
                assert!(SITES.iter().any(|site| *site.origin() == submission.post.site));
            }
            Err(refusal) => {
                assert!((400..500).contains(&refusal.status()), "{refusal:?}");
                // A backslash in front of a zero looks the same as NUL in debug output.
                assert!(refusal != Refusal::BadCharacter || nul);
            }
        }
    }
}
