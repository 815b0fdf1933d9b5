//! The rules by which all addresses of one page become one canonical URL.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use url::Url;

use crate::tracking_parameters::{self, ParameterGroup};

/// Index files, which are equivalent to their directory.
const INDEX_FILES: &[&str] = &["index.html", "index.htm", "index.php"];

/// Further index files, since version 2 of the rules.
const MORE_INDEX_FILES: &[&str] =
    &["default.asp", "default.aspx", "index.asp", "index.aspx", "index.jsp", "index.shtml", "index.xhtml"];

/// File name extensions that clean URLs leave out.
const PAGE_EXTENSIONS: &[&str] = &[".html", ".htm"];

/// Routes of windows that Ghost opens over any page: sign-in and account, search, sharing (Ghost documentation,
/// "Portal settings: links").
const OVERLAY_ROUTES: &[&str] = &["portal", "search", "share"];

/// The characters that are encoded in a path: all but those of a segment (`pchar` of RFC 3986, section 3.3). The
/// delimiters among them have no function in the paths of blogs, and mail programs and messengers encode them
/// inconsistently: `/foo_(bar)` and `/foo_%28bar%29` are one page.
static ENCODED_IN_PATH: AsciiSet = all_except(b"-._~!$&'()*+,;=:@");

/// The characters that are encoded in a query: all but those of RFC 3986, section 3.4. Encoded are also those with a
/// function in form encoding, and the apostrophe, which the URL standard encodes there.
static ENCODED_IN_QUERY: AsciiSet = all_except(b"-._~!$()*,;:@/?");

/// A set of rules for canonical URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlRules {
    /// The version of the rules that are the same for all sites.
    pub(crate) version: u8,
    /// True if `/post`, `/post.html` and `/post.htm` are one page.
    pub(crate) clean_urls: bool,
}

impl UrlRules {
    /// The rules of a site without settings of its own.
    pub const DEFAULT: Self = Self { version: Self::VERSION, clean_urls: false };

    /// The present version. A ledger moves threads whose addresses it changes.
    const VERSION: u8 = 2;

    /// The rules of the first version, under which threads may be stored and published.
    pub(crate) const FIRST: Self = Self { version: 1, clean_urls: false };

    /// The rules of a site with or without clean URLs.
    pub(crate) const fn with_clean_urls(clean_urls: bool) -> Self {
        Self { clean_urls, ..Self::DEFAULT }
    }

    /// Returns true if `/post`, `/post.html` and `/post.htm` are one page.
    pub const fn has_clean_urls(self) -> bool {
        self.clean_urls
    }

    /// A name for these rules, by which a ledger knows that its threads follow them.
    pub fn name(self) -> String {
        format!("{}{}", self.version, if self.clean_urls { "-clean" } else { "" })
    }

    fn is_index_file(self, file: &str) -> bool {
        INDEX_FILES.contains(&file)
            || self.version > 1 && MORE_INDEX_FILES.contains(&file)
            || self.clean_urls && file == "index"
    }
}

/// Path, query and route of a URL in canonical form.
pub(crate) fn canonical_target(url: &Url, rules: UrlRules) -> String {
    let mut text = canonical_path(url.path(), rules);
    push_query(&mut text, url.query().unwrap_or_default(), rules);
    if let Some(route) = url.fragment().and_then(|fragment| canonical_route(fragment, rules)) {
        text.push('#');
        text.push_str(&route);
    }
    text
}

/// The URL parser has already removed the dot segments, including those written with `%2e`.
fn canonical_path(path: &str, rules: UrlRules) -> String {
    let segments = path.split('/').map(|segment| normalize_segment(segment, rules));
    let mut segments: Vec<String> = segments.collect();
    if rules.version > 1 {
        segments.retain(|segment| !segment.is_empty());
        segments.insert(0, String::new());
    }
    let path = segments.join("/");
    let mut path = path.trim_end_matches('/');
    while let Some(shorter) = strip_file_name(path, rules) {
        path = shorter.trim_end_matches('/');
    }
    if path.is_empty() { "/".to_owned() } else { path.to_owned() }
}

/// A path without the name of its index file, or without an extension that clean URLs leave out.
fn strip_file_name(path: &str, rules: UrlRules) -> Option<&str> {
    let (folder, file) = path.rsplit_once('/')?;
    if rules.is_index_file(file) {
        return Some(folder);
    }
    let strip = |extension: &&str| {
        let (name, end) = file.split_at_checked(file.len().checked_sub(extension.len())?)?;
        let is_page = end.eq_ignore_ascii_case(extension) && !matches!(name, "" | "." | "..");
        is_page.then(|| &path[..path.len() - extension.len()])
    };
    rules.clean_urls.then(|| PAGE_EXTENSIONS.iter().find_map(strip)).flatten()
}

/// A segment of a path without the session id that a servlet container adds to it.
fn normalize_segment(segment: &str, rules: UrlRules) -> String {
    let segment = normalize_encoding(segment, &ENCODED_IN_PATH);
    let end = segment.to_ascii_lowercase().find(";jsessionid=").filter(|_| rules.version > 1);
    match end.map(|end| &segment[..end]) {
        Some(name) if !matches!(name, "." | "..") => name.to_owned(),
        _ => segment,
    }
}

