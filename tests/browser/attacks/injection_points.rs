//! Injection points: every field that a visitor can fill, in every request that creates a comment.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_model::limits::COUNT_URLS;
use afterword_model::{CommentId, Counts, PostedComment, Sites, Status, Thread};
use afterword_tests::{Attack, Request, Response, new_comment, wait_until};
use url::form_urlencoded::byte_serialize;

use super::restored_file::{self, RestoredPost, restore};
use super::{ATTACKS, QUICK_SHARE, QUICK_SHARE_OF_POSTS, SERVER, is_quick, select};

/// Of the strings that a field cannot accept, one in this many is sent anyway. The others would cause the same
/// refusal, whose page `parsed_documents` inspects.
const REFUSED_SAMPLE: usize = 8;
/// One comment in this many starts a new conversation; the others reply to the previous one.
const ROOT_INTERVAL: usize = 12;
/// Strings that one client sends in sequence.
const BATCH_SIZE: usize = 40;
/// Clients that post concurrently.
pub(super) const CLIENTS: usize = 4;

static SITES: LazyLock<Sites> =
    LazyLock::new(|| Sites::parse("https://blog.example=localhost,127.0.0.1").expect("the sites are well formed"));

/// A set of fields of one endpoint that receives the attack strings.
struct InjectionPoint {
    name: &'static str,
    endpoint: Endpoint,
    /// Fields that receive the string: all at once, and each alone if the combination is refused.
    fields: &'static [&'static str],
    target: Target,
    /// One in this many strings is sent. It is more than 1 if another injection point covers the same fields, or if
    /// few strings are accepted and each costs a post or a file of its own.
    every: usize,
}

/// The request that creates the comment.
#[derive(Clone, Copy, PartialEq)]
enum Endpoint {
    Json,
    Form,
    /// A file that a moderator restores. Its fields have other names.
    Restore,
}

/// The post that receives a comment.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    /// One post for this many strings.
    SharedPost(usize),
    /// One post for each comment. The field `url` has the string in its path and in its query.
    OwnPost,
    /// The string is the whole address.
    AttackUrl,
}

/// All injection points. Add new ones as new lines.
const INJECTION_POINTS: &[InjectionPoint] = &[
    point("form", Endpoint::Form, &["text", "name", "id", "lang"], Target::SharedPost(300), 1),
    point("json", Endpoint::Json, &["text", "name"], Target::SharedPost(80), 1),
    point("restore", Endpoint::Restore, &["source", "name", "html"], Target::SharedPost(80), 1),
    point("restore-website", Endpoint::Restore, &["website"], Target::SharedPost(80), 1),
    point("restore-mark", Endpoint::Restore, &["mark"], Target::SharedPost(80), 24),
    point("restore-signals", Endpoint::Restore, &["signals"], Target::SharedPost(80), 24),
    point("restore-post", Endpoint::Restore, &["url", "title"], Target::OwnPost, 3),
    point("json-website", Endpoint::Json, &["website"], Target::SharedPost(80), 1),
    point("json-email", Endpoint::Json, &["email"], Target::SharedPost(80), 1),
    point("json-parent", Endpoint::Json, &["parent"], Target::SharedPost(80), 1),
    point("json-id", Endpoint::Json, &["id"], Target::SharedPost(80), 1),
    point("json-post", Endpoint::Json, &["url", "title"], Target::OwnPost, 1),
    point("json-url", Endpoint::Json, &["url"], Target::AttackUrl, 1),
    point("json-proof", Endpoint::Json, &["proof", "subject"], Target::SharedPost(80), 3),
    point("form-token", Endpoint::Form, &["token", "subject"], Target::SharedPost(80), 3),
    point("form-website", Endpoint::Form, &["website"], Target::SharedPost(80), 1),
    point("form-email", Endpoint::Form, &["email"], Target::SharedPost(80), 1),
    point("form-parent", Endpoint::Form, &["parent"], Target::SharedPost(80), 1),
    point("form-post", Endpoint::Form, &["url", "title"], Target::OwnPost, 3),
    point("form-url", Endpoint::Form, &["url"], Target::AttackUrl, 1),
];

