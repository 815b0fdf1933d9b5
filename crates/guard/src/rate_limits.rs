//! The rate limits.
//!
//! A limit is a number of comments within a time window, for an author key, for the client's network, for the block around
//! it, or for the whole site. The ledger counts; these are the numbers.
//!
//! A network is not a person: a school, a company or a whole town may share one. So a network may post several times as
//! much as an author, and a class of thirty that comments in one lesson fits. Nobody types two comments in five
//! seconds, and an author who replies to everybody below a post needs some twenty seconds for each reply.
//!
//! With IPv6, a customer who rents one server has 65,536 networks in one block at no cost (a /48, RFC 6177), and a
//! mobile provider has as many customers in one block. So a block may post four times as much as a network: several
//! customers of a block can post at once, but a program cannot use as many networks as it likes.
//!
//! Comments without a proof of work cost their sender nothing. Readers without JavaScript send them, a few in a hundred,
//! and programs do. All of them are held for moderation, and their number on a site is limited to 300 a day, so that a
//! moderator can read them. A sender who exhausts that limit blocks other readers without JavaScript for that day, and
//! nobody else: they are counted separately.

use afterword_model::{InteractionKind, InteractionLimit, LimitScope, RateLimit};

/// A limit for comments with a proof. Above half of it, a comment is suspicious and is held for moderation. Very small limits
/// have no such threshold, and neither has the site, since authors are not responsible for each other.
const fn limit(scope: LimitScope, max_comments: u32, window_seconds: u32) -> RateLimit {
    let suspicious_from = match scope {
        LimitScope::Author | LimitScope::Network | LimitScope::Block if max_comments > 2 => max_comments / 2 + 1,
        _ => u32::MAX,
    };
    RateLimit { scope, with_proof: true, max_comments, suspicious_from, window_seconds }
}

