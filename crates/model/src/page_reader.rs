//! Reads one page of a published thread: decides which KV values to fetch, and combines them.

use crate::comment::Comment;
use crate::pagination::PageSource;
use crate::post_url::PostUrl;
use crate::redirect::Redirect;
use crate::thread::{Sort, Thread};

/// Maximum number of redirects to follow. One suffices, except during the minute in which KV becomes consistent.
pub const MAX_REDIRECTS: u32 = 3;

/// A reader of one thread page, for any caller that can fetch KV values by key.
///
/// A page is fetched only after the head confirms that it exists: KV caches a missing key for a while, and would miss a
/// page that is written meanwhile. So there are at most two rounds, except for a long thread without votes.
#[derive(Clone, Debug)]
pub struct PageReader {
    page: u32,
    sort: Sort,
    /// The head once it is known. Before that, the empty thread.
    head: Thread,
    top: Vec<Comment>,
    stored: Vec<Comment>,
    versions: [i64; 3],
    next: NextRead,
    redirects: u32,
}

/// The values to fetch next.
#[derive(Clone, Copy, Debug)]
enum NextRead {
    Head,
    /// The top page, and in parallel the page that is read if the top page is not empty.
    Top(Option<u32>),
    Page(u32),
    Done,
}

impl PageReader {
    /// Starts to read page number `page` (from 1) of a post's thread in a sort order.
    pub fn new(url: PostUrl, page: u32, sort: Sort) -> Self {
        let head = Thread::empty(url);
        Self {
            page,
            sort,
            head,
            top: Vec::new(),
            stored: Vec::new(),
            versions: [0; 3],
            next: NextRead::Head,
            redirects: 0,
        }
    }

    /// The keys of the values to fetch next, in parallel. `None` if nothing is left to fetch.
    pub fn next_keys(&self) -> Option<Vec<String>> {
        let url = &self.head.url;
        match self.next {
            NextRead::Head => Some(vec![url.kv_key(1)]),
            NextRead::Top(page) => {
                Some([url.kv_top_key()].into_iter().chain(page.map(|page| url.kv_key(page))).collect())
            }
            NextRead::Page(page) => Some(vec![url.kv_key(page)]),
            NextRead::Done => None,
        }
    }

    /// Provides the values of [`PageReader::next_keys`] in their order, `None` for a missing value.
    pub fn provide(&mut self, values: impl IntoIterator<Item = Option<Thread>>) {
        let mut values = values.into_iter();
        let first = values.next().flatten();
        match std::mem::replace(&mut self.next, NextRead::Done) {
            NextRead::Head => self.receive_head(first),
            NextRead::Top(page) => {
                self.versions[1] = stored_version(first.as_ref());
                self.top = stored_comments(first);
                if self.top.is_empty() || page.is_none() {
                    self.locate_page();
                } else {
                    self.receive_page(values.next().flatten());
                }
            }
            NextRead::Page(_) => self.receive_page(first),
            NextRead::Done => {}
        }
    }

    fn receive_head(&mut self, head: Option<Thread>) {
        self.versions[0] = stored_version(head.as_ref());
        let Some(head) = head else { return };
        self.head = head;
        if self.head.needs_top_page(self.sort) {
            // The first page of this order is the top page itself, and the second page is in the head.
            let parallel_page = self.page.checked_sub(1).filter(|page| (2..=self.head.pages).contains(page));
            self.next = NextRead::Top(parallel_page);
        } else {
            self.locate_page();
        }
    }

    fn receive_page(&mut self, page: Option<Thread>) {
        self.versions[2] = stored_version(page.as_ref());
        self.stored = stored_comments(page);
    }

    /// Handles a redirect in place of the head: reading restarts at the new URL.
    pub fn follow_redirect(&mut self, redirect: Redirect) {
        self.redirects += 1;
        self.head = Thread::empty(redirect.to);
        self.next = if self.redirects > MAX_REDIRECTS { NextRead::Done } else { NextRead::Head };
    }

    /// Returns true if a redirect led to a URL without a thread. KV is not yet consistent there, so the page must not
    /// claim that there are no comments.
    pub fn is_dangling_redirect(&self) -> bool {
        self.redirects > 0 && self.versions[0] == 0
    }

    fn locate_page(&mut self) {
        match self.head.page_source(self.page, self.sort, &self.top) {
            Some(PageSource::Top) => self.stored = self.top.clone(),
            Some(PageSource::Page(1)) => self.stored = std::mem::take(&mut self.head.comments),
            Some(PageSource::Page(page)) => self.next = NextRead::Page(page),
            None => {}
        }
    }

    /// The versions of the values that the page is made of: head, top page, and the page itself. 0 for a missing value.
    ///
    /// Equal versions mean an equal page. The version of the head does not suffice: KV may still return an older page
    /// with a newer head.
    pub fn versions(&self) -> [i64; 3] {
        self.versions
    }

    /// The page. It has no comments if it does not exist.
    pub fn into_thread(self) -> Thread {
        self.head.into_page(self.page, self.sort, self.stored, &self.top)
    }
}

fn stored_version(value: Option<&Thread>) -> i64 {
    value.map_or(0, |value| value.version)
}

fn stored_comments(value: Option<Thread>) -> Vec<Comment> {
    value.map_or_else(Vec::new, |value| value.comments)
}
