//! Moving the threads of posts that have moved.

use std::collections::HashSet;

use afterword_model::{PostUrl, Refusal};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moves::post_move::{MoveOutcome, PostMove, PostMoves, ResolvedChains, ResolvedMove};
use crate::store::audit_log::{self, Attribution};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

/// Number of merged pages after which a call ends; the next call continues after the last merge.
const MAX_MERGED_PAGES_PER_CALL: u32 = 40;

/// The move of one thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemapStep {
    /// The old address, and the new one at the end of its chain.
    #[serde(flatten)]
    pub post: PostMove,
    /// Number of comments in the thread that can be read.
    pub comments: u32,
    /// Outcome for the thread.
    #[serde(rename = "what")]
    pub outcome: MoveOutcome,
}

/// Outcome of a call of [`Ledger::remap`] or [`Ledger::remap_dry_run`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemapProgress {
    /// The steps, thread by thread.
    pub steps: Vec<RemapStep>,
    /// Position from which the next call continues; `None` after the last.
    pub next: Option<i64>,
}

/// A move to look at.
struct PlannedMove {
    /// The move to the end of its chain.
    post: PostMove,
    /// Reason why it must not be carried out.
    obstacle: Option<MoveOutcome>,
    /// Position from which to continue after it.
    cursor: i64,
}

/// Changes that the earlier steps of a dry run would have made.
#[derive(Default)]
struct DryRunState {
    /// Addresses that would have a thread.
    occupied: HashSet<PostUrl>,
    /// Addresses that would have lost their thread.
    vacated: HashSet<PostUrl>,
}

impl<S: Sql> Ledger<S> {
    /// Moves threads to the new addresses of their posts. The old addresses stay known: posts sent to one reach the thread, and a
    /// redirect is published there.
    ///
    /// A call looks at `limit` moves of a list or at `limit` threads, those after `after` (0 for the first call), or at fewer if they are
    /// much work. Each thread is moved in a transaction of its own, with an entry of its own in the audit log, whose UUID is derived
    /// from that of the action.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::BadPrefix`] for a rule with equal addresses or with a query, or [`Refusal::IdReused`] for
    /// the id of another action. After an error of the database, the threads moved so far stay moved; a repeat of the call continues.
    pub fn remap(
        &self,
        moves: &PostMoves,
        after: i64,
        limit: u32,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<RemapProgress, LedgerError> {
        let mut progress = RemapProgress::default();
        let (planned, next) = self.plan_moves(moves, after, limit)?;
        // Each move has a UUID of its own, so an entry with the UUID of this action belongs to another action.
        if audit_log::contains(&self.sql, &by.id)? {
            return Err(Refusal::IdReused.into());
        }
        let (total, mut merged_pages) = (planned.len(), 0_u32);
        for PlannedMove { post, obstacle, cursor } in planned {
            let step = self.preview_step(post, obstacle, &DryRunState::default())?;
            match step.outcome {
                MoveOutcome::Renamed => self.move_thread(&step.post, by, now)?,
                MoveOutcome::Merged => {
                    merged_pages = merged_pages.saturating_add(self.merge_threads(&step.post, by, now)?);
                }
                _ => {}
            }
            progress.steps.push(step);
            if merged_pages >= MAX_MERGED_PAGES_PER_CALL && progress.steps.len() < total {
                return Ok(RemapProgress { next: Some(cursor), ..progress });
            }
        }
        Ok(RemapProgress { next, ..progress })
    }

    /// The steps that [`Ledger::remap`] would take; writes nothing. The effect of one step on another is foreseen within a call only.
    ///
    /// # Errors
    ///
    /// See [`Ledger::remap`].
    pub fn remap_dry_run(&self, moves: &PostMoves, after: i64, limit: u32) -> Result<RemapProgress, LedgerError> {
        let (planned, next) = self.plan_moves(moves, after, limit)?;
        let (mut steps, mut state) = (Vec::new(), DryRunState::default());
        for PlannedMove { post, obstacle, .. } in planned {
            let step = self.preview_step(post, obstacle, &state)?;
            if matches!(step.outcome, MoveOutcome::Renamed | MoveOutcome::Merged) {
                state.vacated.insert(step.post.from.clone());
                state.occupied.insert(step.post.to.clone());
            }
            steps.push(step);
        }
        Ok(RemapProgress { steps, next })
    }

    /// The next moves, and the position from which to continue after them.
    fn plan_moves(
        &self,
        moves: &PostMoves,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<PlannedMove>, Option<i64>), LedgerError> {
        match moves {
            PostMoves::List(moves) => {
                let chains = ResolvedChains::new(moves);
                let start = usize::try_from(after).unwrap_or(usize::MAX).min(moves.len());
                let end = moves.len().min(start.saturating_add(limit.max(1) as usize));
                let cursor = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
                let next_moves = moves.get(start..end).unwrap_or_default().iter().zip(start + 1..);
                let planned =
                    next_moves.map(|(post, number)| PlannedMove::new(chains.resolve(post), cursor(number))).collect();
                Ok((planned, Some(cursor(end)).filter(|_| end < moves.len())))
            }
            PostMoves::Prefix(rule) => {
                rule.check_rule()?;
                self.plan_prefix_moves(rule, after, limit.max(1))
            }
        }
    }

    fn plan_prefix_moves(
        &self,
        rule: &PostMove,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<PlannedMove>, Option<i64>), LedgerError> {
        let query = "SELECT id, url FROM thread WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), limit.into()])?;
        let is_full = rows.len() >= limit as usize;
        let (mut planned, mut last) = (Vec::new(), None);
        for columns in rows {
            let mut row = Row::new(columns);
            let (id, url) = (row.integer("thread.id")?, stored_url(row.text("thread.url")?)?);
            last = Some(id);
            planned.extend(rule.apply_rule(&url).map(|resolved| PlannedMove::new(resolved, id)));
        }
        Ok((planned, last.filter(|_| is_full)))
    }

    /// Determines the outcome of a move without carrying it out.
    fn preview_step(
        &self,
        post: PostMove,
        obstacle: Option<MoveOutcome>,
        state: &DryRunState,
    ) -> Result<RemapStep, LedgerError> {
        if state.vacated.contains(&post.from) {
            return Ok(RemapStep { post, comments: 0, outcome: MoveOutcome::Done });
        }
        let source = ThreadRow::find_at(&self.sql, &post.from)?;
        let comments = source.as_ref().map_or(0, |thread| thread.count);
        let outcome = match (source, obstacle) {
            (_, Some(obstacle @ (MoveOutcome::Circle | MoveOutcome::Ambiguous))) => obstacle,
            (None, _) => {
                let has_moved = ThreadRow::find(&self.sql, &post.from)?.is_some_and(|thread| thread.url == post.to);
                if has_moved { MoveOutcome::Done } else { MoveOutcome::Absent }
            }
            (Some(_), Some(obstacle)) => obstacle,
            (Some(_), None) if post.from == post.to => MoveOutcome::Done,
            (Some(_), None) => {
                let is_occupied =
                    state.occupied.contains(&post.to) || ThreadRow::find_at(&self.sql, &post.to)?.is_some();
                if is_occupied { MoveOutcome::Merged } else { MoveOutcome::Renamed }
            }
        };
        Ok(RemapStep { post, comments, outcome })
    }
}

impl PlannedMove {
    fn new((post, obstacle): ResolvedMove, cursor: i64) -> Self {
        Self { post, obstacle, cursor }
    }
}
