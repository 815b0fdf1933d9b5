//! The reasons for refusing a request: a code for programs, a status for HTTP, a text for people.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The body of every error response. It never repeats the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
    /// A new challenge for another attempt, if a proof of work was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

/// An error for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// The code for programs; see [`Refusal::code`].
    pub code: String,
    /// The text for people, in English.
    pub message: String,
    /// The invalid field of the request, by its JSON name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// For the blog's owner, in English: the setting at fault and what to do. Absent if the owner did nothing wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Number of characters by which the field is too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<u32>,
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
    ($($(#[doc = $doc:literal])+ $name:ident $status:literal $field:expr, $message:literal;)+) => {
        /// Every reason for which a request is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
        #[strum(serialize_all = "snake_case")]
        pub enum Refusal { $($(#[doc = $doc])+ $name,)+ }

        impl Refusal {
            /// All refusals.
            pub const ALL: &'static [Self] = Self::VARIANTS;

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// The name for programs. Never changes once released.
            pub fn code(self) -> &'static str {
                self.into()
            }

            /// Returns true if another proof of work may help.
            pub const fn is_proof_failure(self) -> bool {
                matches!(self, Self::ProofSpent | Self::ProofInvalid | Self::ProofExpired | Self::ProofTooEasy)
            }

            /// The invalid field.
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

impl Refusal {
    /// Advice for the blog's owner, in English, if their settings or pages are the likely cause.
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::BadUrl => Some(
                "The canonical link of the page, or data-url, is not an http or https address. Correct it, and open the page \
                 from a web server, not from a file.",
            ),
            Self::UnknownSite => Some(
                "The setting SITES lists neither this page's origin (its address up to the first slash) nor that of the post's \
                 address. Add the origin to SITES, then deploy again. If the canonical link of the page names localhost or another wrong address, correct the \
                 base URL in the configuration of the blog.",
            ),
            Self::WrongOrigin => Some(
                "The post belongs to another site in SITES than this page. Correct the canonical link of the page, or add \
                 the page's origin (its address up to the first slash) to SITES as an alias of that site.",
            ),
            _ => None,
        }
    }
}

refusals! {
    /// The body is not the expected JSON: malformed, a wrong type, an unknown field, not UTF-8.
    BadJson 400 None, "The request body is not the expected JSON.";
    /// The body has another media type.
    BadMediaType 400 None, "The request body must be of type application/json.";
    /// A query parameter is missing or invalid.
    BadQuery 400 None, "A query parameter is missing or invalid.";
    /// The author key in the `Authorization` header is malformed, or missing in a call that needs one.
    BadAuthorKey 400 None, "The author key is missing or invalid.";
    /// The `id` is not a UUID.
    BadId 400 Some(Field::Id), "The id of the submission is not a UUID.";
    /// The `url` is not an absolute `http` or `https` URL.
    BadUrl 400 Some(Field::Url), "The address of the post is not an http or https URL.";
    /// The `url` exceeds [`crate::limits::URL_BYTES`].
    UrlTooLong 400 Some(Field::Url), "The address of the post is too long.";
    /// The call is for moderators, and the secret is missing or wrong.
    Unauthorized 401 None, "This request needs the secret of a moderator.";
    /// The moderator's role does not include this call.
    WrongRole 403 None, "Only the owner of the blog may do this.";
    /// The link of a moderator has expired, was changed, or belongs to a moderator who was removed.
    BadLink 403 None, "This link is no longer valid.";
    /// The `url` belongs to no configured site.
    UnknownSite 403 Some(Field::Url), "Comments are not set up for this site.";
    /// The request comes from a page of another origin.
    WrongOrigin 403 None, "Comments can only be sent from the site they belong to.";
    /// The thread is closed.
    Closed 403 None, "Comments on this post are closed.";
    /// The comment belongs to another author key, or to none, or there is no such comment below this post: nobody learns which.
    NotYourComment 403 None, "Only its author can change a comment.";
    /// The comment belongs to this author key, and authors have no vote on their own comments.
    OwnComment 403 None, "Nobody can vote on their own comment.";
    /// Votes against comments are turned off.
    DownvotesOff 403 None, "Votes against comments are turned off on this site.";
    /// The proof of work was already used for another submission.
    ProofSpent 403 None, "This form was already used for another comment. Please send it again.";
    /// The time in which an author may edit a comment is over.
    EditWindowOver 403 None, "This comment can no longer be edited.";
    /// The route does not exist.
    NotFound 404 None, "There is nothing at this address.";
    /// The parent comment does not exist in this thread.
    UnknownParent 404 Some(Field::Parent), "The comment you are replying to no longer exists.";
    /// The comment does not exist, or no longer exists.
    UnknownComment 404 None, "This comment no longer exists.";
    /// The route does not support this method.
    BadMethod 405 None, "This address does not support this method.";
    /// The body did not arrive within the deadline.
    BodyTimeout 408 None, "The request did not arrive in time. Please try again.";
    /// The UUID was already used for a different submission.
    IdReused 409 Some(Field::Id), "This submission was already sent with different content.";
    /// The comment is deleted for good.
    RestoreWindowOver 409 None, "This comment can no longer be restored.";
    /// A list of the moderators is full.
    ListFull 409 None, "This list is full. Remove an entry first.";
    /// The body exceeds [`crate::limits::BODY_BYTES`].
    BodyTooLarge 413 None, "The request is too large.";
    /// A field contains a NUL character.
    BadCharacter 422 None, "The request contains a character that cannot be stored.";
    /// The text is empty, or is empty after cleaning.
    TextEmpty 422 Some(Field::Text), "Please write something.";
    /// The text exceeds [`crate::limits::TEXT_BYTES`].
    TextTooLong 422 Some(Field::Text), "The text is too long.";
    /// The text contains so much markup that rendering it would cost too much.
    TextTooComplex 422 Some(Field::Text), "The text contains too much markup.";
    /// The name exceeds [`crate::limits::NAME_CHARS`].
    NameTooLong 422 Some(Field::Name), "The name is too long.";
    /// The e-mail address is malformed.
    BadEmail 422 Some(Field::Email), "This is not an e-mail address.";
    /// The website is not an `http` or `https` URL.
    BadWebsite 422 Some(Field::Website), "This is not the address of a website.";
    /// The site does not offer this reaction.
    UnknownReaction 422 None, "This reaction is not offered on this site.";
    /// A moderator's pattern is invalid: without a letter or digit it would match everything, and it may be too long.
    BadPattern 422 None, "A pattern has no letter and no digit, or the list is too long.";
    /// A time is negative or exceeds [`crate::limits::LAST_SECOND`].
    BadTime 422 None, "A time has to be in Unix seconds, up to the year 9999. This one may be in milliseconds.";
    /// A rule for moved posts is invalid: both URLs are equal, or one has a query, which cannot be a prefix of other
    /// URLs.
    BadPrefix 422 None, "A rule needs two different addresses, both without a question mark.";
    /// The proof of work is malformed, for another purpose, or not solved.
    ProofInvalid 422 None, "The proof of work is invalid.";
    /// The challenge of the proof of work has expired.
    ProofExpired 422 None, "The proof of work has expired.";
    /// The required difficulty has risen because many people are posting on this site, and the proof is too easy.
    ProofTooEasy 422 None, "The proof of work is too easy, because many people are commenting at the moment.";
    /// A line of the import is not a line of an export of this site.
    BadLine 422 None, "A line is not part of an export of this site.";
    /// The checksum in the last line of the import does not match the lines before it.
    BadChecksum 422 None, "The checksum does not match: the file has changed since the export.";
    /// The rate limit of this author, network or site is exhausted. `Retry-After` says how long to wait.
    TooMany 429 None, "There were too many comments in a short time. Please try again in a moment.";
    /// Too many wrong secrets came from this network, and the next one has to wait. `Retry-After` says how long. The
    /// right secret does not have to wait.
    TooManySecrets 429 None, "There were too many wrong secrets. Please wait a minute before you try again.";
    /// An internal error. Nothing was stored, or it is safe to send the same request again.
    Internal 500 None, "Something went wrong here. Please try again.";
    /// The Worker is not configured, or its configuration is invalid.
    NotConfigured 503 None, "Comments are not set up yet.";
    /// The store did not reply in time. It is safe to send the same request again.
    Busy 503 None, "Comments cannot be reached at the moment. Please try again.";
}

impl From<Refusal> for ErrorBody {
    fn from(refusal: Refusal) -> Self {
        Self {
            error: ErrorDetail {
                code: refusal.code().to_owned(),
                message: refusal.message().to_owned(),
                field: refusal.field(),
                hint: refusal.hint().map(str::to_owned),
                excess: None,
            },
            challenge: None,
        }
    }
}