fn push_query(text: &mut String, query: &str, rules: UrlRules) {
    let mut pairs: Vec<(String, String)> = parameters(query, rules)
        .filter(|(name, value)| tracking_parameters::find(name, value, rules.version).is_none())
        .collect();
    // The order of parameters with the same name has a meaning (`tag=a&tag=b`), the order of different names has none.
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut separator = '?';
    for (name, value) in pairs {
        text.push(separator);
        text.push_str(&name);
        if !value.is_empty() {
            text.push('=');
            text.push_str(&value);
        }
        separator = '&';
    }
}

/// The parameters of a query that are not empty, with names and values as the canonical URL writes them.
pub(crate) fn parameters(query: &str, rules: UrlRules) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(move |(name, value)| (parameter_name(name, rules), normalize_parameter(value)))
        .filter(|(name, value)| !name.is_empty() || !value.is_empty())
}

/// Feeds and mails that escape an address twice leave `amp;` in front of the names.
fn parameter_name(name: &str, rules: UrlRules) -> String {
    let mut name = normalize_parameter(name);
    while rules.version > 1 && name.starts_with("amp;") {
        name.drain(.."amp;".len());
    }
    name
}

/// The parameters of a URL that the canonical URL leaves out, with the group of each.
pub(crate) fn dropped_parameters(url: &Url, rules: UrlRules) -> Vec<(String, &'static ParameterGroup)> {
    let route_query = url.fragment().and_then(route).and_then(|route| route.split_once('?')).map(|(_, query)| query);
    let queries = [url.query(), route_query].into_iter().flatten();
    let find = |(name, value): (String, String)| {
        tracking_parameters::find(&name, &value, rules.version).map(|group| (name, group))
    };
    queries.flat_map(|query| parameters(query, rules)).filter_map(find).collect()
}

/// The part of a fragment that may name a page, as written: a fragment that begins with `/` or `!`, up to another `#`
/// (an anchor on that page) or `:~:` (a text to highlight). `None` for every other fragment.
pub(crate) fn route(fragment: &str) -> Option<&str> {
    let end = [fragment.find('#'), fragment.find(":~:")].into_iter().flatten().min();
    let route = &fragment[..end.unwrap_or(fragment.len())];
    unescape_start(route).starts_with(['/', '!']).then_some(route)
}

/// The canonical form of the route in a fragment: segments and query as in a path, without empty segments. `None` for the
/// start page of an application (`/`, `!`, `!/`) and for [`OVERLAY_ROUTES`].
fn canonical_route(fragment: &str, rules: UrlRules) -> Option<String> {
    let (path, query) = route(fragment).map(|route| route.split_once('?').unwrap_or((route, "")))?;
    let segments =
        unescape_start(path).split('/').map(|part| normalize_encoding(part, &ENCODED_IN_PATH)).collect::<Vec<_>>();
    let path = segments.join("/");
    let rest = path.trim_start_matches('!');
    let bang = if rest.len() < path.len() { "!" } else { "" };
    let segments: Vec<&str> = rest.split('/').filter(|segment| !segment.is_empty()).collect();
    let slash = if rest.starts_with('/') && !segments.is_empty() { "/" } else { "" };
    let mut text = [bang, slash, &segments.join("/")].concat();
    push_query(&mut text, query, rules);
    if text.starts_with('?') {
        text.insert(0, '/');
    }
    // An escaped `:~:` became one.
    if let Some((text, _)) = text.split_once(":~:") {
        return canonical_route(text, rules);
    }
    (!matches!(text.as_str(), "" | "!") && !is_overlay(&text)).then_some(text)
}

fn is_overlay(route: &str) -> bool {
    let segment = route.strip_prefix('/').and_then(|rest| rest.split(['/', '?']).next());
    segment.is_some_and(|segment| OVERLAY_ROUTES.contains(&segment))
}

/// A route whose first characters may be percent-encoded, as messengers do.
fn unescape_start(route: &str) -> Cow<'_, str> {
    let strip = |code: &str| Some(&route[3..]).filter(|_| route[..3].eq_ignore_ascii_case(code));
    if !route.is_char_boundary(3) || route.len() < 3 {
        return route.into();
    }
    if let Some(rest) = strip("%21") {
        return ["!", &unescape_start(rest)].concat().into();
    }
    strip("%2F").map_or(route.into(), |rest| ["/", rest].concat().into())
}

/// A `+` in a query is a space (form encoding of the URL standard).
fn normalize_parameter(text: &str) -> String {
    normalize_encoding(&text.replace('+', "%20"), &ENCODED_IN_QUERY)
}

/// Decodes the percent-encoding of a text, and encodes the characters of `encoded`, with upper-case digits. A `%` that
/// starts no escape is a literal percent sign.
fn normalize_encoding(text: &str, encoded: &'static AsciiSet) -> String {
    percent_encode(&percent_decode_str(text).collect::<Vec<u8>>(), encoded).to_string()
}

/// All characters except letters, digits and `literal`.
const fn all_except(literal: &[u8]) -> AsciiSet {
    let mut set = NON_ALPHANUMERIC.remove(literal[0]);
    let mut at = 1;
    while at < literal.len() {
        set = set.remove(literal[at]);
        at += 1;
    }
    set
}
