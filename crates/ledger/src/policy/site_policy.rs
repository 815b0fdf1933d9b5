//! The settings and bans of a site, loaded and compiled once and cached until a moderator changes them.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use crate::error::LedgerError;
use crate::policy::submission_policy::{BanMatcher, MutedWordMatcher, PatternCompiler};
use crate::store::ban::{Ban, BanKind};
use crate::store::setting::SiteSettings;
use crate::store::sql::Sql;
use crate::verified_comment::VerifiedComment;

/// The settings and bans of a site as stored, with their patterns compiled on first use.
#[derive(Default)]
pub(crate) struct SitePolicy {
    pub(crate) settings: SiteSettings,
    bans: Vec<(Ban, OnceCell<BanMatcher>)>,
    muted_words: OnceCell<MutedWordMatcher>,
}

impl std::fmt::Debug for SitePolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SitePolicy").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Cache of a [`SitePolicy`].
#[derive(Debug, Default)]
pub(crate) struct SitePolicyCache(RefCell<Option<Rc<SitePolicy>>>);

impl SitePolicyCache {
    /// The present policy, loaded if it is not cached.
    pub(crate) fn get(&self, sql: &impl Sql) -> Result<Rc<SitePolicy>, LedgerError> {
        if let Some(cached) = &*self.0.borrow() {
            return Ok(Rc::clone(cached));
        }
        let bans = Ban::list(sql)?.into_iter().map(|ban| (ban, OnceCell::new())).collect();
        let settings = SiteSettings::load(sql)?;
        let policy = Rc::new(SitePolicy { settings, bans, muted_words: OnceCell::new() });
        *self.0.borrow_mut() = Some(Rc::clone(&policy));
        Ok(policy)
    }

    /// Empties the cache. Must be called with every write to a setting or a ban. That is right even if the transaction is rolled back:
    /// the next post loads the policy again, and no post happens within a transaction.
    pub(crate) fn invalidate(&self) {
        *self.0.borrow_mut() = None;
    }
}

impl SitePolicy {
    /// Kind of the first ban that matches the sender of a comment, if any.
    pub(crate) fn matching_ban(
        &self,
        comment: &VerifiedComment,
        patterns: Option<&dyn PatternCompiler>,
        now: i64,
    ) -> Option<BanKind> {
        let matches = |ban: &Ban, matcher: &OnceCell<BanMatcher>| match ban.kind {
            BanKind::Author => comment.author_hash() == Some(&ban.pattern),
            BanKind::Network => comment.is_from_network(&ban.pattern),
            BanKind::Name | BanKind::Email => patterns
                .is_some_and(|patterns| matcher.get_or_init(|| patterns.compile_ban(ban.kind, &ban.pattern))(comment)),
        };
        let mut active = self.bans.iter().filter(|(ban, _)| ban.until.is_none_or(|until| now < until));
        active.find(|(ban, matcher)| matches(ban, matcher)).map(|(ban, _)| ban.kind)
    }

    /// The first muted pattern that a comment contains, if any. `new_title` is its title if that differs from the title of the post.
    pub(crate) fn matching_muted_word(
        &self,
        comment: &VerifiedComment,
        new_title: &str,
        patterns: Option<&dyn PatternCompiler>,
    ) -> Option<String> {
        let (list, patterns) = (self.settings.muted.as_ref()?, patterns?);
        self.muted_words.get_or_init(|| patterns.compile_muted_words(list))(comment, new_title)
    }
}
