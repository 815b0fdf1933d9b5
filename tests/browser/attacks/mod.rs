//! Every string of `tests/attacks`, by every way in and out: no script runs, no request leaves, no node is there that should not be.
//!
//! `ways_in.rs` has the list of the ways in, `ways_out.rs` that of the ways out. What is allowed around the texts of comments nobody wrote
//! down: it is what harmless comments give on the same way. That all of this can fail is shown in `control.rs`.

mod around;
mod control;
mod moderators;
mod parsed;
mod restored;
mod sight;
mod ways_in;
mod ways_out;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_tests::{Attack, Server, attacks, clock, root};

use ways_in::{PLANTED, Planted};
use ways_out::WAYS_OUT;

/// The Worker that is attacked, shared by the tests here.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::moderated("browser-attacks", "open"));

/// All strings.
static ATTACKS: LazyLock<Vec<Attack>> = LazyLock::new(|| attacks(&root().join("tests/attacks")));

/// Browsers that are open at once.
const BROWSERS: usize = 3;
/// Of the threads with one comment, each way out is followed to every so many; `parsed` looks at all of them.
const SAMPLE: usize = 61;

#[test]
fn every_way_in_and_every_way_out() {
    let (many, one): (Vec<_>, Vec<_>) = PLANTED.iter().partition(|thread| thread.comments > 1);
    assert!(many.len() > 25 && one.len() > 1_500, "there is something to look for: {} and {}", many.len(), one.len());
    println!("{} and {} threads", many.len(), one.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut faults = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(way) = WAYS_OUT.get(number) else { return faults };
            let sample = one.iter().skip(number * SAMPLE / WAYS_OUT.len()).step_by(SAMPLE);
            let threads: Vec<&Planted> = many.iter().chain(sample).copied().collect();
            let (found, took) = clock(|| runtime.block_on(way.follow(&threads)));
            println!("{}: {} threads, {took:?}", way.name, threads.len());
            faults.extend(found);
        }
    };
    let faults: Vec<String> = std::thread::scope(|scope| {
        let browsers: Vec<_> = (0..BROWSERS).map(|_| scope.spawn(work)).collect();
        browsers.into_iter().flat_map(|browser| browser.join().expect("the browser lives")).collect()
    });
    assert_none(&faults);
}

/// Fails with as much of the faults as can be read.
fn assert_none(faults: &[String]) {
    let first: Vec<_> = faults.iter().take(60).map(|fault| fault.chars().take(500).collect::<String>()).collect();
    assert!(faults.is_empty(), "{} faults, the first of them:\n{}", faults.len(), first.join("\n"));
}
