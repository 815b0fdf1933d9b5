//! Any bytes are taken for the body of a request or refused, within the laws that the tests of `afterword-model` hold.
#![no_main]

#[path = "../../crates/model/tests/invariants/mod.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    invariants::check(bytes);
});
