//! Data that is left on disk after an erasure and after a lifted ban: in the databases of the objects, in KV, and in an export.

use std::path::PathBuf;

use afterword_model::{NewComment, PostedComment};
use afterword_tests::{Request, Server, export, new_comment, post_url, wait_for_thread, wait_until};
use serde_json::{Value, json};

use crate::state_files::files_with;

/// Calls the admin API, which must succeed.
#[track_caller]
fn call_admin(server: &Server, path: &str, body: &Value) -> Value {
    let request = Request::as_moderator("POST", &format!("/admin/api/{path}"));
    let response = request.header("Content-Type", "application/json").body(body.to_string()).send(server);
    assert_eq!(response.status, 200, "{path}: {}", response.text());
    response.json()
}

/// A comment that has a word in every field.
fn planted(url: &str, word: &str, text: &str) -> NewComment {
    NewComment {
        title: Some(format!("Title {word}")),
        name: Some(format!("Name {word}")),
        email: Some(format!("{word}@mail.example")),
        website: Some(format!("https://{word}.example/")),
        ..new_comment(url, text)
    }
}

#[test]
fn nothing_is_left_of_erased_comments_and_lifted_bans() {
    let url = post_url("erased_data");
    let server = Server::with_moderation("http-erased-data", "open");
    let post = |new: &NewComment| -> PostedComment {
        let response = Request::post_comment(new).send(&server);
        assert_eq!(response.status, 201, "{response:?}");
        response.json()
    };
    // SQLite leaves a copy of the first page of a table when the table outgrows it, so that page is filled by others.
    for number in 0..12 {
        post(&new_comment(&url, &"Something else. ".repeat(20 + number)));
    }
    let short = post(&planted(&url, "plantedshort", "It says plantedshort.")).comment.id;
    post(&planted(&url, "plantedkept", "It says plantedkept."));
    let long = post(&planted(&url, "plantedlong", &"It says plantedlong. ".repeat(40))).comment.id;
    wait_for_thread(&server, &url, 15);

    let by_pattern = json!({"kind": "name", "pattern": "*plantedban*"});
    let by_comment = json!({"kind": "email", "comment": short});
    let bans: Vec<Value> = [by_pattern, by_comment].iter().map(|ban| call_admin(&server, "bans", ban)).collect();
    for id in [short, long] {
        call_admin(&server, &format!("comments/{id}/erase"), &json!({}));
    }
    for ban in bans[1]["bans"].as_array().unwrap() {
        call_admin(&server, "bans/lift", &json!({"ban": ban["id"]}));
    }
    wait_until("the thread without the erased comments", || {
        let response = Request::get("/v1/thread").query(&[("url", &url)]).send(&server);
        let text = response.text();
        (!text.contains("plantedshort") && !text.contains("plantedlong")).then_some(())
    });
    wait_until("the latest comments without them", || {
        let response =
            Request::get("/v1/latest").query(&[("site", "https://blog.example"), ("count", "20")]).send(&server);
        let text = response.text();
        (!text.contains("plantedshort") && !text.contains("plantedlong")).then_some(())
    });
    let exported = export(&server);
    let state = server.state().to_owned();
    drop(server.kill());
    for word in ["plantedshort", "plantedlong", "plantedban"] {
        assert_eq!(files_with(&state, word), Vec::<PathBuf>::new(), "{word}");
        assert!(!exported.contains(word), "{word}");
    }
    let kept = files_with(&state, "plantedkept");
    assert!(kept.len() >= 2, "in the ledger and in KV: {kept:?}");
    assert!(exported.contains("plantedkept"));
}
