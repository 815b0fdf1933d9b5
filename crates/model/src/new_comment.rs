//! A new comment: as sent by a client, and after validation.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::id::{CommentId, SubmissionId};
use crate::limits;
use crate::post_url::{host, parse_http};
use crate::refusal::Refusal;
use crate::site::{PostRef, Sites};
use crate::text::{clean_line, clean_text, excess_characters, has_visible_text, is_visible};

/// The JSON body of `POST /v1/comments`. Only its JSON types are checked.
///
/// Unknown fields are rejected, so that a misspelt field is noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// A UUID that the client generated for this submission.
    pub id: String,
    /// The URL of the post, in any spelling.
    pub url: String,
    /// The title of the post.
    #[serde(default)]
    pub title: Option<String>,
    /// The parent comment, if this is a reply.
    #[serde(default)]
    pub parent: Option<CommentId>,
    /// The author's name.
    #[serde(default)]
    pub name: Option<String>,
    /// The author's e-mail address. Never published.
    #[serde(default)]
    pub email: Option<String>,
    /// The author's website.
    #[serde(default)]
    pub website: Option<String>,
    /// The text, in Markdown.
    pub text: String,
    /// The proof of work: a challenge and its solutions. See [`crate::proof_of_work`].
    #[serde(default)]
    pub proof: Option<String>,
    /// The honeypot, a form field that is hidden from readers. Only programs fill it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// True if the page knows that the text was written on it: it saw text being typed, pasted or restored from a draft, or it was open
    /// for a while.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub written: bool,
}

/// A comment whose fields all passed validation. The ledger decides if it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The UUID of the submission.
    pub id: SubmissionId,
    /// The site and the post.
    pub post: PostRef,
    /// The title of the post, truncated to [`limits::TITLE_CHARS`].
    pub title: String,
    /// The parent comment, if this is a reply.
    pub parent: Option<CommentId>,
    /// The author's name, on one line, of at most [`limits::NAME_CHARS`] characters. Empty if it has no visible
    /// character.
    pub name: String,
    /// The author's e-mail address, if given, of at most [`limits::EMAIL_BYTES`] bytes.
    pub email: Option<String>,
    /// The author's website, if given.
    pub website: Option<Website>,
    /// The cleaned text, in Markdown, of at most [`limits::TEXT_BYTES`] bytes. It has a visible character.
    pub text: String,
}

impl NewComment {
    /// Validates every field, in the order of the fields.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] of the first invalid field.
    pub fn validate(&self, sites: &Sites) -> Result<Submission, Refusal> {
        if self.text_fields().any(|text| text.contains('\0')) {
            return Err(Refusal::BadCharacter);
        }
        let id = SubmissionId::parse(&self.id).ok_or(Refusal::BadId)?;
        let post = sites.resolve_post(&self.url)?;
        let name = visible_line(self.name.as_deref());
        if name.chars().count() > limits::NAME_CHARS {
            return Err(Refusal::NameTooLong);
        }
        let email = parse_email(self.email.as_deref().unwrap_or_default())?;
        let website = Website::from_input(self.website.as_deref().unwrap_or_default())?;
        let text = validate_text(&self.text)?;
        let title = clean_title(self.title.as_deref().unwrap_or_default());
        Ok(Submission { id, post, title, parent: self.parent, name, email, website, text })
    }

    /// Number of characters by which the field of a refusal is too long, or `None` if the field was refused for another reason. Without
    /// so many characters at its end the field fits.
    pub fn excess(&self, refusal: Refusal) -> Option<u32> {
        let typed = |field: &Option<String>| clean_field(field.as_deref().unwrap_or_default());
        let excess = match refusal {
            Refusal::NameTooLong => {
                let name = visible_line(self.name.as_deref());
                excess_characters(&name, name.chars().count().saturating_sub(limits::NAME_CHARS), |_| 1)
            }
            Refusal::BadEmail => {
                let email = typed(&self.email);
                excess_characters(&email, email.len().saturating_sub(limits::EMAIL_BYTES), char::len_utf8)
            }
            Refusal::BadWebsite => {
                let website = typed(&self.website);
                let length = parse_website(&website).map_or(0, |url| url.as_str().len());
                excess_characters(&website, length.saturating_sub(limits::WEBSITE_BYTES), percent_encoded_length)
            }
            Refusal::TextTooLong => {
                let text = clean_text(&self.text);
                excess_characters(&text, text.len().saturating_sub(limits::TEXT_BYTES), char::len_utf8)
            }
            _ => 0,
        };
        (excess > 0).then_some(excess)
    }

    fn text_fields(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.title, &self.name, &self.email, &self.website, &self.proof, &self.subject];
        [&self.id, &self.url, &self.text].into_iter().chain(optional.into_iter().flatten()).map(String::as_str)
    }
}

