//! Carrying a site away and bringing it back, publishing and rendering again, and posts that move.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in the functions that tests share as well"
)]

mod closing_line;
mod export;
mod fixtures;
mod import;
mod invalid_lines;
mod large_sites;
mod properties;
mod random_round_trips;
mod remap;
mod republish;
mod restore;
mod stale_pages;
