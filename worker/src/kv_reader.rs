//! Reads published threads from KV. Nothing here writes.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::time::Duration;

use afterword_model::{
    Counts, LatestComments, MAX_REDIRECTS, Origin, PageReader, PageRuns, PostRef, PostUrl, Redirect, Refusal, Sites,
    Thread, ThreadMeta,
};
use futures_util::future::try_join_all;
use js_sys::{Array, JSON, Map, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::console_error;
use worker::kv::KvStore;
use worker::wasm_bindgen_futures::JsFuture;

use crate::context::AppContext;
use crate::platform::clock::now_seconds;
use crate::platform::log_context::json_cause;
use crate::platform::timeout::with_timeout;
use crate::settings::THREADS;

/// Time in seconds for which a location caches a value; KV accepts no shorter time.
const CACHE_SECONDS: u32 = 30;
/// Deadline of a read: longer than KV takes when it works (milliseconds, by Cloudflare's documentation), shorter than a reader waits.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Reader of published threads, which counts its reads.
pub(crate) struct KvReader<'a> {
    app: &'a AppContext,
    kv: KvStore,
}

/// A page of a thread as it was read.
pub(crate) struct ReadPage {
    pub(crate) thread: Thread,
    /// The versions of the values that the page is made of.
    pub(crate) versions: [i64; 4],
    /// The pages of the newest comments. None for a thread of one page.
    pub(crate) newest_runs: PageRuns,
}

impl<'a> KvReader<'a> {
    /// Opens the KV namespace.
    pub(crate) fn new(app: &'a AppContext) -> Result<Self, Refusal> {
        match app.env.kv(THREADS) {
            Ok(kv) => Ok(Self { app, kv }),
            Err(error) => {
                console_error!("kv namespace not available binding={THREADS} {} cause={error}", app.log);
                Err(Refusal::Busy)
            }
        }
    }

    /// Reads the page of a thread that `reader` chooses. Returns it with the versions of the values it is made of. A page beyond the last has no comments.
    ///
    /// If nothing is published at the address of the post, its former address is read, where the thread is until its ledger has moved it.
    pub(crate) async fn read(
        &self,
        post: &PostRef,
        reader: impl Fn(PostUrl) -> PageReader,
    ) -> Result<(Thread, [i64; 4]), Refusal> {
        self.read_with_runs(post, reader).await.map(|page| (page.thread, page.versions))
    }

    /// Reads a page of a thread, like [`KvReader::read`], and where its newest comments are.
    pub(crate) async fn read_with_runs(
        &self,
        post: &PostRef,
        reader: impl Fn(PostUrl) -> PageReader,
    ) -> Result<ReadPage, Refusal> {
        let mut page = self.read_at(reader(post.url.clone())).await?;
        if let Some(former_url) = post.former_url.as_ref().filter(|_| page.versions[0] == 0) {
            let former = self.read_at(reader(former_url.clone())).await?;
            page = if former.versions[0] > 0 { former } else { page };
        }
        if page.versions[0] == 0 {
            // A failed read costs no more than the look.
            page.thread.options = self.latest_comments(&post.site).await.unwrap_or_default().options;
        }
        Ok(page)
    }

    /// Reads a page of the thread at an address.
    ///
    /// The first page takes one read. Another page takes a second read after the first: it is read only once the head says that it exists.
    /// A page sorted by top comments takes a third read, at the same time as the second, and so does a continuation page that is read with
    /// its root page. A comment in a block of the index takes one more, and so does a moved post.
    async fn read_at(&self, mut reader: PageReader) -> Result<ReadPage, Refusal> {
        let requested = reader.url().clone();
        while let Some(keys) = reader.next_keys() {
            let values = try_join_all(keys.iter().map(|key| self.value(key))).await?;
            let (mut threads, mut redirect) = (Vec::new(), None);
            for value in values {
                match value {
                    Some(Value::Thread(thread)) => threads.push(Some(*thread)),
                    Some(Value::Redirect(to)) => redirect = Some(to),
                    None => threads.push(None),
                }
            }
            match redirect {
                Some(redirect) => reader.follow_redirect(redirect),
                None => reader.provide(threads),
            }
        }
        if reader.is_dangling_redirect() {
            return Err(self.dangling_redirect(&requested));
        }
        let [head, top, page] = reader.versions();
        let versions = [head, top, page, reader.root_version()];
        let newest_runs = reader.newest_runs();
        let mut thread = reader.into_thread();
        thread.closed |= thread.options.closes.is_some_and(|time| time <= now_seconds());
        if head == 0 {
            // Nothing is published that says what readers may do here.
            let settings = self.app.settings.reader_settings();
            thread.reactions = settings.reactions.names().iter().map(|name| (name.clone(), 0)).collect();
            thread.downvotes = settings.downvotes;
            thread.edit_window = settings.changed_edit_window();
        }
        Ok(ReadPage { thread, versions, newest_runs })
    }

