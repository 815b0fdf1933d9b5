//! Recognizes and reads arbitrary files as the databases of each system, and as their SQL text.
#![no_main]

use afterword_fuzz::check_file;
use afterword_interchange::Format;
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 4] = [Format::IssoDatabase, Format::Cusdis, Format::Garrul, Format::Ghost];

fuzz_target!(|bytes: &[u8]| check_file("comments.db", bytes, &FORMATS));
