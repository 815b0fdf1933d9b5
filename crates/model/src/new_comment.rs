//! A comment on its way in: as a client sent it, and as it is once every rule about its fields holds.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{CommentId, SubmissionId};
use crate::limits;
use crate::post_url::{host, parse_http};
use crate::refusal::Refusal;
use crate::site::{PostRef, Sites};
use crate::text::{clean_line, clean_text, has_visible_text, is_visible};

/// What `POST /v1/comments` takes: nothing in it is checked but its JSON types.
///
/// Fields that are not named here are refused, so that a misspelt one is noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// A UUID made by the client for this submission.
    pub id: String,
    /// The address of the post, in any of its forms.
    pub url: String,
    /// The title of the post.
    #[serde(default)]
    pub title: Option<String>,
    /// The comment answered.
    #[serde(default)]
    pub parent: Option<CommentId>,
    /// The author's name.
    #[serde(default)]
    pub name: Option<String>,
    /// The author's e-mail address; never published.
    #[serde(default)]
    pub email: Option<String>,
    /// The author's website.
    #[serde(default)]
    pub website: Option<String>,
    /// The text, in Markdown.
    pub text: String,
    /// The proof of work: a challenge and its solutions, see [`crate::puzzle`].
    #[serde(default)]
    pub proof: Option<String>,
    /// A field of the form that readers do not see: whoever fills it in is a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// A comment all of whose fields are within the rules; whether it may be stored is the ledger's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its UUID.
    pub id: SubmissionId,
    /// The site and the post it is for.
    pub post: PostRef,
    /// The title of the post, cut to [`limits::TITLE_CHARS`].
    pub title: String,
    /// The comment answered.
    pub parent: Option<CommentId>,
    /// The author's name, on one line, of at most [`limits::NAME_CHARS`] characters; empty if none can be seen.
    pub name: String,
    /// The author's e-mail address, if given; at most [`limits::EMAIL`] bytes.
    pub email: Option<String>,
    /// The author's website, if given.
    pub website: Option<Website>,
    /// The text, in Markdown, clean, of at most [`limits::TEXT`] bytes, with something to see in it.
    pub text: String,
}

impl NewComment {
    /// Holds every field against its rule, in the order of the fields.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] of the first field that breaks its rule.
    pub fn validate(self, sites: &Sites) -> Result<Submission, Refusal> {
        if self.text_fields().any(|text| text.contains('\0')) {
            return Err(Refusal::BadCharacter);
        }
        let id = SubmissionId::parse(&self.id).ok_or(Refusal::BadId)?;
        let place = sites.resolve_post(&self.url)?;
        let name = visible_line(self.name.as_deref());
        if name.chars().count() > limits::NAME_CHARS {
            return Err(Refusal::NameTooLong);
        }
        let email = validate_email(self.email.as_deref().unwrap_or_default())?;
        let website = Website::from_input(self.website.as_deref().unwrap_or_default())?;
        let text = validate_text(&self.text)?;
        let title = clean_title(self.title.as_deref().unwrap_or_default());
        Ok(Submission { id, post: place, title, parent: self.parent, name, email, website, text })
    }

    fn text_fields(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.title, &self.name, &self.email, &self.website, &self.proof, &self.subject];
        [&self.id, &self.url, &self.text].into_iter().chain(optional.into_iter().flatten()).map(String::as_str)
    }
}

/// A line of which a reader sees nothing counts as none.
fn visible_line(text: Option<&str>) -> String {
    Some(clean_line(text.unwrap_or_default())).filter(|line| has_visible_text(line)).unwrap_or_default()
}

/// The title of a post as it is kept, whatever was sent for one: a clean line of at most [`limits::TITLE_CHARS`], empty if there is nothing to
/// see in it.
pub fn clean_title(title: &str) -> String {
    truncate_title(&visible_line(Some(title)))
}

/// Cleaned once more after the cut, which may have left a space or half a flag at the end.
fn truncate_title(title: &str) -> String {
    let end = title.char_indices().nth(limits::TITLE_CHARS).map_or(title.len(), |(end, _)| end);
    clean_line(&title[..end])
}

/// Measured after cleaning, for a form sends `\r\n` for each line end and the widget `\n`; the body was bounded before.
fn validate_text(text: &str) -> Result<String, Refusal> {
    let text = clean_text(text);
    if text.len() > limits::TEXT_BYTES {
        return Err(Refusal::TextTooLong);
    }
    if has_visible_text(&text) { Ok(text) } else { Err(Refusal::TextEmpty) }
}

/// An address is only ever written to, never proved by being typed, so the check is for slips of the finger: one `@`, a
/// domain of two labels or more, nothing that separates addresses. Invisible characters at the ends came with a paste.
fn validate_email(email: &str) -> Result<Option<String>, Refusal> {
    let email = clean_line(email);
    let email = email.trim_matches(|character| !is_visible(character));
    if email.is_empty() {
        return Ok(None);
    }
    let well_formed = email.len() <= limits::EMAIL_BYTES
        && email.chars().all(|character| is_visible(character) && !"<>()[]\\,;:\"".contains(character))
        && email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && is_domain(domain));
    if well_formed { Ok(Some(email.to_owned())) } else { Err(Refusal::BadEmail) }
}

/// No top-level domain takes mail of its own (RFC 7085), so a dot is missing where there is none.
fn is_domain(domain: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && !label.contains(|it: char| it.is_ascii_punctuation() && it != '-');
    domain.contains('.') && domain.split('.').all(is_label)
}

/// An absolute `http` or `https` URL without credentials, as the URL standard writes it; at most [`limits::WEBSITE`] bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Website(String);

impl Website {
    /// Reads what was typed; a scheme may be missing. `None` for an empty text.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadWebsite`] for anything that is not the address of a website.
    pub fn from_input(typed: &str) -> Result<Option<Self>, Refusal> {
        let typed = clean_line(typed);
        let typed = typed.trim_matches(|character| !is_visible(character));
        if typed.is_empty() {
            return Ok(None);
        }
        let with_scheme = || starts_with_host(typed).then(|| Self::parse(&format!("https://{typed}"))).flatten();
        Self::parse(typed).or_else(with_scheme).map(Some).ok_or(Refusal::BadWebsite)
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let url = parse_http(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let fits = url.as_str().len() <= limits::WEBSITE_BYTES;
        (plain && fits && host(&url).is_some()).then(|| Self(url.into()))
    }
}

/// Tells `ada.example:8080/x`, to which a scheme may be added, from `javascript:…` and `ftp://ada.example`.
fn starts_with_host(typed: &str) -> bool {
    let host = typed.split(['/', ':', '?', '#']).next().unwrap_or_default();
    host.contains('.') && !typed[host.len()..].starts_with("://")
}

impl Submission {
    /// What was said, to whom and by what name, as 32 bytes: a repeat has the same, another content has not.
    ///
    /// SHA-256 over the fields, each after its length, so that no two lists of fields read alike. The title is the
    /// page's word and may change between two tries of one submission, so it is left out.
    pub fn fingerprint(&self) -> [u8; 32] {
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

    /// The id of a submission that came without one: the same content with the same `seed` has the same id.
    pub fn derive_id(&self, seed: &str) -> SubmissionId {
        let digest = Sha256::new().chain_update(self.fingerprint()).chain_update(seed).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        SubmissionId::from_digest(bytes)
    }
}