    /// Counts the comments of each address, under the name by which it was requested. Moved posts take one more read, all together.
    pub(crate) async fn counts(&self, sites: &Sites, requested: Vec<String>) -> Result<Counts, Refusal> {
        let key = |url: &PostUrl| url.kv_key(1);
        let posts = requested.iter().map(|url| sites.resolve_post(url).ok());
        let (mut urls, mut former_urls): (Vec<Option<PostUrl>>, Vec<Option<PostUrl>>) =
            posts.map(|post| post.map_or((None, None), |post| (Some(post.url), post.former_url))).unzip();
        let (mut entries, mut read) = (HashMap::new(), HashSet::new());
        for _ in 0..=MAX_REDIRECTS {
            let mut keys: Vec<String> = urls.iter().flatten().map(key).filter(|key| !read.contains(key)).collect();
            keys.sort_unstable();
            keys.dedup();
            if keys.is_empty() {
                break;
            }
            entries.extend(self.count_entries(&keys).await?);
            read.extend(keys);
            for (url, former_url) in urls.iter_mut().zip(&mut former_urls) {
                let Some(url) = url else { continue };
                match entries.get(&key(url)) {
                    Some(CountEntry::Redirect(to)) => *url = to.clone(),
                    Some(CountEntry::Count(_)) => {}
                    None => *url = former_url.take().unwrap_or_else(|| url.clone()),
                }
            }
        }
        let count = |url: Option<PostUrl>| match url.and_then(|url| entries.get(&key(&url))) {
            Some(CountEntry::Count(count)) => *count,
            Some(CountEntry::Redirect(_)) | None => 0,
        };
        Ok(Counts { counts: requested.into_iter().zip(urls.into_iter().map(count)).collect(), ..Counts::default() })
    }

    /// Reads the latest comments of a site. They are empty before the first one.
    pub(crate) async fn latest_comments(&self, site: &Origin) -> Result<LatestComments, Refusal> {
        let key = LatestComments::kv_key(site.authority());
        Ok(self.decoded(&key, |json| serde_json::from_slice(json)).await?.unwrap_or_default())
    }

    /// Reads stored pages of a thread whose first page was read, all at the same time.
    pub(crate) async fn stored_pages(&self, head: &Thread, pages: &[u32]) -> Result<Vec<Thread>, Refusal> {
        let keys: Vec<String> = pages.iter().map(|page| head.url.kv_key(*page)).collect();
        let values = try_join_all(keys.iter().map(|key| self.value(key))).await?;
        let thread = |value| match value {
            Some(Value::Thread(thread)) => Some(*thread),
            Some(Value::Redirect(_)) | None => None,
        };
        Ok(values.into_iter().filter_map(thread).collect())
    }

    async fn value(&self, key: &str) -> Result<Option<Value>, Refusal> {
        self.decoded(key, decode).await
    }

    async fn decoded<T>(
        &self,
        key: &str,
        decode: impl FnOnce(&[u8]) -> Result<T, serde_json::Error>,
    ) -> Result<Option<T>, Refusal> {
        let get = self.kv.get(key).cache_ttl(CACHE_SECONDS.into()).bytes();
        let value = self.app.usage.kv_reads.track(1, receive(key, get)).await;
        match self.checked(key, value)? {
            Some(json) => decode(&json).map(Some).map_err(|error| self.unreadable(key, &json_cause(&error))),
            None => Ok(None),
        }
    }

