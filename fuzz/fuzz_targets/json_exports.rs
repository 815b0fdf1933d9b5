//! Recognizes and reads arbitrary files as each format that is JSON.
#![no_main]

use afterword_fuzz::check_file;
use afterword_interchange::Format;
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 13] = [
    Format::IssoJson,
    Format::Remark42,
    Format::Commento,
    Format::Comentario,
    Format::Cusdis,
    Format::Waline,
    Format::Twikoo,
    Format::Valine,
    Format::Artalk,
    Format::Giscus,
    Format::Utterances,
    Format::Ghost,
    Format::Json,
];

fuzz_target!(|bytes: &[u8]| check_file("export.json", bytes, &FORMATS));
