//! `cargo xtask restore`: uploads an export file to a Worker, in chunks.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::admin_client::AdminClient;
use crate::export_file::{self, ExportSummary};
use crate::progress::print_progress;

/// Maximum size of one request: small enough for the limits of any plan, and for a slow connection.
const CHUNK_LINES: usize = 1_000;
const CHUNK_BYTES: usize = 512 * 1024;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The file of a backup
    file: PathBuf,
    /// The address of the Worker
    #[arg(long, value_name = "URL")]
    to: String,
    /// The site, if the Worker knows it by another name than the file
    #[arg(long, value_name = "ORIGIN")]
    site: Option<String>,
    /// Change nothing, and print what would change
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command. The file is read twice, so that nothing is sent unless it is complete.
pub(crate) fn command(options: &Options) -> Result<()> {
    let Options { file, to, site, dry_run } = options;
    let (dry_run, client) = (*dry_run, AdminClient::new(to)?);
    let open = || File::open(file).map(BufReader::new).with_context(|| format!("cannot read {}", file.display()));
    let export =
        export_file::read(open()?, |_| Ok(())).with_context(|| format!("cannot restore {}", file.display()))?;
    let site = site.as_deref().unwrap_or(&export.site);
    let mut upload = Upload {
        client: &client,
        site,
        export: &export,
        dry_run,
        chunk: Vec::new(),
        bytes: 0,
        read: 0,
        sent: 1,
        sum: Map::new(),
        settings: Vec::new(),
    };
    export_file::read(open()?, |line| upload.add(line)).context("the file changed while it was read")?;
    println!("{}", summary(&upload.sum, &upload.settings, dry_run));
    Ok(())
}

/// State of an upload.
struct Upload<'a> {
    client: &'a AdminClient,
    site: &'a str,
    export: &'a ExportSummary,
    dry_run: bool,
    chunk: Vec<String>,
    bytes: usize,
    read: u64,
    /// Number of lines sent so far, which is also the number of the last of them.
    sent: u64,
    /// Sum of the counts in the responses.
    sum: Map<String, Value>,
    /// Names of the settings that the file sets.
    settings: Vec<String>,
}

impl Upload<'_> {
    fn add(&mut self, line: &str) -> Result<()> {
        self.read += 1;
        // The header is sent with every chunk.
        if self.read > 1 {
            self.bytes += line.len();
            self.chunk.push(line.to_owned());
        }
        // The closing line tells the Worker that the export is complete; the Worker then publishes it.
        let is_last = self.read > self.export.lines;
        if is_last || self.chunk.len() >= CHUNK_LINES || self.bytes >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        let lines = format!("{}\n{}\n", self.export.header, self.chunk.join("\n"));
        let hint = format!("The first {} lines have arrived. Run the same command again: it skips them.", self.sent);
        // A repeated chunk is safe: the Worker recognises lines that it has already.
        let counts =
            self.client.retry(&hint, |client| client.import(self.site, self.sent + 1, self.dry_run, &lines))?;
        for (name, value) in counts.iter().filter_map(|(name, value)| Some((name, value.as_u64()?))) {
            let before = self.sum.get(name).and_then(Value::as_u64).unwrap_or_default();
            self.sum.insert(name.clone(), (before + value).into());
        }
        let settings = counts.get("changed_settings").and_then(Value::as_array).into_iter().flatten();
        self.settings.extend(settings.filter_map(Value::as_str).map(|name| name.escape_debug().to_string()));
        self.sent += self.chunk.len() as u64;
        self.chunk.clear();
        self.bytes = 0;
        print_progress(&format!("{} of {} lines", self.sent.min(self.export.lines), self.export.lines));
        Ok(())
    }
}

/// Formats the result in one sentence.
fn summary(sum: &Map<String, Value>, settings: &[String], dry_run: bool) -> String {
    let count = |name: &str| sum.get(name).and_then(Value::as_u64).unwrap_or_default();
    let verb = if dry_run { "would bring" } else { "brought" };
    let mut text = format!("{verb} {} comments in {} new threads", count("comments"), count("threads"));
    for (name, words) in [
        ("owner_comments", "of them with the badge of the blog's owner"),
        ("pinned_comments", "of them pinned"),
        ("votes", "votes"),
        ("moved", "former addresses"),
        ("bans", "bans"),
        ("audited", "entries of the log"),
    ] {
        if count(name) > 0 {
            text += &format!(", {} {words}", count(name));
        }
    }
    if !settings.is_empty() {
        text += &format!(", settings: {}", settings.join(", "));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn result_is_summarized() {
        let check = |sum: Value, dry_run, expected: &str| {
            assert_eq!(summary(sum.as_object().unwrap(), &[], dry_run), expected);
        };
        check(json!({}), true, "would bring 0 comments in 0 new threads");
        check(
            json!({"comments": 3, "threads": 1, "votes": 2, "renumbered": 1, "refused": 2, "known": 9}),
            false,
            "brought 3 comments in 1 new threads, 2 votes; 1 comments have another number, since theirs was taken; 2 comments hold \
             more markup than is taken today, and are shown as plain text; 9 lines were there already",
        );
        let sum = json!({"comments": 3, "owner_comments": 2, "pinned_comments": 1, "bans": 4, "settings": 2});
        assert_eq!(
            summary(sum.as_object().unwrap(), &["moderation".to_owned(), "muted".to_owned()], true),
            "would bring 3 comments in 0 new threads, 2 of them with the badge of the blog's owner, 1 of them pinned, 4 bans, settings: \
             moderation, muted"
        );
    }
}
