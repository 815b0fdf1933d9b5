//! Renders arbitrary texts and checks the laws of the `afterword-markup` tests.
#![no_main]

#[path = "../../crates/markup/tests/invariants/mod.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = invariants::check(&String::from_utf8_lossy(bytes));
});
