//! The network of a client address, and its keyed pseudonyms. Addresses themselves are never stored.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use afterword_model::{NetworkIds, Origin, encode_hex};

use crate::signing::SigningKey;

const DAY_SECONDS: i64 = 24 * 3600;

/// The network of a client address: the range that one household, school or customer of a provider has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network(Prefix);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefix {
    /// The first 24 bits of an IPv4 address.
    V4([u8; 3]),
    /// The first 64 bits of an IPv6 address, the smallest range that a customer gets (RFC 6177). Every device in it has
    /// 2^64 addresses.
    V6([u16; 4]),
    /// There is no address, or it is malformed. All such clients share one network, so that a malformed address gains
    /// nothing.
    Unknown,
}

/// Never prints the address.
impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network(…)")
    }
}

impl Network {
    /// Parses the client address that the platform reports (`CF-Connecting-IP`).
    pub fn from_address(address: Option<&str>) -> Self {
        let address = address.unwrap_or_default().trim();
        // A zone names a network interface of the machine that wrote the address (RFC 4007, section 11). It has no
        // meaning here.
        let bare = address.split_once('%').map_or(address, |(bare, _)| bare);
        Self(match bare.parse() {
            Ok(IpAddr::V4(address)) => v4_prefix(address),
            Ok(IpAddr::V6(address)) => v6_prefix(address),
            Err(_) => Prefix::Unknown,
        })
    }

    /// The network ids that a site stores on the day of `now` (Unix seconds).
    ///
    /// A network has different ids on every day (in UTC) and on every site. Anyone with the ledger and the signing key
    /// could try all networks, so the ids are deleted after two days.
    pub fn ids(&self, site: &Origin, now: i64, key: &SigningKey) -> NetworkIds {
        let day = now.div_euclid(DAY_SECONDS).to_be_bytes();
        // Derives a key for the day first, so that a MAC of one day reveals nothing about those of another.
        let day_key = key.derive(&[b"prefix", &day]);
        let pseudonym =
            |kind: &[u8], bytes: &[u8]| encode_hex(&day_key.mac(&[site.authority().as_bytes(), kind, bytes]));
        match self.0 {
            Prefix::V4(bytes) => NetworkIds { network: pseudonym(b"4", &bytes), block: None },
            Prefix::V6(groups) => {
                let bytes: Vec<u8> = groups.iter().flat_map(|group| group.to_be_bytes()).collect();
                NetworkIds { network: pseudonym(b"6", &bytes), block: Some(pseudonym(b"48", &bytes[..6])) }
            }
            Prefix::Unknown => NetworkIds { network: pseudonym(b"?", &[]), block: None },
        }
    }

    /// The network ids of the previous day. They match records that were stored yesterday.
    pub fn ids_of_previous_day(&self, site: &Origin, now: i64, key: &SigningKey) -> NetworkIds {
        self.ids(site, now.saturating_sub(DAY_SECONDS), key)
    }
}

fn v4_prefix(address: Ipv4Addr) -> Prefix {
    let [a, b, c, _] = address.octets();
    Prefix::V4([a, b, c])
}

