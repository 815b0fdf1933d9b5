//! Threads whose posts have moved to another address.

use afterword_model::PostUrl;

use crate::{Ledger, LedgerError, Sql};

/// A post that has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where the post was.
    pub from: PostUrl,
    /// Where it is now.
    pub to: PostUrl,
}

/// Which posts have moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moves {
    /// Posts one by one, read like a blog's redirects: with `a -> b` and `b -> c`, both are at `c` now. Those in a circle are
    /// nowhere, and stay.
    List(Vec<Move>),
    /// All posts at and below an address, such as `https://blog.example/2019` or a whole blog; what follows is kept. Posts that are at
    /// or below the new address already stay, so a blog can move below itself, and the same rule can be applied twice.
    Prefix(Move),
}

/// What becomes of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moving {
    /// It takes the new address.
    Renamed,
    /// Its comments join those of the thread that is at the new address.
    Merged,
    /// It was moved there before.
    Done,
    /// There is no thread at the old address.
    Absent,
    /// The list leads back to the old address.
    Circle,
    /// The new address would be longer than an address may be.
    TooLong,
}

/// One thread of a remap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The old address and the new one, at the end of a chain.
    pub moved: Move,
    /// Comments, in any state, that go with it.
    pub comments: u32,
    /// What becomes of it.
    pub moving: Moving,
}

/// What a call of [`Ledger::remap`] did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remapped {
    /// Thread by thread.
    pub steps: Vec<Step>,
    /// Where the next call goes on; `None` after the last.
    pub next: Option<i64>,
}

/// A former address of a thread, under which a forwarding value is to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The former address; its key is `from.kv_key(1)`.
    pub from: PostUrl,
    /// Where the thread is now.
    pub to: PostUrl,
}
