//! Databases and exports of earlier versions: the present code opens and restores them with equal content.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test, also in shared helper functions")]

mod database;
mod export;
mod fixture;
mod publish;
