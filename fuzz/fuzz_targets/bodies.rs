//! Parses arbitrary bytes as request bodies and checks the laws of the `afterword-model` tests.
#![no_main]

#[path = "../../crates/model/tests/law/mod.rs"]
mod law;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    law::hold(bytes);
});
