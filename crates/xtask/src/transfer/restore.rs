//! `cargo xtask restore`: sends a file to a Worker, chunk by chunk.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::{Context, Result};
use lexopt::{Arg, ValueExt};
use serde_json::{Map, Value};

use super::admin_client::AdminClient;
use super::export_file::{self, ExportSummary};
use crate::run::print_progress;

/// What is sent in one request: little enough for any plan's limits, and for a slow line.
const CHUNK_LINES: usize = 1_000;
const CHUNK_BYTES: usize = 512 * 1024;

/// What to send, and where to.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    file: PathBuf,
    to: String,
    site: Option<String>,
    dry_run: bool,
}

/// The command. The file is read twice: whether it is whole is known before anything of it is sent.
pub(crate) fn command(arguments: lexopt::Parser) -> Result<()> {
    let Options { file, to, site, dry_run } = parse(arguments)?;
    let client = AdminClient::new(&to)?;
    let open = || File::open(&file).map(BufReader::new).with_context(|| format!("cannot read {}", file.display()));
    let whole =
        export_file::read(open()?, |_| Ok(())).with_context(|| format!("{} cannot be restored", file.display()))?;
    let site = site.as_deref().unwrap_or(&whole.site);
    let mut upload = Upload {
        client: &client,
        site,
        whole: &whole,
        dry_run,
        chunk: Vec::new(),
        bytes: 0,
        read: 0,
        sent: 1,
        sum: Map::new(),
    };
    export_file::read(open()?, |line| upload.add(line)).context("the file has changed while it was read")?;
    println!("{}", summary(&upload.sum, dry_run));
    Ok(())
}

/// A restore on its way.
struct Upload<'a> {
    client: &'a AdminClient,
    site: &'a str,
    whole: &'a ExportSummary,
    dry_run: bool,
    chunk: Vec<String>,
    bytes: usize,
    read: u64,
    /// Lines that were sent, and the number of the last of them.
    sent: u64,
    /// What the Worker said of the chunks, added up.
    sum: Map<String, Value>,
}

impl Upload<'_> {
    fn add(&mut self, line: &str) -> Result<()> {
        self.read += 1;
        // The header goes with every chunk.
        if self.read > 1 {
            self.bytes += line.len();
            self.chunk.push(line.to_owned());
        }
        // With the closing line the Worker knows that it has everything, and publishes it.
        let is_last = self.read > self.whole.lines;
        if is_last || self.chunk.len() >= CHUNK_LINES || self.bytes >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        let lines = format!("{}\n{}\n", self.whole.header, self.chunk.join("\n"));
        let left = format!("The first {} lines are there. Run the same again: it passes over them.", self.sent);
        // What was sent already is known when it is sent again.
        let answer =
            self.client.retry(&left, |client| client.import(self.site, self.sent + 1, self.dry_run, &lines))?;
        for (name, value) in answer.iter().filter_map(|(name, value)| Some((name, value.as_u64()?))) {
            let before = self.sum.get(name).and_then(Value::as_u64).unwrap_or_default();
            self.sum.insert(name.clone(), (before + value).into());
        }
        self.sent += self.chunk.len() as u64;
        self.chunk.clear();
        self.bytes = 0;
        print_progress(&format!("{} of {} lines", self.sent.min(self.whole.lines), self.whole.lines));
        Ok(())
    }
}

/// What was taken, in a sentence.
fn summary(sum: &Map<String, Value>, dry_run: bool) -> String {
    let count = |name: &str| sum.get(name).and_then(Value::as_u64).unwrap_or_default();
    let verb = if dry_run { "would bring" } else { "brought" };
    let mut text = format!("{verb} {} comments in {} new threads", count("comments"), count("threads"));
    for (name, words) in [
        ("votes", "votes"),
        ("moved", "former addresses"),
        ("settings", "settings"),
        ("bans", "bans"),
        ("audited", "entries of the log"),
    ] {
        if count(name) > 0 {
            text += &format!(", {} {words}", count(name));
        }
    }
    if count("renumbered") > 0 {
        text += &format!("; {} comments have another number, since theirs was taken", count("renumbered"));
    }
    if count("refused") > 0 {
        text += &format!(
            "; {} comments hold more markup than is taken today, and are shown as plain text",
            count("refused")
        );
    }
    if count("known") > 0 {
        text += &format!("; {} lines were there already", count("known"));
    }
    text
}

fn parse(mut arguments: lexopt::Parser) -> Result<Options> {
    let (mut file, mut to, mut site, mut dry_run) = (None, None, None, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("to") => to = Some(arguments.value()?.string()?),
            Arg::Long("site") => site = Some(arguments.value()?.string()?),
            Arg::Long("dry-run") => dry_run = true,
            Arg::Value(path) if file.is_none() => file = Some(path.into()),
            unexpected => return Err(unexpected.unexpected().into()),
        }
    }
    let to = to.context("where to? --to https://…, the address of the Worker")?;
    Ok(Options { file: file.context("which file?")?, to, site, dry_run })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn address_and_file_are_needed() {
        let options = |arguments: &[&str]| parse(lexopt::Parser::from_args(arguments));
        assert!(options(&["a.jsonl"]).is_err());
        assert!(options(&["--to", "https://c.example"]).is_err());
        let full = options(&["--dry-run", "a.jsonl", "--to", "https://c.example"]).unwrap();
        let expected =
            Options { file: "a.jsonl".into(), to: "https://c.example".to_owned(), site: None, dry_run: true };
        assert_eq!(full, expected);
    }

    #[test]
    fn what_was_taken_is_told() {
        let check = |sum: Value, dry_run, expected: &str| {
            assert_eq!(summary(sum.as_object().unwrap(), dry_run), expected);
        };
        check(json!({}), true, "would bring 0 comments in 0 new threads");
        check(
            json!({"comments": 3, "threads": 1, "votes": 2, "renumbered": 1, "refused": 2, "known": 9}),
            false,
            "brought 3 comments in 1 new threads, 2 votes; 1 comments have another number, since theirs was taken; 2 comments hold \
             more markup than is taken today, and are shown as plain text; 9 lines were there already",
        );
    }
}
