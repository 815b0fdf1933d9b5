//! Publishing: writes due threads from the ledger to KV.

mod circuit_breaker;
mod daily_quota;
pub(crate) mod kv_writer;
pub(crate) mod publisher;
mod scheduler;
