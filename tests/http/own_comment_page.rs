//! The pages of a comment for readers without JavaScript: its author's, and that of a report.

use afterword_model::{Comment, PostedComment};
use afterword_tests::{Request, Response, hidden_field, new_comment, post_url, wait_for_thread, wait_until};
use serde_json::Value;

use crate::OPEN;

/// The page to which a plain form with this text leads.
fn post(url: &str, id: Option<&str>, text: &str) -> String {
    let page = Request::get("/thread").query(&[("url", url)]).send(&OPEN);
    let own_id = hidden_field(page.text(), "id");
    let fields = [("id", id.unwrap_or(&own_id)), ("url", url), ("lang", "en"), ("name", "Ada"), ("text", text)];
    let response = Request::post_form("/thread", &fields).header("Origin", OPEN.origin()).send(&OPEN);
    assert_eq!(response.status, 303, "{response:?}");
    response.header("location").unwrap()
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let query = location.split_once('?')?.1.split('#').next()?;
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A comment of a plain form, with the token of its author.
struct Own {
    url: String,
    id: String,
    token: String,
}

impl Own {
    fn post(name: &str, text: &str) -> Self {
        let url = post_url(name);
        let location = post(&url, None, text);
        let of = |name| parameter(&location, name).unwrap_or_else(|| panic!("{name}: {location}"));
        Self { id: of("own"), token: of("token"), url }
    }

    fn page(&self) -> Response {
        let query = [("url", self.url.as_str()), ("id", &self.id), ("token", &self.token), ("lang", "en")];
        Request::get("/thread/comment").query(&query).send(&OPEN)
    }

    /// Presses a button of the page.
    fn press(&self, button: &str, text: &str) -> Response {
        let page = self.page();
        let edit =
            if page.text().contains("name=\"edit\"") { hidden_field(page.text(), "edit") } else { String::new() };
        let fields = [
            ("url", self.url.as_str()),
            ("id", &self.id),
            ("token", &self.token),
            ("lang", "en"),
            ("edit", &edit),
            ("text", text),
            ("do", button),
        ];
        let response = Request::post_form("/thread/comment", &fields).header("Origin", OPEN.origin()).send(&OPEN);
        match response.header("location") {
            Some(location) if response.status == 303 => {
                Request::get(location.trim_start_matches(&OPEN.origin()).split('#').next().unwrap()).send(&OPEN)
            }
            _ => response,
        }
    }

    fn wait_for_comment(&self, is_there: impl Fn(&Comment) -> bool) {
        wait_until("the comment", || {
            let thread = wait_for_thread(&OPEN, &self.url, 1);
            thread.into_iter().find(|comment| comment.id.to_string() == self.id && is_there(comment))
        });
    }
}

#[test]
fn author_without_javascript_edits_deletes_and_restores() {
    let own = Own::post("own_page", "First *text*");
    own.wait_for_comment(|comment| comment.html.as_str().contains("First <em>text</em>"));
    let page = own.page();
    assert_eq!(page.status, 200);
    assert!(page.text().contains("First *text*</textarea>"), "the source is there to be changed: {}", page.text());

    let preview = own.press("preview", "Second **text**");
    assert_eq!(preview.status, 200);
    assert!(preview.text().contains("Second <strong>text</strong>") && preview.text().contains("Second **text**"));
    let saved = own.press("save", "Second **text**");
    assert!(saved.text().contains("Changes saved."), "{}", saved.text());
    own.wait_for_comment(|comment| comment.html.as_str().contains("Second <strong>text</strong>"));

    let deleted = own.press("delete", "");
    assert!(deleted.text().contains("Your comment is deleted.") && deleted.text().contains("value=\"restore\""));
    wait_for_thread(&OPEN, &own.url, 0);
    assert!(own.page().text().contains("value=\"restore\""), "the link leads to the way back as long as there is one");
    let restored = own.press("restore", "");
    assert!(restored.text().contains("Comment restored."), "{}", restored.text());
    own.wait_for_comment(|comment| comment.html.as_str().contains("Second <strong>text</strong>"));
}

#[test]
fn an_edit_that_is_refused_keeps_the_text_beside_its_error() {
    let own = Own::post("own_refused", "Keep me");
    let refused = own.press("save", " \n ");
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("aria-invalid=\"true\"") && refused.text().contains("Please write something first.")
    );
    let long = "ä".repeat(5_000);
    let refused = own.press("save", &long);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains(&long) && refused.text().contains("904 characters too long"), "the text is kept");
    own.wait_for_comment(|comment| comment.html.as_str().contains("Keep me"));
}

