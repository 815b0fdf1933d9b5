//! Canonical links that cannot be right, and the address that takes their place.

use url::Url;

use crate::canonical_url::{UrlRules, parameters};
use crate::post_url::PostUrl;
use crate::refusal::Refusal;
use crate::site::{PostRef, Sites};

/// Parameters that name a post on the start page of many engines (`/?p=12`, `/index.php?id=7`).
const NAMING_PARAMETERS: &[&str] = &[
    "article",
    "attachment_id",
    "entry",
    "id",
    "item",
    "name",
    "news",
    "node",
    "p",
    "page_id",
    "post",
    "post_id",
    "story",
    "title",
    "topic",
];

/// Last segments of addresses that a template made of a missing value.
const MISSING_VALUES: &[&str] = &["undefined", "null", "nan", "none", "[object%20object]", "%5bobject%20object%5d"];

/// Beginnings of placeholders that no template engine has filled in, as the canonical URL writes them.
const PLACEHOLDERS: &[&str] = &["%7B%7B", "%7B%25", "%3C%25", "$%7B", "%25%7B"];

/// The reason why the canonical link of a page cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanonicalFault {
    /// It is not an `http` or `https` address, or too long.
    NotAnAddress,
    /// It names a site that is not configured.
    UnknownSite,
    /// It names another configured site.
    OtherSite,
    /// It names this computer, while the page is on a server.
    Loopback,
    /// It names the start page of the site, while the page is another one.
    StartPage,
    /// It has a value that the template did not fill in.
    Placeholder,
}

impl CanonicalFault {
    /// Advice for the blog's owner, in English.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::NotAnAddress => {
                "The canonical link of this page is not an http or https address, so the comments of the page's own \
                 address are shown. Correct it in the template: <link rel=\"canonical\" href=\"https://blog.example/post\">."
            }
            Self::UnknownSite => {
                "The canonical link of this page names a site that the setting SITES does not list, so the comments of \
                 the page's own address are shown. Correct the base URL in the configuration of the blog, or add the \
                 origin of the canonical link to SITES as an alias of this site."
            }
            Self::OtherSite => {
                "The canonical link of this page names another site in SITES, so the comments of the page's own address \
                 are shown. If both are one blog, make one an alias of the other: \
                 SITES = \"https://blog.example=https://www.blog.example\". Otherwise correct the base URL in the \
                 configuration of the blog."
            }
            Self::Loopback => {
                "The canonical link of this page names localhost, so the comments of the page's own address are shown. \
                 Set the base URL in the configuration of the blog to its public address, then build it again."
            }
            Self::StartPage => {
                "The canonical link of this page names the start page of the site, so the comments of the page's own \
                 address are shown. Let the template write the address of each post: \
                 <link rel=\"canonical\" href=\"https://blog.example/post\">."
            }
            Self::Placeholder => {
                "The canonical link of this page has a value that the template did not fill in, so the comments of the \
                 page's own address are shown. Correct it in the template: \
                 <link rel=\"canonical\" href=\"https://blog.example/post\">."
            }
        }
    }
}

/// The post that a page shows the comments of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenPost {
    /// The post.
    pub post: PostRef,
    /// The reason why the page's own address is used although it has a canonical link.
    pub fault: Option<CanonicalFault>,
}

impl Sites {
    /// The post of a page: the one that its canonical link names, or the one at the page's own address (`location`) if that
    /// link cannot be right.
    ///
    /// Without `location`, `url` is used as it is. A page of a site that is not configured is a copy, such as that of a
    /// translation proxy: its canonical link is used too, or without one the address of the original that its own address contains.
    ///
    /// # Errors
    ///
    /// Those of [`Sites::resolve_post`] for `url`, if there is no `location` to use instead.
    pub fn choose_post(&self, url: &str, location: Option<&str>) -> Result<ChosenPost, Refusal> {
        let named = self.resolve_post(url).or_else(|refusal| self.resolve_copy(url).ok_or(refusal));
        let Some(page) = location.and_then(|location| self.resolve_post(location).ok()) else {
            return named.map(|post| ChosenPost { post, fault: None });
        };
        let fault = match &named {
            Err(Refusal::UnknownSite) => Some(CanonicalFault::UnknownSite),
            Err(_) => Some(CanonicalFault::NotAnAddress),
            Ok(named) => find_fault(named, &page),
        };
        Ok(match named {
            Ok(post) if fault.is_none() && !lost_route(&post.url, &page.url) => ChosenPost { post, fault },
            _ => ChosenPost { post: page, fault },
        })
    }

