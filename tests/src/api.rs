//! HTTP requests to the Worker. Every response passes [`Response::check_security_headers`].

use std::time::Duration;

use afterword_model::{Comment, ErrorBody, NewComment, PostUrl, Refusal, Thread};
use serde_json::Value;
use ureq::http;

use crate::server::{MODERATOR_AUTHORIZATION, Server};
use crate::wait::{DEFAULT_TIMEOUT, wait_until_within};

/// Time limit of a request, unless [`Request::timeout`] sets another.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A request to the Worker that has not been sent yet.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    timeout: Duration,
}

impl Request {
    /// A request with any method and no body. `path` begins with a slash and is sent unchanged.
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Vec::new(), timeout: REQUEST_TIMEOUT }
    }

    /// A simple `GET`.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    /// A submission in the form in which the widget sends it.
    pub fn post_comment(comment: &NewComment) -> Self {
        Self::post_json(serde_json::to_vec(comment).expect("a submission is JSON"))
    }

    /// A `POST` of any body to `/v1/comments`, declared as JSON.
    pub fn post_json(body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", "/v1/comments").header("Content-Type", "application/json").body(body)
    }

    /// A form in the form in which a browser without JavaScript sends it.
    pub fn post_form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::new("POST", path).header("Content-Type", "application/x-www-form-urlencoded").body(body)
    }

    /// A moderator's request about the test blog.
    pub fn as_moderator(method: &'static str, path: &str) -> Self {
        Self::new(method, path)
            .header("Authorization", MODERATOR_AUTHORIZATION)
            .query(&[("site", "https://blog.example")])
    }

    /// Appends query parameters.
    pub fn query(mut self, parameters: &[(&str, &str)]) -> Self {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(&query);
        self
    }

    /// Sets a header, replacing one of the same name.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Removes the header of this name.
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a time limit other than the default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends the request and checks the invariants of every response. Redirects are not followed.
    #[track_caller]
    pub fn send(&self, server: &Server) -> Response {
        self.try_send(&server.origin()).expect("the Worker responds")
    }

    /// Sends the request to an origin where no Worker may be running. Returns `None` if there is no complete response.
    #[track_caller]
    pub fn try_send(&self, origin: &str) -> Option<Response> {
        let response = self.try_send_to_blog(origin)?;
        response.check_security_headers(&self.path);
        Some(response)
    }

    /// Sends the request to a server whose responses may be those of a blog, which have headers of their own.
    pub fn try_send_to_blog(&self, origin: &str) -> Option<Response> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(self.timeout));
        let mut request = http::Request::builder().method(self.method).uri(format!("{origin}{}", self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(self.body.as_slice()).expect("the request is well formed");
        Response::read(ureq::Agent::from(config.build()).run(request).ok()?)
    }
}

/// A response of the Worker.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Response {
    /// Returns `None` if the body is cut off.
    fn read(mut response: http::Response<ureq::Body>) -> Option<Self> {
        let body = response.body_mut().with_config().limit(256 << 20).read_to_vec().ok()?;
        Some(Self { status: response.status().as_u16(), headers: response.headers().clone(), body })
    }

    /// The value of a header. Several headers of one name are joined with commas, as HTTP defines.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the response is UTF-8")
    }

    /// The body, decoded as a type of `model`.
    #[track_caller]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        assert_eq!(
            self.header("content-type").as_deref().map(|kind| kind.starts_with("application/json")),
            Some(true),
            "{self:?}"
        );
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Checks the status alone.
    #[track_caller]
    pub fn check_status(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
    }

    /// Checks status, code and field of a refusal, and that the error body is exactly the one `model` defines.
    #[track_caller]
    pub fn check_refusal(&self, refusal: Refusal) {
        let body: ErrorBody = self.json();
        assert_eq!(body.challenge.is_some(), refusal.is_proof_failure(), "{body:?}");
        let mut expected = ErrorBody { challenge: body.challenge.clone(), ..ErrorBody::from(refusal) };
        expected.error.excess = body.error.excess;
        assert_eq!((self.status, body), (refusal.status(), expected), "expected {refusal:?}");
        let raw: Value = self.json();
        let names: Vec<_> = raw["error"].as_object().expect("an object").keys().cloned().collect();
        assert!(
            names.iter().all(|name| ["code", "message", "field", "hint", "excess"].contains(&name.as_str())),
            "{names:?}"
        );
    }

    /// Checks that neither body nor headers contain `canary`.
    #[track_caller]
    pub fn check_omits(&self, canary: &str) {
        assert!(!String::from_utf8_lossy(&self.body).contains(canary), "the body repeats what was sent: {self:?}");
        for (name, value) in &self.headers {
            assert!(
                !String::from_utf8_lossy(value.as_bytes()).contains(canary),
                "{name} repeats what was sent: {self:?}"
            );
        }
    }

    /// Every response has `nosniff` and a strict CSP. None allows credentials, and only pages of moderators set a cookie or run a script.
    #[track_caller]
    fn check_security_headers(&self, path: &str) {
        assert_eq!(self.header("x-content-type-options").as_deref(), Some("nosniff"), "{path}: {self:?}");
        assert_eq!(self.header("strict-transport-security").as_deref(), Some("max-age=31536000"), "{path}: {self:?}");
        let says_when =
            self.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0));
        assert_eq!(says_when, matches!(self.status, 429 | 503), "{path}: {self:?}");
        let is_admin = path.starts_with("/admin");
        for cookie in self.headers.get_all("set-cookie") {
            let cookie = String::from_utf8_lossy(cookie.as_bytes());
            assert!(is_admin, "{path}: {self:?}");
            // The second cookie is that of the local runtime, for WebKit.
            let attributes = if cookie.starts_with("afterword-local=") {
                "; Path=/; HttpOnly; SameSite=Strict"
            } else {
                "; Path=/; Secure; HttpOnly; SameSite=Strict"
            };
            assert!(cookie.starts_with("afterword-local=") || cookie.starts_with("__Host-"), "{path}: {cookie}");
            assert!(cookie.ends_with(attributes), "{path}: {cookie}");
        }
        assert_eq!(self.header("access-control-allow-credentials"), None, "{path}: {self:?}");
        // Only the loader and its assets may be loaded by pages of any origin.
        let shared =
            self.status < 400 && (["/embed.js", "/count.js", "/assets/"].iter().any(|it| path.starts_with(it)));
        let expected = if shared { "cross-origin" } else { "same-origin" };
        assert_eq!(self.header("cross-origin-resource-policy").as_deref(), Some(expected), "{path}: {self:?}");
        let is_import_script = matches!(path, "/import.js" | "/import-worker.js");
        let is_asset = shared || is_import_script;
        assert!(is_asset || self.header("x-frame-options").as_deref() == Some("DENY"), "{path}: {self:?}");
        let policy = self.header("content-security-policy").unwrap_or_default();
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        // The pages that read the files of other systems compile WebAssembly.
        let reads_files =
            ["/admin/transfer", "/admin/import", "/import-worker.js"].iter().any(|it| path.starts_with(it));
        let checked = if reads_files { policy.replace("'wasm-unsafe-eval'", "") } else { policy.clone() };
        for forbidden in ["unsafe-", "*", "http:", "https:"] {
            assert!(!checked.contains(forbidden), "{path}: {policy}");
        }
        if is_admin {
            assert_eq!(self.header("cache-control").as_deref(), Some("no-store"), "{path}: {self:?}");
        } else {
            assert!(is_import_script || !policy.contains("script-src"), "{path}: {policy}");
        }
        let referrer = self.header("referrer-policy").unwrap_or_default();
        let strict = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];
        assert!(strict.contains(&referrer.as_str()), "{path}: Referrer-Policy is {referrer:?}");
    }
}

