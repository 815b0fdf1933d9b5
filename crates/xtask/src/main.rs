#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on its terminal")]
#![expect(clippy::disallowed_methods, reason = "timeouts and file times are what this tool works with")]

mod blog;
mod build;
mod carry;
mod ci;
mod dev;
mod docs;
mod edges;
mod fingerprint;
mod members;
mod project;
mod run;
mod runtime;
#[cfg(test)]
mod scratch;
mod serve;
mod size;
mod test;
mod tools;
mod watch;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::Arg;

const USAGE: &str = "\
cargo xtask <command>

  build                                           install what is missing, then build everything into build/
  dev [--port P] [--blog-port P] [--persist DIR] [--var KEY=VALUE]…
                                                  build, run Worker and demo blog, build again on every change
  test [--native]                                 every test there is; only the quick ones
  docs                                            build the book of docs/ into build/docs, and check every link
  size                                            what a reader downloads, against budgets.toml
  ci [CHECK]…                                     what must hold before a change is taken; only the checks named
  serve --port P --persist DIR [--var KEY=VALUE]… the release build alone on the real runtime, state in DIR
  backup --from URL [--site ORIGIN] FILE          a site's comments, out of the Worker at URL into a file
  restore FILE --to URL [--site ORIGIN] [--dry-run]
                                                  the same back, into the Worker at URL; only say what would come
  remap --at URL (--from URL --to URL | --list FILE | --prefix-from URL --prefix-to URL) [--site ORIGIN] [--all] [--apply]
                                                  comments along with posts that have moved: what would happen; do it
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
        _ => bail!("which command?\n\n{USAGE}"),
    };
    match command.as_str() {
        "backup" => carry::backup::command(arguments),
        "build" => build::command(arguments),
        "ci" => ci::command(arguments),
        "dev" => dev::command(arguments),
        "docs" => docs::command(arguments),
        "remap" => carry::remap::command(arguments),
        "restore" => carry::restore::command(arguments),
        "serve" => serve::command(arguments),
        "size" => size::command(arguments),
        "test" => test::command(arguments),
        _ => bail!("there is no command `{command}`\n\n{USAGE}"),
    }
}
