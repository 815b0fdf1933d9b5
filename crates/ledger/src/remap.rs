//! Threads whose posts have moved to another address.

use std::collections::{HashMap, HashSet};

use afterword_model::{Moved, PostUrl};
use serde::{Deserialize, Serialize};

use crate::read::{ThreadRow, stored_url};
use crate::row::Row;
use crate::{Act, Ledger, LedgerError, Sql};

/// Seconds for which pages stay at a former address after the value that forwards from there was published. Until then there may be
/// readers who have the head that was there before (Cloudflare's documentation, "How KV works": up to 60 seconds).
const FAREWELL: i64 = 60;

/// `moved.due` of a forwarding value that is to be published.
const AT_ONCE: i64 = 1;

/// The former addresses at which there is something to do, now or later.
const FORWARDS: &str = "FROM moved JOIN thread ON thread.id = moved.thread WHERE due > 0 AND thread.version > 0 AND NOT EXISTS \
     (SELECT 1 FROM outbox WHERE outbox.thread = moved.thread AND outbox.pages <> '')";

/// A post that has moved. Both addresses are of the ledger's site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Where the post was.
    pub from: PostUrl,
    /// Where it is now.
    pub to: PostUrl,
}

/// Which posts have moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moves {
    /// Posts one by one, read like a blog's redirects: with `a -> b` and `b -> c`, both are at `c` now. Those in a circle are
    /// nowhere, and stay.
    List(Vec<Move>),
    /// All posts at and below an address, such as `https://blog.example/2019` or a whole blog; what follows it is kept. Posts that are
    /// at or below the new address already stay: so a blog can move below itself, and the same rule can be applied twice.
    Prefix(Move),
}

/// What becomes of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moving {
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
    /// At the new address is a thread that is to move itself: nothing is done, and the rule is to be applied again.
    Blocked,
    /// The new address would be longer than an address may be: nothing is done.
    TooLong,
}

/// One thread of a remap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The old address, and the new one at the end of its chain.
    #[serde(flatten)]
    pub moved: Move,
    /// The comments in it that can be read.
    pub comments: u32,
    /// What becomes of it.
    #[serde(rename = "what")]
    pub moving: Moving,
}

/// What a call of [`Ledger::remap`] did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remapped {
    /// Thread by thread.
    pub steps: Vec<Step>,
    /// Where the next call goes on; `None` after the last.
    pub next: Option<i64>,
}

/// A former address of a thread, under which a forwarding value is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The former address. The key is its `kv_key(1)`.
    pub from: PostUrl,
    /// Where the thread is now.
    pub to: PostUrl,
    /// Whether the value is published already, and only pages are left to be taken away.
    pub put: bool,
    /// How many pages of the thread are published at the former address. Once the value is published, those from the second on and the
    /// best comments are to be taken away: nobody is led there any more, and what is erased from now on would stay in them.
    pub pages: u32,
}

impl Forward {
    /// The value to be put.
    pub fn value(&self) -> Moved {
        Moved { moved: self.to.clone() }
    }
}

impl<S: Sql> Ledger<S> {
    /// Takes threads to the new addresses of their posts. The old addresses stay known: what is sent to one reaches the thread, and a
    /// forwarding value is published there.
    ///
    /// A call looks at `limit` moves of a list or at `limit` threads, those after `after` (0 for the first call). Each thread is moved
    /// in a transaction of its own, with an entry of its own in the audit log, whose UUID comes from that of the act.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows. What was moved before stays moved; the same call again goes on.
    pub fn remap(
        &self,
        moves: &Moves,
        after: i64,
        limit: u32,
        act: &Act<'_>,
        now: i64,
    ) -> Result<Remapped, LedgerError> {
        let mut done = Remapped::default();
        let (planned, next) = self.planned(moves, after, limit)?;
        for (moved, blocked) in planned {
            let step = self.foresee(moved, blocked, &HashSet::new())?;
            match step.moving {
                Moving::Renamed => self.rename(&step.moved, act, now)?,
                Moving::Merged => self.merge(&step.moved, act, now)?,
                _ => {}
            }
            done.steps.push(step);
        }
        Ok(Remapped { next, ..done })
    }

