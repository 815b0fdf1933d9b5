//! The tables of layers, one for each crate with folders, listed from the ground up.
//!
//! If a table does not match the sources, `cargo xtask ci dependencies` prints the layers that it found.

use super::modules::{CrateRules, Layer, Stop};

pub(super) const CRATES: [CrateRules; 3] = [
    CrateRules { name: "worker", source: "worker/src", layers: WORKER, submission: WORKER_SUBMISSION },
    CrateRules { name: "ledger", source: "crates/ledger/src", layers: LEDGER, submission: LEDGER_SUBMISSION },
    CrateRules { name: "widget", source: "widget/src", layers: WIDGET, submission: &[] },
];

const WORKER: &[Layer] = &[
    Layer { name: "platform", may_use: &[] },
    Layer { name: "settings", may_use: &[] },
    Layer { name: "error", may_use: &["platform"] },
    Layer { name: "context", may_use: &["error", "platform", "settings"] },
    Layer { name: "kv_reader", may_use: &["error", "platform"] },
    Layer { name: "ledger_client", may_use: &["context", "error", "platform"] },
    Layer { name: "publish", may_use: &["error", "kv_reader", "platform", "settings"] },
    Layer { name: "site_ledger", may_use: &["error", "ledger_client", "platform", "publish", "settings"] },
    Layer { name: "transfer", may_use: &["context", "error", "ledger_client", "platform", "settings"] },
    Layer {
        name: "http",
        may_use: &["context", "error", "kv_reader", "ledger_client", "platform", "settings", "transfer"],
    },
    Layer { name: "lib", may_use: &["error", "http", "site_ledger", "transfer"] },
];

const WORKER_SUBMISSION: &[Stop] = &[
    Stop::First("http/router.rs"),
    Stop::Import("http/submit_comment.rs"),
    Stop::Import("http/request.rs"),
    Stop::Import("http/rate_limiter.rs"),
    Stop::Import("http/spam_check.rs"),
    Stop::Import("ledger_client.rs"),
    Stop::Message("site_ledger/mod.rs", "SubmitRequest"),
    Stop::Import("publish/publisher.rs"),
];

const LEDGER: &[Layer] = &[
    Layer { name: "store", may_use: &[] },
    Layer { name: "policy", may_use: &["store"] },
    Layer { name: "publish", may_use: &["store"] },
    Layer { name: "submit", may_use: &["policy", "publish", "store"] },
    Layer { name: "moderate", may_use: &["policy", "publish", "store"] },
    Layer { name: "moves", may_use: &["moderate", "publish", "store"] },
    Layer { name: "transfer", may_use: &["moderate", "moves", "policy", "publish", "store"] },
    Layer { name: "lib", may_use: &["moderate", "moves", "policy", "publish", "store", "submit", "transfer"] },
];

const LEDGER_SUBMISSION: &[Stop] = &[
    Stop::First("submit/mod.rs"),
    Stop::Call("submit/admission.rs", "check_limits"),
    Stop::Call("submit/recent_activity.rs", "retry_after"),
    Stop::Call("policy/site_policy.rs", "matching_ban"),
    Stop::Call("publish/pagination.rs", "assign_page"),
    Stop::Import("publish/dirty_pages.rs"),
    Stop::Import("store/row.rs"),
    Stop::Import("store/sql.rs"),
];

const WIDGET: &[Layer] = &[
    Layer { name: "platform", may_use: &[] },
    Layer { name: "thread_decoder", may_use: &["platform"] },
    Layer { name: "form", may_use: &["platform", "thread_decoder"] },
    Layer { name: "comments", may_use: &["form", "platform", "thread_decoder"] },
    Layer { name: "lib", may_use: &["comments", "platform"] },
];
