//! A team of Cloudflare Access: keys that are made in the test, and the server from which the Worker reads them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair};
use serde_json::{Value, json};

/// Makes an RSA key in Node, which the build needs anyway: the crates of this workspace can sign, but make no keys.
const MAKE_KEY: &str = "
const { privateKey, publicKey } = require('crypto').generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: 'jwk' });
console.log(JSON.stringify({ n, e, pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64') }));
";

/// A key of a team.
#[derive(Debug)]
pub struct AccessTestKey {
    id: String,
    modulus: String,
    exponent: String,
    pair: RsaKeyPair,
}

impl AccessTestKey {
    /// Makes a key.
    pub fn generate(id: &str) -> Self {
        let output = Command::new("node").args(["-e", MAKE_KEY]).output().expect("node runs");
        let key: Value = serde_json::from_slice(&output.stdout).expect("node prints the key");
        let text = |name: &str| key[name].as_str().expect("a text").to_owned();
        let pkcs8 = STANDARD.decode(text("pkcs8")).expect("base64");
        let pair = RsaKeyPair::from_pkcs8(&pkcs8).expect("a private key");
        Self { id: id.to_owned(), modulus: text("n"), exponent: text("e"), pair }
    }

    /// The public key, as a team publishes it.
    pub fn public(&self) -> Value {
        json!({"kid": self.id, "kty": "RSA", "alg": "RS256", "use": "sig", "e": self.exponent, "n": self.modulus})
    }

    /// A signed token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with_header(&json!({"alg": "RS256", "kid": self.id, "typ": "JWT"}), claims)
    }

    /// A token with another header. With the algorithm `RS512` it is signed so.
    pub fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let [header_part, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header_part}.{claims}");
        let algorithm = if header["alg"] == "RS512" { &RSA_PKCS1_SHA512 } else { &RSA_PKCS1_SHA256 };
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(algorithm, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("the key can sign");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The server of a team, on `127.0.0.1`.
#[derive(Debug)]
pub struct AccessTeam {
    port: u16,
    document: Arc<Mutex<String>>,
    requests: Arc<AtomicU32>,
}

impl AccessTeam {
    /// The audience tag of the only application.
    pub const AUDIENCE: &'static str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

    /// Starts the server on a free port, with these keys.
    pub fn start(keys: &[&AccessTestKey]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let team = Self { port, document: Arc::default(), requests: Arc::default() };
        team.publish(keys);
        let (document, requests) = (Arc::clone(&team.document), Arc::clone(&team.requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let document = document.lock().map(|text| text.clone()).unwrap_or_default();
                // A client that closes the connection early does not fail the test.
                if respond(stream, &document).is_ok() {
                    requests.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        team
    }

    /// Replaces the keys.
    pub fn publish(&self, keys: &[&AccessTestKey]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
        *self.document.lock().expect("no thread panicked") = json!({ "keys": keys }).to_string();
    }

    /// The origin, which stands for the team domain.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Number of times the keys were read.
    pub fn request_count(&self) -> u32 {
        self.requests.load(Ordering::SeqCst)
    }

    /// The claims of a valid token for this e-mail address.
    #[expect(clippy::disallowed_methods, reason = "a token must match the real clock of the servers")]
    pub fn claims(&self, email: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs();
        json!({
            "iss": self.origin(), "aud": [Self::AUDIENCE], "email": email, "type": "app", "sub": "7f3",
            "iat": now, "nbf": now, "exp": now + 600,
        })
    }
}

fn respond(mut stream: TcpStream, document: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let (status, body) =
        if first.starts_with("GET /cdn-cgi/access/certs ") { ("200 OK", document) } else { ("404 Not Found", "") };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
