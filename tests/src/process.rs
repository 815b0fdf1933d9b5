//! Child processes of the tests. Each runs in a process group of its own that cannot outlive the test process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::wait::{wait_until, wait_until_within};

/// Shell script that runs a program as the leader of its process group, together with a watchdog that reads from a
/// pipe held by the test process. When the pipe closes, because the test closed it or because the test process died,
/// the watchdog ends the group and removes the scratch directory. Nothing is left behind, however a test run ends.
const WATCHDOG_SCRIPT: &str = r#"
exec 3<&0 </dev/null
(
    trap '' TERM
    read -r _ <&3
    kill -TERM -$$ 2>/dev/null
    tries=0
    while kill -0 $$ 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
    rm -rf "$SCRATCH"
    kill -KILL -$$
) &
exec "$@" 3<&-
"#;

/// CPU clock ticks per second as Linux reports them on every machine (`USER_HZ`).
const TICKS_PER_SECOND: u64 = 100;
/// Maximum time until a program reports that it is ready. A first start may compile something.
const START_TIMEOUT: Duration = Duration::from_secs(1200);

/// A running program and all its child processes.
#[derive(Debug)]
pub struct ProcessGroup {
    leader: Child,
    watchdog_pipe: Option<ChildStdin>,
    log: PathBuf,
}

impl ProcessGroup {
    /// Starts `command` with both outputs redirected to the file `log`. `scratch` is removed when the group ends.
    pub fn start(command: &Command, log: &Path, scratch: &Path) -> Self {
        use std::os::unix::process::CommandExt;
        let file = File::create(log).expect("the log can be created");
        let mut supervised = Command::new("sh");
        supervised.args(["-c", WATCHDOG_SCRIPT, "sh"]).arg(command.get_program()).args(command.get_args());
        supervised.env("SCRATCH", scratch);
        for (name, value) in command.get_envs() {
            supervised.env(name, value.unwrap_or_default());
        }
        if let Some(dir) = command.get_current_dir() {
            supervised.current_dir(dir);
        }
        let stderr = file.try_clone().expect("a file handle can be cloned");
        supervised.stdin(Stdio::piped()).stdout(file).stderr(stderr).process_group(0);
        let mut leader = supervised.spawn().expect("sh is installed");
        let watchdog_pipe = leader.stdin.take();
        Self { leader, watchdog_pipe, log: log.to_owned() }
    }

    /// Waits for a log line for which `find` returns a value. Fails with the whole log if the program ends without
    /// one.
    pub fn wait_for<T>(&mut self, description: &str, find: impl Fn(&str) -> Option<T>) -> T {
        wait_until_within(START_TIMEOUT, description, || {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let found = log.lines().find_map(&find);
            if found.is_none()
                && let Some(status) = self.leader.try_wait().expect("a child can be waited for")
            {
                panic!("waited for {description}, but the program ended with {status}:\n{log}");
            }
            found
        })
    }

    /// Sends SIGTERM to the leader alone, as a shell's `kill` does, and returns its exit status.
    pub fn terminate(&mut self) -> ExitStatus {
        kill_process(self.pid(), Signal::TERM).expect("the leader runs");
        wait_until("the program to end on SIGTERM", || self.leader.try_wait().expect("a child can be waited for"))
    }

    /// Kills every process of the group at once, like a power failure. Keeps the scratch directory.
    pub fn kill(&mut self) {
        kill_process_group(self.pid(), Signal::KILL).expect("the group runs");
        self.leader.wait().expect("a child can be waited for");
        // The runtime, a child of the leader, holds the port until it has ended too.
        wait_until("the killed processes to end", || self.running_processes().is_empty().then_some(()));
        self.watchdog_pipe = None;
    }

    /// The processes of the group that are still running, without the watchdog.
    pub fn running_processes(&self) -> Vec<String> {
        let group = self.leader.id().to_string();
        let listed = Command::new("ps").args(["-eo", "pgid=,stat=,args="]).output().expect("ps is installed");
        String::from_utf8_lossy(&listed.stdout)
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix(&group)?.strip_prefix(' '))
            .filter(|line| !line.trim_start().starts_with('Z') && !line.contains("trap '' TERM"))
            .map(|line| line.trim().to_owned())
            .collect()
    }

    /// Peak memory of the largest process of this name in the group, in MiB; 0 if the system does not report it.
    pub fn peak_memory(&self, name: &str) -> u64 {
        let peak = |process: &String| -> Option<u64> {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
            kib.parse::<u64>().ok().map(|kib| kib / 1_024)
        };
        self.processes(name).iter().filter_map(peak).max().unwrap_or_default()
    }

    /// CPU time of all processes of this name in the group, with a resolution of 10 ms.
    pub fn cpu_time(&self, name: &str) -> Duration {
        let ticks = |process: &String| -> Option<u64> {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            // The process name may contain anything. After it, `utime` and `stime` are the twelfth and thirteenth
            // fields (proc_pid_stat(5)).
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
            Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
        };
        Duration::from_millis(self.processes(name).iter().filter_map(ticks).sum::<u64>() * 1_000 / TICKS_PER_SECOND)
    }

    /// Process ids of this name in the group.
    fn processes(&self, name: &str) -> Vec<String> {
        let group = self.leader.id().to_string();
        let listed = Command::new("ps").args(["-eo", "pgid=,pid=,comm="]).output().expect("ps is installed");
        let ours = |line: &str| -> Option<String> {
            let mut columns = line.split_whitespace();
            let is_ours = columns.next()? == group;
            let process = columns.next()?.to_owned();
            (is_ours && columns.next()? == name).then_some(process)
        };
        String::from_utf8_lossy(&listed.stdout).lines().filter_map(ours).collect()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.leader)
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if self.watchdog_pipe.take().is_some() {
            // The watchdog sees the end of its pipe, ends the group and kills processes that ignore SIGTERM.
            self.leader.wait().expect("a child can be waited for");
        }
    }
}

/// Ports below the ephemeral range (which begins at 32768 on Linux). A port of that range could be taken between being
/// found free and being used.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// A port that is free at the moment. No two calls return the same port while their processes live, in all test programs of the machine.
pub fn free_port() -> u16 {
    static RESERVED: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let mut reserved = RESERVED.lock().expect("the lock is not poisoned");
    let folder = std::env::temp_dir().join("afterword-test-ports");
    std::fs::create_dir_all(&folder).expect("a directory for reservations");
    let all = PORTS.end - PORTS.start;
    // Another program needs fewer attempts if it begins elsewhere.
    let begin = (std::process::id() % 20) as u16 * 1_000 + u16::try_from(reserved.len()).expect("few ports");
    let reserve = |port: &u16| {
        let file = File::create(folder.join(port.to_string())).ok()?;
        let is_free = file.try_lock().is_ok() && std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
        is_free.then_some(file)
    };
    let mut ports = (0..all).map(|number| PORTS.start + (begin + number) % all);
    let (port, file) = ports.find_map(|port| Some((port, reserve(&port)?))).expect("a port is free");
    reserved.push(file);
    port
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is in the repository")
}

/// The directory for logs, beside the build.
pub(crate) fn log_dir() -> PathBuf {
    let dir = root().join("build/tests");
    std::fs::create_dir_all(&dir).expect("the build directory can be written");
    dir
}
