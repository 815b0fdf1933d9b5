//! `cargo xtask size`: compares the size of the reader's download and of the Worker with the budget.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use afterword_view::catalogue;
use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, Variant};
use crate::project;
use crate::run::capture;

/// Script that prints the sizes. Node compresses like the edge at its best level, and is installed anyway.
const MEASURE_SCRIPT: &str = "\
    const{readFileSync}=require('node:fs'),{gzipSync,brotliCompressSync}=require('node:zlib');\
    for(const file of process.argv.slice(1)){\
    const bytes=readFileSync(file);\
    console.log(bytes.length,gzipSync(bytes,{level:9}).length,brotliCompressSync(bytes).length)}";

/// The messages of the reader's language. They grow with the number of texts, not with the code, so they have a budget of their own and are not
/// part of the sum.
const MESSAGES: &str = "messages";

/// The script of pages with many posts, which has a budget of its own too: a page with comments does not load it.
const COUNT_SCRIPT: &str = "count.js";

/// Size of one file in bytes: uncompressed, and with gzip and brotli at their best levels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct FileSize {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints the table. Fails if a file is over its budget.
pub(crate) fn command() -> Result<()> {
    let built = build::ensure(Variant::Release)?;
    let files = downloads(&built.assets)?;
    let paths: Vec<_> = files.iter().map(|(_, path)| path.clone()).collect();
    let rows: Vec<_> = files.iter().map(|(name, _)| *name).zip(measure(&paths)?).collect();
    let budget = fs::read_to_string(project::root().join("budgets.toml")).context("cannot read budgets.toml")?;
    let budget: Value = toml::from_str(&budget).context("budgets.toml is not TOML")?;
    let (table, mut over) = compare(&rows, &budget["brotli"])?;
    print!("{table}");
    let worker = measure(&["index_bg.wasm", "index.js"].map(|name| built.worker.join(name)))?;
    let gzip: u64 = worker.iter().map(|file| file.gzip).sum();
    let limit = budget["gzip"]["Worker"].as_u64().context("budgets.toml has no number for the Worker")?;
    println!("{:<10}{:>9}{gzip:>9}{:>9}{limit:>9}", "Worker", worker.iter().map(|file| file.raw).sum::<u64>(), "");
    if gzip > limit {
        over.push("Worker".to_owned());
    }
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}

/// The files that a reader downloads to read and to post, apart from the comments, and the script that shows counts.
fn downloads(assets: &Path) -> Result<[(&'static str, PathBuf); 6]> {
    let within = |path: &str| assets.join(path.trim_start_matches('/'));
    Ok([
        ("embed.js", within("embed.js")),
        ("style", within(catalogue::stylesheet_path())),
        ("glue", hashed(assets, "js")?),
        ("wasm", hashed(assets, "wasm")?),
        (MESSAGES, within(catalogue::messages_path("en"))),
        (COUNT_SCRIPT, within(COUNT_SCRIPT)),
    ])
}

fn hashed(assets: &Path, extension: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(assets.join("assets")).context("cannot list the assets")?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("widget-") && path.extension().is_some_and(|found| found == extension)
    };
    paths.find(is_wanted).with_context(|| format!("the assets have no widget-….{extension}"))
}

fn measure(files: &[PathBuf]) -> Result<Vec<FileSize>> {
    parse(&capture(Command::new("node").args(["--eval", MEASURE_SCRIPT]).args(files))?)
}

fn parse(lines: &str) -> Result<Vec<FileSize>> {
    let size = |line: &str| {
        let numbers: Vec<u64> = line.split(' ').map_while(|number| number.parse().ok()).collect();
        let [raw, gzip, brotli] = numbers[..] else { bail!("expected three sizes, found: {line}") };
        Ok(FileSize { raw, gzip, brotli })
    };
    lines.lines().map(size).collect()
}

/// Formats the table and lists the rows that are over budget. Every budget must name an existing row.
fn compare(rows: &[(&str, FileSize)], budget: &Value) -> Result<(String, Vec<String>)> {
    let budget = budget.as_object().context("budgets.toml has no table [brotli]")?;
    let mut rows = rows.to_vec();
    rows.push(("sum", sum(&rows)));
    if let Some(unknown) = budget.keys().find(|name| rows.iter().all(|(row, _)| row != name)) {
        bail!("budgets.toml limits `{unknown}`, which is not measured");
    }
    let mut table = format!("{:<10}{:>9}{:>9}{:>9}{:>9}\n", "bytes", "raw", "gzip", "brotli", "budget");
    let mut over = Vec::new();
    for (name, size) in &rows {
        let limit =
            budget.get(*name).map(|limit| limit.as_u64().context("a budget must be a number of bytes")).transpose()?;
        let shown = limit.map_or_else(String::new, |limit| limit.to_string());
        table.push_str(&format!("{name:<10}{:>9}{:>9}{:>9}{shown:>9}\n", size.raw, size.gzip, size.brotli));
        if limit.is_some_and(|limit| size.brotli > limit) {
            over.push((*name).to_owned());
        }
    }
    Ok((table, over))
}

fn sum(rows: &[(&str, FileSize)]) -> FileSize {
    let code = rows.iter().filter(|(name, _)| ![MESSAGES, COUNT_SCRIPT].contains(name));
    code.fold(FileSize::default(), |sum, (_, size)| FileSize {
        raw: sum.raw + size.raw,
        gzip: sum.gzip + size.gzip,
        brotli: sum.brotli + size.brotli,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use serde_json::json;

    const ROWS: [(&str, FileSize); 4] = [
        ("embed.js", FileSize { raw: 30, gzip: 20, brotli: 10 }),
        ("wasm", FileSize { raw: 300, gzip: 200, brotli: 100 }),
        (MESSAGES, FileSize { raw: 3, gzip: 2, brotli: 1 }),
        (COUNT_SCRIPT, FileSize { raw: 9, gzip: 8, brotli: 7 }),
    ];

    #[test]
    fn budget_is_an_inclusive_limit() {
        let over = |budget| compare(&ROWS, &budget).unwrap().1;
        assert_eq!(over(json!({"embed.js": 10, "sum": 110})), Vec::<String>::new());
        assert_eq!(over(json!({"embed.js": 9, "sum": 110})), ["embed.js"]);
        assert_eq!(over(json!({"embed.js": 10, "sum": 109})), ["sum"]);
        assert_eq!(over(json!({"messages": 0})), ["messages"]);
        assert_eq!(over(json!({"count.js": 6})), ["count.js"]);
    }

    #[test]
    fn budget_for_an_unknown_row_is_rejected() {
        assert!(compare(&ROWS, &json!({"embed": 10})).is_err());
        assert!(compare(&ROWS, &json!({"wasm": "100"})).is_err());
        assert!(compare(&ROWS, &Value::Null).is_err());
    }

    #[test]
    fn node_measures_files() {
        let folder = Scratch::new("size");
        folder.write("zeros", &"0".repeat(10_000));
        let [size] = measure(&[folder.path("zeros")]).unwrap()[..] else { panic!("one file, one size") };
        assert_eq!(size.raw, 10_000);
        assert!(size.gzip < 100 && size.brotli < size.gzip, "{size:?}");
        assert!(measure(&[folder.path("none")]).is_err());
    }
}
