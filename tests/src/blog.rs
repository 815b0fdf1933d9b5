//! A blog on another origin than the Worker's, served from the test process on `127.0.0.1`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::process::root;
use crate::server::Server;

/// Stylesheet of a blog with a light and a dark scheme. It sets the background because axe does not see the browser's
/// default.
const STYLE: &str = "
:root { color-scheme: light dark; background: #fcfcfa; color: #1f2328; font: 17px/1.6 Georgia, serif }
body { margin: 0 auto; max-width: 42em; padding: 1em }
@media (prefers-color-scheme: dark) { :root { background: #15171a; color: #dfe2e6 } }
";

/// Address of the Worker in examples and fixtures.
const EXAMPLE_WORKER: &str = "http://localhost:8787";

/// The file served at one path.
#[derive(Clone, Debug)]
struct StaticFile {
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// A small static web server that holds the pages of all tests.
#[derive(Debug)]
pub struct HostSite {
    port: u16,
    pages: Arc<Mutex<HashMap<String, StaticFile>>>,
}

impl HostSite {
    /// Starts the server on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let plain = |path: &str, body: &str| (path.to_owned(), StaticFile { headers: Vec::new(), body: body.into() });
        // Browsers always request an icon and report an error in the console if there is none.
        let pages = HashMap::from([plain("/favicon.ico", ""), plain("/blog.css", STYLE)]);
        let pages = Arc::new(Mutex::new(pages));
        let file = Arc::clone(&pages);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let file = Arc::clone(&file);
                // A client that closes the connection early does not fail the test.
                std::thread::spawn(move || response(stream, &file).ok());
            }
        });
        Self { port, pages }
    }

    /// The origin of the blog.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Publishes a page and returns its address.
    pub fn publish(&self, page: &HostPage) -> String {
        let file = StaticFile { headers: page.headers.clone(), body: page.html().into_bytes() };
        self.put(&page.path, file);
        format!("{}{}", self.origin(), page.path)
    }

    /// Publishes a file and returns its address. The end of `path` decides on its content type.
    pub fn publish_file(&self, path: &str, body: &str) -> String {
        self.put(path, StaticFile { headers: Vec::new(), body: body.into() });
        format!("{}{path}", self.origin())
    }

    /// Publishes the example blog of `examples/plain-html`, with its comments on `server`.
    pub fn publish_example(&self, server: &Server) {
        self.publish_folder(&root().join("examples/plain-html"), "", server);
    }

    /// Publishes all files of a folder below the path `prefix`. The address of the Worker in examples and fixtures,
    /// `http://localhost:8787`, becomes that of `server`.
    pub fn publish_folder(&self, folder: &Path, prefix: &str, server: &Server) {
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let entries = std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()));
            for path in entries.flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(folder).expect("a path in the folder").to_string_lossy();
                self.publish_fixture(&format!("{prefix}/{name}"), &path, &[], server);
            }
        }
    }

    /// Publishes a file with response headers, its Worker as in [`HostSite::publish_folder`].
    pub fn publish_fixture(&self, path: &str, file: &Path, headers: &[(&'static str, String)], server: &Server) {
        let body = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.publish_text(path, &body, headers, server);
    }

    /// Publishes a text with response headers, its Worker as in [`HostSite::publish_folder`].
    pub fn publish_text(&self, path: &str, text: &[u8], headers: &[(&'static str, String)], server: &Server) {
        let body = replace(text, EXAMPLE_WORKER, &server.origin());
        self.put(path, StaticFile { headers: headers.to_vec(), body });
    }

    fn put(&self, path: &str, file: StaticFile) {
        self.pages.lock().expect("the lock is not poisoned").insert(path.to_owned(), file);
    }
}

/// Replaces a text in a file of any encoding.
fn replace(body: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut rest = body;
    let mut replaced = Vec::with_capacity(body.len());
    while let Some(at) = rest.windows(from.len()).position(|window| window == from.as_bytes()) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to.as_bytes());
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// Reads one request, answers it and closes the connection.
fn response(mut stream: TcpStream, pages: &Mutex<HashMap<String, StaticFile>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?.take(16 << 10)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let path = request.split(' ').nth(1).and_then(|target| target.split('?').next()).unwrap_or_default().to_owned();
    // Reads the whole request head: closing with unread bytes would reset the connection.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let index = if path.ends_with('/') { format!("{path}index.html") } else { path };
    let file = pages.lock().ok().and_then(|pages| pages.get(&index).cloned());
    let status = if file.is_some() { "200 OK" } else { "404 Not Found" };
    let file = file.unwrap_or(StaticFile { headers: Vec::new(), body: Vec::new() });
    let length = file.body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n")?;
    if !file.headers.iter().any(|(name, _)| *name == "Content-Type") {
        write!(stream, "Content-Type: {}\r\n", content_type(&index))?;
    }
    for (name, value) in &file.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(&file.body)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css",
        Some("js" | "mjs") => "text/javascript",
        Some("json") => "application/json",
        Some("xhtml") => "application/xhtml+xml",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "text/html; charset=utf-8",
    }
}

/// A blog post with the widget below it.
#[derive(Clone, Debug)]
pub struct HostPage {
    path: String,
    endpoint: String,
    headers: Vec<(&'static str, String)>,
    html_attributes: String,
    script_attributes: String,
    foreign_html: String,
    long: bool,
    styled: bool,
}

impl HostPage {
    /// A post whose comments are on `server`. `name` determines its address and thereby its thread.
    pub fn new(server: &Server, name: &str) -> Self {
        Self {
            path: format!("/{name}"),
            endpoint: server.origin(),
            headers: Vec::new(),
            html_attributes: "lang=\"en\"".to_owned(),
            script_attributes: String::new(),
            foreign_html: String::new(),
            long: false,
            styled: false,
        }
    }

    /// Adds a response header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the attributes of `<html>`.
    pub fn html_attributes(mut self, attributes: &str) -> Self {
        attributes.clone_into(&mut self.html_attributes);
        self
    }

    /// Sets the attributes of the script tag.
    pub fn script_attributes(mut self, attributes: &str) -> Self {
        attributes.clone_into(&mut self.script_attributes);
        self
    }

    /// Adds markup of somebody else to the post, before the script tag.
    pub fn foreign_html(mut self, html: &str) -> Self {
        html.clone_into(&mut self.foreign_html);
        self
    }

    /// Adds the blog's stylesheet, with a light and a dark scheme.
    pub fn styled(mut self) -> Self {
        self.styled = true;
        self
    }

    /// Makes the post so long that the comments are far below the window.
    pub fn with_long_post(mut self) -> Self {
        self.long = true;
        self
    }

    fn html(&self) -> String {
        let Self { endpoint, html_attributes, script_attributes, foreign_html, .. } = self;
        let style = if self.styled { "<link rel=\"stylesheet\" href=\"/blog.css\">\n" } else { "" };
        let post = "<p>A post, as posts are.</p>\n".repeat(if self.long { 200 } else { 1 });
        format!(
            "<!doctype html>\n<html {html_attributes}>\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n{style}</head>\n<body>\n<main>\n<h1>{title}</h1>\n{post}{foreign_html}\
             <script src=\"{endpoint}/embed.js\" async {script_attributes}></script>\n\
             <noscript><a id=\"plain\" href=\"{endpoint}/thread\" referrerpolicy=\"no-referrer-when-downgrade\">Comments</a></noscript>\n\
             </main>\n</body>\n</html>\n",
            title = self.path.trim_start_matches('/').replace('_', " "),
        )
    }
}
