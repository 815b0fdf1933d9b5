//! The canonical address of a post: one name for all the addresses by which a blog hands out the same page.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::limits;

/// The longest key KV takes, in bytes (Cloudflare's documentation, "KV limits").
const KV_KEY: usize = 512;

/// The files that stand for their folder.
const INDEX: &[&str] = &["/index.html", "/index.htm", "/index.php"];

/// Parameters that say how a reader came to a page, not which page it is. `utm_*` and its like are in [`is_tracking`].
const TRACKING: &[&str] = &[
    "__twitter_impression",
    "_ga",
    "_gac",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "at_medium",
    "cmpid",
    "dclid",
    "ef_id",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "li_fat_id",
    "mkt_tok",
    "msclkid",
    "ncid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "ref",
    "ref_src",
    "ref_url",
    "replytocom",
    "s_kwcid",
    "showcomment",
    "spref",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "yclid",
];

/// The canonical address of a post, the name of its thread.
///
/// Written as an `https` URL whatever the scheme was; host in lower case and ASCII, no credentials, no default
/// port, no fragment; percent-encoding in one form (RFC 3986, section 6.2.2: unreserved characters plain, hexadecimal in upper
/// case); `index.html` and a trailing slash folded; tracking parameters dropped, the others sorted by name.
/// Parsing a canonical address gives it back unchanged.
///
/// Decoding it from JSON is for JSON that the Worker itself wrote; what comes from outside goes through
/// [`PostUrl::parse`] or [`crate::Sites::place`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PostUrl(String);

/// Why a text is no address of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostUrlError {
    /// It is not an absolute `http` or `https` URL with a host.
    NotHttp,
    /// It is longer than [`limits::URL`] bytes, as given or in its canonical form.
    TooLong,
}

impl PostUrl {
    /// Makes the canonical address out of any address of the post.
    ///
    /// # Errors
    ///
    /// See [`PostUrlError`].
    pub fn parse(text: &str) -> Result<Self, PostUrlError> {
        let url = parse_http(text)?;
        Self::at(&authority(&url).ok_or(PostUrlError::NotHttp)?, &url)
    }

    /// The post that `url` names, on the site known as `authority`.
    pub(crate) fn at(authority: &str, url: &Url) -> Result<Self, PostUrlError> {
        let mut text = format!("https://{authority}{}", canonical_path(url.path()));
        if let Some(query) = canonical_query(url.query().unwrap_or_default()) {
            text.push('?');
            text.push_str(&query);
        }
        if text.len() > limits::URL { Err(PostUrlError::TooLong) } else { Ok(Self(text)) }
    }

    /// The canonical URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The KV key of a page (from 1) of this post's thread.
    ///
    /// `thread:<url>` for the first page, `thread:<url>#<page>` for the others. Where that is longer than KV's 512 bytes, the
    /// URL gives way to `sha256:` and its SHA-256 in hexadecimal.
    pub fn kv_key(&self, page: u32) -> String {
        let suffix = if page > 1 { format!("#{page}") } else { String::new() };
        let key = format!("thread:{}{suffix}", self.0);
        // The longest page suffix counts for every page, so that all pages of a thread go by the same name.
        if "thread:".len() + self.0.len() + "#4294967295".len() <= KV_KEY {
            return key;
        }
        let digest = Sha256::digest(&self.0);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("thread:sha256:{hex}{suffix}")
    }
}

impl std::fmt::Display for PostUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An absolute `http` or `https` URL within the length limit.
pub(crate) fn parse_http(text: &str) -> Result<Url, PostUrlError> {
    if text.len() > limits::URL {
        return Err(PostUrlError::TooLong);
    }
    let url = Url::parse(text).map_err(|_| PostUrlError::NotHttp)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(PostUrlError::NotHttp) }
}

/// Host and port, where the default ports of both schemes count as none, since both schemes count as one. A host's final dot
/// (the DNS root) is dropped.
pub(crate) fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.');
    let port = url.port().filter(|port| !matches!(port, 80 | 443));
    let authority = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    (!host.is_empty()).then_some(authority)
}

fn canonical_path(path: &str) -> String {
    let path = normalize_percent(path, |byte| byte.is_ascii_graphic());
    let mut folded = path.trim_end_matches('/');
    while let Some(folder) = INDEX.iter().find_map(|index| folded.strip_suffix(index)) {
        folded = folder.trim_end_matches('/');
    }
    if folded.is_empty() { "/".to_owned() } else { folded.to_owned() }
}

fn canonical_query(query: &str) -> Option<String> {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (normalize_parameter(name), normalize_parameter(value)))
        .filter(|(name, value)| !name.is_empty() || !value.is_empty())
        .filter(|(name, value)| !is_tracking(name, value))
        .collect();
    // The order of parameters of one name means something (`tag=a&tag=b`), that of different names does not.
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

fn is_tracking(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let family = ["utm_", "mtm_", "pk_", "hsa_", "mc_", "stm_"].iter().any(|prefix| name.starts_with(prefix));
    // Blogger's switch between its mobile and its desktop page.
    let blogger_mobile = name == "m" && matches!(value, "0" | "1");
    family || blogger_mobile || TRACKING.contains(&name.as_str())
}

/// A `+` in a query is a space (the URL standard's form encoding).
fn normalize_parameter(text: &str) -> String {
    normalize_percent(&text.replace('+', "%20"), |byte| byte.is_ascii_graphic() && !b"&=+".contains(&byte))
}

/// Writes percent-encoding in one form: unreserved characters plain, `may_stay` decides on the other plain ones, everything else
/// encoded with upper-case digits. A `%` that begins no escape is one that was meant literally.
fn normalize_percent(text: &str, may_stay: fn(u8) -> bool) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| bytes.get(at + 1..at + 3).and_then(hex_byte)).flatten();
        let plain = match escape {
            Some(escaped) => is_unreserved(escaped),
            None => byte != b'%' && may_stay(byte),
        };
        let value = escape.unwrap_or(byte);
        if plain {
            out.push(char::from(value));
        } else {
            out.push_str(&format!("%{value:02X}"));
        }
        at += if escape.is_some() { 3 } else { 1 };
    }
    out
}

/// RFC 3986, section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*digits.first()?)? * 16 + digit(*digits.get(1)?)?)
}
