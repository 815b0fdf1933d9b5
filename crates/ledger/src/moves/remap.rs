//! Threads whose posts have moved to another address.

use std::collections::{HashMap, HashSet};

use afterword_model::{PostUrl, Refusal};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::thread_page::{ThreadRow, stored_url};
use crate::store::audit_log::Attribution;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Pages whose comments are mixed in one call, merge by merge; then the call ends, and is to go on with `next`.
const MIXED: u32 = 40;

/// A post that has moved. Both addresses are of the ledger's site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostMove {
    /// Where the post was.
    pub from: PostUrl,
    /// Where it is now.
    pub to: PostUrl,
}

/// Which posts have moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostMoves {
    /// Posts one by one, read like a blog's redirects: with `a -> b` and `b -> c`, both are at `c` now. Those in a circle are
    /// nowhere, and those with two new addresses could be at either: they stay.
    List(Vec<PostMove>),
    /// All posts at and below an address, such as `https://blog.example/2019` or a whole blog; what follows it is kept, its query too.
    ///
    /// The same rule can be applied twice, and a blog can move below itself: posts that are at or below the new address already stay
    /// if that is below the old one. Where it is above, posts stay that would come to where the rule applies again, as `/blog/blog/x`
    /// would by `/blog` to `/`: nobody could tell them from those that are still to move.
    Prefix(PostMove),
}

/// What becomes of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveOutcome {
    /// It takes the new address.
    Renamed,
    /// Its comments join those of the thread that is at the new address.
    Merged,
    /// It is there already.
    Done,
    /// There is no thread at the old address.
    Absent,
    /// The list leads in a circle: nothing is done.
    Circle,
    /// The list leads to two addresses: nothing is done.
    Ambiguous,
    /// The rule would apply to the new address again: nothing is done, and the post is to be moved by itself.
    Blocked,
    /// The new address would be longer than an address may be: nothing is done.
    TooLong,
}

/// One thread of a remap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemapStep {
    /// The old address, and the new one at the end of its chain.
    #[serde(flatten)]
    pub post: PostMove,
    /// The comments in it that can be read.
    pub comments: u32,
    /// What becomes of it.
    #[serde(rename = "what")]
    pub outcome: MoveOutcome,
}

/// What a call of [`Ledger::remap`] did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemapProgress {
    /// Thread by thread.
    pub steps: Vec<RemapStep>,
    /// Where the next call goes on; `None` after the last.
    pub next: Option<i64>,
}

impl<S: Sql> Ledger<S> {
    /// Takes threads to the new addresses of their posts. The old addresses stay known: what is sent to one reaches the thread, and a
    /// forwarding value is published there.
    ///
    /// A call looks at `limit` moves of a list or at `limit` threads, those after `after` (0 for the first call), or at fewer if they are
    /// much work. Each thread is moved in a transaction of its own, with an entry of its own in the audit log, whose UUID comes from that
    /// of the act.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::BadRule`] for a rule of one address, or of one with a query, or
    /// [`Refusal::IdReused`] for an act that was another one before. After an error of the database what was moved before stays moved; the
    /// same call again goes on.
    pub fn remap(
        &self,
        moves: &PostMoves,
        after: i64,
        limit: u32,
        act: &Attribution<'_>,
        now: i64,
    ) -> Result<RemapProgress, LedgerError> {
        let mut done = RemapProgress::default();
        let (planned, next) = self.planned(moves, after, limit)?;
        // Each move has a UUID of its own: what is known by that of the act is another act.
        if self.is_audited(&act.id)? {
            return Err(Refusal::IdReused.into());
        }
        let (last, mut mixed) = (planned.len(), 0);
        for Planned { moved, barred, cursor } in planned {
            let step = self.foresee(moved, barred, &Foreseen::default())?;
            match step.outcome {
                MoveOutcome::Renamed => self.rename(&step.post, act, now)?,
                MoveOutcome::Merged => mixed += self.merge(&step.post, act, now)?,
                _ => {}
            }
            done.steps.push(step);
            if mixed >= MIXED && done.steps.len() < last {
                return Ok(RemapProgress { next: Some(cursor), ..done });
            }
        }
        Ok(RemapProgress { next, ..done })
    }

