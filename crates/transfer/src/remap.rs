//! `cargo xtask remap`: moves comments to the new addresses of their posts.
//!
//! A long list is sent in chunks, as a request body has at most [`limits::BODY_BYTES`] bytes. A chunk does not contain the moves of the others, so chains
//! are resolved here, over the whole list and by the rule of the ledger, before anything is sent.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use afterword_ledger::{MoveOutcome, PostMove, RemapStep};
use afterword_model::{PostUrl, limits};
use anyhow::{Context, Result, bail};
use clap::ArgGroup;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin_client::AdminClient;
use crate::move_list::{self, MoveList, MoveRow};
use crate::move_table;
use crate::progress::print_progress;

/// Maximum number of moves in one request, and their maximum size in its body; the rest of the body is for the fields around them.
const CHUNK_MOVES: usize = 500;
const CHUNK_BYTES: usize = limits::BODY_BYTES - 1_024;
/// Advice for an owner if all retries fail.
const FAILURE_HINT: &str = "Posts that have moved stay moved. Run the same command again to continue.";

/// Options of the command.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("selection").required(true)))]
pub(crate) struct Options {
    /// The address of the Worker
    #[arg(long, value_name = "URL")]
    at: String,
    /// The site; needed if the Worker has several
    #[arg(long, value_name = "ORIGIN")]
    site: Option<String>,
    /// The old address of one post
    #[arg(long, value_name = "URL", group = "selection", requires = "to")]
    from: Option<String>,
    /// The new address of that post
    #[arg(long, value_name = "URL", requires = "from")]
    to: Option<String>,
    /// A file of old and new addresses
    #[arg(long, value_name = "FILE", group = "selection")]
    list: Option<PathBuf>,
    /// The beginning of the old addresses of many posts
    #[arg(long, value_name = "URL", group = "selection", requires = "prefix_to")]
    prefix_from: Option<String>,
    /// The beginning of their new addresses
    #[arg(long, value_name = "URL", requires = "prefix_from")]
    prefix_to: Option<String>,
    /// List every post in the preview
    #[arg(long)]
    all: bool,
    /// Move the posts
    #[arg(long)]
    apply: bool,
}

/// Runs the command. Without `--apply` it changes nothing.
pub(crate) fn command(options: &Options) -> Result<()> {
    let client = AdminClient::new(&options.at)?;
    let (site, all, apply) = (options.site.as_deref(), options.all, options.apply);
    let full_url = |text: &str| move_list::full_url(text, site);
    if let Some((from, to)) = options.prefix_from.as_ref().zip(options.prefix_to.as_ref()) {
        let (from, to) = (full_url(from)?, full_url(to)?);
        let site = site.unwrap_or(&to);
        let rule = json!({"prefix": {"from": from, "to": to}});
        print_preview(&request_moves(&client, site, &rule, true)?, all, apply)?;
        if apply {
            println!("{}", move_table::summarize(&request_moves(&client, site, &rule, false)?, false));
        }
        return Ok(());
    }
    let list = if let Some(file) = &options.list {
        let read = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        move_list::read(&read, site).with_context(|| file.display().to_string())?
    } else {
        let (from, to) = options.from.as_ref().zip(options.to.as_ref()).context("--from and --to are missing")?;
        MoveList { rows: vec![MoveRow { line: None, from: full_url(from)?, to: full_url(to)? }], unchanged: 0 }
    };
    remap_list(&client, site, &list, all, apply)
}

fn remap_list(client: &AdminClient, site: Option<&str>, list: &MoveList, all: bool, apply: bool) -> Result<()> {
    let Some(first) = list.rows.first() else { bail!("no line has an old and a new address") };
    let site = site.unwrap_or(&first.to);
    let names = CanonicalHosts::fetch(client, site, &list.rows)?;
    let moves = resolve_chains(&list.rows, &names)?;
    if list.unchanged > 0 {
        println!("left out, since they have no new address: {}", move_table::count_noun(list.unchanged, "line"));
    }
    print_preview(&request_all_moves(client, site, &moves, true)?, all, apply)?;
    if apply {
        println!("{}", move_table::summarize(&request_all_moves(client, site, &moves, false)?, false));
    }
    Ok(())
}

/// Prints a preview, and how to apply it.
fn print_preview(steps: &[RemapStep], all: bool, apply: bool) -> Result<()> {
    print!("{}", move_table::render(steps, all));
    println!("{}", move_table::summarize(steps, true));
    if !apply {
        println!("Nothing has changed. To apply this, run the same command again with --apply.");
    }
    Ok(())
}

