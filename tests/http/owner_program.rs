//! The owner's program in `packaging/npm`, as an owner runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use afterword_tests::{
    COMMENTS, MODERATOR_SECRET, Request, Server, blogger_backup, export, generate_export, import, old_comments,
    old_post_path, wait_for_thread, wait_until,
};
use serde_json::Value;

use crate::backup_command::{path_str, temp_dir};

const SITE: &str = "https://blog.example";

fn program(server: &Server, arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/npm/cli/main.js")).args(arguments);
    command.env("AFTERWORD_SECRET", MODERATOR_SECRET).env("AFTERWORD_WORKER", server.origin());
    command
}

/// Runs the program. Returns its exit code, standard output and standard error.
fn afterword(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let output = program(server, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!format!("{stdout}{stderr}").contains(MODERATOR_SECRET), "the secret is printed: {stdout}{stderr}");
    (output.status.code().unwrap(), stdout, stderr)
}

fn check(server: &Server, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = afterword(server, arguments);
    assert_eq!(code, 0, "{stdout}{stderr}");
    stdout
}

/// The lines of comments in an export, without what another system does not keep.
fn comments(export: &str) -> Vec<[Value; 6]> {
    let lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut found: Vec<[Value; 6]> = Vec::new();
    let mut names: std::collections::HashMap<String, String> = std::collections::HashMap::new();
    for line in lines {
        let Some(comment) = line.get("comment") else { continue };
        let name = format!("{} {}", comment["thread"], comment["source"]);
        names.insert(comment["uuid"].to_string(), name);
        let parent = names.get(&comment["parent"].to_string()).map_or(Value::Null, |name| name.clone().into());
        let field = |name: &str| comment[name].clone();
        found.push([field("thread"), field("source"), field("name"), field("created"), field("status"), parent]);
    }
    found
}

#[test]
fn backup_and_restore_keep_every_byte() {
    let (folder, server) = (temp_dir(), Server::with_moderation("http-owner-backup", "open"));
    let file = folder.path().join("blog.jsonl");
    let expected = generate_export(2_300, 100);
    assert_eq!(import(&server, expected.clone()).status, 200);
    let stdout = check(&server, &["backup", path_str(&file), "--site", SITE]);
    assert!(stdout.contains("2300 comments of https://blog.example"), "{stdout}");
    assert!(fs::read_to_string(&file).unwrap() == expected);
    drop(server);

    let server = Server::with_moderation("http-owner-restore", "open");
    let stdout = check(&server, &["restore", path_str(&file), "--dry-run"]);
    assert!(stdout.contains("would bring 2300 comments in 23 new threads"), "{stdout}");
    check(&server, &["restore", path_str(&file)]);
    assert!(export(&server) == expected);
    // An export is also a file that `import` recognizes.
    let stdout = check(&server, &["import", path_str(&file)]);
    assert!(stdout.contains("2323 lines were there already"), "{stdout}");
}

