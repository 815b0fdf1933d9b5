//! What holds for any text whatever, taken for a proof.

use std::sync::LazyLock;

use afterword_guard::{
    CHALLENGE_TTL_SECONDS, ChallengeParams, ChallengeScope, ProofError, Purpose, SigningKey, VerifiedProof,
};
use afterword_model::proof_of_work::{CHALLENGE_BYTES, Solver};
use afterword_model::{Origin, PostUrl};

/// When the genuine challenge is issued.
pub(crate) const NOW: i64 = 1_321_000_000;
/// Hexadecimal digits of a challenge.
pub(crate) const DIGITS: usize = 2 * CHALLENGE_BYTES;
/// Little, for tests are run often.
const WORK: u8 = 6;

/// A deployment with a post.
pub(crate) struct Home {
    pub(crate) site: Origin,
    pub(crate) thread: PostUrl,
    pub(crate) key: SigningKey,
    /// A proof for this post.
    pub(crate) proof: String,
}

/// The one that every text is held against.
pub(crate) static HOME: LazyLock<Home> = LazyLock::new(|| {
    let site = Origin::parse("https://blog.example").unwrap();
    let thread = PostUrl::parse("https://blog.example/post").unwrap();
    let key = SigningKey::parse("0123456789abcdef0123456789abcdef").unwrap();
    let scope = ChallengeScope { purpose: Purpose::Comment, site: &site, thread: &thread };
    let proof = solve(&scope.issue(&terms(), &key));
    Home { site, thread, key, proof }
});

impl Home {
    pub(crate) fn scope(&self) -> ChallengeScope<'_> {
        ChallengeScope { purpose: Purpose::Comment, site: &self.site, thread: &self.thread }
    }

    pub(crate) fn verify(&self, proof: &str) -> Result<VerifiedProof, ProofError> {
        self.scope().verify(proof, NOW + 10, &self.key)
    }
}

pub(crate) fn terms() -> ChallengeParams {
    ChallengeParams { now: NOW, form_opened_at: NOW - 5, difficulty: WORK, nonce: [0xa5; 16] }
}

pub(crate) fn solve(challenge: &str) -> String {
    let mut solver = Solver::new(challenge).unwrap();
    loop {
        if let Some(proof) = solver.solve_slice(1000) {
            return proof.to_owned();
        }
    }
}

/// A text is a proof only if it begins with the challenge that was issued, to the letter, and then it spends that one's nonce.
pub(crate) fn check(text: &str) {
    let home = &*HOME;
    if let Ok(spent) = home.verify(text) {
        assert_eq!(text.get(..DIGITS), Some(&home.proof[..DIGITS]), "a challenge that nobody issued");
        assert_eq!(text.len(), home.proof.len());
        assert_eq!(
            spent,
            VerifiedProof {
                nonce: "a5".repeat(16),
                expires: NOW + CHALLENGE_TTL_SECONDS,
                form_opened_at: NOW - 5,
                difficulty: WORK
            }
        );
    }
    if let Some(opened) = home.scope().form_opened_at(text, NOW, &home.key) {
        assert_eq!((text, opened), (&home.proof[..DIGITS], NOW - 5));
    }
}

/// The genuine proof after edits, each of a place, a way and a byte; then held against the law.
pub(crate) fn check_edited(edits: &[u8]) {
    let mut text = HOME.proof.clone().into_bytes();
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
