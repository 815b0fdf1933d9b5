//! The part of each record that is kept in memory.

use afterword_model::SubmissionId;
use sha2::{Digest, Sha256};

use crate::record::{SourceState, TimeQuality};

/// Hash of an id in the source.
///
/// The UUIDs of imported comments are made of it, so neither may ever change: a later import would not recognize them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key([u8; 16]);

impl Key {
    /// The key of no comment.
    pub(crate) const NONE: Self = Self([0; 16]);

    pub(crate) fn of_comment(source: &str, id: &str) -> Self {
        Self(hash(&["comment", source, id]))
    }

    pub(crate) fn of_thread(source: &str, key: &str) -> Self {
        Self(hash(&["thread", source, key]))
    }

    /// UUID of an imported comment, or of one of its continuations, which are counted from 1.
    pub(crate) fn uuid(self, source_site: &str, part: usize) -> SubmissionId {
        let digest = Sha256::new()
            .chain_update("afterword import\0")
            .chain_update((source_site.len() as u64).to_be_bytes())
            .chain_update(source_site)
            .chain_update(self.0)
            .chain_update((part as u64).to_be_bytes())
            .finalize();
        SubmissionId::from_digest(first_bytes(&digest))
    }
}

/// Hash of texts, each with its length, so that different lists never hash the same bytes.
fn hash<const N: usize>(texts: &[&str]) -> [u8; N] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    first_bytes(&hash.finalize())
}

fn first_bytes<const N: usize>(digest: &[u8]) -> [u8; N] {
    digest.first_chunk().copied().unwrap_or([0; N])
}

/// Hash of a name or an e-mail address of an author, without regard to case; 0 for an empty one. Two authors may share one.
pub(crate) fn author_hash(text: &str) -> u32 {
    let text = text.trim();
    if text.is_empty() { 0 } else { u32::from_be_bytes(hash(&[&text.to_lowercase()])).max(1) }
}

/// The part of a comment that is kept in memory: 72 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommentEntry {
    pub(crate) id: Key,
    /// [`Key::NONE`] if it is a root comment.
    pub(crate) parent: Key,
    /// Unix seconds; meaningless if the quality is [`TimeQuality::Missing`].
    pub(crate) time: i64,
    /// Position of the [`StoredComment`](crate::plan::stored::StoredComment) in the spool.
    pub(crate) offset: u64,
    pub(crate) length: u32,
    /// Index of its [`ThreadEntry`].
    pub(crate) thread: u32,
    pub(crate) name: u32,
    pub(crate) email: u32,
    /// Number of comments into which its text is split; 0 if it has no visible text.
    pub(crate) parts: u16,
    pub(crate) state: SourceState,
    pub(crate) quality: TimeQuality,
    pub(crate) flags: Flags,
}

/// Facts about a comment, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) const OWNER: Self = Self(1);
    pub(crate) const PINNED: Self = Self(2);
    pub(crate) const NAME_CUT: Self = Self(4);
    pub(crate) const EMAIL_DROPPED: Self = Self(8);
    pub(crate) const WEBSITE_DROPPED: Self = Self(16);
    pub(crate) const VOTES_DROPPED: Self = Self(32);

    pub(crate) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    pub(crate) const fn set(&mut self, flag: Self, value: bool) {
        if value {
            self.0 |= flag.0;
        }
    }
}

/// The part of a post that is kept in memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ThreadEntry {
    /// Position of the record in the spool.
    pub(crate) offset: u64,
    /// 0 if only comments have named it so far.
    pub(crate) length: u32,
    /// Number of its comments.
    pub(crate) comments: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These never change: they are the UUIDs of comments that blogs have imported.
    #[test]
    fn uuids_of_imported_comments_are_pinned() {
        let key = Key::of_comment("wordpress", "12");
        let uuids = [key.uuid("", 0), key.uuid("", 1), key.uuid("old.example", 0)].map(|uuid| uuid.to_string());
        assert_eq!(
            uuids,
            [
                "b824123d-a1e4-801a-b8a3-3234a0291e84",
                "07d23286-d330-880f-b2d4-3226d91d11d7",
                "f07affd4-3610-8cf6-8860-de38f54181e5"
            ]
        );
    }

    #[test]
    fn an_entry_has_72_bytes() {
        assert!(size_of::<CommentEntry>() <= 72, "{}", size_of::<CommentEntry>());
    }
}
