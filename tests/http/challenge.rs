//! The proof of work over HTTP.

use std::sync::LazyLock;

use afterword_model::proof_of_work::CHALLENGE_BYTES;
use afterword_model::{NewComment, PostedComment, Refusal, Status};
use afterword_tests::{Call, Server, challenge, comment, cost, old_challenge, post_url, solve, whole_thread};
use serde_json::{Value, json};

use crate::OPEN;

/// A Worker that asks for a little work.
static GUARDED: LazyLock<Server> =
    LazyLock::new(|| Server::guarded("http-guarded", &[("PROOF_BITS", "8"), ("RATE_LIMITS", "off")]));

fn proven(url: &str, text: &str, proof: &str) -> NewComment {
    NewComment { proof: Some(proof.to_owned()), ..comment(url, text) }
}

#[test]
fn a_challenge_costs_nothing_and_is_never_the_same() {
    let url = post_url("challenge_new");
    let get =
        || Call::get("/v1/challenge").query(&[("url", &url)]).header("Origin", "https://blog.example").send(&GUARDED);
    let answer = get();
    assert_eq!((answer.status, cost(&answer)), (200, [0, 0]));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some("https://blog.example"));
    let json: Value = answer.json();
    assert_eq!(json["ttl"], 3600);
    let text = json["challenge"].as_str().unwrap();
    assert_eq!(text.len(), 2 * CHALLENGE_BYTES);
    assert_ne!(json, get().json::<Value>());
}

#[test]
fn where_no_work_is_asked_for_there_is_no_challenge() {
    let url = post_url("challenge_off");
    let answer: Value = Call::get("/v1/challenge").query(&[("url", &url)]).send(&OPEN).json();
    assert_eq!(answer, json!({"challenge": null, "ttl": 3600}));
    // Whatever a client sends then is not looked at.
    let posted: PostedComment = Call::post(&proven(&url, "no work", "canary-7f3")).send(&OPEN).json();
    assert_eq!(posted.status, Status::Published);
}

#[test]
fn a_challenge_is_for_a_post_of_a_site() {
    let refused = |query: &[(&str, &str)], refusal| {
        let answer = Call::get("/v1/challenge").query(query).send(&GUARDED);
        answer.check_refusal(refusal);
        answer.check_silent_about("canary-7f3");
    };
    refused(&[], Refusal::BadUrl);
    refused(&[("url", "canary-7f3")], Refusal::BadUrl);
    refused(&[("url", "https://canary-7f3.example/")], Refusal::UnknownSite);
    refused(&[("url", &format!("https://blog.example/{}", "x".repeat(3000)))], Refusal::UrlTooLong);
    Call::new("POST", "/v1/challenge")
        .query(&[("url", "https://blog.example/")])
        .send(&GUARDED)
        .check_refusal(Refusal::BadMethod);
}

#[test]
fn a_solved_challenge_is_a_proof_by_any_address_of_its_post() {
    let url = post_url("challenge_solved");
    let proof = solve(&old_challenge(&url, 60));
    let other_address = "http://localhost:4000/challenge_solved/index.html?utm_source=x#c";
    let answer = Call::post(&proven(other_address, "with a proof", &proof)).send(&GUARDED);
    assert_eq!((answer.status, answer.json::<PostedComment>().status), (201, Status::Published));
    whole_thread(&GUARDED, &url, 1);
}

#[test]
fn what_is_no_proof_is_refused_and_stores_nothing() {
    let (url, other) = (post_url("challenge_wrong"), post_url("challenge_wrong_other"));
    let unsolved = challenge(&GUARDED, &url);
    let proof = solve(&unsolved);
    let guessed = format!("{unsolved}{}", "00000000".repeat(16));
    let elsewhere = solve(&challenge(&GUARDED, &other));
    let spliced = format!("{}{}", &elsewhere[..2 * CHALLENGE_BYTES], &proof[2 * CHALLENGE_BYTES..]);
    let other_site = solve(&challenge(&GUARDED, "https://other.example/challenge_wrong"));
    let upper = proof.to_uppercase();
    let shorter = &proof[..proof.len() - 8];
    for wrong in [
        "",
        "canary-7f3",
        &unsolved,
        &guessed,
        &elsewhere,
        &spliced,
        &other_site,
        &upper,
        shorter,
        &format!("{proof}0"),
    ] {
        let answer = Call::post(&proven(&url, "canary-7f3", wrong)).send(&GUARDED);
        answer.check_refusal(Refusal::ProofInvalid);
        answer.check_silent_about("canary-7f3");
    }
    let expired = solve(&old_challenge(&url, 3601));
    Call::post(&proven(&url, "too late", &expired)).send(&GUARDED).check_refusal(Refusal::ProofExpired);
    let old = solve(&old_challenge(&url, 3500));
    assert_eq!(Call::post(&proven(&url, "in time", &old)).send(&GUARDED).status, 201);
    whole_thread(&GUARDED, &url, 1);
}

#[test]
fn a_renewed_challenge_says_since_when_the_form_is_open() {
    let url = post_url("challenge_renewed");
    let opened = |challenge: &str| challenge[16..32].to_owned();
    let renew = |after: &str| {
        let answer: Value = Call::get("/v1/challenge").query(&[("url", &url), ("after", after)]).send(&GUARDED).json();
        answer["challenge"].as_str().unwrap().to_owned()
    };
    let old = old_challenge(&url, 5000);
    assert_eq!(opened(&renew(&old)), opened(&old));
    let fresh = opened(&challenge(&GUARDED, &url));
    for after in
        ["", "canary-7f3", &old[1..], &old_challenge(&url, 100_000), &old_challenge(&post_url("elsewhere"), 5000)]
    {
        assert!(opened(&renew(after)) >= fresh, "{after}");
    }
}
