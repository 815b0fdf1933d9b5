//! A reader's view of KV: publishes everything that a ledger has due.

use std::collections::BTreeMap;

use afterword_ledger::{DueThread, Ledger, Sql};
use afterword_model::{PageReader, Redirect, Thread};

/// KV, and the time up to which it was published.
pub(crate) struct Kv {
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) now: i64,
}

impl Kv {
    pub(crate) fn new(now: i64) -> Self {
        Self { values: BTreeMap::new(), now }
    }

    /// Publishes and deletes until nothing is due, also what is due later.
    pub(crate) fn publish_all(&mut self, ledger: &Ledger<impl Sql>) {
        for _ in 0..1_000 {
            while self.publish_thread(ledger) || self.publish_redirect(ledger) || self.delete_stale_pages(ledger) {}
            match ledger.next_due().unwrap() {
                Some(next) => self.now = self.now.max(next),
                None => return,
            }
        }
        panic!("something is still due after 1,000 rounds");
    }

    fn publish_thread(&mut self, ledger: &Ledger<impl Sql>) -> bool {
        let Some(due) = ledger.due_threads_after(0, self.now, 1).unwrap().pop() else { return false };
        self.publish_values(ledger, &due, |_| {});
        true
    }

    /// Publishes a due thread, and calls `after_each` after each value.
    pub(crate) fn publish_values(&mut self, ledger: &Ledger<impl Sql>, due: &DueThread, after_each: impl Fn(&Self)) {
        let snapshot = ledger.snapshot(due, self.now).unwrap().unwrap();
        for page in &snapshot.pages {
            self.values.insert(page.kv_key(), serde_json::to_string(page).unwrap());
            after_each(self);
        }
        ledger.mark_published(&snapshot.due).unwrap();
    }

    /// Reads a page as a reader does.
    pub(crate) fn read(&self, mut reader: PageReader) -> Thread {
        while let Some(keys) = reader.next_keys() {
            let redirect = keys.iter().find_map(|key| serde_json::from_str::<Redirect>(self.values.get(key)?).ok());
            match redirect {
                Some(redirect) => reader.follow_redirect(redirect),
                None => {
                    let value = |key: &String| self.values.get(key).map(|value| serde_json::from_str(value).unwrap());
                    reader.provide(keys.iter().map(value));
                }
            }
        }
        reader.into_thread()
    }

    fn publish_redirect(&mut self, ledger: &Ledger<impl Sql>) -> bool {
        let due = ledger.due_redirects(self.now, 1).unwrap().pop();
        let Some(redirect) = due else { return false };
        if redirect.is_published {
            (2..=redirect.pages).for_each(|page| drop(self.values.remove(&redirect.from.kv_key(page))));
            self.values.remove(&redirect.from.kv_top_key());
        } else {
            self.values.insert(redirect.from.kv_key(1), serde_json::to_string(&redirect.to_redirect()).unwrap());
        }
        let pages = if redirect.is_published { 1 } else { redirect.pages };
        ledger.record_redirect(&redirect, pages, self.now).unwrap();
        true
    }

    fn delete_stale_pages(&mut self, ledger: &Ledger<impl Sql>) -> bool {
        let Some(stale) = ledger.due_stale_pages(self.now, 1).unwrap().pop() else { return false };
        let last = if stale.is_ready() { stale.last_kept } else { stale.last_stale };
        (last + 1..=stale.last_stale).for_each(|page| drop(self.values.remove(&stale.url.kv_key(page))));
        ledger.record_removed(&stale, last, self.now).unwrap();
        true
    }
}