    /// What [`Ledger::remap`] would do; writes nothing. Moves to one address are told from each other within a call only.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn remap_dry_run(&self, moves: &Moves, after: i64, limit: u32) -> Result<Remapped, LedgerError> {
        let (planned, next) = self.planned(moves, after, limit)?;
        let (mut steps, mut taken) = (Vec::new(), HashSet::new());
        for (moved, blocked) in planned {
            let step = self.foresee(moved, blocked, &taken)?;
            if step.moving == Moving::Renamed {
                taken.insert(step.moved.to.clone());
            }
            steps.push(step);
        }
        Ok(Remapped { steps, next })
    }

    /// Former addresses whose forwarding values are to be published, or whose pages are to be taken away at this time (in Unix seconds),
    /// at most `limit` of them; the oldest address of a thread first, so that none leads to one that leads on.
    ///
    /// None whose thread is not yet published where it is now: readers would be led away from comments to where there are none.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn forwards_due(&self, now: i64, limit: u32) -> Result<Vec<Forward>, LedgerError> {
        let query = format!(
            "SELECT moved.url, thread.url, due > {AT_ONCE}, moved.pages {FORWARDS} AND due <= ? ORDER BY due, moved.rowid LIMIT ?"
        );
        let read = |columns| {
            let mut row = Row::new(columns);
            let (from, to) = (stored_url(row.text("moved.url")?)?, stored_url(row.text("thread.url")?)?);
            Ok(Forward { from, to, put: row.truth("moved.due")?, pages: row.count("moved.pages")? })
        };
        self.sql.exec(&query, &[now.max(AT_ONCE).into(), limit.into()])?.into_iter().map(read).collect()
    }

    /// When the next of them is due, if that is later than `after`.
    pub(crate) fn next_forward(&self, after: i64) -> Result<Option<i64>, LedgerError> {
        let query = format!("SELECT min(due) {FORWARDS} AND due > ?");
        let row = self.sql.exec(&query, &[after.into()])?.into_iter().next().unwrap_or_default();
        Row::new(row).optional_integer("moved.due")
    }

    /// Notes that this forwarding value is published, and that so many pages are still to be found under it; with 1 or less all is done.
    /// If the thread has moved on meanwhile, the next value stays due.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn forwarded(&self, forward: &Forward, pages: u32, now: i64) -> Result<(), LedgerError> {
        let query =
            "UPDATE moved SET due = ?, pages = ? WHERE url = ? AND thread = (SELECT id FROM thread WHERE url = ?)";
        let due = match (pages > 1, forward.put) {
            (false, _) => 0,
            (true, false) => now.max(AT_ONCE).saturating_add(FAREWELL),
            (true, true) => now.max(AT_ONCE + 1),
        };
        let (from, to) = (forward.from.as_str(), forward.to.as_str());
        Ok(self.sql.exec(query, &[due.into(), pages.max(1).into(), from.into(), to.into()]).map(drop)?)
    }

    /// The next moves with what is known about them beforehand, and where to go on after them.
    fn planned(&self, moves: &Moves, after: i64, limit: u32) -> Result<(Vec<Planned>, Option<i64>), LedgerError> {
        match moves {
            Moves::List(moves) => {
                let ends = Ends::of(moves);
                let start = usize::try_from(after).unwrap_or(usize::MAX).min(moves.len());
                let end = moves.len().min(start.saturating_add(limit.max(1) as usize));
                let planned = moves.get(start..end).unwrap_or_default().iter().map(|moved| ends.plan(moved)).collect();
                Ok((planned, i64::try_from(end).ok().filter(|_| end < moves.len())))
            }
            Moves::Prefix(rule) => self.below(rule, after, limit.max(1)),
        }
    }

    fn below(&self, rule: &Move, after: i64, limit: u32) -> Result<(Vec<Planned>, Option<i64>), LedgerError> {
        let query = "SELECT id, url FROM thread WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), limit.into()])?;
        let full = rows.len() >= limit as usize;
        let (mut planned, mut last) = (Vec::new(), None);
        for columns in rows {
            let mut row = Row::new(columns);
            last = Some(row.integer("thread.id")?);
            planned.extend(rule.applied(&stored_url(row.text("thread.url")?)?));
        }
        Ok((planned, last.filter(|_| full)))
    }

    fn foresee(&self, moved: Move, barred: Option<Moving>, taken: &HashSet<PostUrl>) -> Result<Step, LedgerError> {
        let source = self.thread_at(&moved.from)?;
        let comments = source.as_ref().map_or(0, |thread| thread.count);
        let moving = match (source, barred) {
            (_, Some(Moving::Circle)) => Moving::Circle,
            (None, _) => {
                let there = self.thread_row(&moved.from)?.is_some_and(|thread| thread.url == moved.to);
                if there { Moving::Done } else { Moving::Absent }
            }
            (Some(_), None) if moved.from == moved.to => Moving::Done,
            (Some(_), Some(Moving::TooLong)) => Moving::TooLong,
            (Some(_), barred) => match (self.thread_at(&moved.to)?, barred) {
                (Some(_), Some(Moving::Blocked)) => Moving::Blocked,
                (None, _) if !taken.contains(&moved.to) => Moving::Renamed,
                _ => Moving::Merged,
            },
        };
        Ok(Step { moved, comments, moving })
    }

    /// The thread that has this very address now.
    fn thread_at(&self, url: &PostUrl) -> Result<Option<ThreadRow>, LedgerError> {
        Ok(self.thread_row(url)?.filter(|thread| thread.url == *url))
    }
}

