//! The pages of a thread, and the order in which readers see them.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::comment::Comment;
use crate::comment_index::CommentIndex;
use crate::id::CommentId;
use crate::pinned::{put_pins_first, sort_key, split_trees, without_pins};
use crate::thread::{Sort, Thread};

/// The pages of a thread: their number, and which pages continue which.
///
/// Page numbers ascend, and a page keeps its number. A *root page* holds root comments and those of their replies that
/// fit on it. Further replies are on *continuation pages*. The continuation pages of a root page form its chain, in
/// ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLayout<'a> {
    /// Number of pages, at least 1.
    pub pages: u32,
    /// See [`Thread::continuations`].
    pub continuations: &'a [[u32; 3]],
}

impl PageLayout<'_> {
    /// The root page of the chain that contains this page. For a root page, the page itself.
    pub fn root_page_of(&self, page: u32) -> u32 {
        let range = self.continuations.iter().find(|[_, first, last]| (*first..=*last).contains(&page));
        range.map_or(page, |[root, ..]| *root)
    }

    /// The last root page. A new root comment is put there if the page has room.
    pub fn last_root_page(&self) -> u32 {
        let mut page = self.pages;
        // The ranges ascend, so one pass from the end suffices.
        for [_, first, last] in self.continuations.iter().rev() {
            if *last != page {
                break;
            }
            page = first.saturating_sub(1);
        }
        page.max(1)
    }

    /// The last continuation page of a root page, if it has any.
    pub fn last_page_of_chain(&self, root: u32) -> Option<u32> {
        self.continuations.iter().rev().find(|range| range[0] == root).map(|[.., last]| *last)
    }

    /// The page with further replies to the comments of this page.
    pub fn reply_continuation(&self, page: u32) -> Option<u32> {
        let root = self.root_page_of(page);
        let range = self.continuations.iter().find(|[start, _, last]| *start == root && *last > page);
        range.map(|[_, first, _]| page.saturating_add(1).max(*first))
    }

    /// The page before a continuation page in its chain, if that is a continuation page too.
    fn previous_continuation(&self, page: u32) -> Option<u32> {
        let root = self.root_page_of(page);
        let ranges = self.continuations.iter().filter(|[start, first, _]| *start == root && *first < page);
        ranges.map(|[.., last]| page.saturating_sub(1).min(*last)).next_back()
    }

    /// The root page before the one that a page belongs to. For a page beyond the last, the last root page.
    pub fn previous_root_page(&self, page: u32) -> Option<u32> {
        let root_pages = self.root_pages();
        let before = root_pages.partition_point(|root| *root < self.root_page_of(page));
        before.checked_sub(1).and_then(|index| root_pages.get(index)).copied()
    }

    /// The root page after the one that a page belongs to.
    pub fn next_root_page(&self, page: u32) -> Option<u32> {
        let root_pages = self.root_pages();
        root_pages.get(root_pages.partition_point(|root| *root <= self.root_page_of(page))).copied()
    }

    /// All pages in the order in which a reader sees them.
    ///
    /// For [`Sort::Newest`], the root pages from the last to the first, each followed by its chain. Otherwise ascending
    /// by number.
    pub(crate) fn reading_order(&self, sort: Sort) -> Vec<u32> {
        if sort != Sort::Newest {
            return (1..=self.pages).collect();
        }
        let mut ranges = self.continuations.to_vec();
        // Within a chain the ranges already ascend, and the sort is stable.
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

/// The stored value that holds a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageSource {
    /// The page with this number.
    Page(u32),
    /// The top page: the best root comments of a thread with more than one page.
    Top,
}

/// The comments of a stored value, and its [`CommentIndex::continued`].
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredPage {
    pub(crate) comments: Vec<Comment>,
    pub(crate) continued: Vec<(CommentId, u32, u32)>,
}

