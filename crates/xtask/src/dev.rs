//! `cargo xtask dev`: runs the Worker and the demo blog, and rebuilds on every change of a source.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::build::{self, Variant};
use crate::run::{print_progress, run};
use crate::runtime::{Engine, RunOptions, Runtime};
use crate::serve::{stop_signal, variable};
use crate::watch::Snapshot;
use crate::workspace::Workspace;
use crate::{blog, project};

/// Interval between looks at the sources, and the time for which they must be unchanged before a build.
const POLL_INTERVAL: Duration = Duration::from_millis(400);

/// Arguments of `dev`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The port of the Worker on localhost
    #[arg(long, value_name = "P", default_value_t = 8787)]
    port: u16,
    /// The port of the demo blog on localhost
    #[arg(long, value_name = "P", default_value_t = 8788)]
    blog_port: u16,
    /// The folder that keeps the comments between runs
    #[arg(long, value_name = "DIR", default_value_os_t = project::root().join(".wrangler/dev"))]
    persist: PathBuf,
    /// A variable of the Worker; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = variable)]
    var: Vec<(String, String)>,
}

/// Serves the Worker and the demo blog, and rebuilds them after changes, until Ctrl-C or SIGTERM.
pub(crate) fn command(options: Options) -> Result<()> {
    let blog_port = options.blog_port;
    // The last variable of a name takes effect.
    let mut vars = vec![
        ("SITES".to_owned(), format!("http://localhost:{blog_port}")),
        ("MODERATION".to_owned(), "open".to_owned()),
    ];
    vars.extend(options.var);
    let options = RunOptions {
        port: options.port,
        persist: options.persist,
        vars,
        backups: false,
        no_assets: false,
        engine: Engine::Miniflare,
    };
    let workspace = Workspace::read()?;
    let mut sources = Snapshot::read_sources(&workspace)?;
    let built = build::ensure(Variant::Dev)?;
    let stop = stop_signal()?;
    let mut runtime = Runtime::start(built, &options)?;
    blog::serve(&project::root().join("examples/plain-html"), blog_port, runtime.address())?;
    while runtime.wait_until_ready(options.port, || stop.load(Ordering::Relaxed))? {
        println!(
            "\n  blog    http://localhost:{blog_port}/\n  Worker  {}/\n\n  Press Ctrl-C to stop both.\n",
            runtime.address()
        );
        if !rebuild_on_change(&mut runtime, &workspace, &mut sources, &stop)? {
            break;
        }
        // The old runtime must have released port and folder before the next one starts.
        drop(runtime);
        runtime = Runtime::start(build::finished()?, &options)?;
    }
    Ok(())
}

/// Returns `true` after a change was built, `false` on a stop signal. If a build fails, the last good build keeps running.
fn rebuild_on_change(
    runtime: &mut Runtime,
    workspace: &Workspace,
    sources: &mut Snapshot,
    stop: &AtomicBool,
) -> Result<bool> {
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(POLL_INTERVAL);
        runtime.check()?;
        let now = Snapshot::read_sources(workspace)?;
        if now == *sources {
            continue;
        }
        *sources = wait_until_quiet(workspace, now)?;
        print_progress("sources have changed");
        // In a new process, as the names of the assets are compiled into this program.
        let mut rebuild = Command::new("cargo");
        rebuild
            .args(["run", "--quiet", "--package", "afterword-xtask", "--", "build", "--variant", "dev"])
            .current_dir(project::root());
        match run(&mut rebuild) {
            Ok(()) => return Ok(true),
            Err(error) => print_progress(&format!("{error:#}; the last good build keeps running")),
        }
    }
    Ok(false)
}

/// Waits until an editor or a checkout has written its last file.
fn wait_until_quiet(workspace: &Workspace, mut last: Snapshot) -> Result<Snapshot> {
    loop {
        thread::sleep(POLL_INTERVAL);
        let now = Snapshot::read_sources(workspace)?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}
