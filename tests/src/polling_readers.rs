//! Readers that poll threads during an action.

use std::sync::atomic::{AtomicBool, Ordering};

use afterword_model::Thread;

use crate::api::Request;
use crate::server::Server;
use crate::wait::POLL_INTERVAL;

/// Stops the readers when dropped, so also when the action panics.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `action` while readers poll these threads. Returns the versions that each reader saw, in order.
///
/// # Panics
///
/// If a read is refused or shows an older version than the read before.
#[track_caller]
pub fn with_polling_readers<T>(server: &Server, urls: &[&str], action: impl FnOnce() -> T) -> (T, Vec<Vec<i64>>) {
    let (origin, done) = (server.origin(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let readers: Vec<_> = urls.iter().map(|url| scope.spawn(|| poll_thread(&origin, url, &done))).collect();
        let stop = StopOnDrop(&done);
        let result = action();
        drop(stop);
        (result, readers.into_iter().map(|reader| reader.join().expect("readers never see an older version")).collect())
    })
}

fn poll_thread(origin: &str, url: &str, done: &AtomicBool) -> Vec<i64> {
    let mut seen = Vec::new();
    let mut last_poll = false;
    while !last_poll {
        last_poll = done.load(Ordering::Relaxed);
        // There is no response while the Worker is down.
        if let Some(response) = Request::get("/v1/thread").query(&[("url", url)]).try_send(origin) {
            assert_eq!(response.status, 200, "{response:?}");
            let version = response.json::<Thread>().version;
            let before = seen.last().copied().unwrap_or_default();
            assert!(version >= before, "{url}: version {version} after {before}");
            if version > before {
                seen.push(version);
            }
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    seen
}
