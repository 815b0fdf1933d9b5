//! Links with which a moderator decides about one comment without signing in, for messages that a program sends.
//!
//! A link is bound to the site, the comment, the revision that the message showed, the decisions that it offers, and the moderator with their
//! present role, blogs and credential: it ends when one of these changes. It expires after [`LINK_SECONDS`]. Opening it changes nothing. All decisions of one link have the same batch id, which the ledger executes once;
//! so a link is spent by its first decision, without storage of its own.

use afterword_model::limits::{MAX_CLOCK_SKEW_SECONDS, MODERATOR_NAME_BYTES};
use afterword_model::{CommentId, Origin, SubmissionId, decode_hex, encode_hex};
use sha2::{Digest, Sha256};

use crate::moderators::CredentialTag;
use crate::signed_text::{Fields, sign, verify};
use crate::signing::SigningKey;

/// Lifetime of a link, in seconds: seven days.
pub const LINK_SECONDS: i64 = 7 * 24 * 3600;

const PURPOSE: &str = "moderation link v2";
const FIELD_BYTES: usize = 1 + 8 + 8 + 8 + 16 + 16 + 16;
/// Maximum length of a token.
const MAX_BYTES: usize = MODERATOR_NAME_BYTES + 1 + 2 * FIELD_BYTES + 1 + 64;

/// A decision that a link may offer. Erasing is none of them, because it cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAction {
    /// Publishes the comment.
    Approve,
    /// Marks the comment as spam.
    Spam,
    /// Deletes the comment; it can be restored.
    Delete,
}

impl LinkAction {
    /// All decisions, in the order of their buttons.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Spam, Self::Delete];

    /// The name in forms and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Spam => "spam",
            Self::Delete => "delete",
        }
    }

    /// The decision with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Approve => 1,
            Self::Spam => 2,
            Self::Delete => 4,
        }
    }
}

/// A link about one comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModerationLink {
    /// Name of the moderator to whom the link was sent.
    pub moderator: String,
    /// The comment.
    pub comment: CommentId,
    /// Revision of the comment that the message showed.
    pub revision: i64,
    /// Time at which the link expires, in Unix seconds.
    pub expires: i64,
    /// Random bytes, which make two links about the same revision different.
    pub nonce: [u8; 16],
    actions: u8,
    site_hash: [u8; 16],
    credential: CredentialTag,
}

/// The moderator to whom a link is sent.
#[derive(Clone, Copy, Debug)]
pub struct LinkRecipient<'a> {
    /// The name.
    pub name: &'a str,
    /// The tag of the credential; see [`ModeratorList::credential_tag`](crate::ModeratorList::credential_tag).
    pub credential: CredentialTag,
}

/// The comment, revision and site that a link is about.
#[derive(Clone, Copy, Debug)]
pub struct LinkTarget<'a> {
    /// The site.
    pub site: &'a Origin,
    /// The comment.
    pub comment: CommentId,
    /// Its revision.
    pub revision: i64,
}

impl ModerationLink {
    /// Makes a link for a moderator.
    pub fn new(
        target: LinkTarget<'_>,
        actions: &[LinkAction],
        recipient: LinkRecipient<'_>,
        nonce: [u8; 16],
        now: i64,
    ) -> Self {
        Self {
            moderator: recipient.name.to_owned(),
            credential: recipient.credential,
            comment: target.comment,
            revision: target.revision,
            expires: now.saturating_add(LINK_SECONDS),
            nonce,
            actions: actions.iter().fold(0, |bits, action| bits | action.bit()),
            site_hash: hash(target.site),
        }
    }

    /// The signed token.
    pub fn token(&self, key: &SigningKey) -> String {
        let mut bytes = vec![self.actions];
        bytes.extend(self.comment.get().to_be_bytes());
        bytes.extend(self.revision.to_be_bytes());
        bytes.extend(self.expires.to_be_bytes());
        bytes.extend(self.nonce);
        bytes.extend(self.site_hash);
        bytes.extend(self.credential);
        sign(PURPOSE, &format!("{}.{}", self.moderator, encode_hex(&bytes)), key)
    }

    /// Verifies everything about a token except that it was not spent and that its moderator still has this credential. `None` if it is invalid or has
    /// expired: its reader does not learn which.
    pub fn verify(token: &str, now: i64, key: &SigningKey) -> Option<Self> {
        let fields = verify(PURPOSE, token, MAX_BYTES, key)?;
        let (name, hex) = fields.rsplit_once('.')?;
        let mut bytes = [0; FIELD_BYTES];
        decode_hex(hex, &mut bytes)?;
        let mut fields = Fields(&bytes);
        let [actions] = fields.take();
        let link = Self {
            moderator: name.to_owned(),
            actions,
            comment: CommentId::new(i64::from_be_bytes(fields.take())),
            revision: i64::from_be_bytes(fields.take()),
            expires: i64::from_be_bytes(fields.take()),
            nonce: fields.take(),
            site_hash: fields.take(),
            credential: fields.take(),
        };
        let issued = link.expires.saturating_sub(LINK_SECONDS);
        (now < link.expires && issued <= now.saturating_add(MAX_CLOCK_SKEW_SECONDS)).then_some(link)
    }

