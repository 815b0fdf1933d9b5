//! Shared context of all handlers.

use worker::Env;

use crate::platform::log_context::LogContext;
use crate::platform::usage::Usage;
use crate::settings::Settings;

/// The environment, the settings, and the usage and log context of one request.
pub(crate) struct AppContext {
    pub(crate) env: Env,
    pub(crate) settings: &'static Settings,
    pub(crate) usage: Usage,
    pub(crate) log: LogContext,
}

impl AppContext {
    /// Context of a new request, or of a trigger.
    pub(crate) fn new(env: Env, settings: &'static Settings, log: LogContext) -> Self {
        Self { env, settings, usage: Usage::start(), log }
    }
}
