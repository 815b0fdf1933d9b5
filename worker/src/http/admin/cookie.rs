//! The cookie of a moderator's session.

use afterword_guard::Session;
use worker::Response;

use crate::context::AppContext;
use crate::http::request::ApiRequest;

/// Name of the cookie. Browsers accept a name with this prefix only from the host itself, by `https`, for all of its paths (RFC 6265bis, section
/// 4.1.3.2), so neither another host of the domain nor a network can set it.
const NAME: &str = "__Host-afterword";
/// Attributes of the cookie. Browsers send it with requests of the Worker's own pages only, and no script can read it.
const ATTRIBUTES: &str = "; Path=/; Secure; HttpOnly; SameSite=Strict";
/// Name of a second cookie without the prefix, for WebKit, which takes no `Secure` cookie from `http://localhost`. Not in a release.
#[cfg(feature = "local-runtime")]
const LOCAL_NAME: &str = "afterword-local";

/// The token in the cookie of a request.
pub(crate) fn read(request: &ApiRequest) -> Option<String> {
    let header = request.header("cookie")?;
    let found = value(&header, NAME);
    #[cfg(feature = "local-runtime")]
    let found = found.or_else(|| value(&header, LOCAL_NAME));
    found.map(str::to_owned)
}

/// Sets the cookie to the token of a session.
pub(crate) fn set(app: &AppContext, response: &mut Response, session: &Session) -> worker::Result<()> {
    let token = session.token(&app.settings.moderators, &app.settings.signing_key).unwrap_or_default();
    let seconds = session.expires().saturating_sub(session.used);
    write(response, &token, seconds)
}

/// Deletes the cookie.
pub(crate) fn delete(response: &mut Response) -> worker::Result<()> {
    write(response, "", 0)
}

fn write(response: &mut Response, token: &str, seconds: i64) -> worker::Result<()> {
    let headers = response.headers_mut();
    headers.append("set-cookie", &format!("{NAME}={token}; Max-Age={seconds}{ATTRIBUTES}"))?;
    #[cfg(feature = "local-runtime")]
    headers.append(
        "set-cookie",
        &format!("{LOCAL_NAME}={token}; Max-Age={seconds}{}", ATTRIBUTES.replace("; Secure", "")),
    )?;
    Ok(())
}

/// The value of a cookie in a `Cookie` header. Of several with one name, the first counts.
fn value<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(other, _)| *other == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_exact_name() {
        let header = "a=1; __Host-afterword=ada.0f; x__Host-afterword=2; __host-afterword=3";
        assert_eq!(value(header, NAME), Some("ada.0f"));
        for header in ["", "__Host-afterword", "__Host-afterword=", "x=__Host-afterword=1", "__Host-afterword2=1"] {
            assert_eq!(value(header, NAME), None, "{header}");
        }
    }

    #[test]
    fn the_cookie_is_strict() {
        assert!(NAME.starts_with("__Host-"));
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
            assert!(ATTRIBUTES.split("; ").any(|other| other == attribute), "{attribute}");
        }
    }
}