#[test]
fn old_blog_moves_in_and_out_again() {
    let (folder, server) = (temp_dir(), Server::with_moderation("http-owner-import", "open"));
    let path = |name: &str| folder.path().join(name);
    fs::write(path("blog.xml"), blogger_backup("old.blogspot.com")).unwrap();
    let (file, report) = (path("blog.xml"), path("report.json"));
    let arguments =
        ["import", path_str(&file), "--site", SITE, "--alias", "old.blogspot.com", "--report", path_str(&report)];
    let before = export(&server);
    let stdout = check(&server, &[&arguments[..], &["--dry-run"]].concat());
    assert!(stdout.contains("Nothing was stored"), "{stdout}");
    assert_eq!(export(&server), before);

    let deleted = old_comments().iter().filter(|comment| comment.is_deleted).count() as u64;
    check(&server, &arguments);
    let written: Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    assert_eq!(written["read"], COMMENTS);
    assert_eq!(written["to_import"], u64::from(COMMENTS) - deleted, "{written}");
    assert_eq!(written["outcome"]["known"], 0);
    let moved_in = comments(&export(&server));
    for comment in old_comments().iter().filter(|comment| !comment.is_deleted) {
        let url = format!("{SITE}{}", old_post_path(comment.post));
        let found = moved_in.iter().find(|[thread, source, ..]| {
            *thread == url.as_str() && source.as_str().unwrap().starts_with(&format!("Comment {} ", comment.number))
        });
        let [_, source, _, created, status, parent] = found.unwrap_or_else(|| panic!("{comment:?} is missing"));
        assert!(source.as_str().unwrap().contains("**bold**"), "{source}");
        assert_eq!((created.as_i64(), status.as_str()), (Some(comment.time), Some("published")));
        assert_eq!(parent.is_null(), comment.parent.is_none(), "{comment:?}");
    }
    let first = &old_comments()[0];
    let of_first = old_comments().iter().filter(|comment| comment.post == first.post && !comment.is_deleted).count();
    wait_for_thread(&server, &format!("{SITE}{}", old_post_path(first.post)), u32::try_from(of_first).unwrap());

    // A second run adds nothing.
    let whole = export(&server);
    check(&server, &arguments);
    let written: Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    assert_eq!(written["outcome"]["new"], 0, "{written}");
    assert_eq!(export(&server), whole);

    for format in ["wxr", "disqus"] {
        let out = path(format);
        let stdout = check(&server, &["export", path_str(&out), "--to", format, "--site", SITE]);
        assert!(stdout.contains("comments in"), "{stdout}");
        let empty = Server::with_moderation(&format!("http-owner-{format}"), "open");
        check(&empty, &["import", path_str(&out), "--site", SITE]);
        let mut returned = comments(&export(&empty));
        let mut expected = comments(&whole);
        let key = |comment: &[Value; 6]| format!("{} {} {}", comment[0], comment[3], comment[1]);
        returned.sort_by_key(key);
        expected.sort_by_key(key);
        assert_eq!(returned, expected, "{format}");
    }
}

#[test]
fn killed_import_goes_on_with_the_same_command() {
    let (folder, server) = (temp_dir(), Server::with_moderation("http-owner-killed", "open"));
    let file = folder.path().join("comments.csv");
    let rows = (1..=6_000).map(|number| {
        format!(
            "{number},https://blog.example/post-{},Reader {},2015-03-04T05:06:07Z,Text {number}\n",
            number % 40,
            number % 9
        )
    });
    fs::write(&file, format!("id,url,name,date,text\n{}", rows.collect::<String>())).unwrap();
    let arguments = ["import", path_str(&file), "--site", SITE];
    let mut running = program(&server, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let count = || {
        let request =
            Request::as_moderator("GET", "/admin/api/comments").query(&[("list", "published"), ("limit", "1")]);
        request.send(&server).json::<Value>()["counts"]["published"]["count"].as_u64().unwrap_or_default()
    };
    wait_until("some comments to arrive", || (count() > 0).then_some(()));
    running.kill().unwrap();
    running.wait().unwrap();
    check(&server, &arguments);
    let export = export(&server);
    assert_eq!(comments(&export).len(), 6_000);
}

#[test]
fn wrong_files_are_explained() {
    let (folder, server) = (temp_dir(), Server::with_moderation("http-owner-wrong", "open"));
    let before = export(&server);
    let file = folder.path().join("file");
    for (content, words) in
        [(&b""[..], "file"), (b"\x00\x01\x02\x03", "not known"), (b"<?xml version='1.0'?><rss><channel>", "file")]
    {
        fs::write(&file, content).unwrap();
        let (code, _, stderr) = afterword(&server, &["import", path_str(&file), "--site", SITE]);
        assert!(code == 1 && stderr.contains(words) && !stderr.contains("    at "), "{stderr}");
    }
    let (code, _, stderr) = afterword(&server, &["import", path_str(&file)]);
    assert!(code != 0, "{stderr}");
    assert_eq!(export(&server), before);
}
