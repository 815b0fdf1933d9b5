//! The product under test: the Worker on the real runtime, started by `cargo xtask serve`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use crate::blog::HostSite;
use crate::process::{ProcessGroup, free_port, log_dir, root};

/// Name and value of a Worker variable.
pub type Setting<'a> = (&'a str, &'a str);

/// The sites of every configured test server. Host pages come from any port of `127.0.0.1`.
const SITES: Setting<'static> = ("SITES", "https://blog.example=localhost,127.0.0.1 https://other.example");
pub(crate) const SIGNING_KEY: Setting<'static> = ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value");
/// The path on the blog under which the Worker of [`Server::in_front_of`] answers.
pub const BASE_PATH: &str = "/_comments";
/// The secret of the only moderator of these servers.
pub const MODERATOR_SECRET: &str = "a-secret-for-tests-that-guards-nothing";
/// The `Authorization` header value for [`MODERATOR_SECRET`].
pub const MODERATOR_AUTHORIZATION: &str = "Bearer a-secret-for-tests-that-guards-nothing";
const ADMIN_SECRETS: Setting<'static> = ("ADMIN_SECRETS", "ada:a-secret-for-tests-that-guards-nothing");
/// Settings without proof of work and rate limits: tests post many comments from one address.
const NO_SPAM_LIMITS: [Setting<'static>; 2] = [("PROOF_BITS", "0"), ("RATE_LIMITS", "off")];

/// A variant of the Worker: with fault injection, or the release.
const TEST_BUILD: &str = "test";
const RELEASE_BUILD: &str = "release";

/// The options of `cargo xtask serve` for a variant: the copy of its artefacts in the folder that `cargo xtask test` has prepared, or else what is
/// built now.
fn build_options(variant: &str) -> [String; 2] {
    match std::env::var("AFTERWORD_ARTEFACTS") {
        Ok(folder) => ["--built".to_owned(), format!("{folder}/{variant}")],
        Err(_) => ["--variant".to_owned(), variant.to_owned()],
    }
}

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
    /// A Worker for the test sites with this `MODERATION`, without proof of work and rate limits.
    pub fn with_moderation(name: &str, moderation: &str) -> Self {
        Self::start(name, &moderation_settings(moderation), &[])
    }

    /// A Worker for the test sites that publishes at once. Proof of work and rate limits have the Worker's defaults
    /// unless `settings` changes them.
    pub fn with_spam_checks(name: &str, settings: &[Setting<'_>]) -> Self {
        let settings = [&[SITES, SIGNING_KEY, ADMIN_SECRETS, ("MODERATION", "open")], settings].concat();
        Self::launch(name, TEST_BUILD, &settings, &[])
    }

    /// Same as [`Server::with_moderation`] with `open`, with a bucket for backups and without static assets; see the
    /// README.
    pub fn with_backup_bucket(name: &str) -> Self {
        Self::start(name, &moderation_settings("open"), &["--backups", "--no-assets"])
    }

    /// A Worker with these settings and options of `cargo xtask serve`, on a free port and with a state directory of
    /// its own. Proof of work and rate limits are off unless `settings` turns them on. `name` names its log.
    pub fn start(name: &str, settings: &[Setting<'_>], options: &[&str]) -> Self {
        Self::launch(name, TEST_BUILD, &[&NO_SPAM_LIMITS, settings].concat(), options)
    }

    /// A Worker through which the pages of a blog pass, on `127.0.0.1`, and which also answers under [`BASE_PATH`] there.
    pub fn in_front_of(name: &str, blog: &HostSite) -> Self {
        let routes = format!("http://127.0.0.1={}", blog.origin());
        let site = ("SITES", "https://blog.example=127.0.0.1");
        let settings =
            [("MODERATION", "open"), SIGNING_KEY, ADMIN_SECRETS, ("BASE_PATH", BASE_PATH), ("BLOG_ROUTES", &routes)];
        Self::start(name, &[&[site][..], &settings].concat(), &[])
    }

    /// The release build, for the test sites. It needs no proof of work and publishes at once.
    pub fn release(name: &str) -> Self {
        Self::launch(name, RELEASE_BUILD, &[&NO_SPAM_LIMITS[..1], &moderation_settings("open")].concat(), &[])
    }

    fn launch(name: &str, build: &str, settings: &[Setting<'_>], options: &[&str]) -> Self {
        let state = tempfile::Builder::new().prefix("afterword-").tempdir().expect("a directory for the state").keep();
        let options = options.iter().map(|&option| option.to_owned());
        let options = build_options(build).into_iter().chain(options).chain(variables(settings)).collect();
        Self::start_at(name.to_owned(), free_port(), state, options)
    }

    fn start_at(name: String, port: u16, state: PathBuf, options: Vec<String>) -> Self {
        let mut command = xtask();
        command.arg("serve").args(["--port", &port.to_string()]).arg("--persist").arg(&state).args(&options);
        command.args(["--runtime", if is_workerd() { "workerd" } else { "miniflare" }]);
        let log = log_dir().join(format!("serve-{name}.log"));
        let mut group = ProcessGroup::start(&command, &log, &state);
        let ready = format!("ready http://localhost:{port}");
        group.wait_for(&ready, |line| (line.trim() == ready).then_some(()));
        Self { group, name, port, state, options }
    }

    /// Kills the Worker whatever it is doing, and starts it again on the same port and state.
    pub fn kill_and_restart(mut self) -> Self {
        self.group.kill();
        self.start_again()
    }

    /// Kills the Worker. [`KilledServer::restart`] starts it again.
    pub fn kill(mut self) -> KilledServer {
        self.group.kill();
        KilledServer(self)
    }

    /// Kills the Worker and starts it on the same port and state with another `MODERATION`.
    pub fn restart_with_moderation(mut self, moderation: &str) -> Self {
        self.group.kill();
        let settings = [&NO_SPAM_LIMITS[..], &moderation_settings(moderation)].concat();
        self.options = build_options(TEST_BUILD).into_iter().chain(variables(&settings)).collect();
        self.start_again()
    }

    /// Kills the Worker and starts it on the same port and state with other settings, as [`Server::start`] does.
    pub fn restart_with_settings(mut self, settings: &[Setting<'_>]) -> Self {
        self.group.kill();
        let settings = [&NO_SPAM_LIMITS[..], settings].concat();
        self.options = build_options(TEST_BUILD).into_iter().chain(variables(&settings)).collect();
        self.start_again()
    }

    fn start_again(self) -> Self {
        Self::start_at(self.name, self.port, self.state, self.options)
    }

    /// Sends SIGTERM to the server. Returns its exit status and the processes that still run.
    pub fn terminate(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.group.terminate();
        (status, self.group.running_processes())
    }

    /// Peak memory of the runtime, in MiB.
    pub fn peak_memory(&self) -> u64 {
        self.group.peak_memory("workerd")
    }

    /// CPU time of the runtime; see [`ProcessGroup::cpu_time`].
    pub fn cpu_time(&self) -> Duration {
        self.group.cpu_time("workerd")
    }

    /// The origin of the Worker, such as `http://localhost:8787`.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The origin of the blog in front of which the Worker is.
    pub fn blog_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that the Worker has logged since its last start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_dir().join(format!("serve-{}.log", self.name))).expect("the log can be read")
    }

    /// The directory of the databases of the sites, below a state directory.
    pub fn databases(state: &Path) -> PathBuf {
        state.join(if is_workerd() { "state" } else { "v3/do" }).join("afterword-SiteLedger")
    }

    /// The state directory.
    pub fn state(&self) -> &Path {
        &self.state
    }
}

/// A killed Worker and its state.
#[derive(Debug)]
pub struct KilledServer(Server);

impl KilledServer {
    /// Starts the Worker again on the same port and state.
    pub fn restart(self) -> Server {
        self.0.start_again()
    }
}

/// True if the tests run on plain workerd, as `afterword serve` starts it: if the variable `AFTERWORD_RUNTIME` is `workerd`.
pub(crate) fn is_workerd() -> bool {
    std::env::var_os("AFTERWORD_RUNTIME").is_some_and(|runtime| runtime == "workerd")
}

fn moderation_settings(moderation: &str) -> [Setting<'_>; 4] {
    [SITES, SIGNING_KEY, ADMIN_SECRETS, ("MODERATION", moderation)]
}

fn variables(settings: &[Setting<'_>]) -> impl Iterator<Item = String> {
    settings.iter().flat_map(|(name, value)| ["--var".to_owned(), format!("{name}={value}")])
}

/// The `cargo xtask` program: the one that runs these tests, if there is one.
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
