//! Parsers for request bodies, which take the bytes as received.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::id::CommentId;
use crate::interaction::ReportReason;
use crate::limits;
use crate::new_comment::NewComment;
use crate::refusal::Refusal;
use crate::text::{clean_text, has_visible_text};
use crate::vote::Vote;

/// Parses the body of `POST /v1/comments`.
///
/// # Errors
///
/// [`Refusal::BadJson`] for everything that is not one JSON object with the fields of a [`NewComment`].
pub fn parse_comment(body: &[u8]) -> Result<NewComment, Refusal> {
    parse_object(body)
}

/// Parses a body that is one JSON object with exactly the fields of `T`.
///
/// # Errors
///
/// [`Refusal::BadJson`] for everything else.
pub fn parse_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // serde would also accept an array of the field values in order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::BadJson);
    }
    serde_json::from_slice(body).map_err(|_| Refusal::BadJson)
}

/// The body of `PATCH /v1/comments/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditBody {
    /// A UUID that the client generated for this edit. An edit that is sent twice is made once.
    pub id: String,
    /// The new text, in Markdown.
    pub text: String,
}

/// The body of `POST /v1/comments/<id>/vote`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteBody {
    /// The vote that the reader has from now on.
    pub vote: Vote,
}

/// The body of `POST /v1/comments/<id>/report`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// The reason.
    pub reason: ReportReason,
    /// A message to the moderators.
    #[serde(default)]
    pub text: Option<String>,
}

impl ReportBody {
    /// The cleaned text; `None` if it has no visible character.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadCharacter`] for a NUL character, or [`Refusal::TextTooLong`] for more than [`limits::REPORT_CHARS`] characters.
    pub fn clean_text(&self) -> Result<Option<String>, Refusal> {
        let text = self.text.as_deref().unwrap_or_default();
        if text.contains('\0') {
            return Err(Refusal::BadCharacter);
        }
        let text = clean_text(text);
        if text.chars().count() > limits::REPORT_CHARS {
            return Err(Refusal::TextTooLong);
        }
        Ok(Some(text).filter(|text| has_visible_text(text)))
    }
}

/// The body of `POST /v1/reactions`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReactionBody {
    /// The reaction that the reader has from now on; `null` for none. A missing field is an error.
    #[serde(deserialize_with = "Option::deserialize")]
    pub reaction: Option<String>,
}

/// The body of `POST /v1/preview`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// The text, in Markdown.
    pub text: String,
}

/// The form of a reader without JavaScript, as submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainForm {
    /// The fields of a comment. If a field occurs twice, the last one counts. `comment.parent` is not set; see
    /// [`PlainForm::parent`].
    pub comment: NewComment,
    /// The id of the parent comment, as submitted.
    pub parent: String,
    /// The language of the form.
    pub lang: String,
    /// The form token, which tells when the form was rendered.
    pub token: String,
    /// True if the form was sent by its button for a preview.
    pub preview: bool,
}

impl PlainForm {
    /// Parses a body of type `application/x-www-form-urlencoded`. Any bytes are valid (URL standard, section 5.1).
    pub fn parse(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let value = value.into_owned();
            match name.as_ref() {
                "id" => form.comment.id = value,
                "url" => form.comment.url = value,
                "title" => form.comment.title = Some(value),
                "parent" => form.parent = value,
                "name" => form.comment.name = Some(value),
                "email" => form.comment.email = Some(value),
                "website" => form.comment.website = Some(value),
                "text" => form.comment.text = value,
                "subject" => form.comment.subject = Some(value),
                "lang" => form.lang = value,
                "token" => form.token = value,
                "preview" => form.preview = true,
                // Browsers and their extensions add their own fields to forms.
                _ => {}
            }
        }
        form
    }

    /// The id of the parent comment, if any.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownParent`] if the value is not a number.
    pub fn parent(&self) -> Result<Option<CommentId>, Refusal> {
        match self.parent.trim() {
            "" => Ok(None),
            parent => parent.parse().map(|id| Some(CommentId::new(id))).map_err(|_| Refusal::UnknownParent),
        }
    }
}
