//! Nightly maintenance, started by the cron trigger: backups into a bucket and pruning.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use afterword_tests::{
    Kv, Request, Server, backup_file, export, generate_export, import, new_comment, post_url, wait_for_thread,
    wait_until,
};
use serde_json::{Value, json};

/// Fires the cron trigger for this moment, in Unix seconds. Returns the status of the runtime's response.
fn fire_cron_trigger(server: &Server, at: i64) -> u16 {
    let authority = server.origin().replace("http://", "");
    let mut stream = TcpStream::connect(&authority).unwrap();
    let path = format!("/cdn-cgi/handler/scheduled?cron=17+3+*+*+*&time={}", at * 1_000);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{response}"))
}

/// 2026-11-01, a Sunday, 03:17.
const FIRST: i64 = 1_793_503_020;
const DAY: i64 = 86_400;

fn daily(date: &str) -> String {
    format!("blog.example/daily/{date}.jsonl")
}

#[test]
fn each_night_stores_an_export_in_the_bucket() {
    let server = Server::with_backup_bucket("http-maintenance");
    assert_eq!(import(&server, generate_export(12_000, 1_000)).status, 200);
    let first = export(&server);
    assert!(first.len() > 8 << 20, "the upload has more than one part");
    assert_eq!(fire_cron_trigger(&server, FIRST), 200);
    assert!(backup_file(&server, &daily("2026-11-01")).unwrap() == first);
    assert!(backup_file(&server, "blog.example/weekly/2026-W44.jsonl").unwrap() == first);
    let other = backup_file(&server, "other.example/daily/2026-11-01.jsonl").unwrap();
    assert!(other.starts_with(r#"{"afterword":2,"site":"https://other.example","last":0}"#), "{other}");

    // On the next day, a new daily file is written, and a new weekly file because a new week has begun.
    assert_eq!(
        Request::post_comment(&new_comment(&post_url("nightly"), "on the second day")).send(&server).status,
        201
    );
    let second = export(&server);
    for day in 1..=8 {
        assert_eq!(fire_cron_trigger(&server, FIRST + day * DAY), 200);
    }
    assert!(backup_file(&server, &daily("2026-11-02")).is_none(), "the oldest of nine days is deleted");
    assert!(backup_file(&server, &daily("2026-11-03")).unwrap() == second);
    assert!(backup_file(&server, &daily("2026-11-09")).unwrap() == second);
    assert!(backup_file(&server, "blog.example/weekly/2026-W44.jsonl").unwrap() == first);
    assert!(backup_file(&server, "blog.example/weekly/2026-W45.jsonl").unwrap() == second);
    // A second run on the same day replaces the file.
    assert_eq!(Request::post_comment(&new_comment(&post_url("nightly"), "later that day")).send(&server).status, 201);
    assert_eq!(fire_cron_trigger(&server, FIRST + 8 * DAY), 200);
    let last = backup_file(&server, &daily("2026-11-09")).unwrap();
    assert!(last == export(&server));
    drop(server);

    let server = Server::with_moderation("http-maintenance-to", "open");
    assert_eq!(import(&server, last.clone()).status, 200);
    assert!(export(&server) == last);
    assert_eq!(wait_for_thread(&server, &post_url("nightly"), 2).len(), 2);
}

/// The ledgers of a stopped Worker.
fn ledgers(state: &Path) -> Vec<rusqlite::Connection> {
    let folder = Server::databases(state);
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let is_ledger = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy();
        name.ends_with(".sqlite") && !name.starts_with("metadata.")
    };
    files.filter(is_ledger).map(|file| rusqlite::Connection::open(file).unwrap()).collect()
}

/// Number of comments that have a network, read from the ledgers of a stopped Worker.
fn networks(state: &Path) -> i64 {
    let count = |ledger: &rusqlite::Connection| {
        ledger.query_row("SELECT count(network) FROM comment", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    ledgers(state).iter().map(count).sum()
}

/// Settings under which networks are stored.
const WITH_NETWORKS: [(&str, &str); 4] = [
    ("SITES", "https://blog.example"),
    ("MODERATION", "open"),
    ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value"),
    ("RATE_LIMITS", "on"),
];

#[test]
fn networks_are_pruned_by_the_alarm_if_no_night_comes() {
    let server = Server::start("http-alarm-pruning", &WITH_NETWORKS, &["--no-assets"]);
    let state = server.state().to_owned();
    let url = post_url("alarm_networks");
    let post = |server: &Server, text: &str| Request::post_comment(&new_comment(&url, text)).send(server).status;
    assert_eq!((post(&server, "first"), post(&server, "second")), (201, 201));
    let killed = server.kill();
    assert_eq!(networks(&state), 2);
    ledgers(&state).iter().for_each(|ledger| {
        ledger.execute("UPDATE comment SET created = created - ?", [3 * DAY]).unwrap();
    });
    // Each comment that is published sets an alarm for a few seconds later.
    let server = killed.restart();
    assert_eq!(post(&server, "third"), 201);
    std::thread::sleep(Duration::from_secs(20));
    drop(server.kill());
    assert_eq!(networks(&state), 1, "the networks of three days ago are deleted");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the nights are counted from today")]
fn network_is_forgotten_after_two_nights() {
    let mut server = Server::start("http-pruning", &WITH_NETWORKS, &["--no-assets"]);
    let state = server.state().to_owned();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    for number in 0..2 {
        let posted = Request::post_comment(&new_comment(&post_url("nightly_networks"), &format!("number {number}")))
            .send(&server);
        assert_eq!(posted.status, 201);
    }
    for (nights, expected) in [(0, 2), (1, 2), (2, 0)] {
        assert_eq!(fire_cron_trigger(&server, now + nights * DAY), 200);
        let health: Value = Request::get("/health").send(&server).json();
        assert_eq!(health["maintenance"], json!({"last_run": now + nights * DAY, "overdue": false}));
        let killed = server.kill();
        assert_eq!(networks(&state), expected, "after {nights} nights");
        server = killed.restart();
    }
}

#[test]
fn damaged_record_is_not_taken_for_a_new_site() {
    let server = Server::with_moderation("http-maintenance-record", "open");
    let status = || Request::get("/health").send(&server).json::<Value>()["maintenance"].take();
    let new = status();
    assert_eq!(new["last_run"], Value::Null);
    assert_ne!(new["overdue"], json!(true), "the Worker has just been deployed");
    for damaged in ["yesterday", "{\"last_run\": 1}", ""] {
        let file = server.state().join("record.txt");
        std::fs::write(&file, damaged).unwrap();
        Kv::new(&server).put("maintenance", &file, &json!({}));
        assert_eq!(status(), json!({"last_run": null, "overdue": null}), "{damaged}");
    }
    let is_failure = |line: &&str| line.contains("nightly record not read key=maintenance route=/health");
    // The runtime writes its log a moment later.
    wait_until("a log line for each damaged record", || {
        (server.log().lines().filter(is_failure).count() == 3).then_some(())
    });
}
