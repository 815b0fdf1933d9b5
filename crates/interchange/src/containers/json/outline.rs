//! The paths of a JSON file, by which its format is recognized.

use super::{Place, Step, Visitor, walk};
use crate::problem::{Position, ProblemKind, ReadError};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;

/// Deeper levels tell no format from another.
const MAX_LEVELS: usize = 6;
/// The most paths that are kept. A file with more uses data as names.
const MAX_PATHS: usize = 4_000;

/// The paths of the values at the beginning of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline(BTreeSet<String>);

impl Outline {
    /// Reads up to `max` bytes. Text that is no JSON has an empty outline.
    pub(crate) fn read(input: &mut dyn Read, max: u64) -> Self {
        let mut outline = Self::default();
        // An error only says that the end of the sample cuts a value, or is none to recognize.
        let _ends_inside_a_value: Result<(), ReadError> = walk(&mut input.take(max), "", &mut outline);
        outline
    }

    /// True if a value has this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// True if all members are in the objects at this path.
    pub(crate) fn has_all(&self, path: &str, members: &[&str]) -> bool {
        members.iter().all(|member| self.has(&join(path, member)))
    }

    /// The first of the paths whose objects have all the members.
    pub(crate) fn find<'p>(&self, paths: &[&'p str], members: &[&str]) -> Option<&'p str> {
        paths.iter().copied().find(|path| self.has_all(path, members))
    }
}

fn join(path: &str, member: &str) -> String {
    if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") }
}

impl Visitor for Outline {
    fn choose(&mut self, place: &Place<'_>) -> Step {
        if place.path.matches('.').count() + place.path.matches("[]").count() > MAX_LEVELS || self.0.len() >= MAX_PATHS
        {
            return Step::Skip;
        }
        if !self.has(place.path) {
            self.0.insert(place.path.to_owned());
        }
        Step::Enter
    }

    fn value(&mut self, _: &str, _: Position, _: Value) -> Result<(), ReadError> {
        Ok(())
    }

    fn fault(&mut self, _: &str, _: Position, _: ProblemKind) -> Result<(), ReadError> {
        Ok(())
    }
}
