#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool writes to its terminal")]
#![expect(clippy::disallowed_methods, reason = "this tool works with timeouts and file times")]

mod blog;
mod build;
mod ci;
mod dependency_rules;
mod dev;
mod docs;
mod fingerprint;
mod project;
mod prose;
mod run;
mod runtime;
mod rust_tokens;
#[cfg(test)]
mod scratch;
mod serve;
mod size;
mod test;
mod tools;
mod transfer;
mod watch;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::Arg;

const USAGE: &str = "\
cargo xtask <command>

  build                                           install missing tools, then build everything into build/
  dev [--port P] [--blog-port P] [--persist DIR] [--var KEY=VALUE]…
                                                  build, run the Worker and the demo blog, rebuild on every change
  test [--native]                                 run all tests; with --native only the quick ones
  docs                                            build the book of docs/ into build/docs and check every link
  size                                            compare the reader's download with budgets.toml
  prose [PATH]…                                   check prose, log lines and names, in all files or below PATH
  ci [CHECK]…                                     run all checks of a change, or only the named ones
  serve --port P --persist DIR [--var KEY=VALUE]… run the release build on the real runtime, with its state in DIR
  backup --from URL [--site ORIGIN] FILE          download a site's comments from the Worker at URL into FILE
  restore FILE --to URL [--site ORIGIN] [--dry-run]
                                                  upload such a file to the Worker at URL; with --dry-run change nothing
  remap --at URL (--from URL --to URL | --list FILE | --prefix-from URL --prefix-to URL) [--site ORIGIN] [--all] [--apply]
                                                  move comments to the new addresses of posts; only a preview without --apply
";

fn main() -> ExitCode {
    match dispatch(lexopt::Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut arguments: lexopt::Parser) -> Result<()> {
    let command = match arguments.next()? {
        Some(Arg::Value(command)) => command.to_string_lossy().into_owned(),
        Some(Arg::Long("help") | Arg::Short('h')) => {
            print!("{USAGE}");
            return Ok(());
        }
        _ => bail!("a command is missing\n\n{USAGE}"),
    };
    match command.as_str() {
        "backup" => transfer::backup::command(arguments),
        "build" => build::command(arguments),
        "ci" => ci::command(arguments),
        "dev" => dev::command(arguments),
        "docs" => docs::command(arguments),
        "prose" => prose::command(arguments),
        "remap" => transfer::remap::command(arguments),
        "restore" => transfer::restore::command(arguments),
        "serve" => serve::command(arguments),
        "size" => size::command(arguments),
        "test" => test::command(arguments),
        _ => bail!("unknown command `{command}`\n\n{USAGE}"),
    }
}
