//! How a thread is cut into pages, and in which order they are read.

use std::cmp::Reverse;

use crate::{Comment, Sort, Thread};

/// The pages of a thread: how many, and which of them continue which.
///
/// Pages have one ascending sequence of numbers and keep them. A *root page* holds root comments and the answers to them that found
/// room; further answers are on *continuation pages*, the chain of that root page, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLayout<'a> {
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// See [`Thread::parts`].
    pub continuations: &'a [[u32; 3]],
}

impl PageLayout<'_> {
    /// The root page whose chain this page is in; a root page is its own.
    pub fn root_page_of(&self, page: u32) -> u32 {
        let part = self.continuations.iter().find(|[_, first, last]| (*first..=*last).contains(&page));
        part.map_or(page, |[root, ..]| *root)
    }

    /// The last root page, where a new root comment goes if there is room.
    pub fn last_root_page(&self) -> u32 {
        let mut page = self.pages;
        // Parts ascend, so one walk from the last of them is enough.
        for [_, first, last] in self.continuations.iter().rev() {
            if *last != page {
                break;
            }
            page = first.saturating_sub(1);
        }
        page.max(1)
    }

    /// The last page of the chain of a root page, if it has one.
    pub fn last_page_of_chain(&self, root: u32) -> Option<u32> {
        self.continuations.iter().rev().find(|part| part[0] == root).map(|[.., last]| *last)
    }

    /// Where the answers to the comments of a page go on.
    pub fn reply_continuation(&self, page: u32) -> Option<u32> {
        let root = self.root_page_of(page);
        let part = self.continuations.iter().find(|[of, _, last]| *of == root && *last > page);
        part.map(|[_, first, _]| page.saturating_add(1).max(*first))
    }

    /// The root page that follows the one this page belongs to.
    pub fn next_root_page(&self, page: u32, sort: Sort) -> Option<u32> {
        let roots = self.roots();
        let at = roots.binary_search(&self.root_page_of(page)).ok()?;
        let next = if sort == Sort::Newest { at.checked_sub(1)? } else { at + 1 };
        roots.get(next).copied()
    }

    /// All pages in the order in which a reader meets them.
    ///
    /// For [`Sort::Newest`] the root pages from the last to the first, each followed by its chain; else by their numbers.
    pub fn reading_order(&self, sort: Sort) -> Vec<u32> {
        if sort != Sort::Newest {
            return (1..=self.pages).collect();
        }
        let mut parts = self.continuations.to_vec();
        // Within a chain the parts ascend already, and this sort keeps that.
        parts.sort_by_key(|[root, ..]| Reverse(*root));
        let mut parts = parts.into_iter().peekable();
        let mut order = Vec::new();
        for root in self.roots().into_iter().rev() {
            order.push(root);
            while let Some([_, first, last]) = parts.next_if(|[of, ..]| *of == root) {
                order.extend(first..=last);
            }
        }
        order
    }

    fn roots(&self) -> Vec<u32> {
        let mut roots = Vec::new();
        let mut next = 1;
        for [_, first, last] in self.continuations {
            roots.extend(next..*first);
            next = last.saturating_add(1);
        }
        roots.extend(next..=self.pages);
        roots
    }
}

/// Which stored value holds a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageSource {
    /// The page of this number.
    Page(u32),
    /// The best roots of a thread of more than one page.
    Top,
}

/// Reading a thread in an order, out of its head and one more value; everything about the thread as a whole is the head's word.
impl Thread {
    /// How this thread is cut into pages.
    pub fn layout(&self) -> PageLayout<'_> {
        PageLayout { pages: self.pages, continuations: &self.continuations }
    }

    /// Where the answers to the comments of a page go on.
    pub fn reply_continuation(&self, page: u32) -> Option<u32> {
        self.layout().reply_continuation(page)
    }

    /// The root page that follows the one this page belongs to.
    pub fn next_root_page(&self, page: u32, sort: Sort) -> Option<u32> {
        self.layout().next_root_page(page, sort)
    }

    /// Whether reading in this order needs the value of [`Source::Top`]: a single page is put in order as it is.
    pub fn needs_top_page(&self, sort: Sort) -> bool {
        sort == Sort::Top && self.pages > 1
    }

    /// Where the page of this number, counted in this order, is stored; `None` beyond the last.
    ///
    /// `top` are the comments of [`Source::Top`]. Without any, nothing was voted for, and the order is that of [`Sort::Oldest`].
    pub fn page_source(&self, page: u32, sort: Sort, top: &[Comment]) -> Option<PageSource> {
        let at = page.checked_sub(1)?;
        let numbered = |page: u32| (1..=self.pages).contains(&page).then_some(PageSource::Page(page));
        match sort {
            Sort::Newest => {
                self.layout().reading_order(sort).get(usize::try_from(at).ok()?).map(|&page| PageSource::Page(page))
            }
            Sort::Top if self.needs_top_page(sort) && !top.is_empty() => {
                if at == 0 {
                    Some(PageSource::Top)
                } else {
                    numbered(at)
                }
            }
            Sort::Oldest | Sort::Top => numbered(page),
        }
    }

    /// The page of this number, counted in this order, out of the comments stored at its [`Thread::source`].
    ///
    /// What `top` holds is on the first page of that order and on no other.
    #[must_use]
    pub fn into_page(self, page: u32, sort: Sort, stored: Vec<Comment>, top: &[Comment]) -> Self {
        let topped = self.needs_top_page(sort) && !top.is_empty();
        let comments = match (topped, page) {
            (true, 1) => stored,
            (true, _) => without(stored, top),
            (false, _) if self.needs_top_page(sort) => stored,
            (false, _) => in_order(stored, sort),
        };
        // The parts go by stored numbers, which are those of one order only.
        let parts = if sort == Sort::Oldest { self.continuations } else { Vec::new() };
        Self { page, sort, comments, continuations: parts, pages: self.pages.saturating_add(topped.into()), ..self }
    }

    /// The key of this value in KV.
    pub fn kv_key(&self) -> String {
        if self.sort == Sort::Top { self.url.kv_top_key() } else { self.url.kv_key(self.page) }
    }
}

/// Puts the root comments of a page in an order; answers stay with what they answer, as they are.
fn in_order(comments: Vec<Comment>, sort: Sort) -> Vec<Comment> {
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
    // An answer whose parent is on another page begins a tree too; those stay as they are, below the roots.
    trees.sort_by_key(|tree| {
        let root = tree.first().filter(|comment| comment.parent.is_none());
        root.map_or((true, Reverse(0), Reverse(0)), |root| match sort {
            Sort::Newest => (false, Reverse(0), Reverse(root.id.get())),
            Sort::Oldest | Sort::Top => (false, Reverse(root.votes), Reverse(root.id.get().saturating_neg())),
        })
    });
    trees.into_iter().flatten().collect()
}

fn without(comments: Vec<Comment>, others: &[Comment]) -> Vec<Comment> {
    let others: std::collections::HashSet<_> = others.iter().map(|comment| comment.id).collect();
    comments.into_iter().filter(|comment| !others.contains(&comment.id)).collect()
}
