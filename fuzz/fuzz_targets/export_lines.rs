//! Any lines are taken for an export as a whole or not at all, within the laws that the tests of `afterword-ledger` hold.
#![no_main]

#[path = "../../crates/ledger/tests/transfer/properties.rs"]
mod properties;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    properties::check_import(&String::from_utf8_lossy(bytes));
    properties::check_piece_sizes(bytes);
});
