//! Imports arbitrary lines and checks the laws of the `afterword-ledger` tests: lines are accepted as a whole export or
//! refused.
#![no_main]

#[path = "../../crates/ledger/tests/transfer/properties.rs"]
mod properties;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    properties::check_import(&String::from_utf8_lossy(bytes));
    properties::check_piece_sizes(bytes);
});
