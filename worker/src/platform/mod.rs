//! Adapters to the platform: alarm, clock, HTML rewriter, log context, random bytes, RSA, SQLite storage, timeouts, usage counters, and the faults that
//! tests inject.

pub(crate) mod alarm;
pub(crate) mod clock;
#[cfg(feature = "fault-injection")]
pub(crate) mod faults;
pub(crate) mod html_rewriter;
pub(crate) mod log_context;
pub(crate) mod object_sql;
pub(crate) mod random;
pub(crate) mod rsa;
pub(crate) mod timeout;
pub(crate) mod usage;
