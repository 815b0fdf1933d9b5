//! Addresses of posts: from what the source says to the canonical URL under the site.

use std::collections::HashMap;
use std::io;

use url::Url;

use crate::format::Format;
use crate::plan::PlanError;
use crate::plan::address_table::{AddressTable, LEAVE_OUT};
use crate::plan::feed::FeedIndex;
use crate::plan::hosts::{HostKind, SiteHosts, parse_absolute};
use crate::plan::options::PlanOptions;
use crate::plan::reading::Reading;
use crate::plan::report::LeftOut;
use crate::plan::spool::Spool;
use crate::record::{SourceThread, ThreadState};

/// The place of the slug in the rule for addresses.
const SLUG: &str = "{slug}";
/// Query parameters by which a blog names a post.
const POST_PARAMETERS: &[&str] = &["attachment_id", "id", "page_id", "p", "post", "post_id"];

/// Finds the address of each post.
#[derive(Debug)]
pub(crate) struct AddressResolver {
    hosts: SiteHosts,
    table: AddressTable,
    feeds: FeedIndex,
    slug_rule: Option<String>,
    partition: Option<String>,
    /// Addresses by former ones such as `?p=12`, from posts of the file that have both; empty if two posts have the same former one.
    permalinks: HashMap<String, String>,
}

impl AddressResolver {
    pub(crate) fn new<S: Spool>(reading: &mut Reading<S>, options: &PlanOptions) -> Result<Self, PlanError> {
        let mut feeds = FeedIndex::default();
        for (number, bytes) in (1..).zip(&options.feeds) {
            if !matches!(feeds.add(bytes), Ok(1..)) {
                return Err(PlanError::Feed(number));
            }
        }
        if options.slug_rule.as_ref().is_some_and(|rule| !rule.contains(SLUG)) {
            return Err(PlanError::SlugRule);
        }
        let is_path_titled = matches!(reading.format, Format::Giscus | Format::Utterances);
        let slug_rule = options.slug_rule.clone().or_else(|| is_path_titled.then(|| format!("/{SLUG}")));
        let mut resolver = Self {
            hosts: SiteHosts::new(options)?,
            table: AddressTable::parse(&options.address_table)?,
            feeds,
            slug_rule,
            partition: options.partition.clone(),
            permalinks: HashMap::new(),
        };
        resolver.find_permalinks(reading)?;
        Ok(resolver)
    }

    pub(crate) fn site(&self) -> &str {
        self.hosts.origin.as_str()
    }

    /// The canonical URL of a post, or the reason why its comments are left out.
    pub(crate) fn resolve(&self, thread: &SourceThread) -> Result<String, LeftOut> {
        if self.partition.is_some() && thread.partition != self.partition {
            return Err(LeftOut::OtherPartition);
        }
        match thread.state {
            ThreadState::Published => {}
            ThreadState::Draft => return Err(LeftOut::DraftPost),
            ThreadState::Private => return Err(LeftOut::PrivatePost),
            ThreadState::Deleted => return Err(LeftOut::DeletedPost),
        }
        if let Some(address) = names(thread).find_map(|name| self.table.find(name)) {
            return if address == LEAVE_OUT { Err(LeftOut::LeftOutByTable) } else { self.canonical_of(address) };
        }
        let url = self.resolve_automatically(thread)?;
        Ok(self.permalinks.get(&url).filter(|url| !url.is_empty()).cloned().unwrap_or(url))
    }

    fn resolve_automatically(&self, thread: &SourceThread) -> Result<String, LeftOut> {
        if let Some(url) = self.locate(&thread.url) {
            return self.canonical(&url);
        }
        let hints = || thread.hints.iter().map(String::as_str);
        let own = |url: &Url| self.hosts.kind(url) == HostKind::Own;
        let hinted = hints().find_map(|hint| self.locate(hint).filter(own));
        let by_slug = || [thread.url.as_str()].into_iter().chain(hints()).find_map(|slug| self.locate_slug(slug));
        let by_feed = || self.feeds.find(&thread.title, thread.time).and_then(|url| self.locate(url));
        let found = hinted.or_else(by_feed).or_else(by_slug).ok_or(LeftOut::NoAddress)?;
        self.canonical(&found)
    }

