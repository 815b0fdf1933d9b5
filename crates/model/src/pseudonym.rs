//! Keyed pseudonyms that a site stores in place of author keys and network addresses.

use serde::{Deserialize, Serialize};

/// The pseudonym of an author key on one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorId {
    /// The keyed hash, 64 hexadecimal digits. One key has one hash per site, and the hashes of different sites are
    /// unrelated. Private.
    pub hash: String,
    /// Six letters and digits. Public.
    pub mark: String,
}

/// The pseudonyms of a network on one day, each of 64 hexadecimal digits. They change every day and are stored for at
/// most two days. Private.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkIds {
    /// The id of the network.
    pub network: String,
    /// The id of the block that contains the network, the first 48 bits of an IPv6 address. A customer who rents one
    /// server may have a whole block (RFC 6177).
    pub block: Option<String>,
}
