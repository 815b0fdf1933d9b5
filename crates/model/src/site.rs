//! The configured sites: their origins and aliases.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use url::Url;

use crate::canonical_url::{UrlRules, dropped_parameters, route};
use crate::post_url::{PostUrl, PostUrlError, authority, host, parse_http};
use crate::refusal::Refusal;
use crate::tracking_parameters::ParameterGroup;

/// The origin of a blog, such as `https://blog.example`. Two origins that differ only in `http` and `https` are equal.
#[derive(Clone, Debug)]
pub struct Origin {
    text: String,
    authority: String,
}

impl Origin {
    /// Parses scheme, host and port. A single trailing slash is accepted, a path is not.
    pub fn parse(text: &str) -> Option<Self> {
        let url = parse_http(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let plain = url.username().is_empty() && url.password().is_none();
        let authority = authority(&url)?;
        (bare && plain).then(|| Self { text: format!("{}://{authority}", url.scheme()), authority })
    }

    /// The origin in the serialization of browsers.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port, without a default port. This is the site's key in storage, and it stays the same when a blog
    /// moves to `https`.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        self.authority == other.authority
    }
}

impl Eq for Origin {}

/// An alias of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Alias {
    Origin(Origin),
    /// `localhost`, `127.0.0.1` or `[::1]` on any port: the blog's generator may choose any port for its preview.
    Loopback(String),
}

/// A blog: its origin and its aliases.
#[derive(Clone, Debug)]
pub struct Site {
    origin: Origin,
    aliases: Vec<Alias>,
    rules: UrlRules,
}

impl Site {
    /// The site's own origin. The URLs of all its posts have its host.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The rules for the URLs of its posts.
    pub fn rules(&self) -> UrlRules {
        self.rules
    }

    fn has_name(&self, name: &Alias) -> bool {
        match name {
            Alias::Origin(origin) => self.has_authority(&origin.authority),
            Alias::Loopback(host) => self.has_loopback(host),
        }
    }

    fn has_authority(&self, authority: &str) -> bool {
        let is_match = |alias: &Alias| matches!(alias, Alias::Origin(origin) if origin.authority == authority);
        self.origin.authority == authority || self.aliases.iter().any(is_match)
    }

    fn has_loopback(&self, host: &str) -> bool {
        self.aliases.iter().any(|alias| matches!(alias, Alias::Loopback(loopback) if loopback == host))
    }
}

/// All sites that one Worker serves.
#[derive(Clone, Debug)]
pub struct Sites(Vec<Site>);

/// A post of a configured site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRef {
    /// The origin of the site.
    pub site: Origin,
    /// The canonical URL of the post, with the host of that origin.
    pub url: PostUrl,
    /// The URL as requested, without credentials, and without a fragment unless that names a page. Links back to the post
    /// use it.
    pub requested_url: String,
    /// The canonical URL under which an earlier version, or other settings, would have stored the thread, if it differs.
    /// The thread is there until its ledger has moved it.
    pub former_url: Option<PostUrl>,
}

/// An error in the setting `SITES`, with the invalid words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// No site is configured.
    #[error("names no site; write the origin of your blog, such as https://blog.example")]
    Empty,
    /// The word is not an origin.
    #[error("has {0:?}, which is not an origin; write https://blog.example, without a path, and a space between sites")]
    NotAnOrigin(String),
    /// Two sites have the same name, or one site has it twice.
    #[error("has {0:?} twice")]
    Duplicate(String),
    /// The origin belongs to no site.
    #[error("has {0:?}, which is not the origin of a blog in SITES")]
    Unknown(String),
}

/// The setting `CLEAN_URLS`: the sites on which `/post`, `/post.html` and `/post.htm` are one page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CleanUrls {
    /// No site.
    #[default]
    Off,
    /// All sites.
    On,
    /// The sites with these origins.
    Sites(Vec<Origin>),
}

impl CleanUrls {
    /// Parses the setting: `on`, `off`, or origins separated by white space.
    ///
    /// # Errors
    ///
    /// The first word that is not an origin.
    pub fn parse(setting: &str) -> Result<Self, SiteError> {
        match setting.trim() {
            "off" | "" => Ok(Self::Off),
            "on" => Ok(Self::On),
            origins => {
                let parse = |word: &str| Origin::parse(word).ok_or_else(|| SiteError::NotAnOrigin(word.to_owned()));
                origins.split_whitespace().map(parse).collect::<Result<_, _>>().map(Self::Sites)
            }
        }
    }

    /// Returns true if the rule holds for a site.
    pub fn includes(&self, site: &Origin) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Sites(origins) => origins.contains(site),
        }
    }
}

