//! Reading the bodies of requests, byte by byte as they came.

use url::form_urlencoded;

use crate::id::CommentId;
use crate::new_comment::NewComment;
use crate::refusal::Refusal;

/// The body of `POST /v1/comments`.
///
/// # Errors
///
/// [`Refusal::BadJson`] for everything that is not one JSON object with the fields of a [`NewComment`].
pub fn parse_comment(body: &[u8]) -> Result<NewComment, Refusal> {
    // A list of the fields' values in their order would be decoded as well.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::BadJson);
    }
    serde_json::from_slice(body).map_err(|_| Refusal::BadJson)
}

/// The form of a reader without JavaScript, as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainForm {
    /// Its fields, those of a comment; of one that stands there twice, the last. Its `parent` is not read yet.
    pub comment: NewComment,
    /// The comment answered, as sent.
    pub parent: String,
    /// The language that the form was drawn in.
    pub lang: String,
    /// What says when the form was drawn.
    pub token: String,
}

impl PlainForm {
    /// Reads a body of type `application/x-www-form-urlencoded`; any bytes are one (URL standard, section 5.1).
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
                // Browsers and their extensions add fields of their own to forms.
                _ => {}
            }
        }
        form
    }

    /// The comment answered.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownParent`] for what is no number.
    pub fn parent(&self) -> Result<Option<CommentId>, Refusal> {
        match self.parent.trim() {
            "" => Ok(None),
            parent => parent.parse().map(|id| Some(CommentId::new(id))).map_err(|_| Refusal::UnknownParent),
        }
    }
}
