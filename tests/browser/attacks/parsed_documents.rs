//! Responses that are too many to open one by one: the browser parses them and they are inspected in the same way.
//! Here every string is a title, an address, an author name in a reply form, a refused field, a parameter, a path or a
//! header.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_model::Thread;
use afterword_tests::{Attack, BrowserOptions, Request, Response};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::injection_points::{CLIENTS, HARMLESS, INJECTED, InjectedThread, form};
use super::inspector::{Inspector, find_faults};
use super::{SERVER, is_quick, selected};

/// Number of documents passed to the browser at once.
const CHUNK: usize = 100;

/// A request, labelled with the string it contains.
type LabelledRequest = (String, Request);

/// A kind of document, with the harmless and the attacked requests that produce it.
struct DocumentKind {
    name: &'static str,
    harmless: fn() -> Vec<LabelledRequest>,
    attacked: fn() -> Vec<LabelledRequest>,
}

/// All kinds of documents. Add new ones as new lines.
const DOCUMENT_KINDS: &[DocumentKind] = &[
    DocumentKind { name: "a post's page", harmless: || post_pages(&HARMLESS), attacked: || post_pages(&INJECTED) },
    DocumentKind { name: "a reply form", harmless: || reply_forms(&HARMLESS), attacked: || reply_forms(&INJECTED) },
    DocumentKind {
        name: "a refused form",
        harmless: harmless_forms,
        attacked: || selected(0).into_iter().enumerate().flat_map(forms).collect(),
    },
    DocumentKind { name: "an invalid request", harmless: harmless_requests, attacked: attacked_requests },
];

#[tokio::test]
async fn every_parsed_document_is_free_of_attacks() {
    let inspector = Inspector::open(BrowserOptions::default()).await;
    let mut faults = Vec::new();
    for kind in DOCUMENT_KINDS {
        let mut known = BTreeSet::new();
        for (_, documents) in documents(&(kind.harmless)()).chunks(CHUNK).map(split) {
            for report in inspector.parse(&documents).await {
                faults.extend(report.faults);
                known.extend(report.nodes);
            }
        }
        let attacked = documents(&(kind.attacked)());
        for (labels, documents) in attacked.chunks(CHUNK).map(split) {
            let reports = inspector.parse(&documents).await;
            assert_eq!(reports.len(), labels.len());
            for (label, report) in labels.iter().zip(&reports) {
                faults.extend(
                    find_faults(report, &known).iter().map(|fault| format!("{} for {label}: {fault}", kind.name)),
                );
            }
        }
        println!("{}: {} documents", kind.name, attacked.len());
        assert!(attacked.len() > if is_quick() { 50 } else { 100 }, "{}: enough documents to inspect", kind.name);
    }
    inspector.browser.close().await;
    super::assert_none(&faults);
}

fn split(chunk: &[(String, String)]) -> (Vec<&String>, Vec<String>) {
    (chunk.iter().map(|(label, _)| label).collect(), chunk.iter().map(|(_, document)| document.clone()).collect())
}

/// Sends all requests and returns the responses that are documents. Checks that the others are what they must be.
fn documents(requests: &[LabelledRequest]) -> Vec<(String, String)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let next = || requests.get(next.fetch_add(1, Ordering::Relaxed));
        let fetch = |(label, request): &LabelledRequest| {
            let response = request.send(&SERVER);
            assert!(response.status < 500, "{label}: {response:?}");
            Some((label.clone(), document(label, &response)?))
        };
        std::iter::from_fn(next).filter_map(fetch).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("every response is valid")).collect()
    })
}

/// The HTML of a response, if it is HTML. JSON must be valid and declared as JSON. A redirect must lead to the page of
/// a thread.
fn document(label: &str, response: &Response) -> Option<String> {
    let kind = response.header("content-type").unwrap_or_default();
    if let Some(location) = response.header("location") {
        assert!(location.starts_with("/thread?url="), "{label}: {location}");
        assert!(location.chars().all(|character| character.is_ascii_graphic()), "{label}: {location}");
        return None;
    }
    match kind.as_str() {
        "text/html; charset=utf-8" => Some(response.text().to_owned()),
        "application/json; charset=utf-8" => {
            response.json::<Value>();
            None
        }
        _ => panic!("{label}: {response:?}"),
    }
}

