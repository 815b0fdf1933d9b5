//! Facts about a file, from which the owner decides what to import.

use serde::Serialize;

use crate::plan::counts::StateCounts;
use crate::problem::Problem;

/// Facts about a file, from which the owner decides what to import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// Number of posts.
    pub threads: u64,
    /// Number of comments.
    pub comments: u64,
    /// Comments by state.
    pub states: StateCounts,
    /// The sites, projects or hosts in the file. More than one: ask the owner for one of them.
    pub partitions: Vec<Count>,
    /// Hosts of the addresses of posts with comments, the most frequent first; an empty name counts posts without a host.
    pub hosts: Vec<Count>,
    /// Authors who may be the owner, the most likely first. At most [`MAX_CANDIDATES`](Survey::MAX_CANDIDATES).
    pub owners: Vec<OwnerCandidate>,
    /// Comments whose time has no zone. More than none: ask the owner for the offset and read again.
    pub without_zone: u64,
    /// Comments without a readable time.
    pub without_time: u64,
    /// Posts with comments whose address is not in the file.
    pub without_address: u64,
    /// Faults of single records, at most [`MAX_PROBLEMS`](Survey::MAX_PROBLEMS) of them.
    pub problems: Vec<Problem>,
    /// Number of all faults.
    pub problem_count: u64,
}

impl Survey {
    /// Maximum number of [`Survey::owners`].
    pub const MAX_CANDIDATES: usize = 20;
    /// Maximum number of [`Survey::problems`].
    pub const MAX_PROBLEMS: usize = 200;
}

/// A name with its number of comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The name.
    pub name: String,
    /// Its number of comments.
    pub comments: u64,
}

/// An author who may be the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnerCandidate {
    /// The name of one of the comments.
    pub name: String,
    /// The e-mail address, if the source has it.
    pub email: Option<String>,
    /// Number of comments; a lower bound in a file with very many authors.
    pub comments: u64,
    /// True if the source marks the author as the owner.
    pub marked: bool,
}
