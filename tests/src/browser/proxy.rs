//! A recording HTTP proxy for browsers without the DevTools protocol. It records requests, catches connections to other
//! hosts, injects scripts into pages, and changes or refuses requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use super::document;

/// Host to which pages report their errors. The proxy answers for it.
pub(super) const CONSOLE_HOST: &str = "console.test";
/// Hosts that Firefox contacts by itself. No test page names them.
const FIREFOX_HOSTS: [&str; 5] = ["mozilla.com", "mozilla.org", "mozilla.net", "firefox.com", "mozgcp.net"];
/// Maximum size of a request head.
const MAX_HEAD: u64 = 64 << 10;

/// Records and rules of one proxy.
#[derive(Debug, Default)]
struct State {
    requests: Vec<String>,
    external: Vec<String>,
    console: Vec<(String, String)>,
    scripts: Vec<(usize, String)>,
    injected: usize,
    blocked_path: Option<String>,
    extra_header: Option<String>,
    javascript_off: bool,
}

/// The proxy of one browser.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Listens on a free port. Without `javascript`, pages may not run scripts.
    pub(super) fn start(javascript: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let state = Arc::new(Mutex::new(State { javascript_off: !javascript, ..State::default() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A browser that closes the connection early does not fail the test.
                std::thread::spawn(move || serve(stream, &state).ok());
            }
        });
        Self { port, state }
    }

    /// The address for the browser's settings.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Takes the requests since the last call, each with its method and address.
    pub(super) fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }

    /// The requests to other hosts so far.
    pub(super) fn external(&self) -> Vec<String> {
        self.state().external.clone()
    }

    /// The errors that pages have reported so far, each with its key.
    pub(super) fn console(&self) -> Vec<(String, String)> {
        self.state().console.clone()
    }

    /// Injects a script into every page from now on, in all tabs, unless it already is. Returns its number.
    pub(super) fn inject(&self, script: &str) -> usize {
        let mut state = self.state();
        if let Some((number, _)) = state.scripts.iter().find(|(_, known)| known == script) {
            return *number;
        }
        state.injected += 1;
        let number = state.injected;
        state.scripts.push((number, script.to_owned()));
        number
    }

    /// Stops injecting a script.
    pub(super) fn remove(&self, number: usize) {
        self.state().scripts.retain(|(each, _)| *each != number);
    }

    /// Breaks the connection of every request whose path contains this text.
    pub(super) fn block(&self, path: Option<&str>) {
        self.state().blocked_path = path.map(str::to_owned);
    }

    /// Adds a header to every request.
    pub(super) fn add_header(&self, name: &str, value: &str) {
        self.state().extra_header = Some(format!("{name}: {value}\r\n"));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the lock is not poisoned")
    }
}

