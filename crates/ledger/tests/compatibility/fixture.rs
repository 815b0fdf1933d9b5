//! The fixture files, what they contain, and access to both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use afterword_ledger::{ExportChecksum, ExportCursor, Ledger, Renderer, RusqliteSql, Sql};
use afterword_model::{PostUrl, SafeHtml, encode_hex};
use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The site of the fixtures.
pub(crate) const SITE: &str = "https://blog.example";
/// A time after everything in the fixtures, in Unix seconds.
pub(crate) const NOW: i64 = 1_790_300_000;

const EXPORT_SHA256: &str = "72ddd4c8a8e706fdd0e7af9735679745ec664c6e7d7dbc28254f18103db30709";
const DATABASE_SHA256: &str = "d87af0ba9abf9445107f282351f2781bf4402cbdf96bc3a61e13b32ce686102d";

/// The renderer that made the HTML of the fixtures.
pub(crate) const RENDERER: Renderer<'static> =
    Renderer { version: 1, render: &|text| Some(render(text)), render_plain: &render };

/// A stand-in for the sanitizer: one escaped paragraph.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn render(text: &str) -> SafeHtml {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    SafeHtml::from_sanitizer(format!("<p>{escaped}</p>"))
}

/// The path of a fixture file.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/2940415").join(name)
}

/// The exported file, with its closing line.
pub(crate) fn export_file() -> String {
    std::fs::read_to_string(path("export.jsonl")).unwrap()
}

/// The lines of the exported file as JSON, with the key names of that version.
pub(crate) fn export_lines() -> Vec<Value> {
    export_file().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A copy of the fixture database. Each test names its own, for tests run at the same time.
pub(crate) fn database_copy(test: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compatibility-{test}.sqlite"));
    std::fs::copy(path("ledger.sqlite"), &copy).unwrap();
    copy
}

/// Opens the ledger in a database file.
pub(crate) fn open(database: &Path) -> Ledger<RusqliteSql> {
    let connection = Connection::open(database).unwrap();
    connection.pragma_update(None, "synchronous", "off").unwrap();
    Ledger::open(RusqliteSql(connection)).unwrap()
}

/// The export of a ledger, with its closing line.
pub(crate) fn export(ledger: &Ledger<impl Sql>) -> Vec<String> {
    let (mut lines, mut checksum, mut cursor) = (Vec::new(), ExportChecksum::default(), Some(ExportCursor::default()));
    while let Some(from) = cursor {
        let part = ledger.export(SITE, from, 1 << 16).unwrap();
        part.lines.iter().for_each(|line| checksum.add_line(line));
        lines.extend(part.lines);
        cursor = part.next;
    }
    lines.push(checksum.closing_line());
    lines
}

/// A comment of the exported file.
#[derive(Clone, Debug)]
pub(crate) struct ExportedComment {
    pub(crate) fields: Value,
    /// Votes with and without a voter.
    pub(crate) votes: i64,
    /// True if everybody can read it.
    pub(crate) is_visible: bool,
}

/// A thread of the exported file.
#[derive(Clone, Debug)]
pub(crate) struct ExportedThread {
    pub(crate) url: PostUrl,
    pub(crate) fields: Value,
    /// By id.
    pub(crate) comments: BTreeMap<i64, ExportedComment>,
}

/// The threads of the exported file, in its order. Reads the key names of that version.
pub(crate) fn exported_threads() -> Vec<ExportedThread> {
    let lines = export_lines();
    let mut votes: BTreeMap<&str, i64> = BTreeMap::new();
    for vote in lines.iter().filter_map(|line| line.get("vote")) {
        *votes.entry(vote["comment"].as_str().unwrap()).or_default() += vote["vote"].as_i64().unwrap();
    }
    let comments_of = |url: &str| {
        let comments = lines.iter().filter_map(|line| line.get("comment"));
        let own = comments.filter(|comment| comment["thread"] == url);
        own.map(|comment| {
            let voters = votes.get(comment["uuid"].as_str().unwrap()).copied().unwrap_or_default();
            let exported = ExportedComment {
                fields: comment.clone(),
                votes: comment["votes"].as_i64().unwrap() + voters,
                is_visible: comment["status"] == "published" && comment["erased"].is_null(),
            };
            (comment["id"].as_i64().unwrap(), exported)
        })
        .collect()
    };
    let threads = lines.iter().filter_map(|line| line.get("thread"));
    threads
        .map(|thread| {
            let url = thread["url"].as_str().unwrap();
            ExportedThread { url: PostUrl::parse(url).unwrap(), fields: thread.clone(), comments: comments_of(url) }
        })
        .collect()
}

impl ExportedThread {
    /// The ids of the comments that everybody can read.
    pub(crate) fn visible_ids(&self) -> Vec<i64> {
        self.comments.iter().filter(|(_, comment)| comment.is_visible).map(|(id, _)| *id).collect()
    }
}

#[test]
fn fixture_files_are_unchanged() {
    for (name, sha256) in [("export.jsonl", EXPORT_SHA256), ("ledger.sqlite", DATABASE_SHA256)] {
        let file = std::fs::read(path(name)).unwrap();
        assert_eq!(encode_hex(&Sha256::digest(file)), sha256, "{name}: fixture files are never edited");
    }
}

/// A fixture that lost a kind of content would still pass the other tests.
#[test]
fn fixture_has_every_kind_of_line() {
    let lines = export_lines();
    let count = |kind: &str| lines.iter().filter(|line| line.get(kind).is_some()).count();
    let kinds = ["afterword", "setting", "ban", "audit", "thread", "moved", "comment", "vote", "end"];
    assert_eq!(kinds.map(count), [1, 2, 4, 45, 35, 12, 324, 15, 1]);
    let threads = exported_threads();
    assert_eq!(threads.iter().map(|thread| thread.comments.len()).sum::<usize>(), 324);
    assert_eq!(threads.iter().map(|thread| thread.visible_ids().len()).sum::<usize>(), 299);
}
