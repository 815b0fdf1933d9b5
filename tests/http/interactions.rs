//! Calls with which readers edit, delete, restore, vote, react and report.

use std::path::{Path, PathBuf};
use std::time::Duration;

use afterword_model::{
    CommentFate, CommentId, CommentSource, DeletedComment, FateReply, NewComment, PostedComment, ReactionReply,
    Refusal, Status, Thread, Vote, VoteReply,
};
use afterword_tests::{
    FaultInjector, Request, Response, Server, Setting, export, new_comment, post_url, usage, wait_for_thread,
    wait_until, wait_until_within,
};
use serde_json::{Value, json};

use crate::backup_command::temp_dir;
use crate::state_files::{files, files_with};

use crate::OPEN;

const ADA: &str = "Bearer interactions-ada-abcdefghij";
const BOB: &str = "Bearer interactions-bob-abcdefghij";

/// A call of a reader about a post.
fn call(method: &'static str, path: &str, url: &str, key: &str) -> Request {
    Request::new(method, path).query(&[("url", url)]).header("Authorization", key)
}

/// A call about a comment. `action` is empty or begins with a slash.
fn on_comment(method: &'static str, comment: CommentId, action: &str, url: &str, key: &str) -> Request {
    call(method, &format!("/v1/comments/{comment}{action}"), url, key)
}

fn with_json(request: Request, body: &Value) -> Request {
    request.header("Content-Type", "application/json").body(body.to_string())
}

fn edit(comment: CommentId, url: &str, key: &str, text: &str) -> Request {
    let body = json!({"id": uuid::Uuid::new_v4().to_string(), "text": text});
    with_json(on_comment("PATCH", comment, "", url, key), &body)
}

#[track_caller]
fn post(server: &Server, new: &NewComment, key: &str) -> PostedComment {
    let response = Request::post_comment(new).header("Authorization", key).send(server);
    assert_eq!(response.status, 201, "{response:?}");
    response.json()
}

#[track_caller]
fn ok(response: Response) -> Response {
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(usage(&response), [0, 1], "one request to the object, no read of KV");
    assert_eq!(response.header("cache-control").as_deref(), Some("no-store"));
    response
}

fn read(server: &Server, url: &str) -> Thread {
    Request::get("/v1/thread").query(&[("url", url)]).send(server).json()
}

fn fate(server: &Server, comment: CommentId, url: &str, key: &str) -> Vec<CommentFate> {
    let request = call("GET", "/v1/comments/status", url, key).query(&[("id", &comment.to_string())]);
    let reply: FateReply = ok(request.send(server)).json();
    reply.comments.iter().map(|comment| comment.status).collect()
}

#[test]
fn author_can_edit_delete_and_restore_a_comment() {
    let url = post_url("interactions_own");
    let posted = post(&OPEN, &new_comment(&url, "Frist *text*"), ADA);
    let id = posted.comment.id;
    let source: CommentSource = ok(on_comment("GET", id, "/source", &url, ADA).send(&OPEN)).json();
    assert_eq!((source.text.as_str(), source.edit_until), ("Frist *text*", posted.comment.created + 900));

    let request = edit(id, &url, ADA, "First *text*");
    let edited: PostedComment = ok(request.send(&OPEN)).json();
    assert_eq!((edited.status, edited.comment.html.as_str()), (Status::Published, "<p>First <em>text</em></p>"));
    assert_eq!((edited.comment.edited, edited.version > posted.version), (None, true), "a quick edit is not marked");
    assert_eq!(ok(request.send(&OPEN)).json::<PostedComment>(), edited, "a repeat has the same reply");
    wait_until("readers to see the edit", || (read(&OPEN, &url).comments == [edited.comment.clone()]).then_some(()));

    let deleted: DeletedComment = ok(on_comment("DELETE", id, "", &url, ADA).send(&OPEN)).json();
    assert_eq!(ok(on_comment("DELETE", id, "", &url, ADA).send(&OPEN)).json::<DeletedComment>(), deleted);
    assert!((590..=660).contains(&(deleted.restore_until - posted.comment.created)), "{deleted:?}");
    wait_for_thread(&OPEN, &url, 0);
    assert_eq!(fate(&OPEN, id, &url, ADA), [CommentFate::Deleted]);
    edit(id, &url, ADA, "Back").send(&OPEN).check_refusal(Refusal::UnknownComment);

    let restored: PostedComment = ok(on_comment("POST", id, "/restore", &url, ADA).send(&OPEN)).json();
    assert_eq!((restored.status, &restored.comment), (Status::Published, &edited.comment));
    assert!(restored.version > deleted.version);
    assert_eq!(wait_for_thread(&OPEN, &url, 1), [edited.comment]);
    assert_eq!(fate(&OPEN, id, &url, ADA), [CommentFate::Published]);
}

