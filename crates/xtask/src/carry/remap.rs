//! `cargo xtask remap`: takes comments to the new addresses of their posts.
//!
//! A long list is sent piece by piece, for the call takes a body of [`limits::BODY`] bytes. A piece does not know where the others lead, so
//! chains are followed here, over the whole list and by the rule of the ledger, before anything is sent.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use afterword_ledger::{MoveOutcome, PostMove, RemapStep};
use afterword_model::{PostUrl, limits};
use anyhow::{Context, Result, bail};
use lexopt::{Arg, ValueExt};
use serde::Deserialize;
use serde_json::{Value, json};

use super::list::{self, List, Row};
use super::remote::Remote;
use super::table;
use crate::run::say;

/// Moves that are sent in one call, and what they may take of its body; the rest of it is for what stands around them.
const SLICE_MOVES: usize = 500;
const SLICE_BYTES: usize = limits::BODY_BYTES - 1_024;
/// What can be done when the Worker goes on failing.
const LEFT: &str = "What has moved so far stays moved. Run the same again: it goes on.";

/// What to move, and where to ask for it.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    at: String,
    site: Option<String>,
    what: What,
    apply: bool,
    all: bool,
}

/// Which posts have moved.
#[derive(Debug, PartialEq, Eq)]
enum What {
    One { from: String, to: String },
    File(PathBuf),
    Rule { from: String, to: String },
}

/// The command. Without `--apply` it changes nothing.
pub(crate) fn command(arguments: lexopt::Parser) -> Result<()> {
    let Order { at, site, what, apply, all } = parse(arguments)?;
    let remote = Remote::new(&at)?;
    let site = site.as_deref();
    let whole = |text: &str| list::address(text, site);
    match what {
        What::Rule { from, to } => {
            let (from, to) = (whole(&from)?, whole(&to)?);
            let site = site.unwrap_or(&to);
            let rule = json!({"prefix": {"from": from, "to": to}});
            show(&steps_of(&remote, site, &rule, true)?, all, apply)?;
            if apply {
                println!("{}", table::summed(&steps_of(&remote, site, &rule, false)?, false));
            }
            Ok(())
        }
        What::One { from, to } => {
            let row = Row { line: None, from: whole(&from)?, to: whole(&to)? };
            remap_list(&remote, site, &List { rows: vec![row], without: 0 }, all, apply)
        }
        What::File(file) => {
            let read = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let list = list::read(&read, site).with_context(|| file.display().to_string())?;
            remap_list(&remote, site, &list, all, apply)
        }
    }
}

fn remap_list(remote: &Remote, site: Option<&str>, list: &List, all: bool, apply: bool) -> Result<()> {
    let Some(first) = list.rows.first() else { bail!("there is no line in it with an old address and a new one") };
    let site = site.unwrap_or(&first.to);
    let names = Names::learn(remote, site, &list.rows)?;
    let moves = settled(&list.rows, &names)?;
    if list.without > 0 {
        println!("left out, since they have no new address: {}", table::counted(list.without, "line"));
    }
    show(&steps_of_all(remote, site, &moves, true)?, all, apply)?;
    if apply {
        println!("{}", table::summed(&steps_of_all(remote, site, &moves, false)?, false));
    }
    Ok(())
}

/// What would happen, and what to do about it.
fn show(steps: &[RemapStep], all: bool, apply: bool) -> Result<()> {
    print!("{}", table::drawn(steps, all));
    println!("{}", table::summed(steps, true));
    if !apply {
        println!("Nothing has changed. If this is what you want, say the same again with --apply.");
    }
    Ok(())
}

/// Under which name the Worker knows each host of a list.
struct Names(HashMap<String, String>);

impl Names {
    /// Asks about one address of each host. One that belongs to another blog, or to none, is found before anything else is sent.
    fn learn(remote: &Remote, site: &str, rows: &[Row]) -> Result<Self> {
        let mut names = HashMap::new();
        for row in rows {
            for text in [&row.from, &row.to] {
                let url = post(text)?;
                let host = split(&url).0.to_owned();
                if names.contains_key(&host) {
                    continue;
                }
                let asked = json!({"moves": [{"from": text, "to": text}]});
                let steps = steps_of(remote, site, &asked, true)
                    .with_context(|| format!("{}, `{text}`", list::place(row.line)))?;
                let known = steps.first().context("the answer is not that of Afterword")?;
                names.insert(host, split(&known.post.from).0.to_owned());
            }
        }
        Ok(Self(names))
    }

