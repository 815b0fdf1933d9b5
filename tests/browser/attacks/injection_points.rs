//! The ways in: every field that a stranger can fill, of every call that takes a comment.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_model::limits::COUNTS;
use afterword_model::{CommentId, Counts, Posted, Sites, Status, Thread};
use afterword_tests::{Attack, Request, Response, new_comment, wait_until};
use url::form_urlencoded::byte_serialize;

use super::restored_file::{self, RestoredPost, restore};
use super::{ATTACKS, SERVER};

/// Of the strings that a field cannot take, every so many is sent in it all the same: the others would be the same refusal, whose page
/// `parsed` looks at.
const REFUSED_SAMPLE: usize = 8;
/// Comments that begin a thread of their own, of so many in a row; the others answer the one before.
const ROOT_INTERVAL: usize = 12;
/// Strings that one client sends in a row.
const BATCH_SIZE: usize = 40;
/// Clients that post at once.
pub(super) const CLIENTS: usize = 4;

static SITES: LazyLock<Sites> =
    LazyLock::new(|| Sites::parse("https://blog.example=localhost,127.0.0.1").expect("the sites are well formed"));

/// A way in.
struct InjectionPoint {
    name: &'static str,
    endpoint: Endpoint,
    /// What holds the string: all of these at once, and each alone where they are refused together.
    fields: &'static [&'static str],
    target: Target,
    /// It takes every so many of the strings: more than 1 where another way reads the same fields, or where hardly any is taken, and each
    /// costs a post or a file of its own.
    every: usize,
}

/// The call that takes the comment.
#[derive(Clone, Copy, PartialEq)]
enum Endpoint {
    Json,
    Form,
    /// A file that a moderator restores; its fields have names of their own.
    Restore,
}

/// The posts that are commented on.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    /// One for so many strings.
    SharedPost(usize),
    /// One for each comment; the field `url` has the string in its path and in its query.
    OwnPost,
    /// The string is the address.
    AttackUrl,
}