    async fn count_entries(&self, keys: &[String]) -> Result<HashMap<String, CountEntry>, Refusal> {
        let first_key = keys.first().map_or("", String::as_str);
        let names: Array = keys.iter().map(JsValue::from).collect();
        let options = Object::new();
        let request = Reflect::set(&options, &"cacheTtl".into(), &JsValue::from(CACHE_SECONDS))
            .and_then(|_| Reflect::get(&self.app.env, &THREADS.into()))
            .and_then(|binding| binding.unchecked_into::<Namespace>().get_with_metadata(&names, &options))
            .map_err(|error| self.failed(first_key, &format!("{error:?}")))?;
        let response = self.app.usage.kv_reads.track(keys.len(), receive(first_key, JsFuture::from(request))).await;
        let response = response.map(|result| result.map_err(|error| format!("{error:?}")));
        let values: Map = self.checked(first_key, response)?.unchecked_into();
        let mut entries = Ok(HashMap::new());
        values.for_each(&mut |entry, key| {
            let key = key.as_string().unwrap_or_default();
            match (CountEntry::read(&entry), &mut entries) {
                (Ok(Some(entry)), Ok(entries)) => drop(entries.insert(key, entry)),
                (Err(cause), _) => entries = Err(self.unreadable(&key, &cause)),
                (Ok(_), _) => {}
            }
        });
        entries
    }

    /// Logs a failed or timed-out read.
    fn checked<T, E: Display>(&self, key: &str, result: Option<Result<T, E>>) -> Result<T, Refusal> {
        match result {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(self.failed(key, &error)),
            None => Err(self.failed(key, &"timed out")),
        }
    }

    fn failed(&self, key: &str, cause: &dyn Display) -> Refusal {
        console_error!("kv read failed key={key} {} cause={cause}", self.app.log);
        Refusal::Busy
    }

    /// Logs a value that cannot be read. Readers must not be told that the post has no comments.
    fn unreadable(&self, key: &str, cause: &str) -> Refusal {
        console_error!("published value not readable key={key} {} cause={cause}", self.app.log);
        Refusal::Busy
    }

    fn dangling_redirect(&self, url: &PostUrl) -> Refusal {
        self.failed(&url.kv_key(1), &"the post has moved to an address whose thread is not published yet")
    }
}

/// Value of a post's own key.
enum Value {
    Thread(Box<Thread>),
    Redirect(Redirect),
}

/// Metadata of a post, read without its comments.
enum CountEntry {
    Count(u32),
    Redirect(PostUrl),
}

impl CountEntry {
    /// Decodes an entry of a bulk read. Returns `None` for a missing key, and the cause for the log if the entry cannot be read.
    fn read(entry: &JsValue) -> Result<Option<Self>, String> {
        if entry.is_null() || entry.is_undefined() {
            return Ok(None);
        }
        let field = |name: &str| Reflect::get(entry, &name.into()).unwrap_or_default();
        let value = field("value");
        if value.is_null() || value.is_undefined() {
            return Ok(None);
        }
        let meta = JSON::stringify(&field("metadata")).map(String::from).map_err(|_| "no metadata")?;
        let meta: ThreadMeta = serde_json::from_str(&meta).map_err(|error| json_cause(&error))?;
        if !meta.is_redirect {
            return Ok(Some(Self::Count(meta.count)));
        }
        let value = value.as_string().unwrap_or_default();
        let Redirect { to } = serde_json::from_str(&value).map_err(|error| json_cause(&error))?;
        Ok(Some(Self::Redirect(to)))
    }
}

#[wasm_bindgen]
extern "C" {
    type Namespace;

    /// Bulk read, which returns a `Map` (Cloudflare's documentation, "Read key-value pairs"). The binding's own method is called because
    /// `KvStore` fails on a missing key.
    #[wasm_bindgen(method, catch, js_name = getWithMetadata)]
    fn get_with_metadata(this: &Namespace, keys: &Array, options: &Object) -> Result<Promise, JsValue>;
}

/// Waits for KV's answer. Returns `None` after the timeout. Tests stall requests whose `target`, a key or its address, they chose.
#[cfg_attr(not(feature = "fault-injection"), expect(unused_variables, reason = "only tests use the target"))]
async fn receive<T>(target: &str, request: impl Future<Output = T>) -> Option<T> {
    #[cfg(feature = "fault-injection")]
    let request = crate::platform::faults::unless_stalled(target, request);
    with_timeout(READ_TIMEOUT, request).await
}

/// Decodes a thread or a redirect. A thread is tried first, because few posts have moved; the first field tells them apart.
fn decode(json: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(json)
        .map(|thread| Value::Thread(Box::new(thread)))
        .or_else(|error| serde_json::from_slice(json).map(Value::Redirect).map_err(|_| error))
}
