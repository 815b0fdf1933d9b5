//! Sign-in of moderators with Cloudflare Access, with keys that the test makes and a team on this machine.

use std::sync::LazyLock;

use afterword_model::Refusal;
use afterword_tests::{AccessTeam, AccessTestKey, Request, Response, Server};
use serde_json::{Value, json};

const SECRETS: &str = "ada:0wner-0wner-0wner-0wner-0wner-0wner";
const MODERATORS: &str = "ada:Ada@blog.example grace/moderator:grace@blog.example eve@other.example:eve@blog.example";
const SITE: (&str, &str) = ("site", "https://blog.example");

static KEY: LazyLock<AccessTestKey> = LazyLock::new(|| AccessTestKey::generate("first"));
static OTHER_KEY: LazyLock<AccessTestKey> = LazyLock::new(|| AccessTestKey::generate("second"));

fn server(name: &str, team: &AccessTeam) -> Server {
    let settings = [
        ("SITES", "https://blog.example https://other.example"),
        ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value"),
        ("ADMIN_SECRETS", SECRETS),
        ("ACCESS_TEAM_DOMAIN", &*team.origin()),
        ("ACCESS_AUD", AccessTeam::AUDIENCE),
        ("ACCESS_MODERATORS", MODERATORS),
    ];
    Server::start(name, &settings, &[])
}

fn with_token(method: &'static str, path: &str, token: &str) -> Request {
    Request::new(method, path).query(&[SITE]).header("Cf-Access-Jwt-Assertion", token)
}

fn settings(server: &Server, token: &str) -> Response {
    with_token("GET", "/admin/api/settings", token).send(server)
}

#[test]
fn access_signs_in_the_moderator_with_this_address() {
    let team = AccessTeam::start(&[&KEY]);
    let server = server("http-access", &team);
    let token = |email: &str| KEY.sign(&team.claims(email));
    assert_eq!(settings(&server, &token("ada@blog.example")).status, 200);
    settings(&server, &token("stranger@blog.example")).check_refusal(Refusal::Unauthorized);
    settings(&server, &token("eve@blog.example")).check_refusal(Refusal::UnknownSite);
    with_token("GET", "/admin/api/export", &token("grace@blog.example"))
        .send(&server)
        .check_refusal(Refusal::WrongRole);
    let page = with_token("GET", "/admin", &token("stranger@blog.example")).send(&server);
    assert_eq!(page.status, 303, "{page:?}");
    assert!(server.log().contains("access token rejected"), "{}", server.log());
    assert!(!server.log().contains("stranger@"), "an address is in the log");
}

#[test]
fn token_that_is_not_for_this_worker_opens_nothing() {
    let team = AccessTeam::start(&[&KEY]);
    let server = server("http-access-wrong", &team);
    let claims = team.claims("ada@blog.example");
    assert_eq!(settings(&server, &KEY.sign(&claims)).status, 200, "the test makes tokens as Access does");
    let now = claims["iat"].as_i64().unwrap();
    let with = |claim: &str, value: Value| {
        let mut claims = claims.clone();
        claims[claim] = value;
        KEY.sign(&claims)
    };
    let valid = KEY.sign(&claims);
    let (signed, _) = valid.rsplit_once('.').unwrap();
    let tokens = [
        ("another application", with("aud", json!(["b2".repeat(32)]))),
        ("another team", with("iss", json!("https://evil.cloudflareaccess.com"))),
        ("expired", with("exp", json!(now - 1))),
        ("not valid yet", with("nbf", json!(now + 3600))),
        ("no address", with("email", Value::Null)),
        ("another key under this id", OTHER_KEY.sign_with_header(&json!({"alg": "RS256", "kid": "first"}), &claims)),
        ("an unknown key", OTHER_KEY.sign(&claims)),
        ("another algorithm", KEY.sign_with_header(&json!({"alg": "RS512", "kid": "first"}), &claims)),
        ("no algorithm", KEY.sign_with_header(&json!({"alg": "none", "kid": "first"}), &claims)),
        ("no signature", format!("{signed}.")),
        ("a cut signature", valid[..valid.len() - 8].to_owned()),
        ("no token", "x".to_owned()),
        ("an empty token", String::new()),
        ("a huge token", "x".repeat(10_000)),
    ];
    for (reason, token) in tokens {
        let response = settings(&server, &token);
        assert_eq!(response.status, 401, "{reason}: {response:?}");
    }
}

#[test]
fn new_key_is_read_when_a_token_names_it_and_invented_ones_cost_little() {
    let team = AccessTeam::start(&[&KEY]);
    let server = server("http-access-keys", &team);
    let claims = team.claims("ada@blog.example");
    for _ in 0..5 {
        assert_eq!(settings(&server, &KEY.sign(&claims)).status, 200);
    }
    assert_eq!(team.request_count(), 1, "the keys are kept");
    settings(&server, &OTHER_KEY.sign(&claims)).check_refusal(Refusal::Unauthorized);
    team.publish(&[&OTHER_KEY]);
    assert_eq!(settings(&server, &OTHER_KEY.sign(&claims)).status, 200, "the team has a new key");
    settings(&server, &KEY.sign(&claims)).check_refusal(Refusal::Unauthorized);
    for number in 0..30 {
        let header = json!({"alg": "RS256", "kid": format!("invented-{number}")});
        assert_eq!(settings(&server, &KEY.sign_with_header(&header, &claims)).status, 401);
    }
    assert!(team.request_count() <= 10, "{} requests for keys", team.request_count());
    assert_eq!(settings(&server, &OTHER_KEY.sign(&claims)).status, 200, "the known key still works");
}

#[test]
fn form_of_another_website_is_refused_despite_access() {
    let team = AccessTeam::start(&[&KEY]);
    let server = server("http-access-forged", &team);
    let token = KEY.sign(&team.claims("ada@blog.example"));
    let post = |headers: &[(&'static str, &str)]| {
        let mut request = with_token("POST", "/admin/api/settings", &token).header("Content-Type", "application/json");
        request = request.body("{\"moderation\": \"open\"}");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request.send(&server)
    };
    for headers in [&[][..], &[("Origin", "https://evil.example")], &[("Sec-Fetch-Site", "cross-site")]] {
        post(headers).check_refusal(Refusal::WrongOrigin);
    }
    assert_eq!(post(&[("Origin", &server.origin())]).status, 200);
}

#[test]
fn without_access_configured_its_header_means_nothing() {
    let team = AccessTeam::start(&[&KEY]);
    let response = settings(&crate::OPEN, &KEY.sign(&team.claims("ada@blog.example")));
    response.check_refusal(Refusal::Unauthorized);
    assert_eq!(team.request_count(), 0);
}
