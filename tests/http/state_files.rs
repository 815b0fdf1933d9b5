//! The files in which a stopped server has its state: the databases of the objects, and KV.

use std::path::{Path, PathBuf};

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // A socket, such as the lock of a data folder, has no content.
    let regular = |path: PathBuf| if path.is_file() { vec![path] } else { Vec::new() };
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { regular(path) }).collect()
}

/// The files below a folder that contain a word. The databases are closed first, so that what SQLite has in its write-ahead log is in them.
pub(crate) fn files_with(folder: &Path, word: &str) -> Vec<PathBuf> {
    for file in files(folder).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "sqlite"))
    {
        let database = rusqlite::Connection::open(file).unwrap();
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    }
    let contains = |file: &PathBuf| {
        let content = std::fs::read(file).unwrap();
        content.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    };
    files(folder).into_iter().filter(contains).collect()
}
