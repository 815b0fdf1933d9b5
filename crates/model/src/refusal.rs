//! Why a request was refused: the code for programs, the status for HTTP, the text for people.

use serde::{Deserialize, Serialize};

/// The body of every answer that is an error. It never repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
    /// What to solve for another try, where a proof of work was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

/// What went wrong, in three forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// For programs; see [`Refusal::code`].
    pub code: String,
    /// For people, in English.
    pub message: String,
    /// The field of the request at fault, by its name in the JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
}

/// A field of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is the field of `NewComment` of the same name")]
pub enum Field {
    Id,
    Url,
    Parent,
    Name,
    Email,
    Website,
    Text,
}

macro_rules! refusals {
    ($($(#[doc = $doc:literal])+ $name:ident $status:literal $code:literal $field:expr, $message:literal;)+) => {
        /// Every way in which a call refuses a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Refusal { $($(#[doc = $doc])+ $name,)+ }

        impl Refusal {
            /// Every refusal there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The refusal of this code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// The name for programs; never changes once released.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Whether only a moderator's calls are refused like this: no catalogue has a text for it.
            pub const fn is_for_moderators(self) -> bool {
                matches!(
                    self,
                    Self::Unauthorized
                        | Self::TooManySecrets
                        | Self::ListFull
                        | Self::BadLine
                        | Self::BadChecksum
                        | Self::BadPattern
                        | Self::BadRule
                )
            }

            /// Whether another proof of work may help.
            pub const fn is_proof_failure(self) -> bool {
                matches!(self, Self::ProofSpent | Self::ProofInvalid | Self::ProofExpired | Self::ProofTooEasy)
            }

            /// The field at fault.
            pub const fn field(self) -> Option<Field> {
                match self { $(Self::$name => $field,)+ }
            }

            /// The text for people, in English.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)+ }
            }
        }
    };
}

refusals! {
    /// The body is not the JSON asked for: malformed, a wrong type, an unknown field, not UTF-8.
    BadJson 400 "bad_json" None, "The request is not the JSON this call takes.";
    /// The body is of another media type.
    BadMediaType 400 "bad_media_type" None, "This call takes a body of type application/json.";
    /// A query parameter is missing or makes no sense.
    BadQuery 400 "bad_query" None, "A parameter of the address is missing or not valid.";
    /// The author key in the `Authorization` header is malformed.
    BadAuthorKey 400 "bad_author_key" None, "The author key is not valid.";
    /// The `id` is not a UUID.
    BadId 400 "bad_id" Some(Field::Id), "The id of the submission is not a UUID.";
    /// The `url` is not an absolute `http` or `https` URL.
    BadUrl 400 "bad_url" Some(Field::Url), "The address of the post is not an http or https URL.";
    /// The `url` is over [`crate::limits::URL`].
    UrlTooLong 400 "url_too_long" Some(Field::Url), "The address of the post is too long.";
    /// The call is for moderators, and the secret is missing or nobody's.
    Unauthorized 401 "unauthorized" None, "This needs the secret of a moderator.";
    /// The `url` belongs to no configured site.
    UnknownSite 403 "unknown_site" Some(Field::Url), "Comments are not set up for this site.";
    /// The request comes from a page of another origin.
    WrongOrigin 403 "wrong_origin" None, "Comments can only be sent from the site they belong to.";
    /// The thread is closed.
    Closed 403 "closed" None, "This thread takes no more comments.";
    /// The comment belongs to another author key, or to none.
    NotYours 403 "not_yours" None, "Only the author of a comment can change it.";
    /// The proof of work was spent on another submission.
    ProofSpent 403 "proof_spent" None, "This form was already used for another comment. Please send it again.";
    /// The time in which an author may change a text is over.
    EditClosed 403 "edit_closed" None, "The time for changing this comment is over.";
    /// The route does not exist.
    NotFound 404 "not_found" None, "There is nothing at this address.";
    /// The comment answered does not exist in this thread.
    UnknownParent 404 "unknown_parent" Some(Field::Parent), "The comment you answer is not there any more.";
    /// The comment asked for does not exist, or not any more.
    UnknownComment 404 "unknown_comment" None, "This comment is not there any more.";
    /// The route takes another method.
    BadMethod 405 "bad_method" None, "This address does not take this method.";
    /// The UUID was used before, for something else.
    IdReused 409 "id_reused" Some(Field::Id), "This submission was already sent with another content.";
    /// A moderator's list is full.
    ListFull 409 "list_full" None, "This list is full. Take something off it first.";
    /// The body is over [`crate::limits::BODY`].
    BodyTooLarge 413 "body_too_large" None, "The request is too large.";
    /// A field holds a NUL character.
    BadCharacter 422 "bad_character" None, "The request holds a character that cannot be stored.";
    /// The text is empty, or nothing remains of it.
    TextEmpty 422 "text_empty" Some(Field::Text), "Please write something.";
    /// The text is over [`crate::limits::TEXT`].
    TextTooLong 422 "text_too_long" Some(Field::Text), "The text is too long.";
    /// The text holds so much markup that drawing it would cost too much.
    TextTooComplex 422 "text_too_complex" Some(Field::Text), "The text holds too much markup.";
    /// The name is over [`crate::limits::NAME_CHARS`].
    NameTooLong 422 "name_too_long" Some(Field::Name), "The name is too long.";
    /// The e-mail address cannot be one.
    BadEmail 422 "bad_email" Some(Field::Email), "This is not an e-mail address.";
    /// The website is not an `http` or `https` URL.
    BadWebsite 422 "bad_website" Some(Field::Website), "This is not the address of a website.";
    /// A pattern of a moderator's is none: without a letter or digit it would fit everything, and it may be too long.
    BadPattern 422 "bad_pattern" None, "A pattern holds no letter and no digit, or the list is too long.";
    /// A rule by which posts have moved takes one address for both, or one with a query, below which there is nothing.
    BadRule 422 "bad_rule" None, "A rule takes two different addresses, both without a question mark.";
    /// The proof of work is malformed, for something else, or not solved.
    ProofInvalid 422 "proof_invalid" None, "The proof of work is not valid.";
    /// The challenge of the proof of work is too old.
    ProofExpired 422 "proof_expired" None, "The proof of work is too old.";
    /// So many are posting on this site that a proof takes more work than this one.
    ProofTooEasy 422 "proof_too_easy" None, "The proof of work is too easy for the moment.";
    /// A line of what is restored is not one of an export of this site.
    BadLine 422 "bad_line" None, "A line is not one of an export of this site.";
    /// The closing line of what is restored is not that of the lines before it.
    BadChecksum 422 "bad_checksum" None, "The file is not as it was exported.";
    /// So many posts came from this author, this network or for this site that one more has to wait; `Retry-After` says how long.
    TooMany 429 "too_many" None, "There were too many comments in a short time. Please try again in a moment.";
    /// So many wrong secrets came from this network that the next one has to wait; `Retry-After` says how long. The right one does not.
    TooManySecrets 429 "too_many_secrets" None, "There were too many wrong secrets. Please wait a minute before you try another one.";
    /// Something failed here; nothing was stored, or sending the same again is safe.
    Internal 500 "internal" None, "Something went wrong here. Please try again.";
    /// The Worker is not set up, or wrongly.
    NotConfigured 503 "not_configured" None, "Comments are not set up yet.";
    /// The store did not answer in time; sending the same again is safe.
    Busy 503 "busy" None, "Comments cannot be reached at the moment. Please try again.";
}

impl From<Refusal> for ErrorBody {
    fn from(refusal: Refusal) -> Self {
        Self {
            error: ErrorDetail {
                code: refusal.code().to_owned(),
                message: refusal.message().to_owned(),
                field: refusal.field(),
            },
            challenge: None,
        }
    }
}
