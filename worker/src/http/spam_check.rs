//! What is found out about a comment before its ledger sees it, and what the ledger is told to hold it against.

use afterword_guard::{Network, Patterns, RATE_LIMITS, SpamCheck, VerifiedProof, duplicate_key, visible_text};
use afterword_ledger::{
    BanKind, BanMatcher, ClientNetwork, MutedWordMatcher, PatternCompiler, ProofStatus, SubmissionPolicy,
};
use afterword_model::body::PlainForm;
use afterword_model::{Origin, PostRef, RateLimit, Refusal, SafeHtml};

use crate::http::challenge;
use crate::http::rate_limiter::{POSTS, network};
use crate::http::request::ApiRequest;
use crate::http::router::AppContext;
use crate::platform::clock::now_seconds;
use crate::response::ApiError;
use crate::settings::Settings;

/// What came along with a comment.
pub(crate) struct Arrived {
    proof: Option<VerifiedProof>,
    /// What was in the field that readers do not see.
    hidden: String,
    /// When the form was opened, in Unix seconds.
    opened: Option<i64>,
    network: Network,
}

/// What was found out about a comment.
pub(crate) struct Screened {
    pub(crate) proof: ProofStatus,
    pub(crate) sender: Option<ClientNetwork>,
    pub(crate) likeness: Option<String>,
    pub(crate) signals: Vec<String>,
}

impl Arrived {
    /// With a comment that a program sends, the widget among them.
    pub(crate) fn with_json(
        app: &AppContext,
        call: &ApiRequest,
        place: &PostRef,
        proof: Option<&str>,
        hidden: Option<String>,
    ) -> Result<Self, Refusal> {
        let proof = challenge::verify(app, place, proof)?;
        let opened = proof.as_ref().map(|proof| proof.form_opened_at);
        Ok(Self { proof, hidden: hidden.unwrap_or_default(), opened, network: network(call) })
    }

    /// With a form of a reader without JavaScript, who cannot prove anything.
    pub(crate) fn with_form(app: &AppContext, call: &ApiRequest, place: &PostRef, form: &PlainForm) -> Self {
        let opened = challenge::opened(app, place, &form.token);
        let hidden = form.comment.subject.clone().unwrap_or_default();
        Self { proof: None, hidden, opened, network: network(call) }
    }

    /// How much work the proof was, as in `afterword_guard::Terms`.
    pub(crate) fn work(&self) -> Option<u8> {
        self.proof.as_ref().map(|proof| proof.difficulty)
    }

    /// Looks at what is to be shown.
    pub(crate) fn screen(self, settings: &Settings, site: &Origin, html: &SafeHtml) -> Screened {
        let now = now_seconds();
        let proof = match self.proof {
            Some(proof) => ProofStatus::Nonce(proof.nonce),
            None if settings.proof_bits > 0 => ProofStatus::Missing,
            None => ProofStatus::NotRequired,
        };
        let arrival = SpamCheck {
            unproven: proof == ProofStatus::Missing,
            honeypot: &self.hidden,
            form_opened_at: self.opened,
            now,
            html: html.as_str(),
        };
        let signals = arrival.detect_signals().iter().map(ToString::to_string).collect();
        let key = &settings.signing_key;
        let sender = || ClientNetwork {
            today: self.network.ids(site, now, key),
            yesterday: self.network.ids_of_previous_day(site, now, key),
        };
        Screened {
            proof,
            sender: settings.rate_limits.then(sender),
            likeness: settings.rate_limits.then(|| duplicate_key(&visible_text(html.as_str()))).flatten(),
            signals,
        }
    }
}

/// Refuses what the platform's own limiter finds too much. The ledger counts again, and exactly.
pub(crate) async fn gate(app: &AppContext, call: &ApiRequest, site: &Origin) -> Result<(), ApiError> {
    if POSTS.is_shut(app, call, site).await { Err(ApiError::TooMany(POSTS.seconds)) } else { Ok(()) }
}

/// What a comment is held against on every site.
pub(crate) fn rules(settings: &Settings) -> SubmissionPolicy<'static> {
    const COUNTED: &[RateLimit] = &RATE_LIMITS;
    let limits = if settings.rate_limits { COUNTED } else { &[] };
    SubmissionPolicy { moderation: settings.moderation, limits, patterns: Some(&Watcher) }
}

/// Finds the patterns of `guard` in what was written.
struct Watcher;

impl PatternCompiler for Watcher {
    fn compile_muted_words(&self, list: &str) -> MutedWordMatcher {
        // What is no list any more, after a change of the rules for patterns, finds nothing.
        let Ok(patterns) = Patterns::parse_words(list) else { return Box::new(|_, _| None) };
        Box::new(move |entry, title| {
            let optional = [entry.email.as_deref(), entry.website.as_deref()];
            let text = visible_text(entry.html.as_str());
            let mut said = [text.as_str(), title, &entry.name].into_iter().chain(optional.into_iter().flatten());
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
