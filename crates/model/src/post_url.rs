//! The canonical address of a post: one name for all the addresses by which a blog hands out the same page.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::limits;
use crate::text::encode_hex;

/// The longest key KV takes, in bytes (Cloudflare's documentation, "KV limits").
const MAX_KV_KEY_BYTES: usize = 512;

/// The files that stand for their folder.
const INDEX_FILES: &[&str] = &["/index.html", "/index.htm", "/index.php"];

/// Beginnings of names of parameters that say how a reader came to a page: campaigns (Google and all who copy it, Matomo and
/// its former name, HubSpot, Mailchimp, StackAdapt, Salesforce) and the marks that Cloudflare's challenge leaves behind.
const TRACKING_PREFIXES: &[&str] =
    &["__cf_chl_", "hsa_", "matomo_", "mc_", "mtm_", "piwik_", "pk_", "sfmc_", "stm_", "utm_"];

/// Other parameters that say how a reader came to a page, not which page it is; in lower case.
const TRACKING_PARAMETERS: &[&str] = &[
    "__s",
    "__twitter_impression",
    "_branch_match_id",
    "_branch_referrer",
    "_ga",
    "_gac",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_ke",
    "_kx",
    "_openstat",
    "at_medium",
    "ck_subscriber_id",
    "cmpid",
    "dclid",
    "ef_id",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "hsctatracking",
    "igsh",
    "igshid",
    "li_fat_id",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "ncid",
    "oly_anon_id",
    "oly_enc_id",
    "phpsessid",
    "rb_clickid",
    "rdt_cid",
    "ref",
    "ref_src",
    "ref_url",
    "replytocom",
    "s_kwcid",
    "sccid",
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
/// port, no fragment; percent-encoding in one form (RFC 3986, section 6.2.2, and the characters that divide nothing in a path or a
/// query plain too; hexadecimal in upper case); `index.html` and a trailing slash path; tracking parameters dropped,
/// the others sorted by name. At most [`limits::URL`] bytes. Parsing a canonical address gives it back unchanged.
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
        Self::with_authority(&authority(&url).ok_or(PostUrlError::NotHttp)?, &url)
    }

    /// The post that `url` names, on the site known as `authority`.
    pub(crate) fn with_authority(authority: &str, url: &Url) -> Result<Self, PostUrlError> {
        let mut text = format!("https://{authority}{}", canonical_path(url.path()));
        if let Some(query) = canonical_query(url.query().unwrap_or_default()) {
            text.push('?');
            text.push_str(&query);
        }
        if text.len() > limits::URL_BYTES { Err(PostUrlError::TooLong) } else { Ok(Self(text)) }
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
        self.kv_key_with_suffix(&if page > 1 { format!("#{page}") } else { String::new() })
    }

    /// The KV key of the best comments of a thread of more than one page: `thread:<url>#top`.
    pub fn kv_top_key(&self) -> String {
        self.kv_key_with_suffix("#top")
    }

    fn kv_key_with_suffix(&self, suffix: &str) -> String {
        let key = format!("thread:{}{suffix}", self.0);
        // The longest page suffix counts for every page, so that all pages of a thread go by the same name.
        if "thread:".len() + self.0.len() + "#4294967295".len() <= MAX_KV_KEY_BYTES {
            return key;
        }
        format!("thread:sha256:{}{suffix}", encode_hex(&Sha256::digest(&self.0)))
    }
}

impl std::fmt::Display for PostUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An absolute `http` or `https` URL within the length limit.
pub(crate) fn parse_http(text: &str) -> Result<Url, PostUrlError> {
    if text.len() > limits::URL_BYTES {
        return Err(PostUrlError::TooLong);
    }
    let url = Url::parse(text).map_err(|_| PostUrlError::NotHttp)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(PostUrlError::NotHttp) }
}

/// The host, without the final dot that stands for the DNS root.
///
/// The URL standard lets more into a host than names on the Internet have (commas, quotes, asterisks, empty labels): such a
/// host is none.
pub(crate) fn host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    (host.starts_with('[') || host.split('.').all(is_label)).then_some(host)
}

/// Host and port, where the default ports of both schemes count as none, since both schemes count as one.
pub(crate) fn authority(url: &Url) -> Option<String> {
    let host = host(url)?;
    let port = url.port().filter(|port| !matches!(port, 80 | 443));
    Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The URL parser has already taken out the dot segments, also those written with `%2e`.
fn canonical_path(path: &str) -> String {
    let segments: Vec<String> =
        path.split('/').map(|segment| normalize_encoding(segment, is_literal_in_path)).collect();
    let path = segments.join("/");
    let mut path = path.trim_end_matches('/');
    while let Some(folder) = INDEX_FILES.iter().find_map(|index| path.strip_suffix(index)) {
        path = folder.trim_end_matches('/');
    }
    if path.is_empty() { "/".to_owned() } else { path.to_owned() }
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
    let has_tracking_prefix = TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    // Blogger's switch between its mobile and its desktop page.
    let blogger_mobile = name == "m" && matches!(value, "0" | "1");
    has_tracking_prefix || blogger_mobile || TRACKING_PARAMETERS.contains(&name.as_str())
}

/// A `+` in a query is a space (the URL standard's form encoding).
fn normalize_parameter(text: &str) -> String {
    normalize_encoding(&text.replace('+', "%20"), is_literal_in_query)
}

/// Writes percent-encoding in one form: what `is_literal` names stands as it is, everything else is encoded with upper-case
/// digits, however either was written. A `%` that begins no escape is one that was meant literally.
fn normalize_encoding(text: &str, is_literal: fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%').then(|| after.split_at_checked(2)).flatten();
        let (byte, after) =
            escaped.and_then(|(digits, after)| Some((decode_hex_pair(digits)?, after))).unwrap_or((first, after));
        if is_literal(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        rest = after;
    }
    out
}

/// The characters of a path segment (`pchar` of RFC 3986, section 3.3). Its delimiters divide nothing in the paths of blogs, and
/// mail programs and messengers encode them as they like: `/foo_(bar)` and `/foo_%28bar%29` are one page.
fn is_literal_in_path(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte)
}

/// The characters of a query (RFC 3986, section 3.4) but those with a meaning in forms, and but the apostrophe, which the URL
/// standard encodes there.
fn is_literal_in_query(byte: u8) -> bool {
    is_unreserved(byte) || b"!$()*,;:@/?".contains(&byte)
}

/// RFC 3986, section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn decode_hex_pair(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*digits.first()?)? * 16 + digit(*digits.get(1)?)?)
}