#[test]
fn nobody_can_touch_the_comment_of_another() {
    let url = post_url("interactions_others");
    let published = post(&OPEN, &new_comment(&url, "Hello"), ADA).comment.id;
    wait_for_thread(&OPEN, &url, 1);
    let unknown = CommentId::new(9_007_199_254_740_991);
    for id in [published, unknown] {
        for request in [
            on_comment("GET", id, "/source", &url, BOB),
            on_comment("DELETE", id, "", &url, BOB),
            on_comment("POST", id, "/restore", &url, BOB),
            edit(id, &url, BOB, "Mine"),
        ] {
            request.send(&OPEN).check_refusal(Refusal::NotYourComment);
        }
        assert_eq!(fate(&OPEN, id, &url, BOB), []);
    }
    // The right key does not reach it through another post.
    let other = post_url("interactions_elsewhere");
    on_comment("DELETE", published, "", &other, ADA).send(&OPEN).check_refusal(Refusal::NotYourComment);
    assert_eq!(read(&OPEN, &url).count, 1);
}

#[test]
fn edit_into_spam_is_held() {
    let url = post_url("interactions_spam");
    let server = Server::with_spam_checks("http-interactions-spam", &[("PROOF_BITS", "0")]);
    let id = post(&server, &new_comment(&url, "A fine post"), ADA).comment.id;
    wait_for_thread(&server, &url, 1);
    let links: String = (0..5).map(|number| format!("https://spam.example/{number} ")).collect();
    let held: PostedComment = ok(edit(id, &url, ADA, &links).send(&server)).json();
    assert_eq!(held.status, Status::Pending);
    wait_for_thread(&server, &url, 0);
    assert_eq!(fate(&server, id, &url, ADA), [CommentFate::Pending]);
    let listed = Request::as_moderator("GET", "/admin/api/comments").send(&server).json::<Value>();
    assert!(listed["comments"][0]["signals"].as_array().unwrap().contains(&json!("many_links:5")), "{listed}");
}

#[test]
fn held_comments_tell_their_fate_to_their_author() {
    let url = post_url("interactions_fate");
    let server = Server::with_moderation("http-interactions-fate", "all");
    let [one, two] = ["one", "two"].map(|text| post(&server, &new_comment(&url, text), ADA).comment.id);
    assert_eq!(fate(&server, one, &url, ADA), [CommentFate::Pending]);
    assert_eq!(fate(&server, one, &url, BOB), []);
    for (id, action) in [(one, "approve"), (two, "erase")] {
        let request = Request::as_moderator("POST", &format!("/admin/api/comments/{id}/{action}"));
        assert_eq!(request.send(&server).status, 200);
    }
    assert_eq!(fate(&server, one, &url, ADA), [CommentFate::Published]);
    assert_eq!(fate(&server, two, &url, ADA), [CommentFate::Rejected]);
    on_comment("POST", two, "/restore", &url, ADA).send(&server).check_refusal(Refusal::RestoreWindowOver);
}

#[test]
fn votes_are_states_and_cost_no_write_of_their_own() {
    let url = post_url("interactions_votes");
    let server = Server::start("http-interactions-votes", &open(&[("DOWNVOTES", "on"), ("EDIT_WINDOW", "30")]), &[]);
    let id = post(&server, &new_comment(&url, "Hello"), ADA).comment.id;
    wait_for_thread(&server, &url, 1);
    let writes = || FaultInjector::new(&server, "blog.example").write_counts().puts;
    let before = writes();
    let vote = |key: &str, vote: i8| with_json(on_comment("POST", id, "/vote", &url, key), &json!({"vote": vote}));
    let reply = |votes, vote| VoteReply { votes, vote };
    for number in 0..40 {
        let key = format!("Bearer interactions-voter-{number:010}");
        assert_eq!(ok(vote(&key, 1).send(&server)).json::<VoteReply>(), reply(number + 1, Vote::For));
        assert_eq!(ok(vote(&key, 1).send(&server)).json::<VoteReply>(), reply(number + 1, Vote::For));
    }
    assert_eq!(ok(vote(BOB, -1).send(&server)).json::<VoteReply>(), reply(39, Vote::Against));
    assert_eq!(ok(vote(BOB, 0).send(&server)).json::<VoteReply>(), reply(40, Vote::Neutral));
    vote(ADA, 1).send(&server).check_refusal(Refusal::OwnComment);
    assert_eq!(writes(), before, "nothing is written for votes alone");
    // The next comment takes them along.
    post(&server, &new_comment(&url, "Another"), BOB);
    wait_for_thread(&server, &url, 2);
    assert_eq!(read(&server, &url).comments[0].votes, 40);
    assert_eq!(writes(), before + 1);
    let thread = read(&server, &url);
    assert!(thread.downvotes && thread.edit_window == Some(1_800), "{thread:?}");
}

