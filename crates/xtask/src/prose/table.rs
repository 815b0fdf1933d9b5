//! The old names, each with the place where it is searched.

/// The place in which an old name is searched. Many are ordinary English words, which prose and variables may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Anywhere in any file, as a whole word.
    Anywhere,
    /// Identifiers, names of files and folders, and types between backticks.
    Code,
    /// Modules: `mod name`, `name::`, names of files and folders.
    Module,
    /// Functions: `fn name`, `name(`, `::name`.
    Function,
    /// The beginning of an identifier or of the name of a file.
    Prefix,
    /// Methods of `Ledger`.
    LedgerMethod,
    /// String literals.
    Sql,
}

/// Old names, each with the new one.
pub(super) struct Names {
    /// The beginnings of the paths in which they are searched.
    scope: &'static [&'static str],
    pub(super) place: Place,
    pub(super) names: &'static [(&'static str, &'static str)],
}

impl Names {
    pub(super) fn covers(&self, path: &str) -> bool {
        self.scope.iter().any(|scope| path.starts_with(scope))
    }

    /// The entry for a word.
    pub(super) fn find(&self, word: &str) -> Option<(&'static str, &'static str)> {
        let is_old = |old: &str| if self.place == Place::Prefix { word.starts_with(old) } else { word == old };
        self.names.iter().copied().find(|(old, _)| is_old(old))
    }
}

const EVERYWHERE: &[&str] = &[""];
const WORKER: &[&str] = &["worker/"];
const LEDGER: &[&str] = &["crates/ledger/"];
const LEDGER_USERS: &[&str] = &["crates/ledger/", "worker/", "crates/transfer/"];
const MODEL: &[&str] = &["crates/model/"];
const GUARD: &[&str] = &["crates/guard/"];
const MARKUP: &[&str] = &["crates/markup/"];
const VIEW_USERS: &[&str] = &["crates/view/", "widget/", "worker/"];
const WIDGET: &[&str] = &["widget/"];
const XTASK: &[&str] = &["crates/xtask/"];
const TESTS: &[&str] = &["tests/"];
const ALL_TESTS: &[&str] = &["tests/", "crates/"];

/// Old names that one file may still use: its path, the name, and the reason.
pub(super) const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("crates/ledger/src/maintenance/rerender.rs", "Entry", "the entry API of the standard library's maps"),
    ("crates/ledger/src/publish/pagination.rs", "Entry", "the entry API of the standard library's maps"),
    ("worker/src/http/atom.rs", "Entry", "the entry of a feed in the library for Atom"),
    ("crates/ledger/src/transfer/import/apply.rs", "Entry", "the entry API of the standard library's maps"),
    ("crates/ledger/src/store/schema.rs", "chore", "version 1 of the schema, which never changes"),
    ("crates/ledger/src/store/schema.rs", "named", "version 1 of the schema, which never changes"),
    ("crates/model/src/export_format/mod.rs", "named", "a key of exports written before its renaming"),
    ("worker/src/publish/daily_quota.rs", "opens_at", "stored under this name"),
];

/// Texts that are searched literally: names with a hyphen, and log lines and sentences that were reworded.
pub(super) const PHRASES: &[(&str, &str)] = &[
    ("test-hooks", "fault-injection"),
    ("no night: {", "nightly maintenance skipped: …"),
    ("what is kept for a while only", "expired data"),
    ("each thread in its turn, unless it rests", "round-robin scheduler with backoff"),
    ("pays for each of them, and more while many are posting", "the price rises during a flood"),
];

