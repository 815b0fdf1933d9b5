//! The command `cargo xtask remap`, for posts that have moved.

use std::fs;
use std::time::Duration;

use afterword_model::{Comment, PostedComment};
use afterword_tests::{
    Kv, MODERATOR_SECRET, Request, Server, export, generate_export, import, new_comment, post_url, sleep, timed,
    wait_for_thread, wait_for_thread_within, wait_until_within,
};
use serde_json::Value;

use crate::backup_command::{path_str, run_xtask, temp_dir};

fn post(server: &Server, path: &str, text: &str) -> Comment {
    let response = Request::post_comment(&new_comment(&post_url(path), text)).send(server);
    assert_eq!(response.status, 201, "{response:?}");
    response.json::<PostedComment>().comment
}

/// Runs the command, which must succeed, and returns its stdout.
#[track_caller]
fn remap(server: &Server, arguments: &[&str]) -> String {
    let (success, stdout, stderr) =
        run_xtask(&[&["remap", "--at", &server.origin()], arguments].concat(), MODERATOR_SECRET);
    assert!(success, "{stdout}{stderr}");
    stdout
}

/// Checks that the command fails with these texts and changes nothing.
#[track_caller]
fn check_fails(server: &Server, arguments: &[&str], expected: &[&str]) {
    let before = export(server);
    let (success, stdout, stderr) =
        run_xtask(&[&["remap", "--at", &server.origin()], arguments].concat(), MODERATOR_SECRET);
    assert!(!success, "{stdout}{stderr}");
    expected.iter().for_each(|text| assert!(stderr.contains(text), "no `{text}` in {stderr}"));
    assert_eq!(export(server), before);
}