fn encoded(bytes: &[u8]) -> String {
    byte_serialize(bytes).collect()
}

/// The page or fragment of each post that has a string in its address and title.
fn post_pages(threads: &[InjectedThread]) -> Vec<LabelledRequest> {
    let to_request = |thread: &InjectedThread| {
        let path = match thread.point {
            "json-post" => "/thread",
            "form-post" => "/v1/thread.html",
            _ => return None,
        };
        let request = Request::get(format!("{path}?url={}", encoded(thread.url.as_bytes())));
        Some((format!("{} by {}", thread.first, thread.point), request))
    };
    threads.iter().filter_map(to_request).collect()
}

/// The page with the reply form, for some comments of the threads whose author names are the strings. The widget
/// renders that form for all of them.
fn reply_forms(threads: &[InjectedThread]) -> Vec<LabelledRequest> {
    let named = threads.iter().filter(|thread| ["json", "form"].contains(&thread.point));
    let pages = named.flat_map(|thread| (1..=thread.pages).map(move |page| (thread, page.to_string())));
    pages
        .flat_map(|(thread, page)| {
            let query = [("url", thread.url.as_str()), ("page", page.as_str())];
            let read: Thread = Request::get("/v1/thread").query(&query).send(&SERVER).json();
            let to_request = move |id: String| {
                let request = Request::get("/thread").query(&query).query(&[("reply", &id)]);
                (format!("{} and those after it, comment {id}", thread.first), request)
            };
            read.comments
                .into_iter()
                .step_by(if is_quick() { 4 } else { 16 })
                .map(move |comment| to_request(comment.id.to_string()))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Fields that contain the string at once; each group is refused for a different reason. Every string is sent in the
/// first group, which has all echoed fields, and every third string also in one of the others.
const GROUPS: [&[&str]; 4] = [
    &["parent", "text", "name", "title", "email", "website", "lang"],
    &["text", "name", "email", "title", "id"],
    &["website", "text", "title"],
    &["url", "text", "name", "title"],
];

fn forms((number, attack): (usize, &Attack)) -> Vec<LabelledRequest> {
    let group = |fields: &[&'static str]| {
        // If the form is accepted, its comment appears on no other page.
        let post = format!("https://blog.example/refused/{}/{}", attack.place, fields.len());
        let mut sent: Vec<(&str, &[u8])> = vec![("url", post.as_bytes())];
        sent.retain(|(name, _)| !fields.contains(name));
        sent.extend(fields.iter().map(|field| (*field, &*attack.bytes)));
        // Makes sure that the form is refused.
        if !fields.contains(&"website") && !fields.contains(&"url") {
            sent.push(("website", b"no address"));
        }
        (format!("{} in {fields:?}", attack.place), sent_form(&sent))
    };
    let others = (number % 3 == 0).then(|| group(GROUPS[1 + number / 3 % 3]));
    [group(GROUPS[0])].into_iter().chain(others).collect()
}

/// Every possible refusal of a form, with harmless fields.
fn harmless_forms() -> Vec<LabelledRequest> {
    let long = "x".repeat(9_000);
    let values: [(&str, &[&str]); 5] = [
        ("parent", &["", "x", "1", "-1"]),
        ("email", &["", "ada@ada.example", "ada@"]),
        ("website", &["", "https://ada.example/", "no address"]),
        ("name", &["", "Ada", &long]),
        ("text", &["Words", "", &long, "a\0b"]),
    ];
    let mut forms: Vec<Vec<(&str, &str)>> = vec![vec![("url", "https://blog.example/refused"), ("title", "A post")]];
    for (name, values) in values {
        let with =
            |form: &Vec<_>| values.iter().map(|value| [&form[..], &[(name, *value)]].concat()).collect::<Vec<_>>();
        forms = forms.iter().flat_map(with).collect();
    }
    // Languages differ only in words, and `harmless_requests` covers accepted forms.
    forms.extend(["no address", "https://elsewhere.example/"].map(|url| vec![("url", url), ("text", "Words")]));
    forms.push(vec![("url", "https://blog.example/refused"), ("text", "Words"), ("lang", "de"), ("email", "ada@")]);
    let to_request = |(number, form): (usize, Vec<(&str, &str)>)| {
        // If the form is accepted, its comment appears on no other page.
        let post = format!("https://blog.example/refused/{number}");
        let value = |it: &str| it.replace("https://blog.example/refused", &post).into_bytes();
        let values: Vec<_> = form.iter().map(|(name, it)| (*name, value(it))).collect();
        let sent: Vec<_> = values.iter().map(|(name, it)| (*name, &it[..])).collect();
        (format!("{form:.80?}"), sent_form(&sent))
    };
    let huge = vec![("text", &*long); 9];
    forms.into_iter().chain([huge]).enumerate().map(to_request).collect()
}

fn sent_form(fields: &[(&str, &[u8])]) -> Request {
    Request::post_form("/thread", &[]).header("Origin", SERVER.origin()).body(form(fields))
}

/// Requests that create no comment, with the string in each part.
fn requests(attack: &Attack) -> Vec<LabelledRequest> {
    let string = encoded(&attack.bytes).replace('+', "%20");
    let post = encoded(b"https://blog.example/refused");
    let paths = [
        format!("/thread?url={string}"),
        format!("/thread?url={post}&reply={string}&posted={string}&lang={string}"),
        format!("/thread?url={post}&page={string}&sort={string}&lang={string}"),
        format!("/thread?url={post}%3F{string}"),
        format!("/thread?{string}={string}"),
        format!("/v1/thread.html?url={post}&lang={string}"),
        format!("/v1/thread.html?url={string}&lang={string}"),
        format!("/v1/thread?url={string}&page={string}"),
        format!("/v1/counts?url={string}"),
        format!("/{string}"),
        format!("/v1/{string}"),
    ];
    let labelled = |request| (attack.place.clone(), request);
    // The client cannot send a longer path.
    let sendable = paths.into_iter().filter(|path| path.len() < usize::from(u16::MAX));
    let mut requests: Vec<_> = sendable.map(|path| labelled(Request::get(path))).collect();
    let value = attack.text();
    if value.len() < 4_000 && value.chars().all(|character| matches!(character, ' '..='~')) {
        for name in ["Referer", "Accept-Language", "User-Agent", "Accept", "If-None-Match", "X-Forwarded-Host"] {
            let page = if name == "Referer" { "/thread".to_owned() } else { format!("/thread?url={post}") };
            requests.push(labelled(Request::get(page).header(name, &*value)));
        }
    }
    requests
}

/// One request for each string, so that every kind of request meets every class.
fn attacked_requests() -> Vec<LabelledRequest> {
    let one = |(number, attack)| {
        let all = requests(attack);
        all.get(number % all.len().max(1)).cloned()
    };
    selected(1).into_iter().enumerate().filter_map(one).collect()
}

fn harmless_requests() -> Vec<LabelledRequest> {
    let harmless = [
        "words",
        "1",
        "de",
        "https://blog.example/a",
        "https://elsewhere.example/",
        "oldest",
        "published",
        "pending",
        "repeat",
    ];
    let strings = harmless.map(|words| Attack { place: words.to_owned(), bytes: words.as_bytes().to_vec() });
    let mut requests: Vec<_> = strings.iter().flat_map(requests).collect();
    let paths = [
        "/thread?url=https://blog.example/refused&posted=pending",
        "/thread?url=https://blog.example/refused&posted=repeat",
        "/",
    ];
    requests.extend(paths.map(|path| (path.to_owned(), Request::get(path))));
    // Some strings are addresses of posts that have comments from another injection point.
    for thread in HARMLESS.iter().filter(|thread| thread.comments > 1) {
        let url = encoded(thread.url.as_bytes());
        requests.extend(["/thread", "/v1/thread.html"].map(|path| {
            let path = format!("{path}?url={url}");
            (path.clone(), Request::get(path))
        }));
    }
    requests
}
