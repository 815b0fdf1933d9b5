//! `security.txt`: where to report a vulnerability of this deployment (RFC 9116).

use std::fmt::Write as _;

use afterword_model::Refusal;
use js_sys::Date;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_millis;
use crate::response;

/// Path that the RFC prescribes.
pub(crate) const PATH: &str = "/.well-known/security.txt";
/// Validity of the file, in milliseconds. The RFC advises less than a year; each request gets a new date.
const VALIDITY: u64 = 180 * 24 * 60 * 60 * 1_000;

/// Serves the file, if the owner has set a contact.
pub(crate) fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    if app.settings.security_contacts.is_empty() {
        return Err(Refusal::NotFound.into());
    }
    let mut text = String::new();
    for contact in &app.settings.security_contacts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "Contact: {contact}");
    }
    // Midnight, so that the file changes only once a day.
    let expires = Date::new(&((now_millis() + VALIDITY) as f64).into());
    expires.set_utc_hours(0);
    expires.set_utc_minutes(0);
    expires.set_utc_seconds(0);
    expires.set_utc_milliseconds(0);
    let _ = writeln!(text, "Expires: {}", expires.to_iso_string());
    let _ = writeln!(text, "Canonical: {}{PATH}", request.endpoint());
    Ok(response::text(text)?)
}
