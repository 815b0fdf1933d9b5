//! Sends every string of `tests/attacks` to every injection point and opens it in every output view. No script may
//! run, no request may leave, and no unexpected node may occur.
//!
//! `injection_points.rs` lists the injection points and `output_views.rs` the output views. The nodes allowed around
//! comment texts are not written down: they are those of harmless comments in the same view. `detection.rs` shows that
//! the tests can fail.

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

use afterword_tests::{Attack, Engine, Server, attacks, is_long_run, root, timed};

use injection_points::{INJECTED, InjectedThread};
use output_views::OUTPUT_VIEWS;

/// The attacked Worker, shared by the tests of this folder.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("browser-attacks", "open"));

/// All attack strings.
static ATTACKS: LazyLock<Vec<Attack>> = LazyLock::new(|| attacks(&root().join("tests/attacks")));

/// Browsers that are open at the same time.
const BROWSERS: usize = 3;
/// Each view opens one in this many threads with a single comment; `parsed_documents` inspects all of them.
const SAMPLE: usize = 61;

/// Returns true where fewer strings get a post of their own: in short runs, and in engines other than Chromium. Every string
/// is still opened in every view, on posts that it shares with others.
fn is_quick() -> bool {
    !is_long_run() || Engine::current() != Engine::Chromium
}

#[test]
fn every_injection_point_and_every_output_view() {
    let (many, one): (Vec<_>, Vec<_>) = INJECTED.iter().partition(|thread| thread.comments > 1);
    let enough = if is_quick() { 50 } else { 1_500 };
    assert!(many.len() > 25 && one.len() > enough, "enough threads to inspect: {} and {}", many.len(), one.len());
    println!("{} threads with several comments, {} with one", many.len(), one.len());
    let next = AtomicUsize::new(0);
    let inspect_views = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut faults = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(view) = OUTPUT_VIEWS.get(number) else { return faults };
            let sample = one.iter().skip(number * SAMPLE / OUTPUT_VIEWS.len()).step_by(SAMPLE);
            let threads: Vec<&InjectedThread> = many.iter().chain(sample).copied().collect();
            let (found, took) = timed(|| runtime.block_on(view.check(&threads)));
            println!("{}: {} threads, {took:?}", view.name, threads.len());
            faults.extend(found);
        }
    };
    let faults: Vec<String> = std::thread::scope(|scope| {
        let browsers: Vec<_> = (0..BROWSERS).map(|_| scope.spawn(inspect_views)).collect();
        browsers.into_iter().flat_map(|browser| browser.join().expect("the browser thread succeeds")).collect()
    });
    assert_none(&faults);
}

/// Fails with a readable selection of the faults.
fn assert_none(faults: &[String]) {
    let first: Vec<_> = faults.iter().take(60).map(|fault| fault.chars().take(500).collect::<String>()).collect();
    assert!(faults.is_empty(), "{} faults, the first ones:\n{}", faults.len(), first.join("\n"));
}
