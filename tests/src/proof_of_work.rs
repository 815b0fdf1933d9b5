//! Challenges and proofs of work for tests.

use afterword_guard::{ChallengeParams, ChallengeScope, Purpose, SigningKey};
use afterword_model::PostUrl;
use afterword_model::puzzle::Solver;
use serde_json::Value;

use crate::api::Request;
use crate::server::{SIGNING_KEY, Server};

/// Requests the challenge for a post as a browser does.
///
/// # Panics
///
/// If the Worker issues none.
#[track_caller]
pub fn fetch_challenge(server: &Server, url: &str) -> String {
    let response: Value = Request::get("/v1/challenge").query(&[("url", url)]).send(server).json();
    response["challenge"].as_str().unwrap_or_else(|| panic!("no challenge in {response}")).to_owned()
}

/// Solves a challenge and returns the proof.
///
/// # Panics
///
/// If `challenge` is malformed.
#[track_caller]
pub fn solve_challenge(challenge: &str) -> String {
    let mut solver = Solver::new(challenge).expect("a challenge");
    loop {
        if let Some(proof) = solver.solve_slice(1 << 16) {
            return proof.to_owned();
        }
    }
}

/// A challenge such as the test servers issued `age` seconds ago.
///
/// # Panics
///
/// If `url` is not an address.
#[expect(clippy::disallowed_methods, reason = "the challenge must match the real clock of the servers")]
pub fn backdated_challenge(url: &str, age: i64) -> String {
    let thread = PostUrl::parse(url).expect("an address");
    let site = afterword_model::Origin::parse("https://blog.example").expect("the site of this suite");
    let key = SigningKey::parse(SIGNING_KEY.1).expect("the key of this suite");
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(since).unwrap_or_default() - age;
    let nonce = uuid::Uuid::new_v4().into_bytes();
    ChallengeScope { purpose: Purpose::Comment, site: &site, thread: &thread }
        .issue(&ChallengeParams { now, form_opened_at: now, difficulty: 4, nonce }, &key)
}
