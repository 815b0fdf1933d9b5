//! What a submission is held against, beside its own form: whose word that is, and what the ledger is told of it.

use afterword_model::{Limit, Moderation};

use crate::{BanKind, Entry};

/// The rules for a submission.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// What becomes of a comment about which nothing is suspicious, as the deployment has it: the site's own setting goes before it.
    pub moderation: Moderation,
    /// How often one may post; nothing is counted if there are none.
    pub limits: &'a [Limit],
    /// Who compares words and names with patterns; muted words and bans by name and address are not looked at without.
    pub watch: Option<&'a dyn Watch>,
}

impl std::fmt::Debug for Rules<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("moderation", &self.moderation)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Nothing but what becomes of comments: no limits, and no patterns.
impl From<Moderation> for Rules<'_> {
    fn from(moderation: Moderation) -> Self {
        Self { moderation, limits: &[], watch: None }
    }
}

/// Gives the first muted pattern that an entry holds. Its title is to be looked at only as far as it is another one than the post has: what is
/// given beside it, which may be empty.
pub type Muted = Box<dyn Fn(&Entry, &str) -> Option<String>>;

/// Whether a ban is meant for who sends an entry.
pub type Suspect = Box<dyn Fn(&Entry) -> bool>;

/// Makes what finds patterns, so that the ledger needs to know nothing about them. It is asked once for each list and ban, until a moderator
/// changes them, and not again for each post.
pub trait Watch {
    /// What finds the words of a list of muted ones, with one pattern a line.
    fn muted(&self, list: &str) -> Muted;

    /// What knows whom a ban by name or address is meant for. It is not asked about the other kinds.
    fn banned(&self, kind: BanKind, pattern: &str) -> Suspect;
}
