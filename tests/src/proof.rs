//! The proof of work, done by a test.

use afterword_guard::{ChallengeParams, ChallengeScope, Purpose, SigningKey};
use afterword_model::PostUrl;
use afterword_model::proof_of_work::Solver;
use serde_json::Value;

use crate::api::Call;
use crate::server::{SIGNING_KEY, Server};

/// The challenge for a post, as a browser asks for it.
///
/// # Panics
///
/// When there is none.
#[track_caller]
pub fn challenge(server: &Server, url: &str) -> String {
    let answer: Value = Call::get("/v1/challenge").query(&[("url", url)]).send(server).json();
    answer["challenge"].as_str().unwrap_or_else(|| panic!("no challenge in {answer}")).to_owned()
}

/// Works until a challenge is solved.
///
/// # Panics
///
/// When it is no challenge.
#[track_caller]
pub fn solve(challenge: &str) -> String {
    let mut solver = Solver::new(challenge).expect("a challenge");
    loop {
        if let Some(proof) = solver.solve_slice(1 << 16) {
            return proof.to_owned();
        }
    }
}

/// A challenge as these servers issue it, `age` seconds ago.
///
/// # Panics
///
/// When the post is on no site.
#[expect(clippy::disallowed_methods, reason = "what the servers of this suite read on their clock is the time")]
pub fn old_challenge(url: &str, age: i64) -> String {
    let thread = PostUrl::parse(url).expect("an address");
    let site = afterword_model::Origin::parse("https://blog.example").expect("the site of this suite");
    let key = SigningKey::parse(SIGNING_KEY.1).expect("the key of this suite");
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(since).unwrap_or_default() - age;
    let nonce = uuid::Uuid::new_v4().into_bytes();
    ChallengeScope { purpose: Purpose::Comment, site: &site, thread: &thread }
        .issue(&ChallengeParams { now, form_opened_at: now, difficulty: 4, nonce }, &key)
}
