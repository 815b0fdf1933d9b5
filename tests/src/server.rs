//! The product under test: the release build on the real runtime, as `cargo xtask serve` runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use crate::process::{ProcessGroup, free_port, log_dir, root};

/// A variable of the Worker and its value.
pub type Setting<'a> = (&'a str, &'a str);

/// The sites that every configured server of the suite serves. Host pages come from `127.0.0.1` and any port of it.
const SITES: Setting<'static> = ("SITES", "https://blog.example=localhost,127.0.0.1 https://other.example");
pub(crate) const SIGNING_KEY: Setting<'static> = ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value");
/// The secret of the one moderator of these servers.
pub const MODERATOR_SECRET: &str = "a-secret-for-tests-that-guards-nothing";
/// The same as a moderator sends it, the value of `Authorization`.
pub const MODERATOR_AUTHORIZATION: &str = "Bearer a-secret-for-tests-that-guards-nothing";
const ADMIN_SECRETS: Setting<'static> = ("ADMIN_SECRETS", "ada:a-secret-for-tests-that-guards-nothing");
/// Tests post a lot, from one address and without working for it.
const NO_SPAM_LIMITS: [Setting<'static>; 2] = [("PROOF_BITS", "0"), ("RATE_LIMITS", "off")];

/// A running Worker.
#[derive(Debug)]
pub struct Server {
    group: ProcessGroup,
    name: String,
    port: u16,
    state: PathBuf,
    options: Vec<String>,
}

impl Server {
    /// A Worker for the sites of this suite, with this moderation, that neither asks for work nor counts.
    pub fn with_moderation(name: &str, moderation: &str) -> Self {
        Self::start(name, &moderation_settings(moderation), &[])
    }

    /// A Worker for the sites of this suite that publishes at once, and is guarded as these settings say.
    pub fn with_spam_checks(name: &str, settings: &[Setting<'_>]) -> Self {
        Self::launch(name, &[&[SITES, SIGNING_KEY, ADMIN_SECRETS, ("MODERATION", "open")], settings].concat(), &[])
    }

    /// As [`Server::moderated`], publishing at once, with a bucket for backups and without static assets: see the README.
    pub fn with_backup_bucket(name: &str) -> Self {
        Self::start(name, &moderation_settings("open"), &["--backups", "--no-assets"])
    }

    /// A Worker with these settings and options of `cargo xtask serve`, on a free port, its state in a directory of its own. It neither asks
    /// for work nor counts. `name` names its log.
    pub fn start(name: &str, settings: &[Setting<'_>], options: &[&str]) -> Self {
        Self::launch(name, &[&NO_SPAM_LIMITS, settings].concat(), options)
    }

    fn launch(name: &str, settings: &[Setting<'_>], options: &[&str]) -> Self {
        let state = tempfile::Builder::new().prefix("afterword-").tempdir().expect("a directory for the state").keep();
        let options = options.iter().map(|&option| option.to_owned()).chain(variables(settings)).collect();
        Self::start_at(name.to_owned(), free_port(), state, options)
    }

    fn start_at(name: String, port: u16, state: PathBuf, options: Vec<String>) -> Self {
        let mut command = xtask();
        command.arg("serve").args(["--port", &port.to_string()]).arg("--persist").arg(&state).args(&options);
        let log = log_dir().join(format!("serve-{name}.log"));
        let mut group = ProcessGroup::start(&command, &log, &state);
        let ready = format!("ready http://localhost:{port}");
        group.wait_for(&ready, |line| (line.trim() == ready).then_some(()));
        Self { group, name, port, state, options }
    }

    /// Kills it in the middle of whatever it does and starts it again on the same port and state.
    pub fn kill_and_restart(mut self) -> Self {
        self.group.kill();
        self.start_again()
    }

    /// Kills it; [`Killed::restart`] brings it back.
    pub fn kill(mut self) -> KilledServer {
        self.group.kill();
        KilledServer(self)
    }

    /// Kills it and starts it on the same port and state with other settings.
    pub fn restart_with_moderation(mut self, moderation: &str) -> Self {
        self.group.kill();
        self.options = variables(&[&NO_SPAM_LIMITS[..], &moderation_settings(moderation)].concat()).collect();
        self.start_again()
    }

    fn start_again(self) -> Self {
        Self::start_at(self.name, self.port, self.state, self.options)
    }

    /// Asks it to end as a shell's `kill` does: how it ended, and which of its processes still run.
    pub fn terminate(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.group.terminate();
        (status, self.group.running_processes())
    }

    /// The most memory that the runtime has had at once, in MiB.
    pub fn peak_memory(&self) -> u64 {
        self.group.peak_memory("workerd")
    }

    /// The time that the runtime has had of processors; see [`Group::processor_time`].
    pub fn cpu_time(&self) -> Duration {
        self.group.cpu_time("workerd")
    }

    /// Its origin, such as `http://localhost:8787`.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Where its state lies.
    pub fn state(&self) -> &Path {
        &self.state
    }
}

/// A Worker that was killed, with its state.
#[derive(Debug)]
pub struct KilledServer(Server);

impl KilledServer {
    /// Starts it again on the same port and state.
    pub fn restart(self) -> Server {
        self.0.start_again()
    }
}

fn moderation_settings(moderation: &str) -> [Setting<'_>; 4] {
    [SITES, SIGNING_KEY, ADMIN_SECRETS, ("MODERATION", moderation)]
}

fn variables(settings: &[Setting<'_>]) -> impl Iterator<Item = String> {
    settings.iter().flat_map(|(name, value)| ["--var".to_owned(), format!("{name}={value}")])
}

/// The program behind `cargo xtask`: the one that runs these tests, if one does.
pub fn xtask() -> Command {
    let mut command = match std::env::var_os("AFTERWORD_XTASK") {
        Some(built) => Command::new(built),
        None => {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["run", "--quiet", "--package", "afterword-xtask", "--"]);
            cargo
        }
    };
    command.current_dir(root());
    command
}
