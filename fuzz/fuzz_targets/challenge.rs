//! Verifies arbitrary texts as proofs and checks the laws of the `afterword-guard` tests: only a proof of an issued
//! challenge is accepted.
#![no_main]

#[path = "../../crates/guard/tests/invariants/mod.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    invariants::check(&String::from_utf8_lossy(bytes));
    invariants::check_edited(bytes);
});
