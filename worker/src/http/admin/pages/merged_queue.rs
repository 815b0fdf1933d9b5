//! The queue of several blogs in one list.
//!
//! Each blog has its own cursor, so no comment is skipped or shown twice while the lists change.

use afterword_model::Origin;
use afterword_model::moderation::{ListCount, QueueCounts, QueueList, QueuePage};

use crate::http::admin::pages::cursors::Cursors;

/// Merges the pages of several blogs into one of at most `limit` comments, by the time at which they were sent. Returns it with the cursor of
/// the next page, which is empty at the end.
pub(super) fn merge(
    pages: Vec<(&Origin, QueuePage)>,
    list: QueueList,
    mut cursors: Cursors,
    limit: usize,
) -> (QueuePage, String) {
    let mut merged = QueuePage {
        comments: Vec::new(),
        next: None,
        counts: QueueCounts::default(),
        newest: None,
        audit_head: 0,
        unindexed: 0,
    };
    let mut has_more = false;
    let mut lists = Vec::new();
    for (site, page) in pages {
        add_counts(&mut merged.counts, &page.counts);
        merged.unindexed = merged.unindexed.saturating_add(page.unindexed);
        if page.comments.is_empty() {
            // Nothing on this page of the blog, but perhaps on a later one.
            if let Some(next) = page.next {
                cursors.set(site, next.get());
                has_more = true;
            }
        } else {
            lists.push((site, page.comments.into_iter().peekable(), page.next));
        }
    }
    while merged.comments.len() < limit {
        let times = lists.iter_mut().enumerate().filter_map(|(at, (_, list, _))| Some((at, list.peek()?.created)));
        let next = if list.is_oldest_first() {
            times.min_by_key(|(at, created)| (*created, *at))
        } else {
            times.max_by_key(|(at, created)| (*created, std::cmp::Reverse(*at)))
        };
        let Some((site, list, _)) = next.and_then(|(at, _)| lists.get_mut(at)) else { break };
        let Some(comment) = list.next() else { break };
        cursors.set(site, comment.id.get());
        merged.comments.push(comment);
    }
    for (site, mut list, next) in lists {
        match (list.peek(), next) {
            (Some(_), _) => has_more = true,
            (None, Some(next)) => {
                cursors.set(site, next.get());
                has_more = true;
            }
            (None, None) => {}
        }
    }
    (merged, if has_more { cursors.text() } else { String::new() })
}

/// Adds the numbers of another blog.
pub(super) fn add_counts(total: &mut QueueCounts, counts: &QueueCounts) {
    let add = |total: &mut ListCount, count: ListCount| {
        *total = ListCount { count: total.count.saturating_add(count.count), more: total.more || count.more };
    };
    add(&mut total.pending, counts.pending);
    add(&mut total.reported, counts.reported);
    add(&mut total.unanswered, counts.unanswered);
    add(&mut total.spam, counts.spam);
    add(&mut total.published, counts.published);
    add(&mut total.deleted, counts.deleted);
}
