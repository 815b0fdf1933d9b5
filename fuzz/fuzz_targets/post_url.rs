//! Parses arbitrary texts as post addresses. A canonical address is bounded, ASCII, usable as a KV key, and unchanged
//! when parsed again.
#![no_main]

use afterword_model::{PostUrl, limits};
use libfuzzer_sys::fuzz_target;

/// Maximum length of a KV key, in bytes.
const KV_KEY: usize = 512;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let Ok(url) = PostUrl::parse(&text) else { return };
    let canonical = url.as_str();
    assert!(canonical.len() <= limits::URL_BYTES, "{} bytes", canonical.len());
    assert!(canonical.starts_with("https://"), "{canonical}");
    assert!(canonical.bytes().all(|byte| byte.is_ascii_graphic()), "{canonical:?}");
    let route = canonical.split_once('#').map(|(_, route)| route);
    assert!(route.is_none_or(|route| route.starts_with(['/', '!']) && !route.contains('#')), "{canonical}");
    assert_eq!(PostUrl::parse(canonical).as_ref(), Ok(&url), "parsing again changes the address, from {text:?}");
    let first = url.kv_key(1);
    let last = url.kv_key(u32::MAX);
    assert!(first.len() <= KV_KEY && last.len() <= KV_KEY, "{first} {last}");
    assert_eq!(last, format!("{first}#{}", u32::MAX), "the keys of all pages share one prefix");
});
