//! Rules against spam: limits, bans, muted words, and the activity that they are checked against.

pub(crate) mod answering_forms;
pub(crate) mod interaction_limiter;
pub(crate) mod recent_activity;
pub(crate) mod refusal_limiter;
pub(crate) mod site_policy;
pub(crate) mod submission_policy;
