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

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_tests::{Attack, Engine, Server, attacks, is_whole_run, root, timed};

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

/// In the quick form, one in this many strings of each class is sent to an injection point.
const QUICK_SHARE: usize = 8;
/// The same for strings that each need a post of their own.
const QUICK_SHARE_OF_POSTS: usize = 24;

/// Returns true for the quick form: in quick runs, and in engines other than Chromium. Every class of strings is still sent to every injection
/// point, and every string to some of them.
fn is_quick() -> bool {
    !is_whole_run() || Engine::current() != Engine::Chromium
}

/// One in `share` strings of each class, and at least one of each. Different numbers begin at different strings, so that `share` consecutive
/// numbers select every string.
fn select(attacks: &[Attack], share: usize, number: usize) -> Vec<&Attack> {
    let mut classes: BTreeMap<&str, Vec<&Attack>> = BTreeMap::new();
    for attack in attacks {
        classes.entry(attack.class()).or_default().push(attack);
    }
    let select = |class: Vec<_>| {
        let share = share.clamp(1, class.len());
        class.into_iter().skip(number % share).step_by(share)
    };
    classes.into_values().flat_map(select).collect()
}

/// The strings for a list of requests other than those of the injection points: all of them, or in the quick form those with this number.
fn selected(number: usize) -> Vec<&'static Attack> {
    select(&ATTACKS, if is_quick() { QUICK_SHARE } else { 1 }, number)
}

/// Prints the rule by which the strings are chosen. Not by `println!`, whose output is hidden unless a test fails.
fn print_rule() {
    let all = ATTACKS.len();
    let rule = if is_quick() {
        format!(
            "attacks, quick form: of {all} strings, each injection point gets one in {QUICK_SHARE} of every class, or one in {QUICK_SHARE_OF_POSTS} \
             if each needs a post of its own; the next point gets the next ones\n"
        )
    } else {
        format!("attacks, whole: {all} strings\n")
    };
    std::io::stdout().write_all(rule.as_bytes()).expect("the rule is printed");
}

#[test]
fn quick_form_has_each_class_at_each_point_and_each_string_at_some() {
    let places = |selected: Vec<&Attack>| selected.into_iter().map(|attack| attack.place.clone()).collect::<Vec<_>>();
    let classes =
        |selected: &[&Attack]| selected.iter().map(|attack| attack.class().to_owned()).collect::<BTreeSet<_>>();
    let all = classes(&ATTACKS.iter().collect::<Vec<_>>());
    for share in [QUICK_SHARE, QUICK_SHARE_OF_POSTS] {
        let selections: Vec<_> = (0..share).map(|number| select(&ATTACKS, share, number)).collect();
        for selected in &selections {
            assert_eq!(classes(selected), all, "one in {share}");
            assert!(selected.len() <= ATTACKS.len() / share + all.len(), "one in {share}: {}", selected.len());
        }
        let mut sent: Vec<String> = selections.into_iter().flat_map(places).collect();
        sent.sort();
        sent.dedup();
        let mut expected = places(ATTACKS.iter().collect());
        expected.sort();
        assert_eq!(sent, expected, "one in {share}");
    }
    assert_eq!(places(select(&ATTACKS, 1, 5)).len(), ATTACKS.len());
}

#[test]
fn every_injection_point_and_every_output_view() {
    print_rule();
    let (many, one): (Vec<_>, Vec<_>) = INJECTED.iter().partition(|thread| thread.comments > 1);
    let enough = if is_quick() { [5, 50] } else { [25, 1_500] };
    assert!(
        many.len() > enough[0] && one.len() > enough[1],
        "enough threads to inspect: {} and {}",
        many.len(),
        one.len()
    );
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
        let browsers: Vec<_> =
            (0..Engine::current().browsers_at_once(BROWSERS)).map(|_| scope.spawn(inspect_views)).collect();
        browsers.into_iter().flat_map(|browser| browser.join().expect("the browser thread succeeds")).collect()
    });
    assert_none(&faults);
}

/// Fails with a readable selection of the faults.
fn assert_none(faults: &[String]) {
    let first: Vec<_> = faults.iter().take(60).map(|fault| fault.chars().take(500).collect::<String>()).collect();
    assert!(faults.is_empty(), "{} faults, the first ones:\n{}", faults.len(), first.join("\n"));
}
