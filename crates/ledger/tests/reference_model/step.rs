//! The steps of a random story.

use afterword_ledger::BanKind;
use afterword_model::{Moderation, ReportReason, Sort, Vote};
use proptest::prelude::*;

use crate::kv_simulation::LOCATIONS;
use crate::simulation::SORTS;
use crate::spam_protection::{SpamData, spam_data};
use crate::transfer::{TransferParams, transfer_params};

/// A step. Every number that names a comment, a ban or a due thread is taken modulo their number.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Submit {
        draft: Draft,
        policy: Moderation,
    },
    /// Repeats a submission, perhaps with other content.
    Repeat {
        which: usize,
        other_content: bool,
    },
    /// A moderator's edit.
    Edit {
        which: usize,
        size: u16,
    },
    /// A moderator's erasure.
    Erase {
        which: usize,
    },
    /// An interaction of a reader with a comment. It names the wrong post if `elsewhere` is set.
    Interact {
        which: usize,
        elsewhere: bool,
        interaction: Interaction,
    },
    /// Repeats the last edit of an author, perhaps with other content.
    RepeatEdit {
        other_content: bool,
    },
    /// A reader's reaction to a post. One of the reactions is not offered.
    React {
        post: u8,
        author: u8,
        reaction: Option<u8>,
    },
    Approve {
        which: usize,
    },
    Unpublish {
        which: usize,
    },
    Close {
        post: u8,
        closed: bool,
    },
    /// A moderator sets the title of a thread, or lets the comments give it again.
    SetTitle {
        post: u8,
        title: u8,
    },
    SetModeration {
        moderation: Option<Moderation>,
    },
    /// Bans the sender of a comment for a number of seconds, or without end.
    Ban {
        which: usize,
        kind: BanKind,
        seconds: Option<i64>,
    },
    LiftBan {
        which: usize,
    },
    /// Prunes networks, expired bans and deleted comments.
    Prune,
    /// Exports the site and saves the export.
    SaveExport(TransferParams),
    /// Loses the ledger, and restores it from a new export.
    RestoreFromExport(TransferParams),
    /// Imports the saved export into the present site.
    ImportSavedExport(TransferParams),
    Wait {
        seconds: i64,
    },
    /// Takes a snapshot of a due thread, unless one is being published.
    BeginPublishing {
        which: usize,
    },
    /// Writes the next value of the snapshot, which may fail. After the last value or a failure, the written values are
    /// recorded in the ledger.
    WriteValue {
        fails: bool,
    },
    /// Forgets the snapshot being published. Its write in progress may still succeed. (The ledger is opened anew for
    /// every step anyway.)
    Crash {
        write_succeeds: bool,
    },
    /// A reader in a location that caches the values for `ttl` seconds.
    Read {
        location: usize,
        post: u8,
        page: u32,
        sort: Sort,
        ttl: i64,
    },
}

/// An interaction of a reader with a comment.
#[derive(Clone, Debug)]
pub(crate) enum Interaction {
    Edit { author: u8, size: u16, is_suspicious: bool, duplicate_key: Option<u8>, policy: Moderation },
    Delete { author: u8 },
    Restore { author: u8 },
    Vote { author: u8, vote: Vote },
    Report { author: Option<u8>, network: u8, reason: ReportReason },
}

/// A step, and the failures injected into it.
#[derive(Clone, Debug)]
pub(crate) struct StoryStep {
    pub(crate) step: Step,
    /// Number of statements of the step that succeed before one fails.
    pub(crate) fail_after: Option<u32>,
    /// Set if an action of a moderator has the id of the previous one.
    pub(crate) reuses_action_id: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) post: u8,
    /// Id of the parent, which may not exist.
    pub(crate) parent: Option<usize>,
    pub(crate) author: Option<u8>,
    /// The title that the sender sends.
    pub(crate) title: u8,
    /// Size of the HTML in bytes.
    pub(crate) size: u16,
    /// Set if the rate limits apply.
    pub(crate) spam_data: Option<SpamData>,
}

pub(crate) fn story_step() -> impl Strategy<Value = StoryStep> {
    let fail_after = prop::option::weighted(0.1, 0..14u32);
    let step = prop_oneof![20 => change(), 8 => publishing(), 4 => reading(), 1 => transfer()];
    (step, fail_after, prop::bool::weighted(0.1)).prop_map(|(step, fail_after, reuses_action_id)| StoryStep {
        step,
        fail_after,
        reuses_action_id,
    })
}

