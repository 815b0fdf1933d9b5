//! Access to the browser: objects of the page, events, JSON, clock, timers and random bytes.

pub(crate) mod clock;
pub(crate) mod decimal;
pub(crate) mod dom;
pub(crate) mod json;
pub(crate) mod random;
pub(crate) mod timer;