/// A line without a visible character becomes the empty string.
fn visible_line(text: Option<&str>) -> String {
    Some(clean_line(text.unwrap_or_default())).filter(|line| has_visible_text(line)).unwrap_or_default()
}

/// Cleans the title of a post: one line of at most [`limits::TITLE_CHARS`] characters, empty if it has no visible
/// character. Accepts any text.
pub fn clean_title(title: &str) -> String {
    truncate_title(&visible_line(Some(title)))
}

/// Cleans again after truncation, which may leave a space or half a flag emoji at the end.
fn truncate_title(title: &str) -> String {
    let end = title.char_indices().nth(limits::TITLE_CHARS).map_or(title.len(), |(end, _)| end);
    clean_line(&title[..end])
}

/// Measures the length after cleaning, because a form sends `\r\n` for each line end and the widget `\n`. The size of
/// the body was checked before.
fn validate_text(text: &str) -> Result<String, Refusal> {
    let text = clean_text(text);
    if text.len() > limits::TEXT_BYTES {
        return Err(Refusal::TextTooLong);
    }
    if has_visible_text(&text) { Ok(text) } else { Err(Refusal::TextEmpty) }
}

/// Parses an e-mail address as typed. Catches typing errors only, because an address is proved by mail to it and not by its spelling: one `@`, a domain of
/// at least two labels, no character that separates addresses, and no `*`, which a ban could take for a wildcard.
///
/// # Errors
///
/// [`Refusal::BadEmail`] if the text is not the address of a mailbox. `None` for an empty text.
pub fn parse_email(email: &str) -> Result<Option<String>, Refusal> {
    let email = clean_field(email);
    if email.is_empty() {
        return Ok(None);
    }
    let well_formed = email.len() <= limits::EMAIL_BYTES
        && email.chars().all(|character| is_visible(character) && !"<>()[]\\,;:\"*".contains(character))
        && email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && is_domain(domain));
    if well_formed { Ok(Some(email)) } else { Err(Refusal::BadEmail) }
}

/// Cleans an e-mail address or a URL. Invisible characters at the ends come from pasting and are dropped.
fn clean_field(typed: &str) -> String {
    clean_line(typed).trim_matches(|character| !is_visible(character)).to_owned()
}

/// Length of a character in a URL, whose other characters than ASCII are percent-encoded.
const fn percent_encoded_length(character: char) -> usize {
    if character.is_ascii() { 1 } else { 3 * character.len_utf8() }
}

/// Requires a dot, because no top-level domain receives mail itself (RFC 7085).
fn is_domain(domain: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && !label.contains(|it: char| it.is_ascii_punctuation() && it != '-');
    domain.contains('.') && domain.split('.').all(is_label)
}

/// An absolute `http` or `https` URL without credentials, in the serialization of the URL standard, of at most
/// [`limits::WEBSITE_BYTES`] bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Website(String);

impl Website {
    /// Parses a website as typed. The scheme may be missing. `None` for an empty text.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadWebsite`] if the text is not the URL of a website.
    pub fn from_input(typed: &str) -> Result<Option<Self>, Refusal> {
        let typed = clean_field(typed);
        if typed.is_empty() {
            return Ok(None);
        }
        let fits = |url: &Url| url.as_str().len() <= limits::WEBSITE_BYTES;
        parse_website(&typed).filter(fits).map(|url| Some(Self(url.into()))).ok_or(Refusal::BadWebsite)
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Parses a website of any length.
fn parse_website(typed: &str) -> Option<Url> {
    let parse = |text: &str| {
        let url = parse_http(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        (plain && host(&url).is_some()).then_some(url)
    };
    let with_scheme = || starts_with_host(typed).then(|| parse(&format!("https://{typed}"))).flatten();
    parse(typed).or_else(with_scheme)
}

/// Distinguishes `ada.example:8080/x`, which may get a scheme, from `javascript:…` and `ftp://ada.example`.
fn starts_with_host(typed: &str) -> bool {
    let host = typed.split(['/', ':', '?', '#']).next().unwrap_or_default();
    host.contains('.') && !typed[host.len()..].starts_with("://")
}

impl Submission {
    /// A digest of the content, 32 bytes. A repeated submission has an equal digest, different content a different one.
    /// It is never stored, because a short text can be guessed from it.
    ///
    /// The digest is SHA-256 over the fields, each prefixed with its length, so that different lists of fields
    /// never hash the same bytes. The title is not included: it comes from the page and may change between two attempts
    /// of one submission.
    pub fn digest(&self) -> [u8; 32] {
        let parent = self.parent.map(|parent| parent.to_string()).unwrap_or_default();
        let email = self.email.as_deref().unwrap_or_default();
        let website = self.website.as_ref().map_or("", Website::as_str);
        let mut hash = Sha256::new();
        for field in [self.post.url.as_str(), &parent, &self.name, email, website, &self.text] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize().into()
    }
}
