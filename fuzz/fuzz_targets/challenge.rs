//! Verifies arbitrary texts as proofs and checks the laws of the `afterword-guard` tests: only a proof of an issued
//! challenge is accepted.
#![no_main]

#[path = "../../crates/guard/tests/law/mod.rs"]
mod law;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    law::hold(&String::from_utf8_lossy(bytes));
    law::hold_edited(bytes);
});
