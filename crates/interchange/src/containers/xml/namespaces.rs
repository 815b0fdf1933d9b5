//! Namespaces by families, because exporters change their URLs and forget to declare prefixes.

use memchr::memmem;

/// All versions of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// None: RSS, or the default namespace of Disqus and Atom, which have no element in common with it.
    Plain,
    /// Attributes and ids of Disqus.
    DisqusInternals,
    /// WordPress's export, of any version.
    WordPress,
    /// Content of RSS items.
    Content,
    /// Threads of Atom feeds.
    Threading,
    /// Control of publication of Atom entries.
    Publishing,
    /// Blogger, as of 2018.
    Blogger,
    /// Google's data.
    Google,
    /// Any other.
    Other,
}

/// A part of the URL of each family, and the prefixes that stand for it where they are not declared.
const FAMILIES: [(&str, &str, Family); 10] = [
    ("disqus.com/disqus-internals", "dsq", Family::DisqusInternals),
    ("disqus.com", "", Family::Plain),
    ("wordpress.org/export/", "wp", Family::WordPress),
    ("purl.org/rss/1.0/modules/content", "content", Family::Content),
    ("purl.org/syndication/thread", "thr", Family::Threading),
    ("w3.org/2005/Atom", "atom", Family::Plain),
    ("purl.org/atom/app", "app", Family::Publishing),
    ("w3.org/2007/app", "app", Family::Publishing),
    ("schemas.google.com/blogger/2018", "blogger", Family::Blogger),
    ("schemas.google.com/g/", "gd", Family::Google),
];

/// Maximum number of declarations that are in force at the same time.
const MAX_DECLARATIONS: usize = 256;

/// The declarations in force.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    declared: Vec<Declaration>,
}

#[derive(Debug)]
struct Declaration {
    prefix: Vec<u8>,
    family: Family,
    depth: usize,
}

impl Namespaces {
    /// Takes the declarations of a start tag at a depth.
    pub(super) fn enter(&mut self, depth: usize, start: &[u8]) {
        if memmem::find(start, b"xmlns").is_none() {
            return;
        }
        for (key, value) in attributes(start) {
            let prefix = match key.strip_prefix(b"xmlns") {
                Some(b"") => b"",
                Some([b':', prefix @ ..]) => prefix,
                _ => continue,
            };
            if self.declared.len() < MAX_DECLARATIONS {
                self.declared.push(Declaration { prefix: prefix.to_vec(), family: family_of_url(value), depth });
            }
        }
    }

    /// Forgets the declarations of elements below a depth.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.declared.last().is_some_and(|last| last.depth > depth) {
            self.declared.pop();
        }
    }

    /// The family and the local name of an element.
    pub(super) fn resolve<'n>(&self, name: &'n [u8]) -> (Family, &'n [u8]) {
        let (prefix, local) = match memchr::memchr(b':', name) {
            Some(colon) => (&name[..colon], &name[colon + 1..]),
            None => (&b""[..], name),
        };
        let declared = self.declared.iter().rev().find(|declaration| is_same(&declaration.prefix, prefix));
        let family = declared.map_or_else(|| family_of_prefix(prefix), |declaration| declaration.family);
        (family, local)
    }
}

/// Compares prefixes, which are so short that a call would take longer.
fn is_same(first: &[u8], second: &[u8]) -> bool {
    first.len() == second.len() && first.iter().zip(second).all(|(first, second)| first == second)
}

fn family_of_url(url: &[u8]) -> Family {
    if url.is_empty() {
        return Family::Plain;
    }
    let known = FAMILIES.iter().find(|(part, ..)| memmem::find(url, part.as_bytes()).is_some());
    known.map_or(Family::Other, |(_, _, family)| *family)
}

fn family_of_prefix(prefix: &[u8]) -> Family {
    if prefix.is_empty() {
        return Family::Plain;
    }
    let known = FAMILIES.iter().find(|(_, known, _)| known.as_bytes() == prefix);
    known.map_or(Family::Other, |(_, _, family)| *family)
}

/// The attributes of a start tag, given with its name in front. Values are as written, without their quotation marks.
pub(super) fn attributes(start: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let is_space = |byte: &u8| byte.is_ascii_whitespace();
    let mut rest = &start[start.iter().position(is_space).unwrap_or(start.len())..];
    std::iter::from_fn(move || {
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let key = rest[..equals].trim_ascii();
        // What stands before the key, if anything, is an attribute without a value.
        let key = &key[key.iter().rposition(is_space).map_or(0, |space| space + 1)..];
        let value = rest[equals + 1..].trim_ascii_start();
        let (quote, quoted) = value.split_first()?;
        let (value, after) = if matches!(quote, b'"' | b'\'') {
            let end = quoted.iter().position(|byte| byte == quote).unwrap_or(quoted.len());
            (&quoted[..end], quoted.get(end + 1..).unwrap_or_default())
        } else {
            let end = value.iter().position(is_space).unwrap_or(value.len());
            (&value[..end], &value[end..])
        };
        rest = after;
        Some((key, value))
    })
}