/// Methods that build one page, in a given sort order, from the head and at most one other stored value. The head is
/// the authority for everything that concerns the whole thread.
impl Thread {
    /// The page layout of this thread.
    pub fn layout(&self) -> PageLayout<'_> {
        PageLayout { pages: self.pages, continuations: &self.continuations }
    }

    /// The pages as a reader goes through them. Without an index no comment leads to its continuation pages, so every page follows the one
    /// before it.
    pub fn navigation(&self) -> PageLayout<'_> {
        let continuations = if self.index.is_some() { &self.continuations[..] } else { &[] };
        PageLayout { pages: self.pages, continuations }
    }

    /// Returns true if this sort order needs the value of [`PageSource::Top`]. A single page is sorted without it.
    pub(crate) fn needs_top_page(&self, sort: Sort) -> bool {
        sort == Sort::Top && self.pages > 1
    }

    /// The stored value for page number `page` in this sort order. `None` beyond the last page.
    ///
    /// `top` is the comments of [`PageSource::Top`]. If it is empty, the thread has no votes, and the order is that of
    /// [`Sort::Oldest`].
    pub(crate) fn page_source(&self, page: u32, sort: Sort, top: &[Comment]) -> Option<PageSource> {
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

    /// Builds page number `page` in this sort order from the value stored at its [`Thread::page_source`]. With `root`, that is a
    /// continuation page, and the comments of its root page are on the page too.
    ///
    /// The comments in `top` and `pins` are on the first page of that order and on no other, except for a continuation page with its root page.
    #[must_use]
    pub(crate) fn into_page(
        self,
        page: u32,
        sort: Sort,
        stored: StoredPage,
        root: Option<StoredPage>,
        (top, pins): (&[Comment], &StoredPage),
    ) -> Self {
        let StoredPage { comments: stored, mut continued } = stored;
        let has_top_page = self.needs_top_page(sort) && !top.is_empty();
        let comments = match (has_top_page, page) {
            (true, 1) => stored,
            (true, _) => without_comments(stored, top),
            (false, _) if self.needs_top_page(sort) => stored,
            (false, _) => sort_root_comments(stored, sort),
        };
        let comments = match root {
            None if page == 1 => {
                let first = put_pins_first(StoredPage { comments, continued }, pins, sort);
                continued = first.continued;
                first.comments
            }
            None => without_pins(comments, pins),
            Some(root) => {
                continued.extend(root.continued);
                let is_sorted = self.needs_top_page(sort);
                let root = if is_sorted { root.comments } else { sort_root_comments(root.comments, sort) };
                nest_replies(root.into_iter().chain(comments).collect())
            }
        };
        let numbers = self.page_numbers(sort, top);
        let number = |page: u32| numbers.get(&page).copied().unwrap_or(page);
        let index = self.index.is_some().then(|| CommentIndex {
            continued: continued.into_iter().map(|(id, first, last)| (id, number(first), number(last))).collect(),
            ..CommentIndex::default()
        });
        let continuations = match sort {
            Sort::Oldest => self.continuations,
            // Without an index nothing leads to a continuation page but the page before it.
            _ if index.is_none() => Vec::new(),
            Sort::Newest | Sort::Top => renumber(&self.continuations, number, sort),
        };
        Self {
            page,
            sort,
            comments,
            continuations,
            index,
            pages: self.pages.saturating_add(has_top_page.into()),
            ..self
        }
    }

    /// The number of each stored page in this sort order; see [`Thread::page_source`].
    fn page_numbers(&self, sort: Sort, top: &[Comment]) -> HashMap<u32, u32> {
        let first_number = if self.needs_top_page(sort) && !top.is_empty() { 2 } else { 1 };
        self.layout().reading_order(sort).into_iter().zip(first_number..).collect()
    }

    /// The number of a stored page in this sort order.
    pub(crate) fn page_number(&self, page: u32, sort: Sort, top: &[Comment]) -> u32 {
        self.page_numbers(sort, top).get(&page).copied().unwrap_or(1)
    }

    /// The pages with further replies to a comment of this page, in both directions from the replies that are shown: those before
    /// them, and those after them. A page that continues another one is shown together with that one.
    pub fn reply_pages(&self, comment: CommentId) -> (Option<u32>, Option<u32>) {
        let mut continued = self.index.iter().flat_map(|index| &index.continued);
        let Some(&(_, first, last)) = continued.find(|(id, ..)| *id == comment) else { return (None, None) };
        let layout = self.layout();
        if !(first..=last).contains(&self.page) || layout.root_page_of(self.page) == self.page {
            return (None, Some(first));
        }
        let earlier = layout.previous_continuation(self.page).filter(|page| *page >= first);
        (earlier, layout.reply_continuation(self.page).filter(|page| *page <= last))
    }

    /// The KV key of this value.
    pub fn kv_key(&self) -> String {
        if self.sort == Sort::Top { self.url.kv_top_key() } else { self.url.kv_key(self.page) }
    }
}

/// The depth of each comment of a page: the number of its ancestors on the page.
///
/// A page is in depth-first order: a comment follows its parent, with nothing between them but other replies to that parent and the
/// replies to those. A comment whose parent is not among the ancestors of the comment before it, nor that comment itself, counts as a
/// root comment.
pub fn reply_depths(comments: &[Comment]) -> Vec<usize> {
    let mut path: Vec<CommentId> = Vec::new();
    let mut depth = |comment: &Comment| {
        while path.last().is_some_and(|&id| Some(id) != comment.parent) {
            path.pop();
        }
        path.push(comment.id);
        path.len() - 1
    };
    comments.iter().map(&mut depth).collect()
}

