//! Exports of other comment systems that are not XML, from file to records.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

mod support;

mod databases;
mod github;
mod hostile;
mod json_exports;
mod own_shapes;
mod staticman;
