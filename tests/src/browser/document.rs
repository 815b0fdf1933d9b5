//! Pages as the proxy changes them: scripts inserted before those of the page, and scripts forbidden.

use uuid::Uuid;

use super::proxy::{CONSOLE_HOST, Head, set_header, write_head};

/// Reports errors of the page to the proxy.
const CONSOLE_SCRIPT: &str = include_str!("console.js");
/// A policy that forbids only scripts.
const NO_SCRIPTS: &str = "sandbox allow-forms allow-same-origin allow-popups allow-top-navigation allow-modals";

/// Returns true if the response is a page.
pub(super) fn is_document(head: &Head) -> bool {
    header(head, "content-type").is_some_and(|kind| kind.starts_with("text/html") || is_xhtml(kind))
}

/// The whole response with the page, changed.
pub(super) fn prepare(mut head: Head, body: Vec<u8>, scripts: &[String], javascript_off: bool) -> Vec<u8> {
    let chunked = header(&head, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    let mut body = if chunked { join_chunks(&body) } else { body };
    head.1.retain(|(name, _)| !name.eq_ignore_ascii_case("transfer-encoding"));
    if javascript_off {
        head.1.push(("Content-Security-Policy".to_owned(), NO_SCRIPTS.to_owned()));
    } else {
        let nonce = Uuid::new_v4().to_string();
        for (name, value) in &mut head.1 {
            if name.eq_ignore_ascii_case("content-security-policy") {
                *value = permit(value, &nonce);
            }
        }
        let xhtml = header(&head, "content-type").is_some_and(is_xhtml);
        body = insert(&body, &tags(scripts, &nonce, xhtml));
    }
    set_header(&mut head, "Content-Length", &body.len().to_string());
    set_header(&mut head, "Connection", "close");
    [write_head(&head).into_bytes(), body].concat()
}

fn header<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
    head.1.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn is_xhtml(kind: &str) -> bool {
    kind.starts_with("application/xhtml+xml")
}

/// The body of a response in chunks (RFC 9112, section 7.1). Ends at the first chunk that is not well formed.
fn join_chunks(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).unwrap_or_default();
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16).unwrap_or_default();
        let Some(chunk) = rest.get(end + 2..end + 2 + size).filter(|chunk| !chunk.is_empty()) else { break };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

/// Elements of the scripts. Each removes itself, so that the page has no nodes that it would not have without them.
fn tags(scripts: &[String], nonce: &str, xhtml: bool) -> String {
    let (open, close) = if xhtml { ("//<![CDATA[\n", "\n//]]>") } else { ("", "") };
    let tag = |script: &str| {
        let script = script.replace("</", "<\\/");
        format!("<script nonce=\"{nonce}\">{open}document.currentScript?.remove();\n{script}{close}</script>")
    };
    [CONSOLE_SCRIPT].into_iter().chain(scripts.iter().map(String::as_str)).map(tag).collect()
}

/// Inserts markup as early as the parser runs a script: after the doctype, and in XHTML into the head.
fn insert(page: &[u8], markup: &str) -> Vec<u8> {
    let lower = page.to_ascii_lowercase();
    let after = |start: &[u8]| {
        let at = lower.windows(start.len()).position(|window| window == start)?;
        Some(at + lower[at..].iter().position(|&byte| byte == b'>')? + 1)
    };
    let is_xml = lower.starts_with(b"<?xml");
    let at = if is_xml { after(b"<head") } else { after(b"<!doctype") }.unwrap_or_default();
    [&page[..at], markup.as_bytes(), &page[at..]].concat()
}

/// The policies with a permission for the inserted scripts and for reports to the proxy.
fn permit(policies: &str, nonce: &str) -> String {
    let permit_one = |policy: &str| {
        let directives: Vec<&str> =
            policy.split(';').map(str::trim).filter(|directive| !directive.is_empty()).collect();
        let sources = |name: &str| {
            let named = |directive: &&str| directive.split(' ').next().is_some_and(|other| other == name);
            directives.iter().copied().find(named).map(|directive| directive[name.len()..].trim())
        };
        let mut policy = directives.join("; ");
        for (name, source) in
            [("script-src", format!("'nonce-{nonce}'")), ("connect-src", format!("http://{CONSOLE_HOST}"))]
        {
            let Some(given) = sources(name).or_else(|| sources("default-src")) else { continue };
            // A nonce would switch off the permission for all inline scripts.
            if name == "script-src" && given.contains("'unsafe-inline'") {
                continue;
            }
            let given = if given == "'none'" { "" } else { given };
            let old = sources(name).map(|old| format!("{name} {old}"));
            let new = format!("{name} {given} {source}");
            policy = match old {
                Some(old) => policy.replace(old.trim_end(), &new),
                None => format!("{policy}; {new}"),
            };
        }
        policy
    };
    policies.split(',').map(permit_one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_permits_the_inserted_scripts_and_nothing_else() {
        let cases = [
            ("default-src 'none'", "default-src 'none'; script-src  'nonce-n'; connect-src  http://console.test"),
            ("script-src https://a.example", "script-src https://a.example 'nonce-n'"),
            (
                "default-src 'unsafe-inline'",
                "default-src 'unsafe-inline'; connect-src 'unsafe-inline' http://console.test",
            ),
            ("frame-ancestors 'none'", "frame-ancestors 'none'"),
        ];
        for (given, expected) in cases {
            assert_eq!(permit(given, "n"), expected);
        }
    }

    #[test]
    fn markup_is_inserted_after_the_doctype() {
        assert_eq!(insert(b"<!DOCTYPE html><html>", "x"), b"<!DOCTYPE html>x<html>");
        assert_eq!(insert(b"<p>quirks", "x"), b"x<p>quirks");
        assert_eq!(
            insert(b"<?xml version=\"1.0\"?><!DOCTYPE html><html><head><title/>", "x"),
            b"<?xml version=\"1.0\"?><!DOCTYPE html><html><head>x<title/>"
        );
    }

    #[test]
    fn chunks_are_joined() {
        assert_eq!(join_chunks(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), b"abcde");
    }
}
