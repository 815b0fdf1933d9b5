//! What may happen in a random story.

use afterword_ledger::BanKind;
use afterword_model::{Moderation, Sort, Vote};
use proptest::prelude::*;

use super::SORTS;
use super::carry::{Carriage, carriage};
use super::guarded::{Guarded, guarded};
use super::kv::LOCATIONS;

/// One step of a random story. Numbers that point at something are taken modulo what there is.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Submit {
        sent: Sent,
        policy: Moderation,
    },
    /// The same submission again, perhaps with another content.
    Repeat {
        which: usize,
        other_content: bool,
    },
    Edit {
        which: usize,
        size: u16,
        by: Option<u8>,
    },
    Erase {
        which: usize,
        by: Option<u8>,
    },
    Vote {
        which: usize,
        author: u8,
        vote: Vote,
    },
    Approve {
        which: usize,
    },
    Hold {
        which: usize,
    },
    Close {
        post: u8,
        closed: bool,
    },
    /// A moderator gives a post a title, or leaves it to the comments.
    Name {
        post: u8,
        title: u8,
    },
    Set {
        moderation: Option<Moderation>,
    },
    /// Who wrote a comment is banned for so many seconds, or for good.
    Ban {
        which: usize,
        kind: BanKind,
        seconds: Option<i64>,
    },
    Unban {
        which: usize,
    },
    /// What is known for a day or two is forgotten.
    Prune,
    /// An export is taken and kept.
    Keep(Carriage),
    /// The ledger is lost and comes back from an export.
    Restore(Carriage),
    /// The export that was kept is brought into the site as it is now.
    BringBack(Carriage),
    /// So many seconds go by.
    Wait {
        seconds: i64,
    },
    /// Takes a snapshot of a thread that is due, if none is being put.
    Begin {
        which: usize,
    },
    /// Puts the next value of that snapshot, which may fail; after the last one, or one that failed, notes what is published.
    Put {
        fails: bool,
    },
    /// What was being put is forgotten; the put under way may still succeed. (The ledger itself is opened anew for every step.)
    Crash {
        lands: bool,
    },
    /// Somebody reads, in some location that remembers it for so many seconds.
    Read {
        location: usize,
        post: u8,
        page: u32,
        sort: Sort,
        ttl: i64,
    },
}

/// A step, and what goes wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Stride {
    pub(crate) step: Step,
    /// The number of the statement that fails in it.
    pub(crate) fuse: Option<u32>,
    /// Whether the moderator's act comes by the UUID of an earlier one.
    pub(crate) again: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) post: u8,
    /// The comment answered; any of all comments, and none if it is beyond them.
    pub(crate) parent: Option<usize>,
    pub(crate) author: Option<u8>,
    /// What its sender calls the post.
    pub(crate) title: u8,
    /// Bytes of HTML.
    pub(crate) size: u16,
    /// Whether it is counted, and what is noted of it then.
    pub(crate) guarded: Option<Guarded>,
}

pub(crate) fn stride() -> impl Strategy<Value = Stride> {
    let fuse = prop::option::weighted(0.1, 0..14u32);
    let step = prop_oneof![20 => writing(), 8 => publishing(), 4 => reading(), 1 => carrying()];
    (step, fuse, prop::bool::weighted(0.1)).prop_map(|(step, fuse, again)| Stride { step, fuse, again })
}

fn writing() -> impl Strategy<Value = Step> {
    let size = prop_oneof![3 => Just(0u16), 1 => 0..1500u16];
    let guarded = prop::option::weighted(0.4, guarded());
    let sent =
        (0..2u8, prop::option::weighted(0.6, 0..40usize), prop::option::of(0..3u8), 0..4u8, size.clone(), guarded)
            .prop_map(|(post, parent, author, title, size, guarded)| Sent {
                post,
                parent,
                author,
                title,
                size,
                guarded,
            });
    let which = any::<usize>;
    let by = || prop::option::of(0..3u8);
    let kind =
        prop::sample::select(vec![BanKind::Author, BanKind::Author, BanKind::Network, BanKind::Name, BanKind::Email]);
    let seconds = prop::option::of(prop_oneof![1..200i64, 1..200_000i64]);
    let vote = prop_oneof![3 => Just(Vote::For), 1 => Just(Vote::Neutral), 1 => Just(Vote::Against)];
    prop_oneof![
        80 => (sent, policy()).prop_map(|(sent, policy)| Step::Submit { sent, policy }),
        10 => (which(), any::<bool>()).prop_map(|(which, other_content)| Step::Repeat { which, other_content }),
        8 => (which(), size, by()).prop_map(|(which, size, by)| Step::Edit { which, size, by }),
        10 => (which(), by()).prop_map(|(which, by)| Step::Erase { which, by }),
        15 => (which(), 0..4u8, vote).prop_map(|(which, author, vote)| Step::Vote { which, author, vote }),
        12 => which().prop_map(|which| Step::Approve { which }),
        8 => which().prop_map(|which| Step::Hold { which }),
        1 => (0..3u8, any::<bool>()).prop_map(|(post, closed)| Step::Close { post, closed }),
        1 => (0..3u8, 0..4u8).prop_map(|(post, title)| Step::Name { post, title }),
        1 => prop::option::of(policy()).prop_map(|moderation| Step::Set { moderation }),
        2 => (which(), kind, seconds).prop_map(|(which, kind, seconds)| Step::Ban { which, kind, seconds }),
        2 => which().prop_map(|which| Step::Unban { which }),
        2 => Just(Step::Prune),
    ]
}

fn policy() -> impl Strategy<Value = Moderation> {
    prop_oneof![4 => Just(Moderation::Open), 1 => Just(Moderation::First), 1 => Just(Moderation::All)]
}

fn publishing() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => (0..90i64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (0..100_000i64).prop_map(|seconds| Step::Wait { seconds }),
        40 => any::<usize>().prop_map(|which| Step::Begin { which }),
        80 => prop::bool::weighted(0.15).prop_map(|fails| Step::Put { fails }),
        10 => any::<bool>().prop_map(|lands| Step::Crash { lands }),
    ]
}

fn carrying() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => carriage().prop_map(Step::Keep),
        1 => carriage().prop_map(Step::BringBack),
        2 => carriage().prop_map(Step::Restore),
    ]
}

fn reading() -> impl Strategy<Value = Step> {
    let sort = prop::sample::select(SORTS.to_vec());
    (0..LOCATIONS, 0..3u8, 1..6u32, sort, 1..=60i64).prop_map(|(location, post, page, sort, ttl)| Step::Read {
        location,
        post,
        page,
        sort,
        ttl,
    })
}