/// Continuation pages under the numbers that the pages have in another order.
fn renumber(continuations: &[[u32; 3]], number: impl Fn(u32) -> u32, sort: Sort) -> Vec<[u32; 3]> {
    let mut ranges: Vec<_> = continuations.iter().map(|range| range.map(&number)).collect();
    if sort == Sort::Newest {
        // The root pages are reversed, and the chain of each follows it without gaps.
        ranges.sort_unstable_by_key(|[_, first, _]| *first);
        ranges.dedup_by(|[root, _, last], before| {
            let is_same = before[0] == *root;
            before[2] = if is_same { *last } else { before[2] };
            is_same
        });
    }
    ranges
}

/// Puts comments into depth-first order: each after its parent, with siblings by id, and comments without a parent in the given order.
///
/// A comment whose parent is not before it in the list counts as one without a parent. The function is linear and not recursive, because
/// a chain of replies may be as long as the list.
pub fn nest_replies(comments: Vec<Comment>) -> Vec<Comment> {
    let indexes: HashMap<_, _> = comments.iter().enumerate().map(|(index, comment)| (comment.id, index)).collect();
    let mut replies: Vec<Vec<usize>> = vec![Vec::new(); comments.len()];
    let mut stack = Vec::new();
    // From the last to the first, so that the lists end up ready to be popped.
    for (index, comment) in comments.iter().enumerate().rev() {
        let parent = comment.parent.and_then(|parent| indexes.get(&parent).copied()).filter(|&parent| parent < index);
        match parent.and_then(|parent| replies.get_mut(parent)) {
            Some(siblings) => siblings.push(index),
            None => stack.push(index),
        }
    }
    for siblings in &mut replies {
        siblings.sort_by_key(|&index| Reverse(comments.get(index).map(|comment| comment.id)));
    }
    let mut comments: Vec<Option<Comment>> = comments.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(comments.len());
    while let Some(index) = stack.pop() {
        ordered.extend(comments.get_mut(index).and_then(Option::take));
        stack.append(&mut replies[index]);
    }
    ordered
}

/// Sorts the root comments of a page. Replies stay below their parents, in their stored order.
fn sort_root_comments(comments: Vec<Comment>, sort: Sort) -> Vec<Comment> {
    if sort == Sort::Oldest {
        return comments;
    }
    let mut trees = split_trees(comments);
    trees.sort_by_key(|tree| sort_key(tree, sort));
    trees.into_iter().flatten().collect()
}

