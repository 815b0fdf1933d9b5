//! The prose check: sentences, log lines and names follow the house style.

mod old_names;
mod sentences;
mod table;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project;
use crate::run::capture;
use crate::rust_tokens::tokenize;

/// Extensions of the files that are read.
const EXTENSIONS: [&str; 8] = ["rs", "md", "toml", "js", "css", "sh", "sql", "json"];

/// Files that may hold the old names: the history of changes, and this check with its table. Of JSON only the messages are read.
const EXEMPT: [&str; 3] = ["CHANGELOG.md", "package-lock.json", "crates/xtask/src/prose/"];
const MESSAGES: &str = "crates/view/messages/";

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    message: String,
}

/// Arguments of `prose`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Files and folders to check; all without one
    paths: Vec<PathBuf>,
}

/// The command: checks the files below the given paths, or all.
pub(crate) fn command(options: &Options) -> Result<()> {
    let folder = env::current_dir().context("cannot find the current folder")?;
    let mut git = Command::new("git");
    report(&listed(git.current_dir(folder).args(["ls-files"]).args(LISTING).args(&options.paths))?)
}

/// The check of all files.
pub(crate) fn check() -> Result<()> {
    report(&listed(Command::new("git").current_dir(project::root()).args(["ls-files"]).args(LISTING))?)
}

/// Tracked files and new ones, by their paths below the root of the repository.
const LISTING: [&str; 6] = ["--full-name", "-z", "--cached", "--others", "--exclude-standard", "--"];

fn listed(git: &mut Command) -> Result<BTreeSet<String>> {
    Ok(capture(git)?.split_terminator('\0').map(str::to_owned).collect())
}

fn report(files: &BTreeSet<String>) -> Result<()> {
    let violations = violations(project::root(), files)?;
    for Violation { path, line, message } in &violations {
        println!("{path}:{line}: {message}");
    }
    if !violations.is_empty() {
        bail!("{} places break the rules for prose and names", violations.len());
    }
    println!("prose: {} files, no violations", files.iter().filter(|path| is_checked(path)).count());
    Ok(())
}

fn is_checked(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    EXTENSIONS.contains(&extension)
        && !EXEMPT.iter().any(|exempt| path.starts_with(exempt))
        && (extension != "json" || path.starts_with(MESSAGES))
}

/// Checks files below a root, each given by its path with `/` between folders. A file that was deleted is passed over.
fn violations(root: &Path, files: &BTreeSet<String>) -> Result<Vec<Violation>> {
    let mut found = BTreeSet::new();
    for path in files.iter().filter(|path| is_checked(path) && root.join(path).is_file()) {
        let text = fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))?;
        found.extend(violations_in(path, &text));
    }
    Ok(found.into_iter().collect())
}

