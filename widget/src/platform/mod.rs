//! Access to the browser: objects of the page, events, JSON, clock and random bytes.

pub(crate) mod dom;
pub(crate) mod random;
