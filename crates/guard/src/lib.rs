#![doc = include_str!("../README.md")]

mod access_token;
mod author_key;
mod bearer;
mod challenge;
mod duplicate_key;
mod literal;
mod moderation_link;
mod moderators;
mod network;
mod normalize;
mod page_token;
mod pattern;
mod rate_limits;
mod same_origin;
mod session;
mod signed_text;
mod signing;
mod spam_check;
mod submission;

pub use access_token::{AccessApplication, AccessError, AccessKey, AccessToken};
pub use author_key::AuthorKey;
pub use bearer::{basic_password, bearer_token};
pub use challenge::{CHALLENGE_TTL_SECONDS, ChallengeParams, ChallengeScope, ProofError, Purpose, VerifiedProof};
pub use duplicate_key::duplicate_key;
pub use literal::LiteralText;
pub use moderation_link::{LINK_SECONDS, LinkAction, LinkRecipient, LinkTarget, ModerationLink};
pub use moderators::{
    AccessEmail, AccessModerators, Credential, CredentialTag, Moderator, ModeratorList, Moderators, ModeratorsError,
    SecretMac,
};
pub use network::Network;
pub use page_token::{PAGE_CODE_SECONDS, PAGE_TOKEN_SECONDS, PageAccess, PageCredential};
pub use pattern::{PatternError, Patterns};
pub use rate_limits::{INTERACTION_LIMITS, LOAD_WINDOW_SECONDS, RATE_LIMITS, required_difficulty};
pub use same_origin::{PageHeaders, admin_return_path};
pub use session::{SESSION_IDLE_SECONDS, SESSION_SECONDS, Session, SessionError};
pub use signing::{SigningKey, SigningKeyError};
pub use spam_check::SpamCheck;
