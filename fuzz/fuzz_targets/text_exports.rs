//! Recognizes and reads arbitrary files as tables of CSV, and as files of Staticman.
#![no_main]

use afterword_fuzz::check_file;
use afterword_interchange::Format;
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 2] = [Format::Csv, Format::Staticman];

fuzz_target!(|bytes: &[u8]| check_file("_data/comments/post/comment.yml", bytes, &FORMATS));
