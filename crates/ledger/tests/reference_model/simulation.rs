//! One story: its steps change the ledger and the model alike, and publish the ledger to KV.

use std::collections::BTreeMap;
use std::fmt::Debug;

use afterword_ledger::{
    Attribution, AuditEntry, CommentEdit, Ledger, LedgerError, PageSize, SettingChange, Snapshot, SubmissionPolicy,
    VerifiedComment,
};
use afterword_model::{
    Comment, CommentId, Moderation, PageReader, PostUrl, PostedComment, Reactions, ReaderSettings, Refusal, Sort,
    Thread,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{NOW, TestDatabase, assert_changes_are_counted, page_size, uuid};
use crate::fixtures::{author_id, post_url, render, root_comment, title};
use crate::interactions::prune_counts;
use crate::kv_simulation::Kv;
use crate::laws::Observation;
use crate::model::{Model, Posted};
use crate::spam_protection::{ExactPatterns, LIMITS};
use crate::step::{Draft, Step, StoryStep};
use crate::transfer::SavedExport;

/// Small pages, so that few comments make long threads.
pub(crate) const SIZE: PageSize =
    PageSize { comments_with_replies: 6, bytes: 2_500, bytes_with_replies: 2_800, edited_bytes: 3_000, ..page_size(4) };
/// Seconds in which authors may edit their comments.
pub(crate) const EDIT_WINDOW: i64 = 200;
/// Seconds in which authors may restore their comments.
pub(crate) const WIPE_DELAY: i64 = 60;
/// The reactions that the site offers.
pub(crate) const REACTIONS: [&str; 2] = ["👍", "🎉"];
pub(crate) const SORTS: [Sort; 3] = [Sort::Oldest, Sort::Newest, Sort::Top];

/// The ledger, the model, and KV with the values published so far.
pub(crate) struct Simulation {
    pub(crate) database: TestDatabase,
    pub(crate) model: Model,
    pub(crate) kv: Kv,
    /// Each thread as it was after the step before.
    pub(crate) observed: BTreeMap<PostUrl, Observation>,
    /// A snapshot that is being published, and the number of its values that are written.
    pub(crate) publishing: Option<(Snapshot, usize)>,
    pub(crate) saved_export: Option<SavedExport>,
    pub(crate) submissions: u32,
    pub(crate) actions: u32,
    /// The last edit of an author, and the index of its comment.
    pub(crate) last_edit: Option<(usize, VerifiedComment)>,
    pub(crate) now: i64,
}

/// Runs a story from an empty site to the state in which everything is published.
pub(crate) fn run_story(story: &[StoryStep]) -> TestCaseResult {
    let mut simulation = Simulation::new();
    for step in story {
        simulation.apply_step(step)?;
    }
    simulation.check_final_state()
}

impl Simulation {
    fn new() -> Self {
        let database = TestDatabase::new();
        database.ledger();
        Self {
            database,
            model: Model::new(),
            kv: Kv::default(),
            observed: BTreeMap::new(),
            publishing: None,
            saved_export: None,
            submissions: 0,
            actions: 0,
            last_edit: None,
            now: NOW,
        }
    }

    pub(crate) fn ledger(&self) -> Ledger<&TestDatabase> {
        let reactions = Reactions::parse(&REACTIONS.join(" ")).unwrap();
        let settings =
            ReaderSettings { edit_window: EDIT_WINDOW, downvotes: true, reactions, ..ReaderSettings::default() };
        self.database.ledger().with_page_size(SIZE).with_wipe_delay(WIPE_DELAY).with_reader_defaults(settings)
    }

    fn apply_step(&mut self, StoryStep { step, fail_after, reuses_action_id }: &StoryStep) -> TestCaseResult {
        let fail_after = *fail_after;
        self.database.statements.borrow_mut().clear();
        self.database.writes.borrow_mut().clear();
        self.actions += u32::from(!reuses_action_id);
        match step {
            Step::Submit { draft, policy } => {
                let limits = if draft.spam_data.is_some() { &LIMITS[..] } else { &[] };
                let policy =
                    SubmissionPolicy { moderation: *policy, limits, patterns: Some(&ExactPatterns), difficulty: None };
                self.submit(&self.comment(draft), policy, fail_after)?;
            }
            Step::Repeat { which, other_content } => self.repeat(*which, *other_content, fail_after)?,
            Step::Edit { .. } | Step::Erase { .. } | Step::Approve { .. } | Step::Unpublish { .. } => {
                self.act_on_comment(step, fail_after)?
            }
            Step::Interact { .. } | Step::RepeatEdit { .. } | Step::React { .. } => self.interact(step, fail_after)?,
            Step::Close { .. } | Step::SetTitle { .. } | Step::SetModeration { .. } => {
                self.act_on_site(step, fail_after)?;
            }
            Step::Ban { .. } | Step::LiftBan { .. } | Step::Prune => self.ban_or_prune(step, fail_after)?,
            Step::SaveExport(params) => self.save_export(*params),
            Step::RestoreFromExport(params) => self.restore_from_export(*params)?,
            Step::ImportSavedExport(params) => self.import_saved_export(*params)?,
            Step::Wait { seconds } => self.now += seconds,
            Step::BeginPublishing { which } => self.begin_publishing(*which)?,
            Step::WriteValue { fails } => self.write_value(*fails, fail_after)?,
            Step::Crash { write_succeeds } => {
                if let (Some((snapshot, written)), true) = (self.publishing.take(), write_succeeds) {
                    self.kv.put(&snapshot.pages[written])?;
                }
            }
            Step::Read { location, post, page, sort, ttl } => {
                let reader = PageReader::new(post_url(*post), *page, *sort);
                let thread = self.kv.read(*location, reader, self.now, *ttl)?;
                prop_assert!(thread.version <= self.ledger().read_page(&thread.url, 1).unwrap().version);
            }
        }
        self.check_laws()
    }

    /// Applies the same operation to ledger and model and compares the results. If a statement fails, the ledger must
    /// be unchanged, which the following steps show, and the model does not change.
    pub(crate) fn compare<T: PartialEq + Debug, E: Into<LedgerError>>(
        &mut self,
        fail_after: Option<u32>,
        on_ledger: impl FnOnce(&Ledger<&TestDatabase>) -> Result<T, LedgerError>,
        on_model: impl FnOnce(&mut Model) -> Result<T, E>,
    ) -> TestCaseResult {
        let ledger = self.ledger();
        self.database.fail_after.set(fail_after);
        let result = on_ledger(&ledger);
        self.database.fail_after.set(None);
        if matches!(result, Err(LedgerError::Sql(_))) {
            prop_assert!(fail_after.is_some());
            return Ok(());
        }
        prop_assert_eq!(result, on_model(&mut self.model).map_err(Into::into));
        Ok(())
    }

    /// The attribution of this step, if it is an action of a moderator.
    pub(crate) fn attribution(&self) -> Attribution<'static> {
        Attribution { id: uuid(u32::MAX - self.actions), by: "grace" }
    }

    fn comment(&self, draft: &Draft) -> VerifiedComment {
        let source = format!("Text {} {}", self.submissions, draft.size);
        let number = self.submissions;
        VerifiedComment {
            url: post_url(draft.post),
            title: title(draft.title),
            parent: draft.parent.map(|at| CommentId::new(i64::try_from(at).unwrap())),
            author: draft.author.map(author_id),
            website: draft.author.map(|author| format!("https://author-{author}.example/")),
            html: render(&source),
            source,
            ..draft.spam_data.map_or_else(|| root_comment(number), |data| data.comment(number, self.now))
        }
    }

    fn submit(
        &mut self,
        comment: &VerifiedComment,
        policy: SubmissionPolicy<'_>,
        fail_after: Option<u32>,
    ) -> TestCaseResult {
        self.submissions += 1;
        let now = self.now;
        let submit = |ledger: &Ledger<&TestDatabase>| {
            ledger.submit(comment, policy, now).map(|reply| (posted(reply.posted), reply.repeat))
        };
        self.compare(fail_after, submit, |model| model.submit(comment, &policy, now))
    }

    fn repeat(&mut self, which: usize, other_content: bool, fail_after: Option<u32>) -> TestCaseResult {
        let Some(at) = which.checked_rem(self.model.comments.len()) else { return Ok(()) };
        let mut comment = self.model.comments[at].submission.clone();
        if other_content {
            comment.fingerprint = "other".to_owned();
        }
        self.submit(&comment, Moderation::Open.into(), fail_after)
    }

    /// An action on a comment that may not exist.
    fn act_on_comment(&mut self, step: &Step, fail_after: Option<u32>) -> TestCaseResult {
        let (Step::Edit { which, .. } | Step::Erase { which } | Step::Approve { which } | Step::Unpublish { which }) =
            step
        else {
            return Ok(());
        };
        let (comments, now) = (self.model.comments.len(), self.now);
        let at = which % (comments + 1);
        let id = CommentId::new(i64::try_from(at).unwrap() + 1);
        let unknown = (at == comments).then_some(Refusal::UnknownComment);
        let attribution = self.attribution();
        match step {
            Step::Edit { size, .. } => {
                let source = format!("Edit {} {size}", self.actions);
                let edit = CommentEdit { html: render(&source), source, renderer: 1 };
                let has_room = self.has_room(id, &edit.html);
                let on_model =
                    |model: &mut Model| unknown.map_or_else(|| model.edit(at, &edit, &attribution, has_room, now), Err);
                self.compare(fail_after, |ledger| ledger.edit(id, &edit, &attribution, now).map(posted), on_model)
            }
            Step::Erase { .. } => {
                let on_model = |model: &mut Model| unknown.map_or_else(|| model.erase(at, &attribution, now), Err);
                self.compare(fail_after, |ledger| ledger.erase(id, &attribution, now).map(posted), on_model)
            }
            Step::Approve { .. } => {
                let on_model = |model: &mut Model| unknown.map_or_else(|| model.approve(at, &attribution, now), Err);
                self.compare(fail_after, |ledger| ledger.approve(id, &attribution, now).map(posted), on_model)
            }
            _ => {
                let on_model = |model: &mut Model| unknown.map_or_else(|| model.unpublish(at, &attribution, now), Err);
                self.compare(fail_after, |ledger| ledger.unpublish(id, &attribution, now).map(posted), on_model)
            }
        }
    }

    /// An action on a thread, or on the settings of the site.
    fn act_on_site(&mut self, step: &Step, fail_after: Option<u32>) -> TestCaseResult {
        let (attribution, now) = (self.attribution(), self.now);
        match step {
            Step::Close { post, closed } => {
                let url = post_url(*post);
                let on_model = |model: &mut Model| model.set_closed(&url, *closed, &attribution, now);
                self.compare(
                    fail_after,
                    |ledger| ledger.set_closed(&url, *closed, &attribution, now).map(drop),
                    on_model,
                )
            }
            Step::SetTitle { post, title: number } => {
                let (url, title) = (post_url(*post), title(*number));
                let on_model = |model: &mut Model| model.set_title(&url, &title, &attribution, now);
                self.compare(fail_after, |ledger| ledger.set_title(&url, &title, &attribution, now).map(drop), on_model)
            }
            Step::SetModeration { moderation } => {
                let change = SettingChange::Moderation(*moderation);
                let on_model = |model: &mut Model| model.update_setting(&change, &attribution, now);
                self.compare(fail_after, |ledger| ledger.update_setting(&change, &attribution, now), on_model)
            }
            _ => Ok(()),
        }
    }

    fn begin_publishing(&mut self, which: usize) -> TestCaseResult {
        self.publish_latest()?;
        let ledger = self.ledger();
        let due = ledger.due_threads_after(0, self.now, 10).unwrap();
        if let (None, Some(at)) = (&self.publishing, which.checked_rem(due.len())) {
            let snapshot = ledger.snapshot(&due[at], self.now).unwrap().unwrap();
            prop_assert_eq!(&snapshot.due, &due[at]);
            let last = due[at].pages.first().map(|page| due[at].url.kv_key(*page));
            prop_assert_eq!(snapshot.pages.last().map(Thread::kv_key), last);
            for top in snapshot.pages.iter().filter(|page| page.sort == Sort::Top) {
                self.check_top(top)?;
            }
            self.publishing = Some((snapshot, 0));
        }
        Ok(())
    }

    /// Publishes the latest comments of the site, if they are due.
    fn publish_latest(&mut self) -> TestCaseResult {
        let due = self.ledger().due_latest().unwrap();
        if due.is_some_and(|latest| latest.due <= self.now) {
            let latest = self.ledger().latest_comments().unwrap();
            prop_assert!(self.kv.latest.version < latest.value.version, "{:?}", latest);
            self.ledger().mark_latest_published(&latest).unwrap();
            self.kv.latest = latest.value;
        }
        Ok(())
    }

    /// Writes the next value of the snapshot. Values written before a failed one are published nevertheless.
    fn write_value(&mut self, fails: bool, fail_after: Option<u32>) -> TestCaseResult {
        let Some((snapshot, mut written)) = self.publishing.take() else { return Ok(()) };
        if !fails {
            self.kv.put(&snapshot.pages[written])?;
            written += 1;
            if written < snapshot.pages.len() {
                self.publishing = Some((snapshot, written));
                return Ok(());
            }
        }
        let due = snapshot.published_part(written);
        self.compare(fail_after, |ledger| ledger.mark_published(&due), |_| Ok::<_, Refusal>(()))
    }

    /// Publishes everything, and checks the laws for a site at rest.
    fn check_final_state(&mut self) -> TestCaseResult {
        while let Some(next) = self.ledger().next_due().unwrap() {
            self.now = self.now.max(next);
            self.begin_publishing(0)?;
            self.write_value(false, None)?;
            self.check_laws()?;
        }
        self.check_interactions()?;
        self.check_erased_texts_are_not_public()?;
        self.now += 60;
        self.begin_publishing(0)?;
        prop_assert_eq!(self.ledger().due_latest().unwrap(), None);
        self.check_laws()?;
        // Everything that was deleted is wiped by then.
        self.now += WIPE_DELAY;
        let pruned = prune_counts(self.ledger().prune(self.now, 1_000).unwrap());
        prop_assert_eq!(pruned, self.model.prune(self.now));
        // What the entries say of a comment before and after is the subject of the tests of moderation.
        let plain = |entry: AuditEntry| AuditEntry { before: None, after: None, text: None, ..entry };
        let log: Vec<_> = self.ledger().list_audit_log(None, 1_000).unwrap().items.into_iter().map(plain).collect();
        prop_assert_eq!(&log, &self.model.audit_log());
        self.check_private_data()?;
        assert_changes_are_counted(&self.database);
        self.check_laws_at_rest()
    }
}

/// The part of a reply that the model predicts. The laws say what is true of the version.
pub(crate) fn posted(reply: PostedComment) -> Posted {
    (Comment { since: None, ..reply.comment }, reply.status)
}
