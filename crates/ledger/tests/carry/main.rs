//! Carrying a site away and bringing it back, publishing and rendering again, and posts that move.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in the functions that tests share as well"
)]

mod closing;
mod export;
mod hostile;
mod import;
mod law;
mod left;
mod long;
mod random;
mod rebuild;
mod remap;
mod restore;
mod setup;
