//! Context of log lines: route, site and request id. And causes that are safe to log.
//!
//! A line is `event words key=value … cause=…`. No value is taken from a body or a secret header of a request.

use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

/// Identifies the request, or the object's call, to which a log line belongs. Displays as `route=… site=… request_id=…`.
#[derive(Clone, Debug)]
pub(crate) struct LogContext {
    route: String,
    /// Shared by all clones: the site becomes known while the request is handled.
    site: Rc<OnceCell<String>>,
    request_id: Option<String>,
}

impl LogContext {
    /// Context of a route, or of a trigger that is not a request.
    pub(crate) fn new(route: impl Into<String>) -> Self {
        Self { route: route.into(), site: Rc::default(), request_id: None }
    }

    /// Adds the site's origin, if it is known.
    pub(crate) fn with_site(self, site: Option<String>) -> Self {
        if let Some(site) = site {
            self.set_site(&site);
        }
        self
    }

    /// Adds the id of the request.
    pub(crate) fn with_request_id(self, request_id: Option<String>) -> Self {
        Self { request_id, ..self }
    }

    /// Records the site's origin, once it is known.
    pub(crate) fn set_site(&self, site: &str) {
        self.site.get_or_init(|| site.to_owned());
    }

    /// The same context for another route, of the same site.
    pub(crate) fn for_route(&self, route: impl Into<String>) -> Self {
        Self { route: route.into(), ..self.clone() }
    }

    /// The same context for a call about this site.
    pub(crate) fn for_site(&self, site: &str) -> Self {
        Self { site: Rc::new(OnceCell::from(site.to_owned())), ..self.clone() }
    }

    /// The id of the request.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl fmt::Display for LogContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "route={}", self.route)?;
        if let Some(site) = self.site.get() {
            write!(formatter, " site={site}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(formatter, " request_id={request_id}")?;
        }
        Ok(())
    }
}

/// Kind and position of a JSON error. Its own message may repeat a value, such as the text of a comment.
pub(crate) fn json_cause(error: &serde_json::Error) -> String {
    format!("invalid JSON ({:?}) at line {} column {}", error.classify(), error.line(), error.column())
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

    #[test]
    fn the_site_is_known_to_all_clones() {
        let context = LogContext::new("/v1/thread");
        let clone = context.clone();
        context.set_site("https://blog.example");
        assert_eq!(clone.to_string(), "route=/v1/thread site=https://blog.example");
        assert_eq!(context.for_route("alarm").to_string(), "route=alarm site=https://blog.example");
    }

    #[test]
    fn json_causes_repeat_no_value() {
        let error = serde_json::from_str::<u32>("\"canary-7f3\"").unwrap_err();
        assert!(error.to_string().contains("canary-7f3"));
        assert_eq!(json_cause(&error), "invalid JSON (Data) at line 1 column 12");
    }
}
