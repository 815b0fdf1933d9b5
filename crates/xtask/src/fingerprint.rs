//! Fingerprints of build inputs: they show if a build step is up to date.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use afterword_model::encode_hex;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Folders that never change the result of a build: tests, output, and files that tools leave behind.
const IGNORED: [&str; 6] = ["benches", "fuzz", "node_modules", "proptest-regressions", "target", "tests"];

/// A digest of all inputs of a step: files by name and content, and texts such as versions and flags.
#[derive(Clone)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    /// Adds a text. Its length is hashed too, so that neighbouring texts do not run together.
    pub(crate) fn add_text(&mut self, text: &str) {
        self.add_bytes(text.as_bytes());
    }

    /// Adds a file, or all files below a folder. A missing path adds no files.
    pub(crate) fn add_tree(&mut self, path: &Path) -> Result<()> {
        for file in files(path)? {
            let name = file.strip_prefix(path).unwrap_or(&file);
            self.add_bytes(name.as_os_str().as_encoded_bytes());
            self.add_bytes(&fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        }
        self.add_bytes(b"end");
        Ok(())
    }

    /// Returns the digest in hexadecimal.
    pub(crate) fn finish(self) -> String {
        encode_hex(&self.0.finalize())
    }

    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
    }
}

/// Lists the files below a path in a fixed order. For a file, lists the file itself.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(path, &mut found).with_context(|| format!("cannot list {}", path.display()))?;
    found.sort();
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        found.push(path.to_owned());
    }
    if !path.is_dir() {
        return Ok(());
    }
    let entries = match fs::read_dir(path) {
        // Removed since it was listed: treated as if it had never existed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') && !IGNORED.contains(&name.as_ref()) {
            collect(&entry.path(), found)?;
        }
    }
    Ok(())
}

/// A short hash of a file's content, for file names.
pub(crate) fn content_hash(bytes: &[u8]) -> String {
    encode_hex(&Sha256::digest(bytes)[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn digest(folder: &Scratch) -> String {
        let mut fingerprint = Fingerprint::new();
        fingerprint.add_tree(&folder.path("")).unwrap();
        fingerprint.finish()
    }

    #[test]
    fn content_and_names_count() {
        let folder = Scratch::new("content");
        folder.write("src/a.rs", "one");
        let first = digest(&folder);
        assert_eq!(first, digest(&folder));
        folder.write("src/a.rs", "two");
        let changed = digest(&folder);
        assert_ne!(first, changed);
        fs::rename(folder.path("src/a.rs"), folder.path("src/b.rs")).unwrap();
        assert_ne!(changed, digest(&folder));
    }

    #[test]
    fn a_byte_moved_to_the_next_file_counts() {
        let folder = Scratch::with_files("boundary", &[("a", "xy"), ("b", "z")]);
        let first = digest(&folder);
        folder.write("a", "x");
        folder.write("b", "yz");
        assert_ne!(first, digest(&folder));
    }

    #[test]
    fn tests_and_output_do_not_count() {
        let folder = Scratch::new("ignored");
        folder.write("src/a.rs", "one");
        let first = digest(&folder);
        folder.write("tests/a.rs", "test");
        folder.write("target/debug/a", "output");
        folder.write(".wrangler/state", "state");
        assert_eq!(first, digest(&folder));
    }

    #[test]
    fn words_do_not_run_together() {
        let digest = |words: &[&str]| {
            let mut fingerprint = Fingerprint::new();
            words.iter().for_each(|word| fingerprint.add_text(word));
            fingerprint.finish()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["ab"]), digest(&["ab", ""]));
    }
}