/// Settings of a server that publishes at once.
fn open<'a>(settings: &[Setting<'a>]) -> Vec<Setting<'a>> {
    let sites = ("SITES", "https://blog.example=localhost,127.0.0.1 https://other.example");
    let key = ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value");
    let secrets = ("ADMIN_SECRETS", "ada:a-secret-for-tests-that-guards-nothing");
    [&[sites, key, secrets, ("MODERATION", "open")], settings].concat()
}

#[test]
fn reactions_follow_the_settings_of_deployment_and_site() {
    let url = post_url("interactions_reactions");
    let server = Server::start("http-interactions-reactions", &open(&[("REACTIONS", "👍 🎉")]), &[]);
    let react = |key: &str, reaction: &Value| {
        with_json(call("POST", "/v1/reactions", &url, key), &json!({"reaction": reaction}))
    };
    let counts = |up: u32, party: u32| vec![("👍".to_owned(), up), ("🎉".to_owned(), party)];
    assert_eq!(read(&server, &url).reactions, counts(0, 0), "a post without comments offers them");
    let reply: ReactionReply = ok(react(ADA, &json!("👍")).send(&server)).json();
    assert_eq!((reply.reactions, reply.reaction.as_deref()), (counts(1, 0), Some("👍")));
    let reply: ReactionReply = ok(react(ADA, &json!("🎉")).send(&server)).json();
    assert_eq!(reply.reactions, counts(0, 1));
    react(ADA, &json!("❤️")).send(&server).check_refusal(Refusal::UnknownReaction);
    post(&server, &new_comment(&url, "Hello"), ADA);
    wait_for_thread(&server, &url, 1);
    assert_eq!(read(&server, &url).reactions, counts(0, 1));
    let reply: ReactionReply = ok(react(ADA, &Value::Null).send(&server)).json();
    assert_eq!((reply.reactions, reply.reaction), (counts(0, 0), None));
    // The site has its own setting.
    let set = |value: &Value| {
        let request = Request::as_moderator("POST", "/admin/api/settings").header("Content-Type", "application/json");
        request.body(json!({"reactions": value}).to_string()).send(&server)
    };
    assert_eq!(set(&json!("off")).json::<Value>()["reactions"], "off");
    set(&json!("like")).check_refusal(Refusal::BadJson);
    react(ADA, &json!("👍")).send(&server).check_refusal(Refusal::UnknownReaction);
    post(&server, &new_comment(&url, "Hello again"), ADA);
    wait_for_thread(&server, &url, 2);
    assert_eq!(read(&server, &url).reactions, []);
}

