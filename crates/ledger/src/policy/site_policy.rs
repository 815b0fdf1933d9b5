//! The settings and bans of a site, loaded and compiled once and cached until a moderator changes them.

use afterword_model::moderation::BanKind;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use afterword_model::Signal;

use crate::error::LedgerError;
use crate::policy::submission_policy::{BanMatcher, InvalidRule, MutedWordMatcher, PatternCompiler};
use crate::store::ban::{Ban, StoredBans};
use crate::store::setting::SiteSettings;
use crate::store::signals::with_detail;
use crate::store::sql::Sql;
use crate::verified_comment::VerifiedComment;

/// The settings and bans of a site as stored, with their patterns compiled on first use.
#[derive(Default)]
pub(crate) struct SitePolicy {
    pub(crate) settings: SiteSettings,
    bans: Vec<CachedBan>,
    /// UUIDs of bans that cannot be read.
    unreadable_bans: Vec<String>,
    muted_words: OnceCell<Option<MutedWordMatcher>>,
}

/// A ban, and its matcher once it was needed: `None` if the pattern is not valid.
struct CachedBan {
    ban: Ban,
    matcher: OnceCell<Option<BanMatcher>>,
}

/// Signals of a comment from the rules of the site.
#[derive(Debug, Default)]
pub(crate) struct RuleSignals {
    /// A muted word, or muted words that are not valid.
    pub(crate) muted_word: Option<String>,
    /// A ban of the sender, or bans that are not valid.
    pub(crate) ban: Option<String>,
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
        let StoredBans { bans, unreadable: unreadable_bans } = StoredBans::load(sql)?;
        let bans = bans.into_iter().map(|ban| CachedBan { ban, matcher: OnceCell::new() }).collect();
        let settings = SiteSettings::load(sql)?;
        let policy = Rc::new(SitePolicy { settings, bans, unreadable_bans, muted_words: OnceCell::new() });
        *self.0.borrow_mut() = Some(Rc::clone(&policy));
        Ok(policy)
    }

    /// Empties the cache. Must be called with every write to a setting or a ban. That is right even if the transaction is rolled back:
    /// the next submission loads the policy again, and none happens within a transaction.
    pub(crate) fn invalidate(&self) {
        *self.0.borrow_mut() = None;
    }
}

impl SitePolicy {
    /// Checks a comment against the bans and muted words. A rule that is not valid might apply to the comment, so it counts as if it did.
    /// `new_title` is the title of the comment if that differs from the title of the post.
    pub(crate) fn check(
        &self,
        comment: &VerifiedComment,
        new_title: &str,
        patterns: Option<&dyn PatternCompiler>,
        now: i64,
    ) -> RuleSignals {
        let Some(patterns) = patterns else {
            return RuleSignals { ban: self.ban_signal(comment, None, now), muted_word: None };
        };
        let muted_word = self.muted_words(patterns).and_then(|matcher| match matcher {
            Some(matcher) => matcher(comment, new_title).map(|word| with_detail(Signal::MutedWord.code(), &word)),
            None => Some(invalid_signal(&InvalidRule::MutedWords)),
        });
        RuleSignals { muted_word, ban: self.ban_signal(comment, Some(patterns), now) }
    }

    /// The rules that are not valid.
    pub(crate) fn invalid_rules(&self, patterns: &dyn PatternCompiler, now: i64) -> Vec<InvalidRule> {
        let unreadable = self.unreadable_bans.iter().cloned().map(InvalidRule::Ban);
        let by_pattern = |cached: &&CachedBan| matches!(cached.ban.kind, BanKind::Name | BanKind::Email);
        let by_pattern = self.active_bans(now).filter(by_pattern);
        let invalid = by_pattern.filter(|cached| cached.matcher(patterns).is_none());
        let bans = unreadable.chain(invalid.map(|cached| InvalidRule::Ban(cached.ban.id.clone())));
        let has_invalid_words = self.muted_words(patterns).is_some_and(|compiled| compiled.is_none());
        bans.chain(has_invalid_words.then_some(InvalidRule::MutedWords)).collect()
    }

    fn active_bans(&self, now: i64) -> impl Iterator<Item = &CachedBan> {
        self.bans.iter().filter(move |cached| cached.ban.is_active(now))
    }

    /// The first ban that matches the sender of a comment, or else a ban that is not valid.
    fn ban_signal(
        &self,
        comment: &VerifiedComment,
        patterns: Option<&dyn PatternCompiler>,
        now: i64,
    ) -> Option<String> {
        let mut invalid = self.unreadable_bans.first().cloned();
        for cached in self.active_bans(now) {
            let ban = &cached.ban;
            let matches = match (ban.kind, patterns) {
                (BanKind::Author, _) => comment.author_hash() == Some(&ban.pattern),
                (BanKind::Network, _) => comment.is_from_network(&ban.pattern),
                (BanKind::Name | BanKind::Email, None) => false,
                (BanKind::Name | BanKind::Email, Some(patterns)) => match cached.matcher(patterns) {
                    Some(matcher) => matcher(comment),
                    None => {
                        invalid.get_or_insert_with(|| ban.id.clone());
                        false
                    }
                },
            };
            if matches {
                return Some(with_detail(Signal::Banned.code(), ban.kind.as_str()));
            }
        }
        invalid.map(|id| invalid_signal(&InvalidRule::Ban(id)))
    }

    /// The compiled muted words: `None` if the site has none, `Some(None)` if they are not valid.
    fn muted_words(&self, patterns: &dyn PatternCompiler) -> Option<Option<&MutedWordMatcher>> {
        let list = self.settings.muted.as_ref()?;
        Some(self.muted_words.get_or_init(|| patterns.compile_muted_words(list)).as_ref())
    }
}

impl CachedBan {
    fn matcher(&self, patterns: &dyn PatternCompiler) -> Option<&BanMatcher> {
        self.matcher.get_or_init(|| patterns.compile_ban(&self.ban)).as_ref()
    }
}

fn invalid_signal(rule: &InvalidRule) -> String {
    with_detail(Signal::InvalidRule.code(), rule.detail())
}
