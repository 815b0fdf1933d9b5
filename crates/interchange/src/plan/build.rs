//! Building of a plan.

use std::io;

use crate::plan::addresses::AddressResolver;
use crate::plan::decisions::{Decision, IdIndex, decide, is_shown, mark_ancestors};
use crate::plan::entry::{CommentEntry, Flags, author_hash};
use crate::plan::options::{OwnerRule, PlanOptions};
use crate::plan::order::{Times, link_parents, sort};
use crate::plan::placement::{Destination, Placement, shown};
use crate::plan::reading::Reading;
use crate::plan::report::{GuessedDate, LeftOut, LeftOutCount, LostCount, Report};
use crate::plan::spool::Spool;
use crate::plan::{Plan, PlanError};
use crate::record::TimeQuality;

/// Plans an import.
pub(crate) fn plan<S: Spool>(reading: &mut Reading<S>, options: &PlanOptions) -> Result<Plan, PlanError> {
    let resolver = AddressResolver::new(reading, options)?;
    let mut report =
        Report { site: resolver.site().to_owned(), source: reading.format.source().to_owned(), ..Report::default() };
    if let Some(name) = &options.partition {
        check_partition(reading, name)?;
    }
    let placement = Placement::new(reading, &resolver, &mut report)?;
    let comments = &reading.entries.comments;
    let ids = IdIndex::new(comments);
    let mut decisions = decide(&ids, &placement, options);
    let parents = link_parents(comments, &ids, &placement, &decisions, &mut report);
    drop(ids);
    mark_ancestors(&mut decisions, &parents, comments);
    let owner = OwnerHashes::new(&options.owner);
    mark_answered(&mut decisions, &parents, comments, &owner);
    let mut times = Times::new(comments, &placement, options.latest);
    let order = sort(comments, &parents, &decisions, &mut times);
    count_comments(&mut report, comments, &decisions, &owner);
    let used_targets = find_used_targets(reading, &placement, &decisions, &mut report);
    copy_facts(&mut report, reading);
    let plan = Plan {
        report,
        options: options.clone(),
        placement,
        used_targets,
        decisions,
        parents,
        times: std::mem::take(&mut times.times),
        order,
    };
    plan.with_guessed_dates(reading, &times).map_err(PlanError::Io)
}

fn check_partition<S: Spool>(reading: &mut Reading<S>, name: &str) -> Result<(), PlanError> {
    for index in 0..reading.entries.threads.len() {
        if reading.thread(index)?.is_some_and(|thread| thread.partition.as_deref() == Some(name)) {
            return Ok(());
        }
    }
    Err(PlanError::Partition(name.to_owned()))
}

/// The owner's addresses and names as they are in the entries.
struct OwnerHashes {
    emails: Vec<u32>,
    names: Vec<u32>,
    trust_source: bool,
}

impl OwnerHashes {
    fn new(rule: &OwnerRule) -> Self {
        let hashes = |texts: &[String]| texts.iter().map(|text| author_hash(text)).filter(|hash| *hash != 0).collect();
        Self { emails: hashes(&rule.emails), names: hashes(&rule.names), trust_source: rule.trust_source }
    }

    fn matches(&self, comment: &CommentEntry) -> bool {
        self.trust_source && comment.flags.has(Flags::OWNER)
            || self.emails.contains(&comment.email)
            || self.names.contains(&comment.name)
    }
}

fn mark_answered(decisions: &mut [Decision], parents: &[u32], comments: &[CommentEntry], owner: &OwnerHashes) {
    for ((index, comment), parent) in comments.iter().enumerate().zip(parents) {
        let is_imported = decisions.get(index).is_some_and(|decision| decision.left_out.is_none());
        if is_imported
            && is_shown(comment.state)
            && owner.matches(comment)
            && let Some(parent) = decisions.get_mut(*parent as usize)
        {
            parent.answered = true;
        }
    }
}

fn count_comments(report: &mut Report, comments: &[CommentEntry], decisions: &[Decision], owner: &OwnerHashes) {
    let mut left_out = std::collections::BTreeMap::<LeftOut, u64>::new();
    report.read = comments.len() as u64;
    for (comment, decision) in comments.iter().zip(decisions) {
        if let Some(reason) = decision.left_out {
            *left_out.entry(reason).or_default() += 1;
            report.tombstones += u64::from(decision.has_replies);
            continue;
        }
        report.to_import += 1;
        report.states.add(comment.state);
        report.owner_comments += u64::from(owner.matches(comment));
        report.continuations += u64::from(comment.parts) - 1;
        report.without_zone += u64::from(comment.quality == TimeQuality::ZoneGuessed);
        let changed = &mut report.changed;
        changed.texts_split += u64::from(comment.parts > 1);
        changed.names_cut += u64::from(comment.flags.has(Flags::NAME_CUT));
        changed.emails_dropped += u64::from(comment.flags.has(Flags::EMAIL_DROPPED));
        changed.websites_dropped += u64::from(comment.flags.has(Flags::WEBSITE_DROPPED));
        changed.votes_dropped += u64::from(comment.flags.has(Flags::VOTES_DROPPED));
    }
    report.left_out = left_out.into_iter().map(|(reason, comments)| LeftOutCount { reason, comments }).collect();
}

/// True for each target that has a comment.
fn find_used_targets<S>(
    reading: &Reading<S>,
    placement: &Placement,
    decisions: &[Decision],
    report: &mut Report,
) -> Vec<bool> {
    let mut has_comments = vec![false; reading.entries.threads.len()];
    for (comment, decision) in reading.entries.comments.iter().zip(decisions) {
        if let Some(flag) = has_comments.get_mut(comment.thread as usize) {
            *flag |= decision.has_line();
        }
    }
    let records = reading.entries.threads.iter().zip(&has_comments);
    report.threads_without_comments = records.filter(|(entry, flag)| entry.length > 0 && !**flag).count() as u64;
    let mut targets = vec![false; placement.targets.len()];
    for (place, _) in placement.places.iter().zip(&has_comments).filter(|(_, flag)| **flag) {
        if let Destination::Target(target) = place
            && let Some(flag) = targets.get_mut(*target as usize)
        {
            *flag = true;
        }
    }
    report.threads = targets.iter().filter(|flag| **flag).count() as u64;
    targets
}

/// Facts about the file that do not depend on the options.
fn copy_facts<S>(report: &mut Report, reading: &Reading<S>) {
    let entries = &reading.entries;
    report.dropped_markup = entries.markup.values().cloned().collect();
    report.lost = entries.lost.iter().map(|(field, count)| LostCount { field: *field, count: *count }).collect();
    report.problems.clone_from(&entries.problems);
    report.problem_count = entries.problem_count;
}

impl Plan {
    /// Lists the imported comments whose time was guessed.
    fn with_guessed_dates<S: Spool>(mut self, reading: &mut Reading<S>, times: &Times) -> io::Result<Self> {
        for index in 0..self.decisions.len() {
            let Some(entry) = reading.entries.comments.get(index).copied() else { continue };
            let is_imported = self.decisions.get(index).is_some_and(|decision| decision.left_out.is_none());
            if !is_imported || times.is_known(&entry) {
                continue;
            }
            self.report.guessed_date_count += 1;
            if self.report.guessed_dates.len() < Report::MAX_ITEMS {
                let id = shown(&reading.comment(index)?.id);
                let thread = self.target_of(entry.thread).map(|target| target.url.clone()).unwrap_or_default();
                let time = self.times.get(index).copied().unwrap_or_default();
                self.report.guessed_dates.push(GuessedDate { id, thread, time });
            }
        }
        Ok(self)
    }
}
