//! Spam checks that need no ledger: the platform's rate limiter, the proof of work, and the signals of the form.

use afterword_guard::{Network, SpamCheck, VerifiedProof};
use afterword_ledger::{ClientNetwork, ProofStatus};
use afterword_model::body::PlainForm;
use afterword_model::{NewComment, Origin, PostRef, Refusal};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::challenge;
use crate::http::rate_limiter::COMMENT_LIMITER;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::settings::Settings;

/// Facts about a submission beside its fields: its proof of work, its honeypot field, its form and its network.
pub(crate) struct SubmissionContext {
    proof: Option<VerifiedProof>,
    /// False for an edit, which takes no proof of work: the comment has had one.
    expects_proof: bool,
    /// Content of the field that readers do not see.
    honeypot: String,
    /// Time at which the form was opened, in Unix seconds.
    form_opened_at: Option<i64>,
    /// The page knows that the text was written on it.
    written: bool,
    network: Network,
}

impl SubmissionContext {
    /// The context of a comment sent as JSON, by the widget or another program.
    pub(crate) fn from_json(
        app: &AppContext,
        request: &ApiRequest,
        post: &PostRef,
        comment: &NewComment,
    ) -> Result<Self, Refusal> {
        let proof = challenge::verify(app, post, comment.proof.as_deref())?;
        let form_opened_at = proof.as_ref().map(|proof| proof.form_opened_at);
        let honeypot = comment.subject.clone().unwrap_or_default();
        let (expects_proof, written, network) = (true, comment.written, request.network());
        Ok(Self { proof, expects_proof, honeypot, form_opened_at, written, network })
    }

    /// The context of a plain form. Its reader has no JavaScript and cannot solve a challenge.
    pub(crate) fn from_form(app: &AppContext, request: &ApiRequest, post: &PostRef, form: &PlainForm) -> Self {
        let form_opened_at = challenge::form_opened_at(app, post, &form.token);
        let honeypot = form.comment.subject.clone().unwrap_or_default();
        let network = request.network();
        Self { proof: None, expects_proof: true, honeypot, form_opened_at, written: false, network }
    }

    /// The context of an edit.
    pub(crate) fn from_edit(request: &ApiRequest) -> Self {
        let (honeypot, network) = (String::new(), request.network());
        Self { proof: None, expects_proof: false, honeypot, form_opened_at: None, written: true, network }
    }

    /// Difficulty of the proof of work, in bits, or `None` without a proof.
    pub(crate) fn difficulty(&self) -> Option<u8> {
        self.proof.as_ref().map(|proof| proof.difficulty)
    }

    /// Time at which the challenge of the proof was issued, in Unix seconds, or `None` without a proof.
    pub(crate) fn proof_issued(&self) -> Option<i64> {
        self.proof.as_ref().map(|proof| proof.issued)
    }

    /// The proof as the ledger records it.
    pub(crate) fn proof_status(&self, settings: &Settings) -> ProofStatus {
        match &self.proof {
            Some(proof) => ProofStatus::Nonce(proof.nonce.clone()),
            None if self.expects_proof && settings.proof_bits > 0 => ProofStatus::Missing,
            None => ProofStatus::NotRequired,
        }
    }

    /// The spam signals of the comment, which has this many links.
    pub(crate) fn detect_signals(&self, settings: &Settings, links: usize) -> Vec<String> {
        let check = SpamCheck {
            missing_proof: self.proof_status(settings) == ProofStatus::Missing,
            honeypot: &self.honeypot,
            form_opened_at: self.form_opened_at,
            written: self.written,
            now: now_seconds(),
            links,
        };
        check.detect_signals().iter().map(ToString::to_string).collect()
    }

    /// The ids of the sender's network on a site, for today and yesterday.
    pub(crate) fn client_network(&self, settings: &Settings, site: &Origin) -> ClientNetwork {
        network_ids(settings, self.network, site)
    }
}

/// The ids of the network of a request on a site, for today and yesterday.
pub(crate) fn client_network(settings: &Settings, request: &ApiRequest, site: &Origin) -> ClientNetwork {
    network_ids(settings, request.network(), site)
}

fn network_ids(settings: &Settings, network: Network, site: &Origin) -> ClientNetwork {
    let (now, key) = (now_seconds(), &settings.signing_key);
    ClientNetwork { today: network.ids(site, now, key), yesterday: network.ids_of_previous_day(site, now, key) }
}

/// Refuses a comment that exceeds the platform's rate limit, before its body is read: refusing a flood must cost less than reading a thread.
/// The ledger counts again, exactly.
pub(crate) async fn check_rate(app: &AppContext, request: &ApiRequest) -> Result<(), ApiError> {
    if COMMENT_LIMITER.is_limited(app, request).await {
        return Err(ApiError::too_many(COMMENT_LIMITER.window_seconds));
    }
    Ok(())
}
