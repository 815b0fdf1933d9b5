//! The proof-of-work challenge over HTTP.

use std::sync::LazyLock;

use afterword_model::puzzle::CHALLENGE_BYTES;
use afterword_model::{NewComment, PostedComment, Refusal, Status};
use afterword_tests::{
    Request, Server, backdated_challenge, fetch_challenge, new_comment, post_url, solve_challenge, usage,
    wait_for_thread,
};
use serde_json::{Value, json};

use crate::OPEN;

/// A Worker that requires a small proof of work.
static PROOF_REQUIRED: LazyLock<Server> =
    LazyLock::new(|| Server::with_spam_checks("http-challenge", &[("PROOF_BITS", "8"), ("RATE_LIMITS", "off")]));

fn proven(url: &str, text: &str, proof: &str) -> NewComment {
    NewComment { proof: Some(proof.to_owned()), ..new_comment(url, text) }
}

#[test]
fn challenge_is_free_and_unique() {
    let url = post_url("challenge_new");
    let get = || {
        Request::get("/v1/challenge")
            .query(&[("url", &url)])
            .header("Origin", "https://blog.example")
            .send(&PROOF_REQUIRED)
    };
    let response = get();
    assert_eq!((response.status, usage(&response)), (200, [0, 0]));
    assert_eq!(response.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(response.header("access-control-allow-origin").as_deref(), Some("https://blog.example"));
    let json: Value = response.json();
    assert_eq!(json["ttl"], 3600);
    let text = json["challenge"].as_str().unwrap();
    assert_eq!(text.len(), 2 * CHALLENGE_BYTES);
    assert_ne!(json, get().json::<Value>());
}

#[test]
fn no_challenge_without_proof_of_work() {
    let url = post_url("challenge_off");
    let response: Value = Request::get("/v1/challenge").query(&[("url", &url)]).send(&OPEN).json();
    assert_eq!(response, json!({"challenge": null, "ttl": 3600}));
    // A proof sent anyway is ignored.
    let posted: PostedComment = Request::post_comment(&proven(&url, "no work", "canary-7f3")).send(&OPEN).json();
    assert_eq!(posted.status, Status::Published);
}

#[test]
fn challenge_requires_a_post_of_a_configured_site() {
    let refused = |query: &[(&str, &str)], refusal| {
        let response = Request::get("/v1/challenge").query(query).send(&PROOF_REQUIRED);
        response.check_refusal(refusal);
        response.check_omits("canary-7f3");
    };
    refused(&[], Refusal::BadUrl);
    refused(&[("url", "canary-7f3")], Refusal::BadUrl);
    refused(&[("url", "https://canary-7f3.example/")], Refusal::UnknownSite);
    refused(&[("url", &format!("https://blog.example/{}", "x".repeat(3000)))], Refusal::UrlTooLong);
    Request::new("POST", "/v1/challenge")
        .query(&[("url", "https://blog.example/")])
        .send(&PROOF_REQUIRED)
        .check_refusal(Refusal::BadMethod);
}

#[test]
fn solved_challenge_is_valid_for_every_url_of_its_post() {
    let url = post_url("challenge_solved");
    let proof = solve_challenge(&backdated_challenge(&url, 60));
    let other_address = "http://localhost:4000/challenge_solved/index.html?utm_source=x#c";
    let response = Request::post_comment(&proven(other_address, "with a proof", &proof)).send(&PROOF_REQUIRED);
    assert_eq!((response.status, response.json::<PostedComment>().status), (201, Status::Published));
    wait_for_thread(&PROOF_REQUIRED, &url, 1);
}

#[test]
fn invalid_proof_is_refused_and_stores_nothing() {
    let (url, other) = (post_url("challenge_wrong"), post_url("challenge_wrong_other"));
    let unsolved = fetch_challenge(&PROOF_REQUIRED, &url);
    let proof = solve_challenge(&unsolved);
    let guessed = format!("{unsolved}{}", "00000000".repeat(16));
    let elsewhere = solve_challenge(&fetch_challenge(&PROOF_REQUIRED, &other));
    let spliced = format!("{}{}", &elsewhere[..2 * CHALLENGE_BYTES], &proof[2 * CHALLENGE_BYTES..]);
    let other_site = solve_challenge(&fetch_challenge(&PROOF_REQUIRED, "https://other.example/challenge_wrong"));
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
        let response = Request::post_comment(&proven(&url, "canary-7f3", wrong)).send(&PROOF_REQUIRED);
        response.check_refusal(Refusal::ProofInvalid);
        response.check_omits("canary-7f3");
    }
    let expired = solve_challenge(&backdated_challenge(&url, 3601));
    Request::post_comment(&proven(&url, "too late", &expired))
        .send(&PROOF_REQUIRED)
        .check_refusal(Refusal::ProofExpired);
    let old = solve_challenge(&backdated_challenge(&url, 3500));
    assert_eq!(Request::post_comment(&proven(&url, "in time", &old)).send(&PROOF_REQUIRED).status, 201);
    wait_for_thread(&PROOF_REQUIRED, &url, 1);
}

#[test]
fn renewed_challenge_keeps_the_form_opening_time() {
    let url = post_url("challenge_renewed");
    let opened = |challenge: &str| challenge[16..32].to_owned();
    let renew = |after: &str| {
        let response: Value =
            Request::get("/v1/challenge").query(&[("url", &url), ("after", after)]).send(&PROOF_REQUIRED).json();
        response["challenge"].as_str().unwrap().to_owned()
    };
    let old = backdated_challenge(&url, 5000);
    assert_eq!(opened(&renew(&old)), opened(&old));
    let fresh = opened(&fetch_challenge(&PROOF_REQUIRED, &url));
    for after in [
        "",
        "canary-7f3",
        &old[1..],
        &backdated_challenge(&url, 100_000),
        &backdated_challenge(&post_url("elsewhere"), 5000),
    ] {
        assert!(opened(&renew(after)) >= fresh, "{after}");
    }
}
