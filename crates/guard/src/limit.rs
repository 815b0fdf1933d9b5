//! How often one may post.
//!
//! A limit is a number of posts within a number of seconds, for an author key, for the network a post comes from, or for the site as a
//! whole. The ledger counts; these are the numbers.
//!
//! A network (`Prefix`) is not a person: a school, a company or a whole town may sit behind one. So it may do several times what an
//! author may, and a class of thirty that comments in one lesson fits. Nobody types two comments in five seconds, and who
//! answers everybody below a post needs some twenty seconds for each.

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The author key, if one was sent.
    Author,
    /// The network, by its seal of the day.
    Prefix,
    /// The site.
    Site,
}

/// At most so many posts within so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Who is counted.
    pub who: Who,
    /// Posts that are taken; the next one is refused with `429`.
    pub posts: u32,
    /// Within so many seconds.
    pub seconds: u32,
}

const fn limit(who: Who, posts: u32, seconds: u32) -> Limit {
    Limit { who, posts, seconds }
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// The limits, where `RATE_LIMITS` is on.
///
/// What a site may take in a day is what the free plan pays for: 8 rows for each of 8,000 posts are 64,000 of 100,000 rows.
pub const LIMITS: [Limit; 8] = [
    limit(Who::Author, 2, 5),
    limit(Who::Author, 6, MINUTE),
    limit(Who::Author, 60, HOUR),
    limit(Who::Prefix, 8, 10),
    limit(Who::Prefix, 120, HOUR),
    limit(Who::Prefix, 400, DAY),
    limit(Who::Site, 120, MINUTE),
    limit(Who::Site, 8000, DAY),
];

/// From this share of a limit on, a post is one of suspiciously many: it waits for a moderator.
const MANY: u32 = 2;

impl Limit {
    /// Posts of the same author or network within the time from which on one more is suspicious. Small numbers never are, and what the
    /// others on a site do is nobody's fault.
    pub const fn many(&self) -> u32 {
        match self.who {
            Who::Author | Who::Prefix if self.posts > 2 => self.posts / MANY + 1,
            _ => u32::MAX,
        }
    }
}

/// Posts of a site within [`CALM_SECONDS`] up to which the proof of work stays what it is set to.
const CALM: u32 = 20;
/// The time in which a site's recent posts are counted, in seconds.
pub const CALM_SECONDS: u32 = MINUTE;
/// The most by which work rises, in powers of two: eight times what a reader waits for otherwise.
const STEEPEST: u8 = 3;

/// The work that a post costs, as in [`crate::Terms`], on a site with so many posts in the last [`CALM_SECONDS`]: twice as much for each
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

    #[test]
    fn longer_limits_allow_more_but_less_often() {
        for who in [Who::Author, Who::Prefix, Who::Site] {
            let limits: Vec<_> = LIMITS.iter().filter(|limit| limit.who == who).collect();
            for pair in limits.windows(2) {
                assert!(pair[0].seconds < pair[1].seconds && pair[0].posts < pair[1].posts, "{pair:?}");
                assert!(pair[0].posts * (pair[1].seconds / pair[0].seconds) > pair[1].posts, "{pair:?} says nothing");
            }
        }
    }

    #[test]
    fn a_class_of_thirty_may_comment_in_one_lesson() {
        let prefix: Vec<_> = LIMITS.iter().filter(|limit| limit.who == Who::Prefix).collect();
        // One post every two seconds for a minute, and two more of everybody within the hour.
        assert!(prefix.iter().all(|limit| limit.posts >= 90 || limit.seconds <= 2 * limit.posts), "{prefix:?}");
    }

    #[test]
    fn a_day_fits_the_free_plan() {
        const ROWS_OF_A_POST: u32 = 8;
        let day = LIMITS.iter().find(|limit| limit.who == Who::Site && limit.seconds == DAY).unwrap();
        assert!(day.posts * ROWS_OF_A_POST < 100_000);
    }

    #[test]
    fn many_is_more_than_half_of_what_is_allowed() {
        assert_eq!(limit(Who::Prefix, 8, 10).many(), 5);
        assert_eq!(limit(Who::Author, 2, 5).many(), u32::MAX, "two comments in a row are not suspicious");
        assert_eq!(limit(Who::Site, 120, 60).many(), u32::MAX);
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
