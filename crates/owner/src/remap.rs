//! `cargo xtask remap`: moves comments to the new addresses of their posts.

use std::fs;
use std::path::PathBuf;

use afterword_ledger::RemapStep;
use afterword_transfer::{MoveList, RemapPlan, merge_preview, prefix_rule, render_steps, summarize_steps};
use anyhow::{Context, Result};
use clap::ArgGroup;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin_client::AdminClient;
use crate::progress::print_progress;

/// Advice for an owner if all retries fail.
const FAILURE_HINT: &str = "Posts that have moved stay moved. Run the same command again to continue.";

/// Arguments of `remap`.
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

/// Moves threads to the new addresses of their posts. Without `--apply` it changes nothing.
pub(crate) fn command(options: &Options) -> Result<()> {
    let client = AdminClient::new(&options.at)?;
    let Options { all, apply, .. } = *options;
    let site = options.site.as_deref();
    let (requests, site) = if let Some((from, to)) = options.prefix_from.as_ref().zip(options.prefix_to.as_ref()) {
        let (rule, site) = prefix_rule(from, to, site)?;
        (vec![(rule, 0)], site)
    } else {
        let mut plan = plan(options)?;
        let site = site.unwrap_or_else(|| plan.site()).to_owned();
        request_hosts(&client, &site, &mut plan)?;
        (plan.requests()?, site)
    };
    let mut preview = request_all(&client, &site, &requests, true)?;
    merge_preview(&mut preview);
    print!("{}", render_steps(&preview, all));
    println!("{}", summarize_steps(&preview, true));
    if apply {
        println!("{}", summarize_steps(&request_all(&client, &site, &requests, false)?, false));
    } else {
        println!("Nothing has changed. To apply this, run the same command again with --apply.");
    }
    Ok(())
}

/// Plans the moves of a file, or that of one post.
fn plan(options: &Options) -> Result<RemapPlan> {
    let site = options.site.as_deref();
    let Some(file) = &options.list else {
        let (from, to) = options.from.as_ref().zip(options.to.as_ref()).context("--from and --to are missing")?;
        return Ok(RemapPlan::single(from, to, site)?);
    };
    let read = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let list = MoveList::parse(&read, site).with_context(|| file.display().to_string())?;
    if list.unchanged > 0 {
        let lines = if list.unchanged == 1 { "line" } else { "lines" };
        println!("left out, since they have no new address: {} {lines}", list.unchanged);
    }
    Ok(RemapPlan::new(list)?)
}

/// Asks for the name of each host of the list.
fn request_hosts(client: &AdminClient, site: &str, plan: &mut RemapPlan) -> Result<()> {
    for (line, address) in plan.hosts()? {
        let request = json!({"moves": [{"from": address, "to": address}]});
        let steps = request_moves(client, site, &request, true).with_context(|| format!("{line}, `{address}`"))?;
        plan.add_host(&address, steps.first().context("the response is not from Afterword")?)?;
    }
    Ok(())
}

/// Moves all posts, or previews the moves, in chunks.
fn request_all(client: &AdminClient, site: &str, requests: &[(Value, usize)], dry_run: bool) -> Result<Vec<RemapStep>> {
    let (mut steps, mut sent) = (Vec::new(), 0);
    let total: usize = requests.iter().map(|(_, count)| count).sum();
    for (request, count) in requests {
        steps.extend(request_moves(client, site, request, dry_run)?);
        sent += count;
        if sent < total {
            print_progress(&format!("{sent} of {total} addresses"));
        }
    }
    Ok(steps)
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
}
