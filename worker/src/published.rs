//! The published threads in KV, as readers see them. Nothing here writes.

use std::collections::HashMap;
use std::time::Duration;

use afterword_model::{Counts, Place, PostUrl, Reading, Refusal, Sites, Sort, Thread, ThreadMeta};
use js_sys::{Array, JSON, Map, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::kv::KvStore;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Env, console_error};

use crate::cost::Cost;
use crate::deadline::within;

/// The binding of the KV namespace.
pub(crate) const BINDING: &str = "THREADS";
/// How long a location may keep a value before it asks again; KV takes no less.
const CACHE_SECONDS: u32 = 30;
/// Longer than KV ever takes when it works (Cloudflare's documentation speaks of milliseconds), shorter than a reader waits.
const LIMIT: Duration = Duration::from_secs(5);

/// Reads published threads, and counts the reads.
pub(crate) struct Published<'a> {
    env: &'a Env,
    kv: KvStore,
    cost: Cost,
}

/// The first page of a thread, as stored.
pub(crate) struct Head {
    /// The JSON of [`Thread`], not yet read; none for a post nobody has written under.
    pub(crate) body: Option<web_sys::ReadableStream>,
    /// What is known of it without reading.
    pub(crate) meta: ThreadMeta,
}

impl<'a> Published<'a> {
    /// Over the binding of this Worker.
    pub(crate) fn new(env: &'a Env, cost: &Cost) -> Result<Self, Refusal> {
        let kv = env.kv(BINDING).map_err(|error| failed(&error))?;
        Ok(Self { env, kv, cost: cost.clone() })
    }

    /// The first page as a stream, for an answer that passes it on unread.
    pub(crate) async fn head(&self, url: &PostUrl) -> Result<Head, Refusal> {
        self.cost.kv_read();
        let get = self.kv.get(&url.kv_key(1)).cache_ttl(CACHE_SECONDS.into()).stream_with_metadata::<ThreadMeta>();
        let (body, meta) = finish(within(LIMIT, get).await)?;
        Ok(Head { body, meta: meta.unwrap_or_default() })
    }

    /// A page of a thread in an order, and the versions of the values it is made of. One beyond the last has no comments.
    ///
    /// The first page takes one read. Another one takes a second read after the first: a page is asked for only once the head
    /// says that it is there.
    pub(crate) async fn page(&self, url: &PostUrl, page: u32, sort: Sort) -> Result<(Thread, [i64; 3]), Refusal> {
        let mut reading = Reading::new(url.clone(), page, sort);
        while let Some(key) = reading.key() {
            self.cost.kv_read();
            let get = self.kv.get(&key).cache_ttl(CACHE_SECONDS.into()).text();
            let text = finish(within(LIMIT, get).await)?;
            reading.take(text.map(|text| decode(&text)).transpose()?);
        }
        let versions = reading.versions();
        Ok((reading.thread(), versions))
    }

    async fn metas(&self, keys: &[String]) -> Result<Metas, Refusal> {
        self.cost.kv_read();
        let keys: Array = keys.iter().map(JsValue::from).collect();
        let options = Object::new();
        let asked = Reflect::set(&options, &"cacheTtl".into(), &JsValue::from(CACHE_SECONDS))
            .and_then(|_| Reflect::get(self.env, &BINDING.into()))
            .and_then(|binding| binding.unchecked_into::<Namespace>().get_with_metadata(&keys, &options))
            .map_err(|error| failed(&format!("{error:?}")))?;
        let Some(found) = within(LIMIT, JsFuture::from(asked)).await else { return Err(failed(&"no answer in time")) };
        let found: Map = found.map_err(|error| failed(&format!("{error:?}")))?.unchecked_into();
        let mut metas = Metas::new();
        found.for_each(&mut |entry, key| {
            let meta = Reflect::get(&entry, &"metadata".into()).ok().and_then(|meta| JSON::stringify(&meta).ok());
            let meta = meta.and_then(|meta| serde_json::from_str(&String::from(meta)).ok());
            if let (Some(key), Some(meta)) = (key.as_string(), meta) {
                metas.insert(key, meta);
            }
        });
        Ok(metas)
    }

    /// How many comments each address has, under the very name it was asked by.
    pub(crate) async fn counts(&self, sites: &Sites, urls: Vec<String>) -> Result<Counts, Refusal> {
        let places: Vec<Option<Place>> = urls.iter().map(|url| sites.place(url).ok()).collect();
        let mut keys: Vec<String> = places.iter().flatten().map(|place| place.url.kv_key(1)).collect();
        keys.sort_unstable();
        keys.dedup();
        let found = if keys.is_empty() { Metas::new() } else { self.metas(&keys).await? };
        let count = |place: Option<Place>| {
            let meta = place.and_then(|place| found.get(&place.url.kv_key(1)).copied());
            meta.map_or(0, |meta| meta.count)
        };
        Ok(Counts { counts: urls.into_iter().zip(places.into_iter().map(count)).collect() })
    }
}

/// What is known of threads without reading them, by key.
type Metas = HashMap<String, ThreadMeta>;

#[wasm_bindgen]
extern "C" {
    type Namespace;

    /// With a list of keys it answers with a `Map` (Cloudflare's documentation, "Read key-value pairs"). The binding's own method
    /// is called because `KvStore` fails on a key that is missing.
    #[wasm_bindgen(method, catch, js_name = getWithMetadata)]
    fn get_with_metadata(this: &Namespace, keys: &Array, options: &Object) -> Result<Promise, JsValue>;
}

fn finish<T>(result: Option<Result<T, worker::kv::KvError>>) -> Result<T, Refusal> {
    match result {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(failed(&error)),
        None => Err(failed(&"no answer in time")),
    }
}

fn decode(text: &str) -> Result<Thread, Refusal> {
    serde_json::from_str(text).map_err(|error| {
        console_error!("a published thread cannot be read: {error}");
        Refusal::Internal
    })
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    console_error!("KV: {error}");
    Refusal::Busy
}
