//! The ways in: every field that a stranger can fill, of every call that takes a comment.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_model::limits::COUNT_URLS;
use afterword_model::{CommentId, Counts, PostedComment, Sites, Status, Thread};
use afterword_tests::{Answer, Attack, Call, comment, until};
use url::form_urlencoded::byte_serialize;

use super::restored::{self, Restored, restore};
use super::{ATTACKS, SERVER};

/// Of the strings that a field cannot take, every so many is sent in it all the same: the others would be the same refusal, whose page
/// `parsed` looks at.
const REFUSED: usize = 8;
/// Comments that begin a thread of their own, of so many in a row; the others answer the one before.
const ROOTS: usize = 12;
/// Strings that one client sends in a row.
const BED: usize = 40;
/// Clients that post at once.
pub(super) const CLIENTS: usize = 4;

static SITES: LazyLock<Sites> =
    LazyLock::new(|| Sites::parse("https://blog.example=localhost,127.0.0.1").expect("the sites are well formed"));

/// A way in.
struct WayIn {
    name: &'static str,
    door: Door,
    /// What holds the string: all of these at once, and each alone where they are refused together.
    fields: &'static [&'static str],
    posts: Posts,
    /// It takes every so many of the strings: more than 1 where another way reads the same fields, or where hardly any is taken, and each
    /// costs a post or a file of its own.
    every: usize,
}

/// The call that takes the comment.
#[derive(Clone, Copy, PartialEq)]
enum Door {
    Json,
    Form,
    /// A file that a moderator restores; its fields have names of their own.
    Restore,
}

/// The posts that are commented on.
#[derive(Clone, Copy, PartialEq)]
enum Posts {
    /// One for so many strings.
    Shared(usize),
    /// One for each comment; the field `url` has the string in its path and in its query.
    Own,
    /// The string is the address.
    Strange,
}

