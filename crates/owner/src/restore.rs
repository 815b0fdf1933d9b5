//! `cargo xtask restore`: uploads an export file to a Worker, in chunks.

use std::fs::File;
use std::path::PathBuf;

use afterword_transfer::{Chunk, ImportTotals, UploadChunks};
use anyhow::{Context, Result};
use serde_json::Value;

use crate::admin_client::AdminClient;
use crate::backup::read_export;
use crate::progress::print_progress;

/// Arguments of `restore`.
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

/// Restores a file. It is read twice, so that nothing is sent unless it is complete.
pub(crate) fn command(options: &Options) -> Result<()> {
    let Options { file, to, site, dry_run } = options;
    let client = AdminClient::new(to)?;
    let open = || File::open(file).with_context(|| format!("cannot read {}", file.display()));
    let export = read_export(&mut open()?, |_| Ok(())).with_context(|| format!("cannot restore {}", file.display()))?;
    let mut upload = Upload {
        client: &client,
        site: site.as_deref().unwrap_or(&export.site),
        lines: export.lines,
        dry_run: *dry_run,
        chunks: UploadChunks::new(&export.header),
        totals: ImportTotals::default(),
    };
    read_export(&mut open()?, |line| upload.add(line)).context("the file changed while it was read")?;
    upload.chunks.finish();
    upload.send()?;
    println!("{}", upload.totals.describe(*dry_run));
    Ok(())
}

/// State of an upload.
struct Upload<'a> {
    client: &'a AdminClient,
    site: &'a str,
    lines: u64,
    dry_run: bool,
    chunks: UploadChunks,
    totals: ImportTotals,
}

impl Upload<'_> {
    fn add(&mut self, line: &str) -> Result<()> {
        self.chunks.add(line);
        self.send()
    }

    /// Sends the chunks that are complete.
    fn send(&mut self) -> Result<()> {
        while let Some(Chunk { first, last, body }) = self.chunks.next_chunk() {
            let arrived = first - 1;
            let hint = format!("The first {arrived} lines have arrived. Run the same command again: it skips them.");
            let counts = self.client.retry(&hint, |client| client.import(self.site, first, self.dry_run, &body))?;
            self.totals.add(&Value::Object(counts).to_string())?;
            print_progress(&format!("{} of {} lines", last.min(self.lines), self.lines));
        }
        Ok(())
    }
}
