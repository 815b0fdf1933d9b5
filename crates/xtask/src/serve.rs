//! `cargo xtask serve`: runs the release build on the real runtime.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use lexopt::{Arg, ValueExt};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::build;
use crate::runtime::{Options, Runtime};

/// Runs the command until SIGTERM or SIGINT.
pub(crate) fn command(arguments: lexopt::Parser) -> Result<()> {
    let (options, features) = parse(arguments)?;
    let built = build::ensure(&features)?;
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

fn parse(mut arguments: lexopt::Parser) -> Result<(Options, Vec<String>)> {
    let (mut port, mut persist) = (None, None::<PathBuf>);
    let (mut vars, mut features) = (Vec::new(), Vec::new());
    let (mut backups, mut no_assets) = (false, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("port") => port = Some(arguments.value()?.parse()?),
            Arg::Long("persist") => persist = Some(arguments.value()?.into()),
            Arg::Long("var") => vars.push(variable(&arguments.value()?.string()?)?),
            // These are for tests: cargo features that a release lacks, a bucket, and a Worker whose cron triggers can be fired.
            Arg::Long("feature") => features.push(arguments.value()?.string()?),
            Arg::Long("backups") => backups = true,
            Arg::Long("no-assets") => no_assets = true,
            unexpected => return Err(unexpected.unexpected().into()),
        }
    }
    let port = port.context("the port is missing: --port P")?;
    let persist = persist.context("the folder for the state is missing: --persist DIR")?;
    Ok((Options { port, persist, vars, backups, no_assets }, features))
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

    fn options(arguments: &[&str]) -> Result<(Options, Vec<String>)> {
        parse(lexopt::Parser::from_args(arguments))
    }

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

    #[test]
    fn port_and_folder_are_required() {
        assert!(options(&["--port", "9000"]).is_err());
        assert!(options(&["--persist", "x"]).is_err());
        assert!(options(&["--port", "70000", "--persist", "x"]).is_err());
        assert!(options(&["--port", "9000", "--persist", "x", "more"]).is_err());
        let (options, features) =
            options(&["--port", "9000", "--persist", "x", "--var", "A=1", "--var", "B=2 3", "--feature", "f"]).unwrap();
        assert_eq!((options.port, options.persist), (9000, PathBuf::from("x")));
        assert_eq!(options.vars, [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2 3".to_owned())]);
        assert_eq!((features, options.backups, options.no_assets), (vec!["f".to_owned()], false, false));
    }
}