    /// Returns true if the link is about a comment of this site.
    pub fn is_for(&self, site: &Origin) -> bool {
        self.site_hash == hash(site)
    }

    /// Returns true if the moderator still has the credential with which the link was made, given its present tag.
    pub fn is_current(&self, credential: Option<CredentialTag>) -> bool {
        credential == Some(self.credential)
    }

    /// The decisions that the link offers.
    pub fn actions(&self) -> impl Iterator<Item = LinkAction> {
        LinkAction::ALL.into_iter().filter(|action| self.offers(*action))
    }

    /// Returns true if the link offers this decision.
    pub fn offers(&self, action: LinkAction) -> bool {
        self.actions & action.bit() != 0
    }

    /// Id of the batch that a decision makes, the same for all decisions of the link.
    pub fn batch_id(&self, key: &SigningKey) -> SubmissionId {
        let mut digest = [0; 16];
        digest.copy_from_slice(&key.mac(&["batch of a moderation link", &self.token(key)])[..16]);
        SubmissionId::from_digest(digest)
    }
}

fn hash(site: &Origin) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&Sha256::digest(site.authority())[..16]);
    hash
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_321_000_000;

    fn key() -> SigningKey {
        SigningKey::parse(&"k".repeat(32)).unwrap()
    }

    fn site() -> Origin {
        Origin::parse("https://blog.example").unwrap()
    }

    fn link(actions: &[LinkAction]) -> ModerationLink {
        let target = LinkTarget { site: &site(), comment: CommentId::new(42), revision: 3 };
        ModerationLink::new(target, actions, LinkRecipient { name: "ada", credential: [5; 16] }, [9; 16], NOW)
    }

    #[test]
    fn a_link_is_what_its_token_says() {
        use LinkAction::{Approve, Delete, Spam};
        for actions in [&[][..], &[Approve], &[Spam, Delete], &[Approve, Spam, Delete]] {
            let link = link(actions);
            let verified = ModerationLink::verify(&link.token(&key()), NOW + 1, &key()).unwrap();
            assert_eq!(verified, link);
            assert_eq!(verified.actions().collect::<Vec<_>>(), actions);
        }
        assert!(link(&[]).is_for(&site()) && !link(&[]).is_for(&Origin::parse("https://other.example").unwrap()));
    }

    #[test]
    fn a_link_expires_after_a_week() {
        let token = link(&LinkAction::ALL).token(&key());
        let is_valid = |now| ModerationLink::verify(&token, now, &key()).is_some();
        assert!(is_valid(NOW) && is_valid(NOW + LINK_SECONDS - 1));
        assert!(!is_valid(NOW + LINK_SECONDS) && !is_valid(NOW - 24 * 3600));
    }

    #[test]
    fn a_link_ends_with_the_credential() {
        let link = link(&LinkAction::ALL);
        let verified = ModerationLink::verify(&link.token(&key()), NOW, &key()).unwrap();
        assert!(verified.is_current(Some([5; 16])));
        assert!(!verified.is_current(Some([6; 16])) && !verified.is_current(None));
    }

    #[test]
    fn all_decisions_of_a_link_are_one_batch_and_those_of_another_link_another() {
        let one = link(&LinkAction::ALL);
        let other = ModerationLink { nonce: [8; 16], ..one.clone() };
        assert_eq!(one.batch_id(&key()), one.clone().batch_id(&key()));
        assert_ne!(one.batch_id(&key()), other.batch_id(&key()));
    }

    #[test]
    fn a_token_for_another_purpose_is_no_link() {
        let token = link(&LinkAction::ALL).token(&key());
        let (fields, _) = token.rsplit_once('.').unwrap();
        assert_eq!(ModerationLink::verify(&sign("session v1", fields, &key()), NOW, &key()), None);
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_link(text in ".{0,400}", at in 0..300usize, byte in any::<u8>()) {
            let token = link(&LinkAction::ALL).token(&key());
            prop_assert_eq!(ModerationLink::verify(&text, NOW, &key()), None);
            let mut changed = token.clone().into_bytes();
            let at = at % changed.len();
            changed[at] = byte;
            let changed = String::from_utf8_lossy(&changed).into_owned();
            prop_assert_eq!(ModerationLink::verify(&changed, NOW, &key()).is_some(), changed == token);
        }
    }
}
