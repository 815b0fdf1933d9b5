//! Adapters to the platform: clock, random bytes, timeouts, usage counters, the SQLite of a Durable Object.

pub(crate) mod clock;
pub(crate) mod object_sql;
pub(crate) mod random;
pub(crate) mod timeout;
pub(crate) mod usage;