/// A move at the end of its chain, and what may bar it: a circle, a length, or a thread that is in the way.
type Planned = (Move, Option<Moving>);

/// Where the chains of a list end.
struct Ends<'a>(HashMap<&'a PostUrl, Option<&'a PostUrl>>);

impl<'a> Ends<'a> {
    /// Each address is passed once: what is known of the rest of a chain is the end of all before.
    fn of(moves: &'a [Move]) -> Self {
        let next: HashMap<_, _> = moves.iter().map(|moved| (&moved.from, &moved.to)).collect();
        let mut ends: HashMap<&PostUrl, Option<&PostUrl>> = HashMap::new();
        for start in next.keys().copied() {
            let (mut chain, mut passed, mut at) = (Vec::new(), HashSet::new(), start);
            let end = loop {
                if let Some(end) = ends.get(at) {
                    break *end;
                }
                match next.get(at) {
                    Some(to) if *to != at && passed.insert(at) => {
                        chain.push(at);
                        at = to;
                    }
                    Some(to) if *to != at => break None,
                    _ => break Some(at),
                }
            };
            ends.extend(chain.into_iter().map(|url| (url, end)));
        }
        Self(ends)
    }

    fn plan(&self, moved: &Move) -> Planned {
        match self.0.get(&moved.from) {
            Some(Some(end)) => (Move { from: moved.from.clone(), to: (*end).clone() }, None),
            Some(None) => (moved.clone(), Some(Moving::Circle)),
            None => (moved.clone(), None),
        }
    }
}

impl Move {
    /// What this rule makes of an address, if it applies.
    fn applied(&self, url: &PostUrl) -> Option<Planned> {
        let rest = rest_below(url, &self.from)?;
        let is_nested = rest_below(&self.to, &self.from).is_some();
        if is_nested && rest_below(url, &self.to).is_some() {
            return None;
        }
        let moved = |to| Move { from: url.clone(), to };
        match PostUrl::parse(&format!("{}{rest}", trimmed(&self.to))) {
            Ok(to) => {
                let in_the_way = !is_nested && rest_below(&to, &self.from).is_some();
                Some((moved(to), in_the_way.then_some(Moving::Blocked)))
            }
            Err(_) => Some((moved(self.to.clone()), Some(Moving::TooLong))),
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
