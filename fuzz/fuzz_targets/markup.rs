//! Every text is rendered within the laws that the tests of `afterword-markup` hold.
#![no_main]

#[path = "../../crates/markup/tests/invariants/mod.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = invariants::check(&String::from_utf8_lossy(bytes));
});
