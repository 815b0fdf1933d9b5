//! Reading one page of a published thread: which values to get, and what they make.

use crate::comment::Comment;
use crate::pagination::PageSource;
use crate::post_url::PostUrl;
use crate::redirect::Redirect;
use crate::thread::{Sort, Thread};

/// From how many former addresses a reader is led on. One is enough but for the minute in which KV catches up.
const MAX_REDIRECTS: u32 = 3;

/// One page of a thread, as it is read by whoever can get values out of KV by their keys.
///
/// A page is asked for only once the head says that it is there: KV remembers for a while that a key was missing, and what is
/// put meanwhile would be missed. So there are two rounds at most, but where nothing was voted for in a long thread.
#[derive(Clone, Debug)]
pub struct PageReader {
    page: u32,
    sort: Sort,
    /// The head, once it is known; before, the thread of a post nobody has written under.
    head: Thread,
    top: Vec<Comment>,
    stored: Vec<Comment>,
    versions: [i64; 3],
    next: NextRead,
    redirects: u32,
}

/// The values that are asked for next.
#[derive(Clone, Copy, Debug)]
enum NextRead {
    Head,
    /// The best comments, and parallel_page them the page that is read if there are some.
    Top(Option<u32>),
    Page(u32),
    Done,
}

impl PageReader {
    /// Begins to read a page (from 1) of a post's thread in an order.
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

    /// The keys of the values that are needed next, to be got at the same time; `None` once there is nothing left to get.
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

    /// Takes the values of [`Reading::keys`] in their order, or that there is none.
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
            // The first page of this order is the best comments themselves, and the second is the head.
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

    /// Takes, in place of the head, that the post has moved: reading begins anew at its other address.
    pub fn follow_redirect(&mut self, redirect: Redirect) {
        self.redirects += 1;
        self.head = Thread::empty(redirect.to);
        self.next = if self.redirects > MAX_REDIRECTS { NextRead::Done } else { NextRead::Head };
    }

    /// Whether there is no thread where the post is said to have moved to. KV has yet to catch up there, and that there are no comments
    /// is not to be told.
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

    /// The versions of the values it is made of, 0 where there was none: of the head, the best comments, and the page itself.
    ///
    /// Where these are the same, so is the page. The head's alone does not tell: KV may still give an older page with a newer head.
    pub fn versions(&self) -> [i64; 3] {
        self.versions
    }

    /// The page; one that is not there has no comments.
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
