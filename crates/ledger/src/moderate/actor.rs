//! The person who changes a comment: its author or a moderator.

use afterword_model::Refusal;

use crate::error::LedgerError;
use crate::store::audit_log::{self, ActionKey, Attribution};
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;

/// The person who changes a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    /// The holder of the author key with this keyed hash.
    Author(&'a str),
    /// A moderator of the site. The audit log records the action.
    Moderator(&'a Attribution<'a>),
}

impl Actor<'_> {
    /// Lets only the author of a comment and moderators pass. For others, a comment that they cannot read does not exist.
    pub(crate) fn check_permission(self, stored: &StoredComment) -> Result<(), Refusal> {
        match self {
            Self::Moderator(_) => Ok(()),
            Self::Author(hash) if stored.author.as_deref() == Some(hash) => Ok(()),
            Self::Author(_) if stored.visible_page().is_some() => Err(Refusal::NotYours),
            Self::Author(_) => Err(Refusal::UnknownComment),
        }
    }

    pub(crate) fn is_moderator(self) -> bool {
        matches!(self, Self::Moderator(_))
    }

    /// Returns true if a moderator did this action before. See [`audit_log::is_repeat`].
    pub(crate) fn is_repeat(self, sql: &impl Sql, key: ActionKey<'_>) -> Result<bool, LedgerError> {
        match self {
            Self::Moderator(attribution) => audit_log::is_repeat(sql, attribution, key),
            Self::Author(_) => Ok(false),
        }
    }

    /// Records an action if it is a moderator's. Must run in the transaction that carries it out.
    pub(crate) fn record(self, sql: &impl Sql, key: ActionKey<'_>, now: i64) -> Result<(), LedgerError> {
        match self {
            Self::Moderator(attribution) => audit_log::record(sql, attribution, key, now),
            Self::Author(_) => Ok(()),
        }
    }
}
