//! Catches every connection of a browser to a host other than this machine: a listener that records connections and
//! answers nothing.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Maximum number of bytes recorded of a connection: enough for a request line, or for a TLS ClientHello with the host
/// name.
const MAX_RECORDED_BYTES: usize = 600;

/// Hosts that Chromium contacts by itself in spite of its flags: time, updates, first page. No test page names them.
const CHROMIUM_HOSTS: [&str; 4] = ["*.google.com", "*.googleapis.com", "*.gvt1.com", "*.duckduckgo.com"];

/// The listener of one browser. Each browser has its own, so that a connection can be attributed to it.
#[derive(Debug)]
pub(crate) struct NetworkGuard {
    port: u16,
    connections: Arc<Mutex<Vec<String>>>,
}

impl NetworkGuard {
    /// Listens on a free port.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The connection counts from now on, even if it sends nothing.
                let Ok(number) = shared.lock().map(|mut connections| {
                    connections.push("a connection that sent nothing".to_owned());
                    connections.len() - 1
                }) else {
                    return;
                };
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let text = read_first_bytes(stream);
                    if let Ok(mut connections) = shared.lock()
                        && let Some(record) = connections.get_mut(number)
                        && !text.is_empty()
                    {
                        *record = text;
                    }
                });
            }
        });
        Self { port, connections }
    }

    /// The Chromium flag that resolves every name and address except those of this machine to the listener.
    pub(crate) fn flag(&self) -> String {
        let own = CHROMIUM_HOSTS.map(|host| format!("MAP {host} ~NOTFOUND, ")).concat();
        format!("--host-resolver-rules={own}MAP * 127.0.0.1:{}, EXCLUDE localhost, EXCLUDE 127.0.0.1", self.port)
    }

    /// The connections so far, each with the first bytes sent.
    pub(crate) fn connections(&self) -> Vec<String> {
        self.connections.lock().expect("the lock is not poisoned").clone()
    }
}

/// The printable parts of the first bytes received.
fn read_first_bytes(mut stream: TcpStream) -> String {
    let mut text = [0; MAX_RECORDED_BYTES];
    let length = stream.set_read_timeout(Some(Duration::from_secs(2))).and_then(|()| stream.read(&mut text));
    let is_printable = |&byte: &u8| byte.is_ascii_graphic() || byte == b' ';
    let text = &text[..length.unwrap_or_default()];
    text.split(|byte| !is_printable(byte))
        .filter(|part| part.len() > 3)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
