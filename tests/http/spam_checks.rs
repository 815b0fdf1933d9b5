//! Spam checks: a proof is valid once, suspicious comments are held, and too many are refused.

use std::sync::LazyLock;

use afterword_model::{Comment, NewComment, PostedComment, Refusal, Status};
use afterword_tests::{
    MODERATOR_AUTHORIZATION, Request, Response, Server, backdated_challenge, fetch_challenge, hidden_field,
    new_comment, post_url, solve_challenge, wait_for_thread,
};
use serde_json::{Value, json};

/// A Worker that requires a small proof of work and has no rate limits.
static PROOF_REQUIRED: LazyLock<Server> =
    LazyLock::new(|| Server::with_spam_checks("http-spam-checks", &[("PROOF_BITS", "8"), ("RATE_LIMITS", "off")]));

/// A Worker that has rate limits and requires no proof of work.
static RATE_LIMITED: LazyLock<Server> =
    LazyLock::new(|| Server::with_spam_checks("http-rate-limits", &[("PROOF_BITS", "0")]));

/// A proof whose challenge is old enough for a person to have written the text.
fn proof(url: &str) -> String {
    solve_challenge(&backdated_challenge(url, 60))
}

fn proven(url: &str, text: &str) -> NewComment {
    NewComment { proof: Some(proof(url)), ..new_comment(url, text) }
}

#[track_caller]
fn check(response: &Response, status: Status) -> PostedComment {
    assert_eq!(response.status, 201, "{response:?}");
    let posted: PostedComment = response.json();
    assert_eq!(posted.status, status, "{posted:?}");
    posted
}

/// The spam signals of a comment that a moderator sees.
#[track_caller]
fn signals(server: &Server, posted: &PostedComment) -> Vec<String> {
    let request = Request::get("/admin/api/comments").query(&[("site", "https://blog.example"), ("limit", "200")]);
    let list: Value = request.header("Authorization", MODERATOR_AUTHORIZATION).send(server).json();
    let id = posted.comment.id.get();
    let found = list["comments"].as_array().unwrap().iter().find(|comment| comment["id"] == id);
    let signals = found.unwrap_or_else(|| panic!("{id} is not in {list}"))["signals"].as_array().unwrap().clone();
    signals.iter().map(|signal| signal.as_str().unwrap().to_owned()).collect()
}

/// Calls `action` several times concurrently.
fn run_concurrently<T: Send>(times: u32, action: impl Fn(u32) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let action = &action;
        let all: Vec<_> = (0..times).map(|number| scope.spawn(move || action(number))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn proof_is_accepted_once() {
    let url = post_url("spam_replay");
    let first = proven(&url, "first");
    let posted = check(&Request::post_comment(&first).send(&PROOF_REQUIRED), Status::Published);
    let again = Request::post_comment(&first).send(&PROOF_REQUIRED);
    assert_eq!(again.status, 200, "a repeated submission is accepted in spite of its used proof");
    assert_eq!(again.json::<PostedComment>(), posted);
    let refused = Request::post_comment(&NewComment { proof: first.proof.clone(), ..new_comment(&url, "second") })
        .send(&PROOF_REQUIRED);
    refused.check_refusal(Refusal::ProofSpent);
    // The refusal contains a new challenge with the original opening time of the form.
    let next = refused.json::<Value>()["challenge"].as_str().unwrap().to_owned();
    assert_eq!(next[16..32], first.proof.unwrap()[16..32]);
    check(
        &Request::post_comment(&NewComment { proof: Some(solve_challenge(&next)), ..new_comment(&url, "second") })
            .send(&PROOF_REQUIRED),
        Status::Published,
    );
    wait_for_thread(&PROOF_REQUIRED, &url, 2);
}

#[test]
fn of_two_posts_racing_on_one_proof_one_wins() {
    let url = post_url("spam_race");
    let proof = proof(&url);
    let post = |text: &str| {
        Request::post_comment(&NewComment { proof: Some(proof.clone()), ..new_comment(&url, text) })
            .send(&PROOF_REQUIRED)
    };
    let mut statuses = run_concurrently(8, |number| post(&format!("number {number}")).status);
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403, 403, 403, 403, 403]);
    wait_for_thread(&PROOF_REQUIRED, &url, 1);
}