fn without_comments(comments: Vec<Comment>, others: &[Comment]) -> Vec<Comment> {
    let others: std::collections::HashSet<_> = others.iter().map(|comment| comment.id).collect();
    comments.into_iter().filter(|comment| !others.contains(&comment.id)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::comment::Author;
    use crate::post_url::PostUrl;
    use crate::safe_html::SafeHtml;

    /// Pages 1, 2 and 5 are root pages. 3, 4 and 7 continue the first, 6 the second.
    const CONTINUATIONS: &[[u32; 3]] = &[[1, 3, 4], [2, 6, 6], [1, 7, 7]];

    /// The root page after the one that a page belongs to, in an order.
    fn next_root_page(layout: &PageLayout<'_>, page: u32, sort: Sort) -> Option<u32> {
        if sort == Sort::Newest { layout.previous_root_page(page) } else { layout.next_root_page(page) }
    }

    fn comment(id: i64, parent: Option<i64>) -> Comment {
        Comment {
            id: CommentId::new(id),
            parent: parent.map(CommentId::new),
            author: Author::default(),
            html: SafeHtml::default(),
            created: id,
            edited: None,
            votes: id,
            pinned: false,
            deleted: false,
            moderated: false,
            on_behalf: false,
            since: None,
        }
    }

    #[test]
    fn depth_is_the_number_of_ancestors_on_the_page() {
        let pages: [&[(i64, Option<i64>, usize)]; 4] = [
            &[],
            &[(1, None, 0), (2, Some(1), 1), (5, Some(2), 2), (6, Some(2), 2), (3, Some(1), 1), (4, None, 0)],
            // The parent of 7 is on another page, and the parent of 9 is no ancestor of the comment before it.
            &[(7, Some(3), 0), (8, Some(7), 1), (9, Some(10), 0), (10, None, 0), (11, Some(7), 0)],
            // Comments that reply to themselves or to each other.
            &[(12, Some(12), 0), (13, Some(14), 0), (14, Some(13), 1), (13, Some(14), 2)],
        ];
        for page in pages {
            let comments: Vec<_> = page.iter().map(|&(id, parent, _)| comment(id, parent)).collect();
            let expected: Vec<_> = page.iter().map(|&(.., depth)| depth).collect();
            assert_eq!(reply_depths(&comments), expected, "{page:?}");
        }
    }

    #[test]
    fn sorting_keeps_replies_below_their_root_comments() {
        let page = [(1, None), (4, Some(1)), (5, Some(4)), (2, None), (6, Some(2)), (9, Some(8)), (3, None)];
        let comments: Vec<_> = page.iter().map(|&(id, parent)| comment(id, parent)).collect();
        for sort in [Sort::Newest, Sort::Top] {
            let sorted: Vec<_> = sort_root_comments(comments.clone(), sort).iter().map(|it| it.id.get()).collect();
            assert_eq!(sorted, [3, 2, 6, 1, 4, 5, 9], "{sort:?}");
        }
    }

    #[test]
    fn continuations_of_replies_and_root_pages() {
        let url = PostUrl::parse("https://blog.example/post").unwrap();
        let thread = Thread { pages: 7, continuations: CONTINUATIONS.to_vec(), ..Thread::empty(url) };
        let layout = thread.layout();
        let replies: Vec<_> = (1..=7).map(|page| layout.reply_continuation(page)).collect();
        assert_eq!(replies, [Some(3), Some(6), Some(4), Some(7), None, None, None]);
        let roots = |sort| (1..=7).map(|page| next_root_page(&layout, page, sort)).collect::<Vec<_>>();
        assert_eq!(roots(Sort::Oldest), [Some(2), Some(5), Some(2), Some(2), None, Some(5), Some(2)]);
        assert_eq!(roots(Sort::Newest), [None, Some(1), None, None, Some(2), Some(1), None]);
        assert_eq!(layout.last_root_page(), 5);
        assert_eq!((layout.last_page_of_chain(1), layout.last_page_of_chain(5)), (Some(7), None));
        assert_eq!(thread.page_source(1, Sort::Newest, &[]), Some(PageSource::Page(5)));
    }

    /// For each page after the first, an earlier root page that it continues, or none if it is a root page itself.
    fn any_continuations() -> impl Strategy<Value = (u32, Vec<[u32; 3]>)> {
        prop::collection::vec(prop::option::weighted(0.7, any::<prop::sample::Index>()), 0..60).prop_map(|pages| {
            let (mut root_pages, mut ranges) = (vec![1], Vec::<[u32; 3]>::new());
            for (page, continued) in (2..).zip(&pages) {
                match continued.map(|index| root_pages[index.index(root_pages.len())]) {
                    None => root_pages.push(page),
                    Some(root) => match ranges.last_mut() {
                        Some([start, _, last]) if *start == root && *last + 1 == page => *last = page,
                        _ => ranges.push([root, page, page]),
                    },
                }
            }
            (u32::try_from(pages.len()).unwrap() + 1, ranges)
        })
    }

    proptest! {
        #[test]
        fn every_reading_order_contains_every_page_once((pages, ranges) in any_continuations()) {
            let layout = PageLayout { pages, continuations: &ranges };
            let all: Vec<u32> = (1..=pages).collect();
            for sort in [Sort::Oldest, Sort::Newest, Sort::Top] {
                let mut order = layout.reading_order(sort);
                order.sort_unstable();
                prop_assert_eq!(&order, &all);
            }
            // From root page to root page, and through the chain of each.
            let next_root = |&page: &u32| next_root_page(&layout, page, Sort::Newest);
            let newest: Vec<u32> = std::iter::successors(Some(layout.last_root_page()), next_root)
                .flat_map(|root| std::iter::successors(Some(root), |&page| layout.reply_continuation(page)))
                .collect();
            prop_assert_eq!(newest, layout.reading_order(Sort::Newest));
            for page in all {
                let root = layout.root_page_of(page);
                prop_assert_eq!(layout.root_page_of(root), root);
                let next = layout.reply_continuation(page);
                prop_assert!(root <= page && next.is_none_or(|next| next > page && layout.root_page_of(next) == root));
                let end = layout.last_page_of_chain(root);
                prop_assert!(end.is_none_or(|end| end >= page && layout.reply_continuation(end).is_none()));
            }
        }
    }
}