impl Sites {
    /// Parses the setting `SITES`: `origin` or `origin=alias,alias`, separated by white space.
    ///
    /// An alias is an origin, a host with or without a port, or `localhost`, `127.0.0.1` or `[::1]`, which stand for
    /// any port.
    ///
    /// # Errors
    ///
    /// The first entry that is not an origin, or that repeats a name of an earlier entry.
    pub fn parse(setting: &str) -> Result<Self, SiteError> {
        let mut sites = Self(Vec::new());
        for entry in setting.split_whitespace() {
            let (name, aliases) = entry.split_once('=').unwrap_or((entry, ""));
            let origin = Origin::parse(name).ok_or_else(|| SiteError::NotAnOrigin(entry.to_owned()))?;
            sites.check_unused(&Alias::Origin(origin.clone()), name)?;
            sites.0.push(Site { origin, aliases: Vec::new(), rules: UrlRules::DEFAULT });
            for word in aliases.split(',').filter(|word| !word.is_empty()) {
                let alias = parse_alias(word).ok_or_else(|| SiteError::NotAnOrigin(word.to_owned()))?;
                sites.check_unused(&alias, word)?;
                if let Some(site) = sites.0.last_mut() {
                    site.aliases.push(alias);
                }
            }
        }
        if sites.0.is_empty() { Err(SiteError::Empty) } else { Ok(sites) }
    }

    /// Applies the setting `CLEAN_URLS`.
    ///
    /// # Errors
    ///
    /// The first origin of the setting that is not the own origin of a site.
    pub fn set_clean_urls(&mut self, setting: &CleanUrls) -> Result<(), SiteError> {
        if let CleanUrls::Sites(origins) = setting {
            let is_unknown = |origin: &&Origin| !self.0.iter().any(|site| site.origin == **origin);
            if let Some(origin) = origins.iter().find(is_unknown) {
                return Err(SiteError::Unknown(origin.as_str().to_owned()));
            }
        }
        for site in &mut self.0 {
            site.rules = UrlRules::with_clean_urls(setting.includes(&site.origin));
        }
        Ok(())
    }

    /// All sites, in the order of the setting.
    pub fn iter(&self) -> impl Iterator<Item = &Site> {
        self.0.iter()
    }

    /// The site to which a page of this origin belongs. `origin` is the value of an `Origin` header.
    ///
    /// Only the exact form that browsers send is accepted: the ASCII serialization of the HTML standard (lower-case
    /// scheme and host, no default port, nothing after it). A text that merely parses to a configured origin is
    /// rejected.
    pub fn find_by_origin(&self, origin: &str) -> Option<&Site> {
        let url = parse_http(origin).ok()?;
        // The default port of the other scheme is dropped from the URL of a post, but it makes a different origin.
        let foreign_port = matches!(url.port(), Some(80 | 443));
        let exact = url.origin().ascii_serialization() == origin;
        (exact && !foreign_port).then(|| self.find_by_url(&url)).flatten()
    }

    /// The post that a URL names, with the canonical URL under the site's own origin.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadUrl`], [`Refusal::UrlTooLong`], or [`Refusal::UnknownSite`] for a host that is not configured.
    pub fn resolve_post(&self, url: &str) -> Result<PostRef, Refusal> {
        let mut named = parse_http(url).map_err(to_refusal)?;
        let site = self.find_by_url(&named).ok_or(Refusal::UnknownSite)?;
        let with_rules = |rules| PostUrl::with_authority(&site.origin.authority, &named, rules);
        let url = with_rules(site.rules).map_err(to_refusal)?;
        let former_url = with_rules(UrlRules::FIRST).ok().filter(|former| *former != url);
        let route = named.fragment().and_then(route).filter(|_| url.has_route()).map(str::to_owned);
        named.set_fragment(route.as_deref());
        // Neither call fails for a URL that has a host.
        let (Ok(()), Ok(())) = (named.set_username(""), named.set_password(None)) else { return Err(Refusal::BadUrl) };
        Ok(PostRef { site: site.origin.clone(), url, requested_url: named.into(), former_url })
    }

    /// The parameters of a URL that its canonical URL leaves out, by name, and who adds them. For the owner of a blog.
    pub fn dropped_parameters(&self, url: &str) -> Vec<(String, &'static ParameterGroup)> {
        let Ok(url) = parse_http(url) else { return Vec::new() };
        dropped_parameters(&url, self.find_by_url(&url).map_or(UrlRules::DEFAULT, Site::rules))
    }

    /// An exact name has priority over a loopback alias, which matches all ports.
    fn find_by_url(&self, url: &Url) -> Option<&Site> {
        let (authority, host) = (authority(url)?, host(url)?);
        let exact = self.0.iter().find(|site| site.has_authority(&authority));
        exact.or_else(|| self.0.iter().find(|site| site.has_loopback(host)))
    }

    fn check_unused(&self, name: &Alias, word: &str) -> Result<(), SiteError> {
        let taken = self.0.iter().any(|site| site.has_name(name));
        if taken { Err(SiteError::Duplicate(word.to_owned())) } else { Ok(()) }
    }
}

fn parse_alias(word: &str) -> Option<Alias> {
    let word = word.to_ascii_lowercase();
    if matches!(word.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
        return Some(Alias::Loopback(word));
    }
    let with_scheme = if word.contains("://") { word } else { format!("https://{word}") };
    Origin::parse(&with_scheme).map(Alias::Origin)
}

fn to_refusal(error: PostUrlError) -> Refusal {
    match error {
        PostUrlError::NotHttp => Refusal::BadUrl,
        PostUrlError::TooLong => Refusal::UrlTooLong,
    }
}

/// The moderation policy for new comments. The setting `MODERATION` has the names in lower case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Moderation {
    /// The comment is published at once.
    Open,
    /// The comment is held for moderation if its author key has no published comment on this site yet.
    #[default]
    First,
    /// The comment is held for moderation.
    All,
}
