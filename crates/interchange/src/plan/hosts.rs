//! Hosts of posts: those of the site, those that are left out, and all others.

use std::net::IpAddr;

use afterword_model::{CleanUrls, Origin, Sites};
use url::{Host, Url};

use crate::plan::PlanError;
use crate::plan::options::PlanOptions;

/// Hosts that are left out by default: previews, caches, translation proxies and archives. `*.` stands for any subdomain. Addresses of this
/// machine and of private networks are left out too.
pub const DEFAULT_LEFT_OUT: &[&str] = &[
    "*.archive.org",
    "*.archive.ph",
    "*.archive.today",
    "*.local",
    "*.localhost",
    "*.translate.goog",
    "archive.is",
    "archive.org",
    "archive.ph",
    "archive.today",
    "cc.bingj.com",
    "draft.blogger.com",
    "localhost",
    "translate.baiducontent.com",
    "translate.google.com",
    "translate.googleusercontent.com",
    "translate.yandex.net",
    "webcache.googleusercontent.com",
    "www.blogger.com",
    "www.microsofttranslator.com",
    "www.translatoruser-int.com",
];

/// The kind of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostKind {
    /// The site or an alias.
    Own,
    /// Left out on purpose.
    LeftOut,
    /// Not named by the owner.
    Unknown,
}

/// The site of an import, with its aliases and the hosts that are left out.
#[derive(Debug)]
pub(crate) struct SiteHosts {
    pub(crate) sites: Sites,
    pub(crate) origin: Origin,
    left_out: Vec<String>,
}

impl SiteHosts {
    /// The name with and without `www.` is one host, and so are all countries of a Blogger host.
    pub(crate) fn new(options: &PlanOptions) -> Result<Self, PlanError> {
        let site = options.site.trim();
        let origin = Origin::parse(site).ok_or_else(|| PlanError::Site(site.to_owned()))?;
        let mut names = vec![origin.authority().to_owned()];
        for alias in &options.aliases {
            let alias = parse_name(alias).ok_or_else(|| PlanError::Alias(alias.clone()))?;
            push_new(&mut names, alias);
        }
        for name in names.clone() {
            let other = name.strip_prefix("www.").map_or_else(|| format!("www.{name}"), str::to_owned);
            let is_domain = Url::parse(&format!("https://{name}")).is_ok_and(|url| url.domain().is_some());
            if is_domain && other.contains('.') && name.contains('.') {
                push_new(&mut names, other);
            }
            push_new(&mut names, fold_blogger_host(&name).unwrap_or(name));
        }
        let aliases = names.get(1..).unwrap_or_default().join(",");
        let mut sites = Sites::parse(&format!("{}={aliases}", origin.as_str()))
            .map_err(|_| PlanError::Alias(options.aliases.join(" ")))?;
        let clean_urls = if options.clean_urls { CleanUrls::On } else { CleanUrls::Off };
        sites.set_clean_urls(&clean_urls).map_err(|_| PlanError::Site(site.to_owned()))?;
        let own = options.left_out_hosts.iter().map(|host| host.trim().to_ascii_lowercase());
        let left_out = DEFAULT_LEFT_OUT.iter().map(|host| (*host).to_owned()).chain(own).collect();
        Ok(Self { sites, origin, left_out })
    }

    pub(crate) fn kind(&self, url: &Url) -> HostKind {
        if self.sites.resolve_post(url.as_str()).is_ok() {
            return HostKind::Own;
        }
        let Some(host) = url.host() else { return HostKind::Unknown };
        let name = host.to_string().trim_end_matches('.').to_ascii_lowercase();
        let is_left_out = is_private(&host) || self.left_out.iter().any(|pattern| matches_host(pattern, &name));
        if is_left_out { HostKind::LeftOut } else { HostKind::Unknown }
    }
}