const fn point(
    name: &'static str,
    endpoint: Endpoint,
    fields: &'static [&'static str],
    target: Target,
    every: usize,
) -> InjectionPoint {
    InjectionPoint { name, endpoint, fields, target, every }
}

/// A thread that contains attack strings.
#[derive(Clone, Debug)]
pub(super) struct InjectedThread {
    /// Name of the injection point.
    pub(super) point: &'static str,
    /// Location of the first string in the corpus.
    pub(super) first: String,
    /// Address of the post as it was sent.
    pub(super) url: String,
    /// Number of strings that became comments. If `attack_url` is set, there may be more comments, because several
    /// addresses may have the same canonical form.
    pub(super) comments: usize,
    pub(super) attack_url: bool,
    /// Id of the last comment.
    last: Option<CommentId>,
    /// Number of pages.
    pub(super) pages: u32,
}

/// The threads that exist after every string was sent to every injection point; in the quick form a part of them.
pub(super) static INJECTED: LazyLock<Vec<InjectedThread>> = LazyLock::new(|| {
    inject_all(|number, point| {
        let share = match point.target {
            _ if !is_quick() => point.every,
            Target::SharedPost(_) => point.every.max(QUICK_SHARE),
            Target::OwnPost | Target::AttackUrl => point.every.max(QUICK_SHARE_OF_POSTS),
        };
        select(&ATTACKS, share, number)
    })
});

/// Threads of the same kinds with harmless content.
pub(super) static HARMLESS: LazyLock<Vec<InjectedThread>> = LazyLock::new(|| {
    let words = ["Plain words", "https://harmless.example/", "ada@harmless.example", "k3f9"];
    let string = |number: usize| Attack {
        place: format!("harmless:{number}"),
        bytes: format!("{}{number}", words[number % words.len()]).into_bytes(),
    };
    let strings: Vec<_> = (0..135).map(string).collect();
    inject_all(|_, point| match point.target {
        Target::SharedPost(_) => strings.iter().step_by(point.every).collect(),
        Target::OwnPost | Target::AttackUrl => strings.iter().step_by(point.every).take(words.len()).collect(),
    })
});

/// Strings that one client sends, to one post or each to a post of its own.
struct Batch<'a> {
    point: &'static InjectionPoint,
    /// Name of the batch, which is part of the post's address.
    name: &'a str,
    attacks: Vec<&'a Attack>,
}

/// Sends the strings that `select` returns for the number of an injection point to that point.
fn inject_all<'a>(select: impl Fn(usize, &InjectionPoint) -> Vec<&'a Attack>) -> Vec<InjectedThread> {
    let batches = INJECTION_POINTS.iter().enumerate().flat_map(|(number, point)| {
        let post_size = match point.target {
            Target::SharedPost(size) => size,
            Target::OwnPost | Target::AttackUrl if point.endpoint == Endpoint::Restore => BATCH_SIZE,
            Target::OwnPost | Target::AttackUrl => 1,
        };
        let batch_size = if point.endpoint == Endpoint::Restore { post_size } else { BATCH_SIZE };
        let is_sent = |&(number, attack): &(usize, &Attack)| number % REFUSED_SAMPLE == 0 || point.may_accept(attack);
        let strings = select(number, point).into_iter().enumerate().filter(is_sent);
        let strings: Vec<_> = strings.map(|(_, attack)| attack).collect();
        strings
            .chunks(post_size)
            .flat_map(|thread| {
                thread.chunks(batch_size).map(|batch| Batch { point, name: &thread[0].place, attacks: batch.to_vec() })
            })
            .collect::<Vec<_>>()
    });
    let batches: Vec<_> = batches.collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let next = || batches.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(next).flat_map(inject_batch).collect::<Vec<_>>()
    };
    let injected: Vec<InjectedThread> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("every response is valid")).collect()
    });
    let mut threads: BTreeMap<String, InjectedThread> = BTreeMap::new();
    for part in injected {
        let thread = threads.entry(part.url.clone()).or_insert(InjectedThread { comments: 0, ..part.clone() });
        thread.comments += part.comments;
    }
    let mut threads: Vec<_> = threads.into_values().collect();
    wait_until_published(&threads);
    for thread in threads.iter_mut().filter(|thread| thread.comments > 1) {
        let query = [("url", &*thread.url)];
        thread.pages = Request::get("/v1/thread").query(&query).send(&SERVER).json::<Thread>().pages;
    }
    threads
}

