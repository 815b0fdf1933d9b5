//! Authors who may be the owner of the blog.

use std::collections::HashMap;

use crate::plan::survey::{OwnerCandidate, Survey};
use crate::record::SourceComment;

/// Maximum number of authors that are counted at the same time.
const MAX_AUTHORS: usize = 4096;

/// Counts the comments of authors, in bounded memory: rare authors are forgotten when there are very many.
#[derive(Debug, Default)]
pub(crate) struct AuthorCounter(HashMap<String, OwnerCandidate>);

impl AuthorCounter {
    pub(crate) fn add(&mut self, comment: &SourceComment) {
        let email = comment.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
        let key = email.unwrap_or(&comment.name).trim().to_lowercase();
        if key.is_empty() || key.len() > 320 {
            return;
        }
        if let Some(known) = self.0.get_mut(&key) {
            known.comments += 1;
            known.marked |= comment.is_owner;
            return;
        }
        if self.0.len() >= MAX_AUTHORS {
            self.forget_rare();
        }
        let author = OwnerCandidate {
            name: comment.name.clone(),
            email: email.map(str::to_owned),
            comments: 1,
            marked: comment.is_owner,
        };
        self.0.insert(key, author);
    }

    /// The most likely owners first.
    pub(crate) fn candidates(&self) -> Vec<OwnerCandidate> {
        let mut all: Vec<_> = self.0.values().cloned().collect();
        all.sort_by(|a, b| (b.marked, b.comments, &a.name).cmp(&(a.marked, a.comments, &b.name)));
        all.truncate(Survey::MAX_CANDIDATES);
        all
    }

    /// Forgets half of the authors, those with the fewest comments, and no author whom the source marks
    /// unless it marks very many.
    fn forget_rare(&mut self) {
        let mut counts: Vec<u64> = self.0.values().map(|author| author.comments).collect();
        counts.sort_unstable();
        let median = counts.get(counts.len() / 2).copied().unwrap_or(0);
        let marked = self.0.values().filter(|author| author.marked).count();
        let keep_marked = marked < MAX_AUTHORS / 2;
        self.0.retain(|_, author| keep_marked && author.marked || author.comments > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(name: &str, email: Option<&str>, is_owner: bool) -> SourceComment {
        let email = email.map(str::to_owned);
        SourceComment { name: name.to_owned(), email, is_owner, ..SourceComment::default() }
    }

    #[test]
    fn marked_authors_come_first_and_frequent_ones_next() {
        let mut counter = AuthorCounter::default();
        for number in 0..20_000 {
            counter.add(&comment(&format!("reader {number}"), None, false));
            if number % 100 == 0 {
                counter.add(&comment("Ada", Some("Ada@ada.example"), false));
            }
            if number % 5000 == 0 {
                counter.add(&comment("Bob", Some("bob@bob.example"), true));
            }
        }
        let found = counter.candidates();
        assert_eq!((found[0].name.as_str(), found[0].marked), ("Bob", true));
        assert_eq!((found[1].email.as_deref(), found[1].comments), (Some("Ada@ada.example"), 200));
        assert!(found.len() <= Survey::MAX_CANDIDATES && counter.0.len() <= MAX_AUTHORS);
    }
}
