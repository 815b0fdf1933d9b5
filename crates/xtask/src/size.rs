//! `cargo xtask size`: compares the size of the reader's download and of the Worker with the budget.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use afterword_view::admin::{AdminAsset, IMPORT_SCRIPT, IMPORT_WORKER};
use afterword_view::catalogue;
use afterword_view::styles::Stylesheet;
use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, PARTS, Variant};
use crate::project;
use crate::run::capture;

/// Script that prints the sizes. Node compresses like the edge at its best level, and is installed anyway.
const MEASURE_SCRIPT: &str = "\
    const{readFileSync}=require('node:fs'),{gzipSync,brotliCompressSync}=require('node:zlib');\
    for(const file of process.argv.slice(1)){\
    const bytes=readFileSync(file);\
    console.log(bytes.length,gzipSync(bytes,{level:9}).length,brotliCompressSync(bytes).length)}";

/// The messages of the reader's language, of the language that takes the most bytes, and those that are loaded on demand. They grow with the number
/// of texts, not with the code, so they have budgets of their own and are not part of the sum.
const MESSAGES: &str = "messages";
const ON_DEMAND_MESSAGES: &str = "on demand";

/// The row for all scripts that are loaded when they are used. They are no part of the sum: most readers need none or one of them.
const PARTS_SUM: &str = "parts";

/// Stylesheets that a thread loads only if it is on a page of the Worker, or if the blog has chosen a bundled theme.
const OPTIONAL_STYLES: [&str; 3] = ["page", "dense", "classic"];

/// The script of pages with many posts, which has a budget of its own too: a page with comments does not load it.
const COUNT_SCRIPT: &str = "count.js";

/// The files that a page of moderators loads beside its HTML, and the row for all of them. Readers load none.
const ADMIN_STYLE: &str = "admin style";
const ADMIN_ASSETS: [(&str, AdminAsset); AdminAsset::ALL.len()] = [
    ("admin script", AdminAsset::Script),
    ("admin icon", AdminAsset::Icon),
    ("admin icon 180", AdminAsset::AppleIcon),
    ("admin icon 192", AdminAsset::SmallIcon),
    ("admin icon 512", AdminAsset::LargeIcon),
    ("admin manifest", AdminAsset::Manifest),
];
const ADMIN_SUM: &str = "admin";

/// The scripts that the import page loads beside them, the row for that page without its WebAssembly, and that, which it loads when a file is chosen.
const IMPORT_SCRIPTS: [(&str, &str); 2] = [("import script", IMPORT_SCRIPT), ("import worker", IMPORT_WORKER)];
const IMPORT_SUM: &str = "import";
const TOOLS: &str = "owner's tools";

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
    let rows = largest(files.iter().map(|(name, _)| *name).zip(measure(&paths)?));
    let budget = fs::read_to_string(project::root().join("budgets.toml")).context("cannot read budgets.toml")?;
    let budget: Value = toml::from_str(&budget).context("budgets.toml is not TOML")?;
    let (table, mut over) = compare(&rows, &budget["brotli"])?;
    print!("{table}");
    let worker = measure(&["index_bg.wasm", "index.js"].map(|name| built.worker.join(name)))?;
    let gzip: u64 = worker.iter().map(|file| file.gzip).sum();
    let limit = budget["gzip"]["Worker"].as_u64().context("budgets.toml has no number for the Worker")?;
    println!("{:<14}{:>9}{gzip:>9}{:>9}{limit:>9}", "Worker", worker.iter().map(|file| file.raw).sum::<u64>(), "");
    if gzip > limit {
        over.push("Worker".to_owned());
    }
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}

/// The files that a reader downloads, apart from the comments, and the script that shows counts. Of the messages, those of every language.
fn downloads(assets: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let within = |path: &str| assets.join(path.trim_start_matches('/'));
    let mut files = vec![
        ("embed.js", within("embed.js")),
        ("style", within(Stylesheet::Reading.path())),
        ("writing", within(Stylesheet::Writing.path())),
        ("script", hashed(assets, "widget", "js")?),
        ("wasm", hashed(assets, "widget", "wasm")?),
        (OPTIONAL_STYLES[0], within(Stylesheet::Page.path())),
        (OPTIONAL_STYLES[1], within(Stylesheet::Dense.path())),
        (OPTIONAL_STYLES[2], within(Stylesheet::Classic.path())),
        (COUNT_SCRIPT, within(COUNT_SCRIPT)),
    ];
    files.push((ADMIN_STYLE, within(Stylesheet::Admin.path())));
    files.extend(ADMIN_ASSETS.map(|(name, asset)| (name, within(asset.path()))));
    files.extend(IMPORT_SCRIPTS.map(|(name, path)| (name, within(path))));
    files.push((TOOLS, hashed(assets, "tools", "wasm")?));
    for name in PARTS {
        files.push((name, hashed(assets, name, "js")?));
    }
    for lang in catalogue::LANGUAGES {
        files.push((MESSAGES, within(catalogue::messages_path(lang))));
        files.push((ON_DEMAND_MESSAGES, within(catalogue::on_demand_path(lang))));
    }
    Ok(files)
}

