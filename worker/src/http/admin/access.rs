//! Sign-in with Cloudflare Access: the token that it adds to each request, and the keys of the team.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use afterword_guard::{AccessApplication, AccessError, AccessKey, AccessToken, Moderator};
use futures_util::StreamExt;
use url::Url;
use worker::{Fetch, console_error, console_warn};

use crate::context::AppContext;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::platform::rsa::{RsaKey, verify_rs256};
use crate::platform::timeout::with_timeout;

/// Header with the token (Cloudflare's documentation, "Validate JWTs").
const HEADER: &str = "cf-access-jwt-assertion";
/// Time for which the keys are used, in seconds. A key that the team has withdrawn is trusted for no longer than that.
const KEYS_SECONDS: i64 = 3600;
/// Maximum number of requests for the keys in [`WINDOW_SECONDS`]: tokens with invented key ids must not make the Worker send many. More than one,
/// because the first requests of a new instance may arrive together.
const MAX_FETCHES: u32 = 5;
/// Length of that window, in seconds.
const WINDOW_SECONDS: i64 = 60;
/// Deadline of a request for the keys.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum size of the document with the keys. It has about 5 KiB.
const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

/// The keys of the team, as this instance of the Worker read them last.
#[derive(Clone)]
struct KeyCache {
    keys: Vec<AccessKey>,
    /// Time at which they were read, in Unix seconds.
    read: i64,
    /// Beginning of the present window, and number of requests in it.
    window: (i64, u32),
}

impl KeyCache {
    /// Counts a request for the keys. Returns false if there were too many.
    fn count_fetch(&mut self, now: i64) -> bool {
        if now.saturating_sub(self.window.0) >= WINDOW_SECONDS {
            self.window = (now, 0);
        }
        self.window.1 += 1;
        self.window.1 <= MAX_FETCHES
    }
}

static CACHE: Mutex<KeyCache> = Mutex::new(KeyCache { keys: Vec::new(), read: 0, window: (0, 0) });

/// The moderator whom the token of a request names. `None` without a token, or if it is not valid, which is logged.
pub(crate) async fn moderator(app: &AppContext, request: &ApiRequest) -> Option<&'static Moderator> {
    let (token, application) = (request.header(HEADER)?, app.settings.access_application()?);
    match verify(app, &application, &token).await {
        Ok(email) => {
            let moderator = app.settings.access_moderators.find_by_email(&email);
            if moderator.is_none() {
                console_warn!("access token rejected {} cause=the address is not in ACCESS_MODERATORS", app.log);
            }
            moderator
        }
        Err(error) => {
            console_warn!("access token rejected {} cause={error}", app.log);
            None
        }
    }
}

/// Verifies a token, and returns the e-mail address in it. Claims are checked first: that costs less than a signature.
async fn verify(app: &AppContext, application: &AccessApplication, token: &str) -> Result<String, AccessError> {
    let token = AccessToken::parse(token)?;
    let email = application.check(&token, now_seconds())?.to_owned();
    let key = find_key(app, application, &token.key_id).await.ok_or(AccessError::UnknownKey)?;
    let rsa_key = RsaKey { modulus: &key.modulus, exponent: &key.exponent };
    match verify_rs256(rsa_key, token.signed.as_bytes(), &token.signature).await {
        Ok(true) => Ok(email),
        Ok(false) => Err(AccessError::Signature),
        Err(error) => {
            console_error!("access key not usable {} cause={error}", app.log);
            Err(AccessError::UnknownKey)
        }
    }
}

/// The team's key with this id. The keys are read again if they are old or lack it.
async fn find_key(app: &AppContext, application: &AccessApplication, id: &str) -> Option<AccessKey> {
    let find = |cache: &KeyCache| cache.keys.iter().find(|key| key.id == id).cloned();
    let now = now_seconds();
    let cache = with_cache(|cache| cache.clone());
    let is_fresh = now.saturating_sub(cache.read) < KEYS_SECONDS;
    if let Some(key) = find(&cache).filter(|_| is_fresh) {
        return Some(key);
    }
    if !with_cache(|cache| cache.count_fetch(now)) {
        return None;
    }
    match fetch_keys(application).await {
        Ok(keys) => with_cache(|cache| {
            (cache.keys, cache.read) = (keys, now);
            find(cache)
        }),
        Err(error) => {
            console_error!("access keys not read {} cause={error}", app.log);
            None
        }
    }
}

async fn fetch_keys(application: &AccessApplication) -> worker::Result<Vec<AccessKey>> {
    let url = Url::parse(&application.keys_url())?;
    let read = async {
        let mut response = Fetch::Url(url).send().await?;
        if response.status_code() != 200 {
            return Err(format!("status {}", response.status_code()).into());
        }
        let (mut document, mut stream) = (Vec::new(), response.stream()?);
        while let Some(chunk) = stream.next().await {
            document.extend(chunk?);
            if document.len() > MAX_DOCUMENT_BYTES {
                return Err("the document is too large".into());
            }
        }
        AccessKey::parse_all(&document).map_err(|error| error.to_string().into())
    };
    with_timeout(FETCH_TIMEOUT, read).await.unwrap_or_else(|| Err("timed out".into()))
}

/// Reads or changes the cache. It is plain data, so a panic of another request leaves it usable.
fn with_cache<T>(access: impl FnOnce(&mut KeyCache) -> T) -> T {
    access(&mut CACHE.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_keys_are_limited() {
        let mut cache = KeyCache { keys: Vec::new(), read: 0, window: (0, 0) };
        let now = 1_321_000_000;
        let allowed = |cache: &mut KeyCache, now| (0..100).filter(|_| cache.count_fetch(now)).count();
        assert_eq!(allowed(&mut cache, now), 5);
        assert_eq!(allowed(&mut cache, now + WINDOW_SECONDS - 1), 0);
        assert_eq!(allowed(&mut cache, now + WINDOW_SECONDS), 5);
    }
}