    fn resolve_copy(&self, url: &str) -> Option<PostRef> {
        self.resolve_post(&original_address(&Url::parse(url).ok()?)?).ok()
    }
}

/// The address of the page that is copied at this address: by Google Translate, whose hosts are made of those of the originals, or by
/// a service whose addresses contain those of the originals (`https://web.archive.org/web/2024/https://blog.example/post`).
fn original_address(copy: &Url) -> Option<String> {
    if let Some(host) = copy.host_str()?.strip_suffix(".translate.goog") {
        // A hyphen of the original is doubled, and a dot becomes a hyphen.
        let host = host.replace("--", " ").replace('-', ".").replace(' ', "-");
        return Some(format!("https://{host}{}", &copy[url::Position::BeforePath..]));
    }
    let parameter = copy.query_pairs().map(|(_, value)| value.into_owned()).find(|value| value.starts_with("http"));
    let path = &copy[url::Position::BeforePath..];
    let embedded = || {
        let start = ["https:/", "http:/", "/https/", "/http/"]
            .iter()
            .find_map(|start| Some(path.find(start)? + start.len()))?;
        Some(format!("https://{}", path[start..].trim_start_matches('/')))
    };
    parameter.or_else(embedded)
}

fn find_fault(named: &PostRef, page: &PostRef) -> Option<CanonicalFault> {
    if named.site != page.site {
        return Some(CanonicalFault::OtherSite);
    }
    if is_loopback(&named.requested_url) && !is_loopback(&page.requested_url) {
        return Some(CanonicalFault::Loopback);
    }
    if named.url == page.url {
        return None;
    }
    if has_placeholder(&named.url) {
        return Some(CanonicalFault::Placeholder);
    }
    (target(&named.url) == "/" && is_below_start_page(&page.url)).then_some(CanonicalFault::StartPage)
}

/// Returns true if `named` is the address of the page without its route. Canonical links do not follow the reader through
/// an application that navigates by fragments.
fn lost_route(named: &PostUrl, page: &PostUrl) -> bool {
    !named.has_route() && page.as_str().split_once('#').is_some_and(|(document, _)| document == named.as_str())
}

/// Returns true if the address names another page than the start page of its site. A parameter alone does so only if it
/// names posts: any other may be one that a sender of links adds and that is not known yet.
fn is_below_start_page(url: &PostUrl) -> bool {
    let document = target(url).split('#').next().unwrap_or_default();
    let (path, query) = document.split_once('?').unwrap_or((document, ""));
    path != "/" || parameters(query, UrlRules::DEFAULT).any(|(name, value)| names_post(&name, &value))
}

fn names_post(name: &str, value: &str) -> bool {
    let is_numbered_list = name == "page" && value.parse::<u32>().is_ok();
    !value.is_empty() && !is_numbered_list && (name == "page" || NAMING_PARAMETERS.contains(&name))
}

fn has_placeholder(url: &PostUrl) -> bool {
    let target = target(url);
    let file = target.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    MISSING_VALUES.contains(&file.as_str()) || PLACEHOLDERS.iter().any(|start| target.contains(start))
}

/// Path, query and route of a canonical URL.
fn target(url: &PostUrl) -> &str {
    let text = url.as_str().trim_start_matches("https://");
    text.find('/').map_or("/", |start| &text[start..])
}

/// Returns true for an address of the computer on which the page is opened.
fn is_loopback(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(url::Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    }
}
