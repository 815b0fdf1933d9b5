//! Policy for submissions: rate limits, required difficulty, patterns.

use afterword_guard::{LOAD_WINDOW_SECONDS, LiteralText, Patterns, RATE_LIMITS, required_difficulty};
use afterword_ledger::{
    Ban, BanKind, BanMatcher, DifficultyRule, MutedWordMatcher, PatternCompiler, SubmissionPolicy, VerifiedComment,
};
use afterword_model::RateLimit;

use crate::settings::Settings;

/// The policy for submissions to every site.
pub(super) fn submission_policy(settings: &Settings) -> SubmissionPolicy<'static> {
    const LIMITS: &[RateLimit] = &RATE_LIMITS;
    let difficulty = DifficultyRule {
        window_seconds: LOAD_WINDOW_SECONDS,
        base_bits: settings.proof_bits,
        required: required_difficulty,
    };
    SubmissionPolicy {
        moderation: settings.moderation,
        limits: if settings.rate_limits { LIMITS } else { &[] },
        patterns: Some(&PatternWatcher),
        difficulty: settings.rate_limits.then_some(difficulty),
    }
}

/// A policy with the rate limits of `guard`, for tests.
#[cfg(test)]
pub(super) fn submission_policy_with_limits() -> SubmissionPolicy<'static> {
    const LIMITS: &[RateLimit] = &RATE_LIMITS;
    SubmissionPolicy { moderation: afterword_model::Moderation::Open, limits: LIMITS, patterns: None, difficulty: None }
}

/// Matches comments with the patterns of `guard`.
#[derive(Debug)]
pub(super) struct PatternWatcher;

impl PatternCompiler for PatternWatcher {
    fn compile_muted_words(&self, list: &str) -> Option<MutedWordMatcher> {
        let patterns = Patterns::parse_words(list).ok()?;
        Some(Box::new(move |comment, title| {
            let optional = [comment.email.as_deref(), comment.website.as_deref()];
            let mut texts =
                [comment.text.as_str(), title, &comment.name].into_iter().chain(optional.into_iter().flatten());
            texts.find_map(|text| patterns.find_match(text)).map(str::to_owned)
        }))
    }

    fn compile_ban(&self, ban: &Ban) -> Option<BanMatcher> {
        let kind = ban.kind;
        if ban.literal {
            let literal = LiteralText::new(&ban.pattern);
            return Some(Box::new(move |comment| banned_field(kind, comment).is_some_and(|it| literal.matches(it))));
        }
        let patterns = Patterns::parse_whole(&ban.pattern).ok()?;
        Some(Box::new(move |comment| banned_field(kind, comment).is_some_and(|it| patterns.find_match(it).is_some())))
    }
}

/// The field of a comment that bans of this kind look at.
fn banned_field(kind: BanKind, comment: &VerifiedComment) -> Option<&str> {
    match kind {
        BanKind::Name => Some(&comment.name),
        BanKind::Email => comment.email.as_deref(),
        BanKind::Author | BanKind::Network => None,
    }
}

#[cfg(test)]
mod tests {
    use afterword_ledger::{Attribution, BanTarget, InvalidRule, Ledger, RusqliteSql, SettingChange};
    use afterword_model::{CommentId, Moderation, PostUrl, Status, SubmissionId};
    use rusqlite::Connection;

    use super::*;

