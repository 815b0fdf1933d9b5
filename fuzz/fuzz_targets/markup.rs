//! Renders arbitrary texts and checks the laws of the `afterword-markup` tests.
#![no_main]

#[path = "../../crates/markup/tests/law/mod.rs"]
mod law;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = law::hold(&String::from_utf8_lossy(bytes));
});
