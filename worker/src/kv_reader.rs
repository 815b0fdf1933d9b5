//! The published threads in KV, as readers see them. Nothing here writes.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use afterword_model::{Counts, PageReader, PostUrl, Redirect, Refusal, Sites, Sort, Thread, ThreadMeta};
use futures_util::future::try_join_all;
use js_sys::{Array, JSON, Map, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::kv::KvStore;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Env, ResponseBuilder, console_error};

use crate::platform::timeout::with_timeout;
use crate::platform::usage::Usage;

/// The binding of the KV namespace.
pub(crate) const BINDING: &str = "THREADS";
/// How long a location may keep a value before it asks again; KV takes no less.
const CACHE_SECONDS: u32 = 30;
/// Longer than KV ever takes when it works (Cloudflare's documentation speaks of milliseconds), shorter than a reader waits.
const LIMIT: Duration = Duration::from_secs(5);
/// From how many former addresses of a post a count or a stream is led on, as in [`Reading`].
const HOPS: u32 = 3;

/// Reads published threads, and counts the reads.
pub(crate) struct KvReader<'a> {
    env: &'a Env,
    kv: KvStore,
    cost: Usage,
}

/// The first page of a thread, as stored.
pub(crate) struct ThreadHead {
    /// The address of the post, which is not the one asked for if the post has moved.
    pub(crate) url: PostUrl,
    /// The JSON of [`Thread`], not yet read; none for a post nobody has written under.
    pub(crate) body: Option<web_sys::ReadableStream>,
    /// What is known of it without reading.
    pub(crate) meta: ThreadMeta,
}

impl<'a> KvReader<'a> {
    /// Over the binding of this Worker.
    pub(crate) fn new(env: &'a Env, cost: &Usage) -> Result<Self, Refusal> {
        let kv = env.kv(BINDING).map_err(|error| failed(&error))?;
        Ok(Self { env, kv, cost: cost.clone() })
    }

    /// The first page as a stream, for an answer that passes it on unread. A post that has moved takes one more read.
    pub(crate) async fn head(&self, mut url: PostUrl) -> Result<ThreadHead, Refusal> {
        for hop in 0..=HOPS {
            self.cost.kv_reads(1);
            let get = self.kv.get(&url.kv_key(1)).cache_ttl(CACHE_SECONDS.into()).stream_with_metadata::<ThreadMeta>();
            let (body, meta) = finish(got(url.as_str(), get).await)?;
            let meta = meta.unwrap_or_default();
            match body {
                Some(body) if meta.is_redirect => url = moved(body).await?,
                None if hop > 0 => break,
                body => return Ok(ThreadHead { url, body, meta }),
            }
        }
        Err(astray())
    }

    /// A page of a thread in an order, and the versions of the values it is made of. One beyond the last has no comments.
    ///
    /// The first page takes one read. Another one takes a second read after the first: a page is asked for only once the head
    /// says that it is there. One of the best first takes a third, beside the second. A post that has moved takes one more.
    pub(crate) async fn page(&self, url: &PostUrl, page: u32, sort: Sort) -> Result<(Thread, [i64; 3]), Refusal> {
        let mut reading = PageReader::new(url.clone(), page, sort);
        while let Some(keys) = reading.next_keys() {
            let values = try_join_all(keys.iter().map(|key| self.value(key))).await?;
            let (mut threads, mut moved) = (Vec::new(), None);
            for value in values {
                match value {
                    Some(Value::Thread(thread)) => threads.push(Some(thread)),
                    Some(Value::Moved(to)) => moved = Some(to),
                    None => threads.push(None),
                }
            }
            match moved {
                Some(moved) => reading.follow_redirect(moved),
                None => reading.provide(threads),
            }
        }
        if reading.is_dangling_redirect() {
            return Err(astray());
        }
        let versions = reading.versions();
        Ok((reading.into_thread(), versions))
    }

    async fn value(&self, key: &str) -> Result<Option<Value>, Refusal> {
        self.cost.kv_reads(1);
        let get = self.kv.get(key).cache_ttl(CACHE_SECONDS.into()).bytes();
        finish(got(key, get).await)?.map(|json| decode(&json)).transpose()
    }

    async fn known(&self, keys: &[String]) -> Result<HashMap<String, CountEntry>, Refusal> {
        self.cost.kv_reads(keys.len());
        let names: Array = keys.iter().map(JsValue::from).collect();
        let options = Object::new();
        let asked = Reflect::set(&options, &"cacheTtl".into(), &JsValue::from(CACHE_SECONDS))
            .and_then(|_| Reflect::get(self.env, &BINDING.into()))
            .and_then(|binding| binding.unchecked_into::<Namespace>().get_with_metadata(&names, &options))
            .map_err(|error| failed(&format!("{error:?}")))?;
        let about = keys.first().map_or("", String::as_str);
        let Some(found) = got(about, JsFuture::from(asked)).await else { return Err(failed(&"no answer in time")) };
        let found: Map = found.map_err(|error| failed(&format!("{error:?}")))?.unchecked_into();
        let mut known = HashMap::new();
        found.for_each(&mut |entry, key| {
            if let (Some(key), Some(entry)) = (key.as_string(), CountEntry::read(&entry)) {
                known.insert(key, entry);
            }
        });
        Ok(known)
    }