/// A request as a proxy receives it.
struct ProxiedRequest {
    method: String,
    host: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl ProxiedRequest {
    /// Returns true if the browser opens a page. A script that fetches one gets it as it is.
    fn is_navigation(&self) -> bool {
        let header = |name: &str| self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        match header("sec-fetch-dest") {
            Some((_, destination)) => destination != "empty",
            None => header("accept").is_some_and(|(_, kinds)| kinds.starts_with("text/html")),
        }
    }
}

/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// Answers the one request of a connection.
fn serve(mut client: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let lock = || state.lock().map_err(|_| std::io::Error::other("the lock is poisoned"));
    // For an address with `https`, WebKit asks the proxy itself for an encrypted connection, which hides the host.
    let mut first = [0];
    if client.peek(&mut first)? == 1 && first[0] == TLS_HANDSHAKE {
        lock()?.external.push("an encrypted connection".to_owned());
        return Ok(());
    }
    let Some(request) = read_request(&client)? else { return Ok(()) };
    if request.host == CONSOLE_HOST {
        if let Ok(entry) = serde_json::from_slice(&request.body) {
            lock()?.console.push(entry);
        }
        return client.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    }
    let name = request.host.rsplit_once(':').map_or(&*request.host, |(name, _)| name);
    if FIREFOX_HOSTS.iter().any(|host| name.ends_with(host)) {
        return Ok(());
    }
    let address = format!("{} http://{}{}", request.method, request.host, request.path);
    if !matches!(name, "localhost" | "127.0.0.1") {
        lock()?.external.push(address);
        return Ok(());
    }
    let (scripts, javascript_off, extra_header) = {
        let mut state = lock()?;
        state.requests.push(address);
        if state.blocked_path.as_ref().is_some_and(|part| request.path.contains(part)) {
            return Ok(());
        }
        let scripts: Vec<_> = state.scripts.iter().map(|(_, script)| script.clone()).collect();
        (scripts, state.javascript_off, state.extra_header.clone())
    };
    let port = request.host.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(80);
    let mut server = TcpStream::connect((name, port))?;
    send(&mut server, &request, extra_header.as_deref().unwrap_or_default())?;
    let mut response = BufReader::new(server);
    let mut head = read_head(&mut response)?;
    // The runtime may keep the connection open for some seconds after the body.
    let mut response = response.take(body_length(&request, &head));
    if request.is_navigation() && document::is_document(&head) {
        let mut body = Vec::new();
        response.read_to_end(&mut body)?;
        client.write_all(&document::prepare(head, body, &scripts, javascript_off))?;
    } else {
        set_header(&mut head, "Connection", "close");
        client.write_all(write_head(&head).as_bytes())?;
        std::io::copy(&mut response, &mut client)?;
    }
    client.shutdown(Shutdown::Write)
}

/// The length of the body of a response (RFC 9112, section 6.3), or no limit if it ends with the connection.
fn body_length(request: &ProxiedRequest, (status, headers): &Head) -> u64 {
    let has_none = ["204", "304"].iter().any(|code| status.split(' ').nth(1) == Some(code));
    if request.method == "HEAD" || has_none {
        return 0;
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.and_then(|(_, value)| value.parse().ok()).unwrap_or(u64::MAX)
}

/// Reads a request. `None` if the browser sent none, or asks for a tunnel: no test uses `https`.
fn read_request(client: &TcpStream) -> std::io::Result<Option<ProxiedRequest>> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (first, headers) = read_head(&mut reader)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let target = target.strip_prefix("http://").unwrap_or(target);
    let (host, path) = target.find('/').map_or((target, "/"), |slash| target.split_at(slash));
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(ProxiedRequest { method: method.to_owned(), host: host.to_owned(), path: path.to_owned(), headers, body }))
}

/// A first line and its headers.
pub(super) type Head = (String, Vec<(String, String)>);

fn read_head(reader: &mut impl BufRead) -> std::io::Result<Head> {
    let mut lines = Vec::new();
    let mut reader = reader.take(MAX_HEAD);
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let header = |line: String| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Ok((first, lines.filter_map(header).collect()))
}

/// Replaces a header, or adds it.
pub(super) fn set_header(head: &mut Head, name: &str, value: &str) {
    head.1.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    head.1.push((name.to_owned(), value.to_owned()));
}

pub(super) fn write_head((first, headers): &Head) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{first}\r\n{headers}\r\n")
}

/// Headers between a browser and its proxy, and the one that would compress pages.
const NOT_FORWARDED: [&str; 4] = ["connection", "proxy-connection", "keep-alive", "accept-encoding"];

fn send(server: &mut TcpStream, request: &ProxiedRequest, extra_header: &str) -> std::io::Result<()> {
    let kept = |(name, _): &&(String, String)| !NOT_FORWARDED.iter().any(|other| name.eq_ignore_ascii_case(other));
    let headers: String =
        request.headers.iter().filter(kept).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let ProxiedRequest { method, path, body, .. } = request;
    write!(server, "{method} {path} HTTP/1.1\r\n{headers}{extra_header}Connection: close\r\n\r\n")?;
    server.write_all(body)
}
