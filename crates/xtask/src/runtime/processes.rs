//! The descendants of a process.

use std::fs;
use std::process::Command;

use rustix::process::{Pid, test_kill_process};

use crate::run::capture;

/// All descendants of a process that the system lists.
pub(super) fn descendants(ancestor: Pid) -> Vec<Pid> {
    let table = process_table();
    let mut found = vec![ancestor.as_raw_nonzero().get()];
    let mut index = 0;
    while let Some(&parent) = found.get(index) {
        found.extend(table.iter().filter(|(_, above)| *above == parent).map(|(process, _)| *process));
        index += 1;
    }
    found.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// The processes that still run.
pub(super) fn alive(processes: &[Pid]) -> Vec<Pid> {
    processes.iter().copied().filter(|process| test_kill_process(*process).is_ok()).collect()
}

/// Every process with its parent: from `/proc` if it exists, else from `ps`.
fn process_table() -> Vec<(i32, i32)> {
    let Ok(entries) = fs::read_dir("/proc") else {
        let listed = capture(Command::new("ps").args(["-A", "-o", "pid=,ppid="])).unwrap_or_default();
        return listed.lines().filter_map(parse_pair).collect();
    };
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    stats.filter_map(|stat| parse_stat(&stat)).collect()
}

fn parse_pair(line: &str) -> Option<(i32, i32)> {
    let mut numbers = line.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Parses `pid (name) state ppid …`. The name may contain any character, parentheses included.
fn parse_stat(stat: &str) -> Option<(i32, i32)> {
    let (before, after) = (stat.split_once(" (")?.0, stat.rsplit_once(") ")?.1);
    Some((before.parse().ok()?, after.split(' ').nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_in_a_process_name_do_not_shift_fields() {
        assert_eq!(parse_stat("12 (a) R 1) S 7 12 12 0"), Some((12, 7)));
        assert_eq!(parse_pair("  12   7"), Some((12, 7)));
        assert_eq!(parse_pair("PID PPID"), None);
    }

    #[test]
    fn child_process_is_found() {
        let mut child = Command::new("sleep").arg("30").spawn().unwrap();
        let own = Pid::from_child(&child);
        assert!(descendants(rustix::process::getpid()).contains(&own));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!alive(&[own]).contains(&own));
    }
}