    /// How many comments each address has, under the very name it was asked by. Posts that have moved take one more read, all together.
    pub(crate) async fn counts(&self, sites: &Sites, urls: Vec<String>) -> Result<Counts, Refusal> {
        let key = |url: &PostUrl| url.kv_key(1);
        let mut places: Vec<Option<PostUrl>> =
            urls.iter().map(|url| sites.resolve_post(url).ok().map(|place| place.url)).collect();
        let (mut known, mut asked) = (HashMap::new(), HashSet::new());
        for _ in 0..=HOPS {
            let mut keys: Vec<String> = places.iter().flatten().map(key).filter(|key| !asked.contains(key)).collect();
            keys.sort_unstable();
            keys.dedup();
            if keys.is_empty() {
                break;
            }
            known.extend(self.known(&keys).await?);
            asked.extend(keys);
            for place in places.iter_mut().flatten() {
                if let Some(CountEntry::Moved(to)) = known.get(&key(place)) {
                    *place = to.clone();
                }
            }
        }
        let count = |place: Option<PostUrl>| match place.and_then(|place| known.get(&key(&place))) {
            Some(CountEntry::Count(count)) => *count,
            Some(CountEntry::Moved(_)) | None => 0,
        };
        Ok(Counts { counts: urls.into_iter().zip(places.into_iter().map(count)).collect() })
    }
}

/// A value of a post's own key.
enum Value {
    Thread(Thread),
    Moved(Redirect),
}

/// What is known of a post without reading its comments.
enum CountEntry {
    Count(u32),
    Moved(PostUrl),
}

impl CountEntry {
    /// Reads an entry of a bulk read.
    fn read(entry: &JsValue) -> Option<Self> {
        let meta = JSON::stringify(&Reflect::get(entry, &"metadata".into()).ok()?).ok()?;
        let meta: ThreadMeta = serde_json::from_str(&String::from(meta)).ok()?;
        if !meta.is_redirect {
            return Some(Self::Count(meta.count));
        }
        let value = Reflect::get(entry, &"value".into()).ok()?.as_string()?;
        serde_json::from_str(&value).ok().map(|Redirect { to: moved }| Self::Moved(moved))
    }
}

#[wasm_bindgen]
extern "C" {
    type Namespace;

    /// With a list of keys it answers with a `Map` (Cloudflare's documentation, "Read key-value pairs"). The binding's own method
    /// is called because `KvStore` fails on a key that is missing.
    #[wasm_bindgen(method, catch, js_name = getWithMetadata)]
    fn get_with_metadata(this: &Namespace, keys: &Array, options: &Object) -> Result<Promise, JsValue>;
}

/// What KV answers to a request about `about`, a key or the address in it, unless that takes too long.
#[cfg_attr(
    not(feature = "fault-injection"),
    expect(unused_variables, reason = "tests choose by it which requests are lost")
)]
async fn got<T>(about: &str, request: impl Future<Output = T>) -> Option<T> {
    #[cfg(feature = "fault-injection")]
    let request = crate::fault_injection::unless_stalled(about, request);
    with_timeout(LIMIT, request).await
}

fn finish<T>(result: Option<Result<T, worker::kv::KvError>>) -> Result<T, Refusal> {
    match result {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(failed(&error)),
        None => Err(failed(&"no answer in time")),
    }
}

/// A thread is tried first: it is what there is but for few posts, and the other one is told from it by its first name.
fn decode(json: &[u8]) -> Result<Value, Refusal> {
    let value = serde_json::from_slice(json).map(Value::Thread);
    value.or_else(|error| serde_json::from_slice(json).map(Value::Moved).map_err(|_| unreadable(&error)))
}

/// Where a post has moved to.
async fn moved(body: web_sys::ReadableStream) -> Result<PostUrl, Refusal> {
    let mut response = ResponseBuilder::new().stream(body);
    let Some(text) = with_timeout(LIMIT, response.text()).await else { return Err(failed(&"no answer in time")) };
    let text = text.map_err(|error| failed(&error))?;
    serde_json::from_str(&text).map(|Redirect { to: moved }| moved).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Refusal {
    console_error!("a published value cannot be read: {error}");
    Refusal::Internal
}

fn astray() -> Refusal {
    failed(&"a post has moved to where its thread is not yet")
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    console_error!("KV: {error}");
    Refusal::Busy
}
