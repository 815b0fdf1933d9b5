//! Random stories of two moderators and the authors, with edits, deletions, erasures and undo in any order, beside a model.

use std::collections::BTreeMap;

use afterword_ledger::{Renderer, Restore, RestoreOptions};
use afterword_model::moderation::{
    ActionBatch, ActionItem, ActionOutcome, BatchAction, ModerationState, QueueList, UndoRequest,
};
use afterword_model::{CommentId, Moderation, Origin, Sites, SubmissionId};
use proptest::prelude::*;

use crate::common::{NOW, SITE, TestDatabase, assert_changes_are_counted};
use crate::fixtures::{
    TestLedger, author_id, below, comment_by, export_but_log, export_lines, html, list_of, new_id, submit,
};

const MODERATORS: [&str; 2] = ["ada", "ben"];
const AUTHORS: [&str; 3] = ["eve", "bob", "eve"];

#[derive(Clone, Copy, Debug)]
enum Step {
    RunBatch { moderator: usize, action: usize, comment: usize, is_stale: bool, is_undone: bool },
    Undo { moderator: usize, batch: usize },
    Edit { comment: usize },
    Delete { comment: usize },
    Restore { comment: usize },
    Report { comment: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..2usize, 0..BatchAction::ALL.len(), 0..3usize, any::<bool>(), any::<bool>()).prop_map(
            |(moderator, action, comment, is_stale, is_undone)| Step::RunBatch { moderator, action, comment, is_stale, is_undone }
        ),
        3 => (0..2usize, 0..20usize).prop_map(|(moderator, batch)| Step::Undo { moderator, batch }),
        1 => (0..3usize).prop_map(|comment| Step::Edit { comment }),
        1 => (0..3usize).prop_map(|comment| Step::Delete { comment }),
        1 => (0..3usize).prop_map(|comment| Step::Restore { comment }),
        1 => (0..3usize).prop_map(|comment| Step::Report { comment }),
    ]
}

/// A comment in the model.
#[derive(Clone, Debug, PartialEq)]
struct Facts {
    state: ModerationState,
    revision: i64,
    pinned: bool,
    reported: bool,
    muted: bool,
    /// State to which a deleted comment returns.
    below: ModerationState,
    by_author: bool,
    wiped: bool,
    trusted: bool,
    /// The last moderator, and the revision that they left.
    last: Option<(usize, i64)>,
}

/// A batch of the model: the comment before and after it.
#[derive(Clone, Debug)]
struct Done {
    id: SubmissionId,
    action: Option<BatchAction>,
    comment: usize,
    before: Facts,
    after_revision: i64,
    undone: bool,
    undoes: Option<usize>,
}

struct Story<'a> {
    database: &'a TestDatabase,
    ids: [CommentId; 3],
    facts: [Facts; 3],
    done: Vec<Done>,
    edits: u32,
}

impl<'a> Story<'a> {
    fn new(database: &'a TestDatabase) -> Self {
        let ledger = database.ledger();
        let ids = [0, 1, 2].map(|index: usize| {
            let number = u32::try_from(index).unwrap() + 1;
            let policy = if index == 1 { Moderation::All } else { Moderation::Open };
            submit(&ledger, &comment_by(AUTHORS[index], number, "Hello"), policy)
        });
        let facts = |state| Facts {
            state,
            revision: 1,
            pinned: false,
            reported: false,
            muted: false,
            below: state,
            by_author: false,
            wiped: false,
            trusted: false,
            last: None,
        };
        let facts = [ModerationState::Published, ModerationState::Pending, ModerationState::Published].map(facts);
        Self { database, ids, facts, done: Vec::new(), edits: 100 }
    }

