//! Parents, times and the order of comments.

use afterword_model::limits;

use crate::plan::decisions::{Decision, IdIndex, NO_PARENT};
use crate::plan::entry::{CommentEntry, Key};
use crate::plan::placement::{Destination, Placement};
use crate::plan::report::Report;
use crate::record::TimeQuality;

/// Comments before the year 1990 have a wrong date: the web is younger.
const EARLIEST: i64 = 631_152_000;
/// The time of a comment that is not known yet.
const UNKNOWN: i64 = i64::MIN;
/// The depth of a comment that is not known yet.
const NO_DEPTH: u32 = u32::MAX;

/// Finds the parent of each comment, [`NO_PARENT`] for a root comment. A parent that is missing, or under another post, is counted.
pub(crate) fn link_parents(
    comments: &[CommentEntry],
    ids: &IdIndex<'_>,
    placement: &Placement,
    decisions: &[Decision],
    report: &mut Report,
) -> Vec<u32> {
    let find = |(comment, decision): (&CommentEntry, &Decision)| {
        if comment.parent == Key::NONE {
            return NO_PARENT;
        }
        let is_imported = u64::from(decision.left_out.is_none());
        let Some(parent) = ids.find(comment.parent) else {
            report.orphans += is_imported;
            return NO_PARENT;
        };
        let thread = comments.get(parent as usize).map_or(comment.thread, |parent| parent.thread);
        if thread != comment.thread && !is_same_target(placement, thread, comment.thread) {
            report.parents_elsewhere += is_imported;
            return NO_PARENT;
        }
        parent
    };
    let mut parents: Vec<u32> = comments.iter().zip(decisions).map(find).collect();
    report.cycles = break_cycles(&mut parents);
    parents
}

fn is_same_target(placement: &Placement, a: u32, b: u32) -> bool {
    matches!((placement.place(a), placement.place(b)), (Destination::Target(a), Destination::Target(b)) if a == b)
}

/// Makes the first comment of each circle a root comment. Returns the number of circles.
fn break_cycles(parents: &mut [u32]) -> u64 {
    let mut visited_by = vec![NO_PARENT; parents.len()];
    let mut cycles = 0;
    for start in 0..parents.len() as u32 {
        let mut at = start;
        while let Some(visited) = visited_by.get_mut(at as usize).filter(|visited| **visited == NO_PARENT) {
            *visited = start;
            at = parents.get(at as usize).copied().unwrap_or(NO_PARENT);
        }
        let is_new_cycle = visited_by.get(at as usize) == Some(&start) && is_on_cycle(parents, at);
        if is_new_cycle {
            cycles += 1;
            let first = cycle(parents, at).min().unwrap_or(at);
            if let Some(parent) = parents.get_mut(first as usize) {
                *parent = NO_PARENT;
            }
        }
    }
    cycles
}

/// The members of the circle to which a comment belongs.
fn cycle(parents: &[u32], start: u32) -> impl Iterator<Item = u32> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let at = next?;
        next = parents.get(at as usize).copied().filter(|parent| *parent != start && *parent != NO_PARENT);
        Some(at)
    })
}

/// True if the way up from a comment, all of which was just walked, leads back to it.
fn is_on_cycle(parents: &[u32], start: u32) -> bool {
    cycle(parents, start).last().and_then(|last| parents.get(last as usize)) == Some(&start)
}

/// Times of comments, with those that are guessed.
pub(crate) struct Times {
    pub(crate) times: Vec<i64>,
    latest: i64,
}

impl Times {
    /// Takes the times of the source, and those of the neighbours for comments whose time is missing or impossible: of the comment before
    /// under the same post, else of the one after, else of the post, else of a comment under another post.
    pub(crate) fn new(comments: &[CommentEntry], placement: &Placement, latest: i64) -> Self {
        let latest = if latest > EARLIEST { latest.min(limits::LAST_SECOND) } else { limits::LAST_SECOND };
        let mut this = Self { times: Vec::new(), latest };
        let known = comments.iter().map(|comment| if this.is_known(comment) { comment.time } else { UNKNOWN });
        this.times = known.collect();
        if this.times.contains(&UNKNOWN) {
            this.guess(comments, placement);
        }
        this
    }

