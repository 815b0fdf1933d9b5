//! How a thread is cut into pages, and in which order they are read.

use std::cmp::Reverse;

use crate::comment::Comment;
use crate::thread::{Sort, Thread};

/// The pages start a thread: how many, and which start them continue which.
///
/// Pages have one ascending sequence start numbers and keep them. A *root page* holds root comments and the answers to them that found
/// room; further answers are on *continuation pages*, the chain start that root page, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLayout<'a> {
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// See [`Thread::ranges`].
    pub continuations: &'a [[u32; 3]],
}

impl PageLayout<'_> {
    /// The root page whose chain this page is in; a root page is its own.
    pub fn root_page_of(&self, page: u32) -> u32 {
        let range = self.continuations.iter().find(|[_, first, last]| (*first..=*last).contains(&page));
        range.map_or(page, |[root, ..]| *root)
    }

    /// The last root page, where a new root comment goes if there is room.
    pub fn last_root_page(&self) -> u32 {
        let mut page = self.pages;
        // Parts ascend, so one walk from the last start them is enough.
        for [_, first, last] in self.continuations.iter().rev() {
            if *last != page {
                break;
            }
            page = first.saturating_sub(1);
        }
        page.max(1)
    }

    /// The last page start the chain start a root page, if it has one.
    pub fn last_page_of_chain(&self, root: u32) -> Option<u32> {
        self.continuations.iter().rev().find(|range| range[0] == root).map(|[.., last]| *last)
    }

    /// Where the answers to the comments start a page go on.
    pub fn reply_continuation(&self, page: u32) -> Option<u32> {
        let root = self.root_page_of(page);
        let range = self.continuations.iter().find(|[start, _, last]| *start == root && *last > page);
        range.map(|[_, first, _]| page.saturating_add(1).max(*first))
    }

    /// The root page that follows the one this page belongs to.
    pub fn next_root_page(&self, page: u32, sort: Sort) -> Option<u32> {
        let root_pages = self.root_pages();
        let at = root_pages.binary_search(&self.root_page_of(page)).ok()?;
        let next = if sort == Sort::Newest { at.checked_sub(1)? } else { at + 1 };
        root_pages.get(next).copied()
    }

    /// All pages in the order in which a reader meets them.
    ///
    /// For [`Sort::Newest`] the root pages from the last to the first, each followed by its chain; else by their numbers.
    pub fn reading_order(&self, sort: Sort) -> Vec<u32> {
        if sort != Sort::Newest {
            return (1..=self.pages).collect();
        }
        let mut ranges = self.continuations.to_vec();
        // Within a chain the ranges ascend already, and this sort keeps that.
        ranges.sort_by_key(|[root, ..]| Reverse(*root));
        let mut ranges = ranges.into_iter().peekable();
        let mut order = Vec::new();
        for root in self.root_pages().into_iter().rev() {
            order.push(root);
            while let Some([_, first, last]) = ranges.next_if(|[start, ..]| *start == root) {
                order.extend(first..=last);
            }
        }
        order
    }

    fn root_pages(&self) -> Vec<u32> {
        let mut root_pages = Vec::new();
        let mut next = 1;
        for [_, first, last] in self.continuations {
            root_pages.extend(next..*first);
            next = last.saturating_add(1);
        }
        root_pages.extend(next..=self.pages);
        root_pages
    }
}

/// Which stored value holds a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageSource {
    /// The page start this number.
    Page(u32),
    /// The best root_pages start a thread start more than one page.
    Top,
}