    fn ledger(&self) -> TestLedger<'a> {
        self.database.ledger()
    }

    fn is_done(&self, action: BatchAction, at: usize) -> bool {
        let Facts { state, pinned, reported, muted, wiped, trusted, .. } = self.facts[at];
        match action {
            BatchAction::Approve => state == ModerationState::Published,
            BatchAction::ApproveAndTrust => state == ModerationState::Published && trusted,
            BatchAction::Unpublish => state == ModerationState::Pending,
            BatchAction::Spam => state == ModerationState::Spam,
            BatchAction::Delete => state == ModerationState::Deleted,
            BatchAction::Restore => matches!(state, ModerationState::Published | ModerationState::Pending),
            BatchAction::Keep => muted && !reported,
            BatchAction::Pin => pinned && state == ModerationState::Published,
            BatchAction::Unpin => !pinned,
            BatchAction::Erase => state == ModerationState::Erased && wiped,
        }
    }

    /// The outcome without its details: done, already, decided otherwise, changed, gone.
    fn expected(&self, action: BatchAction, at: usize, seen: i64) -> &'static str {
        let facts = &self.facts[at];
        let is_done = self.is_done(action, at);
        if facts.state == ModerationState::Erased && (action != BatchAction::Erase || facts.wiped) {
            return if is_done { "already" } else { "gone" };
        }
        if facts.revision == seen {
            let applies = match action {
                BatchAction::Restore => matches!(facts.state, ModerationState::Deleted | ModerationState::Spam),
                BatchAction::Pin | BatchAction::Unpin => facts.state == ModerationState::Published,
                _ => true,
            };
            return if is_done {
                "already"
            } else if applies {
                "done"
            } else {
                "gone"
            };
        }
        match facts.last {
            Some((_, left)) if left == facts.revision => {
                if is_done {
                    "already"
                } else {
                    "decided otherwise"
                }
            }
            _ => "changed",
        }
    }

    fn trust(&mut self, at: usize, trusted: bool) {
        for (facts, author) in self.facts.iter_mut().zip(AUTHORS) {
            if author == AUTHORS[at] {
                facts.trusted = trusted;
            }
        }
    }

    /// The state before the last time that the comment was marked as spam, as far as that is not undone.
    fn before_spam(&self, at: usize) -> ModerationState {
        let spam = self
            .done
            .iter()
            .rev()
            .find(|done| done.comment == at && done.action == Some(BatchAction::Spam) && !done.undone);
        match spam.map(|done| done.before.state) {
            Some(ModerationState::Published) => ModerationState::Published,
            _ => ModerationState::Pending,
        }
    }

    fn apply(&mut self, action: BatchAction, at: usize, moderator: usize) {
        let before_spam = self.before_spam(at);
        let facts = &mut self.facts[at];
        match action {
            BatchAction::Approve | BatchAction::ApproveAndTrust => facts.state = ModerationState::Published,
            BatchAction::Unpublish => facts.state = ModerationState::Pending,
            BatchAction::Spam => facts.state = ModerationState::Spam,
            BatchAction::Delete => (facts.below, facts.state) = (facts.state, ModerationState::Deleted),
            BatchAction::Restore if facts.state == ModerationState::Deleted => facts.state = facts.below,
            BatchAction::Restore => facts.state = before_spam,
            BatchAction::Keep => (facts.reported, facts.muted) = (false, true),
            BatchAction::Pin | BatchAction::Unpin => facts.pinned = action == BatchAction::Pin,
            BatchAction::Erase => (facts.state, facts.wiped) = (ModerationState::Erased, true),
        }
        facts.revision += 1;
        facts.last = Some((moderator, facts.revision));
        match action {
            BatchAction::ApproveAndTrust => self.trust(at, true),
            BatchAction::Unpublish | BatchAction::Spam | BatchAction::Delete | BatchAction::Erase => {
                self.trust(at, false);
            }
            _ => {}
        }
    }

    fn act(&mut self, step: Step) -> Result<(), TestCaseError> {
        let Step::RunBatch { moderator, action, comment: at, is_stale, is_undone } = step else { return Ok(()) };
        let action = BatchAction::ALL[action];
        // Erasures end the story of a comment, so they are rare.
        let action = if action == BatchAction::Erase && !self.done.len().is_multiple_of(3) {
            BatchAction::Approve
        } else {
            action
        };
        let seen = self.facts[at].revision - i64::from(is_stale && self.facts[at].revision > 1);
        let item = ActionItem { id: self.ids[at], revision: seen };
        let batch = ActionBatch { id: new_id(), action, comments: vec![item], reason: None };
        let expected = self.expected(action, at, seen);
        let before = (self.facts[at].clone(), export_but_log(&self.ledger()));
        let result = self.ledger().act(&batch, MODERATORS[moderator], NOW).unwrap();
        prop_assert_eq!(word(&result.results[0].outcome), expected, "{:?} on {:?}", action, before.0);
        if expected != "done" {
            prop_assert_eq!(export_but_log(&self.ledger()), before.1);
            return Ok(());
        }
        self.apply(action, at, moderator);
        self.done.push(Done {
            id: batch.id,
            action: Some(action),
            comment: at,
            before: before.0,
            after_revision: self.facts[at].revision,
            undone: false,
            undoes: None,
        });
        // The undo of the last batch leaves everything as it was, but for the log.
        if is_undone && action != BatchAction::Erase {
            self.undo(1 - moderator, self.done.len() - 1)?;
            prop_assert_eq!(export_but_log(&self.ledger()), before.1, "undo of {:?}", action);
        }
        Ok(())
    }

    fn undo(&mut self, moderator: usize, index: usize) -> Result<(), TestCaseError> {
        let Some(done) = self.done.get(index % self.done.len().max(1)).cloned() else { return Ok(()) };
        let index = index % self.done.len();
        let at = done.comment;
        let request = UndoRequest { id: new_id(), batch: done.id, after: None };
        let result = self.ledger().undo(&request, MODERATORS[moderator], NOW).unwrap();
        let facts = self.facts[at].clone();
        let expected = if facts.state == ModerationState::Erased || done.action == Some(BatchAction::Erase) {
            "gone"
        } else if done.undone {
            "already"
        } else if facts.revision != done.after_revision {
            match facts.last {
                Some((_, left)) if left == facts.revision => "decided otherwise",
                _ => "changed",
            }
        } else {
            "done"
        };
        prop_assert_eq!(word(&result.results[0].outcome), expected, "undo of {:?} with {:?}", done, facts);
        let ActionOutcome::Done { revision } = result.results[0].outcome else { return Ok(()) };
        let before = done.before.clone();
        self.facts[at] = Facts { revision, last: Some((moderator, revision)), ..before.clone() };
        self.trust(at, before.trusted);
        self.done[index].undone = true;
        if let Some(original) = done.undoes {
            self.done[original].undone = false;
        }
        self.done.push(Done {
            id: request.id,
            action: None,
            comment: at,
            before: facts,
            after_revision: revision,
            undone: false,
            undoes: Some(index),
        });
        Ok(())
    }

    /// Carries out what authors and readers do.
    fn interact(&mut self, step: Step) {
        let ledger = self.ledger();
        match step {
            Step::Edit { comment: at } => {
                self.edits += 1;
                let edit = comment_by(AUTHORS[at], self.edits, &format!("Text {}", self.edits));
                if ledger.edit_own(self.ids[at], &edit, &Moderation::Open.into(), NOW).is_ok() {
                    self.facts[at].revision += 1;
                    self.facts[at].muted = false;
                }
            }
            Step::Delete { comment: at } => {
                ledger.delete_own(below(self.ids[at]), &author_id(AUTHORS[at]).hash, NOW).unwrap();
                let facts = &mut self.facts[at];
                match facts.state {
                    ModerationState::Erased => {}
                    ModerationState::Deleted => {
                        (facts.state, facts.wiped) = (ModerationState::Erased, true);
                        facts.revision += 1;
                    }
                    state => {
                        (facts.below, facts.state, facts.by_author) = (state, ModerationState::Erased, true);
                        facts.revision += 1;
                    }
                }
            }
            Step::Restore { comment: at } => {
                let restored = ledger.restore_own(below(self.ids[at]), &author_id(AUTHORS[at]).hash, NOW);
                let facts = &mut self.facts[at];
                if facts.by_author && facts.state == ModerationState::Erased && !facts.wiped {
                    assert!(restored.is_ok());
                    (facts.state, facts.by_author) = (facts.below, false);
                    facts.revision += 1;
                }
            }
            Step::Report { comment: at } => {
                if self.facts[at].state == ModerationState::Published {
                    self.edits += 1;
                    crate::fixtures::report(&ledger, self.ids[at], &self.edits.to_string());
                    self.facts[at].reported |= !self.facts[at].muted;
                }
            }
            Step::RunBatch { .. } | Step::Undo { .. } => {}
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let ledger = self.ledger();
        let mut lists: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for (id, facts) in self.ids.iter().zip(&self.facts) {
            let read = ledger.read_queued_comment(*id).unwrap();
            prop_assert_eq!(
                (read.state, read.revision, read.reports_muted),
                (facts.state, facts.revision, facts.muted),
                "{:?}",
                facts
            );
            lists.entry(facts.state.as_str()).or_default().push(id.get());
        }
        for list in [QueueList::Pending, QueueList::Spam, QueueList::Published, QueueList::Deleted] {
            let mut found = list_of(&ledger, list);
            found.sort_unstable();
            prop_assert_eq!(&found, &lists.get(list.as_str()).cloned().unwrap_or_default(), "{:?}", list);
            prop_assert_eq!(ledger.count_queue().unwrap().of(list).count as usize, found.len());
        }
        let published = lists.get("published").map_or(0, Vec::len);
        prop_assert_eq!(self.database.query_integer("SELECT count FROM thread") as usize, published);
        assert_changes_are_counted(self.database);
        self.check_transfer()
    }

    /// An export has everything that another ledger needs to export the same.
    fn check_transfer(&self) -> Result<(), TestCaseError> {
        let lines = export_lines(&self.ledger());
        let other = TestDatabase::new();
        let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
        let render = |text: &str| Some(html(text));
        let renderer = Renderer { version: 1, render: &render, render_plain: &|text| html(text) };
        let options =
            RestoreOptions { sites: &sites, site: &site, renderer, patterns: None, first_line: None, dry_run: false };
        let (ledger, mut restore) = (other.ledger(), Restore::new(options));
        restore.push(lines.join("\n").as_bytes());
        while restore.import_next_batch(&ledger, NOW).unwrap() {}
        restore.finish(&ledger, NOW).unwrap();
        prop_assert_eq!(export_lines(&ledger), lines);
        Ok(())
    }
}

fn word(outcome: &ActionOutcome) -> &'static str {
    match outcome {
        ActionOutcome::Done { .. } => "done",
        ActionOutcome::Already { .. } => "already",
        ActionOutcome::DecidedOtherwise { .. } => "decided otherwise",
        ActionOutcome::Changed { .. } => "changed",
        ActionOutcome::Gone => "gone",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_moderators_agree_with_the_model_in_any_order(steps in prop::collection::vec(step(), 1..25)) {
        let database = TestDatabase::new();
        let mut story = Story::new(&database);
        for step in steps {
            match step {
                Step::RunBatch { .. } => story.act(step)?,
                Step::Undo { moderator, batch } => story.undo(moderator, batch)?,
                _ => story.interact(step),
            }
            story.check()?;
        }
    }
}
