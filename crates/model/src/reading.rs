//! Reading one page of a published thread: which values to get, one after another, and what they make.

use crate::{Comment, Moved, PostUrl, Sort, Source, Thread};

/// From how many former addresses a reader is led on. One is enough but for the minute in which KV catches up.
const HOPS: u32 = 3;

/// One page of a thread, as it is read by whoever can get values out of KV by their keys.
///
/// A value is asked for only once the head says that it is there: KV remembers for a while that a key was missing, and what is
/// put meanwhile would be missed.
#[derive(Clone, Debug)]
pub struct Reading {
    page: u32,
    sort: Sort,
    /// The head, once it is known; before, the thread of a post nobody has written under.
    head: Thread,
    top: Vec<Comment>,
    stored: Vec<Comment>,
    versions: [i64; 3],
    next: Next,
    hops: u32,
}

/// The value that is asked for next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Head,
    Top,
    Page(u32),
    Nothing,
}

impl Reading {
    /// Begins to read a page (from 1) of a post's thread in an order.
    pub fn new(url: PostUrl, page: u32, sort: Sort) -> Self {
        let head = Thread::empty(url);
        Self { page, sort, head, top: Vec::new(), stored: Vec::new(), versions: [0; 3], next: Next::Head, hops: 0 }
    }

    /// The key of the value that is needed next; `None` once there is nothing left to get.
    pub fn key(&self) -> Option<String> {
        let url = &self.head.url;
        match self.next {
            Next::Head => Some(url.kv_key(1)),
            Next::Top => Some(url.kv_top_key()),
            Next::Page(page) => Some(url.kv_key(page)),
            Next::Nothing => None,
        }
    }

    /// Takes the value of [`Reading::key`], or that there is none.
    pub fn take(&mut self, value: Option<Thread>) {
        let slot = match self.next {
            Next::Head => 0,
            Next::Top => 1,
            Next::Page(_) | Next::Nothing => 2,
        };
        self.versions[slot] = value.as_ref().map_or(0, |value| value.version);
        match (self.next, value) {
            (Next::Head, Some(head)) => {
                self.head = head;
                if self.head.needs_top(self.sort) { self.next = Next::Top } else { self.aim() }
            }
            (Next::Top, value) => {
                self.top = value.map_or_else(Vec::new, |top| top.comments);
                self.aim();
            }
            (_, value) => {
                self.stored = value.map_or_else(Vec::new, |page| page.comments);
                self.next = Next::Nothing;
            }
        }
    }

    /// Takes, in place of the head, that the post has moved: reading begins anew at its other address.
    pub fn follow(&mut self, moved: Moved) {
        self.hops += 1;
        self.head = Thread::empty(moved.moved);
        self.next = if self.hops > HOPS { Next::Nothing } else { Next::Head };
    }

    /// Whether there is no thread where the post is said to have moved to. KV has yet to catch up there, and that there are no comments
    /// is not to be told.
    pub fn is_astray(&self) -> bool {
        self.hops > 0 && self.versions[0] == 0
    }

    fn aim(&mut self) {
        self.next = Next::Nothing;
        match self.head.source(self.page, self.sort, &self.top) {
            Some(Source::Top) => self.stored = self.top.clone(),
            Some(Source::Page(1)) => self.stored = std::mem::take(&mut self.head.comments),
            Some(Source::Page(page)) => self.next = Next::Page(page),
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
    pub fn thread(self) -> Thread {
        self.head.turned_to(self.page, self.sort, self.stored, &self.top)
    }
}