    pub(crate) fn is_known(&self, comment: &CommentEntry) -> bool {
        comment.quality != TimeQuality::Missing && (EARLIEST..=self.latest).contains(&comment.time)
    }

    fn guess(&mut self, comments: &[CommentEntry], placement: &Placement) {
        let mut last = vec![UNKNOWN; placement.places.len()];
        let all = comments.iter().zip(&mut self.times);
        all.for_each(|(comment, time)| take_neighbour(&mut last, comment.thread, time));
        last.fill(UNKNOWN);
        let all = comments.iter().zip(&mut self.times).rev();
        all.for_each(|(comment, time)| take_neighbour(&mut last, comment.thread, time));
        for (comment, time) in comments.iter().zip(&mut self.times) {
            let post = placement.times.get(comment.thread as usize).copied().flatten();
            if let Some(post) = post.filter(|post| *time == UNKNOWN && (EARLIEST..=self.latest).contains(post)) {
                *time = post;
            }
        }
        let mut last = [UNKNOWN];
        self.times.iter_mut().for_each(|time| take_neighbour(&mut last, 0, time));
        let mut last = [UNKNOWN];
        self.times.iter_mut().rev().for_each(|time| take_neighbour(&mut last, 0, time));
        self.times.iter_mut().filter(|time| **time == UNKNOWN).for_each(|time| *time = EARLIEST);
    }
}

/// Takes the last known time of a thread for a comment without one, or remembers that of the comment.
fn take_neighbour(last: &mut [i64], thread: u32, time: &mut i64) {
    if let Some(last) = last.get_mut(thread as usize) {
        if *time == UNKNOWN {
            *time = *last;
        } else {
            *last = *time;
        }
    }
}

/// The indexes of all comments with a line: by time, and each after its parent. Siblings are ordered by time and then by their places in the
/// file. A guessed time is never before that of the parent.
pub(crate) fn sort(comments: &[CommentEntry], parents: &[u32], decisions: &[Decision], times: &mut Times) -> Vec<u32> {
    let mut effective = vec![0_i64; comments.len()];
    let mut depths = vec![NO_DEPTH; comments.len()];
    let mut path = Vec::new();
    for start in 0..comments.len() as u32 {
        let mut at = start;
        while depths.get(at as usize) == Some(&NO_DEPTH) {
            path.push(at);
            at = parents.get(at as usize).copied().unwrap_or(NO_PARENT);
        }
        let parent = depths.get(at as usize).zip(effective.get(at as usize));
        let (mut depth, mut above) = parent.map_or((0, UNKNOWN), |(depth, time)| (depth + 1, *time));
        while let Some(index) = path.pop() {
            let index = index as usize;
            let is_known = comments.get(index).is_some_and(|comment| times.is_known(comment));
            let Some(time) = times.times.get_mut(index) else { continue };
            if !is_known {
                *time = (*time).max(above);
            }
            above = above.max(*time);
            if let (Some(depth_of), Some(effective)) = (depths.get_mut(index), effective.get_mut(index)) {
                (*depth_of, *effective) = (depth, above);
            }
            depth += 1;
        }
    }
    let has_line = |index: &u32| decisions.get(*index as usize).is_some_and(|decision| decision.has_line());
    let mut order: Vec<u32> = (0..comments.len() as u32).filter(has_line).collect();
    order.sort_unstable_by_key(|index| {
        let at = *index as usize;
        (effective.get(at).copied(), depths.get(at).copied(), times.times.get(at).copied(), *index)
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_circle_loses_one_link() {
        // 0 ↔ 1; 2 → 3 → 4 → 2 with 5 below 4; 6 is its own parent; 7 is a root comment with 8 below it.
        let mut parents = vec![1, 0, 3, 4, 2, 4, 6, NO_PARENT, 7];
        assert_eq!(break_cycles(&mut parents), 3);
        assert_eq!(parents, [NO_PARENT, 0, NO_PARENT, 4, 2, 4, NO_PARENT, NO_PARENT, 7]);
    }

    #[test]
    fn a_long_chain_takes_linear_time() {
        let mut parents: Vec<u32> = (0..1_000_000).map(|index| index + 1).collect();
        parents[999_999] = 0;
        assert_eq!(break_cycles(&mut parents), 1);
    }
}
