//! Imports arbitrary lines and checks the laws of the `afterword-ledger` tests: lines are accepted as a whole export or
//! refused.
#![no_main]

#[path = "../../crates/ledger/tests/carry/law/mod.rs"]
mod law;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    law::hold(&String::from_utf8_lossy(bytes));
    law::hold_in_pieces(bytes);
});