    /// An address that the owner gives: absolute, or a path of the site.
    fn canonical_of(&self, address: &str) -> Result<String, LeftOut> {
        let url = self.locate(address).or_else(|| self.join(&format!("/{address}")));
        self.canonical(&url.ok_or(LeftOut::NoAddress)?)
    }

    fn canonical(&self, url: &Url) -> Result<String, LeftOut> {
        match self.hosts.kind(url) {
            HostKind::LeftOut => Err(LeftOut::LeftOutHost),
            HostKind::Own => self.own_canonical(url).ok_or(LeftOut::NoAddress),
            HostKind::Unknown => Err(LeftOut::UnknownHost),
        }
    }

    fn own_canonical(&self, url: &Url) -> Option<String> {
        self.hosts.sites.resolve_post(url.as_str()).ok().map(|post| post.url.as_str().to_owned())
    }

    /// The URL that a text of the source is: absolute, a path of the site, or one without its scheme.
    fn locate(&self, text: &str) -> Option<Url> {
        let text = text.trim();
        if let Some(url) = parse_absolute(text) {
            return Some(url);
        }
        if text.starts_with(['/', '?']) {
            return self.join(text);
        }
        if text.is_empty() || text.contains(char::is_whitespace) || text.contains("://") {
            return None;
        }
        let without_scheme = parse_absolute(&format!("https://{text}")).filter(|url| {
            text.split(['/', '?']).next().is_some_and(|host| host.contains('.'))
                && self.hosts.kind(url) == HostKind::Own
        });
        without_scheme.or_else(|| text.contains('/').then(|| self.join(&format!("/{text}"))).flatten())
    }

    fn join(&self, path: &str) -> Option<Url> {
        Url::parse(&format!("{}/", self.hosts.origin.as_str())).ok()?.join(path).ok()
    }

    /// `index` is the start page, as giscus writes it.
    fn locate_slug(&self, slug: &str) -> Option<Url> {
        let rule = self.slug_rule.as_ref()?;
        let slug = slug.trim().trim_matches('/');
        if slug.is_empty() || slug.contains(char::is_whitespace) || slug.contains("://") {
            return None;
        }
        let slug = if rule.trim_start_matches('/') == SLUG && slug == "index" { "" } else { slug };
        self.locate(&rule.replace(SLUG, slug))
    }

    /// Finds the posts that have a former address beside the present one.
    fn find_permalinks<S: Spool>(&mut self, reading: &mut Reading<S>) -> io::Result<()> {
        for index in 0..reading.entries.threads.len() {
            let Some(thread) = reading.thread(index)? else { continue };
            let has_hints = thread.state == ThreadState::Published && !thread.hints.is_empty();
            let Some(url) = has_hints.then(|| self.resolve_automatically(&thread).ok()).flatten() else { continue };
            for hint in thread.hints.iter().flat_map(|hint| hint.split_whitespace()) {
                let former = parse_absolute(hint).filter(names_a_post).and_then(|url| self.own_canonical(&url));
                let Some(former) = former.filter(|former| *former != url) else { continue };
                let present = self.permalinks.entry(former).or_insert_with(|| url.clone());
                if *present != url {
                    present.clear();
                }
            }
        }
        Ok(())
    }
}

/// The texts of a source that may name a post, the best first.
pub(crate) fn names(thread: &SourceThread) -> impl Iterator<Item = &str> {
    let all = [&thread.url].into_iter().chain(&thread.hints).chain([&thread.key, &thread.title]);
    all.map(|name| name.trim()).filter(|name| !name.is_empty())
}

fn names_a_post(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| POST_PARAMETERS.contains(&name.as_ref()) && !value.is_empty())
}
