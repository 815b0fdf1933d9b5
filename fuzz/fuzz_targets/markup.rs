//! Every text is rendered within the laws that the tests of `afterword-markup` hold.
#![no_main]

#[path = "../../crates/markup/tests/law/mod.rs"]
mod law;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = law::hold(&String::from_utf8_lossy(bytes));
});
