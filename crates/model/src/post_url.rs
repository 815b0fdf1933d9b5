//! Canonical URLs of posts: one URL for all the spellings under which a blog serves the same page.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::hex::encode_hex;
use crate::limits;
use crate::syntax::is_host;

/// Maximum length of a KV key, in bytes (Cloudflare's documentation, "KV limits").
const MAX_KV_KEY_BYTES: usize = 512;

/// Index files, which are equivalent to their directory.
const INDEX_FILES: &[&str] = &["/index.html", "/index.htm", "/index.php"];

/// Prefixes of tracking parameters, which say how a reader came to a page: campaigns (Google and all who copy it,
/// Matomo and its former name, HubSpot, Mailchimp, StackAdapt, Salesforce) and the parameters that Cloudflare's
/// challenge page adds.
const TRACKING_PREFIXES: &[&str] =
    &["__cf_chl_", "hsa_", "matomo_", "mc_", "mtm_", "piwik_", "pk_", "sfmc_", "stm_", "utm_"];

/// Further tracking parameters, in lower case. They say how a reader came to a page, not which page it is.
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

/// The characters that are encoded in a path: all but those of a segment (`pchar` of RFC 3986, section 3.3). The
/// delimiters among them have no function in the paths of blogs, and mail programs and messengers encode them
/// inconsistently: `/foo_(bar)` and `/foo_%28bar%29` are one page.
static ENCODED_IN_PATH: AsciiSet = all_except(b"-._~!$&'()*+,;=:@");

/// The characters that are encoded in a query: all but those of RFC 3986, section 3.4. Encoded are also those with a
/// function in form encoding, and the apostrophe, which the URL standard encodes there.
static ENCODED_IN_QUERY: AsciiSet = all_except(b"-._~!$()*,;:@/?");

/// The canonical URL of a post. It identifies the thread.
///
/// The scheme is always `https`. The host is lower-case ASCII. Credentials, default port and fragment are dropped.
/// Percent-encoding is normalized (RFC 3986, section 6.2.2; characters that delimit nothing in a path or query are
/// decoded too; hexadecimal digits are upper case). `index.html` and trailing slashes are removed. Tracking parameters
/// are dropped and the others sorted by name. The length is at most [`limits::URL_BYTES`] bytes. Parsing a canonical
/// URL returns it unchanged.
///
/// Deserialize it only from JSON that the Worker itself wrote. Untrusted input goes through [`PostUrl::parse`] or
/// [`crate::Sites::resolve_post`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PostUrl(String);

/// The reason why a text is not the URL of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostUrlError {
    /// The text is not an absolute `http` or `https` URL with a host.
    NotHttp,
    /// The URL is longer than [`limits::URL_BYTES`] bytes, as given or in its canonical form.
    TooLong,
}

impl PostUrl {
    /// Canonicalizes a URL of the post.
    ///
    /// # Errors
    ///
    /// See [`PostUrlError`].
    pub fn parse(text: &str) -> Result<Self, PostUrlError> {
        let url = parse_http(text)?;
        Self::with_authority(&authority(&url).ok_or(PostUrlError::NotHttp)?, &url)
    }

    /// The canonical form of `url`, with `authority` in place of its host and port.
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
    /// `thread:<url>` for the first page, `thread:<url>#<page>` for the others. If that is longer than KV's 512 bytes,
    /// `sha256:` and the SHA-256 of the URL in hexadecimal replace the URL.
    pub fn kv_key(&self, page: u32) -> String {
        self.kv_key_with_suffix(&if page > 1 { format!("#{page}") } else { String::new() })
    }

    /// The KV key of the top page, the best comments of a thread with more than one page: `thread:<url>#top`.
    pub fn kv_top_key(&self) -> String {
        self.kv_key_with_suffix("#top")
    }

    fn kv_key_with_suffix(&self, suffix: &str) -> String {
        let key = format!("thread:{}{suffix}", self.0);
        // Reserves room for the longest page suffix, so that all pages of a thread use the same form of key.
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

/// Parses an absolute `http` or `https` URL within the length limit.
pub(crate) fn parse_http(text: &str) -> Result<Url, PostUrlError> {
    if text.len() > limits::URL_BYTES {
        return Err(PostUrlError::TooLong);
    }
    let url = Url::parse(text).map_err(|_| PostUrlError::NotHttp)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(PostUrlError::NotHttp) }
}

/// The host, without the trailing dot of the DNS root. `None` if [`is_host`] rejects it.
pub(crate) fn host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(host.strip_suffix('.').unwrap_or(host)).filter(|host| is_host(host))
}

/// Host and port. The default ports of both schemes are dropped, because `http` and `https` are equivalent.
pub(crate) fn authority(url: &Url) -> Option<String> {
    let host = host(url)?;
    let port = url.port().filter(|port| !matches!(port, 80 | 443));
    Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The URL parser has already removed the dot segments, including those written with `%2e`.
fn canonical_path(path: &str) -> String {
    let segments: Vec<String> = path.split('/').map(|segment| normalize_encoding(segment, &ENCODED_IN_PATH)).collect();
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
    // The order of parameters with the same name has a meaning (`tag=a&tag=b`), the order of different names has none.
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

/// A `+` in a query is a space (form encoding of the URL standard).
fn normalize_parameter(text: &str) -> String {
    normalize_encoding(&text.replace('+', "%20"), &ENCODED_IN_QUERY)
}

/// Decodes the percent-encoding of a text, and encodes the characters of `encoded`, with upper-case digits. A `%` that
/// starts no escape is a literal percent sign.
fn normalize_encoding(text: &str, encoded: &'static AsciiSet) -> String {
    percent_encode(&percent_decode_str(text).collect::<Vec<u8>>(), encoded).to_string()
}

/// All characters except letters, digits and `literal`.
const fn all_except(literal: &[u8]) -> AsciiSet {
    let mut set = NON_ALPHANUMERIC.remove(literal[0]);
    let mut at = 1;
    while at < literal.len() {
        set = set.remove(literal[at]);
        at += 1;
    }
    set
}
