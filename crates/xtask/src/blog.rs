//! The demo blog: serves a folder of files on an origin of its own.

use std::fs;
use std::io::Cursor;
use std::net::Ipv4Addr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::{Result, anyhow};
use percent_encoding::percent_decode_str;
use tiny_http::{Header, Method, Request, Response, Server};

/// The Worker's address in the example pages. It is replaced by that of the running Worker.
const EXAMPLE_WORKER_URL: &str = "http://localhost:8787";

/// Number of threads: browsers fetch a page with its pictures and scripts over several connections at once.
const THREADS: usize = 4;

/// Serves a folder in the background, until the process ends.
pub(crate) fn serve(folder: &Path, port: u16, worker: &str) -> Result<()> {
    let root = folder.canonicalize()?;
    let server = Server::http((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| anyhow!("cannot serve the blog on port {port}: {error}"))?;
    let server = Arc::new(server);
    for _ in 0..THREADS {
        let (server, root, worker) = (Arc::clone(&server), root.clone(), worker.to_owned());
        thread::spawn(move || {
            for request in server.incoming_requests() {
                respond(request, &root, &worker);
            }
        });
    }
    Ok(())
}

fn respond(request: Request, root: &Path, worker: &str) {
    let safe = matches!(request.method(), Method::Get | Method::Head);
    let path = request.url().split(['?', '#']).next().unwrap_or_default().to_owned();
    let response = match (safe, resolve(root, &path)) {
        (false, _) => response(405, "text/plain; charset=utf-8", "Only GET and HEAD are supported.".into()),
        (true, Target::Page(file)) => page_response(&file, worker),
        (true, Target::Folder) => redirect(&path),
        (true, Target::Missing) => response(404, "text/plain; charset=utf-8", "Page not found.".into()),
    };
    // The browser may have closed the connection; this is no error.
    let _ = request.respond(response);
}

/// Result of resolving a path.
#[derive(Debug, PartialEq)]
enum Target {
    Page(PathBuf),
    /// A folder without the trailing slash. Relative links of its page would resolve to the wrong place.
    Folder,
    Missing,
}

/// Finds the file for a path. Never leaves the folder, neither through dots, however encoded, nor through a symbolic link.
fn resolve(root: &Path, path: &str) -> Target {
    let Ok(decoded) = percent_decode_str(path).decode_utf8() else { return Target::Missing };
    let relative = Path::new(decoded.trim_start_matches('/'));
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    if !decoded.starts_with('/') || !plain || decoded.contains(['\\', '\0']) {
        return Target::Missing;
    }
    let folder = decoded.ends_with('/');
    let file = root.join(relative);
    let file = if folder { file.join("index.html") } else { file };
    match file.canonicalize() {
        Ok(real) if !real.starts_with(root) => Target::Missing,
        Ok(real) if real.is_file() => Target::Page(real),
        Ok(real) if real.join("index.html").is_file() => Target::Folder,
        _ => Target::Missing,
    }
}

fn page_response(file: &Path, worker: &str) -> Response<Cursor<Vec<u8>>> {
    let Ok(content) = fs::read(file) else { return response(404, "text/plain; charset=utf-8", Vec::new()) };
    let kind = content_type(file);
    match String::from_utf8(content) {
        Ok(html) if kind.starts_with("text/html") => {
            response(200, kind, html.replace(EXAMPLE_WORKER_URL, worker).into_bytes())
        }
        Ok(other) => response(200, kind, other.into_bytes()),
        Err(binary) => response(200, kind, binary.into_bytes()),
    }
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("xml") => "application/xml",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn response(status: u16, kind: &str, content: Vec<u8>) -> Response<Cursor<Vec<u8>>> {
    let response = Response::from_data(content).with_status_code(status);
    // The pages are under development and must not come from a cache.
    let headers = [("Content-Type", kind), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")];
    headers
        .iter()
        .filter_map(|(name, value)| Header::from_bytes(*name, *value).ok())
        .fold(response, Response::with_header)
}

/// Redirects to a folder with its trailing slash. The path resolved to a folder below the root, and the target begins with exactly one slash, so
/// it cannot name another host.
fn redirect(path: &str) -> Response<Cursor<Vec<u8>>> {
    let target = format!("/{}/", path.trim_matches('/'));
    let response = response(301, "text/plain; charset=utf-8", Vec::new());
    match Header::from_bytes("Location", target) {
        Ok(location) => response.with_header(location),
        Err(()) => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn blog() -> Scratch {
        Scratch::with_files(
            "blog",
            &[
                ("site/index.html", "home"),
                ("site/posts/index.html", "posts"),
                ("site/posts/a b.html", "post"),
                ("site/empty/note.txt", "note"),
                ("secret.txt", "secret"),
            ],
        )
    }

    fn found(folder: &Scratch, path: &str) -> Target {
        resolve(&folder.path("site").canonicalize().unwrap(), path)
    }

    #[test]
    fn existing_files_are_served() {
        let blog = blog();
        let page = |name: &str| Target::Page(blog.path("site").canonicalize().unwrap().join(name));
        assert_eq!(found(&blog, "/"), page("index.html"));
        assert_eq!(found(&blog, "/index.html"), page("index.html"));
        assert_eq!(found(&blog, "/posts/"), page("posts/index.html"));
        assert_eq!(found(&blog, "/posts"), Target::Folder);
        assert_eq!(found(&blog, "/posts/a%20b.html"), page("posts/a b.html"));
        assert_eq!(found(&blog, "/empty/"), Target::Missing);
        assert_eq!(found(&blog, "/empty"), Target::Missing);
        assert_eq!(found(&blog, "/none.html"), Target::Missing);
    }

    #[test]
    fn files_outside_the_folder_are_not_served() {
        let blog = blog();
        std::os::unix::fs::symlink(blog.path("secret.txt"), blog.path("site/link.txt")).unwrap();
        let absolute = blog.path("secret.txt").display().to_string();
        for path in [
            "/../secret.txt",
            "/posts/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e%2fsecret.txt",
            "/..\\secret.txt",
            "/..%5csecret.txt",
            "//..//secret.txt",
            "/link.txt",
            "/secret.txt%00.html",
            "/%00",
            "/%",
            "/%2",
            "/%zz",
            "/%ff",
            "../secret.txt",
            "secret.txt",
            "",
            "*",
            "http://elsewhere/secret.txt",
            &absolute,
            &format!("/{absolute}"),
        ] {
            assert_eq!(found(&blog, path), Target::Missing, "{path}");
        }
    }

    #[test]
    fn pages_link_to_the_running_worker() {
        let blog = blog();
        blog.write("site/post.html", "<script src=\"http://localhost:8787/embed.js\" async></script>");
        let response = page_response(&blog.path("site/post.html"), "http://localhost:9999");
        let mut html = String::new();
        std::io::Read::read_to_string(&mut response.into_reader(), &mut html).unwrap();
        assert_eq!(html, "<script src=\"http://localhost:9999/embed.js\" async></script>");
    }
}
