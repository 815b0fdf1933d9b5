//! A comment on its way in: as a client sent it, and as it is once every rule about its fields holds.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{CommentId, Place, Refusal, Sites, SubmissionId, clean_line, clean_text, limits};

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
    /// The proof of work.
    #[serde(default)]
    pub proof: Option<String>,
}

/// A comment all of whose fields are within the rules; whether it may be stored is the ledger's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its UUID.
    pub id: SubmissionId,
    /// The site and the post it is for.
    pub place: Place,
    /// The title of the post, cut to [`limits::TITLE_CHARS`].
    pub title: String,
    /// The comment answered.
    pub parent: Option<CommentId>,
    /// The author's name, on one line; may be empty.
    pub name: String,
    /// The author's e-mail address, if given.
    pub email: Option<String>,
    /// The author's website, if given.
    pub website: Option<Website>,
    /// The text, in Markdown, clean and not empty.
    pub text: String,
}

impl NewComment {
    /// Holds every field against its rule, in the order of the fields.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] of the first field that breaks its rule.
    pub fn check(self, sites: &Sites) -> Result<Submission, Refusal> {
        if self.strings().any(|text| text.contains('\0')) {
            return Err(Refusal::BadCharacter);
        }
        let id = SubmissionId::parse(&self.id).ok_or(Refusal::BadId)?;
        let place = sites.place(&self.url)?;
        let name = clean_line(self.name.as_deref().unwrap_or_default());
        if name.chars().count() > limits::NAME_CHARS {
            return Err(Refusal::NameTooLong);
        }
        let email = check_email(self.email.as_deref().unwrap_or_default())?;
        let website = Website::check(self.website.as_deref().unwrap_or_default())?;
        if self.text.len() > limits::TEXT {
            return Err(Refusal::TextTooLong);
        }
        let text = clean_text(&self.text);
        if !text.chars().any(is_visible) {
            return Err(Refusal::TextEmpty);
        }
        let title = clean_line(self.title.as_deref().unwrap_or_default());
        let title = title.chars().take(limits::TITLE_CHARS).collect();
        Ok(Submission { id, place, title, parent: self.parent, name, email, website, text })
    }

    fn strings(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.title, &self.name, &self.email, &self.website, &self.proof];
        [&self.id, &self.url, &self.text].into_iter().chain(optional.into_iter().flatten()).map(String::as_str)
    }
}

/// White space and characters that take no room make no comment.
fn is_visible(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// An address is only ever written to, never proved by being typed, so the check is for slips of the finger.
fn check_email(email: &str) -> Result<Option<String>, Refusal> {
    let email = clean_line(email);
    if email.is_empty() {
        return Ok(None);
    }
    let well_formed = email.len() <= limits::EMAIL
        && !email.contains(|character: char| character.is_whitespace() || "<>()[]\\,;:\"".contains(character))
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.contains('@') && domain.split('.').all(|label| !label.is_empty())
        });
    if well_formed { Ok(Some(email)) } else { Err(Refusal::BadEmail) }
}

/// An absolute `http` or `https` URL without credentials, as the URL standard writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Website(String);

impl Website {
    /// Reads what was typed; a scheme may be missing.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadWebsite`] for anything that is not the address of a website.
    pub fn check(typed: &str) -> Result<Option<Self>, Refusal> {
        let typed = clean_line(typed);
        if typed.is_empty() {
            return Ok(None);
        }
        let parse = |text: &str| {
            let url = url::Url::parse(text).ok()?;
            let named = url.host_str().is_some_and(|host| !host.is_empty());
            let plain = url.username().is_empty() && url.password().is_none();
            let fits = url.as_str().len() <= limits::WEBSITE;
            (matches!(url.scheme(), "http" | "https") && named && plain && fits).then(|| Self(url.into()))
        };
        let with_scheme = || {
            let bare = !typed.contains("://") && typed.split(['/', ':']).next().is_some_and(|host| host.contains('.'));
            bare.then(|| parse(&format!("https://{typed}"))).flatten()
        };
        parse(&typed).or_else(with_scheme).map(Some).ok_or(Refusal::BadWebsite)
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        for field in [self.place.url.as_str(), &parent, &self.name, email, website, &self.text] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize().into()
    }
}
