//! Publishing: writes what is due in a site's ledger to KV.

mod backoff;
mod circuit_breaker;
mod daily_quota;
mod kv_writer;
pub(crate) mod publisher;
mod scheduler;
