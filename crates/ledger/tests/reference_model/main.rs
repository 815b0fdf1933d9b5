//! Random stories of readers, moderators, the publisher and failures. After each step the ledger must agree with a
//! plain reference model, and with what readers in several locations see in KV.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

#[expect(dead_code, reason = "other test targets use the rest")]
#[path = "../common/mod.rs"]
mod common;

mod fixtures;
mod kv_simulation;
mod model;
mod simulation;
mod spam_protection;
mod step;
mod transfer;

use proptest::prelude::*;

use simulation::run_story;
use step::story_step;

// Two tests of 5,000 cases each, because the machine has two cores.
proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_stories_agree_with_the_reference_model(story in prop::collection::vec(story_step(), 1..100)) {
        run_story(&story)?;
    }

    #[test]
    fn more_random_stories_agree_with_the_reference_model(story in prop::collection::vec(story_step(), 1..100)) {
        run_story(&story)?;
    }
}
