//! What is too much to be opened page by page: documents as the Worker answers them, parsed by the browser and looked at in the
//! same way. Here every string is a title, an address, a name that is answered, a field that is refused, a parameter, a path, a header.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_model::Thread;
use afterword_tests::{Attack, BrowserOptions, Request, Response};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::injection_points::{CLIENTS, HARMLESS, INJECTED, InjectedThread, form};
use super::inspector::{Inspector, find_faults};
use super::{ATTACKS, SERVER};

/// Documents that the browser is given at once.
const CHUNK: usize = 100;

/// What is asked for, and for the sake of which string.
type LabelledRequest = (String, Request);

/// One kind of document: what to ask for where nothing is wrong, and what to ask for with the strings of the corpus.
struct DocumentKind {
    name: &'static str,
    harmless: fn() -> Vec<LabelledRequest>,
    attacked: fn() -> Vec<LabelledRequest>,
}

/// All of them. A new one is a new line.
const DOCUMENT_KINDS: &[DocumentKind] = &[
    DocumentKind { name: "a post's page", harmless: || target(&HARMLESS), attacked: || target(&INJECTED) },
    DocumentKind { name: "an answer to a name", harmless: || responses(&HARMLESS), attacked: || responses(&INJECTED) },
    DocumentKind {
        name: "a form shown again",
        harmless: harmless_forms,
        attacked: || ATTACKS.iter().enumerate().flat_map(forms).collect(),
    },
    DocumentKind { name: "a request that makes no sense", harmless: harmless_requests, attacked: attacked_requests },
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
        for (places, documents) in attacked.chunks(CHUNK).map(split) {
            let reports = inspector.parse(&documents).await;
            assert_eq!(reports.len(), places.len());
            for (place, report) in places.iter().zip(&reports) {
                faults.extend(
                    find_faults(report, &known).iter().map(|fault| format!("{} for {place}: {fault}", kind.name)),
                );
            }
        }
        println!("{}: {} documents", kind.name, attacked.len());
        assert!(attacked.len() > 100, "{}: there is something to look at", kind.name);
    }
    inspector.browser.close().await;
    super::assert_none(&faults);
}

fn split(handful: &[(String, String)]) -> (Vec<&String>, Vec<String>) {
    (handful.iter().map(|(place, _)| place).collect(), handful.iter().map(|(_, document)| document.clone()).collect())
}

/// Asks all questions, and gives the answers that are documents; the others are held against what they must be here.
fn documents(requests: &[LabelledRequest]) -> Vec<(String, String)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let next = || requests.get(next.fetch_add(1, Ordering::Relaxed));
        let ask = |(place, request): &LabelledRequest| {
            let response = request.send(&SERVER);
            assert!(response.status < 500, "{place}: {response:?}");
            Some((place.clone(), document(place, &response)?))
        };
        std::iter::from_fn(next).filter_map(ask).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("every question is answered well")).collect()
    })
}

/// The HTML of an answer. JSON is said to be JSON, and is; a redirect leads to a page of a thread and nowhere else.
fn document(place: &str, response: &Response) -> Option<String> {
    let kind = response.header("content-type").unwrap_or_default();
    if let Some(location) = response.header("location") {
        assert!(location.starts_with("/thread?url="), "{place}: {location}");
        assert!(location.chars().all(|character| character.is_ascii_graphic()), "{place}: {location}");
        return None;
    }
    match kind.as_str() {
        "text/html; charset=utf-8" => Some(response.text().to_owned()),
        "application/json; charset=utf-8" => {
            response.json::<Value>();
            None
        }
        _ => panic!("{place}: {response:?}"),
    }
}

fn encoded(bytes: &[u8]) -> String {
    byte_serialize(bytes).collect()
}

/// The page or the fragment of each post that has a string in its address and its title.
fn target(threads: &[InjectedThread]) -> Vec<LabelledRequest> {
    let ask = |thread: &InjectedThread| {
        let path = match thread.point {
            "json-post" => "/thread",
            "form-post" => "/v1/thread.html",
            _ => return None,
        };
        let request = Request::get(format!("{path}?url={}", encoded(thread.url.as_bytes())));
        Some((format!("{} by {}", thread.first, thread.point), request))
    };
    threads.iter().filter_map(ask).collect()
}

