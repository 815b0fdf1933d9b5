//! Running other programs.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Says on the terminal what happens now. Standard output is kept for results.
pub(crate) fn print_progress(text: &str) {
    eprintln!("xtask: {text}");
}

/// Runs a program to its end, its output on standard error, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", describe(command));
    }
    Ok(())
}

/// Runs a program to its end and gives back what it wrote on standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}\n{}", describe(command), output.status, said.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("the output of {} is not text", describe(command)))
}

/// The command as one would type it, shortened to its program and first arguments.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.take(6).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
