//! Reads one page of a published thread: decides which KV values to fetch, and combines them.

use crate::comment::Comment;
use crate::comment_index::{CommentPlace, PageRuns};
use crate::id::CommentId;
use crate::pagination::{PageSource, StoredPage};
use crate::post_url::PostUrl;
use crate::redirect::Redirect;
use crate::thread::{Sort, Thread};

/// Maximum number of redirects to follow. One suffices, except during the minute in which KV becomes consistent.
pub const MAX_REDIRECTS: u32 = 3;

/// A reader of one thread page, for any caller that can fetch KV values by key.
///
/// A page is fetched only after the head confirms that it exists: KV caches a missing key for a while, and would miss a
/// page that is written meanwhile. So there are at most two rounds, except for a long thread without votes, and for a
/// comment whose page is in a block of the index.
#[derive(Clone, Debug)]
pub struct PageReader {
    page: u32,
    sort: Sort,
    /// The comment whose page is wanted, until that page is known.
    comment: Option<CommentId>,
    /// The parent of that comment, if it is a reply that may not be published yet.
    parent: Option<CommentId>,
    /// True if a continuation page is read together with its root page.
    with_root_page: bool,
    /// True if the order is that of the site, if it has one.
    in_site_order: bool,
    /// The head once it is known. Before that, the empty thread.
    head: Thread,
    top: Vec<Comment>,
    /// The comments that come first in every order, and their `continued`.
    pins: StoredPage,
    stored: StoredPage,
    /// The root page of the page, if both are read.
    root: Option<StoredPage>,
    versions: [i64; 3],
    root_version: i64,
    next: NextRead,
    redirects: u32,
}

/// The values to fetch next.
#[derive(Clone, Copy, Debug)]
enum NextRead {
    Head,
    /// The top page, and in parallel the page that is read if the top page is not empty.
    Top(Option<u32>),
    /// The page with the block of the index that has the comment.
    Block(u32),
    Page(u32),
    /// The root page of a continuation page that was read before.
    Root(u32),
    Done,
}

impl PageReader {
    /// Starts to read page number `page` (from 1) of a post's thread in a sort order.
    pub fn new(url: PostUrl, page: u32, sort: Sort) -> Self {
        let head = Thread::empty(url);
        Self {
            page,
            sort,
            comment: None,
            parent: None,
            with_root_page: false,
            in_site_order: false,
            head,
            top: Vec::new(),
            pins: StoredPage::default(),
            stored: StoredPage::default(),
            root: None,
            versions: [0; 3],
            root_version: 0,
            next: NextRead::Head,
            redirects: 0,
        }
    }

    /// Starts to read the page that has a comment. If no page has it, it is some other page of the thread.
    pub fn for_comment(url: PostUrl, comment: CommentId, sort: Sort) -> Self {
        Self { comment: Some(comment), ..Self::new(url, 1, sort) }
    }

    /// If the comment is not published yet, reads the page that has its parent.
    #[must_use]
    pub fn or_parent(self, parent: Option<CommentId>) -> Self {
        Self { parent, ..self }
    }

    /// Reads a continuation page together with its root page, so that its comments are below those that they reply to.
    #[must_use]
    pub fn with_root_page(self) -> Self {
        Self { with_root_page: true, ..self }
    }

    /// Reads the thread in the order of its site, if the site has chosen one.
    #[must_use]
    pub fn in_site_order(self) -> Self {
        Self { in_site_order: true, ..self }
    }

    /// The post whose thread is read, after the redirects followed so far.
    pub fn url(&self) -> &PostUrl {
        &self.head.url
    }