/// The page with the form of an answer, for some comments of the threads whose authors are called by the strings: the widget is made to
/// draw that form for all of them.
fn responses(threads: &[InjectedThread]) -> Vec<LabelledRequest> {
    let named = threads.iter().filter(|thread| ["json", "form"].contains(&thread.point));
    let pages = named.flat_map(|thread| (1..=thread.pages).map(move |page| (thread, page.to_string())));
    pages
        .flat_map(|(thread, page)| {
            let query = [("url", thread.url.as_str()), ("page", page.as_str())];
            let read: Thread = Request::get("/v1/thread").query(&query).send(&SERVER).json();
            let ask = move |id: String| {
                let request = Request::get("/thread").query(&query).query(&[("reply", &id)]);
                (format!("{} and those after it, comment {id}", thread.first), request)
            };
            read.comments.into_iter().step_by(16).map(move |comment| ask(comment.id.to_string())).collect::<Vec<_>>()
        })
        .collect()
}

/// Fields that hold the string at once, each group refused for another reason. A form is sent with the first, which has all that is shown
/// again; every third one with one of the others too.
const GROUPS: [&[&str]; 4] = [
    &["parent", "text", "name", "title", "email", "website", "lang"],
    &["text", "name", "email", "title", "id"],
    &["website", "text", "title"],
    &["url", "text", "name", "title"],
];

fn forms((number, attack): (usize, &Attack)) -> Vec<LabelledRequest> {
    let group = |fields: &[&'static str]| {
        // What is taken after all is then on no other page.
        let post = format!("https://blog.example/refused/{}/{}", attack.place, fields.len());
        let mut sent: Vec<(&str, &[u8])> = vec![("url", post.as_bytes())];
        sent.retain(|(name, _)| !fields.contains(name));
        sent.extend(fields.iter().map(|field| (*field, &*attack.bytes)));
        // What would be taken otherwise.
        if !fields.contains(&"website") && !fields.contains(&"url") {
            sent.push(("website", b"no address"));
        }
        (format!("{} in {fields:?}", attack.place), sent_form(&sent))
    };
    let others = (number % 3 == 0).then(|| group(GROUPS[1 + number / 3 % 3]));
    [group(GROUPS[0])].into_iter().chain(others).collect()
}

/// Every refusal that a form can meet, with nothing in the fields that is not harmless.
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
    // The languages differ in their words only, and of what would be taken there is enough in `harmless_requests`.
    forms.extend(["no address", "https://elsewhere.example/"].map(|url| vec![("url", url), ("text", "Words")]));
    forms.push(vec![("url", "https://blog.example/refused"), ("text", "Words"), ("lang", "de"), ("email", "ada@")]);
    let question = |(number, form): (usize, Vec<(&str, &str)>)| {
        // What is taken after all is then on no other page.
        let post = format!("https://blog.example/refused/{number}");
        let value = |it: &str| it.replace("https://blog.example/refused", &post).into_bytes();
        let values: Vec<_> = form.iter().map(|(name, it)| (*name, value(it))).collect();
        let sent: Vec<_> = values.iter().map(|(name, it)| (*name, &it[..])).collect();
        (format!("{form:.80?}"), sent_form(&sent))
    };
    let huge = vec![("text", &*long); 9];
    forms.into_iter().chain([huge]).enumerate().map(question).collect()
}

fn sent_form(fields: &[(&str, &[u8])]) -> Request {
    Request::post_form("/thread", &[]).header("Origin", SERVER.origin()).body(form(fields))
}

/// The string as each part of a request that is no comment.
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
    let ask = |request| (attack.place.clone(), request);
    // A longer one does not leave the client.
    let sendable = paths.into_iter().filter(|path| path.len() < usize::from(u16::MAX));
    let mut requests: Vec<_> = sendable.map(|path| ask(Request::get(path))).collect();
    let value = attack.text();
    if value.len() < 4_000 && value.chars().all(|character| matches!(character, ' '..='~')) {
        for name in ["Referer", "Accept-Language", "User-Agent", "Accept", "If-None-Match", "X-Forwarded-Host"] {
            let page = if name == "Referer" { "/thread".to_owned() } else { format!("/thread?url={post}") };
            requests.push(ask(Request::get(page).header(name, &*value)));
        }
    }
    requests
}

/// One of these for each string, so that every kind of request meets every class.
fn attacked_requests() -> Vec<LabelledRequest> {
    let one = |(number, attack)| {
        let all = requests(attack);
        all.get(number % all.len().max(1)).cloned()
    };
    ATTACKS.iter().enumerate().filter_map(one).collect()
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
    // Some strings are addresses of posts, and by another way comments have come to these.
    for thread in HARMLESS.iter().filter(|thread| thread.comments > 1) {
        let url = encoded(thread.url.as_bytes());
        requests.extend(["/thread", "/v1/thread.html"].map(|path| {
            let path = format!("{path}?url={url}");
            (path.clone(), Request::get(path))
        }));
    }
    requests
}