/// An IPv4-mapped address is the same client as the IPv4 address.
fn v6_prefix(address: Ipv6Addr) -> Prefix {
    match address.to_ipv4_mapped() {
        Some(address) => v4_prefix(address),
        None => {
            let [a, b, c, d, ..] = address.segments();
            Prefix::V6([a, b, c, d])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_321_000_000;

    fn network_id(address: &str, site: &str, now: i64) -> String {
        let key = SigningKey::parse(&"s".repeat(32)).unwrap();
        Network::from_address(Some(address)).ids(&Origin::parse(site).unwrap(), now, &key).network
    }

    #[track_caller]
    fn same(addresses: &[&str], expected: Prefix) {
        for address in addresses {
            assert!(Network::from_address(Some(address)).0 == expected, "{address}");
        }
    }

    #[test]
    fn an_ipv4_network_is_a_24_bit_prefix() {
        same(&["203.0.113.0", "203.0.113.7", " 203.0.113.255 "], Prefix::V4([203, 0, 113]));
        same(&["::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:203.0.113.9"], Prefix::V4([203, 0, 113]));
        same(&["203.0.114.7"], Prefix::V4([203, 0, 114]));
    }

    #[test]
    fn an_ipv6_network_is_a_64_bit_prefix() {
        let network = Prefix::V6([0x2001, 0xdb8, 1, 2]);
        same(&["2001:db8:1:2::", "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::1%eth0"], network);
        same(&["2001:db8:1:3::1"], Prefix::V6([0x2001, 0xdb8, 1, 3]));
        same(&["fe80::1%25en0", "fe80::2%", "fe80::"], Prefix::V6([0xfe80, 0, 0, 0]));
        // The deprecated form without `ffff` is an ordinary IPv6 address.
        same(&["::1", "::203.0.113.7"], Prefix::V6([0, 0, 0, 0]));
    }

    #[test]
    fn malformed_addresses_share_one_network() {
        for garbage in [
            "",
            " ",
            "unknown",
            "203.0.113",
            "203.0.113.256",
            "203.0.113.07",
            "0xcb.0.113.7",
            "203.0.113.7:4711",
            "203.0.113.7, 198.51.100.1",
            "[2001:db8::1]",
            "[2001:db8::1]:443",
            "2001:db8:::1",
            "2001:db8",
            "12345::",
            "%eth0",
            "２０３.0.113.7",
        ] {
            assert!(Network::from_address(Some(garbage)).0 == Prefix::Unknown, "{garbage}");
        }
        assert!(Network::from_address(None).0 == Prefix::Unknown);
    }

    #[test]
    fn ids_depend_on_network_site_and_day() {
        let ada = network_id("203.0.113.7", "https://blog.example", NOW);
        assert_eq!(ada, network_id("203.0.113.8", "http://blog.example", NOW + 3600));
        assert_eq!(ada.len(), 64);
        for other in [
            network_id("203.0.112.7", "https://blog.example", NOW),
            network_id("203.0.113.7", "https://other.example", NOW),
            network_id("203.0.113.7", "https://blog.example", NOW + DAY_SECONDS),
            network_id("cb00:7100::", "https://blog.example", NOW),
            network_id("garbage", "https://blog.example", NOW),
        ] {
            assert_ne!(ada, other);
        }
    }

    #[test]
    fn ids_of_the_previous_day_match_and_days_start_at_midnight() {
        let (site, key) = (Origin::parse("https://blog.example").unwrap(), SigningKey::parse(&"s".repeat(32)).unwrap());
        let network = Network::from_address(Some("2001:db8:1:2::3"));
        let today = network.ids(&site, NOW, &key);
        let yesterday = network.ids_of_previous_day(&site, NOW, &key);
        assert_eq!(network.ids_of_previous_day(&site, NOW + DAY_SECONDS, &key), today);
        assert!(today.network != yesterday.network && today.block != yesterday.block);
        let midnight = NOW - NOW.rem_euclid(DAY_SECONDS);
        assert_eq!(network.ids(&site, midnight, &key), today);
        assert_eq!(network.ids(&site, midnight - 1, &key), yesterday);
        // Times before 1970 and at the limits of `i64` work as well.
        for odd in [-1, i64::MIN, i64::MAX] {
            assert_ne!(network.ids(&site, odd, &key), today);
            assert_ne!(network.ids_of_previous_day(&site, odd, &key), today);
        }
    }

    #[test]
    fn ipv6_networks_belong_to_blocks() {
        let key = SigningKey::parse(&"s".repeat(32)).unwrap();
        let site = Origin::parse("https://blog.example").unwrap();
        let ids = |address| Network::from_address(Some(address)).ids(&site, NOW, &key);
        let (one, two) = (ids("2001:db8:1:2::3"), ids("2001:db8:1:ffff::"));
        assert!(one.network != two.network && one.block == two.block);
        assert_ne!(ids("2001:db8:2:2::3").block, one.block);
        assert!(one.block.is_some_and(|block| block.len() == 64 && block != one.network));
        for alone in ["203.0.113.7", "::ffff:203.0.113.7", "garbage"] {
            assert_eq!(ids(alone).block, None, "{alone}");
        }
    }

    #[test]
    fn addresses_are_not_printed() {
        assert!(!format!("{:?}", Network::from_address(Some("203.0.113.7"))).contains("203"));
    }
}
