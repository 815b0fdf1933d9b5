//! Laws that hold for the database and for KV, whatever happened before: some after every step, the others once everything is published.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use afterword_ledger::{CommentFilter, DueLatest, Value};
use afterword_model::{
    Comment, CommentId, LatestComment, LatestComments, PageReader, PostUrl, SafeHtml, Sort, Thread, reply_depths,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::model::json_length;
use crate::simulation::{EDIT_WINDOW, SIZE, SORTS, Simulation};

/// A time at which everything that may wait is due.
const FAR_FUTURE: i64 = i64::MAX >> 11;
/// Number of continuation pages from which on a tombstone may stay although no reply needs it.
const LONG_CHAIN: u32 = 8;

/// A thread as readers would see it after a step.
pub(crate) struct Observation {
    /// The version that first showed each comment.
    since: BTreeMap<CommentId, Option<i64>>,
    /// The same for all comments that this step or an earlier one has shown.
    ever: BTreeMap<CommentId, Option<i64>>,
    version: i64,
    title: String,
    closed: bool,
    reactions: Vec<(String, u32)>,
    comments: Vec<Comment>,
}

impl Simulation {
    /// Checks the laws that hold after every step.
    pub(crate) fn check_laws(&mut self) -> TestCaseResult {
        for url in self.urls() {
            let pages = self.pages(&url);
            self.check_published_comments_are_on_one_page(&url, &pages)?;
            self.check_replies_follow_their_parents(&pages)?;
            self.check_parents_lead_to_their_replies(&pages)?;
            self.check_tombstones_are_needed(&pages)?;
            self.check_thread_data(&url, &pages)?;
            self.check_version_tells_changes(&url, &pages)?;
            self.check_differences_from_kv_are_due(&pages)?;
        }
        self.check_latest_comments()?;
        self.check_pages_are_bounded()
    }

    /// Checks the laws that hold once everything is published.
    pub(crate) fn check_laws_at_rest(&mut self) -> TestCaseResult {
        prop_assert_eq!(self.ledger().due_threads_after(0, FAR_FUTURE, 10).unwrap(), []);
        for url in self.urls() {
            let pages = self.pages(&url);
            self.check_kv_equals_ledger(&pages)?;
            for sort in SORTS {
                self.check_readers_meet_every_comment_once(&url, sort, &pages)?;
                self.check_links_lead_to_every_comment(&url, sort, &pages)?;
            }
            self.check_every_comment_is_found(&url, &pages)?;
        }
        self.check_kv_shows_only_visible_comments()?;
        self.check_erased_texts_are_nowhere()
    }

    fn urls(&self) -> Vec<PostUrl> {
        self.model.threads.keys().cloned().collect()
    }

    /// All pages of a thread as they would be published now.
    fn pages(&self, url: &PostUrl) -> Vec<Thread> {
        let ledger = self.ledger();
        let first = ledger.read_page(url, 1).unwrap();
        let others = (2..=first.pages).map(|page| ledger.read_page(url, page).unwrap());
        [first.clone()].into_iter().chain(others).collect()
    }

    /// Every published comment is on exactly one page, as its author wrote it, and nothing else is.
    fn check_published_comments_are_on_one_page(&self, url: &PostUrl, pages: &[Thread]) -> TestCaseResult {
        let mut shown: Vec<Comment> = comments(pages).filter(|comment| !comment.deleted).map(without_since).collect();
        shown.sort_by_key(|comment| comment.id);
        prop_assert_eq!(shown, self.model.visible_comments(url));
        let ids: BTreeSet<CommentId> = comments(pages).map(|comment| comment.id).collect();
        prop_assert_eq!(ids.len(), comments(pages).count(), "a comment or a tombstone is shown twice");
        Ok(())
    }

    /// A reader meets the parent of every reply, or its tombstone, before the reply.
    fn check_replies_follow_their_parents(&self, pages: &[Thread]) -> TestCaseResult {
        let mut met = BTreeSet::new();
        for comment in comments(pages) {
            prop_assert!(comment.parent.is_none_or(|parent| met.contains(&parent)), "{:?} has no parent", comment);
            met.insert(comment.id);
        }
        Ok(())
    }

    /// The page of a comment names the other pages on which there are replies to it.
    fn check_parents_lead_to_their_replies(&self, pages: &[Thread]) -> TestCaseResult {
        for page in pages {
            for reply in &page.comments {
                let Some(home) = pages.iter().find(|home| home.comments.iter().any(|it| Some(it.id) == reply.parent))
                else {
                    continue;
                };
                let mut continued = home.index.iter().flat_map(|index| &index.continued);
                let is_named = continued
                    .any(|(id, first, last)| Some(*id) == reply.parent && (*first..=*last).contains(&page.page));
                prop_assert!(home.page == page.page || is_named, "{:?} on page {}", reply, page.page);
            }
        }
        Ok(())
    }

    /// A tombstone has no content, and stands only where there is or was a reply.
    fn check_tombstones_are_needed(&self, pages: &[Thread]) -> TestCaseResult {
        for tombstone in comments(pages).filter(|comment| comment.deleted) {
            prop_assert!(tombstone.html == SafeHtml::default() && tombstone.author == Default::default());
            let is_answered = self
                .model
                .comments
                .iter()
                .any(|reply| reply.is_placed && reply.submission.parent == Some(tombstone.id));
            prop_assert!(is_answered || pages[0].pages > LONG_CHAIN, "{:?} has no reply", tombstone);
        }
        Ok(())
    }

    /// Count, state and title of a thread are true. If no moderator set the title, it is the one that most authors of visible comments
    /// sent; beyond the sample that the ledger looks at, at least one of them did.
    fn check_thread_data(&self, url: &PostUrl, pages: &[Thread]) -> TestCaseResult {
        let model = &self.model.threads[url];
        let visible =
            self.model.comments.iter().filter(|comment| comment.submission.url == *url && comment.is_visible());
        let sent: Vec<(&str, Option<&str>)> = visible
            .map(|comment| &comment.submission)
            .filter(|sent| !sent.title.is_empty())
            .map(|sent| (sent.title.as_str(), sent.author.as_ref().map(|author| author.hash.as_str())))
            .collect();
        let authors = |title: &str| {
            sent.iter().filter(|(sent, _)| *sent == title).map(|(_, author)| author).collect::<BTreeSet<_>>().len()
        };
        for page in pages {
            let visible = self.model.visible_comments(url).len();
            prop_assert_eq!((page.count as usize, page.closed), (visible, model.closed));
            let title = page.title.as_str();
            if let Some(locked) = &model.locked_title {
                prop_assert_eq!(title, locked);
            } else if self.model.comments.iter().filter(|comment| comment.is_placed).count() <= 32 {
                let most = sent.iter().map(|(title, _)| authors(title)).max().unwrap_or(0);
                prop_assert_eq!(authors(title), most, "{:?} of {:?}", title, sent);
            } else {
                prop_assert!(title.is_empty() || authors(title) > 0, "{:?} of {:?}", title, sent);
            }
        }
        Ok(())
    }

    /// The version of a thread never falls, and rises with every change of what readers see.
    fn check_version_tells_changes(&mut self, url: &PostUrl, pages: &[Thread]) -> TestCaseResult {
        let Thread { version, title, closed, reactions, .. } = pages[0].clone();
        prop_assert_eq!((&reactions, pages[0].downvotes), (&self.model.reactions(url), true));
        prop_assert_eq!(pages[0].edit_window, Some(EDIT_WINDOW));
        let visible = comments(pages).filter(|comment| !comment.deleted);
        let since: BTreeMap<_, _> = visible.map(|comment| (comment.id, comment.since)).collect();
        let mut ever = self.observed.get(url).map(|before| before.ever.clone()).unwrap_or_default();
        ever.extend(&since);
        let comments = self.model.visible_comments(url);
        let now = Observation { since, ever, version, title, closed, reactions, comments };
        if let Some(before) = self.observed.insert(url.clone(), now) {
            let now = &self.observed[url];
            let seen = |it: &Observation| (it.title.clone(), it.closed, it.reactions.clone(), it.comments.clone());
            let is_same = seen(&before) == seen(now);
            prop_assert!(before.version <= now.version, "version {} after {}", now.version, before.version);
            prop_assert!(is_same || before.version < now.version, "version {} for two contents", now.version);
            check_since(&before, now)?;
        }
        Ok(())
    }

    /// A thread whose pages differ from those in KV is due, and of few due pages none that differs is missing.
    fn check_differences_from_kv_are_due(&self, pages: &[Thread]) -> TestCaseResult {
        let due = self.ledger().due_threads_after(0, FAR_FUTURE, 10).unwrap();
        let due = due.iter().find(|due| due.url == pages[0].url);
        for page in pages.iter().filter(|page| page.version > 0 && !self.is_published(page)) {
            prop_assert!(due.is_some(), "page {} differs and is not due", page.page);
            let listed = due.is_none_or(|due| due.pages.contains(&page.page) || due.pages.len() >= 16);
            prop_assert!(listed, "page {} differs and is not among {:?}", page.page, due);
        }
        Ok(())
    }

    /// The latest comments are visible ones, each as on its page, in the order in which they became visible. If those in KV differ, they are due,
    /// and urgent if they show a comment that nobody may see any more.
    fn check_latest_comments(&self) -> TestCaseResult {
        let latest = self.ledger().latest_comments().unwrap().value;
        let visible: BTreeMap<CommentId, Comment> = self
            .urls()
            .iter()
            .flat_map(|url| self.model.visible_comments(url))
            .map(|comment| (comment.id, comment))
            .collect();
        for shown in &latest.comments {
            prop_assert_eq!(Some(&without_since(&shown.comment)), visible.get(&shown.comment.id));
            let page = self.ledger().read_page(&shown.url, 1).unwrap();
            prop_assert_eq!((&page.title, &page.url), (&shown.title, &shown.url));
        }
        prop_assert!(latest.comments.is_sorted_by_key(|shown| Reverse(shown.published)));
        prop_assert_eq!(latest.comments.len(), visible.len().min(LatestComments::MAX));
        let due = self.ledger().due_latest().unwrap();
        let published = &self.kv.latest;
        prop_assert!(due.is_some() || without_votes(published) == without_votes(&latest), "{:?}", published);
        let shows_removed = published.comments.iter().any(|shown| !visible.contains_key(&shown.comment.id));
        prop_assert!(!shows_removed || due.is_some_and(DueLatest::is_urgent), "{:?}", due);
        Ok(())
    }

    /// Returns true if KV has a page as it is. Only the first page has the present data of the whole thread.
    fn is_published(&self, page: &Thread) -> bool {
        let published = self.kv.central.get(&page.kv_key());
        published.is_some_and(|it| {
            if page.page == 1 { it == page } else { it.comments == page.comments && it.index == page.index }
        })
    }

    /// No page has more comments than fit.
    fn check_pages_are_bounded(&self) -> TestCaseResult {
        let query = "SELECT count(*) FROM comment WHERE page IS NOT NULL GROUP BY thread, page";
        for row in self.database.run(query) {
            prop_assert!(
                matches!(row[..], [Value::Integer(count)] if count <= i64::from(SIZE.comments_with_replies)),
                "{:?}",
                row
            );
        }
        let beyond =
            "SELECT 1 FROM comment JOIN thread ON thread.id = comment.thread WHERE page NOT BETWEEN 1 AND pages";
        prop_assert_eq!(self.database.run(beyond), Vec::<Vec<Value>>::new());
        Ok(())
    }

    /// The best comments begin with the root that has the most votes, and have no more comments than a page.
    pub(crate) fn check_top(&self, top: &Thread) -> TestCaseResult {
        let is_root = |comment: &&Comment| comment.parent.is_none();
        let roots: Vec<_> = top.comments.iter().filter(is_root).map(|root| (-root.votes, root.id)).collect();
        prop_assert!(roots.is_sorted() && roots.iter().all(|(votes, _)| *votes < 0), "{:?}", roots);
        let visible = self.model.visible_comments(&top.url);
        let best =
            visible.iter().filter(is_root).map(|root| (-root.votes, root.id)).filter(|(votes, _)| *votes < 0).min();
        prop_assert_eq!(roots.first().copied(), best);
        prop_assert!(top.comments.len() <= SIZE.comments as usize, "{} comments", top.comments.len());
        Ok(())
    }

    /// KV has every page of a thread as it is in the ledger.
    fn check_kv_equals_ledger(&self, pages: &[Thread]) -> TestCaseResult {
        for page in pages.iter().filter(|page| page.version > 0) {
            prop_assert!(self.is_published(page), "{:?}", page);
        }
        Ok(())
    }

    /// A link to a comment leads to its page, with one read more than the page takes at most.
    fn check_every_comment_is_found(&mut self, url: &PostUrl, pages: &[Thread]) -> TestCaseResult {
        for page in pages {
            for comment in &page.comments {
                let reader = PageReader::for_comment(url.clone(), comment.id, Sort::Oldest);
                let found = self.kv.read(0, reader, self.now, 0)?;
                prop_assert_eq!(found.page, page.page, "{:?}", comment);
            }
        }
        Ok(())
    }

    /// The links on the first page, and on the pages to which they lead, lead to every comment. On each of these pages a comment whose
    /// parent is there too stands below it.
    fn check_links_lead_to_every_comment(&mut self, url: &PostUrl, sort: Sort, pages: &[Thread]) -> TestCaseResult {
        let (mut open, mut seen, mut met) = (vec![1], BTreeSet::new(), BTreeSet::new());
        while let Some(page) = open.pop() {
            if !seen.insert(page) {
                continue;
            }
            let reader = PageReader::new(url.clone(), page, sort).with_root_page();
            let thread = self.kv.read(0, reader, self.now, 0)?;
            open.extend(thread.navigation().next_root_page(page));
            let depths = reply_depths(&thread.comments);
            for (comment, depth) in thread.comments.iter().zip(depths) {
                met.insert(comment.id);
                let (earlier, later) = thread.reply_pages(comment.id);
                open.extend([earlier, later].into_iter().flatten());
                let has_parent = thread.comments.iter().any(|parent| Some(parent.id) == comment.parent);
                prop_assert_eq!(has_parent, depth > 0, "{:?} on page {}", comment, page);
            }
        }
        prop_assert_eq!(met, comments(pages).map(|comment| comment.id).collect::<BTreeSet<_>>());
        Ok(())
    }

    /// A reader of all pages, in any order, meets every comment exactly once, and those with a place in the order are in order.
    fn check_readers_meet_every_comment_once(&mut self, url: &PostUrl, sort: Sort, pages: &[Thread]) -> TestCaseResult {
        let read = self.kv.read_all(url, sort, self.now)?;
        let is_long = pages.len() > 1;
        let roots = |pages: &[Thread]| {
            let roots = comments(pages).filter(|comment| comment.parent.is_none());
            roots.map(|root| (root.votes, root.id)).collect::<Vec<_>>()
        };
        let is_sorted = match sort {
            Sort::Oldest => true,
            // A comment that was approved late is on a later page than its id suggests.
            Sort::Newest => is_long || roots(&read).is_sorted_by_key(|(_, id)| std::cmp::Reverse(*id)),
            Sort::Top => {
                let first = roots(&read[..1]).into_iter().filter(|(votes, _)| !is_long || *votes > 0);
                first.is_sorted_by_key(|(votes, id)| (-votes, id))
            }
        };
        prop_assert!(is_sorted, "{:?}: {:?}", sort, roots(&read));
        let by_id = |pages: &[Thread]| {
            let mut comments: Vec<Comment> = comments(pages).cloned().collect();
            comments.sort_by_key(|comment| comment.id);
            comments
        };
        prop_assert_eq!(by_id(&read), by_id(pages));
        Ok(())
    }

    /// No value in KV has a comment that readers must no longer see.
    fn check_kv_shows_only_visible_comments(&self) -> TestCaseResult {
        for value in self.kv.central.values() {
            let visible = self.model.visible_comments(&value.url);
            for comment in value.comments.iter().filter(|comment| !comment.deleted) {
                let is_visible = visible.iter().any(|it| it.id == comment.id && it.html == comment.html);
                prop_assert!(is_visible, "{:?}", comment);
            }
        }
        Ok(())
    }

    /// The text of an erased comment is neither in the database, nor in KV, nor in an export.
    fn check_erased_texts_are_nowhere(&self) -> TestCaseResult {
        self.check_erased_texts_are_not_in(&format!("{:?}", self.database.dump()))?;
        self.check_erased_texts_are_not_public()
    }

    /// Nobody is shown the text of an erased comment, even while its author can restore it.
    pub(crate) fn check_erased_texts_are_not_public(&self) -> TestCaseResult {
        let lists = [CommentFilter::Erased, CommentFilter::Pending, CommentFilter::Published, CommentFilter::Reported]
            .map(|filter| self.ledger().list_comments(filter, None, 1_000).unwrap());
        self.check_erased_texts_are_not_in(&format!("{:?} {:?} {lists:?}", self.kv.central, self.export(1 << 20)))
    }

    fn check_erased_texts_are_not_in(&self, everything: &str) -> TestCaseResult {
        for erased in self.model.comments.iter().filter(|comment| comment.comment.deleted) {
            for text in &erased.texts {
                // As a column, as JSON within an export line, and within HTML.
                for trace in [format!("\"{text}\""), format!("\\\"{text}\\\""), format!("[{text}]")] {
                    prop_assert!(!everything.contains(&trace), "{trace}");
                }
            }
        }
        Ok(())
    }

    /// Returns true if the page of a comment has room for other HTML.
    pub(crate) fn has_room(&self, id: CommentId, html: &SafeHtml) -> bool {
        let query = "SELECT id, html, name, website FROM comment \
                     WHERE (thread, page) = (SELECT thread, page FROM comment WHERE id = ?)";
        let mut bytes = 0;
        for row in self.database.run_with(query, &[id.get().into()]) {
            let [Value::Integer(row_id), Value::Text(stored), Value::Text(name), website] = &row[..] else {
                panic!("{row:?}")
            };
            let website = if let Value::Text(website) = website { Some(website) } else { None };
            let own = if *row_id == id.get() { html.as_str() } else { stored };
            bytes += 200 + json_length(&own) + json_length(name) + json_length(&website);
        }
        bytes <= SIZE.edited_bytes
    }
}

fn comments(pages: &[Thread]) -> impl Iterator<Item = &Comment> {
    pages.iter().flat_map(|page| &page.comments)
}

/// A reader of any version of a thread can tell the comments that became visible after it, and no edit makes a comment new. One that its author
/// has deleted and restored is as it was.
fn check_since(before: &Observation, now: &Observation) -> TestCaseResult {
    for (id, since) in &now.since {
        let expected = match before.since.get(id) {
            Some(known) => *since == *known,
            None => {
                let is_new = since.is_some_and(|since| before.version < since && since <= now.version);
                is_new || before.ever.get(id) == Some(since)
            }
        };
        prop_assert!(expected, "comment {} since {:?}, from version {} to {}", id, since, before.version, now.version);
    }
    Ok(())
}

/// A comment as the model knows it.
pub(crate) fn without_since(comment: &Comment) -> Comment {
    Comment { since: None, ..comment.clone() }
}

/// Votes alone do not make the latest comments due.
fn without_votes(latest: &LatestComments) -> Vec<LatestComment> {
    let without = |shown: &LatestComment| {
        let comment = Comment { votes: 0, ..shown.comment.clone() };
        LatestComment { comment, ..shown.clone() }
    };
    latest.comments.iter().map(without).collect()
}
