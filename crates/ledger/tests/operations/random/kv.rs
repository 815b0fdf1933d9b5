//! KV as its documentation describes it: one store behind, and in front of it locations that remember for up to a minute what they read,
//! a missing key too.

use std::collections::BTreeMap;

use afterword_model::{PageReader, PostUrl, Sort, Thread};
use proptest::prelude::*;

/// Places in the world from which readers read.
pub(crate) const LOCATIONS: usize = 2;

#[derive(Default)]
pub(crate) struct Kv {
    pub(crate) central: BTreeMap<String, Thread>,
    locations: [BTreeMap<String, Remembered>; LOCATIONS],
    /// The newest version that each location showed of each post.
    seen: BTreeMap<(usize, PostUrl), i64>,
}

struct Remembered {
    value: Option<Thread>,
    until: i64,
}

impl Kv {
    /// A put that succeeds. Nothing that was put may ever be older than what is there.
    pub(crate) fn put(&mut self, value: &Thread) -> Result<(), TestCaseError> {
        let older = self.central.insert(value.kv_key(), value.clone());
        prop_assert!(older.is_none_or(|older| older.version <= value.version), "an older version over a newer one");
        if let Some(head) = self.central.get(&value.url.kv_key(1)) {
            for page in 1..=head.pages {
                prop_assert!(
                    self.central.contains_key(&head.url.kv_key(page)),
                    "the head counts a page that is not there"
                );
            }
        }
        Ok(())
    }

    /// A page as a reader in this location gets it; what it had to fetch is remembered for `ttl` seconds.
    pub(crate) fn read(
        &mut self,
        location: usize,
        mut reading: PageReader,
        now: i64,
        ttl: i64,
    ) -> Result<Thread, TestCaseError> {
        while let Some(keys) = reading.next_keys() {
            let mut values = Vec::new();
            for key in keys {
                let value = self.get(location, &key, now, ttl);
                prop_assert!(value.is_some() || !is_page(&key), "{key} is counted, and not there");
                values.push(value);
            }
            reading.provide(values);
        }
        let thread = reading.into_thread();
        let seen = self.seen.entry((location, thread.url.clone())).or_default();
        prop_assert!(thread.version >= *seen, "version {} after {seen}", thread.version);
        *seen = thread.version;
        Ok(thread)
    }

    fn get(&mut self, location: usize, key: &str, now: i64, ttl: i64) -> Option<Thread> {
        let remembered = &mut self.locations[location];
        if let Some(Remembered { value, .. }) = remembered.get(key).filter(|remembered| remembered.until > now) {
            return value.clone();
        }
        let value = self.central.get(key).cloned();
        remembered.insert(key.to_owned(), Remembered { value: value.clone(), until: now + ttl });
        value
    }

    /// All pages of a thread in an order, as everybody reads them once no location remembers anything older.
    pub(crate) fn whole(&mut self, url: &PostUrl, sort: Sort, now: i64) -> Result<Vec<Thread>, TestCaseError> {
        let mut pages = vec![self.read(0, PageReader::new(url.clone(), 1, sort), now, 0)?];
        for page in 2..=pages[0].pages {
            pages.push(self.read(0, PageReader::new(url.clone(), page, sort), now, 0)?);
        }
        Ok(pages)
    }
}

/// Whether this is the key of a page after the first.
fn is_page(key: &str) -> bool {
    key.split_once('#').is_some_and(|(_, page)| page != "top")
}
