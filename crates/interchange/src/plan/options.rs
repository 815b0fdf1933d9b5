//! The owner's decisions about an import.

use serde::{Deserialize, Serialize};

/// The owner's decisions about an import. The default imports what readers see in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlanOptions {
    /// Origin of the site, such as `https://blog.example`.
    pub site: String,
    /// Other origins or hosts under which the same posts were or are: former domains, `www.`. Posts of all other hosts are left out.
    pub aliases: Vec<String>,
    /// True if `/post` and `/post.html` are one page of this site (the setting `CLEAN_URLS`).
    pub clean_urls: bool,
    /// Hosts to leave out without naming them in the report as unknown, beside [`DEFAULT_LEFT_OUT`](crate::DEFAULT_LEFT_OUT).
    pub left_out_hosts: Vec<String>,
    /// The one partition to import, from a file with several; see [`Survey`](crate::Survey). Without it, all are imported.
    pub partition: Option<String>,
    /// True to import comments that are marked as spam, to the list of spam.
    pub include_spam: bool,
    /// True to import pingbacks and trackbacks as comments.
    pub include_pingbacks: bool,
    /// Comments that get the badge of the owner.
    pub owner: OwnerRule,
    /// Addresses by hand, a CSV table with the columns `from` and `to`; see [`Plan::address_table`](crate::Plan::address_table).
    pub address_table: String,
    /// Feeds and sitemaps of the blog, for posts without an address.
    #[serde(skip)]
    pub feeds: Vec<Vec<u8>>,
    /// Address of a post that has only a slug, with `{slug}` in its place, such as `/blog/{slug}/`.
    pub slug_rule: Option<String>,
    /// Present time in Unix seconds. Later times in the source are wrong.
    pub latest: i64,
    /// A name for the old site, if comments of several old sites of the same system move to this one: comments with equal ids are then
    /// different ones. It must be the same whenever the same old site is imported.
    pub source_site: String,
}

/// Comments that get the badge of the owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnerRule {
    /// E-mail addresses of the owner, as the owner confirmed them.
    pub emails: Vec<String>,
    /// Names of the owner as an author, for sources without e-mail addresses.
    pub names: Vec<String>,
    /// True if the source's own mark of the owner is taken.
    pub trust_source: bool,
}
