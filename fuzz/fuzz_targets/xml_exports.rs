//! Recognizes and reads arbitrary files as each format that is XML, plain, and packed as they are.
#![no_main]

use afterword_fuzz::check_file;
use afterword_interchange::Format;
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 4] = [Format::Disqus, Format::Wxr, Format::BloggerAtom, Format::BloggerTakeout];

fuzz_target!(|bytes: &[u8]| check_file("file", bytes, &FORMATS));
