//! KV as its documentation describes it: one central store, and locations that cache what they read for up to a minute,
//! including missing keys.

use std::collections::BTreeMap;

use afterword_model::{LatestComments, PageReader, PostUrl, Sort, Thread};
use proptest::prelude::*;

/// Number of locations from which readers read.
pub(crate) const LOCATIONS: usize = 2;

#[derive(Default)]
pub(crate) struct Kv {
    pub(crate) central: BTreeMap<String, Thread>,
    /// The latest comments of the site.
    pub(crate) latest: LatestComments,
    caches: [BTreeMap<String, CachedValue>; LOCATIONS],
    /// The newest version of each post that was read in each location.
    seen_versions: BTreeMap<(usize, PostUrl), i64>,
}

struct CachedValue {
    value: Option<Thread>,
    expires: i64,
}

impl Kv {
    /// Does a write that succeeds. A value must never replace a newer one, and no page that the first page counts may
    /// be missing.
    pub(crate) fn put(&mut self, value: &Thread) -> Result<(), TestCaseError> {
        let older = self.central.insert(value.kv_key(), value.clone());
        prop_assert!(older.is_none_or(|older| older.version <= value.version), "an older version over a newer one");
        if let Some(first_page) = self.central.get(&value.url.kv_key(1)) {
            for page in 1..=first_page.pages {
                prop_assert!(
                    self.central.contains_key(&first_page.url.kv_key(page)),
                    "the first page counts a page that is missing"
                );
            }
        }
        Ok(())
    }

    /// Reads a page in a location, which caches what it fetches for `ttl` seconds. The version must not go back.
    pub(crate) fn read(
        &mut self,
        location: usize,
        mut reader: PageReader,
        now: i64,
        ttl: i64,
    ) -> Result<Thread, TestCaseError> {
        while let Some(keys) = reader.next_keys() {
            let mut values = Vec::new();
            for key in keys {
                let value = self.get(location, &key, now, ttl);
                prop_assert!(value.is_some() || !is_later_page(&key), "{key} is counted, but missing");
                values.push(value);
            }
            reader.provide(values);
        }
        let thread = reader.into_thread();
        let seen = self.seen_versions.entry((location, thread.url.clone())).or_default();
        prop_assert!(thread.version >= *seen, "version {} after {seen}", thread.version);
        *seen = thread.version;
        Ok(thread)
    }

    fn get(&mut self, location: usize, key: &str, now: i64, ttl: i64) -> Option<Thread> {
        let cache = &mut self.caches[location];
        if let Some(CachedValue { value, .. }) = cache.get(key).filter(|cached| cached.expires > now) {
            return value.clone();
        }
        let value = self.central.get(key).cloned();
        cache.insert(key.to_owned(), CachedValue { value: value.clone(), expires: now + ttl });
        value
    }

    /// All pages of a thread in an order, as all readers see them once the caches have expired.
    pub(crate) fn read_all(&mut self, url: &PostUrl, sort: Sort, now: i64) -> Result<Vec<Thread>, TestCaseError> {
        let mut pages = vec![self.read(0, PageReader::new(url.clone(), 1, sort), now, 0)?];
        for page in 2..=pages[0].pages {
            pages.push(self.read(0, PageReader::new(url.clone(), page, sort), now, 0)?);
        }
        Ok(pages)
    }
}

/// Returns true for the key of a page other than the first, but not for the key of the best comments.
fn is_later_page(key: &str) -> bool {
    key.split_once('#').is_some_and(|(_, page)| page != "top")
}