/// Waits until all these threads are published.
fn wait_until_published(threads: &[InjectedThread]) {
    for threads in threads.chunks(COUNT_URLS) {
        let query: Vec<_> = threads.iter().map(|thread| ("url", thread.url.as_str())).collect();
        wait_until("the comments to be published", || {
            let counts: Counts = Request::get("/v1/counts").query(&query).send(&SERVER).json();
            let is_published = |thread: &InjectedThread| {
                let count = counts.counts.get(&thread.url).copied().unwrap_or_default();
                usize::try_from(count).is_ok_and(|count| count >= thread.comments)
            };
            threads.iter().all(is_published).then_some(())
        });
    }
}

/// Sends the strings of a batch. Returns the threads they create.
fn inject_batch(batch: &Batch<'_>) -> Vec<InjectedThread> {
    let point = batch.point;
    let attack_url = point.target == Target::AttackUrl;
    let (name, first, url) = (point.name, batch.name.to_owned(), String::new());
    let mut thread = InjectedThread { point: name, first, url, comments: 0, attack_url, last: None, pages: 1 };
    if point.endpoint == Endpoint::Restore {
        let restored = restore(point.restored_posts(batch)).into_iter();
        return restored.map(|(url, comments)| InjectedThread { url, comments, ..thread.clone() }).collect();
    }
    for attack in &batch.attacks {
        if !send(point, point.fields, attack, &mut thread) && point.fields.len() > 1 {
            for field in point.fields {
                send(point, std::slice::from_ref(field), attack, &mut thread);
            }
        }
    }
    if thread.comments > 0 { vec![thread] } else { Vec::new() }
}

impl InjectedThread {
    /// Id of the comment to which the next one replies.
    fn next_parent(&self) -> Option<String> {
        self.last.filter(|_| !self.comments.is_multiple_of(ROOT_INTERVAL)).map(|id| id.to_string())
    }
}

