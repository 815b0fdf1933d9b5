//! Links: valid targets, and the detection of bare URLs in running text.

use std::borrow::Cow;
use std::ops::Range;

use afterword_model::{LINK_PREFIXES, clean_line, is_host, is_visible};
use icu_properties::props::GeneralCategory;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use crate::characters::{category, is_combining, is_latin, is_other_script, is_wide_punctuation_mark};

/// Maximum length of a host as typed, before conversion to Punycode: four times that of a host. In most scripts a host
/// is shorter as typed. The conversion costs several times as much as any other check, so it is skipped for texts that
/// cannot be a host.
const MAX_TYPED_HOST_BYTES: usize = 1012;
/// The characters that are encoded in the subject of a `mailto` URL: all but letters, digits and `-._~`.
const ENCODED_IN_SUBJECT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Number of bytes before a bare URL that are searched for emphasis around it.
const EMPHASIS_BYTES: usize = 200;
/// Prefixes of bare URLs in running text.
const URL_PREFIXES: [&str; 3] = ["https://", "http://", "www."];

/// The URL in the serialization of the URL standard, if a comment may link to it.
///
/// The serialization is ASCII, with the host in Punycode, and contains nothing that browsers could interpret in
/// different ways. Accepted are `https` and `http` with a host and without credentials
/// (`https://bank.example@evil.example` is a phishing trick), `mailto` with an address and a subject, and `www.`, which
/// stands for `https://www.`. Relative URLs are rejected, because the same HTML is shown on more than one page.
/// Characters that nobody sees are dropped, and white space around the URL: they were pasted by accident, or to deceive.
pub(crate) fn link_target(typed: &str) -> Option<String> {
    let typed = drop_invisible(typed.trim());
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
    typed.chars().filter(|&character| character.is_whitespace() || !is_invisible(character)).collect()
}

/// Returns true for a character without a shape: white space, format characters, and what Unicode ignores by default.
fn is_invisible(character: char) -> bool {
    !is_visible(character) || (!character.is_ascii() && category(character) == GeneralCategory::Format)
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
                return Some(start..start + bare_url_length(&text[..start], &text[start..]));
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

/// Returns true if the text starts with a URL to which a comment may link.
pub(crate) fn starts_url(text: &str) -> bool {
    starts_autolink(text) || starts_with_ignore_case(text, "www.")
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
/// It ends
///
/// * at white space, at a character that nobody sees, and at one that cannot be in a URL,
/// * in its host, at anything but letters, digits and what joins them,
/// * where Latin letters or digits turn into another script without a separator: `https://blog.exampleを見て`,
///   `https://blog.example/page를`. No host is typed like this, and browsers copy such paths percent-encoded,
/// * at the end of the emphasis around it.
///
/// Punctuation at its end belongs to the sentence, and so does a closing parenthesis that was not opened within the
/// URL.
fn bare_url_length(before: &str, text: &str) -> usize {
    let mut url_text = &text[..bare_url_end(before, text)];
    let mut unopened = url_text.matches(')').count().saturating_sub(url_text.matches('(').count());
    loop {
        let last = url_text.chars().next_back();
        let cut = match last {
            Some(')') if unopened > 0 => {
                unopened -= 1;
                true
            }
            Some(last) => ".,:;!?'*_~".contains(last) || is_wide_punctuation_mark(last),
            None => false,
        };
        match last {
            Some(last) if cut => url_text = &url_text[..url_text.len() - last.len_utf8()],
            _ => return url_text.len(),
        }
    }
}

/// The end of a bare URL with the punctuation after it. Reads no further, so that scanning a text takes linear time.
fn bare_url_end(before: &str, text: &str) -> usize {
    let is_scheme = !starts_with_ignore_case(text, "www.");
    let start = if is_scheme { text.find("://").map_or(0, |colon| colon + "://".len()) } else { 0 };
    let mut emphasis = Emphasis::around(before);
    let (mut in_host, mut previous) = (true, '/');
    for (at, character) in text[start..].char_indices() {
        let follows_latin = is_latin(previous) || (in_host && previous == '_');
        if ends_url(character)
            || (in_host && !is_in_host(character) && !matches!(character, '/' | '?' | '#'))
            || (follows_latin && is_other_script(character))
            // No Japanese word starts with this particle, so it follows a final slash.
            || (previous == '/' && character == 'を')
            || (matches!(character, '*' | '~') && emphasis.ends(&text[start + at..]))
        {
            return start + at;
        }
        // More than two slashes count as two.
        in_host &= !matches!(character, '?' | '#') && (character != '/' || previous == '/');
        if !is_combining(character) {
            previous = character;
        }
    }
    text.len()
}

fn is_in_host(character: char) -> bool {
    match character {
        '\0'..='\x7f' => character.is_ascii_alphanumeric() || "-._:@%".contains(character),
        _ => !is_wide_punctuation_mark(character),
    }
}

/// The emphasis that is open before a bare URL.
struct Emphasis<'a> {
    /// The text in which it may have been opened.
    before: &'a str,
    /// The delimiter run right before the URL.
    run: &'a str,
    /// If strong emphasis and strikethrough are open, once that is known.
    is_open: [Option<bool>; 2],
}

impl<'a> Emphasis<'a> {
    fn around(before: &'a str) -> Self {
        let run = &before[before.trim_end_matches(['*', '~']).len()..];
        Self { before, run: if run == "~" { "" } else { run }, is_open: [None; 2] }
    }

    /// Returns true if `rest`, a part of the URL, starts with the delimiter that ends the emphasis.
    fn ends(&mut self, rest: &str) -> bool {
        if !self.run.is_empty() {
            return rest.starts_with(self.run);
        }
        let Some(kind) = ["**", "~~"].iter().position(|run| rest.starts_with(run)) else { return false };
        *self.is_open[kind].get_or_insert_with(|| {
            let from = self.before.len().saturating_sub(EMPHASIS_BYTES)..;
            let from = from.into_iter().find(|&from| self.before.is_char_boundary(from)).unwrap_or_default();
            self.before[from..].matches(&rest[..2]).count() % 2 == 1
        })
    }
}

/// Characters that are never typed in URLs: those that nobody sees, quotation marks and brackets, backslash and
/// backtick, the full-width forms of ASCII punctuation, and all other punctuation except that within words.
fn ends_url(character: char) -> bool {
    if character.is_ascii() {
        return !is_visible(character) || character.is_control() || "<>\"`[]{}|\\".contains(character);
    }
    let is_within_words = matches!(
        character,
        '\u{b7}' | '\u{5be}' | '\u{5f3}' | '\u{5f4}' | '\u{f0b}' | '\u{2010}'
            ..='\u{2013}' | '\u{2019}' | '\u{2027}' | '\u{30fb}' | '\u{ff65}'
    );
    is_invisible(character)
        || matches!(character, '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
            | '\u{ff5b}'..='\u{ff65}' | '\u{fdd0}'..='\u{fdef}')
        || (is_wide_punctuation_mark(character) && !is_within_words)
}