/// Checks one file.
fn violations_in(path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if !is_checked(path) {
        return found;
    }
    let mut push = |line: usize, message: String| found.push(Violation { path: path.to_owned(), line, message });
    if path.ends_with(".rs") {
        let tokens = tokenize(text);
        sentences::check_rust(&tokens, &mut push);
        old_names::check_rust(path, &tokens, &mut push);
    }
    if path.ends_with(".md") {
        sentences::check_markdown(text, &mut push);
        old_names::check_markdown(text, &mut push);
    }
    old_names::check_text(path, text, &mut push);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// The lines and messages for a file.
    fn check(path: &str, text: &str) -> Vec<String> {
        violations_in(path, text).into_iter().map(|found| format!("{}: {}", found.line, found.message)).collect()
    }

    fn passes(path: &str, text: &str) {
        assert_eq!(check(path, text), Vec::<String>::new(), "{path}: {text}");
    }

    fn fails(path: &str, text: &str, expected: &str) {
        let found = check(path, text);
        assert!(found.iter().any(|found| found.contains(expected)), "{path}: {text}: {found:?}");
    }

    #[test]
    fn doc_comments_open_with_a_noun_or_verb() {
        for opener in ["What is sent.", "Who it is.", "Whether it is.", "How far it goes.", "How many there are."] {
            fails("worker/src/a.rs", &format!("/// {opener}\nfn a() {{}}"), "1: the doc comment opens with");
        }
        fails("worker/src/a.rs", "//! By what it is known.", "opens with `By what`");
        fails("worker/src/a.rs", "fn a() {}\n/// As [`b`].\nfn b() {}", "2: the doc comment opens with `As [`");
        fails("worker/src/a.rs", "/// For how many seconds.", "opens with `For how`");
        passes("worker/src/a.rs", "/// Number of seconds.\n/// What follows is the second line.");
        passes("worker/src/a.rs", "/// Whatever is left. How it is done.\n// What an ordinary comment says.");
        passes("worker/src/a.rs", "const A: &str = \"/// What is in a string\";");
    }

    #[test]
    fn log_lines_have_context() {
        fails("worker/src/a.rs", "console_error!(\"{error}\")", "1: log line without context");
        fails("worker/src/a.rs", "f();\nconsole_log!(\n\"nothing = {a}\")", "2: log line without context");
        fails("worker/src/a.rs", "console_warn!(TEXT)", "1: log line without context");
        for incomplete in [
            "console_error!(\"kv put failed key={key} cause={error}\")",
            "console_error!(\"kv put failed key={key} {log}\")",
            "console_error!(\"kv put failed key={key} {} cause={error}\", log_of(x)); log",
            "console_warn!(\"kv put slow {log}\")",
            "console_log!(\"backup written day={day}\")",
        ] {
            fails("worker/src/a.rs", incomplete, "1: log line without context");
        }
        passes("worker/src/a.rs", "console_error!(\"kv put failed key={key} {log} cause={error}\")");
        passes("worker/src/a.rs", "console_error!(\"kv put failed key={key} {} cause={}\", self.log, f(error))");
        passes("worker/src/a.rs", "console_error!(\"night failed route=scheduled cause=panic\")");
        passes("worker/src/a.rs", "console_log!(\"backup written day={} {}\", day(), app.log.for_site(site))");
        passes("worker/src/a.rs", "use worker::console_error; // console_error!(\"x\")");
    }

    #[test]
    fn people_are_they() {
        fails("README.md", "A reader\nloses his text.", "2: `his`");
        fails("worker/src/a.rs", "// He waits.", "1: `He`");
        fails("worker/src/a.rs", "/* one\n he */", "2: `he`");
        passes("README.md", "This, the history, and where they wait.");
        passes("README.md", "The tag `he` is that of Hebrew.");
        fails("README.md", "The tag `en`: he reads.", "1: `he`");
        passes("worker/src/a.rs", "let he = \"his\";");
    }

    #[test]
    fn old_names_are_found_in_code() {
        fails("worker/src/a.rs", "fn a() -> Told {}", "1: `Told` is now `SubmitReply`");
        fails("worker/src/a.rs", "mod night;", "1: `night` is now `maintenance`");
        fails("worker/src/a.rs", "let a = post::answer();", "1: `post` is now `submit_comment`");
        fails("worker/src/post.rs", "", "1: `post` is now `submit_comment`");
        fails("worker/src/post/mod.rs", "", "1: `post` is now `submit_comment`");
        fails("crates/ledger/src/a.rs", "self.leave(1)", "1: `leave` is now `record_stale_pages`");
        fails("crates/ledger/src/a.rs", "impl<S: Sql> Ledger<S> {\n pub fn due(&self) {} }", "2: `Ledger::due`");
        fails("crates/ledger/tests/a.rs", "let a = ledger\n    .published(1);", "2: `Ledger::published`");
        fails("crates/ledger/src/a.rs", "const A: &str = \"SELECT\n named FROM thread\";", "2: `named` is now");
        fails("crates/markup/tests/a.rs", "fn storms_of_quotes() {}", "1: `storms_of_quotes`");
    }

    #[test]
    fn rare_old_names_are_found_everywhere() {
        for path in ["worker/src/a.rs", "docs/a.md", "worker/a.toml", "a/b.js", "crates/view/messages/de.json"] {
            fails(path, "x\n// see is_ripe.", "2: `is_ripe` is now `is_ready`");
        }
        fails("worker/Cargo.toml", "test-hooks = []", "1: `test-hooks` is now `fault-injection`");
        fails("ARCHITECTURE.md", "The type `Leftover<'a>`.", "1: `Leftover` is now `StalePages`");
        fails("README.md", "and what is kept for a while only", "is now `expired data`");
    }

    #[test]
    fn ordinary_words_pass() {
        passes("README.md", "What is told at night: a post, a page, and the queue. Leftover food.");
        passes("worker/src/a.rs", "// At night a post is told.\nlet post = \"night\"; a.post(); Method::Post");
        passes("crates/ledger/src/a.rs", "impl Row { fn due(&self) {} } fn name() { row.published() }");
        passes("crates/model/src/a.rs", "fn leave() { queue::take() }");
        passes("CHANGELOG.md", "- `is_ripe` is gone");
        passes("worker/src/a.rs", "fn this_is_ripened() {}");
    }

    #[test]
    fn files_are_read_below_a_root() {
        let folder = Scratch::with_files(
            "prose",
            &[("a/b.rs", "/// What.\n"), ("CHANGELOG.md", "is_ripe"), ("a/page.json", "is_ripe")],
        );
        let files = ["a/b.rs", "a/deleted.rs", "a/page.json", "CHANGELOG.md"].map(str::to_owned).into();
        let found = violations(&folder.path(""), &files).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), ("a/b.rs", 1));
    }
}
