//! How often one may post.
//!
//! A limit is a number of posts within a number of seconds, for an author key, for the network a post comes from, for the block around it,
//! or for the site as a whole. The ledger counts; these are the numbers.
//!
//! A network is not a person: a school, a company or a whole town may sit behind one. So it may do several times what an
//! author may, and a class of thirty that comments in one lesson fits. Nobody types two comments in five seconds, and who
//! answers everybody below a post needs some twenty seconds for each.
//!
//! Of IPv6, whoever rents a server has 65,536 networks in one block for nothing (a /48, RFC 6177), and a provider of phones has as many
//! customers in one. So a block may do four times what a network may: four houses of one street can be busy at once, and a program cannot
//! become as many as it likes.
//!
//! Posts without a proof of work cost their sender nothing: readers without JavaScript send them, a few in a hundred, and programs. All of
//! them wait, and a moderator reads three hundred in a day at the very most. Whoever uses up what a site takes of them keeps others
//! without JavaScript from writing for that day, and nobody else: they count for themselves.

use afterword_model::{Limit, Who};

/// A limit for posts with a proof. From half of it on, a post is one of suspiciously many, and waits for a moderator. Small numbers never
/// are, and what the others on a site do is nobody's fault.
const fn limit(who: Who, posts: u32, seconds: u32) -> Limit {
    let many = match who {
        Who::Author | Who::Network | Who::Block if posts > 2 => posts / 2 + 1,
        _ => u32::MAX,
    };
    Limit { who, proven: true, posts, many, seconds }
}

/// A limit for posts without one: they wait anyway.
const fn unproven(who: Who, posts: u32, seconds: u32) -> Limit {
    Limit { who, proven: false, posts, many: u32::MAX, seconds }
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// The limits, where `RATE_LIMITS` is on.
///
/// What a site may take in a day is what the free plan pays for: 8 rows for each of 8,300 posts are 66,400 of 100,000 rows.
pub const LIMITS: [Limit; 17] = [
    limit(Who::Author, 2, 5),
    limit(Who::Author, 6, MINUTE),
    limit(Who::Author, 60, HOUR),
    limit(Who::Network, 8, 10),
    limit(Who::Network, 120, HOUR),
    limit(Who::Network, 400, DAY),
    limit(Who::Block, 4 * 8, 10),
    limit(Who::Block, 4 * 120, HOUR),
    limit(Who::Block, 4 * 400, DAY),
    limit(Who::Site, 120, MINUTE),
    limit(Who::Site, 8000, DAY),
    unproven(Who::Network, 6, MINUTE),
    unproven(Who::Network, 60, DAY),
    unproven(Who::Block, 10, MINUTE),
    unproven(Who::Block, 100, DAY),
    unproven(Who::Site, 15, MINUTE),
    unproven(Who::Site, 300, DAY),
];

/// Posts of a site within [`CALM_SECONDS`] up to which the proof of work stays what it is set to.
const CALM: u32 = 20;
/// The time in which a site's recent posts are counted, in seconds.
pub const CALM_SECONDS: u32 = MINUTE;
/// The most by which work rises, in powers of two: eight times what a reader waits for otherwise.
const STEEPEST: u8 = 3;

/// The work that a post costs, as in [`crate::Terms`], on a site with so many posts with a proof in the last [`CALM_SECONDS`]: twice as much for each
/// doubling above 20. Zero stays zero: the proof is switched off.
pub fn work(proof_bits: u8, recent: u32) -> u8 {
    let mut work = proof_bits;
    let mut calm = CALM;
    while recent > calm && work > 0 && work < proof_bits.saturating_add(STEEPEST) {
        work += 1;
        calm *= 2;
    }
    work
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYBODY: [Who; 4] = [Who::Author, Who::Network, Who::Block, Who::Site];

    fn limits(who: Who, proven: bool) -> Vec<Limit> {
        LIMITS.into_iter().filter(|limit| limit.who == who && limit.proven == proven).collect()
    }

    fn a_day(who: Who, proven: bool) -> u32 {
        limits(who, proven).iter().find(|limit| limit.seconds == DAY).unwrap().posts
    }

    #[test]
    fn longer_limits_allow_more_but_less_often() {
        for (who, proven) in EVERYBODY.into_iter().flat_map(|who| [(who, true), (who, false)]) {
            for pair in limits(who, proven).windows(2) {
                assert!(pair[0].seconds < pair[1].seconds && pair[0].posts < pair[1].posts, "{pair:?}");
                assert!(pair[0].posts * (pair[1].seconds / pair[0].seconds) > pair[1].posts, "{pair:?} says nothing");
            }
        }
    }

    #[test]
    fn a_block_is_more_than_a_network_and_less_than_a_site() {
        for proven in [true, false] {
            let [network, block, site] = [Who::Network, Who::Block, Who::Site].map(|who| a_day(who, proven));
            assert!(network < block && 2 * block < site, "{network} {block} {site}");
        }
    }

    #[test]
    fn a_class_of_thirty_may_comment_in_one_lesson() {
        // One post every two seconds for a minute, and two more of everybody within the hour.
        let network = limits(Who::Network, true);
        assert!(network.iter().all(|limit| limit.posts >= 90 || limit.seconds <= 2 * limit.posts), "{network:?}");
    }

    #[test]
    fn a_day_fits_the_free_plan() {
        const ROWS_OF_A_POST: u32 = 8;
        assert!((a_day(Who::Site, true) + a_day(Who::Site, false)) * ROWS_OF_A_POST < 70_000);
    }

    #[test]
    fn many_is_more_than_half_of_what_is_allowed() {
        assert_eq!(limit(Who::Network, 8, 10).many, 5);
        assert_eq!(limit(Who::Author, 2, 5).many, u32::MAX, "two comments in a row are not suspicious");
        assert_eq!(limit(Who::Site, 120, 60).many, u32::MAX);
        assert_eq!(unproven(Who::Network, 60, DAY).many, u32::MAX, "they wait anyway");
    }

    #[test]
    fn work_rises_with_what_is_posted() {
        let expected =
            [(0, 17), (20, 17), (21, 18), (40, 18), (41, 19), (80, 19), (81, 20), (100_000, 20), (u32::MAX, 20)];
        for (recent, bits) in expected {
            assert_eq!(work(17, recent), bits, "{recent}");
            assert_eq!(work(0, recent), 0, "switched off is off");
        }
        assert_eq!(work(u8::MAX, u32::MAX), u8::MAX);
    }
}
