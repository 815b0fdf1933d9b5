//! The policy of the deployment for new comments, with the pattern matching that the caller provides.

use afterword_model::{Moderation, RateLimit};
use serde::{Deserialize, Serialize};

use crate::store::ban::Ban;
use crate::verified_comment::VerifiedComment;

/// The rule for the difficulty of proofs of work.
#[derive(Clone, Copy, Debug)]
pub struct DifficultyRule {
    /// Seconds of the window in which recent comments are counted, at most a day.
    pub window_seconds: u32,
    /// Difficulty on a quiet site, in bits.
    pub base_bits: u8,
    /// Returns the required difficulty in bits, given the base difficulty and the number of recent comments.
    pub required: fn(u8, u32) -> u8,
}

/// The rules for a submission.
#[derive(Clone, Copy)]
pub struct SubmissionPolicy<'a> {
    /// Moderation of comments without signals, as the deployment sets it. The site's own setting takes precedence.
    pub moderation: Moderation,
    /// Rate limits. Without any, comments are not counted.
    pub limits: &'a [RateLimit],
    /// Compiler of patterns. Without it, muted words and bans by name or e-mail address are not checked.
    pub patterns: Option<&'a dyn PatternCompiler>,
    /// The rule for the difficulty of proofs of work. Without it, any difficulty is accepted.
    pub difficulty: Option<DifficultyRule>,
}

impl std::fmt::Debug for SubmissionPolicy<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubmissionPolicy")
            .field("moderation", &self.moderation)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A policy without limits, patterns and difficulty.
impl From<Moderation> for SubmissionPolicy<'_> {
    fn from(moderation: Moderation) -> Self {
        Self { moderation, limits: &[], patterns: None, difficulty: None }
    }
}

/// Returns the first muted pattern that a comment contains. The second argument is the comment's title if it differs from the title of
/// the post, and otherwise empty; a matcher looks at this title, not at that of the comment.
pub type MutedWordMatcher = Box<dyn Fn(&VerifiedComment, &str) -> Option<String>>;

/// Returns true if a ban matches the sender of a comment.
pub type BanMatcher = Box<dyn Fn(&VerifiedComment) -> bool>;

/// Compiles patterns, so that the ledger needs to know nothing about their syntax. The ledger calls it once for each list and ban
/// until a moderator changes them, and not for each comment. The result is `None` for patterns that are not valid, or no longer, after a
/// change of the syntax. The ledger then holds every comment that they might apply to, and an import counts such rules.
pub trait PatternCompiler: std::fmt::Debug {
    /// Compiles a list of muted words with one pattern on each line.
    fn compile_muted_words(&self, list: &str) -> Option<MutedWordMatcher>;

    /// Compiles a ban by name or e-mail address. It is not called for the other kinds.
    fn compile_ban(&self, ban: &Ban) -> Option<BanMatcher>;
}

/// A rule of a site that is not valid. While it is in force, comments are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidRule {
    /// A ban, by its UUID.
    Ban(String),
    /// The list of muted words.
    MutedWords,
}

/// Displays as `ban:<uuid>` or `muted_words`.
impl std::fmt::Display for InvalidRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ban(id) => write!(f, "{}:{id}", self.detail()),
            Self::MutedWords => f.write_str(self.detail()),
        }
    }
}

impl InvalidRule {
    /// The detail of the signal [`Signal::InvalidRule`](afterword_model::Signal::InvalidRule).
    pub(crate) fn detail(&self) -> &'static str {
        match self {
            Self::Ban(_) => "ban",
            Self::MutedWords => "muted_words",
        }
    }
}
