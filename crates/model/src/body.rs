//! Parsers for request bodies, which take the bytes as received.

use serde::Deserialize;
use url::form_urlencoded;

use crate::id::CommentId;
use crate::new_comment::NewComment;
use crate::refusal::Refusal;

/// Parses the body of `POST /v1/comments`.
///
/// # Errors
///
/// [`Refusal::BadJson`] for everything that is not one JSON object with the fields of a [`NewComment`].
pub fn parse_comment(body: &[u8]) -> Result<NewComment, Refusal> {
    // serde would also accept an array of the field values in order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::BadJson);
    }
    serde_json::from_slice(body).map_err(|_| Refusal::BadJson)
}

/// The body of `POST /v1/preview`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPreview {
    text: String,
}

/// Parses the body of `POST /v1/preview`. Returns the text, in Markdown.
///
/// # Errors
///
/// [`Refusal::BadJson`] for everything that is not one JSON object with the field `text`.
pub fn parse_preview(body: &[u8]) -> Result<String, Refusal> {
    // serde would also accept an array of the field values in order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::BadJson);
    }
    serde_json::from_slice(body).map(|NewPreview { text }| text).map_err(|_| Refusal::BadJson)
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
