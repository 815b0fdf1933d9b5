//! Context of log lines: route, site and request id.

use std::fmt;

/// Identifies the request, or the object's call, to which a log line belongs. Displays as `route=… site=… request_id=…`.
#[derive(Clone, Debug)]
pub(crate) struct LogContext {
    route: String,
    site: Option<String>,
    request_id: Option<String>,
}

impl LogContext {
    /// Context of a route, or of a trigger that is not a request.
    pub(crate) fn new(route: impl Into<String>) -> Self {
        Self { route: route.into(), site: None, request_id: None }
    }

    /// Adds the site's origin, if it is known.
    pub(crate) fn with_site(self, site: Option<String>) -> Self {
        Self { site, ..self }
    }

    /// Adds the platform's id of the request, the `cf-ray` header. The local runtime sends none.
    pub(crate) fn with_request_id(self, request_id: Option<String>) -> Self {
        Self { request_id, ..self }
    }

    /// The platform's id of the request.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl fmt::Display for LogContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "route={}", self.route)?;
        if let Some(site) = &self.site {
            write!(formatter, " site={site}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(formatter, " request_id={request_id}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_parts_are_displayed() {
        assert_eq!(LogContext::new("/v1/thread").to_string(), "route=/v1/thread");
        let context = LogContext::new("/submit").with_site(Some("https://blog.example".to_owned()));
        let context = context.with_request_id(Some("8f0c".to_owned()));
        assert_eq!(context.to_string(), "route=/submit site=https://blog.example request_id=8f0c");
    }
}