    /// What [`Ledger::remap`] would do; writes nothing. Steps that depend on others are told as such within a call only.
    ///
    /// # Errors
    ///
    /// As [`Ledger::remap`].
    pub fn remap_dry_run(&self, moves: &PostMoves, after: i64, limit: u32) -> Result<RemapProgress, LedgerError> {
        let (planned, next) = self.planned(moves, after, limit)?;
        let (mut steps, mut foreseen) = (Vec::new(), Foreseen::default());
        for Planned { moved, barred, .. } in planned {
            let step = self.foresee(moved, barred, &foreseen)?;
            if matches!(step.outcome, MoveOutcome::Renamed | MoveOutcome::Merged) {
                foreseen.left.insert(step.post.from.clone());
                foreseen.taken.insert(step.post.to.clone());
            }
            steps.push(step);
        }
        Ok(RemapProgress { steps, next })
    }

    /// The next moves with what is known about them beforehand, and where to go on after them.
    fn planned(&self, moves: &PostMoves, after: i64, limit: u32) -> Result<(Vec<Planned>, Option<i64>), LedgerError> {
        match moves {
            PostMoves::List(moves) => {
                let ends = Ends::of(moves);
                let start = usize::try_from(after).unwrap_or(usize::MAX).min(moves.len());
                let end = moves.len().min(start.saturating_add(limit.max(1) as usize));
                let cursor = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
                let some = moves.get(start..end).unwrap_or_default().iter().zip(start + 1..);
                let planned = some.map(|(moved, number)| Planned::new(ends.plan(moved), cursor(number))).collect();
                Ok((planned, Some(cursor(end)).filter(|_| end < moves.len())))
            }
            PostMoves::Prefix(rule) => {
                rule.check()?;
                self.below(rule, after, limit.max(1))
            }
        }
    }

    fn below(&self, rule: &PostMove, after: i64, limit: u32) -> Result<(Vec<Planned>, Option<i64>), LedgerError> {
        let query = "SELECT id, url FROM thread WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), limit.into()])?;
        let full = rows.len() >= limit as usize;
        let (mut planned, mut last) = (Vec::new(), None);
        for columns in rows {
            let mut row = Row::new(columns);
            let (id, url) = (row.integer("thread.id")?, stored_url(row.text("thread.url")?)?);
            last = Some(id);
            planned.extend(rule.applied(&url).map(|outcome| Planned::new(outcome, id)));
        }
        Ok((planned, last.filter(|_| full)))
    }

    fn foresee(
        &self,
        moved: PostMove,
        barred: Option<MoveOutcome>,
        foreseen: &Foreseen,
    ) -> Result<RemapStep, LedgerError> {
        if foreseen.left.contains(&moved.from) {
            return Ok(RemapStep { post: moved, comments: 0, outcome: MoveOutcome::Done });
        }
        let source = self.thread_at(&moved.from)?;
        let comments = source.as_ref().map_or(0, |thread| thread.count);
        let moving = match (source, barred) {
            (_, Some(barred @ (MoveOutcome::Circle | MoveOutcome::Ambiguous))) => barred,
            (None, _) => {
                let there = self.thread_row(&moved.from)?.is_some_and(|thread| thread.url == moved.to);
                if there { MoveOutcome::Done } else { MoveOutcome::Absent }
            }
            (Some(_), Some(barred)) => barred,
            (Some(_), None) if moved.from == moved.to => MoveOutcome::Done,
            (Some(_), None) => {
                let there = foreseen.taken.contains(&moved.to) || self.thread_at(&moved.to)?.is_some();
                if there { MoveOutcome::Merged } else { MoveOutcome::Renamed }
            }
        };
        Ok(RemapStep { post: moved, comments, outcome: moving })
    }

    /// The thread that has this very address now.
    pub(crate) fn thread_at(&self, url: &PostUrl) -> Result<Option<ThreadRow>, LedgerError> {
        Ok(self.thread_row(url)?.filter(|thread| thread.url == *url))
    }
}

/// A move that is to be looked at.
struct Planned {
    /// At the end of its chain.
    moved: PostMove,
    /// What bars it, if anything does.
    barred: Option<MoveOutcome>,
    /// Where to go on after it.
    cursor: i64,
}

