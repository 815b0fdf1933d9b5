//! Canonical URLs of posts: one URL for all the spellings under which a blog serves the same page.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::canonical_url::{UrlRules, canonical_target};
use crate::hex::encode_hex;
use crate::limits;
use crate::syntax::is_host;

/// Maximum length of a KV key, in bytes (Cloudflare's documentation, "KV limits").
const MAX_KV_KEY_BYTES: usize = 512;

/// The canonical URL of a post. It identifies the thread.
///
/// The scheme is always `https`. The host is lower-case ASCII. Credentials and default port are dropped.
/// Percent-encoding is normalized (RFC 3986, section 6.2.2; characters that delimit nothing in a path or query are
/// decoded too; hexadecimal digits are upper case). `index.html`, empty segments and trailing slashes are removed.
/// Parameters that others add to addresses ([`crate::ParameterGroup`]) are dropped and the remaining ones sorted by
/// name. A fragment is dropped unless it names a page: `#/post` or `#!/post`, the addresses of an application that
/// navigates by fragments. The length is at most [`limits::URL_BYTES`] bytes. Parsing a canonical URL returns it
/// unchanged.
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
    /// Canonicalizes a URL of the post by the rules of a site without settings of its own.
    ///
    /// # Errors
    ///
    /// See [`PostUrlError`].
    pub fn parse(text: &str) -> Result<Self, PostUrlError> {
        let url = parse_http(text)?;
        Self::with_authority(&authority(&url).ok_or(PostUrlError::NotHttp)?, &url, UrlRules::DEFAULT)
    }

    /// This URL by other rules, or `None` if they change nothing.
    pub fn recanonicalize(&self, rules: UrlRules) -> Option<Self> {
        let url = parse_http(&self.0).ok()?;
        Self::with_authority(&authority(&url)?, &url, rules).ok().filter(|canonical| canonical != self)
    }

    /// The canonical form of `url`, with `authority` in place of its host and port.
    pub(crate) fn with_authority(authority: &str, url: &Url, rules: UrlRules) -> Result<Self, PostUrlError> {
        let text = format!("https://{authority}{}", canonical_target(url, rules));
        if text.len() > limits::URL_BYTES { Err(PostUrlError::TooLong) } else { Ok(Self(text)) }
    }

    /// Returns true if the URL contains a route, such as `#/post`. An anchor such as `#comment-7` cannot be appended to it.
    pub fn has_route(&self) -> bool {
        self.0.contains('#')
    }

    /// The canonical URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port of the site, its [`Origin::authority`](crate::Origin::authority).
    pub fn authority(&self) -> &str {
        let rest = self.0.strip_prefix("https://").unwrap_or_default();
        rest.split(['/', '?', '#']).next().unwrap_or_default()
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
