//! What is found out about a comment before its ledger sees it, and what the ledger is told to hold it against.

use afterword_guard::{
    LOAD_WINDOW_SECONDS, Network, Patterns, RATE_LIMITS, SpamCheck, VerifiedProof, required_difficulty,
};
use afterword_ledger::{
    BanKind, BanMatcher, ClientNetwork, DifficultyRule, MutedWordMatcher, PatternCompiler, ProofStatus,
    SubmissionPolicy,
};
use afterword_model::body::PlainForm;
use afterword_model::{Origin, PostRef, RateLimit, Refusal};

use crate::answer::Failure;
use crate::challenge;
use crate::clock::now_seconds;
use crate::gate::{POSTS, network};
use crate::request::Call;
use crate::route::App;
use crate::settings::Settings;

/// Facts about a submission beside its fields: its proof of work, its honeypot field, its form and its network.
pub(crate) struct SubmissionContext {
    proof: Option<VerifiedProof>,
    /// Content of the field that readers do not see.
    honeypot: String,
    /// Time at which the form was opened, in Unix seconds.
    form_opened_at: Option<i64>,
    network: Network,
}

impl SubmissionContext {
    /// The context of a comment sent as JSON, by the widget or another program.
    pub(crate) fn with_json(
        app: &App,
        call: &Call,
        post: &PostRef,
        proof: Option<&str>,
        honeypot: Option<String>,
    ) -> Result<Self, Refusal> {
        let proof = challenge::verify(app, post, proof)?;
        let form_opened_at = proof.as_ref().map(|proof| proof.form_opened_at);
        Ok(Self { proof, honeypot: honeypot.unwrap_or_default(), form_opened_at, network: network(call) })
    }

    /// The context of a plain form. Its reader has no JavaScript and cannot solve a challenge.
    pub(crate) fn with_form(app: &App, call: &Call, post: &PostRef, form: &PlainForm) -> Self {
        let form_opened_at = challenge::opened(app, post, &form.token);
        let honeypot = form.comment.subject.clone().unwrap_or_default();
        Self { proof: None, honeypot, form_opened_at, network: network(call) }
    }

    /// Difficulty of the proof of work, in bits; none without a proof.
    pub(crate) fn difficulty(&self) -> Option<u8> {
        self.proof.as_ref().map(|proof| proof.difficulty)
    }

    /// The proof as the ledger records it.
    pub(crate) fn proof_status(&self, settings: &Settings) -> ProofStatus {
        match &self.proof {
            Some(proof) => ProofStatus::Nonce(proof.nonce.clone()),
            None if settings.proof_bits > 0 => ProofStatus::Missing,
            None => ProofStatus::NotRequired,
        }
    }

    /// The spam signals of the comment, which has this many links.
    pub(crate) fn detect_signals(&self, settings: &Settings, links: usize) -> Vec<String> {
        let check = SpamCheck {
            unproven: self.proof_status(settings) == ProofStatus::Missing,
            honeypot: &self.honeypot,
            form_opened_at: self.form_opened_at,
            now: now_seconds(),
            links,
        };
        check.detect_signals().iter().map(ToString::to_string).collect()
    }

    /// The ids of the sender's network on a site, for today and yesterday.
    pub(crate) fn client_network(&self, settings: &Settings, site: &Origin) -> ClientNetwork {
        let (now, key) = (now_seconds(), &settings.signing_key);
        ClientNetwork {
            today: self.network.ids(site, now, key),
            yesterday: self.network.ids_of_previous_day(site, now, key),
        }
    }
}

/// Refuses what the platform's own limiter finds too much. The ledger counts again, and exactly.
pub(crate) async fn gate(app: &App, call: &Call, site: &Origin) -> Result<(), Failure> {
    if POSTS.is_shut(app, call, site).await { Err(Failure::TooMany(POSTS.seconds)) } else { Ok(()) }
}

/// The policy for submissions on every site.
pub(crate) fn policy(settings: &Settings) -> SubmissionPolicy<'static> {
    const LIMITS: &[RateLimit] = &RATE_LIMITS;
    let rule = DifficultyRule {
        window_seconds: LOAD_WINDOW_SECONDS,
        base_bits: settings.proof_bits,
        required: required_difficulty,
    };
    SubmissionPolicy {
        moderation: settings.moderation,
        limits: if settings.rate_limits { LIMITS } else { &[] },
        patterns: Some(&Watcher),
        difficulty: settings.rate_limits.then_some(rule),
    }
}

/// Finds the patterns of `guard` in what was written.
struct Watcher;

impl PatternCompiler for Watcher {
    fn compile_muted_words(&self, list: &str) -> MutedWordMatcher {
        // What is no list any more, after a change of the rules for patterns, finds nothing.
        let Ok(patterns) = Patterns::parse_words(list) else { return Box::new(|_, _| None) };
        Box::new(move |entry, title| {
            let optional = [entry.email.as_deref(), entry.website.as_deref()];
            let mut said = [entry.text.as_str(), title, &entry.name].into_iter().chain(optional.into_iter().flatten());
            said.find_map(|said| patterns.find_match(said)).map(str::to_owned)
        })
    }

    fn compile_ban(&self, kind: BanKind, pattern: &str) -> BanMatcher {
        let Ok(pattern) = Patterns::parse_whole(pattern) else { return Box::new(|_| false) };
        Box::new(move |entry| {
            let value = match kind {
                BanKind::Name => Some(entry.name.as_str()),
                BanKind::Email => entry.email.as_deref(),
                BanKind::Author | BanKind::Network => None,
            };
            value.is_some_and(|value| pattern.find_match(value).is_some())
        })
    }
}