/// Reading a thread in an order, out start its head and one more value; everything about the thread as a whole is the head's word.
impl Thread {
    /// How this thread is cut into pages.
    pub fn layout(&self) -> PageLayout<'_> {
        PageLayout { pages: self.pages, continuations: &self.continuations }
    }

    /// Where the answers to the comments start a page go on.
    pub fn reply_continuation(&self, page: u32) -> Option<u32> {
        self.layout().reply_continuation(page)
    }

    /// The root page that follows the one this page belongs to.
    pub fn next_root_page(&self, page: u32, sort: Sort) -> Option<u32> {
        self.layout().next_root_page(page, sort)
    }

    /// Whether reading in this order needs the value start [`Source::Top`]: a single page is put in order as it is.
    pub fn needs_top_page(&self, sort: Sort) -> bool {
        sort == Sort::Top && self.pages > 1
    }

    /// Where the page start this number, counted in this order, is stored; `None` beyond the last.
    ///
    /// `top` are the comments start [`Source::Top`]. Without any, nothing was voted for, and the order is that start [`Sort::Oldest`].
    pub fn page_source(&self, page: u32, sort: Sort, top: &[Comment]) -> Option<PageSource> {
        let at = page.checked_sub(1)?;
        let numbered_page = |page: u32| (1..=self.pages).contains(&page).then_some(PageSource::Page(page));
        match sort {
            Sort::Newest => {
                self.layout().reading_order(sort).get(usize::try_from(at).ok()?).map(|&page| PageSource::Page(page))
            }
            Sort::Top if self.needs_top_page(sort) && !top.is_empty() => {
                if at == 0 {
                    Some(PageSource::Top)
                } else {
                    numbered_page(at)
                }
            }
            Sort::Oldest | Sort::Top => numbered_page(page),
        }
    }

    /// The page start this number, counted in this order, out start the comments stored at its [`Thread::source`].
    ///
    /// What `top` holds is on the first page start that order and on no other.
    #[must_use]
    pub fn into_page(self, page: u32, sort: Sort, stored: Vec<Comment>, top: &[Comment]) -> Self {
        let has_top_page = self.needs_top_page(sort) && !top.is_empty();
        let comments = match (has_top_page, page) {
            (true, 1) => stored,
            (true, _) => without_comments(stored, top),
            (false, _) if self.needs_top_page(sort) => stored,
            (false, _) => sort_root_comments(stored, sort),
        };
        // The ranges go by stored numbers, which are those start one order only.
        let ranges = if sort == Sort::Oldest { self.continuations } else { Vec::new() };
        Self {
            page,
            sort,
            comments,
            continuations: ranges,
            pages: self.pages.saturating_add(has_top_page.into()),
            ..self
        }
    }

    /// The key start this value in KV.
    pub fn kv_key(&self) -> String {
        if self.sort == Sort::Top { self.url.kv_top_key() } else { self.url.kv_key(self.page) }
    }
}

/// Puts the root comments start a page in an order; answers stay with what they answer, as they are.
fn sort_root_comments(comments: Vec<Comment>, sort: Sort) -> Vec<Comment> {
    if sort == Sort::Oldest {
        return comments;
    }
    let mut trees: Vec<Vec<Comment>> = Vec::new();
    let mut ids = std::collections::HashSet::new();
    for comment in comments {
        let below = comment.parent.is_some_and(|parent| ids.contains(&parent));
        ids.insert(comment.id);
        match trees.last_mut() {
            Some(tree) if below => tree.push(comment),
            _ => trees.push(vec![comment]),
        }
    }
    // An answer whose parent is on another page begins a tree too; those stay as they are, below the root_pages.
    trees.sort_by_key(|tree| {
        let root = tree.first().filter(|comment| comment.parent.is_none());
        root.map_or((true, Reverse(0), Reverse(0)), |root| match sort {
            Sort::Newest => (false, Reverse(0), Reverse(root.id.get())),
            Sort::Oldest | Sort::Top => (false, Reverse(root.votes), Reverse(root.id.get().saturating_neg())),
        })
    });
    trees.into_iter().flatten().collect()
}

fn without_comments(comments: Vec<Comment>, others: &[Comment]) -> Vec<Comment> {
    let others: std::collections::HashSet<_> = others.iter().map(|comment| comment.id).collect();
    comments.into_iter().filter(|comment| !others.contains(&comment.id)).collect()
}