    /// The address under which the Worker has a post.
    fn canonical(&self, text: &str) -> Result<PostUrl> {
        let url = post(text)?;
        let (host, rest) = split(&url);
        post(&format!("https://{}{rest}", self.0.get(host).map_or(host, String::as_str)))
    }
}

fn post(text: &str) -> Result<PostUrl> {
    PostUrl::parse(text).ok().with_context(|| format!("`{text}` is no address"))
}

/// The host of a canonical address, and what follows it.
fn split(url: &PostUrl) -> (&str, &str) {
    let text = url.as_str().trim_start_matches("https://");
    text.split_at(text.find('/').unwrap_or(text.len()))
}

/// Each post of the list once, with the last of its addresses. Fails, and says where, if that is none or more than one.
fn settled(rows: &[Row], names: &Names) -> Result<Vec<PostMove>> {
    let mut moves = Vec::new();
    for row in rows {
        moves.push(PostMove { from: names.canonical(&row.from)?, to: names.canonical(&row.to)? });
    }
    let (mut wrong, mut known, mut settled) = (Vec::new(), HashSet::new(), Vec::new());
    for ((moved, barred), row) in PostMove::resolve_chains(&moves).into_iter().zip(rows) {
        if let Some(why) = barred {
            let place = list::place(row.line);
            wrong.push(match why {
                MoveOutcome::Ambiguous => format!("{place}: {} would go to two new addresses", moved.from),
                _ => format!("{place}: {} leads in a circle", moved.from),
            });
        } else if known.insert(moved.from.clone()) {
            settled.push(moved);
        }
    }
    if wrong.is_empty() { Ok(settled) } else { bail!("nothing was moved; mend these first\n{}", wrong.join("\n")) }
}

/// What is done with the moves of a list, or would be, sent piece by piece.
fn steps_of_all(remote: &Remote, site: &str, moves: &[PostMove], dry_run: bool) -> Result<Vec<RemapStep>> {
    let (mut steps, mut taken, mut sent) = (Vec::new(), HashSet::new(), 0);
    for slice in slices(moves) {
        let asked = json!({ "moves": slice });
        for mut step in steps_of(remote, site, &asked, dry_run)? {
            // The Worker does not know what the pieces before will have done.
            if dry_run && step.outcome == MoveOutcome::Renamed && !taken.insert(step.post.to.clone()) {
                step.outcome = MoveOutcome::Merged;
            }
            steps.push(step);
        }
        sent += slice.len();
        if sent < moves.len() {
            say(&format!("{sent} of {} addresses", moves.len()));
        }
    }
    Ok(steps)
}

