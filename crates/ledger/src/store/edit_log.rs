//! The latest edits of a comment by its author, by which a repeat of an edit is recognized.

use afterword_model::{Refusal, SubmissionId};

use crate::error::LedgerError;

/// Number of edits that are remembered. A repeat of an earlier one would have to arrive after all these.
const MAX_EDITS: usize = 16;

/// The edits in `comment.edits`, oldest first: the UUID and the keyed hash of the text of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EditLog(Vec<(String, String)>);

impl EditLog {
    pub(crate) fn parse(column: &str) -> Result<Self, LedgerError> {
        let parse = |line: &str| {
            let (uuid, hash) = line.split_once(' ').ok_or(LedgerError::Corrupt("comment.edits"))?;
            Ok::<_, LedgerError>((uuid.to_owned(), hash.to_owned()))
        };
        column.lines().map(parse).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn to_column(&self) -> String {
        self.0.iter().map(|(uuid, hash)| format!("{uuid} {hash}")).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns true if the edit was made before. A UUID that belongs to another edit is refused.
    pub(crate) fn is_repeat(&self, id: &SubmissionId, hash: &str) -> Result<bool, Refusal> {
        let id = id.to_string();
        match self.0.iter().find(|(uuid, _)| *uuid == id) {
            Some((_, known)) if known == hash => Ok(true),
            Some(_) => Err(Refusal::IdReused),
            None => Ok(false),
        }
    }

    /// Adds an edit, and forgets the oldest of too many.
    pub(crate) fn push(&mut self, id: &SubmissionId, hash: &str) {
        self.0.push((id.to_string(), hash.to_owned()));
        let excess = self.0.len().saturating_sub(MAX_EDITS);
        self.0.drain(..excess);
    }
}