#[test]
fn comment_without_a_proof_is_held() {
    let url = post_url("spam_unproven");
    let posted = check(&Request::post_comment(&new_comment(&url, "no proof")).send(&PROOF_REQUIRED), Status::Pending);
    assert_eq!(signals(&PROOF_REQUIRED, &posted), ["no_proof"]);
    wait_for_thread(&PROOF_REQUIRED, &url, 0);
}

#[test]
fn suspicious_comment_is_held_with_its_signals() {
    let url = post_url("spam_signals");
    let fast = NewComment {
        proof: Some(solve_challenge(&fetch_challenge(&PROOF_REQUIRED, &url))),
        ..new_comment(&url, "at once")
    };
    let posted = check(&Request::post_comment(&fast).send(&PROOF_REQUIRED), Status::Pending);
    assert!(matches!(&*signals(&PROOF_REQUIRED, &posted)[0], "too_fast:0" | "too_fast:1" | "too_fast:2"));
    // A restored draft and a paste take less time than the check allows. The page knows that they were written on it.
    let written = NewComment {
        proof: Some(solve_challenge(&fetch_challenge(&PROOF_REQUIRED, &url))),
        written: true,
        ..new_comment(&url, "from a draft")
    };
    check(&Request::post_comment(&written).send(&PROOF_REQUIRED), Status::Published);
    let honeypot = NewComment { subject: Some("Hello".to_owned()), ..proven(&url, "fills in everything") };
    let posted = check(&Request::post_comment(&honeypot).send(&PROOF_REQUIRED), Status::Pending);
    assert_eq!(signals(&PROOF_REQUIRED, &posted), ["hidden_field"]);
    let links = "https://a.example https://b.example <https://c.example> [d](https://d.example)";
    let posted = check(&Request::post_comment(&proven(&url, links)).send(&PROOF_REQUIRED), Status::Pending);
    assert_eq!(signals(&PROOF_REQUIRED, &posted), ["many_links:4"]);
    let fine = NewComment { subject: Some(String::new()), ..proven(&url, "https://a.example and *no more*") };
    check(&Request::post_comment(&fine).send(&PROOF_REQUIRED), Status::Published);
    wait_for_thread(&PROOF_REQUIRED, &url, 2);
}

#[test]
fn suspicious_plain_form_is_held_with_its_signals() {
    let url = post_url("spam_plain");
    let page = Request::get("/thread").query(&[("url", &url)]).send(&PROOF_REQUIRED);
    let (id, token) = (hidden_field(page.text(), "id"), hidden_field(page.text(), "token"));
    let send = |fields: &[(&str, &str)]| {
        let form = [&[("url", url.as_str()), ("id", &id), ("text", "By hand")], fields].concat();
        let response =
            Request::post_form("/thread", &form).header("Origin", PROOF_REQUIRED.origin()).send(&PROOF_REQUIRED);
        assert_eq!(response.status, 303, "{response:?}");
        assert!(response.header("location").unwrap().contains("posted=pending"), "{response:?}");
    };
    send(&[("token", &token), ("subject", ""), ("name", "at once")]);
    send(&[("token", &token), ("subject", "x"), ("name", "a program")]);
    send(&[("token", &token[1..]), ("name", "a broken token")]);
    let request = Request::get("/admin/api/comments").query(&[("site", "https://blog.example"), ("limit", "200")]);
    let list: Value = request.header("Authorization", MODERATOR_AUTHORIZATION).send(&PROOF_REQUIRED).json();
    let signals_of = |name: &str| {
        let all = list["comments"].as_array().unwrap();
        let found = all.iter().find(|comment| comment["author"]["name"] == name || comment["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not in {list}"))["signals"].to_string()
    };
    assert!(signals_of("at once").starts_with("[\"no_proof\",\"too_fast:"), "{}", signals_of("at once"));
    assert!(
        signals_of("a program").starts_with("[\"no_proof\",\"hidden_field\",\"too_fast:"),
        "{}",
        signals_of("a program")
    );
    // Each form has an author key of its own.
    assert_eq!(signals_of("a broken token"), "[\"no_proof\",\"first_comment\"]");
}

