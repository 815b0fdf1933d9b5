//! `cargo xtask serve`: runs a build on the real runtime.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::build::{self, Built, Variant};
use crate::runtime::{RunOptions, Runtime};

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The port on localhost
    #[arg(long, value_name = "P")]
    port: u16,
    /// The folder that keeps all state between runs
    #[arg(long, value_name = "DIR")]
    persist: PathBuf,
    /// A variable of the Worker; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = variable)]
    var: Vec<(String, String)>,
    /// The variant to run
    #[arg(long, value_enum, default_value_t = Variant::Release)]
    variant: Variant,
    /// A folder with a copy of artefacts to run; nothing is built
    #[arg(long, value_name = "DIR", conflicts_with = "variant")]
    built: Option<PathBuf>,
    /// Add a local bucket for backups
    #[arg(long)]
    backups: bool,
    /// Leave out the static assets, without which the runtime can fire cron triggers
    #[arg(long)]
    no_assets: bool,
}

/// Serves a build until SIGTERM or SIGINT.
pub(crate) fn command(options: Options) -> Result<()> {
    let built = match &options.built {
        Some(folder) => Built::copied(folder),
        None => build::ensure(options.variant)?,
    };
    let Options { port, persist, var: vars, backups, no_assets, .. } = options;
    let options = RunOptions { port, persist, vars, backups, no_assets };
    let stop = stop_signal()?;
    let is_stopped = || stop.load(Ordering::Relaxed);
    let mut runtime = Runtime::start(built, &options)?;
    if runtime.wait_until_ready(options.port, is_stopped)? {
        // The reader of this line may be gone; the Worker serves all the same.
        let _ = writeln!(stdout(), "ready {}", runtime.address()).and_then(|()| stdout().flush());
        runtime.watch(is_stopped)?;
    }
    Ok(())
}

/// Returns a flag that becomes true on SIGTERM and SIGINT. From then on these signals no longer end the process by themselves.
pub(crate) fn stop_signal() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).context("cannot listen for signals")?;
    }
    Ok(flag)
}

/// Parses `KEY=VALUE`. The value is everything after the first `=`.
pub(crate) fn variable(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').with_context(|| format!("--var takes KEY=VALUE, not `{text}`"))?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) || !name.bytes().all(is_allowed) {
        bail!("`{name}` is not a valid name of a variable");
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_value_may_hold_any_text() {
        for value in
            ["", "a b", "https://a.example=http://b.example:8788,c", "x=y=z", "\"q\" 'q' \\", "{\"a\": [1]}", "-1"]
        {
            assert_eq!(variable(&format!("KEY={value}")).unwrap(), ("KEY".to_owned(), value.to_owned()));
        }
    }

    #[test]
    fn variable_name_is_validated() {
        for text in ["KEY", "=v", "A B=v", "1A=v", "A-B=v", "Ä=v"] {
            assert!(variable(text).is_err(), "{text}");
        }
    }
}
