//! Policy for submissions: rate limits, required difficulty, patterns.

use afterword_guard::{LOAD_WINDOW_SECONDS, Patterns, RATE_LIMITS, required_difficulty};
use afterword_ledger::{BanKind, BanMatcher, DifficultyRule, MutedWordMatcher, PatternCompiler, SubmissionPolicy};
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

/// Matches comments with the patterns of `guard`.
struct PatternWatcher;

impl PatternCompiler for PatternWatcher {
    fn compile_muted_words(&self, list: &str) -> MutedWordMatcher {
        // A list that is no longer valid, after a change of the pattern syntax, matches nothing.
        let Ok(patterns) = Patterns::parse_words(list) else { return Box::new(|_, _| None) };
        Box::new(move |comment, title| {
            let optional = [comment.email.as_deref(), comment.website.as_deref()];
            let mut texts =
                [comment.text.as_str(), title, &comment.name].into_iter().chain(optional.into_iter().flatten());
            texts.find_map(|text| patterns.find_match(text)).map(str::to_owned)
        })
    }

    fn compile_ban(&self, kind: BanKind, pattern: &str) -> BanMatcher {
        let Ok(pattern) = Patterns::parse_whole(pattern) else { return Box::new(|_| false) };
        Box::new(move |comment| {
            let value = match kind {
                BanKind::Name => Some(comment.name.as_str()),
                BanKind::Email => comment.email.as_deref(),
                BanKind::Author | BanKind::Network => None,
            };
            value.is_some_and(|value| pattern.find_match(value).is_some())
        })
    }
}