/// The canonical host name in the Worker for each host of a list.
struct CanonicalHosts(HashMap<String, String>);

impl CanonicalHosts {
    /// Requests the name of each host, with one of its addresses. A host of another blog, or of none, is found before any move is sent.
    fn fetch(client: &AdminClient, site: &str, rows: &[MoveRow]) -> Result<Self> {
        let mut names = HashMap::new();
        for row in rows {
            for text in [&row.from, &row.to] {
                let url = parse_url(text)?;
                let host = split_host(&url).0.to_owned();
                if names.contains_key(&host) {
                    continue;
                }
                let request = json!({"moves": [{"from": text, "to": text}]});
                let steps = request_moves(client, site, &request, true)
                    .with_context(|| format!("{}, `{text}`", move_list::describe_line(row.line)))?;
                let known = steps.first().context("the response is not from Afterword")?;
                names.insert(host, split_host(&known.post.from).0.to_owned());
            }
        }
        Ok(Self(names))
    }

    /// The canonical address of a post in the Worker.
    fn canonical(&self, text: &str) -> Result<PostUrl> {
        let url = parse_url(text)?;
        let (host, rest) = split_host(&url);
        parse_url(&format!("https://{}{rest}", self.0.get(host).map_or(host, String::as_str)))
    }
}

fn parse_url(text: &str) -> Result<PostUrl> {
    PostUrl::parse(text).ok().with_context(|| format!("`{text}` is not an address"))
}

/// Splits a canonical address after its host.
fn split_host(url: &PostUrl) -> (&str, &str) {
    let text = url.as_str().trim_start_matches("https://");
    text.split_at(text.find('/').unwrap_or(text.len()))
}

/// Resolves chains of moves: returns each post of the list once, with its last address. Fails with the line numbers if a post has no last address
/// or more than one.
fn resolve_chains(rows: &[MoveRow], names: &CanonicalHosts) -> Result<Vec<PostMove>> {
    let mut moves = Vec::new();
    for row in rows {
        moves.push(PostMove { from: names.canonical(&row.from)?, to: names.canonical(&row.to)? });
    }
    let (mut errors, mut known, mut resolved) = (Vec::new(), HashSet::new(), Vec::new());
    for ((moved, problem), row) in PostMove::resolve_chains(&moves).into_iter().zip(rows) {
        if let Some(reason) = problem {
            let line = move_list::describe_line(row.line);
            errors.push(match reason {
                MoveOutcome::Ambiguous => format!("{line}: {} would go to two new addresses", moved.from),
                _ => format!("{line}: {} leads in a circle", moved.from),
            });
        } else if known.insert(moved.from.clone()) {
            resolved.push(moved);
        }
    }
    if errors.is_empty() {
        Ok(resolved)
    } else {
        bail!("nothing was moved; correct these lines first\n{}", errors.join("\n"))
    }
}

/// Moves the posts of a list, or previews the moves, in chunks.
fn request_all_moves(client: &AdminClient, site: &str, moves: &[PostMove], dry_run: bool) -> Result<Vec<RemapStep>> {
    let (mut steps, mut taken, mut sent) = (Vec::new(), HashSet::new(), 0);
    for chunk in chunks(moves) {
        let request = json!({ "moves": chunk });
        for mut step in request_moves(client, site, &request, dry_run)? {
            // In a preview, the Worker does not see the effect of earlier chunks.
            if dry_run && step.outcome == MoveOutcome::Renamed && !taken.insert(step.post.to.clone()) {
                step.outcome = MoveOutcome::Merged;
            }
            steps.push(step);
        }
        sent += chunk.len();
        if sent < moves.len() {
            print_progress(&format!("{sent} of {} addresses", moves.len()));
        }
    }
    Ok(steps)
}

