//! Random stories of readers, moderators, the publisher and failures. Each reply of the ledger must be that of a plain reference
//! model, and after each step the laws must hold for the database and for what readers in several locations see in KV.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

#[expect(dead_code, reason = "other test targets use the rest")]
#[path = "../common/mod.rs"]
mod common;

mod fixtures;
mod interactions;
mod kv_simulation;
mod laws;
mod model;
mod simulation;
mod spam_protection;
mod step;
mod transfer;

use proptest::prelude::*;

use simulation::run_story;
use step::story_step;

proptest! {
    // `PROPTEST_CASES` sets the number of stories, which is 256 by default. The seeds of stories that failed are kept in
    // `tests/proptest-regressions`, and told again first.
    #[test]
    fn random_stories_agree_with_the_model_and_obey_the_laws(story in prop::collection::vec(story_step(), 1..100)) {
        run_story(&story)?;
    }
}
