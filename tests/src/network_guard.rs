//! Where a browser ends up that asks for any host but ours: a listener that answers nothing and remembers who came.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How much of what a visitor says is remembered, in bytes: a request line, or the greeting of TLS with the host's name in it.
const MAX_RECORDED_BYTES: usize = 600;

/// Whom Chromium asks of its own accord, whatever its flags: the time, updates, the first page. No page of the tests names them.
const CHROMIUM_HOSTS: [&str; 4] = ["*.google.com", "*.googleapis.com", "*.gvt1.com", "*.duckduckgo.com"];

/// One for each browser, so that what is heard is known to be its own.
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
                // The visit counts from here on, whatever is said and whenever.
                let Ok(number) = shared.lock().map(|mut connections| {
                    connections.push("a connection without a word".to_owned());
                    connections.len() - 1
                }) else {
                    return;
                };
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let text = read_first_bytes(stream);
                    if let Ok(mut connections) = shared.lock()
                        && let Some(visit) = connections.get_mut(number)
                        && !text.is_empty()
                    {
                        *visit = text;
                    }
                });
            }
        });
        Self { port, connections }
    }

    /// The flag that sends Chromium here for every name and every address but those of this machine.
    pub(crate) fn flag(&self) -> String {
        let own = CHROMIUM_HOSTS.map(|host| format!("MAP {host} ~NOTFOUND, ")).concat();
        format!("--host-resolver-rules={own}MAP * 127.0.0.1:{}, EXCLUDE localhost, EXCLUDE 127.0.0.1", self.port)
    }

    /// Who came so far, and what they said.
    pub(crate) fn connections(&self) -> Vec<String> {
        self.connections.lock().expect("no test panics with the visits in hand").clone()
    }
}

/// What can be read of the first thing that is said.
fn read_first_bytes(mut stream: TcpStream) -> String {
    let mut text = [0; MAX_RECORDED_BYTES];
    let heard = stream.set_read_timeout(Some(Duration::from_secs(2))).and_then(|()| stream.read(&mut text));
    let readable = |&byte: &u8| byte.is_ascii_graphic() || byte == b' ';
    let text = &text[..heard.unwrap_or_default()];
    text.split(|byte| !readable(byte))
        .filter(|part| part.len() > 3)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