/// One row for each name, of the largest file with it.
fn largest(files: impl Iterator<Item = (&'static str, FileSize)>) -> Vec<(&'static str, FileSize)> {
    let mut rows: Vec<(&str, FileSize)> = Vec::new();
    for (name, size) in files {
        match rows.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if known.brotli >= size.brotli => {}
            Some((_, known)) => *known = size,
            None => rows.push((name, size)),
        }
    }
    rows
}

fn hashed(assets: &Path, name: &str, extension: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(assets.join("assets")).context("cannot list the assets")?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_wanted = |path: &PathBuf| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        file.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
            && path.extension().is_some_and(|found| found == extension)
    };
    paths.find(is_wanted).with_context(|| format!("the assets have no {name}-….{extension}"))
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
    let is_part = |name: &str| PARTS.contains(&name);
    let is_beside =
        |name: &str| [MESSAGES, ON_DEMAND_MESSAGES, COUNT_SCRIPT].contains(&name) || OPTIONAL_STYLES.contains(&name);
    let is_admin = |name: &str| name == ADMIN_STYLE || ADMIN_ASSETS.iter().any(|(asset, _)| *asset == name);
    let is_import_script = |name: &str| IMPORT_SCRIPTS.iter().any(|(script, _)| *script == name);
    let is_on_import_page =
        |name: &str| is_import_script(name) || [ADMIN_STYLE, ADMIN_ASSETS[0].0, ADMIN_ASSETS[1].0].contains(&name);
    let is_of_moderators = |name: &str| is_admin(name) || is_import_script(name) || name == TOOLS;
    let is_needed = |name: &str| !is_beside(name) && !is_part(name) && !is_of_moderators(name);
    let totals = [
        ("sum", sum(&rows, is_needed)),
        (PARTS_SUM, sum(&rows, is_part)),
        (ADMIN_SUM, sum(&rows, is_admin)),
        (IMPORT_SUM, sum(&rows, is_on_import_page)),
    ];
    rows.extend(totals);
    if let Some(unknown) = budget.keys().find(|name| rows.iter().all(|(row, _)| row != name)) {
        bail!("budgets.toml limits `{unknown}`, which is not measured");
    }
    let mut table = format!("{:<14}{:>9}{:>9}{:>9}{:>9}\n", "bytes", "raw", "gzip", "brotli", "budget");
    let mut over = Vec::new();
    for (name, size) in &rows {
        let limit =
            budget.get(*name).map(|limit| limit.as_u64().context("a budget must be a number of bytes")).transpose()?;
        let shown = limit.map_or_else(String::new, |limit| limit.to_string());
        table.push_str(&format!("{name:<14}{:>9}{:>9}{:>9}{shown:>9}\n", size.raw, size.gzip, size.brotli));
        if limit.is_some_and(|limit| size.brotli > limit) {
            over.push((*name).to_owned());
        }
    }
    Ok((table, over))
}

fn sum(rows: &[(&str, FileSize)], is_counted: impl Fn(&str) -> bool) -> FileSize {
    let counted = rows.iter().filter(|(name, _)| is_counted(name));
    counted.fold(FileSize::default(), |sum, (_, size)| FileSize {
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

    const ROWS: [(&str, FileSize); 8] = [
        ("embed.js", FileSize { raw: 30, gzip: 20, brotli: 10 }),
        ("wasm", FileSize { raw: 300, gzip: 200, brotli: 100 }),
        (MESSAGES, FileSize { raw: 3, gzip: 2, brotli: 1 }),
        ("editor", FileSize { raw: 9, gzip: 8, brotli: 7 }),
        ("own", FileSize { raw: 9, gzip: 8, brotli: 4 }),
        (COUNT_SCRIPT, FileSize { raw: 9, gzip: 8, brotli: 7 }),
        (ADMIN_STYLE, FileSize { raw: 9, gzip: 8, brotli: 3 }),
        ("admin script", FileSize { raw: 9, gzip: 8, brotli: 2 }),
    ];

    #[test]
    fn budget_is_an_inclusive_limit() {
        let over = |budget| compare(&ROWS, &budget).unwrap().1;
        assert_eq!(over(json!({"embed.js": 10, "sum": 110})), Vec::<String>::new());
        assert_eq!(over(json!({"embed.js": 9, "sum": 110})), ["embed.js"]);
        assert_eq!(over(json!({"embed.js": 10, "sum": 109})), ["sum"]);
        assert_eq!(over(json!({"messages": 0})), ["messages"]);
        assert_eq!(over(json!({"count.js": 6})), ["count.js"]);
        assert_eq!(over(json!({"parts": 11, "editor": 6})), ["editor"], "the sum is that of what every reader needs");
        assert_eq!(over(json!({"parts": 10})), ["parts"]);
        assert_eq!(over(json!({"sum": 110, "admin": 5})), Vec::<String>::new(), "readers load nothing of moderators");
        assert_eq!(over(json!({"admin": 4})), ["admin"]);
    }

    #[test]
    fn the_largest_language_counts() {
        let sizes = [5, 7, 6].map(|brotli| (MESSAGES, FileSize { raw: 1, gzip: 1, brotli }));
        assert_eq!(largest(sizes.into_iter()), [sizes[1]]);
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
