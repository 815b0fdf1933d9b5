//! `security.txt`: where to report a vulnerability of this deployment (RFC 9116).

use std::fmt::Write as _;

use afterword_model::Refusal;
use chrono::DateTime;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::response;

/// Path that the RFC prescribes.
pub(crate) const PATH: &str = "/.well-known/security.txt";
/// Validity of the file, in seconds. The RFC advises less than a year; each request gets a new date.
const VALIDITY: i64 = 180 * 24 * 60 * 60;

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
    let expires = DateTime::from_timestamp_secs(now_seconds() + VALIDITY).unwrap_or_default().date_naive();
    let _ = writeln!(text, "Expires: {expires}T00:00:00.000Z");
    let _ = writeln!(text, "Canonical: {}{PATH}", request.endpoint());
    Ok(response::text(text)?)
}