/// Splits the moves into chunks that fit into a request.
fn chunks(moves: &[PostMove]) -> Vec<&[PostMove]> {
    let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, moved) in moves.iter().enumerate() {
        let size = json!(moved).to_string().len() + 1;
        if at > start && (at - start >= CHUNK_MOVES || bytes + size > CHUNK_BYTES) {
            chunks.push(&moves[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += size;
    }
    if start < moves.len() {
        chunks.push(&moves[start..]);
    }
    chunks
}

/// Response to a request for moves.
#[derive(Deserialize)]
struct RemapPage {
    steps: Vec<RemapStep>,
    next: Option<i64>,
}

/// Sends moves, and repeats the request with the cursor of the response until the Worker has processed all.
fn request_moves(client: &AdminClient, site: &str, moves: &Value, dry_run: bool) -> Result<Vec<RemapStep>> {
    let (mut request, mut steps) = (moves.clone(), Vec::new());
    request["dry_run"] = json!(dry_run);
    loop {
        let page: RemapPage = client
            .retry(if dry_run { "Nothing was moved." } else { FAILURE_HINT }, |client| client.remap(site, &request))?;
        steps.extend(page.steps);
        match page.next {
            Some(next) => request["after"] = json!(next),
            None => return Ok(steps),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn exactly_one_of_post_list_and_prefix_is_accepted() {
        let parse = |arguments: &[&str]| Cli::try_parse_from([&["remap"], arguments].concat()).map(|cli| cli.options);
        let with = |more: &[&str]| parse(&[&["--at", "https://c.example"], more].concat());
        let one = with(&["--from", "/a", "--apply", "--to", "/b", "--all"]).unwrap();
        assert_eq!((one.from.as_deref(), one.to.as_deref(), one.apply, one.all), (Some("/a"), Some("/b"), true, true));
        let one = with(&["--from", "/a", "--to", "/b"]).unwrap();
        assert_eq!((one.at.as_str(), one.apply, one.all), ("https://c.example", false, false));
        assert_eq!(with(&["--list", "a.csv"]).unwrap().list, Some("a.csv".into()));
        let rule = with(&["--prefix-from", "/a", "--prefix-to", "/b"]).unwrap();
        assert_eq!((rule.prefix_from.as_deref(), rule.prefix_to.as_deref()), (Some("/a"), Some("/b")));
        for wrong in [
            &[][..],
            &["--from", "/a"],
            &["--from", "/a", "--to", "/b", "--list", "a.csv"],
            &["--from", "/a", "--to", "/b", "--prefix-from", "/a", "--prefix-to", "/b"],
            &["--from", "/a", "--prefix-to", "/b"],
            &["--prefix-from", "/a"],
            &["--from", "/a", "--from", "/c", "--to", "/b"],
            &["a.csv"],
        ] {
            assert!(with(wrong).is_err(), "{wrong:?}");
        }
        assert!(parse(&["--from", "/a", "--to", "/b"]).is_err(), "the Worker's address is required");
    }

    fn row(line: u64, from: &str, to: &str) -> MoveRow {
        let whole =
            |text: &str| if text.contains("://") { text.to_owned() } else { format!("https://b.example/{text}") };
        MoveRow { line: Some(line), from: whole(from), to: whole(to) }
    }

    fn moves(rows: &[MoveRow]) -> Result<Vec<String>> {
        let alias = ("www.b.example".to_owned(), "b.example".to_owned());
        let moves = resolve_chains(rows, &CanonicalHosts(HashMap::from([alias])))?;
        let path = |url: &PostUrl| split_host(url).1.to_owned();
        Ok(moves.iter().map(|moved| format!("{} {}", path(&moved.from), path(&moved.to))).collect())
    }

    #[test]
    fn chains_are_resolved_before_anything_is_sent() {
        let chain =
            [row(1, "a", "b"), row(2, "x", "x/index.html"), row(3, "http://www.b.example/b/", "c"), row(4, "a", "b")];
        assert_eq!(moves(&chain).unwrap(), ["/a /c", "/x /x", "/b /c"]);
        let wrong =
            [row(2, "a", "b"), row(3, "in", "a"), row(7, "http://www.b.example/b?utm_source=x", "a"), row(9, "y", "z")];
        let error = moves(&wrong).unwrap_err().to_string();
        for line in ["line 2", "line 3", "line 7"] {
            assert!(error.contains(line), "{error}");
        }
        assert!(error.contains("circle") && !error.contains("line 9"), "{error}");
        let error = moves(&[row(1, "a", "b"), row(2, "a/", "c")]).unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("line 2") && error.contains("two new"), "{error}");
    }

    #[test]
    fn every_chunk_fits_into_a_request() {
        for length in [1, 100, 2_000] {
            let url = |number: usize| parse_url(&format!("https://b.example/{number}/{}", "x".repeat(length))).unwrap();
            let moves: Vec<PostMove> =
                (0..1_234).map(|number| PostMove { from: url(number), to: url(number + 9_999) }).collect();
            let chunks = chunks(&moves);
            assert_eq!(chunks.concat(), moves);
            for chunk in chunks {
                let body = json!({"moves": chunk, "dry_run": false, "after": i64::MAX}).to_string();
                assert!(chunk.len() <= CHUNK_MOVES && body.len() <= limits::BODY_BYTES, "{}", body.len());
            }
        }
        assert!(chunks(&[]).is_empty());
    }
}
