//! A moderator's browser without a browser: keeps the cookie of the session, and sends what a browser sends with pages and forms.

use crate::api::{Request, Response};
use crate::server::Server;

/// Name of the cookie of a session.
pub const SESSION_COOKIE: &str = "__Host-afterword";

/// A browser in which a moderator is signed in.
#[derive(Clone, Debug)]
pub struct BrowserSession<'a> {
    server: &'a Server,
    /// Token of the session.
    pub token: String,
}

impl<'a> BrowserSession<'a> {
    /// Signs in with a secret.
    #[track_caller]
    pub fn sign_in(server: &'a Server, secret: &str) -> Self {
        let response = sign_in_request(server, secret).send(server);
        assert_eq!(response.status, 303, "{response:?}");
        Self::with_token(server, &session_cookie(&response).expect("the response sets the cookie"))
    }

    /// A browser with a given token.
    pub fn with_token(server: &'a Server, token: &str) -> Self {
        Self { server, token: token.to_owned() }
    }

    /// A request for a page, as if the moderator had followed a link of another page.
    pub fn get(&self, path: &str) -> Request {
        self.with_cookie(Request::get(path)).header("Sec-Fetch-Site", "same-origin")
    }

    /// A form of one of the pages.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Request {
        let form = self.with_cookie(Request::post_form(path, fields)).header("Origin", self.server.origin());
        form.header("Sec-Fetch-Site", "same-origin")
    }

    /// Any request with the cookie.
    pub fn with_cookie(&self, request: Request) -> Request {
        request.header("Cookie", format!("{SESSION_COOKIE}={}", self.token))
    }

    /// Opens a page, which must exist.
    #[track_caller]
    pub fn page(&self, path: &str) -> String {
        let response = self.get(path).send(self.server);
        assert_eq!(response.status, 200, "{path}: {response:?}");
        response.text().to_owned()
    }

    /// Sends a form, which must lead to a page. Returns the address of that page.
    #[track_caller]
    pub fn submit(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let response = self.post(path, fields).send(self.server);
        assert_eq!(response.status, 303, "{path}: {response:?}");
        response.header("location").expect("a redirect has a location")
    }
}

/// The form of the sign-in page, as the page itself sends it.
pub fn sign_in_request(server: &Server, secret: &str) -> Request {
    Request::post_form("/admin/sign-in", &[("secret", secret)])
        .header("Origin", server.origin())
        .header("Sec-Fetch-Site", "same-origin")
}

/// The token that a response sets as the cookie of a session. Empty if it deletes the cookie.
pub fn session_cookie(response: &Response) -> Option<String> {
    let header = response.header("set-cookie")?;
    let (_, rest) = header.split_once(&format!("{SESSION_COOKIE}="))?;
    rest.split(';').next().map(str::to_owned)
}