/// The moves in pieces that fit into a call.
fn slices(moves: &[PostMove]) -> Vec<&[PostMove]> {
    let (mut slices, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, moved) in moves.iter().enumerate() {
        let size = json!(moved).to_string().len() + 1;
        if at > start && (at - start >= SLICE_MOVES || bytes + size > SLICE_BYTES) {
            slices.push(&moves[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += size;
    }
    if start < moves.len() {
        slices.push(&moves[start..]);
    }
    slices
}

/// The answer to a call.
#[derive(Deserialize)]
struct Part {
    steps: Vec<RemapStep>,
    next: Option<i64>,
}

/// Makes a call, and goes on with it until the Worker is through.
fn steps_of(remote: &Remote, site: &str, moves: &Value, dry_run: bool) -> Result<Vec<RemapStep>> {
    let (mut call, mut steps) = (moves.clone(), Vec::new());
    call["dry_run"] = json!(dry_run);
    loop {
        let part: Part =
            remote.insist(if dry_run { "Nothing was moved." } else { LEFT }, |it| it.remap(site, &call))?;
        steps.extend(part.steps);
        match part.next {
            Some(next) => call["after"] = json!(next),
            None => return Ok(steps),
        }
    }
}

fn parse(mut arguments: lexopt::Parser) -> Result<Order> {
    let (mut at, mut site, mut apply, mut all) = (None, None, false, false);
    let mut named: HashMap<&str, String> = HashMap::new();
    while let Some(argument) = arguments.next()? {
        let name = match argument {
            Arg::Long("from") => "from",
            Arg::Long("to") => "to",
            Arg::Long("list") => "list",
            Arg::Long("prefix-from") => "prefix-from",
            Arg::Long("prefix-to") => "prefix-to",
            Arg::Long("apply") => {
                apply = true;
                continue;
            }
            Arg::Long("all") => {
                all = true;
                continue;
            }
            Arg::Long("at") => {
                at = Some(arguments.value()?.string()?);
                continue;
            }
            Arg::Long("site") => {
                site = Some(arguments.value()?.string()?);
                continue;
            }
            unexpected => return Err(unexpected.unexpected().into()),
        };
        if named.insert(name, arguments.value()?.string()?).is_some() {
            bail!("--{name} twice; for more than one post there is --list");
        }
    }
    let at = at.context("where? --at https://…, the address of the Worker")?;
    let mut take = |name| named.remove(name);
    let what = match (take("from"), take("to"), take("list"), take("prefix-from"), take("prefix-to")) {
        (Some(from), Some(to), None, None, None) => What::One { from, to },
        (None, None, Some(file), None, None) => What::File(file.into()),
        (None, None, None, Some(from), Some(to)) => What::Rule { from, to },
        _ => bail!("which posts? --from and --to for one, --list for a file, --prefix-from and --prefix-to for a rule"),
    };
    Ok(Order { at, site, what, apply, all })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(arguments: &[&str]) -> Result<Order> {
        parse(lexopt::Parser::from_args(arguments))
    }

    #[test]
    fn one_post_a_list_or_a_rule_and_nothing_in_between() {
        let at = ["--at", "https://c.example"];
        let with = |more: &[&str]| order(&[&at[..], more].concat());
        let one = What::One { from: "/a".to_owned(), to: "/b".to_owned() };
        let expected = Order { at: "https://c.example".to_owned(), site: None, what: one, apply: false, all: false };
        assert_eq!(with(&["--from", "/a", "--to", "/b"]).unwrap(), expected);
        assert!(with(&["--from", "/a", "--apply", "--to", "/b", "--all"]).is_ok_and(|order| order.apply && order.all));
        assert_eq!(with(&["--list", "a.csv"]).unwrap().what, What::File("a.csv".into()));
        let rule = What::Rule { from: "/a".to_owned(), to: "/b".to_owned() };
        assert_eq!(with(&["--prefix-from", "/a", "--prefix-to", "/b"]).unwrap().what, rule);
        for wrong in [
            &[][..],
            &["--from", "/a"],
            &["--from", "/a", "--to", "/b", "--list", "a.csv"],
            &["--from", "/a", "--prefix-to", "/b"],
            &["--prefix-from", "/a"],
            &["--from", "/a", "--from", "/c", "--to", "/b"],
            &["a.csv"],
        ] {
            assert!(with(wrong).is_err(), "{wrong:?}");
        }
        assert!(order(&["--from", "/a", "--to", "/b"]).is_err(), "at which Worker?");
    }

    fn row(line: u64, from: &str, to: &str) -> Row {
        let whole =
            |text: &str| if text.contains("://") { text.to_owned() } else { format!("https://b.example/{text}") };
        Row { line: Some(line), from: whole(from), to: whole(to) }
    }

    fn moves(rows: &[Row]) -> Result<Vec<String>> {
        let alias = ("www.b.example".to_owned(), "b.example".to_owned());
        let moves = settled(rows, &Names(HashMap::from([alias])))?;
        let path = |url: &PostUrl| split(url).1.to_owned();
        Ok(moves.iter().map(|moved| format!("{} {}", path(&moved.from), path(&moved.to))).collect())
    }

    #[test]
    fn the_whole_list_is_known_before_anything_of_it_is_sent() {
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
    fn no_piece_is_larger_than_a_call_takes() {
        for length in [1, 100, 2_000] {
            let url = |number: usize| post(&format!("https://b.example/{number}/{}", "x".repeat(length))).unwrap();
            let moves: Vec<PostMove> =
                (0..1_234).map(|number| PostMove { from: url(number), to: url(number + 9_999) }).collect();
            let slices = slices(&moves);
            assert_eq!(slices.concat(), moves);
            for slice in slices {
                let body = json!({"moves": slice, "dry_run": false, "after": i64::MAX}).to_string();
                assert!(slice.len() <= SLICE_MOVES && body.len() <= limits::BODY_BYTES, "{}", body.len());
            }
        }
        assert!(slices(&[]).is_empty());
    }
}
