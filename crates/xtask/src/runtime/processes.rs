//! Which processes a process has started.

use std::fs;
use std::process::Command;

use rustix::process::{Pid, test_kill_process};

use crate::run::capture;

/// All processes below one, as far as the system tells.
pub(super) fn descendants(ancestor: Pid) -> Vec<Pid> {
    let table = table();
    let mut found = vec![ancestor.as_raw_nonzero().get()];
    let mut index = 0;
    while let Some(&parent) = found.get(index) {
        found.extend(table.iter().filter(|(_, above)| *above == parent).map(|(process, _)| *process));
        index += 1;
    }
    found.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// Those that still run.
pub(super) fn alive(processes: &[Pid]) -> Vec<Pid> {
    processes.iter().copied().filter(|process| test_kill_process(*process).is_ok()).collect()
}

/// Every process with its parent: from `/proc` where there is one, else from `ps`.
fn table() -> Vec<(i32, i32)> {
    let Ok(entries) = fs::read_dir("/proc") else {
        let listed = capture(Command::new("ps").args(["-A", "-o", "pid=,ppid="])).unwrap_or_default();
        return listed.lines().filter_map(pair).collect();
    };
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    stats.filter_map(|stat| parse_stat(&stat)).collect()
}

fn pair(line: &str) -> Option<(i32, i32)> {
    let mut numbers = line.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// `pid (name) state ppid …`; the name may hold anything, parentheses too.
fn parse_stat(stat: &str) -> Option<(i32, i32)> {
    let (before, after) = (stat.split_once(" (")?.0, stat.rsplit_once(") ")?.1);
    Some((before.parse().ok()?, after.split(' ').nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_does_not_shift_the_fields() {
        assert_eq!(parse_stat("12 (a) R 1) S 7 12 12 0"), Some((12, 7)));
        assert_eq!(pair("  12   7"), Some((12, 7)));
        assert_eq!(pair("PID PPID"), None);
    }

    #[test]
    fn finds_a_child() {
        let mut child = Command::new("sleep").arg("30").spawn().unwrap();
        let own = Pid::from_child(&child);
        assert!(descendants(rustix::process::getpid()).contains(&own));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!alive(&[own]).contains(&own));
    }
}