fn change() -> impl Strategy<Value = Step> {
    let size = prop_oneof![3 => Just(0u16), 1 => 0..1500u16];
    let spam_data = prop::option::weighted(0.4, spam_data());
    let draft =
        (0..2u8, prop::option::weighted(0.6, 0..40usize), prop::option::of(0..3u8), 0..4u8, size.clone(), spam_data)
            .prop_map(|(post, parent, author, title, size, spam_data)| Draft {
                post,
                parent,
                author,
                title,
                size,
                spam_data,
            });
    let which = any::<usize>;
    let kind =
        prop::sample::select(vec![BanKind::Author, BanKind::Author, BanKind::Network, BanKind::Name, BanKind::Email]);
    let seconds = prop::option::of(prop_oneof![1..200i64, 1..200_000i64]);
    prop_oneof![
        80 => (draft, policy()).prop_map(|(draft, policy)| Step::Submit { draft, policy }),
        10 => (which(), any::<bool>()).prop_map(|(which, other_content)| Step::Repeat { which, other_content }),
        3 => (which(), size).prop_map(|(which, size)| Step::Edit { which, size }),
        5 => which().prop_map(|which| Step::Erase { which }),
        45 => (which(), prop::bool::weighted(0.1), interaction())
            .prop_map(|(which, elsewhere, interaction)| Step::Interact { which, elsewhere, interaction }),
        4 => any::<bool>().prop_map(|other_content| Step::RepeatEdit { other_content }),
        8 => (0..3u8, 0..3u8, prop::option::weighted(0.8, 0..3u8))
            .prop_map(|(post, author, reaction)| Step::React { post, author, reaction }),
        12 => which().prop_map(|which| Step::Approve { which }),
        8 => which().prop_map(|which| Step::Unpublish { which }),
        1 => (0..3u8, any::<bool>()).prop_map(|(post, closed)| Step::Close { post, closed }),
        1 => (0..3u8, 0..4u8).prop_map(|(post, title)| Step::SetTitle { post, title }),
        1 => prop::option::of(policy()).prop_map(|moderation| Step::SetModeration { moderation }),
        2 => (which(), kind, seconds).prop_map(|(which, kind, seconds)| Step::Ban { which, kind, seconds }),
        2 => which().prop_map(|which| Step::LiftBan { which }),
        2 => Just(Step::Prune),
    ]
}

fn interaction() -> impl Strategy<Value = Interaction> {
    let size = prop_oneof![3 => Just(0u16), 1 => 0..1500u16];
    let edit = (0..3u8, size, prop::bool::weighted(0.15), prop::option::weighted(0.3, 0..10u8), policy());
    let edit = edit.prop_map(|(author, size, is_suspicious, duplicate_key, policy)| Interaction::Edit {
        author,
        size,
        is_suspicious,
        duplicate_key,
        policy,
    });
    let vote = prop_oneof![3 => Just(Vote::For), 1 => Just(Vote::Neutral), 1 => Just(Vote::Against)];
    let report = (prop::option::of(0..3u8), 0..3u8, prop::sample::select(ReportReason::ALL.to_vec()));
    prop_oneof![
        12 => edit,
        8 => (0..3u8).prop_map(|author| Interaction::Delete { author }),
        8 => (0..3u8).prop_map(|author| Interaction::Restore { author }),
        15 => (0..4u8, vote).prop_map(|(author, vote)| Interaction::Vote { author, vote }),
        6 => report.prop_map(|(author, network, reason)| Interaction::Report { author, network, reason }),
    ]
}

fn policy() -> impl Strategy<Value = Moderation> {
    prop_oneof![4 => Just(Moderation::Open), 1 => Just(Moderation::First), 1 => Just(Moderation::All)]
}

fn publishing() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => (0..90i64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (0..100_000i64).prop_map(|seconds| Step::Wait { seconds }),
        40 => any::<usize>().prop_map(|which| Step::BeginPublishing { which }),
        80 => prop::bool::weighted(0.15).prop_map(|fails| Step::WriteValue { fails }),
        10 => any::<bool>().prop_map(|write_succeeds| Step::Crash { write_succeeds }),
    ]
}

fn transfer() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => transfer_params().prop_map(Step::SaveExport),
        1 => transfer_params().prop_map(Step::ImportSavedExport),
        2 => transfer_params().prop_map(Step::RestoreFromExport),
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