    /// The keys of the values to fetch next, in parallel. `None` if nothing is left to fetch.
    pub fn next_keys(&self) -> Option<Vec<String>> {
        let url = &self.head.url;
        match self.next {
            NextRead::Head => Some(vec![url.kv_key(1)]),
            NextRead::Top(page) => {
                Some([url.kv_top_key()].into_iter().chain(page.map(|page| url.kv_key(page))).collect())
            }
            NextRead::Block(page) | NextRead::Root(page) => Some(vec![url.kv_key(page)]),
            NextRead::Page(page) => {
                Some([page].into_iter().chain(self.root_page_to_read(page)).map(|page| url.kv_key(page)).collect())
            }
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
                self.top = first.as_ref().map_or_else(Vec::new, |top| top.comments.clone());
                self.stored = stored_page(first);
                match page {
                    Some(page) if !self.top.is_empty() => {
                        self.receive_page(values.next().flatten());
                        self.next = self.root_page_to_read(page).map_or(NextRead::Done, NextRead::Root);
                    }
                    _ => self.locate_page(),
                }
            }
            NextRead::Block(page) => self.receive_block(page, first),
            NextRead::Page(_) => {
                self.receive_page(first);
                self.receive_root_page(values.next().flatten());
            }
            NextRead::Root(_) => self.receive_root_page(first),
            NextRead::Done => {}
        }
        self.use_head_as_root_page();
    }

    fn receive_head(&mut self, head: Option<Thread>) {
        self.versions[0] = stored_version(head.as_ref());
        let Some(head) = head else { return };
        self.head = head;
        if let Some(order) = self.head.options.order.filter(|_| self.in_site_order) {
            self.sort = order;
        }
        self.pins = self.head.take_pins();
        if self.head.needs_top_page(self.sort) {
            // The first page of this order is the top page itself, and the second page is in the head.
            let wanted = self.page.checked_sub(1).filter(|page| (2..=self.head.pages).contains(page));
            self.next = NextRead::Top(wanted.filter(|_| self.comment.is_none()));
        } else {
            self.locate_page();
        }
    }

    fn receive_page(&mut self, page: Option<Thread>) {
        self.versions[2] = stored_version(page.as_ref());
        self.stored = stored_page(page);
    }

    fn receive_root_page(&mut self, page: Option<Thread>) {
        if let Some(page) = page {
            self.root_version = page.version;
            self.root = Some(stored_page(Some(page)));
        }
    }

    /// Finds the page of the comment in a block of the index.
    fn receive_block(&mut self, page: u32, value: Option<Thread>) {
        let runs = value.and_then(|value| value.index).map(|index| index.runs).unwrap_or_default();
        let found = self.comment.and_then(|comment| runs.page_of(comment)).unwrap_or(page);
        self.comment = None;
        self.page = self.head.page_number(found, self.sort, &self.top);
        self.locate_page();
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
        if let Some(comment) = self.comment.take() {
            match self.find(comment) {
                Some(CommentPlace::Block(page)) => {
                    self.comment = Some(comment);
                    self.next = NextRead::Block(page);
                    return;
                }
                Some(CommentPlace::Page(_)) if self.is_on_first_page(comment) => self.page = 1,
                Some(CommentPlace::Page(page)) => self.page = self.head.page_number(page, self.sort, &self.top),
                None => {
                    self.comment = self.parent.take();
                    if self.comment.is_some() {
                        return self.locate_page();
                    }
                    let page = if self.head.index.is_some() { self.head.layout().last_root_page() } else { 1 };
                    self.page = self.head.page_number(page, self.sort, &self.top);
                }
            }
        }
        match self.head.page_source(self.page, self.sort, &self.top) {
            // The top page is stored already.
            Some(PageSource::Top) => {}
            Some(PageSource::Page(1)) => self.stored = self.take_head_page(),
            Some(PageSource::Page(page)) => self.next = NextRead::Page(page),
            None => self.stored = StoredPage::default(),
        }
    }

    /// The place of a comment, by the values that are read so far.
    fn find(&self, comment: CommentId) -> Option<CommentPlace> {
        let is_in_head = self.head.comments.iter().any(|known| known.id == comment);
        if is_in_head || self.is_on_first_page(comment) {
            return Some(CommentPlace::Page(1));
        }
        self.head.index.as_ref()?.find(comment)
    }

    /// Returns true for a comment that is on the first page in this order, wherever it is stored.
    fn is_on_first_page(&self, comment: CommentId) -> bool {
        self.top.iter().chain(&self.pins.comments).any(|known| known.id == comment)
    }

    fn take_head_page(&mut self) -> StoredPage {
        let continued = self.head.index.as_mut().map(|index| std::mem::take(&mut index.continued));
        StoredPage { comments: std::mem::take(&mut self.head.comments), continued: continued.unwrap_or_default() }
    }

    /// The root page that is read with a page. The first page needs no read of its own.
    fn root_page_to_read(&self, page: u32) -> Option<u32> {
        self.continued_root_page(page).filter(|root| *root != 1)
    }

    /// The root page of a continuation page, if both are wanted.
    fn continued_root_page(&self, page: u32) -> Option<u32> {
        let is_wanted = self.with_root_page && self.head.index.is_some();
        is_wanted.then(|| self.head.layout().root_page_of(page)).filter(|root| *root != page)
    }

    /// Takes the first page as the root page, once everything is read, if the page continues it.
    fn use_head_as_root_page(&mut self) {
        let (NextRead::Done, None) = (self.next, &self.root) else { return };
        let source = self.head.page_source(self.page, self.sort, &self.top);
        if let Some(PageSource::Page(page)) = source
            && self.continued_root_page(page) == Some(1)
        {
            self.root = Some(self.take_head_page());
        }
    }

    /// The versions of the values that the page is made of: head, top page, and the page itself. 0 for a missing value.
    ///
    /// Together with [`PageReader::root_version`], equal versions mean an equal page. The version of the head does not
    /// suffice: KV may still return an older page with a newer head.
    pub fn versions(&self) -> [i64; 3] {
        self.versions
    }

    /// The version of the root page that was read with the page. 0 if none was.
    pub fn root_version(&self) -> i64 {
        self.root_version
    }

    /// The pages of the newest comments of the thread, once its first page was read. None for a thread of one page.
    pub fn newest_runs(&self) -> PageRuns {
        self.head.index.as_ref().map(|index| index.runs.clone()).unwrap_or_default()
    }

    /// The page. It has no comments if it does not exist.
    pub fn into_thread(self) -> Thread {
        self.head.into_page(self.page, self.sort, self.stored, self.root, (&self.top, &self.pins))
    }
}

fn stored_version(value: Option<&Thread>) -> i64 {
    value.map_or(0, |value| value.version)
}

fn stored_page(value: Option<Thread>) -> StoredPage {
    value.map_or_else(StoredPage::default, |value| StoredPage {
        comments: value.comments,
        continued: value.index.map(|index| index.continued).unwrap_or_default(),
    })
}
