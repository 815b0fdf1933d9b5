//! `cargo xtask backup` and `cargo xtask restore`, as an owner runs them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use afterword_tests::{
    MODERATOR_SECRET, Server, export, generate_export, import, post_url, wait_for_thread, with_checksum_line, xtask,
};

/// Runs the command: whether it ended well, what it printed, and what it said beside that.
pub(crate) fn run(arguments: &[&str], secret: &str) -> (bool, String, String) {
    let done = xtask().args(arguments).env("AFTERWORD_SECRET", secret).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(done.stdout), text(done.stderr));
    assert!(secret.is_empty() || !format!("{out}{err}").contains(secret), "a secret is not printed: {out}{err}");
    (done.status.success(), out, err)
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn word(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn backup_equals_the_export_and_can_be_restored() {
    let folder = folder();
    let file: PathBuf = folder.path().join("blog.jsonl");
    let server = Server::with_moderation("http-backup-from", "open");
    let expected = generate_export(2_300, 100);
    assert_eq!(import(&server, expected.clone()).status, 200);
    fs::write(&file, "an older backup").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let from = ["backup", "--from", &server.origin(), "--site", "https://blog.example", word(&file)];

    let (done, _, said) = run(&from, "not-the-secret");
    assert!(!done && said.contains("AFTERWORD_SECRET"), "{said}");
    let (done, _, said) = run(&from, "");
    assert!(!done && said.contains("AFTERWORD_SECRET"), "{said}");
    let (done, _, said) = run(&["backup", "--from", &server.origin(), word(&file)], MODERATOR_SECRET);
    assert!(!done && said.contains("--site"), "{said}");
    let stranger = ["backup", "--from", &server.origin(), "--site", "https://stranger.example", word(&file)];
    let (done, _, said) = run(&stranger, MODERATOR_SECRET);
    assert!(!done && said.contains("SITES"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "an older backup", "what failed left it alone");

    let (done, out, said) = run(&from, MODERATOR_SECRET);
    assert!(done && out.contains("2300 comments of https://blog.example"), "{out}{said}");
    assert!(fs::read_to_string(&file).unwrap() == expected);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600,
        "it replaces a file that others could read"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    drop(server);

    let server = Server::with_moderation("http-backup-to", "open");
    let empty = export(&server);
    let origin = server.origin();
    let to = ["restore", word(&file), "--to", &origin];
    let (done, out, _) = run(&[&to[..], &["--dry-run"]].concat(), MODERATOR_SECRET);
    assert!(done && out.contains("would bring 2300 comments in 23 new threads"), "{out}");
    assert_eq!(export(&server), empty);
    let (done, _, said) = run(&to, "not-the-secret");
    assert!(!done && said.contains("AFTERWORD_SECRET"), "{said}");
    assert_eq!(export(&server), empty);
    let (done, out, said) = run(&to, MODERATOR_SECRET);
    assert!(done && out.contains("brought 2300 comments in 23 new threads"), "{out}");
    assert!(said.contains("2324 of 2324 lines"), "{said}");
    assert!(export(&server) == expected);
    assert_eq!(wait_for_thread(&server, &post_url("many-22"), 100).len(), 100);
    let (done, out, _) = run(&to, MODERATOR_SECRET);
    assert!(done && out.contains("2323 lines were there already"), "{out}");
}

#[test]
fn incomplete_file_is_not_sent() {
    let folder = folder();
    let file = folder.path().join("blog.jsonl");
    let whole = generate_export(10, 5);
    let check = |content: &[u8], words: &str| {
        fs::write(&file, content).unwrap();
        // Nobody is at this address: nothing may be sent there.
        let (done, _, said) = run(&["restore", word(&file), "--to", "http://localhost:1"], MODERATOR_SECRET);
        assert!(!done && said.contains(words), "{said}");
    };
    check(whole.replace("*7*", "*8*").as_bytes(), "SHA-256");
    check(&whole.as_bytes()[..whole.len() / 2], "closing line is missing");
    check(&[0x1f, 0x8b, 8, 0, b'\n'], "compressed");
    check(b"", "empty");
    let (done, _, said) = run(&["restore", "no-such-file", "--to", "http://localhost:1"], MODERATOR_SECRET);
    assert!(!done && said.contains("no-such-file"), "{said}");
    let (done, _, said) = run(&["restore", word(&file), "--to", "http://comments.example"], MODERATOR_SECRET);
    assert!(!done && said.contains("https"), "{said}");
}

#[test]
fn invalid_line_is_reported_by_its_number_in_the_file() {
    let folder = folder();
    let file = folder.path().join("blog.jsonl");
    let whole = generate_export(2_300, 100).replace("\"created\":1700001500", "\"created\":-1");
    let lines: Vec<&str> = whole.lines().collect();
    fs::write(&file, with_checksum_line(lines[..lines.len() - 1].iter().copied())).unwrap();
    let server = Server::with_moderation("http-backup-wrong", "open");
    let (done, _, said) = run(&["restore", word(&file), "--to", &server.origin()], MODERATOR_SECRET);
    assert!(!done && said.contains("Line 1524: "), "{said}");
    assert!(export(&server).lines().count() > 1_000, "what came before is there");
}

/// A server that breaks off in the middle of an export.
#[test]
fn truncated_export_is_not_saved() {
    let folder = folder();
    let file = folder.path().join("blog.jsonl");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let whole = generate_export(10, 5);
    let half = whole.lines().take(6).map(|line| format!("{line}\n")).collect::<String>();
    let serve = std::thread::spawn(move || {
        for length in [whole.len(), half.len()] {
            let (mut stream, _) = listener.accept().unwrap();
            let request = BufReader::new(&stream).lines().map_while(Result::ok);
            assert!(request.take_while(|line| !line.is_empty()).count() > 1);
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{half}").unwrap();
        }
    });
    for _ in 0..2 {
        let (done, _, said) = run(&["backup", "--from", &origin, word(&file)], MODERATOR_SECRET);
        assert!(!done && said.contains("not a whole export"), "{said}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
    }
    serve.join().unwrap();
}
