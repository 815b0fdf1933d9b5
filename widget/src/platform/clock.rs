//! The wall clock.

/// Current time in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "the widget's one clock")]
pub(crate) fn now_seconds() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}
