//! Typed calls to the object that knows which sessions of moderators have ended, and their replies.

use serde::{Deserialize, Serialize};

/// Name of the object. No site has it, because a host has no `#`.
pub(crate) const OBJECT: &str = "#sessions";
/// Path of the call.
pub(crate) const PATH: &str = "/sessions";

/// A call about the sessions of one moderator.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum SessionCall {
    /// Asks for the generation of the moderator's sessions, and whether this one has ended.
    Read { moderator: String, session: Option<String> },
    /// Ends one session. The record is kept until `expires`, in Unix seconds, when the session would end by itself.
    End { session: String, expires: i64 },
    /// Spends a code that is valid once. The record is kept until `expires`, in Unix seconds. `ended` of the reply tells if it was spent before.
    Spend { code: String, expires: i64 },
    /// Ends all sessions of the moderator.
    EndAll { moderator: String },
}

/// The state of a session, as the object knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionState {
    /// Generation of the moderator's sessions. All of an earlier generation have ended.
    pub(crate) generation: u32,
    /// True if the session was ended.
    pub(crate) ended: bool,
}
