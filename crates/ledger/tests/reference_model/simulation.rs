//! One story: its steps change the ledger and the model alike, and publish the ledger to KV.

use std::fmt::Debug;

use afterword_ledger::{
    Actor, Attribution, CommentEdit, Ledger, LedgerError, PageSize, SettingChange, Snapshot, SubmissionPolicy,
    VerifiedComment,
};
use afterword_model::{CommentId, Moderation, PageReader, PostUrl, Refusal, Sort, Thread};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{NOW, TestDatabase, assert_changes_are_counted, uuid};
use crate::fixtures::{author_id, post_url, render, root_comment, title};
use crate::kv_simulation::Kv;
use crate::model::Model;
use crate::spam_protection::{ExactPatterns, LIMITS};
use crate::step::{Draft, Step, StoryStep};
use crate::transfer::SavedExport;

/// Small pages, so that few comments make long threads.
const SIZE: PageSize = PageSize { comments: 4, bytes: 2_500, edited_bytes: 3_000, max_interleaved_pages: 20 };
/// Seconds in which authors may edit their comments.
const EDIT_WINDOW: i64 = 100;
pub(crate) const SORTS: [Sort; 3] = [Sort::Oldest, Sort::Newest, Sort::Top];

/// The ledger, the model, and KV with the values published so far.
pub(crate) struct Simulation {
    pub(crate) database: TestDatabase,
    pub(crate) model: Model,
    kv: Kv,
    /// A snapshot that is being published, and the number of its values that are written.
    pub(crate) publishing: Option<(Snapshot, usize)>,
    pub(crate) saved_export: Option<SavedExport>,
    submissions: u32,
    actions: u32,
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
            model: Model::new(SIZE),
            kv: Kv::default(),
            publishing: None,
            saved_export: None,
            submissions: 0,
            actions: 0,
            now: NOW,
        }
    }

    pub(crate) fn ledger(&self) -> Ledger<&TestDatabase> {
        self.database.ledger().with_page_size(SIZE)
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
            Step::Edit { .. }
            | Step::Erase { .. }
            | Step::Vote { .. }
            | Step::Approve { .. }
            | Step::Unpublish { .. } => self.act_on_comment(step, fail_after)?,
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
                let version = self.model.threads.get(&thread.url).map_or(0, |thread| thread.version);
                prop_assert!(thread.version <= version);
            }
        }
        self.check_due_threads()
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
            ledger.submit(comment, policy, now).map(|outcome| (outcome.posted, outcome.repeat))
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
        let (Step::Edit { which, .. }
        | Step::Erase { which, .. }
        | Step::Vote { which, .. }
        | Step::Approve { which }
        | Step::Unpublish { which }) = step
        else {
            return Ok(());
        };
        let (comments, now) = (self.model.comments.len(), self.now);
        let at = which % (comments + 1);
        let id = CommentId::new(i64::try_from(at).unwrap() + 1);
        let unknown = (at == comments).then_some(Refusal::UnknownComment);
        let attribution = self.attribution();
        match step {
            Step::Edit { size, by, .. } => {
                let source = format!("Edit {size}");
                let edit = CommentEdit { html: render(&source), source, renderer: 1 };
                let author = by.map(|author| author_id(author).hash);
                let by = author.as_deref().map_or(Actor::Moderator(&attribution), Actor::Author);
                let on_model =
                    |model: &mut Model| unknown.map_or_else(|| model.edit(at, &edit, by, EDIT_WINDOW, now), Err);
                self.compare(fail_after, |ledger| ledger.edit(id, &edit, by, EDIT_WINDOW, now), on_model)
            }
            Step::Erase { by, .. } => {
                let author = by.map(|author| author_id(author).hash);
                let by = author.as_deref().map_or(Actor::Moderator(&attribution), Actor::Author);
                let on_model = |model: &mut Model| unknown.map_or_else(|| model.erase(at, by, now), Err);
                self.compare(fail_after, |ledger| ledger.erase(id, by, now), on_model)
            }
            Step::Vote { author, vote, .. } => {
                let author = author_id(*author).hash;
                let on_model = |model: &mut Model| unknown.map_or_else(|| model.vote(at, &author, *vote, now), Err);
                self.compare(fail_after, |ledger| ledger.vote(id, &author, *vote, now), on_model)
            }
            Step::Approve { .. } => {
                let on_model = |model: &mut Model| unknown.map_or_else(|| model.approve(at, &attribution, now), Err);
                self.compare(fail_after, |ledger| ledger.approve(id, &attribution, now), on_model)
            }
            _ => {
                let on_model = |model: &mut Model| unknown.map_or_else(|| model.unpublish(at, &attribution, now), Err);
                self.compare(fail_after, |ledger| ledger.unpublish(id, &attribution, now), on_model)
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
                self.compare(fail_after, |ledger| ledger.set_closed(&url, *closed, &attribution, now), on_model)
            }
            Step::SetTitle { post, title: number } => {
                let (url, title) = (post_url(*post), title(*number));
                let on_model = |model: &mut Model| model.set_title(&url, &title, &attribution, now);
                self.compare(fail_after, |ledger| ledger.set_title(&url, &title, &attribution, now), on_model)
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
        let ledger = self.ledger();
        let due = ledger.due_threads_after(0, self.now, 10).unwrap();
        if let (None, Some(at)) = (&self.publishing, which.checked_rem(due.len())) {
            let snapshot = ledger.snapshot(&due[at], self.now).unwrap().unwrap();
            prop_assert_eq!(&snapshot.due, &due[at]);
            let last = due[at].pages.first().map(|page| due[at].url.kv_key(*page));
            prop_assert_eq!(snapshot.pages.last().map(Thread::kv_key), last);
            if due[at].top {
                let top = snapshot.pages.iter().find(|page| page.sort == Sort::Top).unwrap();
                prop_assert_eq!(&top.comments, &self.model.best_comments(&due[at].url));
            }
            self.publishing = Some((snapshot, 0));
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
        let on_model = |model: &mut Model| {
            model.threads.get_mut(&due.url).unwrap().mark_published(due.version, &due.pages, due.top);
            Ok::<_, Refusal>(())
        };
        self.compare(fail_after, |ledger| ledger.mark_published(&due), on_model)
    }

    fn check_due_threads(&self) -> TestCaseResult {
        let ledger = self.ledger();
        for now in [self.now, i64::MAX >> 11] {
            let due = ledger.due_threads_after(0, now, 10).unwrap();
            let mut due: Vec<_> =
                due.into_iter().map(|due| (due.url, due.version, due.pages.into_iter().collect(), due.top)).collect();
            due.sort();
            let expected = self.model.threads.iter().filter_map(|(url, thread)| {
                thread.due(now).map(|(pages, top)| (url.clone(), thread.version, pages, top))
            });
            prop_assert_eq!(due, expected.collect::<Vec<_>>());
        }
        Ok(())
    }

    /// Publishes everything, and checks that ledger, model and KV agree.
    fn check_final_state(&mut self) -> TestCaseResult {
        while let Some(next) = self.ledger().next_due().unwrap() {
            self.now = self.now.max(next);
            self.begin_publishing(0)?;
            self.write_value(false, None)?;
            self.check_due_threads()?;
        }
        self.now += 60;
        prop_assert_eq!(&self.ledger().list_audit_log(None, 1_000).unwrap().items, &self.model.audit_log());
        self.check_private_data()?;
        assert_changes_are_counted(&self.database);
        let urls: Vec<PostUrl> = self.model.threads.keys().cloned().collect();
        for url in urls {
            self.check_thread(&url)?;
            for sort in SORTS {
                self.check_published_comments(&url, sort)?;
            }
        }
        Ok(())
    }

    fn check_thread(&self, url: &PostUrl) -> TestCaseResult {
        let thread = &self.model.threads[url];
        for page in 1..=thread.pages() {
            let read = self.ledger().read_page(url, page).unwrap();
            prop_assert_eq!(&read.comments, &self.model.visible_page(url, page));
            let expected = (thread.version, thread.version > 0 && thread.closed, self.model.count(url), thread.pages());
            prop_assert_eq!((read.version, read.closed, read.count, read.pages), expected);
            prop_assert_eq!(&read.title, if thread.version > 0 { &thread.title } else { "" });
            match self.kv.central.get(&url.kv_key(page)) {
                // Only the first page must have the present data of the whole thread.
                Some(published) if page == 1 => prop_assert_eq!(published, &read),
                Some(published) => prop_assert_eq!(&published.comments, &read.comments),
                None => prop_assert_eq!(thread.version, 0),
            }
        }
        if thread.pages() > 1 {
            prop_assert_eq!(&self.ledger().read_top(url).unwrap().comments, &self.model.best_comments(url));
        }
        Ok(())
    }

    /// Checks that a reader meets every comment exactly once, and in the right order.
    fn check_published_comments(&mut self, url: &PostUrl, sort: Sort) -> TestCaseResult {
        let pages = self.kv.read_all(url, sort, self.now)?;
        let mut read: Vec<_> = pages.iter().flat_map(|page| &page.comments).collect();
        let roots = |pages: &[Thread]| {
            let roots = pages.iter().flat_map(|page| &page.comments).filter(|comment| comment.parent.is_none());
            roots.map(|root| (root.votes, root.id)).collect::<Vec<_>>()
        };
        let is_long = self.model.threads[url].pages() > 1;
        let is_sorted = match sort {
            Sort::Oldest => true,
            // A comment that was approved late is on a later page than its id suggests.
            Sort::Newest => is_long || roots(&pages).is_sorted_by_key(|(_, id)| std::cmp::Reverse(*id)),
            Sort::Top => {
                let first = roots(&pages[..1]).into_iter().filter(|(votes, _)| !is_long || *votes > 0);
                first.is_sorted_by_key(|(votes, id)| (-votes, id))
            }
        };
        prop_assert!(is_sorted, "{:?}: {:?}", sort, roots(&pages));
        read.sort_by_key(|comment| comment.id);
        let mut expected: Vec<_> =
            (1..=self.model.threads[url].pages()).flat_map(|page| self.model.visible_page(url, page)).collect();
        expected.sort_by_key(|comment| comment.id);
        prop_assert_eq!(read, expected.iter().collect::<Vec<_>>());
        Ok(())
    }
}
