#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool writes to its terminal")]
#![expect(clippy::disallowed_methods, reason = "this tool works with timeouts and file times")]

mod blog;
mod build;
mod ci;
mod debian;
mod dependency_rules;
mod dev;
mod docs;
mod examples;
mod fingerprint;
mod owner;
mod package;
mod progress;
mod project;
mod prose;
mod reproducible;
mod run;
mod runtime;
mod rust_tokens;
#[cfg(test)]
mod scratch;
mod serve;
mod size;
mod test;
mod test_programs;
mod tools;
mod watch;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// Developer and owner commands of Afterword.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
enum Cli {
    /// Download a site's comments into a file
    Backup(owner::Arguments),
    /// Install missing tools, then build what is deployed into build/
    Build(build::Options),
    /// Run all checks of a change, or only the named ones
    Ci(ci::Options),
    /// Build, run the Worker and the demo blog, and rebuild on every change
    Dev(dev::Options),
    /// Build the book of docs/ into build/docs and check every link
    Docs,
    /// Build the examples that need a generator or a library into build/examples
    Examples(examples::Options),
    /// Build the npm package, twice with the same bytes, into build/package
    Package,
    /// Check prose, log lines and names, in all files or below the given paths
    Prose(prose::Options),
    /// Move comments to the new addresses of posts; only a preview without --apply
    Remap(owner::Arguments),
    /// Upload the file of a backup
    Restore(owner::Arguments),
    /// Run a build on the real runtime
    Serve(serve::Options),
    /// Compare the sizes of the downloads and of the Worker with budgets.toml
    Size,
    /// Run the tests
    Test(test::Options),
}

fn main() -> ExitCode {
    match run_command(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(command: Cli) -> Result<()> {
    match command {
        Cli::Backup(arguments) => owner::command("backup", &arguments),
        Cli::Build(options) => build::command(&options),
        Cli::Ci(options) => ci::command(&options),
        Cli::Dev(options) => dev::command(options),
        Cli::Docs => docs::command(),
        Cli::Examples(options) => examples::command(&options),
        Cli::Package => package::command(),
        Cli::Prose(options) => prose::command(&options),
        Cli::Remap(arguments) => owner::command("remap", &arguments),
        Cli::Restore(arguments) => owner::command("restore", &arguments),
        Cli::Serve(options) => serve::command(options),
        Cli::Size => size::command(),
        Cli::Test(options) => test::command(&options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
