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
    Layer { name: "blog_route", may_use: &[] },
    Layer { name: "settings", may_use: &["blog_route"] },
    Layer { name: "response", may_use: &[] },
    Layer { name: "renderer", may_use: &[] },
    Layer { name: "admin_rpc", may_use: &[] },
    Layer { name: "reader_rpc", may_use: &[] },
    Layer { name: "session_rpc", may_use: &[] },
    Layer { name: "error", may_use: &["platform", "response"] },
    Layer { name: "context", may_use: &["platform", "settings"] },
    Layer { name: "kv_reader", may_use: &["context", "platform", "settings"] },
    Layer { name: "nightly_record", may_use: &["context", "platform", "settings"] },
    Layer { name: "ledger_client", may_use: &["admin_rpc", "context", "error", "platform", "reader_rpc", "settings"] },
    Layer { name: "session_client", may_use: &["context", "platform", "session_rpc", "settings"] },
    Layer { name: "publish", may_use: &["platform", "settings"] },
    Layer {
        name: "transfer",
        may_use: &["error", "ledger_client", "platform", "publish", "renderer", "response", "settings"],
    },
    Layer {
        name: "site_ledger",
        may_use: &[
            "admin_rpc",
            "error",
            "ledger_client",
            "platform",
            "publish",
            "reader_rpc",
            "renderer",
            "response",
            "session_rpc",
            "settings",
            "transfer",
        ],
    },
    Layer {
        name: "http",
        may_use: &[
            "admin_rpc",
            "blog_route",
            "context",
            "error",
            "kv_reader",
            "ledger_client",
            "nightly_record",
            "platform",
            "reader_rpc",
            "response",
            "session_client",
            "session_rpc",
            "settings",
        ],
    },
    Layer {
        name: "maintenance",
        may_use: &["context", "ledger_client", "nightly_record", "platform", "settings", "transfer"],
    },
    Layer { name: "lib", may_use: &["error", "http", "maintenance", "site_ledger"] },
];

/// The modules to which a new comment is handed on: as the request, the comment, or the page that it is published on. Helpers that see only a
/// part of it (a proof, a network) are not counted.
const WORKER_SUBMISSION: &[Stop] = &[
    Stop::First("http/router.rs"),
    Stop::Import("http/routes.rs"),
    Stop::Import("http/submit_comment.rs"),
    Stop::Import("http/spam_check.rs"),
    Stop::Import("ledger_client.rs"),
    Stop::Message("site_ledger/mod.rs", "VerifiedComment"),
    Stop::Import("publish/publisher.rs"),
    Stop::Import("publish/kv_writer.rs"),
];

const LEDGER: &[Layer] = &[
    Layer { name: "error", may_use: &[] },
    Layer { name: "store", may_use: &["error"] },
    Layer { name: "verified_comment", may_use: &[] },
    Layer { name: "policy", may_use: &["error", "store", "verified_comment"] },
    Layer { name: "ledger", may_use: &["error", "policy", "store"] },
    Layer { name: "publish", may_use: &["error", "ledger", "store"] },
    Layer { name: "submit", may_use: &["error", "ledger", "policy", "publish", "store", "verified_comment"] },
    Layer {
        name: "interact",
        may_use: &["error", "ledger", "policy", "publish", "store", "submit", "verified_comment"],
    },
    Layer { name: "moderate", may_use: &["error", "ledger", "policy", "publish", "store", "verified_comment"] },
    Layer { name: "maintenance", may_use: &["error", "ledger", "publish", "store"] },
    Layer { name: "moves", may_use: &["error", "ledger", "publish", "store"] },
    Layer { name: "transfer", may_use: &["error", "ledger", "policy", "publish", "store"] },
    Layer {
        name: "lib",
        may_use: &[
            "error",
            "store",
            "verified_comment",
            "policy",
            "ledger",
            "publish",
            "submit",
            "interact",
            "moderate",
            "maintenance",
            "moves",
            "transfer",
        ],
    },
];

/// The modules to which a new comment is handed on, up to the one that writes its thread. The rows, `Sql` and helpers for one column are not
/// counted.
const LEDGER_SUBMISSION: &[Stop] = &[
    Stop::First("submit/submit_comment.rs"),
    Stop::Import("submit/admission.rs"),
    Stop::Call("policy/refusal_limiter.rs", "retry_after"),
    Stop::Call("policy/recent_activity.rs", "refresh"),
    Stop::Call("policy/site_policy.rs", "check"),
    Stop::Import("publish/pagination.rs"),
    Stop::Import("publish/title.rs"),
    Stop::Import("store/thread_row.rs"),
];

const WIDGET: &[Layer] = &[
    Layer { name: "js_object", may_use: &[] },
    Layer { name: "thread_decoder", may_use: &["js_object"] },
    Layer { name: "text_length", may_use: &[] },
    Layer { name: "renderer", may_use: &["js_object", "text_length", "thread_decoder"] },
    Layer { name: "pow_solver", may_use: &[] },
    Layer { name: "lib", may_use: &["pow_solver", "renderer"] },
];
