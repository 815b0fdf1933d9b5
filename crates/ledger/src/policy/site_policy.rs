//! The rules of the house: what a site sets for itself and whom it has banned, read and compiled once for all posts until a moderator
//! changes them.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::bans::Ban;
use crate::moderate::bans::BanKind;
use crate::moderate::settings::SiteSettings;
use crate::policy::submission_policy::BanMatcher;
use crate::policy::submission_policy::MutedWordMatcher;
use crate::policy::submission_policy::PatternCompiler;
use crate::store::sql::Sql;
use crate::verified_comment::VerifiedComment;

/// As they are stored, and what finds their patterns, made when it is first needed.
#[derive(Default)]
pub(crate) struct House {
    pub(crate) settings: SiteSettings,
    bans: Vec<(Ban, OnceCell<BanMatcher>)>,
    muted: OnceCell<MutedWordMatcher>,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<S: Sql> Ledger<S> {
    /// The rules as they are now.
    pub(crate) fn house(&self) -> Result<Rc<House>, LedgerError> {
        if let Some(known) = &*self.house.borrow() {
            return Ok(Rc::clone(known));
        }
        let bans = self.list_bans()?.into_iter().map(|ban| (ban, OnceCell::new())).collect();
        let house = Rc::new(House { settings: self.settings()?, bans, muted: OnceCell::new() });
        *self.house.borrow_mut() = Some(Rc::clone(&house));
        Ok(house)
    }

    /// Forgets the rules, since a row of theirs is written: they are read again for the next post. That is right also where the write is
    /// undone later in its turn, for there is no post within a turn.
    pub(crate) fn change_house(&self) {
        *self.house.borrow_mut() = None;
    }
}

impl House {
    /// By what whoever sends an entry is banned.
    pub(crate) fn ban_on(
        &self,
        entry: &VerifiedComment,
        watch: Option<&dyn PatternCompiler>,
        now: i64,
    ) -> Option<BanKind> {
        let is_on = |ban: &Ban, suspect: &OnceCell<BanMatcher>| match ban.kind {
            BanKind::Author => entry.author_hash() == Some(&ban.pattern),
            BanKind::Network => entry.is_from(&ban.pattern),
            BanKind::Name | BanKind::Email => {
                watch.is_some_and(|watch| suspect.get_or_init(|| watch.compile_ban(ban.kind, &ban.pattern))(entry))
            }
        };
        let mut bans = self.bans.iter().filter(|(ban, _)| ban.until.is_none_or(|until| now < until));
        bans.find(|(ban, suspect)| is_on(ban, suspect)).map(|(ban, _)| ban.kind)
    }

    /// The first muted pattern that an entry holds, which brings this title to its thread.
    pub(crate) fn muted(
        &self,
        entry: &VerifiedComment,
        title: &str,
        watch: Option<&dyn PatternCompiler>,
    ) -> Option<String> {
        let (list, watch) = (self.settings.muted.as_ref()?, watch?);
        self.muted.get_or_init(|| watch.compile_muted_words(list))(entry, title)
    }
}
