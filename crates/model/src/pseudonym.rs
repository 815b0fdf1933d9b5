//! What a site keeps of who writes, and from where: never the thing itself.

use serde::{Deserialize, Serialize};

/// What a site keeps of an author key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorId {
    /// The keyed hash, 64 hexadecimal digits: the same for one key on one site, unrelated on any other. Private.
    pub hash: String,
    /// Six letters and digits, public.
    pub mark: String,
}

/// What a site keeps of a network for a day or two: seals, each 64 hexadecimal digits, that are others on every day. Private.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkIds {
    /// That of the network.
    pub network: String,
    /// That of the block around it, the first 48 bits of an IPv6 address, which whoever rents a server may have for himself (RFC 6177).
    pub block: Option<String>,
}