impl Planned {
    fn new((moved, barred): (PostMove, Option<MoveOutcome>), cursor: i64) -> Self {
        Self { moved, barred, cursor }
    }
}

/// What the steps of a dry run would have changed so far.
#[derive(Default)]
struct Foreseen {
    /// Addresses at which there would be a thread.
    taken: HashSet<PostUrl>,
    /// Addresses from which the thread would be gone.
    left: HashSet<PostUrl>,
}

/// Where the chains of a list end, or why they do not.
struct Ends<'a>(HashMap<&'a PostUrl, Result<&'a PostUrl, MoveOutcome>>);

impl<'a> Ends<'a> {
    /// Each address is passed once: what is known of the rest of a chain is the end of all before.
    fn of(moves: &'a [PostMove]) -> Self {
        // An address with two new ones has none here.
        let mut next: HashMap<&PostUrl, Option<&PostUrl>> = HashMap::new();
        for PostMove { from, to } in moves {
            let known = next.entry(from).or_insert(Some(to));
            *known = known.filter(|known| *known == to);
        }
        let mut ends = HashMap::new();
        for start in next.keys().copied() {
            let (mut chain, mut passed, mut at) = (Vec::new(), HashSet::new(), start);
            let end = loop {
                if let Some(end) = ends.get(at) {
                    break *end;
                }
                let Some(to) = next.get(at) else { break Ok(at) };
                if *to == Some(at) {
                    break Ok(at);
                }
                if !passed.insert(at) {
                    break Err(MoveOutcome::Circle);
                }
                chain.push(at);
                let Some(to) = to else { break Err(MoveOutcome::Ambiguous) };
                at = to;
            };
            ends.extend(chain.into_iter().map(|url| (url, end)));
        }
        Self(ends)
    }

    fn plan(&self, moved: &PostMove) -> (PostMove, Option<MoveOutcome>) {
        match self.0.get(&moved.from) {
            Some(Ok(end)) => (PostMove { from: moved.from.clone(), to: (*end).clone() }, None),
            Some(Err(why)) => (moved.clone(), Some(*why)),
            None => (moved.clone(), None),
        }
    }
}

impl PostMove {
    /// Each move of a list at the end of its chain, or what bars it: [`Moving::Circle`] or [`Moving::Ambiguous`].
    ///
    /// Whoever sends a long list piece by piece does this first: a piece by itself does not know where the others lead.
    pub fn resolve_chains(list: &[Self]) -> Vec<(Self, Option<MoveOutcome>)> {
        let ends = Ends::of(list);
        list.iter().map(|moved| ends.plan(moved)).collect()
    }

    /// Whether this can be a rule: a query belongs to one post, so nothing is below it.
    fn check(&self) -> Result<(), Refusal> {
        let has_query = |url: &PostUrl| url.as_str().contains('?');
        let is_rule = self.from != self.to && !has_query(&self.from) && !has_query(&self.to);
        if is_rule { Ok(()) } else { Err(Refusal::BadRule) }
    }

    /// What this rule makes of an address, if it applies.
    fn applied(&self, url: &PostUrl) -> Option<(PostMove, Option<MoveOutcome>)> {
        let rest = rest_below(url, &self.from)?;
        let is_nested = rest_below(&self.to, &self.from).is_some();
        if is_nested && rest_below(url, &self.to).is_some() {
            return None;
        }
        let moved = |to| PostMove { from: url.clone(), to };
        match PostUrl::parse(&format!("{}{rest}", trimmed(&self.to))) {
            Ok(to) => {
                let applies_again = !is_nested && rest_below(&to, &self.from).is_some();
                Some((moved(to), applies_again.then_some(MoveOutcome::Blocked)))
            }
            Err(_) => Some((moved(self.to.clone()), Some(MoveOutcome::TooLong))),
        }
    }
}

/// What follows in an address that is at or below another, where a segment or the query begins.
fn rest_below<'a>(url: &'a PostUrl, above: &PostUrl) -> Option<&'a str> {
    let rest = url.as_str().strip_prefix(trimmed(above))?;
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
}

fn trimmed(url: &PostUrl) -> &str {
    url.as_str().trim_end_matches('/')
}
