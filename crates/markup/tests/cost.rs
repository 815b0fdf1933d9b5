//! What a text costs, against an ordinary comment of the same size.
//!
//! `cargo test --release -p afterword-markup --test cost -- --ignored --nocapture` prints the table. Times are the best of
//! many runs, but the machine should have nothing else to do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod storms;

use std::time::Instant;

use afterword_markup::render;
use afterword_model::limits::TEXT_BYTES;
use storms::{ORDINARY, fill, storms};

/// The best time of a rendering, in nanoseconds.
#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn time(text: &str) -> u64 {
    let once = || {
        let start = Instant::now();
        let _ = std::hint::black_box(render(std::hint::black_box(text)));
        u64::try_from(start.elapsed().as_nanos()).unwrap()
    };
    (0..100).map(|_| once()).min().unwrap()
}

#[test]
#[ignore = "measures, and needs a release build on a quiet machine"]
fn no_text_costs_more_than_three_ordinary_ones() {
    let ordinary = time(&fill(ORDINARY, TEXT_BYTES));
    let mut rows: Vec<_> = storms().into_iter().map(|(name, text)| (time(&text), name, render(&text))).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.0));
    println!("an ordinary comment of {TEXT_BYTES} bytes: {} µs", ordinary / 1000);
    for (time, name, answer) in &rows {
        let answer =
            answer.as_ref().map_or_else(ToString::to_string, |html| format!("{} bytes", html.html.as_str().len()));
        let percent = time * 100 / ordinary;
        println!("{:3}.{:02}  {:5} µs  {name}  {answer}", percent / 100, percent % 100, time / 1000);
    }
    let worst = &rows[0];
    assert!(worst.0 <= 3 * ordinary, "{} costs too much", worst.1);
}
