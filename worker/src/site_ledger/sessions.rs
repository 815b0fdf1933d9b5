//! The store of ended sessions: the object named [`OBJECT`](crate::session_rpc::OBJECT), which has no ledger.
//!
//! It keeps one number for each moderator who ever signed out everywhere, and one entry for each session that was ended and each code that was
//! spent, until it would have ended by itself.

use worker::{ListOptions, Request, Response, Storage};

use crate::error::ApiError;
use crate::platform::clock::now_seconds;
use crate::response::json;
use crate::session_rpc::{SessionCall, SessionState};

/// Beginning of the keys of ended sessions.
const ENDED: &str = "ended:";
/// Number of entries that one call looks at. Moderators sign out rarely, and entries live for a month at most.
const PRUNE_LIMIT: usize = 1_000;

/// Executes a call. The platform handles no other event of the object while it waits for its storage (Cloudflare's documentation, "Rules of
/// Durable Objects": input gates).
pub(super) async fn execute(storage: &Storage, mut request: Request) -> Result<Response, ApiError> {
    let call: SessionCall = serde_json::from_str(&request.text().await?)?;
    let state = match call {
        SessionCall::Read { moderator, session } => SessionState {
            generation: generation(storage, &moderator).await?,
            ended: match session {
                Some(session) => storage.get::<i64>(&ended_key(&session)).await?.is_some(),
                None => false,
            },
        },
        SessionCall::End { session, expires } => {
            prune(storage).await?;
            storage.put(&ended_key(&session), expires).await?;
            SessionState { ended: true, ..SessionState::default() }
        }
        SessionCall::Spend { code, expires } => {
            let key = ended_key(&code);
            let ended = storage.get::<i64>(&key).await?.is_some();
            if !ended {
                prune(storage).await?;
                storage.put(&key, expires).await?;
            }
            SessionState { ended, ..SessionState::default() }
        }
        SessionCall::EndAll { moderator } => {
            let generation = generation(storage, &moderator).await?.saturating_add(1);
            storage.put(&generation_key(&moderator), generation).await?;
            SessionState { generation, ended: true }
        }
    };
    Ok(json(200, &state)?)
}

async fn generation(storage: &Storage, moderator: &str) -> worker::Result<u32> {
    Ok(storage.get(&generation_key(moderator)).await?.unwrap_or_default())
}

/// Deletes entries of sessions that would have ended by themselves.
async fn prune(storage: &Storage) -> worker::Result<()> {
    let now = now_seconds();
    let entries = storage.list_with_options(ListOptions::new().prefix(ENDED).limit(PRUNE_LIMIT)).await?;
    let mut expired = Vec::new();
    entries.for_each(&mut |expires, key| {
        let is_expired = expires.as_f64().is_some_and(|expires| expires < now as f64);
        expired.extend(key.as_string().filter(|_| is_expired));
    });
    if !expired.is_empty() {
        storage.delete_multiple(expired).await?;
    }
    Ok(())
}

fn ended_key(session: &str) -> String {
    format!("{ENDED}{session}")
}

fn generation_key(moderator: &str) -> String {
    format!("generation:{moderator}")
}
