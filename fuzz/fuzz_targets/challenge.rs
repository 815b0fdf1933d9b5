//! No text but the one that was issued is taken for a proof, within the laws that the tests of `afterword-guard` hold.
#![no_main]

#[path = "../../crates/guard/tests/invariants/mod.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    invariants::check(&String::from_utf8_lossy(bytes));
    invariants::check_edited(bytes);
});
