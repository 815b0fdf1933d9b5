//! No text but the one that was issued is taken for a proof, within the laws that the tests of `afterword-guard` hold.
#![no_main]

#[path = "../../crates/guard/tests/law/mod.rs"]
mod law;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    law::hold(&String::from_utf8_lossy(bytes));
    law::hold_edited(bytes);
});