/// Host and port of a URL as a text, for the survey.
pub(crate) fn host_of(url: &str) -> Option<String> {
    let url = parse_absolute(url)?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Parses an absolute `http` or `https` URL, also one without a scheme (`//host/path`). Blogger's host of a country is that of all.
pub(crate) fn parse_absolute(text: &str) -> Option<Url> {
    let text = text.trim();
    let with_scheme = text.starts_with("//").then(|| format!("https:{text}"));
    let mut url = Url::parse(with_scheme.as_deref().unwrap_or(text)).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    if let Some(folded) = url.host_str().and_then(fold_blogger_host) {
        url.set_host(Some(&folded)).ok()?;
    }
    url.host_str().is_some().then_some(url)
}

/// `name.blogspot.de` and `name.blogspot.co.uk` are `name.blogspot.com`.
fn fold_blogger_host(host: &str) -> Option<String> {
    let (name, country) = host.split_once(".blogspot.")?;
    let is_country = country.split('.').all(|label| (2..=3).contains(&label.len()));
    (is_country && country.split('.').count() <= 2).then(|| format!("{name}.blogspot.com"))
}

/// Host and port of an alias as an owner types it.
fn parse_name(typed: &str) -> Option<String> {
    let typed = typed.trim().trim_end_matches('/').to_ascii_lowercase();
    if matches!(typed.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
        return Some(typed);
    }
    let with_scheme = if typed.contains("://") { typed } else { format!("https://{typed}") };
    Origin::parse(&with_scheme).map(|origin| origin.authority().to_owned())
}

fn push_new(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => pattern == host,
    }
}

/// True for addresses of this machine and of networks without a way from the Internet (RFC 1918, 3927, 4193, 4291).
fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(_) => false,
        Host::Ipv4(address) => is_private_address(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_private_address(IpAddr::V6(*address)),
    }
}

fn is_private_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local() || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            let mapped = address.to_ipv4_mapped().is_some_and(|address| is_private_address(IpAddr::V4(address)));
            let is_local = address.is_unique_local() || address.is_unicast_link_local();
            mapped || is_local || address.is_loopback() || address.is_unspecified()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(site: &str, aliases: &[&str], url: &str) -> HostKind {
        let options = PlanOptions {
            site: site.to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            left_out_hosts: vec!["staging.example".to_owned()],
            ..PlanOptions::default()
        };
        SiteHosts::new(&options).unwrap().kind(&parse_absolute(url).unwrap())
    }

    #[test]
    fn the_site_its_aliases_and_their_www_are_own_hosts() {
        for url in [
            "https://blog.example/a",
            "http://BLOG.example:80/a",
            "//www.blog.example/a",
            "http://old.example/a",
            "http://www.old.example/a",
            "http://old.blogspot.com.br/2010/01/a.html",
            "http://old.blogspot.com/a",
        ] {
            assert_eq!(
                kind("https://blog.example", &["old.example", "http://old.blogspot.de/"], url),
                HostKind::Own,
                "{url}"
            );
        }
        assert_eq!(kind("https://old.blogspot.de", &[], "http://old.blogspot.fr/a"), HostKind::Own);
        assert_eq!(kind("https://www.blog.example", &[], "http://blog.example/a"), HostKind::Own);
    }

    #[test]
    fn previews_caches_and_private_networks_are_left_out() {
        for url in [
            "http://localhost:4000/a",
            "http://127.0.0.1/a",
            "http://[::1]:1313/a",
            "http://192.168.1.7/a",
            "http://mac.local:8080/a",
            "https://webcache.googleusercontent.com/search?q=cache:blog.example/a",
            "https://blog-example.translate.goog/a",
            "https://web.archive.org/web/2020/https://blog.example/a",
            "https://staging.example/a",
        ] {
            assert_eq!(kind("https://blog.example", &[], url), HostKind::LeftOut, "{url}");
        }
        for url in ["https://other.example/a", "https://notarchive.org/", "http://8.8.8.8/a", "https://xblog.example/"]
        {
            assert_eq!(kind("https://blog.example", &[], url), HostKind::Unknown, "{url}");
        }
    }

    #[test]
    fn an_alias_may_be_a_host_that_is_left_out_by_default() {
        assert_eq!(kind("https://blog.example", &["localhost"], "http://localhost:4000/a"), HostKind::Own);
    }

    #[test]
    fn wrong_names_are_refused() {
        let options = |site: &str, alias: &str| PlanOptions {
            site: site.to_owned(),
            aliases: vec![alias.to_owned()],
            ..PlanOptions::default()
        };
        assert!(matches!(SiteHosts::new(&options("blog", "a.example")), Err(PlanError::Site(_))));
        assert!(matches!(SiteHosts::new(&options("https://a.example/x", "b.example")), Err(PlanError::Site(_))));
        assert!(matches!(SiteHosts::new(&options("https://a.example", "b c")), Err(PlanError::Alias(_))));
    }
}
