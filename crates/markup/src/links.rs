//! Addresses: which ones a comment may link to, and where one begins and ends in running text.

use std::ops::Range;

use url::Url;

/// The longest name of a host, in the bytes of its Punycode (RFC 1035, section 2.3.4, without the length and the root).
const MAX_HOST_BYTES: usize = 253;
/// What is typed of a host before it is prepared: in most scripts a name of [`MAX_HOST_BYTES`] bytes is shorter. Preparing costs a multiple of any other
/// reading, and is not done for what no host is called.
const MAX_TYPED_HOST_BYTES: usize = 4 * MAX_HOST_BYTES;
/// How a bare url_text in running text may begin.
const URL_PREFIXES: [&str; 3] = ["https://", "http://", "www."];

/// The url_text as the URL standard writes it, if a comment may link to it.
///
/// Written that way it is ASCII, its host in Punycode, with nothing left that browsers could read in two ways. Taken are `https` and
/// `http` with a host and without credentials (`https://bank.example@evil.example` is a trap), `mailto` with an url_text,
/// and `www.`, which stands for `https://www.`. Nothing is relative, for the same HTML is shown on more than one page.
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

/// One url_text as people have them. RFC 6068 takes quotation marks, lists of addresses and none at all as well.
fn is_mail_address(path: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+%'~=".contains(&byte))
    };
    path.split_once('@').is_some_and(|(local, domain)| plain(local) && plain(domain))
}

fn has_no_credentials(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Letters, digits, `-` and `_` in labels that are not empty, `localhost` as well, or an url_text in brackets. The URL standard takes
/// more, such as `https://*`, which is no host that anybody has.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= MAX_HOST_BYTES && (host.starts_with('[') || host.trim_end_matches('.').split('.').all(is_label))
}

/// What stands where the host does, and perhaps its port. More slashes than two are as good as two to the URL standard.
fn typed_host(typed: &str) -> &str {
    let (_, rest) = typed.split_once("//").unwrap_or(("", typed));
    rest.trim_start_matches(['/', '\\']).split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// The first thing from `from` on that looks like a bare url_text. What is in the range may still be none: ask [`bare_url_target`].
///
/// Ranges come in order and never overlap, so that going through all of a text takes time in its length.
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

/// Where a bare url_text leads. Nobody said that it is one, so its host must look like one: it has a dot, after `www.` another one.
pub(crate) fn bare_url_target(url_text: &str) -> Option<String> {
    let dots = if starts_with_ignore_case(url_text, "www.") { 2 } else { 1 };
    let target = link_target(url_text)?;
    let host = target.split('/').nth(2)?;
    let has_dots = host.trim_end_matches('.').matches('.').count() >= dots;
    (has_dots || host.starts_with("localhost")).then_some(target)
}

/// Whether `<` before `text` may begin an autolink. Nothing else may begin with `<`: HTML is shown as the text it is.
pub(crate) fn starts_autolink(text: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|prefix| starts_with_ignore_case(text, prefix))
}

fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Scripts without spaces put an url_text right behind a letter, so only what would be one word with it is in the way.
fn is_boundary(before: Option<char>) -> bool {
    before.is_none_or(|character| !character.is_ascii_alphanumeric() && !"@.-_/+".contains(character))
}

/// The length of the bare url_text that `text` begins with.
///
/// It goes on to white space or to a character that ends addresses. Punctuation at its end belongs to the sentence, and so does a
/// closing parenthesis that was not opened within the url_text.
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

/// Characters that URLs are never typed with: quotation marks and brackets, backslash and backtick, and the full-width punctuation
/// that follows an url_text without a space in Chinese and Japanese.
fn ends_url(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || "<>\"`[]{}|\\\u{ab}\u{bb}\u{201c}\u{201d}\u{201e}".contains(character)
        || matches!(character, '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
            | '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' | '\u{fdd0}'..='\u{fdef}')
}
