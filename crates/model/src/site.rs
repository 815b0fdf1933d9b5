//! Which blogs are served: configured origins, and the other names they go by.

use url::Url;

use crate::post_url::{authority, parse_http};
use crate::{PostUrl, PostUrlError, Refusal};

/// The origin of a blog, such as `https://blog.example`. Two origins that differ only in `http` and `https` are one.
#[derive(Clone, Debug)]
pub struct Origin {
    text: String,
    authority: String,
}

impl Origin {
    /// Reads scheme, host and port; a lone trailing slash is forgiven, a path is not.
    pub fn parse(text: &str) -> Option<Self> {
        let url = parse_http(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let plain = url.username().is_empty() && url.password().is_none();
        let authority = authority(&url)?;
        (bare && plain).then(|| Self { text: format!("{}://{authority}", url.scheme()), authority })
    }

    /// The origin as browsers write it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port, which is what makes it this origin and no other.
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

/// Another name of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Alias {
    Origin(Origin),
    /// `localhost`, `127.0.0.1` or `[::1]` without a port: whatever port the blog's generator picks for its preview.
    Loopback(String),
}

/// A blog: its origin and the other names it goes by.
#[derive(Clone, Debug)]
pub struct Site {
    origin: Origin,
    aliases: Vec<Alias>,
}

impl Site {
    /// The origin that names the site, and whose host is in the addresses of all its posts.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    fn answers_to(&self, url: &Url) -> bool {
        let Some(authority) = authority(url) else { return false };
        let host = url.host_str().unwrap_or_default();
        self.origin.authority == authority
            || self.aliases.iter().any(|alias| match alias {
                Alias::Origin(origin) => origin.authority == authority,
                Alias::Loopback(loopback) => loopback == host,
            })
    }
}

/// All blogs served by one Worker.
#[derive(Clone, Debug)]
pub struct Sites(Vec<Site>);

/// A post of a configured site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The origin of the site.
    pub site: Origin,
    /// The post.
    pub url: PostUrl,
}

/// What is wrong with the setting `SITES`; each carries the words at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteError {
    /// Nothing is configured.
    Empty,
    /// Not an origin.
    NotAnOrigin(String),
    /// Two sites, or one site twice, by the same name.
    Twice(String),
}

impl std::fmt::Display for SiteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("names no site; write the origin of your blog, such as https://blog.example"),
            Self::NotAnOrigin(word) => {
                write!(f, "has {word:?}, which is not an origin; write https://blog.example, without a path")
            }
            Self::Twice(word) => write!(f, "has {word:?} twice"),
        }
    }
}

impl std::error::Error for SiteError {}

impl Sites {
    /// Reads the setting `SITES`: `origin` or `origin=alias,alias`, separated by white space.
    ///
    /// # Errors
    ///
    /// The first entry that is no origin, or that names what an earlier one named.
    pub fn parse(setting: &str) -> Result<Self, SiteError> {
        let mut sites = Self(Vec::new());
        for entry in setting.split_whitespace() {
            let (name, aliases) = entry.split_once('=').unwrap_or((entry, ""));
            let origin = Origin::parse(name).ok_or_else(|| SiteError::NotAnOrigin(name.to_owned()))?;
            sites.claim(origin.as_str(), name)?;
            sites.0.push(Site { origin, aliases: Vec::new() });
            for word in aliases.split(',').filter(|word| !word.is_empty()) {
                let (alias, sample) = parse_alias(word)?;
                sites.claim(&sample, word)?;
                if let Some(site) = sites.0.last_mut() {
                    site.aliases.push(alias);
                }
            }
        }
        if sites.0.is_empty() { Err(SiteError::Empty) } else { Ok(sites) }
    }

    /// All of them, in the order of the setting.
    pub fn iter(&self) -> impl Iterator<Item = &Site> {
        self.0.iter()
    }

    /// The site that a page of this origin belongs to; `origin` is the value of an `Origin` header.
    pub fn of_origin(&self, origin: &str) -> Option<&Site> {
        Origin::parse(origin)?;
        self.of_url(&parse_http(origin).ok()?)
    }

    /// The post that any address of it names, under the host of its site's own origin.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadUrl`], [`Refusal::UrlTooLong`], or [`Refusal::UnknownSite`] for a host that is not configured.
    pub fn place(&self, url: &str) -> Result<Place, Refusal> {
        let url = parse_http(url).map_err(refusal)?;
        let site = self.of_url(&url).ok_or(Refusal::UnknownSite)?;
        let url = PostUrl::at(&site.origin.authority, &url).map_err(refusal)?;
        Ok(Place { site: site.origin.clone(), url })
    }

    fn of_url(&self, url: &Url) -> Option<&Site> {
        self.0.iter().find(|site| site.answers_to(url))
    }

    fn claim(&self, sample: &str, word: &str) -> Result<(), SiteError> {
        let taken = Url::parse(sample).is_ok_and(|url| self.of_url(&url).is_some());
        if taken { Err(SiteError::Twice(word.to_owned())) } else { Ok(()) }
    }
}

/// An alias and a URL that it answers to.
fn parse_alias(word: &str) -> Result<(Alias, String), SiteError> {
    let with_scheme = if word.contains("://") { word.to_owned() } else { format!("https://{word}") };
    let origin = Origin::parse(&with_scheme).ok_or_else(|| SiteError::NotAnOrigin(word.to_owned()))?;
    let alias = match origin.authority.as_str() {
        host @ ("localhost" | "127.0.0.1" | "[::1]") if word == host => Alias::Loopback(host.to_owned()),
        _ => Alias::Origin(origin),
    };
    Ok((alias, with_scheme))
}

fn refusal(error: PostUrlError) -> Refusal {
    match error {
        PostUrlError::NotHttp => Refusal::BadUrl,
        PostUrlError::TooLong => Refusal::UrlTooLong,
    }
}

/// What becomes of a new comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moderation {
    /// It is published at once.
    Open,
    /// It waits if its author key has no published comment on this site yet.
    #[default]
    First,
    /// It waits.
    All,
}

impl Moderation {
    /// Reads the setting `MODERATION`.
    pub fn parse(setting: &str) -> Option<Self> {
        match setting {
            "open" => Some(Self::Open),
            "first" => Some(Self::First),
            "all" => Some(Self::All),
            _ => None,
        }
    }
}