/// Sends one string in these fields. Returns true if it was accepted.
fn send(point: &InjectionPoint, fields: &[&'static str], attack: &Attack, thread: &mut InjectedThread) -> bool {
    let id = uuid::Uuid::new_v4().to_string();
    let url = if fields.contains(&"url") {
        point.attacked_url(&thread.first, attack)
    } else {
        point.url(&thread.first).into_bytes()
    };
    let mut sent: Vec<(&str, &[u8])> =
        vec![("id", id.as_bytes()), ("text", b"Harmless"), ("name", b"Ada"), ("url", &url)];
    let parent = thread.next_parent();
    if let Some(parent) = &parent {
        sent.push(("parent", parent.as_bytes()));
    }
    for field in fields.iter().filter(|field| **field != "url") {
        sent.retain(|(name, _)| name != field);
        sent.push((field, &attack.bytes));
    }
    let response = point.endpoint.request(&sent).send(&SERVER);
    match response.status {
        200 | 201 | 303 => {
            // Different invalid UTF-8 strings may decode to the same text and so be repeats, and suspicious comments
            // are held.
            if let Some(number) = point.endpoint.published_id(&response) {
                thread.comments += 1;
                thread.last = Some(number);
                thread.url = String::from_utf8_lossy(&url).into_owned();
            }
            return true;
        }
        // A form echoes the refused input; `forms` in `parsed_documents` checks how.
        400..500 if point.endpoint == Endpoint::Form || !attack.text().contains("canary") => {}
        400..500 => response.check_omits(&attack.text()),
        _ => panic!("{} in {fields:?} as {}: {response:?}", attack.place, point.name),
    }
    false
}

impl InjectionPoint {
    /// Returns true if the injection point may accept the string.
    fn may_accept(&self, attack: &Attack) -> bool {
        let mut new = new_comment("https://blog.example/", "Harmless");
        let text = attack.text().into_owned();
        match self.fields {
            ["parent"] => return text.trim().parse::<i64>().is_ok(),
            ["id"] => new.id = text,
            ["url"] => new.url = text,
            ["email"] => new.email = Some(text),
            ["website"] => new.website = Some(text),
            ["mark" | "signals"] => return true,
            ["source", ..] => (new.text, new.name) = (text.clone(), Some(text)),
            _ => return true,
        }
        new.validate(&SITES).is_ok()
    }

    /// The posts of a restored file that has the strings in these fields.
    fn restored_posts(&self, batch: &Batch<'_>) -> Vec<RestoredPost> {
        let post = |(number, attack): (usize, &&Attack)| {
            let url = self.attacked_url(&format!("{}/{number}", batch.name), attack);
            let url = String::from_utf8_lossy(&url).into_owned();
            RestoredPost {
                url,
                title: attack.text().into_owned(),
                comments: vec![restored_file::restored_comment(&[], attack)],
            }
        };
        if self.target == Target::OwnPost {
            return batch.attacks.iter().enumerate().map(post).collect();
        }
        let comments =
            batch.attacks.iter().map(|attack| restored_file::restored_comment(self.fields, attack)).collect();
        vec![RestoredPost { url: self.url(batch.name), title: "A post".to_owned(), comments }]
    }

    /// Address of a post; `batch` makes it unique for this injection point.
    fn url(&self, batch: &str) -> String {
        format!("https://blog.example/{}/{batch}", self.name)
    }

    /// Address of a post that contains the string.
    fn attacked_url(&self, batch: &str, attack: &Attack) -> Vec<u8> {
        if self.target == Target::AttackUrl {
            return attack.bytes.clone();
        }
        // Escapes characters that would end the path or the query.
        let escaped = |ends: &[u8]| {
            let escape =
                |byte: &u8| if ends.contains(byte) { format!("%{byte:02x}").into_bytes() } else { vec![*byte] };
            attack.bytes.iter().flat_map(escape).collect::<Vec<u8>>()
        };
        [self.url(batch).as_bytes(), b"/", &escaped(b"?#"), b"?x=", &escaped(b"#")].concat()
    }
}

impl Endpoint {
    /// Id of the comment, if it is new and published at once.
    fn published_id(self, response: &Response) -> Option<CommentId> {
        if self == Self::Json {
            let PostedComment { comment, status, .. } = response.json();
            return (response.status == 201 && status == Status::Published).then_some(comment.id);
        }
        let location = response.header("location")?;
        let (outcome, number) = location.split_once("#comment-")?;
        let number = number.parse().ok()?;
        outcome.contains("posted=published").then_some(CommentId::new(number))
    }

    fn request(self, fields: &[(&str, &[u8])]) -> Request {
        match self {
            Self::Json => {
                let members: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| [&json_string(name.as_bytes())[..], b":", &json_value(name, value)].concat())
                    .collect();
                Request::post_json([b"{", &members.join(&b","[..])[..], b"}"].concat())
            }
            Self::Form | Self::Restore => {
                Request::post_form("/thread", &[]).header("Origin", SERVER.origin()).body(form(fields))
            }
        }
    }
}

/// Encodes a form body.
pub(super) fn form(fields: &[(&str, &[u8])]) -> String {
    let pair = |(name, value): &(&str, &[u8])| format!("{name}={}", byte_serialize(value).collect::<String>());
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The parent is encoded as a number if the string is one.
fn json_value(name: &str, value: &[u8]) -> Vec<u8> {
    let number = name == "parent" && !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    if number { value.to_vec() } else { json_string(value) }
}

/// Encodes a JSON string. Invalid UTF-8 is kept, which makes the JSON invalid.
fn json_string(bytes: &[u8]) -> Vec<u8> {
    let mut written = vec![b'"'];
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => written.extend([b'\\', byte]),
            0..0x20 => written.extend(format!("\\u{byte:04x}").into_bytes()),
            _ => written.push(byte),
        }
    }
    written.push(b'"');
    written
}