/// The rows of the printed table, with single spaces.
fn rows(stdout: &str) -> Vec<String> {
    let rows = stdout.lines().take_while(|line| !line.starts_with("would move"));
    rows.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Two columns in the form of a spreadsheet export. The second step of one post's move is a thousand lines below the
/// first.
fn long_list() -> Vec<String> {
    let first = ["\"Old URL\",\"New URL\"", "http://localhost:4000/2019/a,/between", ""].map(str::to_owned);
    let absent = (0..1_200).map(|number| format!("/2019/no-{number},/blog/no-{number}"));
    let last = [
        "https://blog.example/between,https://blog.example/blog/a?utm_source=list",
        "\"https://blog.example/2019/b,c?p=1\",\"/blog/b,c\"",
        "https://blog.example/2019/stays",
    ];
    first.into_iter().chain(absent).chain(last.map(str::to_owned)).collect()
}

#[test]
fn list_longer_than_one_request() {
    let (server, temp_dir) = (Server::with_moderation("http-remap-list", "open"), temp_dir());
    let a = post(&server, "2019/a", "moves in two hops");
    let existing = post(&server, "blog/a", "is there already");
    let b = post(&server, "2019/b,c?p=1", "moves");
    let file = temp_dir.path().join("moves.csv");
    fs::write(&file, format!("\u{feff}{}\r\n", long_list().join("\r\n"))).unwrap();
    let arguments = ["--site", "https://blog.example", "--list", path_str(&file)];

    let before = export(&server);
    let stdout = remap(&server, &arguments);
    let expected = [
        "left out, since they have no new address: 1 line",
        "comments what happens old address new address",
        "1 moves /2019/b,c?p=1 /blog/b,c",
        "1 joins the comments there /2019/a /blog/a",
    ];
    assert_eq!(rows(&stdout), expected, "{stdout}");
    assert!(stdout.contains("would move 2 posts with 2 comments\n"), "{stdout}");
    assert!(stdout.contains("without comments: 1201\n") && stdout.contains("--apply"), "{stdout}");
    assert_eq!(export(&server), before, "without --apply nothing changes");

    let stdout = remap(&server, &[&arguments[..], &["--apply"]].concat());
    assert!(stdout.contains("\nmoved 2 posts with 2 comments\n"), "{stdout}");
    assert_eq!(wait_for_thread(&server, &post_url("blog/a"), 2), [Comment { since: Some(3), ..a }, existing]);
    assert_eq!(wait_for_thread(&server, &post_url("blog/b,c"), 1), [b]);
    let after = export(&server);
    let stdout = remap(&server, &[&arguments[..], &["--apply"]].concat());
    assert!(stdout.contains("moved 0 posts") && stdout.contains("moved already: 2\n"), "{stdout}");
    assert_eq!(export(&server), after);
}

#[test]
fn conflict_far_down_the_list_is_found_before_sending() {
    let (server, temp_dir) = (Server::with_moderation("http-remap-circle", "open"), temp_dir());
    post(&server, "2019/a", "stays");
    let file = temp_dir.path().join("moves.csv");
    let arguments = ["--site", "https://blog.example", "--list", path_str(&file), "--apply"];
    let check = |line: &str, expected: &[&str]| {
        let lines = [long_list(), vec![line.to_owned()]].concat();
        fs::write(&file, lines.join("\n")).unwrap();
        check_fails(&server, &arguments, expected);
    };
    check("/blog/a,/2019/a", &["line 2:", "line 1204:", "line 1207:", "circle"]);
    check("/2019/no-7,/elsewhere", &["line 11:", "line 1207:", "two new addresses"]);
}

#[test]
fn one_post_and_a_whole_folder() {
    let server = Server::with_moderation("http-remap-rule", "open");
    let (a, b) = (post(&server, "old/a", "one"), post(&server, "old/b?p=1", "two"));
    post(&server, "old/old/c", "three");
    let (old, new) = (post_url("old/a"), post_url("new/a"));
    let one = ["--from", old.as_str(), "--to", new.as_str()];
    assert_eq!(rows(&remap(&server, &one)).last().map(String::as_str), Some("1 moves /old/a /new/a"));
    remap(&server, &[&one[..], &["--apply"]].concat());
    assert_eq!(wait_for_thread(&server, &new, 1), [a]);
    let rule = ["--site", "https://blog.example", "--prefix-from", "/old", "--prefix-to", "/", "--apply"];
    let stdout = remap(&server, &rule);
    assert_eq!(rows(&stdout)[1..], ["1 moves /old/b?p=1 /b?p=1", "1 stays: move it by itself /old/old/c /old/c"]);
    assert_eq!(wait_for_thread(&server, &post_url("b?p=1"), 1), [b]);
    let after = export(&server);
    remap(&server, &rule);
    assert_eq!(export(&server), after, "applying a rule again changes nothing");
}

/// Longer than KV's own caches.
const KV_SETTLE_TIMEOUT: Duration = Duration::from_secs(150);

#[test]
fn erased_comment_is_removed_from_every_page() {
    let server = Server::with_moderation("http-remap-left", "open");
    assert_eq!(import(&server, generate_export(250, 250)).status, 200);
    let (long, new, short) = (post_url("many-0"), post_url("elsewhere"), post_url("short"));
    wait_for_thread(&server, &long, 250);
    post(&server, "short", "of another post");
    remap(&server, &["--from", &long, "--to", &new, "--apply"]);
    remap(&server, &["--from", &short, "--to", &long, "--apply"]);
    wait_for_thread(&server, &long, 1);
    let last = wait_for_thread(&server, &new, 250).pop().unwrap();
    let erase = Request::as_moderator("POST", &format!("/admin/api/comments/{}/erase", last.id));
    assert_eq!(erase.header("Content-Type", "application/json").body("{}").send(&server).status, 200);
    wait_for_thread(&server, &new, 249);
    let kv = Kv::new(&server);
    let key = |url: &str, suffix: &str| format!("thread:{url}{suffix}");
    let mut expected = vec![key(&long, ""), key(&short, ""), key(&new, ""), key(&new, "#2"), key(&new, "#3")];
    expected.sort();
    wait_until_within(KV_SETTLE_TIMEOUT, "KV to hold only the expected keys", || {
        let mut keys: Vec<String> = kv.list("thread:").into_iter().map(|(key, _)| key).collect();
        keys.retain(|key| !key.ends_with("#top"));
        keys.sort();
        if keys != expected {
            // Until the grace period of a minute is over.
            sleep(Duration::from_millis(500));
        }
        (keys == expected).then_some(())
    });
    let keys: Vec<String> = kv.list("thread:").into_iter().map(|(key, _)| key).collect();
    let text = last.html.as_str();
    for (key, value) in kv.get_all(&keys) {
        assert!(!value.contains(text), "{key} still contains {text}");
    }
}

/// `cargo test -p afterword-tests --test http -- --ignored --nocapture two_very_long`
#[test]
#[ignore = "takes minutes, because the threads must be imported first"]
fn two_very_long_threads_are_merged() {
    let server = Server::with_moderation("http-remap-long", "open");
    assert_eq!(import(&server, generate_export(100_000, 50_000)).status, 200);
    let (from, to) = (post_url("many-0"), post_url("many-1"));
    let moves = format!(r#"{{"moves":[{{"from":"{from}","to":"{to}"}}],"dry_run":false}}"#);
    let send_remap = || {
        let request = Request::as_moderator("POST", "/admin/api/remap").header("Content-Type", "application/json");
        timed(|| request.body(moves.clone()).timeout(KV_SETTLE_TIMEOUT).send(&server))
    };
    let before = server.peak_memory();
    let (response, time) = send_remap();
    let memory = server.peak_memory();
    println!("merged in {time:.1?}; peak memory of the runtime {before} MiB before and {memory} MiB after");
    assert_eq!(response.json::<Value>()["steps"][0]["what"], "merged", "{response:?}");
    assert!(time < Duration::from_secs(4), "the Worker's timeout is 8 seconds");
    assert_eq!(wait_for_thread_within(KV_SETTLE_TIMEOUT, &server, &to, 100_000).len(), 100_000);
    assert_eq!(send_remap().0.json::<Value>()["steps"][0]["what"], "done");
}

#[test]
fn invalid_moves_are_reported_and_not_applied() {
    let (server, temp_dir) = (Server::with_moderation("http-remap-wrong", "open"), temp_dir());
    post(&server, "a", "stays");
    let (a, b) = (post_url("a"), post_url("b"));
    let file = temp_dir.path().join("moves.csv");
    let list = ["--list", path_str(&file), "--apply"];
    let check_list = |content: &str, expected: &[&str]| {
        fs::write(&file, content).unwrap();
        check_fails(&server, &list, expected);
    };
    check_list("", &["no line"]);
    check_list("old,new\n", &["no line"]);
    check_list("/a,/b\n", &["line 1", "--site"]);
    check_list(&format!("{a},{b}\n{b}\thttps://unknown.example/c\n"), &["line 2"]);
    check_list(&format!("{a},{b}\n{a},https://unknown.example/c\n"), &["line 2, `https://unknown.example/c`", "SITES"]);
    check_list(&format!("{a},{b}\n{b},https://other.example/c\n"), &["line 2, `https://other.example/c`"]);
    let rule = |from: &str, to: &str, expected: &str| {
        check_fails(&server, &["--prefix-from", from, "--prefix-to", to, "--apply"], &[expected]);
    };
    rule(&a, &a, "two different addresses");
    rule(&a, &post_url("b?p=1"), "question mark");
    rule("/a", "/b", "--site");
    check_fails(&server, &["--from", &a, "--to", "https://unknown.example/", "--apply"], &["SITES"]);
    check_fails(&server, &["--from", &a], &["--to <URL>"]);
    check_fails(&server, &["--list", "no-such-file"], &["no-such-file"]);
    let (success, _, stderr) =
        run_xtask(&["remap", "--at", &server.origin(), "--from", &a, "--to", &b, "--apply"], "not-the-secret");
    assert!(!success && stderr.contains("AFTERWORD_SECRET"), "{stderr}");
}
