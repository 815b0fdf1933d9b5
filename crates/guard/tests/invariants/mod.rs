//! Invariants of proofs, for arbitrary texts.

use std::sync::LazyLock;

use afterword_guard::{ChallengeParams, ChallengeScope, ProofError, Purpose, SigningKey, VerifiedProof};
use afterword_model::proof_of_work::{CHALLENGE_BYTES, Solver};
use afterword_model::{Origin, PostUrl};

/// The time at which the valid challenge is issued.
pub(crate) const NOW: i64 = 1_321_000_000;
/// Hexadecimal digits of a challenge.
pub(crate) const DIGITS: usize = 2 * CHALLENGE_BYTES;
/// Low, because tests run often.
const DIFFICULTY: u8 = 6;

/// A deployment with one post.
pub(crate) struct Deployment {
    pub(crate) site: Origin,
    pub(crate) thread: PostUrl,
    pub(crate) key: SigningKey,
    /// A valid proof for this post.
    pub(crate) proof: String,
}

/// The deployment that checks every text.
pub(crate) static DEPLOYMENT: LazyLock<Deployment> = LazyLock::new(|| {
    let site = Origin::parse("https://blog.example").unwrap();
    let thread = PostUrl::parse("https://blog.example/post").unwrap();
    let key = SigningKey::parse("0123456789abcdef0123456789abcdef").unwrap();
    let scope = ChallengeScope { purpose: Purpose::Comment, site: &site, thread: &thread };
    let proof = solve(&scope.issue(&params(), &key));
    Deployment { site, thread, key, proof }
});

impl Deployment {
    pub(crate) fn scope(&self) -> ChallengeScope<'_> {
        ChallengeScope { purpose: Purpose::Comment, site: &self.site, thread: &self.thread }
    }

    pub(crate) fn verify(&self, proof: &str) -> Result<VerifiedProof, ProofError> {
        self.scope().verify(proof, NOW + 10, &self.key)
    }
}

pub(crate) fn params() -> ChallengeParams {
    ChallengeParams { now: NOW, form_opened_at: NOW - 5, difficulty: DIFFICULTY, nonce: [0xa5; 16] }
}

pub(crate) fn solve(challenge: &str) -> String {
    let mut solver = Solver::new(challenge).unwrap();
    loop {
        if let Some(proof) = solver.solve_slice(1000) {
            return proof.to_owned();
        }
    }
}

/// A text is a valid proof only if it starts with exactly the issued challenge. It then has the nonce of that
/// challenge.
pub(crate) fn check(text: &str) {
    let deployment = &*DEPLOYMENT;
    if let Ok(spent) = deployment.verify(text) {
        assert_eq!(text.get(..DIGITS), Some(&deployment.proof[..DIGITS]), "only the issued challenge is valid");
        assert_eq!(text.len(), deployment.proof.len());
        assert_eq!(
            spent,
            VerifiedProof { nonce: "a5".repeat(16), issued: NOW, form_opened_at: NOW - 5, difficulty: DIFFICULTY }
        );
    }
    if let Some(opened) = deployment.scope().form_opened_at(text, NOW, &deployment.key) {
        assert_eq!((text, opened), (&deployment.proof[..DIGITS], NOW - 5));
    }
}

/// Edits the valid proof and checks the result. Each edit is a position, a kind and a byte.
pub(crate) fn check_edited(edits: &[u8]) {
    let mut text = DEPLOYMENT.proof.clone().into_bytes();
    for edit in edits.chunks_exact(4) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % (text.len() + 1);
        match edit[2] % 4 {
            0 if at < text.len() => text[at] = edit[3],
            1 if at < text.len() => text[at] ^= 1 << (edit[3] % 8),
            2 => text.insert(at, edit[3]),
            _ => text.truncate(at.max(1)),
        }
    }
    check(&String::from_utf8_lossy(&text));
}