/// The operations that a request cost, from its `Afterword-Cost` header: KV reads and requests to the object.
#[track_caller]
pub fn usage(response: &Response) -> [u32; 2] {
    let header = response.header("afterword-cost").unwrap_or_else(|| panic!("no Afterword-Cost header: {response:?}"));
    ["kv-read", "object"].map(|name| {
        let part = header.split(", ").find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        part.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {name} in {header:?}"))
    })
}

/// The canonical address of a post that belongs to one test.
pub fn post_url(name: &str) -> String {
    let path = name.rsplit("::").next().unwrap_or(name);
    let url = format!("https://blog.example/{path}");
    PostUrl::parse(&url).expect("a valid address").to_string()
}

/// A submission with a new UUID.
pub fn new_comment(url: &str, text: &str) -> NewComment {
    NewComment {
        id: uuid::Uuid::new_v4().to_string(),
        url: url.to_owned(),
        text: text.to_owned(),
        name: Some("Ada".to_owned()),
        ..NewComment::default()
    }
}

/// Posts many short comments to a thread, from several clients at once, and waits until they are published.
///
/// # Panics
///
/// If a comment is not accepted.
pub fn post_many_comments(server: &Server, url: &str, count: u32) -> Vec<Comment> {
    const CLIENTS: usize = 8;
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                for number in (0..count).skip(client).step_by(CLIENTS) {
                    let response = Request::post_comment(&new_comment(url, &format!("number *{number}*"))).send(server);
                    assert_eq!(response.status, 201, "{response:?}");
                }
            });
        }
    });
    wait_for_thread(server, url, count)
}

/// Waits until a thread of exactly `count` comments is published, and returns the comments of all its pages.
#[track_caller]
pub fn wait_for_thread(server: &Server, url: &str, count: u32) -> Vec<Comment> {
    wait_for_thread_within(DEFAULT_TIMEOUT, server, url, count)
}

/// Same as [`wait_for_thread`], with another time limit.
#[track_caller]
pub fn wait_for_thread_within(timeout: Duration, server: &Server, url: &str, count: u32) -> Vec<Comment> {
    let first: Thread = wait_until_within(timeout, &format!("{count} comments to be published"), || {
        let thread: Thread = Request::get("/v1/thread").query(&[("url", url)]).send(server).json();
        (thread.count == count).then_some(thread)
    });
    let mut comments = first.comments;
    for page in 2..=first.pages {
        let response = Request::get("/v1/thread").query(&[("url", url), ("page", &page.to_string())]).send(server);
        let next: Thread = response.json();
        assert_eq!((next.page, next.pages), (page, first.pages));
        comments.extend(next.comments);
    }
    comments
}

/// The value of a hidden field in a page's form.
#[track_caller]
pub fn hidden_field(page: &str, field: &str) -> String {
    let name = format!("name=\"{field}\"");
    let tags = page.split('<').filter(|tag| tag.starts_with("input") && tag.contains(&name));
    let value =
        tags.map(|tag| tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()).next();
    value.unwrap_or_else(|| panic!("no hidden field {field} in {page}")).to_owned()
}
