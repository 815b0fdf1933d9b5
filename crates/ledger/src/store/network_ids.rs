//! Network ids as stored in one column.

use afterword_model::NetworkIds;

/// The ids of a day as one text: the id of the block follows that of the network after a space, which no id contains.
pub(crate) fn network_ids_text(ids: &NetworkIds) -> String {
    match &ids.block {
        Some(block) => format!("{} {block}", ids.network),
        None => ids.network.clone(),
    }
}

/// Parses the result of [`network_ids_text`].
pub(crate) fn parse_network_ids(text: &str) -> NetworkIds {
    match text.split_once(' ') {
        Some((network, block)) => NetworkIds { network: network.to_owned(), block: Some(block.to_owned()) },
        None => NetworkIds { network: text.to_owned(), block: None },
    }
}

const DAY_SECONDS: i64 = 24 * 3600;

/// Unix time at which the network id of a comment created at `created` stops matching: an id is recognized on its own day and on the
/// next one (days are those of UTC).
pub fn network_id_expiry(created: i64) -> i64 {
    (created.div_euclid(DAY_SECONDS) + 2) * DAY_SECONDS
}

/// Unix time of the beginning of the day before `now`. Network ids of comments from before it no longer match.
pub(crate) fn start_of_previous_day(now: i64) -> i64 {
    now.div_euclid(DAY_SECONDS).saturating_sub(1).saturating_mul(DAY_SECONDS)
}