/// All of them. A new one is a new line.
const INJECTION_POINTS: &[InjectionPoint] = &[
    InjectionPoint {
        name: "form",
        endpoint: Endpoint::Form,
        fields: &["text", "name", "id", "lang"],
        target: Target::SharedPost(300),
        every: 1,
    },
    InjectionPoint {
        name: "json",
        endpoint: Endpoint::Json,
        fields: &["text", "name"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "restore",
        endpoint: Endpoint::Restore,
        fields: &["source", "name", "html"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "restore-website",
        endpoint: Endpoint::Restore,
        fields: &["website"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "restore-mark",
        endpoint: Endpoint::Restore,
        fields: &["mark"],
        target: Target::SharedPost(80),
        every: 24,
    },
    InjectionPoint {
        name: "restore-signals",
        endpoint: Endpoint::Restore,
        fields: &["signals"],
        target: Target::SharedPost(80),
        every: 24,
    },
    InjectionPoint {
        name: "restore-post",
        endpoint: Endpoint::Restore,
        fields: &["url", "title"],
        target: Target::OwnPost,
        every: 3,
    },
    InjectionPoint {
        name: "json-website",
        endpoint: Endpoint::Json,
        fields: &["website"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "json-email",
        endpoint: Endpoint::Json,
        fields: &["email"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "json-parent",
        endpoint: Endpoint::Json,
        fields: &["parent"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "json-id",
        endpoint: Endpoint::Json,
        fields: &["id"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "json-post",
        endpoint: Endpoint::Json,
        fields: &["url", "title"],
        target: Target::OwnPost,
        every: 1,
    },
    InjectionPoint {
        name: "json-url",
        endpoint: Endpoint::Json,
        fields: &["url"],
        target: Target::AttackUrl,
        every: 1,
    },
    InjectionPoint {
        name: "json-proof",
        endpoint: Endpoint::Json,
        fields: &["proof", "subject"],
        target: Target::SharedPost(80),
        every: 3,
    },
    InjectionPoint {
        name: "form-token",
        endpoint: Endpoint::Form,
        fields: &["token", "subject"],
        target: Target::SharedPost(80),
        every: 3,
    },
    InjectionPoint {
        name: "form-website",
        endpoint: Endpoint::Form,
        fields: &["website"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "form-email",
        endpoint: Endpoint::Form,
        fields: &["email"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "form-parent",
        endpoint: Endpoint::Form,
        fields: &["parent"],
        target: Target::SharedPost(80),
        every: 1,
    },
    InjectionPoint {
        name: "form-post",
        endpoint: Endpoint::Form,
        fields: &["url", "title"],
        target: Target::OwnPost,
        every: 3,
    },
    InjectionPoint {
        name: "form-url",
        endpoint: Endpoint::Form,
        fields: &["url"],
        target: Target::AttackUrl,
        every: 1,
    },
];

/// A thread with strings of the corpus in it.
#[derive(Clone, Debug)]
pub(super) struct InjectedThread {
    /// The way they came in.
    pub(super) point: &'static str,
    /// The first of them, by its place in the corpus.
    pub(super) first: String,
    /// The address of the post, as it was sent.
    pub(super) url: String,
    /// How many of them became comments; there may be others on a strange address, for many are one in the end.
    pub(super) comments: usize,
    pub(super) attack_url: bool,
    /// The number of the last one.
    last: Option<CommentId>,
    /// How many pages there are.
    pub(super) pages: u32,
}

/// Every thread there is after each string of the corpus was sent in by each way.
pub(super) static INJECTED: LazyLock<Vec<InjectedThread>> = LazyLock::new(|| inject_all(&ATTACKS, usize::MAX));

/// Threads of the same kinds in which there is nothing wrong.
pub(super) static HARMLESS: LazyLock<Vec<InjectedThread>> = LazyLock::new(|| {
    let words = ["Plain words", "https://harmless.example/", "ada@harmless.example", "k3f9"];
    let string = |number: usize| Attack {
        place: format!("harmless:{number}"),
        bytes: format!("{}{number}", words[number % words.len()]).into_bytes(),
    };
    inject_all(&(0..135).map(string).collect::<Vec<_>>(), words.len())
});

/// Some strings for one client to send to one post, or each to one of its own.
struct Batch<'a> {
    point: &'static InjectionPoint,
    /// What is the way's and the post's own in its address.
    name: &'a str,
    attacks: Vec<&'a Attack>,
}

/// Sends all strings by all ways; of those that have a post of their own only so many.
fn inject_all(attacks: &[Attack], own: usize) -> Vec<InjectedThread> {
    let batches = INJECTION_POINTS.iter().flat_map(|point| {
        let (size, most) = match point.target {
            Target::SharedPost(size) => (size, usize::MAX),
            Target::OwnPost | Target::AttackUrl => {
                (if point.endpoint == Endpoint::Restore { BATCH_SIZE } else { 1 }, own)
            }
        };
        let batch = if point.endpoint == Endpoint::Restore { size } else { BATCH_SIZE };
        let worth = |&(number, attack): &(usize, &Attack)| number % REFUSED_SAMPLE == 0 || point.can_take(attack);
        let strings: Vec<_> = attacks
            .iter()
            .enumerate()
            .step_by(point.every)
            .take(most)
            .filter(worth)
            .map(|(_, attack)| attack)
            .collect();
        strings
            .chunks(size)
            .flat_map(|thread| {
                thread.chunks(batch).map(|batch| Batch { point, name: &thread[0].place, attacks: batch.to_vec() })
            })
            .collect::<Vec<_>>()
    });
    let batches: Vec<_> = batches.collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let next = || batches.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(next).flat_map(inject_batch).collect::<Vec<_>>()
    };
    let planted: Vec<InjectedThread> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("no string is answered wrongly")).collect()
    });
    let mut threads: BTreeMap<String, InjectedThread> = BTreeMap::new();
    for planted in planted {
        let thread = threads.entry(planted.url.clone()).or_insert(InjectedThread { comments: 0, ..planted.clone() });
        thread.comments += planted.comments;
    }
    let mut threads: Vec<_> = threads.into_values().collect();
    wait(&threads);
    for thread in threads.iter_mut().filter(|thread| thread.comments > 1) {
        let query = [("url", &*thread.url)];
        thread.pages = Request::get("/v1/thread").query(&query).send(&SERVER).json::<Thread>().pages;
    }
    threads
}

/// Waits until all of these can be read.
fn wait(planted: &[InjectedThread]) {
    for threads in planted.chunks(COUNTS) {
        let query: Vec<_> = threads.iter().map(|thread| ("url", thread.url.as_str())).collect();
        wait_until("the comments to be published", || {
            let counts: Counts = Request::get("/v1/counts").query(&query).send(&SERVER).json();
            let is_there = |thread: &InjectedThread| {
                let count = counts.counts.get(&thread.url).copied().unwrap_or_default();
                usize::try_from(count).is_ok_and(|count| count >= thread.comments)
            };
            threads.iter().all(is_there).then_some(())
        });
    }
}

/// Sends these strings; gives the threads that there are then.
fn inject_batch(batch: &Batch<'_>) -> Vec<InjectedThread> {
    let point = batch.point;
    let attack_url = point.target == Target::AttackUrl;
    let (name, first, url) = (point.name, batch.name.to_owned(), String::new());
    let mut planted = InjectedThread { point: name, first, url, comments: 0, attack_url, last: None, pages: 1 };
    if point.endpoint == Endpoint::Restore {
        let restored = restore(point.restored(batch)).into_iter();
        return restored.map(|(url, comments)| InjectedThread { url, comments, ..planted.clone() }).collect();
    }
    for attack in &batch.attacks {
        if !send(point, point.fields, attack, &mut planted) && point.fields.len() > 1 {
            for field in point.fields {
                send(point, std::slice::from_ref(field), attack, &mut planted);
            }
        }
    }
    if planted.comments > 0 { vec![planted] } else { Vec::new() }
}

impl InjectedThread {
    /// The number of the comment that the next one answers.
    fn answered(&self) -> Option<String> {
        self.last.filter(|_| !self.comments.is_multiple_of(ROOT_INTERVAL)).map(|id| id.to_string())
    }
}

/// Sends one string in these fields; whether it was taken.
fn send(point: &InjectionPoint, fields: &[&'static str], attack: &Attack, planted: &mut InjectedThread) -> bool {
    let id = uuid::Uuid::new_v4().to_string();
    let url = if fields.contains(&"url") {
        point.attacked_url(&planted.first, attack)
    } else {
        point.url(&planted.first).into_bytes()
    };
    let mut sent: Vec<(&str, &[u8])> =
        vec![("id", id.as_bytes()), ("text", b"Harmless"), ("name", b"Ada"), ("url", &url)];
    let parent = planted.answered();
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
            // Two strings that are no UTF-8 may well be one when they are read; and what looks like a program's waits.
            if let Some(number) = point.endpoint.published(&response) {
                planted.comments += 1;
                planted.last = Some(number);
                planted.url = String::from_utf8_lossy(&url).into_owned();
            }
            return true;
        }
        // What a form refuses it shows again, and `forms` looks at how.
        400..500 if point.endpoint == Endpoint::Form || !attack.text().contains("canary") => {}
        400..500 => response.check_omits(&attack.text()),
        _ => panic!("{} in {fields:?} as {}: {response:?}", attack.place, point.name),
    }
    false
}

impl InjectionPoint {
    /// Whether there is a chance that it takes the string.
    fn can_take(&self, attack: &Attack) -> bool {
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
        new.check(&SITES).is_ok()
    }

    /// The posts of a file that has the strings in these fields.
    fn restored(&self, batch: &Batch<'_>) -> Vec<RestoredPost> {
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

    /// The address of a post; `bed` sets those of this way apart from each other.
    fn url(&self, batch: &str) -> String {
        format!("https://blog.example/{}/{batch}", self.name)
    }

    /// The address of a post with the string in it.
    fn attacked_url(&self, batch: &str, attack: &Attack) -> Vec<u8> {
        if self.target == Target::AttackUrl {
            return attack.bytes.clone();
        }
        // What would end the path or the query is written so that it does not.
        let escaped = |ends: &[u8]| {
            let escape =
                |byte: &u8| if ends.contains(byte) { format!("%{byte:02x}").into_bytes() } else { vec![*byte] };
            attack.bytes.iter().flat_map(escape).collect::<Vec<u8>>()
        };
        [self.url(batch).as_bytes(), b"/", &escaped(b"?#"), b"?x=", &escaped(b"#")].concat()
    }
}

impl Endpoint {
    /// The number of the comment, if it is new and can be read at once.
    fn published(self, response: &Response) -> Option<CommentId> {
        if self == Self::Json {
            let Posted { comment, status, .. } = response.json();
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

/// A form as it is sent.
pub(super) fn form(fields: &[(&str, &[u8])]) -> String {
    let pair = |(name, value): &(&str, &[u8])| format!("{name}={}", byte_serialize(value).collect::<String>());
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The comment answered is a number, wherever the string is one.
fn json_value(name: &str, value: &[u8]) -> Vec<u8> {
    let number = name == "parent" && !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    if number { value.to_vec() } else { json_string(value) }
}

/// A string of JSON. Bytes that are no UTF-8 stay what they are, which is then no JSON.
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