/// The table.
pub(super) const OLD_NAMES: &[Names] = &[
    // Words that nothing else uses.
    Names {
        scope: EVERYWHERE,
        place: Place::Anywhere,
        names: &[
            ("FAREWELL", "STALE_GRACE_SECONDS"),
            ("MISHAP_PAUSE", "ERROR_RETRY_DELAY"),
            ("STEEPEST", "MAX_EXTRA_BITS"),
            ("SUCCESSION", "HANDOVER_DELAY"),
            ("SealError", "ChecksumError"),
            ("UNKEPT", "PERSIST_ABOVE"),
            ("arm_for_crash", "schedule_recovery_alarm"),
            ("bad_seal", "bad_checksum"),
            ("ban_on", "matching_ban"),
            ("change_house", "invalidate_policy"),
            ("is_astray", "is_dangling_redirect"),
            ("is_ripe", "is_ready"),
            ("is_shut", "is_limited"),
            ("is_wary", "is_degraded"),
            ("left_over", "unsent_text"),
            ("let_rest", "back_off"),
            ("look_back", "refresh"),
            ("more_work", "required_difficulty"),
            ("opens_at", "next_allowed_at"),
            ("quiet_until", "paused_until"),
            ("require_leave", "check_limits"),
            ("require_patience", "check_refusal_backoff"),
            ("throw_away", "drain_body"),
            ("took_away", "record_removed"),
            ("try_farewell", "delete_stale_pages"),
            ("went_well", "log_failure"),
        ],
    },
    // Identifiers that have no other use in this repository.
    Names {
        scope: EVERYWHERE,
        place: Place::Code,
        names: &[
            ("Act", "Action or Attribution"),
            ("Arrived", "SubmissionContext"),
            ("Audited", "AuditEntry"),
            ("BREATH", "YIELD_AFTER_WRITE"),
            ("CALM", "BASELINE_COMMENTS_PER_MINUTE"),
            ("Came", "ImportOutcome"),
            ("Deed", "Action"),
            ("Doing", "ActionKey"),
            ("Fate", "OwnCommentState"),
            ("Finding", "SignalDetail"),
            ("Foreseen", "DryRunState"),
            ("HOPS", "MAX_REDIRECTS"),
            ("Leftover", "StalePages"),
            ("Moved", "Redirect"),
            ("Moving", "MoveOutcome"),
            ("PATIENCE", "a name of its own for each timeout"),
            ("Place", "PostRef or RepublishCursor"),
            ("Scene", "RenderContext"),
            ("Screened", "SpamVerdict"),
            ("Seals", "NetworkHashes"),
            ("Shelf", "BackupStore or BrowserStorage"),
            ("Spent", "QuotaUsage or VerifiedProof"),
            ("Standing", "CommentState"),
            ("Suspect", "BanMatcher"),
            ("Terms", "ChallengeParams"),
            ("Told", "SubmitReply"),
            ("Trap", "NetworkGuard"),
            ("Turn", "BatchImport"),
            ("VOICES", "SAMPLE_SIZE"),
            ("Watcher", "PatternWatcher"),
            ("Whom", "BanTarget"),
            ("desk", "ledger_client"),
            ("distrust", "revoke_trust"),
            ("heed", "record"),
            ("house", "site_policy"),
            ("intake", "import::apply"),
            ("introduces", "first_approved"),
            ("likeness", "duplicate_key"),
            ("night", "maintenance"),
            ("pass_on", "a verb with its object"),
            ("patience", "kv_backoff"),
            ("prover", "pow_worker"),
            ("readdress", "move_thread_url"),
            ("tally", "checksum"),
            ("told", "json_result, or a verb with its object"),
            ("trap", "honeypot"),
            ("unserved", "not_found"),
            ("wary", "prefer_healthy or degraded"),
        ],
    },
    Names { scope: EVERYWHERE, place: Place::Module, names: &[("carry", "transfer"), ("puzzle", "proof_of_work")] },
    Names { scope: EVERYWHERE, place: Place::Prefix, names: &[("storms_", "adversarial_…")] },
    // The Worker.
    Names {
        scope: WORKER,
        place: Place::Module,
        names: &[
            ("answer", "response"),
            ("bucket", "r2_store"),
            ("budget", "kv_quota"),
            ("cost", "usage"),
            ("day", "a date library"),
            ("deadline", "timeout"),
            ("hooks", "fault_injection"),
            ("object", "site_ledger"),
            ("outbox", "publisher"),
            ("page", "thread_page"),
            ("post", "submit_comment"),
            ("published", "kv_reader"),
            ("queue", "publish_scheduler"),
            ("read", "read_api"),
            ("screen", "spam_check"),
            ("security", "security_txt"),
            ("values", "kv_writer"),
        ],
    },
    Names {
        scope: WORKER,
        place: Place::Code,
        names: &[
            ("App", "AppContext"),
            ("Ask", "AdminRequest"),
            ("Call", "ApiRequest"),
            ("Failure", "ApiError"),
            ("How", "ImportParams"),
            ("Kind", "ContentType"),
            ("Known", "CountEntry"),
            ("Opened", "OpenLedger"),
            ("Queue", "Scheduler"),
            ("Rest", "Backoff"),
            ("Sent", "SubmitRequest"),
            ("Signed", "Attributed"),
            ("Stop", "ImportAbort"),
            ("Taken", "ImportSummary"),
            ("Verdict", "ModerationAction"),
            ("Written", "WriteOutcome"),
            ("ask", "admin_rpc"),
            ("gate", "rate_limiter"),
        ],
    },
    Names {
        scope: WORKER,
        place: Place::Function,
        names: &[
            ("fall", "run_nightly"),
            ("forget", "prune_site"),
            ("keep", "persist"),
            ("ring", "on_alarm"),
            ("share", "add_cors"),
            ("within", "with_timeout"),
        ],
    },
    // `start` is also an event of the platform, whose handler is in `lib.rs`.
    Names { scope: &["worker/src/http/"], place: Place::Function, names: &[("start", "builder")] },
    Names {
        scope: &["worker/", "crates/xtask/"],
        place: Place::Anywhere,
        names: &[("POSTS", "COMMENT_LIMITER"), ("SECRETS", "LOGIN_LIMITER")],
    },
    // The ledger.
    Names {
        scope: LEDGER,
        place: Place::Module,
        names: &[
            ("act", "actor"),
            ("admit", "admission"),
            ("audit", "audit_log"),
            ("check", "import::validate"),
            ("draw", "tree_order"),
            ("forward", "redirects or stale_pages"),
            ("line", "export_format"),
            ("marks", "dirty_pages"),
            ("outbox", "publish"),
            ("pages", "pagination"),
            ("rebuild", "republish"),
            ("recent", "recent_activity"),
            ("refused", "refusal_limiter"),
            ("rules", "policy"),
        ],
    },
    Names {
        scope: LEDGER_USERS,
        place: Place::Code,
        names: &[
            ("By", "Actor"),
            ("Checked", "ValidLine"),
            ("Ends", "ResolvedChains"),
            ("Entry", "VerifiedComment"),
            ("Fault", "LineError"),
            ("Fill", "PageFill"),
            ("Muted", "MutedWordMatcher"),
            ("Sender", "ClientNetwork"),
            ("Watch", "PatternCompiler"),
        ],
    },
    Names {
        scope: LEDGER,
        place: Place::Code,
        names: &[("Found", "StoredComment"), ("alike", "recent_duplicates"), ("chore", "maintenance_cursor")],
    },
    Names {
        scope: LEDGER,
        place: Place::Function,
        names: &[
            ("brought", "new_title"),
            ("consider", "evaluate"),
            ("filled", "non_empty_pages"),
            ("kept", "keep_tombstone"),
            ("leave", "record_stale_pages"),
            ("mix", "interleave"),
            ("place", "assign_page"),
            ("reach", "highest_published_page"),
            ("truth", "boolean"),
            ("wait", "retry_after"),
        ],
    },
    Names {
        scope: LEDGER_USERS,
        place: Place::LedgerMethod,
        names: &[
            ("comments", "list_comments"),
            ("due", "due_threads"),
            ("hold", "unpublish"),
            ("name", "set_title"),
            ("published", "mark_published"),
            ("recent", "count_recent"),
            ("set", "update_setting"),
        ],
    },
    Names {
        scope: &["crates/ledger/src/"],
        place: Place::Sql,
        names: &[("named", "title_locked"), ("chore", "maintenance_cursor")],
    },
    // The smaller crates.
    Names {
        scope: MODEL,
        place: Place::Module,
        names: &[("layout", "pagination"), ("rate", "rate_limit"), ("reading", "page_reader"), ("seal", "pseudonym")],
    },
    Names {
        scope: GUARD,
        place: Place::Module,
        names: &[("address", "network"), ("fold", "normalize"), ("words", "visible_text")],
    },
    Names { scope: GUARD, place: Place::Code, names: &[("Machine", "ShiftAnd")] },
    Names {
        scope: MARKUP,
        place: Place::Code,
        names: &[("gate", "sanitize"), ("narrow", "restrict"), ("veil", "mask")],
    },
    Names { scope: VIEW_USERS, place: Place::Code, names: &[("Chrome", "PageAssets"), ("To", "ReplyLabel")] },
    Names { scope: WIDGET, place: Place::Module, names: &[("own", "own_comments"), ("reader", "thread_decoder")] },
    Names {
        scope: WIDGET,
        place: Place::Function,
        names: &[
            ("act", "call_method"),
            ("calm", "clear_errors"),
            ("complain", "show_error"),
            ("hear", "on_event"),
            ("say", "set_text"),
            ("tell", "dispatch_event"),
        ],
    },
    Names { scope: XTASK, place: Place::Module, names: &[("edges", "dependency_rules"), ("members", "workspace")] },
    Names { scope: XTASK, place: Place::Code, names: &[("Members", "Workspace"), ("say", "print_progress")] },
    Names { scope: TESTS, place: Place::Module, names: &[("fire", "stress"), ("worst", "cpu_cost")] },
    Names { scope: ALL_TESTS, place: Place::Module, names: &[("left", "stale_pages"), ("storms", "adversarial")] },
];
