//! The title of a thread in the model, computed from all comments.

use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{Action, Attribution};
use afterword_model::{PostUrl, Refusal};

use super::{Model, ModelComment};

/// Number of the last comments of a thread that decide its title.
const SAMPLE_SIZE: usize = 32;

impl Model {
    pub(crate) fn set_title(
        &mut self,
        url: &PostUrl,
        title: &str,
        attribution: &Attribution<'_>,
        now: i64,
    ) -> Result<i64, Refusal> {
        let is_repeat = self.is_repeat(attribution, Action::Title, url.as_str(), Some(title))?;
        let thread = self.threads.get(url).cloned().unwrap_or_default();
        let is_same = if thread.title_locked { thread.title == title } else { title.is_empty() };
        if is_repeat || is_same {
            return Ok(thread.version);
        }
        self.log_action(attribution, Action::Title, url.as_str(), Some(title), now);
        let thread = self.threads.entry(url.clone()).or_default();
        (thread.title_locked, thread.title) = (!title.is_empty(), title.to_owned());
        thread.version += 1;
        thread.changed_pages.insert(1, thread.version);
        self.update_title(url);
        Ok(self.threads[url].version)
    }

    /// Chooses the title that most authors sent, and among equals the newest one.
    pub(super) fn update_title(&mut self, url: &PostUrl) {
        let mut placed: Vec<&ModelComment> =
            self.comments.iter().filter(|comment| comment.submission.url == *url && comment.page.is_some()).collect();
        placed.sort_by_key(|comment| std::cmp::Reverse((comment.page, comment.comment.id)));
        let mut authors: BTreeMap<&str, (BTreeSet<Option<&str>>, usize)> = BTreeMap::new();
        let sample = placed.iter().take(SAMPLE_SIZE).enumerate();
        for (age, comment) in sample.filter(|(_, comment)| comment.is_visible() && !comment.submission.title.is_empty())
        {
            let newest = SAMPLE_SIZE - age;
            let (authors, _) = authors.entry(&comment.submission.title).or_insert_with(|| (BTreeSet::new(), newest));
            authors.insert(comment.submission.author.as_ref().map(|author| author.hash.as_str()));
        }
        let most = authors.iter().max_by_key(|(_, (authors, newest))| (authors.len(), *newest));
        let title = most.map_or("", |(title, _)| title).to_owned();
        if let Some(thread) = self.threads.get_mut(url).filter(|thread| !thread.title_locked) {
            thread.title = title;
        }
    }
}