/// A limit for comments without a proof. They are held for moderation anyway.
const fn without_proof(scope: LimitScope, max_comments: u32, window_seconds: u32) -> RateLimit {
    RateLimit { scope, with_proof: false, max_comments, suspicious_from: u32::MAX, window_seconds }
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// The rate limits. They apply if the setting `RATE_LIMITS` is on.
///
/// The daily limit of a site is what the free plan covers: 10 rows for each of 7,300 comments are 73,000 of 100,000 rows. Votes and the
/// other interactions need the rest.
pub const RATE_LIMITS: [RateLimit; 17] = [
    limit(LimitScope::Author, 2, 5),
    limit(LimitScope::Author, 6, MINUTE),
    limit(LimitScope::Author, 60, HOUR),
    limit(LimitScope::Network, 8, 10),
    limit(LimitScope::Network, 120, HOUR),
    limit(LimitScope::Network, 400, DAY),
    limit(LimitScope::Block, 4 * 8, 10),
    limit(LimitScope::Block, 4 * 120, HOUR),
    limit(LimitScope::Block, 4 * 400, DAY),
    limit(LimitScope::Site, 120, MINUTE),
    limit(LimitScope::Site, 7000, DAY),
    without_proof(LimitScope::Network, 6, MINUTE),
    without_proof(LimitScope::Network, 60, DAY),
    without_proof(LimitScope::Block, 10, MINUTE),
    without_proof(LimitScope::Block, 100, DAY),
    without_proof(LimitScope::Site, 15, MINUTE),
    without_proof(LimitScope::Site, 300, DAY),
];

/// A limit for one kind of interaction.
const fn of_interactions(kind: InteractionKind, scope: LimitScope, max: u32, window_seconds: u32) -> InteractionLimit {
    InteractionLimit { kind, scope, max, window_seconds }
}

/// The limits for what readers do beside commenting. They apply if the setting `RATE_LIMITS` is on.
///
/// An author key costs nothing, so only the limits of networks and of the site stop a program. The daily limits of a site are for each
/// kind of interaction: nobody who floods a site with votes keeps authors from editing or deleting what they wrote.
pub const INTERACTION_LIMITS: [InteractionLimit; 22] = [
    of_interactions(InteractionKind::Own, LimitScope::Author, 10, MINUTE),
    of_interactions(InteractionKind::Own, LimitScope::Author, 60, HOUR),
    of_interactions(InteractionKind::Own, LimitScope::Network, 30, MINUTE),
    of_interactions(InteractionKind::Own, LimitScope::Network, 200, DAY),
    of_interactions(InteractionKind::Own, LimitScope::Block, 4 * 30, MINUTE),
    of_interactions(InteractionKind::Own, LimitScope::Block, 350, DAY),
    of_interactions(InteractionKind::Own, LimitScope::Site, 800, DAY),
    of_interactions(InteractionKind::Opinion, LimitScope::Author, 30, MINUTE),
    of_interactions(InteractionKind::Opinion, LimitScope::Author, 200, HOUR),
    of_interactions(InteractionKind::Opinion, LimitScope::Network, 60, MINUTE),
    of_interactions(InteractionKind::Opinion, LimitScope::Network, 400, DAY),
    of_interactions(InteractionKind::Opinion, LimitScope::Block, 4 * 60, MINUTE),
    of_interactions(InteractionKind::Opinion, LimitScope::Block, 800, DAY),
    of_interactions(InteractionKind::Opinion, LimitScope::Site, 2000, DAY),
    of_interactions(InteractionKind::Report, LimitScope::Author, 5, MINUTE),
    of_interactions(InteractionKind::Report, LimitScope::Author, 20, HOUR),
    of_interactions(InteractionKind::Report, LimitScope::Network, 10, MINUTE),
    of_interactions(InteractionKind::Report, LimitScope::Network, 40, DAY),
    of_interactions(InteractionKind::Report, LimitScope::Block, 20, MINUTE),
    of_interactions(InteractionKind::Report, LimitScope::Block, 80, DAY),
    of_interactions(InteractionKind::Report, LimitScope::Site, 60, MINUTE),
    of_interactions(InteractionKind::Report, LimitScope::Site, 300, DAY),
];

/// Number of comments on a site within [`LOAD_WINDOW_SECONDS`] up to which the difficulty stays as configured.
const BASELINE_COMMENTS_PER_MINUTE: u32 = 20;
/// Time window for counting a site's recent comments, in seconds.
pub const LOAD_WINDOW_SECONDS: u32 = MINUTE;
/// Maximum rise of the difficulty, in bits: eight times the usual computing time.
const MAX_EXTRA_BITS: u8 = 3;

/// The difficulty of the proof of work, as in [`crate::ChallengeParams`], for a site with `recent` comments with a proof
/// within the last [`LOAD_WINDOW_SECONDS`]. The cost doubles for each doubling above 20 comments. Zero stays zero: it
/// turns the proof of work off.
pub fn required_difficulty(proof_bits: u8, recent: u32) -> u8 {
    let mut difficulty = proof_bits;
    let mut baseline = BASELINE_COMMENTS_PER_MINUTE;
    while recent > baseline && difficulty > 0 && difficulty < proof_bits.saturating_add(MAX_EXTRA_BITS) {
        difficulty += 1;
        baseline *= 2;
    }
    difficulty
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYBODY: [LimitScope; 4] = [LimitScope::Author, LimitScope::Network, LimitScope::Block, LimitScope::Site];

    fn limits(who: LimitScope, proven: bool) -> Vec<RateLimit> {
        RATE_LIMITS.into_iter().filter(|limit| limit.scope == who && limit.with_proof == proven).collect()
    }

    fn a_day(who: LimitScope, proven: bool) -> u32 {
        limits(who, proven).iter().find(|limit| limit.window_seconds == DAY).unwrap().max_comments
    }

    #[test]
    fn longer_windows_allow_more_posts_at_a_lower_rate() {
        for (who, proven) in EVERYBODY.into_iter().flat_map(|who| [(who, true), (who, false)]) {
            for pair in limits(who, proven).windows(2) {
                assert!(
                    pair[0].window_seconds < pair[1].window_seconds && pair[0].max_comments < pair[1].max_comments,
                    "{pair:?}"
                );
                assert!(
                    pair[0].max_comments * (pair[1].window_seconds / pair[0].window_seconds) > pair[1].max_comments,
                    "{pair:?} has no effect"
                );
            }
        }
    }

    #[test]
    fn block_limits_lie_between_network_and_site_limits() {
        for proven in [true, false] {
            let [network, block, site] =
                [LimitScope::Network, LimitScope::Block, LimitScope::Site].map(|who| a_day(who, proven));
            assert!(network < block && 2 * block < site, "{network} {block} {site}");
        }
    }

    #[test]
    fn a_class_of_thirty_may_comment_in_one_lesson() {
        // One post every two seconds for a minute, and two more by everybody within the hour.
        let network = limits(LimitScope::Network, true);
        assert!(
            network.iter().all(|limit| limit.max_comments >= 90 || limit.window_seconds <= 2 * limit.max_comments),
            "{network:?}"
        );
    }

    #[test]
    fn daily_limits_fit_the_free_plan() {
        // Eight of them in the ledger, two for the alarm.
        const ROWS_OF_A_POST: u32 = 10;
        // Two of them in the ledger, one for the alarm.
        const ROWS_OF_A_KV_WRITE: u32 = 3;
        const KV_WRITES: u32 = 1_000;
        let rows_of = |kind: InteractionKind| match kind {
            // With the alarms for wiping and publishing.
            InteractionKind::Own => 12,
            // All votes of a minute have one alarm.
            InteractionKind::Opinion | InteractionKind::Report => 6,
        };
        let posts = a_day(LimitScope::Site, true) + a_day(LimitScope::Site, false);
        let of_site = |limit: &&InteractionLimit| limit.scope == LimitScope::Site && limit.window_seconds == DAY;
        let interactions: u32 =
            INTERACTION_LIMITS.iter().filter(of_site).map(|limit| limit.max * rows_of(limit.kind)).sum();
        let rows = posts * ROWS_OF_A_POST + KV_WRITES * ROWS_OF_A_KV_WRITE + interactions;
        assert!(rows < 100_000, "{rows}");
    }

    #[test]
    fn every_kind_of_interaction_has_limits_for_networks_and_the_day() {
        for kind in [InteractionKind::Own, InteractionKind::Opinion, InteractionKind::Report] {
            let of = |scope| INTERACTION_LIMITS.iter().filter(move |limit| limit.kind == kind && limit.scope == scope);
            let daily = |scope| of(scope).find(|limit| limit.window_seconds == DAY).map(|limit| limit.max).unwrap();
            let (network, block, site) =
                (daily(LimitScope::Network), daily(LimitScope::Block), daily(LimitScope::Site));
            assert!(network < block && 2 * block < site, "{kind:?}: {network} {block} {site}");
            for scope in EVERYBODY {
                let limits: Vec<_> = of(scope).collect();
                assert!(!limits.is_empty(), "{kind:?} {scope:?}");
                for pair in limits.windows(2) {
                    let rises = pair[0].window_seconds < pair[1].window_seconds && pair[0].max < pair[1].max;
                    let slows = pair[0].max * (pair[1].window_seconds / pair[0].window_seconds) > pair[1].max;
                    assert!(rises && slows, "{pair:?}");
                }
            }
        }
    }

    #[test]
    fn suspicion_starts_above_half_of_the_limit() {
        assert_eq!(limit(LimitScope::Network, 8, 10).suspicious_from, 5);
        assert_eq!(
            limit(LimitScope::Author, 2, 5).suspicious_from,
            u32::MAX,
            "two comments in a row are not suspicious"
        );
        assert_eq!(limit(LimitScope::Site, 120, 60).suspicious_from, u32::MAX);
        assert_eq!(
            without_proof(LimitScope::Network, 60, DAY).suspicious_from,
            u32::MAX,
            "they are held for moderation anyway"
        );
    }

    #[test]
    fn difficulty_rises_with_recent_posts() {
        let expected =
            [(0, 17), (20, 17), (21, 18), (40, 18), (41, 19), (80, 19), (81, 20), (100_000, 20), (u32::MAX, 20)];
        for (recent, bits) in expected {
            assert_eq!(required_difficulty(17, recent), bits, "{recent}");
            assert_eq!(required_difficulty(0, recent), 0, "zero turns the proof off");
        }
        assert_eq!(required_difficulty(u8::MAX, u32::MAX), u8::MAX);
    }
}
