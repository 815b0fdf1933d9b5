//! What a post is called, found out anew from all that is known.

use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{Action, Attribution};
use afterword_model::{PostUrl, Refusal};

use super::{Kept, Model};

/// The last places of a thread, which decide.
const VOICES: usize = 32;

impl Model {
    pub(crate) fn name(&mut self, url: &PostUrl, title: &str, act: &Attribution<'_>, now: i64) -> Result<i64, Refusal> {
        let done = self.is_done(act, Action::Title, url.as_str(), Some(title))?;
        let post = self.posts.get(url).cloned().unwrap_or_default();
        let is_same = if post.named { post.title == title } else { title.is_empty() };
        if done || is_same {
            return Ok(post.version);
        }
        self.note(act, Action::Title, url.as_str(), Some(title), now);
        let post = self.posts.entry(url.clone()).or_default();
        (post.named, post.title) = (!title.is_empty(), title.to_owned());
        post.version += 1;
        post.changed.insert(1, post.version);
        self.find_title(url);
        Ok(self.posts[url].version)
    }

    pub(super) fn find_title(&mut self, url: &PostUrl) {
        let mut placed: Vec<&Kept> =
            self.comments.iter().filter(|kept| kept.entry.url == *url && kept.page.is_some()).collect();
        placed.sort_by_key(|kept| std::cmp::Reverse((kept.page, kept.comment.id)));
        let mut authors: BTreeMap<&str, (BTreeSet<Option<&str>>, usize)> = BTreeMap::new();
        let last = placed.iter().take(VOICES).enumerate();
        for (age, kept) in last.filter(|(_, kept)| kept.is_visible() && !kept.entry.title.is_empty()) {
            let (authors, _) = authors.entry(&kept.entry.title).or_insert_with(|| (BTreeSet::new(), VOICES - age));
            authors.insert(kept.entry.author.as_ref().map(|author| author.hash.as_str()));
        }
        let most = authors.iter().max_by_key(|(_, (authors, youth))| (authors.len(), *youth));
        let title = most.map_or("", |(title, _)| title).to_owned();
        if let Some(post) = self.posts.get_mut(url).filter(|post| !post.named) {
            post.title = title;
        }
    }
}
