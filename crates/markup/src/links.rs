//! Links: valid targets, and the detection of bare URLs in running text.

use std::ops::Range;

use url::Url;

/// Maximum length of a host, in bytes of Punycode (RFC 1035, section 2.3.4, without the length bytes and the root).
const MAX_HOST_BYTES: usize = 253;
/// Maximum length of a host as typed, before conversion to Punycode. In most scripts a host of [`MAX_HOST_BYTES`] bytes
/// is shorter as typed. The conversion costs several times as much as any other check, so it is skipped for texts that
/// cannot be a host.
const MAX_TYPED_HOST_BYTES: usize = 4 * MAX_HOST_BYTES;
/// Prefixes of bare URLs in running text.
const URL_PREFIXES: [&str; 3] = ["https://", "http://", "www."];

/// The URL in the serialization of the URL standard, if a comment may link to it.
///
/// The serialization is ASCII, with the host in Punycode, and contains nothing that browsers could interpret in
/// different ways. Accepted are `https` and `http` with a host and without credentials
/// (`https://bank.example@evil.example` is a phishing trick), `mailto` with an address, and `www.`, which stands for
/// `https://www.`. Relative URLs are rejected, because the same HTML is shown on more than one page.
pub(crate) fn link_target(typed: &str) -> Option<String> {
    if typed_host(typed).len() > MAX_TYPED_HOST_BYTES {
        return None;
    }
    let url = if starts_with_ignore_case(typed, "www.") {
        Url::parse(&format!("https://{typed}"))
    } else if ["https://", "http://", "mailto:"].iter().any(|prefix| starts_with_ignore_case(typed, prefix)) {
        Url::parse(typed)
    } else {
        return None;
    };
    let url = url.ok()?;
    let is_valid = match url.scheme() {
        "http" | "https" => has_no_credentials(&url) && url.host_str().is_some_and(is_host),
        "mailto" => is_mail_address(url.path()),
        _ => false,
    };
    is_valid.then(|| url.into())
}

/// Accepts one ordinary mail address. RFC 6068 also permits quotation marks, lists of addresses, and no address at all.
fn is_mail_address(path: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+%'~=".contains(&byte))
    };
    path.split_once('@').is_some_and(|(local, domain)| plain(local) && plain(domain))
}

fn has_no_credentials(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Accepts letters, digits, `-` and `_` in non-empty labels, including `localhost`, or an IP address in brackets. The
/// URL standard permits more, such as `https://*`, which is not a real host.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= MAX_HOST_BYTES && (host.starts_with('[') || host.trim_end_matches('.').split('.').all(is_label))
}

/// The text at the position of the host, perhaps with a port. The URL standard treats more than two slashes as two.
fn typed_host(typed: &str) -> &str {
    let (_, rest) = typed.split_once("//").unwrap_or(("", typed));
    rest.trim_start_matches(['/', '\\']).split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// The first possible bare URL at or after `from`. The range may still not be a link: [`bare_url_target`] decides.
///
/// The ranges ascend and never overlap, so that scanning a whole text takes linear time.
pub(crate) fn next_bare_url(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = bytes.get(at..)?.iter().position(|byte| matches!(byte, b'h' | b'H' | b'w' | b'W')) {
        let start = at + found;
        let prefix = URL_PREFIXES.iter().find(|prefix| starts_with_ignore_case(&text[start..], prefix));
        match prefix {
            Some(_) if is_boundary(text[..start].chars().next_back()) => {
                return Some(start..start + bare_url_length(&text[start..]));
            }
            _ => at = start + 1,
        }
    }
    None
}

/// The link target of a bare URL. Its author did not mark it as a link, so its host must look like one: it needs a dot,
/// after `www.` a second one.
pub(crate) fn bare_url_target(url_text: &str) -> Option<String> {
    let dots = if starts_with_ignore_case(url_text, "www.") { 2 } else { 1 };
    let target = link_target(url_text)?;
    let host = target.split('/').nth(2)?;
    let has_dots = host.trim_end_matches('.').matches('.').count() >= dots;
    (has_dots || host.starts_with("localhost")).then_some(target)
}

/// Returns true if a `<` in front of `text` may start an autolink. Every other `<` is shown as text, because comments
/// have no HTML.
pub(crate) fn starts_autolink(text: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|prefix| starts_with_ignore_case(text, prefix))
}

fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Returns true if a bare URL may start after this character. Scripts without spaces put a URL right after a letter, so
/// only characters that would form one word with it prevent a link.
fn is_boundary(before: Option<char>) -> bool {
    before.is_none_or(|character| !character.is_ascii_alphanumeric() && !"@.-_/+".contains(character))
}

/// The length of the bare URL at the start of `text`.
///
/// It ends at white space or at a character that cannot be in a URL. Punctuation at its end belongs to the sentence,
/// and so does a closing parenthesis that was not opened within the URL.
fn bare_url_length(text: &str) -> usize {
    let mut url_text = &text[..text.find(ends_url).unwrap_or(text.len())];
    let mut unopened = url_text.matches(')').count().saturating_sub(url_text.matches('(').count());
    loop {
        let last = url_text.chars().next_back();
        let cut = match last {
            Some(')') if unopened > 0 => {
                unopened -= 1;
                true
            }
            Some(last) => ".,:;!?'*_~\u{2026}\u{2019}".contains(last),
            None => false,
        };
        match last {
            Some(last) if cut => url_text = &url_text[..url_text.len() - last.len_utf8()],
            _ => return url_text.len(),
        }
    }
}

/// Characters that are never typed in URLs: quotation marks and brackets, backslash and backtick, and the full-width
/// punctuation that follows a URL without a space in Chinese and Japanese.
fn ends_url(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || "<>\"`[]{}|\\\u{ab}\u{bb}\u{201c}\u{201d}\u{201e}".contains(character)
        || matches!(character, '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
            | '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' | '\u{fdd0}'..='\u{fdef}')
}