#[test]
fn too_many_posts_are_refused_with_a_retry_time() {
    let url = post_url("spam_flood");
    let key = "Bearer 0123456789abcdef0123456789abcdef";
    let post = |number| {
        Request::post_comment(&new_comment(&url, &format!("number {number}")))
            .header("Authorization", key)
            .send(&RATE_LIMITED)
    };
    let (accepted, refused): (Vec<_>, Vec<_>) =
        run_concurrently(6, post).into_iter().partition(|response| response.status == 201);
    assert_eq!(accepted.len(), 2, "two comments of one author in five seconds");
    for response in refused {
        response.check_refusal(Refusal::TooMany);
        let wait: u32 = response.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    let responses = run_concurrently(10, |number| {
        let id = number.to_string();
        let fields = [("url", url.as_str()), ("text", "By hand, after all that"), ("id", &id)];
        Request::post_form("/thread", &fields).header("Origin", RATE_LIMITED.origin()).send(&RATE_LIMITED)
    });
    let refused = responses.iter().find(|response| response.status == 429).expect("the network limit applies");
    assert!(
        refused.header("retry-after").is_some() && refused.text().contains("By hand, after all that"),
        "{refused:?}"
    );
    assert!(refused.text().contains("You can try again in "), "{refused:?}");
}

#[test]
fn networks_are_limited_separately() {
    let server = Server::with_spam_checks("http-networks", &[("PROOF_BITS", "0")]);
    let url = post_url("spam_networks");
    let post = |address: &str, number: u32| {
        let request = Request::post_comment(&new_comment(&url, &format!("number {number} from {address}")));
        request.header("CF-Connecting-IP", address).send(&server).status
    };
    let burst = |address: &str| run_concurrently(12, |number| post(address, number));
    assert!(burst("203.0.113.1").contains(&429), "a network cannot post twelve comments at once");
    assert_eq!(post("203.0.113.200", 0), 429, "the limit covers the whole network");
    for elsewhere in ["203.0.114.1", "2001:db8:1:2::1", "2001:db8:1:3::1"] {
        assert_eq!(post(elsewhere, 0), 201, "{elsewhere}");
    }
    assert!(burst("2001:db8:1:2::2").contains(&429));
    assert_eq!(post("2001:db8:1:2:ffff::", 0), 429);
    // A client with a whole block of networks is limited by the block.
    let statuses = run_concurrently(40, |number| post(&format!("2001:db8:2:{number}::1"), number));
    assert!(statuses.contains(&429) && statuses.contains(&201), "{statuses:?}");
    assert_eq!(post("2001:db8:2:ffff::1", 99), 429);
    assert_eq!(post("2001:db8:3:ffff::1", 99), 201);
}

#[test]
fn flood_without_proofs_does_not_delay_proven_comments() {
    let server = Server::with_spam_checks("http-unproven", &[("PROOF_BITS", "5")]);
    let url = post_url("spam_unproven_flood");
    let post = |new: &NewComment, block: u32| {
        Request::post_comment(new).header("CF-Connecting-IP", format!("2001:db8:{block:x}::1")).send(&server)
    };
    let statuses =
        run_concurrently(60, |number| post(&new_comment(&url, &format!("number {number}")), 256 + number).status);
    assert!(statuses.contains(&201) && statuses.contains(&429), "{statuses:?}");
    let page = Request::get("/thread").query(&[("url", &url)]).send(&server);
    let form = [("url", url.as_str()), ("id", &hidden_field(page.text(), "id")), ("text", "By hand")];
    let form = Request::post_form("/thread", &form).header("Origin", server.origin());
    assert_eq!(form.header("CF-Connecting-IP", "2001:db8:2::1").send(&server).status, 429);
    // The flood does not raise their proof-of-work difficulty either.
    for number in 0..3 {
        let proof = Some(solve_challenge(&fetch_challenge(&server, &url)));
        let response = post(&NewComment { proof, ..new_comment(&url, &format!("proven {number}")) }, number);
        assert_eq!(response.status, 201, "{response:?}");
    }
}

#[test]
fn responses_do_not_reveal_reader_addresses() {
    const ADDRESSES: [&str; 4] = ["203.0.115.7", "203.0.115.7", "198.51.100.23", "2001:db8:7f3::1"];
    let server = Server::with_spam_checks("http-addresses", &[("PROOF_BITS", "0")]);
    let url = post_url("spam_addresses");
    let mut responses = Vec::new();
    let mut send_from = |request: Request, address: &str| {
        let response = request.header("CF-Connecting-IP", address).send(&server);
        responses.push(response.clone());
        response
    };
    let comments = ADDRESSES.map(|address| {
        let anonymous = NewComment { name: None, title: None, ..new_comment(&url, "the same short words") };
        check(&send_from(Request::post_comment(&anonymous), address), Status::Published).comment
    });
    wait_for_thread(&server, &url, 4);
    for path in ["/v1/thread", "/v1/thread.html", "/thread", "/v1/counts", "/v1/challenge"] {
        send_from(Request::get(path).query(&[("url", &url)]), ADDRESSES[0]);
    }
    // Apart from id, version and time, the comments are identical.
    let Comment { id, created, since, .. } = comments[0].clone();
    let normalized = |comment: &Comment| Comment { id, created, since, ..comment.clone() };
    assert!(comments.iter().all(|comment| normalized(comment) == comments[0]), "{comments:?}");
    assert_eq!(comments[0].author.mark, None);
    for part in ADDRESSES.into_iter().chain(["203.0.115", "198.51.100", "2001:db8"]) {
        responses.iter().for_each(|response| response.check_omits(part));
    }
    // A moderator sees no address either: the stored network serves only for limits and bans.
    let list = Request::as_moderator("GET", "/admin/api/comments?status=published").send(&server);
    ADDRESSES.into_iter().for_each(|address| list.check_omits(address));
}

#[test]
fn duplicate_text_is_held() {
    let server = Server::with_spam_checks("http-repeated", &[("PROOF_BITS", "0")]);
    let text = "Cheap pills! Visit my page today, and tomorrow, and the day after that.";
    let first = Request::post_comment(&new_comment(&post_url("spam_repeated"), text)).send(&server);
    check(&first, Status::Published);
    let second = Request::post_comment(&new_comment(&post_url("spam_repeated_2"), &text.to_uppercase())).send(&server);
    let posted = check(&second, Status::Pending);
    assert_eq!(signals(&server, &posted), ["repeated"]);
}

#[test]
fn difficulty_rises_with_the_posting_rate() {
    let server = Server::with_spam_checks("http-rising", &[("PROOF_BITS", "5"), ("RATE_LIMITS", "on")]);
    let mut refused = None;
    for number in 0..40 {
        let url = post_url(&format!("spam_rising_{number}"));
        let address = format!("203.0.{number}.1");
        let new = NewComment {
            proof: Some(solve_challenge(&fetch_challenge(&server, &url))),
            ..new_comment(&url, "one more")
        };
        let response = Request::post_comment(&new).header("CF-Connecting-IP", address).send(&server);
        if response.status != 201 {
            refused = Some((response, new));
            break;
        }
    }
    let (response, new) = refused.expect("forty posts in a minute raise the difficulty");
    response.check_refusal(Refusal::ProofTooEasy);
    let harder = response.json::<Value>()["challenge"].as_str().unwrap().to_owned();
    assert_eq!(harder[4..6], *"02", "two bits per puzzle instead of one");
    let again = Request::post_comment(&NewComment { proof: Some(solve_challenge(&harder)), ..new });
    assert_eq!(again.header("CF-Connecting-IP", "203.0.99.1").send(&server).status, 201);
}

/// Sends a moderator's request.
#[track_caller]
fn post_admin(server: &Server, path: &str, body: &Value) -> Response {
    let request =
        Request::as_moderator("POST", &format!("/admin/api/{path}")).query(&[("site", "https://blog.example")]);
    request.header("Content-Type", "application/json").body(body.to_string()).send(server)
}

#[test]
fn comment_with_a_muted_word_is_held() {
    let server = Server::with_spam_checks("http-muted", &[("PROOF_BITS", "0"), ("RATE_LIMITS", "off")]);
    let url = post_url("spam_muted");
    let set = post_admin(&server, "settings", &json!({"muted": "\nviagr*\r\n  cheap pills \n*casino*\n"}));
    assert_eq!((set.status, set.json::<Value>()["muted"].as_str()), (200, Some("viagr*\n  cheap pills \n*casino*")));
    for (text, pattern) in [
        ("Buy VIAGRA now", "viagr*"),
        ("so **cheap**, pills!", "cheap pills"),
        ("[my page](https://online-casino24.example)", "*casino*"),
        ("vi\u{200b}аgrа", "viagr*"),
        ("viágra", "viagr*"),
        ("СНЕАР РILLS", "cheap pills"),
        ("ᴄᴀsɪɴᴏ", "*casino*"),
    ] {
        let posted = check(&Request::post_comment(&new_comment(&url, text)).send(&server), Status::Pending);
        assert_eq!(signals(&server, &posted), [format!("muted_word:{pattern}")], "{text}");
    }
    check(&Request::post_comment(&new_comment(&url, "A cheap joke about pills")).send(&server), Status::Published);
    let named = NewComment { name: Some("Casino Royale".to_owned()), ..new_comment(&url, "Hello") };
    check(&Request::post_comment(&named).send(&server), Status::Pending);
    for bad in [json!({"muted": "a\n*\n"}), json!({"muted": "x".repeat(300)}), json!({"muted": "x y\n".repeat(2_000)})]
    {
        post_admin(&server, "settings", &bad).check_refusal(Refusal::BadPattern);
    }
    for bad in [json!({}), json!({"muted": 7}), json!({"muted": "x", "moderation": "all"})] {
        post_admin(&server, "settings", &bad).check_refusal(Refusal::BadJson);
    }
    assert_eq!(post_admin(&server, "settings", &json!({"muted": null})).json::<Value>()["muted"], Value::Null);
    check(&Request::post_comment(&new_comment(&url, "Viagra, after all")).send(&server), Status::Published);
}

#[test]
fn banned_author_is_held_and_cannot_tell() {
    let server = Server::with_spam_checks("http-bans", &[("PROOF_BITS", "0")]);
    let url = post_url("spam_bans");
    let key = |digit: &str| format!("Bearer {}", digit.repeat(32));
    // Every comment comes from a network of its own, so that only bans hold any.
    let post = |number: u32, name: &str, author: &str, network: u32| {
        let new = NewComment {
            name: Some(name.to_owned()),
            email: Some(format!("reader-{number}@mail.example")),
            ..new_comment(&url, &format!("number {number}"))
        };
        let request = Request::post_comment(&new).header("Authorization", key(author));
        request.header("CF-Connecting-IP", format!("203.0.{network}.9")).send(&server)
    };
    let spam = check(&post(0, "spam", "a", 1), Status::Published);
    let waiting = check(&post(1, "ada", "b", 2), Status::Published);
    let ban = |body: Value| {
        let response = post_admin(&server, "bans", &body);
        assert_eq!(response.status, 200, "{response:?}");
        response.json::<Value>()["bans"].as_array().unwrap().clone()
    };
    ban(json!({"kind": "author", "comment": spam.comment.id}));
    ban(json!({"kind": "network", "comment": spam.comment.id}));
    ban(json!({"kind": "name", "pattern": "Dr. *"}));
    let bans = ban(json!({"kind": "email", "pattern": "*@MAIL.example", "until": 1}));
    assert_eq!(bans.len(), 4);
    for (number, (name, author, network), by) in
        [(2, ("other", "a", 3), "author"), (3, ("other", "c", 1), "network"), (4, ("dr. who", "d", 4), "name")]
    {
        let held = check(&post(number, name, author, network), Status::Pending);
        assert!(signals(&server, &held).contains(&format!("banned:{by}")), "{:?}", signals(&server, &held));
        // The response is identical to that for a comment held for any other reason.
        assert_eq!(held.version, waiting.version);
        assert!(held.comment.author.mark.is_some() && !held.comment.deleted);
    }
    check(&post(5, "ada", "b", 5), Status::Published);
    let lifted = post_admin(&server, "bans/lift", &json!({"ban": bans[2]["id"]})).json::<Value>();
    // The one that has ended is listed until it is pruned.
    let left: Vec<&Value> = lifted["bans"].as_array().unwrap().iter().filter(|ban| ban["until"] != json!(1)).collect();
    assert_eq!(left, [&bans[0], &bans[1]]);
    check(&post(6, "dr. who", "e", 6), Status::Published);
    for bad in [
        json!({"kind": "name"}),
        json!({"kind": "name", "pattern": "x", "comment": 1}),
        json!({"kind": "network", "pattern": "203.0.113.0"}),
        json!({"kind": "shoe", "pattern": "x"}),
    ] {
        post_admin(&server, "bans", &bad).check_refusal(Refusal::BadJson);
    }
    for pattern in ["*", "*@*", "", "x".repeat(300).as_str()] {
        post_admin(&server, "bans", &json!({"kind": "email", "pattern": pattern})).check_refusal(Refusal::BadPattern);
    }
    post_admin(&server, "bans", &json!({"kind": "author", "pattern": "abc"})).check_refusal(Refusal::BadPattern);
    for until in [-1, 1_795_697_106_000_i64, 1_795_697_106_000_000_000] {
        let body = json!({"kind": "name", "pattern": "Eve", "until": until});
        post_admin(&server, "bans", &body).check_refusal(Refusal::BadTime);
    }
    let ids: Vec<&Value> = lifted["bans"].as_array().unwrap().iter().map(|ban| &ban["id"]).collect();
    assert_eq!(post_admin(&server, "bans/lift", &json!({"bans": ids})).json::<Value>()["bans"], json!([]));
    post_admin(&server, "bans/lift", &json!({})).check_refusal(Refusal::BadJson);
    post_admin(&server, "bans", &json!({"kind": "author", "comment": 999})).check_refusal(Refusal::UnknownComment);
}

#[test]
fn ban_by_comment_is_of_that_very_name() {
    let server = Server::with_spam_checks("http-literal-bans", &[("PROOF_BITS", "0"), ("RATE_LIMITS", "off")]);
    let url = post_url("literal_bans");
    let named = |name: &str, text: &str| {
        let new = NewComment { name: Some(name.to_owned()), ..new_comment(&url, text) };
        Request::post_comment(&new).send(&server)
    };
    for (number, name) in ["*e*", "🎃", "***"].into_iter().enumerate() {
        let spam = check(&named(name, &format!("spam {number}")), Status::Published);
        let response = post_admin(&server, "bans", &json!({"kind": "name", "comment": spam.comment.id}));
        assert_eq!(response.json::<Value>()["bans"][number]["literal"], json!(true), "{response:?}");
        check(&named(name, &format!("more spam {number}")), Status::Pending);
        check(&named("Pete", &format!("hello {number}")), Status::Published);
    }
    let email = NewComment { email: Some("*@mail.example".to_owned()), ..new_comment(&url, "hello") };
    Request::post_comment(&email).send(&server).check_refusal(Refusal::BadEmail);
}

#[test]
fn ban_that_cannot_be_read_holds_comments_and_is_reported() {
    let server = Server::with_spam_checks("http-invalid-rules", &[("PROOF_BITS", "0"), ("RATE_LIMITS", "off")]);
    let id = "00000000-0000-8000-8000-0000000000bb";
    let ban = json!({"ban": {"id": id, "kind": "name", "pattern": "***", "until": null, "at": 7, "by": "ada"}});
    let imported = Request::as_moderator("POST", "/admin/api/import").body(format!("{ban}\n")).send(&server);
    assert_eq!(imported.status, 200, "{imported:?}");
    let url = post_url("invalid_rules");
    let held = check(&Request::post_comment(&new_comment(&url, "hello")).send(&server), Status::Pending);
    assert_eq!(signals(&server, &held), ["invalid_rule:ban"]);
    // The number is kept for a minute.
    let server = server.kill_and_restart();
    assert_eq!(Request::get("/health").send(&server).json::<Value>()["invalid_rules"], json!(1));
    post_admin(&server, "bans/lift", &json!({"ban": id}));
    check(&Request::post_comment(&new_comment(&url, "hello again")).send(&server), Status::Published);
}
