#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool writes to its terminal")]

mod admin_client;
mod backup;
mod progress;
mod remap;
mod restore;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// The owner's commands of Afterword.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
enum Cli {
    /// Download a site's comments into a file
    Backup(backup::Options),
    /// Move comments to the new addresses of posts; only a preview without --apply
    Remap(remap::Options),
    /// Upload the file of a backup
    Restore(restore::Options),
}

fn main() -> ExitCode {
    match run_command(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("afterword: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(command: Cli) -> Result<()> {
    match command {
        Cli::Backup(options) => backup::command(&options),
        Cli::Remap(options) => remap::command(&options),
        Cli::Restore(options) => restore::command(&options),
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
