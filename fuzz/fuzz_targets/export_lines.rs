//! Any lines are taken for an export as a whole or not at all, within the laws that the tests of `afterword-ledger` hold.
#![no_main]

#[path = "../../crates/ledger/tests/carry/law/mod.rs"]
mod law;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    law::hold(&String::from_utf8_lossy(bytes));
    law::hold_in_pieces(bytes);
});
