//! Addresses: which ones a comment may link to, and where one begins and ends in running text.

use std::ops::Range;

use url::Url;

/// The longest name of a host, in the bytes of its Punycode (RFC 1035, section 2.3.4, without the length and the root).
const HOST: usize = 253;
/// What is typed of a host before it is prepared: in most scripts a name of [`HOST`] bytes is shorter. Preparing costs a multiple of any other
/// reading, and is not done for what no host is called.
const TYPED_HOST: usize = 4 * HOST;
/// How a bare address in running text may begin.
const BEGINNINGS: [&str; 3] = ["https://", "http://", "www."];

/// The address as the URL standard writes it, if a comment may link to it.
///
/// Written that way it is ASCII, its host in Punycode, with nothing left that browsers could read in two ways. Taken are `https` and
/// `http` with a host and without credentials (`https://bank.example@evil.example` is a trap), `mailto` with an address,
/// and `www.`, which stands for `https://www.`. Nothing is relative, for the same HTML is shown on more than one page.
pub(crate) fn link_target(typed: &str) -> Option<String> {
    if typed_host(typed).len() > TYPED_HOST {
        return None;
    }
    let url = if begins_with(typed, "www.") {
        Url::parse(&format!("https://{typed}"))
    } else if ["https://", "http://", "mailto:"].iter().any(|beginning| begins_with(typed, beginning)) {
        Url::parse(typed)
    } else {
        return None;
    };
    let url = url.ok()?;
    let fit = match url.scheme() {
        "http" | "https" => is_open(&url) && url.host_str().is_some_and(is_host),
        "mailto" => is_mailbox(url.path()),
        _ => false,
    };
    fit.then(|| url.into())
}

/// One address as people have them. RFC 6068 takes quotation marks, lists of addresses and none at all as well.
fn is_mailbox(path: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+%'~=".contains(&byte))
    };
    path.split_once('@').is_some_and(|(local, domain)| plain(local) && plain(domain))
}

fn is_open(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Letters, digits, `-` and `_` in labels that are not empty, `localhost` as well, or an address in brackets. The URL standard takes
/// more, such as `https://*`, which is no host that anybody has.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= HOST && (host.starts_with('[') || host.trim_end_matches('.').split('.').all(is_label))
}

/// What stands where the host does, and perhaps its port. More slashes than two are as good as two to the URL standard.
fn typed_host(typed: &str) -> &str {
    let (_, rest) = typed.split_once("//").unwrap_or(("", typed));
    rest.trim_start_matches(['/', '\\']).split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// The first thing from `from` on that looks like a bare address. What is in the range may still be none: ask [`bare_target`].
///
/// Ranges come in order and never overlap, so that going through all of a text takes time in its length.
pub(crate) fn next_bare(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = bytes.get(at..)?.iter().position(|byte| matches!(byte, b'h' | b'H' | b'w' | b'W')) {
        let start = at + found;
        let beginning = BEGINNINGS.iter().find(|beginning| begins_with(&text[start..], beginning));
        match beginning {
            Some(_) if is_boundary(text[..start].chars().next_back()) => {
                return Some(start..start + extent(&text[start..]));
            }
            _ => at = start + 1,
        }
    }
    None
}

/// Where a bare address leads. Nobody said that it is one, so its host must look like one: it has a dot, after `www.` another one.
pub(crate) fn bare_target(address: &str) -> Option<String> {
    let dots = if begins_with(address, "www.") { 2 } else { 1 };
    let target = link_target(address)?;
    let host = target.split('/').nth(2)?;
    let dotted = host.trim_end_matches('.').matches('.').count() >= dots;
    (dotted || host.starts_with("localhost")).then_some(target)
}

/// Whether `<` before `text` may begin an autolink. Nothing else may begin with `<`: HTML is shown as the text it is.
pub(crate) fn begins_autolink(text: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|beginning| begins_with(text, beginning))
}

fn begins_with(text: &str, beginning: &str) -> bool {
    text.as_bytes().get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
}

/// Scripts without spaces put an address right behind a letter, so only what would be one word with it is in the way.
fn is_boundary(before: Option<char>) -> bool {
    before.is_none_or(|character| !character.is_ascii_alphanumeric() && !"@.-_/+".contains(character))
}

/// The length of the bare address that `text` begins with.
///
/// It goes on to white space or to a character that ends addresses. Punctuation at its end belongs to the sentence, and so does a
/// closing parenthesis that was not opened within the address.
fn extent(text: &str) -> usize {
    let mut address = &text[..text.find(ends_address).unwrap_or(text.len())];
    let mut unopened = address.matches(')').count().saturating_sub(address.matches('(').count());
    loop {
        let last = address.chars().next_back();
        let cut = match last {
            Some(')') if unopened > 0 => {
                unopened -= 1;
                true
            }
            Some(last) => ".,:;!?'*_~\u{2026}\u{2019}".contains(last),
            None => false,
        };
        match last {
            Some(last) if cut => address = &address[..address.len() - last.len_utf8()],
            _ => return address.len(),
        }
    }
}

/// Characters that URLs are never typed with: quotation marks and brackets, backslash and backtick, and the full-width punctuation
/// that follows an address without a space in Chinese and Japanese.
fn ends_address(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || "<>\"`[]{}|\\\u{ab}\u{bb}\u{201c}\u{201d}\u{201e}".contains(character)
        || matches!(character, '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
            | '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' | '\u{fdd0}'..='\u{fdef}')
}
