//! The real runtime on this machine: workerd with local KV and Durable Objects, no account and no network.

mod config;
mod log;
mod processes;

use std::fs::{self, File, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::build::Built;
use crate::{package, project};
use log::Log;

/// Maximum time until the runtime answers, on a busy machine.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(120);
/// Maximum time for the runtime to end before it is killed.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The scripts that run the Worker, in Node.
const START: &str = include_str!("start.mjs");
const START_WORKERD: &str = include_str!("start-workerd.mjs");

/// The program that runs the Worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// The library of `wrangler dev`, which simulates the platform's services.
    Miniflare,
    /// The runtime alone, with the services of the package.
    Workerd,
}

/// Options of a run.
pub(crate) struct RunOptions {
    /// The port on localhost.
    pub(crate) port: u16,
    /// The folder that keeps all state between runs.
    pub(crate) persist: PathBuf,
    /// Variables of the Worker, which override those of `wrangler.toml`.
    pub(crate) vars: Vec<(String, String)>,
    /// Adds a bucket for backups, which is local like all other storage.
    pub(crate) backups: bool,
    /// Leaves out the static assets. This version of miniflare cannot fire cron triggers of a Worker with static assets.
    pub(crate) no_assets: bool,
    /// The program that runs the Worker. The backups and assets of `workerd` are always there.
    pub(crate) engine: Engine,
}

/// A running Worker. Dropping it ends the runtime and everything that the runtime started.
pub(crate) struct Runtime {
    child: Child,
    descendants: Vec<Pid>,
    log: Log,
    address: String,
    _lock: File,
}

impl Runtime {
    /// Starts the runtime on a copy of the build, in the process group of the caller.
    pub(crate) fn start(built: Built, options: &RunOptions) -> Result<Self> {
        let own = options.persist.join(".afterword");
        fs::create_dir_all(&own).with_context(|| format!("cannot create {}", own.display()))?;
        let persist = options.persist.canonicalize()?;
        let own = persist.join(".afterword");
        let lock = lock_folder(&own, &persist)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).is_err() {
            bail!("port {} is in use", options.port);
        }
        let mut command = match options.engine {
            Engine::Miniflare => {
                built.copy_to(&own.join("release"))?;
                config::write(&own, options)?;
                miniflare(&own, &persist, options.port)?
            }
            Engine::Workerd => {
                package::stage(&built, &own.join("package"))?;
                workerd(&own, &persist, options)?
            }
        };
        drop(built);
        let mut child = command.spawn().context("cannot start node")?;
        let log = Log::default();
        forward_lines(&log, child.stdout.take());
        forward_lines(&log, child.stderr.take());
        let address = format!("http://localhost:{}", options.port);
        Ok(Self { child, descendants: Vec::new(), log, address, _lock: lock })
    }

    /// Waits until the Worker answers. Returns `false` if `stop` asks to end before that.
    pub(crate) fn wait_until_ready(&mut self, port: u16, stop: impl Fn() -> bool) -> Result<bool> {
        let started = Instant::now();
        while !stop() {
            self.check()?;
            // A Worker without settings runs as well: it answers 503 with a setup page for its owner.
            if matches!(health(port), Some(200 | 503)) {
                self.descendants = processes::descendants(Pid::from_child(&self.child));
                self.log.start_forwarding();
                return Ok(true);
            }
            if started.elapsed() > STARTUP_TIMEOUT {
                bail!(
                    "the Worker does not answer at {}/health; last output of the runtime:\n{}",
                    self.address,
                    self.log.tail()
                );
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(false)
    }

    /// Fails with the runtime's last output if it has ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait().context("cannot watch the runtime")? {
            // Its last lines may still be in the pipe.
            thread::sleep(POLL_INTERVAL);
            bail!("the runtime ended with {status}; its last output:\n{}", self.log.tail());
        }
        Ok(())
    }

    /// Waits until `stop` asks to end. Fails if the runtime ends before.
    pub(crate) fn watch(&mut self, stop: impl Fn() -> bool) -> Result<()> {
        while !stop() {
            self.check()?;
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }

    /// The base URL of the Worker.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.log.stop_forwarding();
        let running = matches!(self.child.try_wait(), Ok(None));
        if running {
            let leader = Pid::from_child(&self.child);
            self.descendants = processes::descendants(leader);
            // Fails only if the process is gone already.
            let _ = kill_process(leader, Signal::TERM);
            let terminated = Instant::now();
            while terminated.elapsed() < SHUTDOWN_TIMEOUT && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(POLL_INTERVAL);
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        // workerd outlives a script that was killed.
        for process in processes::alive(&self.descendants) {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// Locks the folder, as only one runtime at a time may use it. The lock ends with the process, however that ends.
fn lock_folder(own: &Path, persist: &Path) -> Result<File> {
    let file = File::create(own.join("lock")).context("cannot create the lock of the folder")?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("{} is in use by another `cargo xtask serve`", persist.display()),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock the folder"),
    }
}

/// The command that runs a copied build by miniflare.
fn miniflare(own: &Path, persist: &Path, port: u16) -> Result<Command> {
    let mut command = node(own, START)?;
    command.arg(project::node_module("miniflare/dist/src/index.js")).arg(own.join(config::FILE)).arg(persist);
    command.arg(port.to_string());
    Ok(command)
}

/// The command that runs a staged package by workerd.
fn workerd(own: &Path, persist: &Path, options: &RunOptions) -> Result<Command> {
    let mut command = node(own, START_WORKERD)?;
    command.arg(own.join("package")).arg(persist).arg(options.port.to_string());
    // The package finds its dependency here.
    command.env("NODE_PATH", project::node_module(""));
    if !options.vars.iter().any(|(name, _)| name == config::SIGNING_KEY) {
        command.env(config::SIGNING_KEY, config::signing_key(own)?);
    }
    command.envs(options.vars.iter().map(|(name, value)| (name, value)));
    Ok(command)
}

/// A command that runs a script, whose input closes when this process ends.
fn node(own: &Path, source: &str) -> Result<Command> {
    let script = own.join("start.mjs");
    fs::write(&script, source).with_context(|| format!("cannot write {}", script.display()))?;
    let mut command = Command::new("node");
    command
        .arg("--no-warnings")
        .arg(script)
        .current_dir(own)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

/// Reads one output stream of the runtime to its end, in a thread of its own.
fn forward_lines(log: &Log, stream: Option<impl std::io::Read + Send + 'static>) {
    let Some(stream) = stream else { return };
    let log = log.clone();
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(std::io::Result::ok) {
            log.line(&String::from_utf8_lossy(&line));
        }
    });
}

/// Returns the status of `GET /health`, or `None` without an answer.
fn health(port: u16) -> Option<u16> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    line.split(' ').nth(1)?.parse().ok()
}
