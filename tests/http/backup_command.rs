//! The commands `cargo xtask backup` and `cargo xtask restore`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use afterword_tests::{
    MODERATOR_SECRET, Server, export, generate_export, import, post_url, wait_for_thread, with_checksum_line, xtask,
};

/// Runs the command. Returns its success, stdout and stderr.
pub(crate) fn run_xtask(arguments: &[&str], secret: &str) -> (bool, String, String) {
    let output = xtask().args(arguments).env("AFTERWORD_SECRET", secret).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(
        secret.is_empty() || !format!("{stdout}{stderr}").contains(secret),
        "the secret is printed: {stdout}{stderr}"
    );
    (output.status.success(), stdout, stderr)
}

pub(crate) fn temp_dir() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn path_str(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn backup_equals_the_export_and_can_be_restored() {
    let temp_dir = temp_dir();
    let file: PathBuf = temp_dir.path().join("blog.jsonl");
    let server = Server::with_moderation("http-backup-from", "open");
    let expected = generate_export(2_300, 100);
    assert_eq!(import(&server, expected.clone()).status, 200);
    fs::write(&file, "an older backup").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let from = ["backup", "--from", &server.origin(), "--site", "https://blog.example", path_str(&file)];

    let (success, _, stderr) = run_xtask(&from, "not-the-secret");
    assert!(!success && stderr.contains("AFTERWORD_SECRET"), "{stderr}");
    let (success, _, stderr) = run_xtask(&from, "");
    assert!(!success && stderr.contains("AFTERWORD_SECRET"), "{stderr}");
    let (success, _, stderr) = run_xtask(&["backup", "--from", &server.origin(), path_str(&file)], MODERATOR_SECRET);
    assert!(!success && stderr.contains("--site"), "{stderr}");
    let unknown_site = ["backup", "--from", &server.origin(), "--site", "https://unknown.example", path_str(&file)];
    let (success, _, stderr) = run_xtask(&unknown_site, MODERATOR_SECRET);
    assert!(!success && stderr.contains("SITES"), "{stderr}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "an older backup", "a failed backup leaves the file unchanged");

    let (success, stdout, stderr) = run_xtask(&from, MODERATOR_SECRET);
    assert!(success && stdout.contains("2300 comments of https://blog.example"), "{stdout}{stderr}");
    assert!(fs::read_to_string(&file).unwrap() == expected);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600,
        "it replaces a file that was readable by others"
    );
    assert_eq!(fs::read_dir(temp_dir.path()).unwrap().count(), 1, "no temporary file remains");
    drop(server);

    let server = Server::with_moderation("http-backup-to", "open");
    let empty = export(&server);
    let origin = server.origin();
    let to = ["restore", path_str(&file), "--to", &origin];
    let (success, stdout, _) = run_xtask(&[&to[..], &["--dry-run"]].concat(), MODERATOR_SECRET);
    assert!(success && stdout.contains("would bring 2300 comments in 23 new threads"), "{stdout}");
    assert_eq!(export(&server), empty);
    let (success, _, stderr) = run_xtask(&to, "not-the-secret");
    assert!(!success && stderr.contains("AFTERWORD_SECRET"), "{stderr}");
    assert_eq!(export(&server), empty);
    let (success, stdout, stderr) = run_xtask(&to, MODERATOR_SECRET);
    assert!(success && stdout.contains("brought 2300 comments in 23 new threads"), "{stdout}");
    assert!(stderr.contains("2324 of 2324 lines"), "{stderr}");
    assert!(export(&server) == expected);
    assert_eq!(wait_for_thread(&server, &post_url("many-22"), 100).len(), 100);
    let (success, stdout, _) = run_xtask(&to, MODERATOR_SECRET);
    assert!(success && stdout.contains("2323 lines were there already"), "{stdout}");
}

#[test]
fn incomplete_file_is_not_sent() {
    let temp_dir = temp_dir();
    let file = temp_dir.path().join("blog.jsonl");
    let export_file = generate_export(10, 5);
    let check = |content: &[u8], expected: &str| {
        fs::write(&file, content).unwrap();
        // Nothing listens at this address, so an attempt to send would fail differently.
        let (success, _, stderr) =
            run_xtask(&["restore", path_str(&file), "--to", "http://localhost:1"], MODERATOR_SECRET);
        assert!(!success && stderr.contains(expected), "{stderr}");
    };
    check(export_file.replace("*7*", "*8*").as_bytes(), "SHA-256");
    check(&export_file.as_bytes()[..export_file.len() / 2], "closing line is missing");
    check(&[0x1f, 0x8b, 8, 0, b'\n'], "compressed");
    check(b"", "empty");
    let (success, _, stderr) = run_xtask(&["restore", "no-such-file", "--to", "http://localhost:1"], MODERATOR_SECRET);
    assert!(!success && stderr.contains("no-such-file"), "{stderr}");
    let (success, _, stderr) =
        run_xtask(&["restore", path_str(&file), "--to", "http://comments.example"], MODERATOR_SECRET);
    assert!(!success && stderr.contains("https"), "{stderr}");
}

#[test]
fn invalid_line_is_reported_by_its_number_in_the_file() {
    let temp_dir = temp_dir();
    let file = temp_dir.path().join("blog.jsonl");
    let export_file = generate_export(2_300, 100).replace("\"created\":1700001500", "\"created\":-1");
    let lines: Vec<&str> = export_file.lines().collect();
    fs::write(&file, with_checksum_line(lines[..lines.len() - 1].iter().copied())).unwrap();
    let server = Server::with_moderation("http-backup-wrong", "open");
    let (success, _, stderr) = run_xtask(&["restore", path_str(&file), "--to", &server.origin()], MODERATOR_SECRET);
    assert!(!success && stderr.contains("Line 1524: "), "{stderr}");
    assert!(export(&server).lines().count() > 1_000, "the lines before are imported");
}

/// A server that breaks off in the middle of an export.
#[test]
fn truncated_export_is_not_saved() {
    let temp_dir = temp_dir();
    let file = temp_dir.path().join("blog.jsonl");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let export_file = generate_export(10, 5);
    let half = export_file.lines().take(6).map(|line| format!("{line}\n")).collect::<String>();
    let serve = std::thread::spawn(move || {
        for length in [export_file.len(), half.len()] {
            let (mut stream, _) = listener.accept().unwrap();
            let request = BufReader::new(&stream).lines().map_while(Result::ok);
            assert!(request.take_while(|line| !line.is_empty()).count() > 1);
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{half}").unwrap();
        }
    });
    for _ in 0..2 {
        let (success, _, stderr) = run_xtask(&["backup", "--from", &origin, path_str(&file)], MODERATOR_SECRET);
        assert!(!success && stderr.contains("not a whole export"), "{stderr}");
        assert_eq!(fs::read_dir(temp_dir.path()).unwrap().count(), 0, "no file remains");
    }
    serve.join().unwrap();
}
