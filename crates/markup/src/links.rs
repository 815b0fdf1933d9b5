//! Links: valid targets, and the detection of bare URLs in running text.

use std::borrow::Cow;
use std::ops::Range;

use afterword_model::{LINK_PREFIXES, clean_line, is_host, is_visible};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

/// Maximum length of a host as typed, before conversion to Punycode: four times that of a host. In most scripts a host
/// is shorter as typed. The conversion costs several times as much as any other check, so it is skipped for texts that
/// cannot be a host.
const MAX_TYPED_HOST_BYTES: usize = 1012;
/// The characters that are encoded in the subject of a `mailto` URL: all but letters, digits and `-._~`.
const ENCODED_IN_SUBJECT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Prefixes of bare URLs in running text.
const URL_PREFIXES: [&str; 3] = ["https://", "http://", "www."];

/// The URL in the serialization of the URL standard, if a comment may link to it.
///
/// The serialization is ASCII, with the host in Punycode, and contains nothing that browsers could interpret in
/// different ways. Accepted are `https` and `http` with a host and without credentials
/// (`https://bank.example@evil.example` is a phishing trick), `mailto` with an address and a subject, and `www.`, which
/// stands for `https://www.`. Relative URLs are rejected, because the same HTML is shown on more than one page.
/// Characters that nobody sees are dropped: they were pasted by accident, or to deceive.
pub(crate) fn link_target(typed: &str) -> Option<String> {
    let typed = drop_invisible(typed);
    if typed_host(&typed).len() > MAX_TYPED_HOST_BYTES {
        return None;
    }
    let url = if starts_with_ignore_case(&typed, "www.") {
        Url::parse(&format!("https://{typed}"))
    } else if starts_autolink(&typed) {
        Url::parse(&typed)
    } else {
        return None;
    };
    let url = url.ok()?;
    match url.scheme() {
        "http" | "https" => (has_no_credentials(&url) && has_host(&url)).then(|| url.into()),
        "mailto" => mail_target(&url),
        _ => None,
    }
}

fn drop_invisible(typed: &str) -> Cow<'_, str> {
    if typed.is_ascii() {
        return Cow::Borrowed(typed);
    }
    typed.chars().filter(|&character| character.is_whitespace() || is_visible(character)).collect()
}

/// A `mailto` URL with the address and the subject of `url`.
///
/// All other parameters are dropped: `bcc` and `body` prepare a mail that its sender did not write, and mail programs
/// have sent files for `attach` (CVE-2020-11879, CVE-2020-11880). The subject is one line, encoded again, because mail
/// programs disagree on the characters that end it.
fn mail_target(url: &Url) -> Option<String> {
    let address = url.path();
    if !is_mail_address(address) {
        return None;
    }
    let mut parameters = url.query().unwrap_or_default().split('&').filter_map(|parameter| parameter.split_once('='));
    let subject = parameters.find(|(name, _)| name.eq_ignore_ascii_case("subject")).map_or("", |(_, subject)| subject);
    let subject = clean_line(&percent_decode_str(subject).decode_utf8_lossy());
    let question_mark = if subject.is_empty() { "" } else { "?subject=" };
    Some(format!("mailto:{address}{question_mark}{}", utf8_percent_encode(&subject, ENCODED_IN_SUBJECT)))
}

/// Accepts one ordinary mail address. RFC 6068 also permits quotation marks, lists of addresses, and no address at all.
/// Percent-encoded characters are judged like the others, so that they hide neither a line end nor a second address.
fn is_mail_address(address: &str) -> bool {
    let is_plain = |character: char| match character {
        '\0'..='\x7f' => character.is_ascii_alphanumeric() || ".-_+'~=".contains(character),
        _ => is_visible(character) && !character.is_control(),
    };
    let is_part = |part: &str| {
        percent_decode_str(part).decode_utf8().is_ok_and(|part| !part.is_empty() && part.chars().all(is_plain))
    };
    address.split_once('@').is_some_and(|(local, domain)| is_part(local) && is_part(domain))
}

fn has_no_credentials(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// A final dot stands for the DNS root.
fn has_host(url: &Url) -> bool {
    url.host_str().is_some_and(|host| is_host(host.strip_suffix('.').unwrap_or(host)))
}

/// The text at the position of the host, perhaps with a port. The URL standard treats more than two slashes as two.
fn typed_host(typed: &str) -> &str {
    let is_scheme = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let (_, rest) = typed.split_once("://").filter(|(scheme, _)| is_scheme(scheme)).unwrap_or(("", typed));
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
    LINK_PREFIXES.iter().any(|prefix| starts_with_ignore_case(text, prefix))
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
/// It ends at white space or at a character that cannot be in a URL, and its host where [`mixed_label`] says.
/// Punctuation at its end belongs to the sentence, and so does a closing parenthesis that was not opened within the
/// URL.
fn bare_url_length(text: &str) -> usize {
    let url_text = &text[..text.find(ends_url).unwrap_or(text.len())];
    let mixed = if url_text.is_ascii() { None } else { mixed_label(url_text) };
    let mut url_text = &url_text[..mixed.unwrap_or(url_text.len())];
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

/// The offset at which a label of the host changes from ASCII to another script than Latin. No host is typed like this.
/// Scripts without spaces continue the sentence right after the host: `https://blog.exampleを見て`.
fn mixed_label(url_text: &str) -> Option<usize> {
    let host = typed_host(url_text);
    let is_latin = |character: char| matches!(character, '\0'..='\u{36f}' | '\u{1e00}'..='\u{1eff}');
    let mut before = '.';
    for (at, character) in host.char_indices() {
        if before.is_ascii_alphanumeric() && !is_latin(character) {
            // Nothing before the host has such a character, so this finds the host itself.
            return Some(url_text.find(host)? + at);
        }
        before = character;
    }
    None
}

/// Characters that are never typed in URLs: those that nobody sees, quotation marks and brackets, backslash and
/// backtick, and the full-width punctuation that follows a URL without a space in Chinese and Japanese.
fn ends_url(character: char) -> bool {
    !is_visible(character)
        || character.is_control()
        || "<>\"`[]{}|\\\u{ab}\u{bb}\u{201c}\u{201d}\u{201e}".contains(character)
        || matches!(character, '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
            | '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' | '\u{fdd0}'..='\u{fdef}')
}
