//! Moves of posts: lists of single moves, and prefix rules.

use std::collections::{HashMap, HashSet};

use afterword_model::{PostUrl, Refusal};
use serde::{Deserialize, Serialize};

/// A move of a post. Both addresses belong to the site of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostMove {
    /// Old address of the post.
    pub from: PostUrl,
    /// New address of the post.
    pub to: PostUrl,
}

/// The posts that have moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostMoves {
    /// Single posts, read like the redirects of a blog: with `a -> b` and `b -> c`, both are at `c` now. Posts in a circle have no new
    /// address, and a post with two new addresses could be at either: these stay.
    List(Vec<PostMove>),
    /// All posts at and below an address, such as `https://blog.example/2019` or a whole blog. The rest of each address, including its
    /// query, is kept.
    ///
    /// The same rule can be applied twice, and a blog can move below itself: if the new address is below the old one, posts at or below
    /// the new address stay. If it is above the old one, posts stay that would come to an address to which the rule applies again, as
    /// `/blog/blog/x` would by `/blog` to `/`: nobody could tell them from posts that are still to be moved.
    Prefix(PostMove),
}

/// Outcome of a move for one thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveOutcome {
    /// The thread gets the new address.
    Renamed,
    /// Its comments join those of the thread at the new address.
    Merged,
    /// The thread is at the new address already.
    Done,
    /// There is no thread at the old address.
    Absent,
    /// The list leads in a circle: nothing is done.
    Circle,
    /// The list leads to two addresses: nothing is done.
    Ambiguous,
    /// The rule would apply to the new address again: nothing is done, and the post has to be moved by itself.
    Blocked,
    /// The new address would exceed the maximum length of an address: nothing is done.
    TooLong,
}

/// A move to the end of its chain, and the reason why it must not be carried out, if there is one.
pub(crate) type ResolvedMove = (PostMove, Option<MoveOutcome>);

impl PostMove {
    /// Resolves each move of a list to the end of its chain, or to the reason why it has none: [`MoveOutcome::Circle`] or
    /// [`MoveOutcome::Ambiguous`].
    ///
    /// A caller that sends a long list in pieces calls this first, because one piece does not know where the others lead.
    pub fn resolve_chains(list: &[Self]) -> Vec<(Self, Option<MoveOutcome>)> {
        let chains = ResolvedChains::new(list);
        list.iter().map(|post| chains.resolve(post)).collect()
    }

    /// Refuses a move that is no prefix rule. An address with a query or a route belongs to one post, so nothing is below it.
    pub(crate) fn check_rule(&self) -> Result<(), Refusal> {
        let is_folder = |url: &PostUrl| !url.as_str().contains(['?', '#']);
        let is_rule = self.from != self.to && is_folder(&self.from) && is_folder(&self.to);
        if is_rule { Ok(()) } else { Err(Refusal::BadRule) }
    }

    /// Applies this prefix rule to an address. `None` if the rule does not apply.
    pub(crate) fn apply_rule(&self, url: &PostUrl) -> Option<ResolvedMove> {
        let rest = strip_address(url, &self.from)?;
        let is_nested = strip_address(&self.to, &self.from).is_some();
        if is_nested && strip_address(url, &self.to).is_some() {
            return None;
        }
        let post_move = |to| Self { from: url.clone(), to };
        match PostUrl::parse(&format!("{}{rest}", without_slash(&self.to))) {
            Ok(to) => {
                let applies_again = !is_nested && strip_address(&to, &self.from).is_some();
                Some((post_move(to), applies_again.then_some(MoveOutcome::Blocked)))
            }
            Err(_) => Some((post_move(self.to.clone()), Some(MoveOutcome::TooLong))),
        }
    }
}

/// The ends of the chains in a list of moves, by the addresses at which they begin.
pub(crate) struct ResolvedChains<'a>(HashMap<&'a PostUrl, Result<&'a PostUrl, MoveOutcome>>);

impl<'a> ResolvedChains<'a> {
    /// Visits each address once: the known end of a chain is the end for all addresses before it.
    pub(crate) fn new(moves: &'a [PostMove]) -> Self {
        // An address with two successors has none here.
        let mut successors: HashMap<&PostUrl, Option<&PostUrl>> = HashMap::new();
        for PostMove { from, to } in moves {
            let known = successors.entry(from).or_insert(Some(to));
            *known = known.filter(|known| *known == to);
        }
        let mut ends = HashMap::new();
        for start in successors.keys().copied() {
            let (mut chain, mut visited, mut url) = (Vec::new(), HashSet::new(), start);
            let end = loop {
                if let Some(end) = ends.get(url) {
                    break *end;
                }
                let Some(to) = successors.get(url) else { break Ok(url) };
                if *to == Some(url) {
                    break Ok(url);
                }
                if !visited.insert(url) {
                    break Err(MoveOutcome::Circle);
                }
                chain.push(url);
                let Some(to) = to else { break Err(MoveOutcome::Ambiguous) };
                url = to;
            };
            ends.extend(chain.into_iter().map(|url| (url, end)));
        }
        Self(ends)
    }

    pub(crate) fn resolve(&self, post: &PostMove) -> ResolvedMove {
        match self.0.get(&post.from) {
            Some(Ok(end)) => (PostMove { from: post.from.clone(), to: (*end).clone() }, None),
            Some(Err(reason)) => (post.clone(), Some(*reason)),
            None => (post.clone(), None),
        }
    }
}

/// The rest of an address that is at or below another one, where a path segment, the query or the route begins.
fn strip_address<'a>(url: &'a PostUrl, prefix: &PostUrl) -> Option<&'a str> {
    let rest = url.as_str().strip_prefix(without_slash(prefix))?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
}

fn without_slash(url: &PostUrl) -> &str {
    url.as_str().trim_end_matches('/')
}