    const NOW: i64 = 1_321_000_000;
    const POLICY: SubmissionPolicy<'static> = SubmissionPolicy {
        moderation: Moderation::Open,
        limits: &[],
        patterns: Some(&PatternWatcher),
        difficulty: None,
    };

    struct Site {
        ledger: Ledger<RusqliteSql>,
        /// Number of ids given so far.
        ids: u8,
    }

    impl Site {
        fn new() -> Self {
            Self { ledger: Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap(), ids: 0 }
        }

        fn next_id(&mut self) -> SubmissionId {
            self.ids += 1;
            SubmissionId::from_digest([self.ids; 16])
        }

        fn submit(&mut self, name: &str, email: Option<&str>, text: &str) -> (CommentId, Status) {
            let comment = VerifiedComment {
                id: self.next_id(),
                name: name.to_owned(),
                email: email.map(str::to_owned),
                source: text.to_owned(),
                text: text.to_owned(),
                ..VerifiedComment::anonymous(0, PostUrl::parse("https://blog.example/post").unwrap())
            };
            let posted = self.ledger.submit(&comment, POLICY, NOW).unwrap().posted;
            (posted.comment.id, posted.status)
        }

        fn ban(&mut self, target: &BanTarget) -> Ban {
            let id = self.next_id();
            self.ledger.ban(target, None, &Attribution { id, by: "grace" }, NOW).unwrap().pop().unwrap()
        }

        fn lift(&mut self, ban: &Ban) {
            let id = self.next_id();
            let ids = [SubmissionId::parse(&ban.id).unwrap()];
            self.ledger.lift_bans(&ids, &Attribution { id, by: "grace" }, NOW).unwrap();
        }
    }

    #[test]
    fn a_ban_by_comment_is_of_that_very_name_or_address() {
        let mut site = Site::new();
        for (kind, name, email, innocent_name, innocent_email) in [
            (BanKind::Name, "*e*", None, "Pete", None),
            (BanKind::Email, "Eve", Some("*@gmail.com"), "Eve", Some("pete@gmail.com")),
        ] {
            let (comment, _) = site.submit(name, email, "spam");
            let ban = site.ban(&BanTarget::Author(kind, comment));
            assert!(ban.literal);
            assert_eq!(site.submit(innocent_name, innocent_email, "hi").1, Status::Published, "{kind:?}");
            assert_eq!(site.submit(name, email, "spam").1, Status::Pending, "{kind:?}");
            site.lift(&ban);
        }
    }

    #[test]
    fn every_ban_by_comment_matches_its_author() {
        let mut site = Site::new();
        let long = format!("a+{}@gmail.com", "x".repeat(130));
        let names = ["*", "***", "🎃", "...!", "Dr. Spam", &"é".repeat(80)];
        let senders = names.iter().map(|name| (BanKind::Name, *name, None)).chain([(BanKind::Email, "", Some(&*long))]);
        for (kind, name, email) in senders {
            let (comment, before) = site.submit(name, email, "spam");
            let ban = site.ban(&BanTarget::Author(kind, comment));
            assert_eq!((before, site.submit(name, email, "spam").1), (Status::Published, Status::Pending), "{ban:?}");
            assert_eq!(site.submit("Pete", Some("pete@gmail.com"), "hi").1, Status::Published, "{ban:?}");
            site.lift(&ban);
        }
    }

    #[test]
    fn patterns_that_no_longer_compile_hold_comments() {
        let mut site = Site::new();
        let ban = site.ban(&BanTarget::Pattern(BanKind::Name, "***".to_owned()));
        assert_eq!(site.submit("Pete", None, "hi").1, Status::Pending);
        assert_eq!(site.ledger.invalid_rules(&PatternWatcher, NOW), Ok(vec![InvalidRule::Ban(ban.id.clone())]));
        site.lift(&ban);
        let id = site.next_id();
        let words = SettingChange::MutedWords("pills\n***".to_owned());
        site.ledger.update_setting(&words, &Attribution { id, by: "grace" }, NOW).unwrap();
        assert_eq!(site.submit("Pete", None, "hi").1, Status::Pending);
        assert_eq!(site.ledger.invalid_rules(&PatternWatcher, NOW), Ok(vec![InvalidRule::MutedWords]));
        let id = site.next_id();
        let words = SettingChange::MutedWords("pills".to_owned());
        site.ledger.update_setting(&words, &Attribution { id, by: "grace" }, NOW).unwrap();
        assert_eq!(site.submit("Pete", None, "hi").1, Status::Published);
        assert_eq!(site.ledger.invalid_rules(&PatternWatcher, NOW), Ok(vec![]));
    }
}