#[test]
fn reports_are_listed_for_moderators_only() {
    let url = post_url("interactions_reports");
    let server = Server::with_moderation("http-interactions-reports", "open");
    let id = post(&server, &new_comment(&url, "Buy pills"), ADA).comment.id;
    wait_for_thread(&server, &url, 1);
    let before = Request::get("/v1/thread").query(&[("url", &url)]).send(&server).text().to_owned();
    let report = |key: Option<&str>, body: &Value| {
        let request = with_json(on_comment("POST", id, "/report", &url, BOB), body);
        match key {
            Some(key) => request.header("Authorization", key),
            None => request.without_header("Authorization"),
        }
    };
    let spam = json!({"reason": "spam", "text": "It sells pills"});
    for key in [Some(BOB), Some(BOB), None, Some(ADA)] {
        // All from one network.
        assert_eq!(ok(report(key, &spam).send(&server)).json::<Value>(), json!({"reported": true}));
    }
    let listed = Request::as_moderator("GET", "/admin/api/comments").query(&[("status", "reported")]);
    let listed: Value = listed.send(&server).json();
    assert_eq!(listed["comments"][0]["id"], json!(id));
    let expected = json!({"count": 1, "reasons": {"spam": 1}, "texts": ["It sells pills"]});
    assert_eq!(listed["comments"][0]["reports"], expected);
    assert!(export(&server).contains(r#""reason":"spam","text":"It sells pills""#));
    assert_eq!(Request::get("/v1/thread").query(&[("url", &url)]).send(&server).text(), before);
}

#[test]
fn interactions_are_limited() {
    let url = post_url("interactions_limits");
    let server = Server::with_spam_checks("http-interactions-limits", &[("PROOF_BITS", "0")]);
    let id = post(&server, &new_comment(&url, "Hello"), ADA).comment.id;
    let delete = || on_comment("DELETE", id, "", &url, ADA).send(&server);
    let statuses: Vec<u16> = (0..12).map(|_| delete().status).collect();
    assert_eq!(statuses, [[200; 10].as_slice(), &[429; 2]].concat(), "ten a minute");
    let refused = delete();
    refused.check_refusal(Refusal::TooMany);
    assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() > 5);
}

/// Returns true if no database below a folder has the word. A copy is searched, because the write-ahead log of a running server has old text too.
fn database_without(folder: &Path, word: &str) -> bool {
    let copy = temp_dir();
    let is_database =
        |file: &PathBuf| file.extension().is_some_and(|extension| extension == "sqlite" || extension == "sqlite-wal");
    let copied = files(folder)
        .into_iter()
        .filter(is_database)
        .all(|file| std::fs::copy(&file, copy.path().join(file.file_name().unwrap_or_default())).is_ok());
    copied && files_with(copy.path(), word).is_empty()
}

/// The alarm of the instance that deleted the comment is lost with it. The next one wipes the text all the same.
#[test]
fn deleted_text_is_wiped_after_the_delay_despite_a_kill() {
    const DELAY: &str = "6";
    let url = post_url("interactions_wipe");
    let server = Server::start("http-interactions-wipe", &open(&[("TEST_WIPE_DELAY", DELAY)]), &[]);
    for number in 0..12 {
        // SQLite leaves a copy of the first page of a table when the table outgrows it, so that page is filled by others.
        post(&server, &new_comment(&url, &"Something else. ".repeat(20 + number)), BOB);
    }
    let planted = NewComment {
        name: Some("Name plantedgone".to_owned()),
        email: Some("plantedgone@mail.example".to_owned()),
        title: Some("Title plantedgone".to_owned()),
        ..new_comment(&url, "It says plantedgone.")
    };
    let id = post(&server, &planted, ADA).comment.id;
    post(
        &server,
        &NewComment { name: Some("plantedkept".to_owned()), ..new_comment(&url, "It says plantedkept.") },
        ADA,
    );
    wait_for_thread(&server, &url, 14);
    let edited = edit(id, &url, ADA, "It says plantededit and plantedgone.");
    assert_eq!(edited.send(&server).status, 200);
    assert_eq!(on_comment("DELETE", id, "", &url, ADA).send(&server).status, 200);
    wait_for_thread(&server, &url, 13);
    assert!(!export(&server).contains("plantedgone"), "an export never has it");
    let state = server.state().to_owned();
    let server = server.kill_and_restart();
    wait_until_within(Duration::from_secs(90), "the time for restoring to be over", || {
        let response = on_comment("POST", id, "/restore", &url, ADA).send(&server);
        match response.status {
            // It came in time: the comment is deleted once more.
            200 => {
                on_comment("DELETE", id, "", &url, ADA).send(&server);
                std::thread::sleep(Duration::from_secs(8));
                None
            }
            _ => {
                response.check_refusal(Refusal::RestoreWindowOver);
                Some(())
            }
        }
    });
    // The alarm wipes it at most half a minute after the delay.
    wait_until_within(Duration::from_secs(90), "the text to be wiped", || {
        let listed = Request::as_moderator("GET", "/admin/api/comments").query(&[("status", "erased")]).send(&server);
        assert!(!listed.text().contains("planted"), "{}", listed.text());
        std::thread::sleep(Duration::from_secs(2));
        database_without(&state, "plantededit ").then_some(())
    });
    // After a kill, what was being written may still arrive, so the list is written again only after that time.
    wait_until_within(Duration::from_secs(90), "the latest comments without it", || {
        let latest = Request::get("/v1/latest").query(&[("site", "https://blog.example"), ("count", "20")]);
        (!latest.send(&server).text().contains("plantedgone")).then_some(())
    });
    drop(server.kill());
    for word in ["plantedgone", "plantededit"] {
        assert_eq!(files_with(&state, word), Vec::<PathBuf>::new(), "{word}");
    }
    assert!(files_with(&state, "plantedkept").len() >= 2, "in the ledger and in KV");
}
