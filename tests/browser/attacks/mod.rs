//! Every string of `tests/attacks`, by every way in and out: no script runs, no request leaves, no node is there that should not be.
//!
//! `ways_in.rs` has the list of the ways in, `ways_out.rs` that of the ways out. What is allowed around the texts of comments nobody wrote
//! down: it is what harmless comments give on the same way. That all of this can fail is shown in `control.rs`.

mod admin_responses;
mod detection;
mod injection_points;
mod inspector;
mod output_views;
mod page_context;
mod parsed_documents;
mod restored_file;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_tests::{Attack, Server, attacks, root, timed};

use injection_points::{INJECTED, InjectedThread};
use output_views::OUTPUT_VIEWS;

/// The Worker that is attacked, shared by the tests here.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("browser-attacks", "open"));

/// All strings.
static ATTACKS: LazyLock<Vec<Attack>> = LazyLock::new(|| attacks(&root().join("tests/attacks")));

/// Browsers that are open at once.
const BROWSERS: usize = 3;
/// Of the threads with one comment, each way out is followed to every so many; `parsed` looks at all of them.
const SAMPLE: usize = 61;

#[test]
fn every_injection_point_and_every_output_view() {
    let (many, one): (Vec<_>, Vec<_>) = INJECTED.iter().partition(|thread| thread.comments > 1);
    assert!(many.len() > 25 && one.len() > 1_500, "there is something to look for: {} and {}", many.len(), one.len());
    println!("{} and {} threads", many.len(), one.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut faults = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(point) = OUTPUT_VIEWS.get(number) else { return faults };
            let sample = one.iter().skip(number * SAMPLE / OUTPUT_VIEWS.len()).step_by(SAMPLE);
            let threads: Vec<&InjectedThread> = many.iter().chain(sample).copied().collect();
            let (found, took) = timed(|| runtime.block_on(point.check(&threads)));
            println!("{}: {} threads, {took:?}", point.name, threads.len());
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
