//! Whom to tell of a vulnerability of this deployment, as RFC 9116 has it.

use std::fmt::Write as _;

use afterword_model::Refusal;
use js_sys::Date;
use worker::Response;

use crate::http::request::ApiRequest;
use crate::http::router::AppContext;
use crate::platform::clock;
use crate::response::{self, ApiError};

/// Where it is looked for.
pub(crate) const PATH: &str = "/.well-known/security.txt";
/// For how long it can be relied on: the RFC advises less than a year, and who asks again gets another one.
const VALID_MILLIS: u64 = 180 * 24 * 60 * 60 * 1_000;

/// The file, where the owner has set a contact.
pub(crate) fn answer(app: &AppContext, call: &ApiRequest) -> Result<Response, ApiError> {
    if app.settings.security_contacts.is_empty() {
        return Err(Refusal::NotFound.into());
    }
    let mut text = String::new();
    for contact in &app.settings.security_contacts {
        // Writing to a string does not fail.
        let _ = writeln!(text, "Contact: {contact}");
    }
    // A moment of today, so that whoever compares two answers sees no change.
    let expires = Date::new(&((clock::now() + VALID_MILLIS) as f64).into());
    expires.set_utc_hours(0);
    expires.set_utc_minutes(0);
    expires.set_utc_seconds(0);
    expires.set_utc_milliseconds(0);
    let _ = writeln!(text, "Expires: {}", expires.to_iso_string());
    let _ = writeln!(text, "Canonical: {}{PATH}", call.endpoint());
    Ok(response::text(text)?)
}