/// All of them. A new one is a new line.
const WAYS_IN: &[WayIn] = &[
    WayIn {
        name: "form",
        door: Door::Form,
        fields: &["text", "name", "id", "lang"],
        posts: Posts::Shared(300),
        every: 1,
    },
    WayIn { name: "json", door: Door::Json, fields: &["text", "name"], posts: Posts::Shared(80), every: 1 },
    WayIn {
        name: "restore",
        door: Door::Restore,
        fields: &["source", "name", "html"],
        posts: Posts::Shared(80),
        every: 1,
    },
    WayIn { name: "restore-website", door: Door::Restore, fields: &["website"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "restore-mark", door: Door::Restore, fields: &["mark"], posts: Posts::Shared(80), every: 24 },
    WayIn { name: "restore-signals", door: Door::Restore, fields: &["signals"], posts: Posts::Shared(80), every: 24 },
    WayIn { name: "restore-post", door: Door::Restore, fields: &["url", "title"], posts: Posts::Own, every: 3 },
    WayIn { name: "json-website", door: Door::Json, fields: &["website"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "json-email", door: Door::Json, fields: &["email"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "json-parent", door: Door::Json, fields: &["parent"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "json-id", door: Door::Json, fields: &["id"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "json-post", door: Door::Json, fields: &["url", "title"], posts: Posts::Own, every: 1 },
    WayIn { name: "json-url", door: Door::Json, fields: &["url"], posts: Posts::Strange, every: 1 },
    WayIn { name: "json-proof", door: Door::Json, fields: &["proof", "subject"], posts: Posts::Shared(80), every: 3 },
    WayIn { name: "form-token", door: Door::Form, fields: &["token", "subject"], posts: Posts::Shared(80), every: 3 },
    WayIn { name: "form-website", door: Door::Form, fields: &["website"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "form-email", door: Door::Form, fields: &["email"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "form-parent", door: Door::Form, fields: &["parent"], posts: Posts::Shared(80), every: 1 },
    WayIn { name: "form-post", door: Door::Form, fields: &["url", "title"], posts: Posts::Own, every: 3 },
    WayIn { name: "form-url", door: Door::Form, fields: &["url"], posts: Posts::Strange, every: 1 },
];

/// A thread with strings of the corpus in it.
#[derive(Clone, Debug)]
pub(super) struct Planted {
    /// The way they came in.
    pub(super) way: &'static str,
    /// The first of them, by its place in the corpus.
    pub(super) first: String,
    /// The address of the post, as it was sent.
    pub(super) url: String,
    /// How many of them became comments; there may be others on a strange address, for many are one in the end.
    pub(super) comments: usize,
    pub(super) strange: bool,
    /// The number of the last one.
    last: Option<CommentId>,
    /// How many pages there are.
    pub(super) pages: u32,
}

/// Every thread there is after each string of the corpus was sent in by each way.
pub(super) static PLANTED: LazyLock<Vec<Planted>> = LazyLock::new(|| sow(&ATTACKS, usize::MAX));

/// Threads of the same kinds in which there is nothing wrong.
pub(super) static HARMLESS: LazyLock<Vec<Planted>> = LazyLock::new(|| {
    let words = ["Plain words", "https://harmless.example/", "ada@harmless.example", "k3f9"];
    let string = |number: usize| Attack {
        place: format!("harmless:{number}"),
        bytes: format!("{}{number}", words[number % words.len()]).into_bytes(),
    };
    sow(&(0..135).map(string).collect::<Vec<_>>(), words.len())
});

/// Some strings for one client to send to one post, or each to one of its own.
struct Bed<'a> {
    way: &'static WayIn,
    /// What is the way's and the post's own in its address.
    name: &'a str,
    attacks: Vec<&'a Attack>,
}

/// Sends all strings by all ways; of those that have a post of their own only so many.
fn sow(attacks: &[Attack], own: usize) -> Vec<Planted> {
    let beds = WAYS_IN.iter().flat_map(|way| {
        let (size, most) = match way.posts {
            Posts::Shared(size) => (size, usize::MAX),
            Posts::Own | Posts::Strange => (if way.door == Door::Restore { BED } else { 1 }, own),
        };
        let bed = if way.door == Door::Restore { size } else { BED };
        let worth = |&(number, attack): &(usize, &Attack)| number % REFUSED == 0 || way.can_take(attack);
        let strings: Vec<_> =
            attacks.iter().enumerate().step_by(way.every).take(most).filter(worth).map(|(_, attack)| attack).collect();
        strings
            .chunks(size)
            .flat_map(|thread| thread.chunks(bed).map(|bed| Bed { way, name: &thread[0].place, attacks: bed.to_vec() }))
            .collect::<Vec<_>>()
    });
    let beds: Vec<_> = beds.collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let next = || beds.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(next).flat_map(plant).collect::<Vec<_>>()
    };
    let planted: Vec<Planted> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("no string is answered wrongly")).collect()
    });
    let mut threads: BTreeMap<String, Planted> = BTreeMap::new();
    for planted in planted {
        let thread = threads.entry(planted.url.clone()).or_insert(Planted { comments: 0, ..planted.clone() });
        thread.comments += planted.comments;
    }
    let mut threads: Vec<_> = threads.into_values().collect();
    wait(&threads);
    for thread in threads.iter_mut().filter(|thread| thread.comments > 1) {
        let query = [("url", &*thread.url)];
        thread.pages = Call::get("/v1/thread").query(&query).send(&SERVER).json::<Thread>().pages;
    }
    threads
}

/// Waits until all of these can be read.
fn wait(planted: &[Planted]) {
    for threads in planted.chunks(COUNT_URLS) {
        let query: Vec<_> = threads.iter().map(|thread| ("url", thread.url.as_str())).collect();
        until("the comments to be published", || {
            let counts: Counts = Call::get("/v1/counts").query(&query).send(&SERVER).json();
            let is_there = |thread: &Planted| {
                let count = counts.counts.get(&thread.url).copied().unwrap_or_default();
                usize::try_from(count).is_ok_and(|count| count >= thread.comments)
            };
            threads.iter().all(is_there).then_some(())
        });
    }
}

/// Sends these strings; gives the threads that there are then.
fn plant(bed: &Bed<'_>) -> Vec<Planted> {
    let way = bed.way;
    let strange = way.posts == Posts::Strange;
    let (name, first, url) = (way.name, bed.name.to_owned(), String::new());
    let mut planted = Planted { way: name, first, url, comments: 0, strange, last: None, pages: 1 };
    if way.door == Door::Restore {
        let restored = restore(way.restored(bed)).into_iter();
        return restored.map(|(url, comments)| Planted { url, comments, ..planted.clone() }).collect();
    }
    for attack in &bed.attacks {
        if !send(way, way.fields, attack, &mut planted) && way.fields.len() > 1 {
            for field in way.fields {
                send(way, std::slice::from_ref(field), attack, &mut planted);
            }
        }
    }
    if planted.comments > 0 { vec![planted] } else { Vec::new() }
}

impl Planted {
    /// The number of the comment that the next one answers.
    fn answered(&self) -> Option<String> {
        self.last.filter(|_| !self.comments.is_multiple_of(ROOTS)).map(|id| id.to_string())
    }
}

/// Sends one string in these fields; whether it was taken.
fn send(way: &WayIn, fields: &[&'static str], attack: &Attack, planted: &mut Planted) -> bool {
    let id = uuid::Uuid::new_v4().to_string();
    let url = if fields.contains(&"url") {
        way.strange_url(&planted.first, attack)
    } else {
        way.url(&planted.first).into_bytes()
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
    let answer = way.door.call(&sent).send(&SERVER);
    match answer.status {
        200 | 201 | 303 => {
            // Two strings that are no UTF-8 may well be one when they are read; and what looks like a program's waits.
            if let Some(number) = way.door.published(&answer) {
                planted.comments += 1;
                planted.last = Some(number);
                planted.url = String::from_utf8_lossy(&url).into_owned();
            }
            return true;
        }
        // What a form refuses it shows again, and `forms` looks at how.
        400..500 if way.door == Door::Form || !attack.text().contains("canary") => {}
        400..500 => answer.check_silent_about(&attack.text()),
        _ => panic!("{} in {fields:?} as {}: {answer:?}", attack.place, way.name),
    }
    false
}

impl WayIn {
    /// Whether there is a chance that it takes the string.
    fn can_take(&self, attack: &Attack) -> bool {
        let mut new = comment("https://blog.example/", "Harmless");
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

    /// The posts of a file that has the strings in these fields.
    fn restored(&self, bed: &Bed<'_>) -> Vec<Restored> {
        let post = |(number, attack): (usize, &&Attack)| {
            let url = self.strange_url(&format!("{}/{number}", bed.name), attack);
            let url = String::from_utf8_lossy(&url).into_owned();
            Restored { url, title: attack.text().into_owned(), comments: vec![restored::comment(&[], attack)] }
        };
        if self.posts == Posts::Own {
            return bed.attacks.iter().enumerate().map(post).collect();
        }
        let comments = bed.attacks.iter().map(|attack| restored::comment(self.fields, attack)).collect();
        vec![Restored { url: self.url(bed.name), title: "A post".to_owned(), comments }]
    }

    /// The address of a post; `bed` sets those of this way apart from each other.
    fn url(&self, bed: &str) -> String {
        format!("https://blog.example/{}/{bed}", self.name)
    }

    /// The address of a post with the string in it.
    fn strange_url(&self, bed: &str, attack: &Attack) -> Vec<u8> {
        if self.posts == Posts::Strange {
            return attack.bytes.clone();
        }
        // What would end the path or the query is written so that it does not.
        let escaped = |ends: &[u8]| {
            let escape =
                |byte: &u8| if ends.contains(byte) { format!("%{byte:02x}").into_bytes() } else { vec![*byte] };
            attack.bytes.iter().flat_map(escape).collect::<Vec<u8>>()
        };
        [self.url(bed).as_bytes(), b"/", &escaped(b"?#"), b"?x=", &escaped(b"#")].concat()
    }
}

impl Door {
    /// The number of the comment, if it is new and can be read at once.
    fn published(self, answer: &Answer) -> Option<CommentId> {
        if self == Self::Json {
            let PostedComment { comment, status, .. } = answer.json();
            return (answer.status == 201 && status == Status::Published).then_some(comment.id);
        }
        let location = answer.header("location")?;
        let (outcome, number) = location.split_once("#comment-")?;
        let number = number.parse().ok()?;
        outcome.contains("posted=published").then_some(CommentId::new(number))
    }

    fn call(self, fields: &[(&str, &[u8])]) -> Call {
        match self {
            Self::Json => {
                let members: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| [&json_string(name.as_bytes())[..], b":", &json_value(name, value)].concat())
                    .collect();
                Call::post_json([b"{", &members.join(&b","[..])[..], b"}"].concat())
            }
            Self::Form | Self::Restore => {
                Call::post_form("/thread", &[]).header("Origin", SERVER.origin()).body(form(fields))
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