#[test]
fn a_wrong_token_tells_and_changes_nothing() {
    let own = Own::post("own_wrong", "Mine");
    let other = Own::post("own_wrong_2", "Another's");
    for (url, id, token) in [
        (&own.url, &own.id, &other.token),
        (&own.url, &"999999".to_owned(), &own.token),
        (&other.url, &own.id, &own.token),
        (&own.url, &own.id, &"x".to_owned()),
        (&own.url, &own.id, &String::new()),
    ] {
        let wrong = Own { url: url.clone(), id: id.clone(), token: token.clone() };
        let pages =
            [wrong.page(), wrong.press("delete", ""), wrong.press("save", "Theirs"), wrong.press("restore", "")];
        for page in pages {
            assert_eq!(page.status, 403, "{page:?}");
            page.check_omits("Mine");
        }
    }
    own.wait_for_comment(|comment| comment.html.as_str().contains("Mine"));
}

#[test]
fn forms_of_other_websites_change_nothing() {
    let own = Own::post("own_foreign", "Mine");
    let fields = [("url", own.url.as_str()), ("id", &own.id), ("token", &own.token), ("do", "delete")];
    for origin in ["https://canary-7f3.example", "null"] {
        let response = Request::post_form("/thread/comment", &fields).header("Origin", origin).send(&OPEN);
        assert_eq!(response.status, 403, "{origin}");
    }
    own.wait_for_comment(|comment| comment.html.as_str().contains("Mine"));
}

/// Whoever sends the words of another reader within ten minutes sends a repeat: with the same form id, or with none.
#[test]
fn the_same_words_give_no_link_to_the_comment_of_another() {
    let url = post_url("own_same_words");
    let first = post(&url, Some(""), "The same words");
    let second = post(&url, Some(""), "The same words");
    for location in [first, second] {
        assert_eq!(parameter(&location, "token"), None, "{location}");
    }
    let tokens = [(); 2].map(|()| parameter(&post(&url, None, "The same words"), "token").unwrap());
    assert_ne!(tokens[0], tokens[1]);
    let twice = [(); 2].map(|()| parameter(&post(&url, Some("a form of one reader only"), "Once"), "token").unwrap());
    assert_eq!(twice[0], twice[1], "the second answer to one form has the link too");
}

#[test]
fn the_token_is_in_no_log_line_and_no_referer() {
    let own = Own::post("own_secret", "Mine");
    let query = [("url", own.url.as_str()), ("posted", "published"), ("own", &own.id), ("token", &own.token)];
    let thread = Request::get("/thread").query(&query).send(&OPEN);
    assert!(thread.text().contains("/thread/comment?url="), "the page has the link: {}", thread.text());
    for page in [thread, own.page(), own.press("save", " ")] {
        assert_eq!(page.header("referrer-policy").as_deref(), Some("same-origin"));
        assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));
        assert!(page.text().contains("noindex"), "{}", page.text());
    }
    assert!(!OPEN.log().contains(&own.token));
}

#[test]
fn reader_without_javascript_reports_a_comment() {
    let url = post_url("report_page");
    let posted: PostedComment = Request::post_comment(&new_comment(&url, "To be reported")).send(&OPEN).json();
    wait_for_thread(&OPEN, &url, 1);
    let id = posted.comment.id.to_string();
    let page = Request::get("/thread/report").query(&[("url", &url), ("id", &id)]).send(&OPEN);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("To be reported"), "{}", page.text());
    let send = |reason: &str, text: &str, origin: &str| {
        let fields = [("url", url.as_str()), ("id", &id), ("lang", "en"), ("reason", reason), ("text", text)];
        Request::post_form("/thread/report", &fields).header("Origin", origin).send(&OPEN)
    };
    let own = OPEN.origin();
    for nonsense in ["", "no such reason"] {
        assert_eq!(send(nonsense, "", &own).status, 400, "{nonsense}");
    }
    let long = "why </textarea> ".repeat(50);
    let refused = send("abuse", &long, &own);
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("value=\"abuse\" required checked") && refused.text().contains("why &lt;/textarea&gt;")
    );
    assert_eq!(send("spam", "", "https://canary-7f3.example").status, 403);
    let thanked = send("spam", "It sells pills.", &own);
    assert_eq!(thanked.status, 200, "{thanked:?}");
    assert!(thanked.text().contains("Thank you. Your report was sent."), "{}", thanked.text());
    let list: Value = Request::as_moderator("GET", "/admin/api/comments?status=reported").send(&OPEN).json();
    assert!(list.to_string().contains("It sells pills."), "{list}");
}

#[test]
fn an_absent_comment_cannot_be_reported() {
    let url = post_url("report_absent");
    for id in ["999999", "x", ""] {
        let page = Request::get("/thread/report").query(&[("url", &url), ("id", id)]).send(&OPEN);
        assert!((200..500).contains(&page.status) && !page.text().contains("<form"), "{id}: {}", page.text());
    }
}
