//! `/embed.js` and `/assets/…`: static files for every origin; hashed names are cached for ever.

use afterword_tests::{BrowserSession, MODERATOR_SECRET, Request, Response};

use crate::OPEN;

fn get(path: &str, kind: &str) -> Response {
    let response = Request::get(path).header("Origin", "https://anybody.example").send(&OPEN);
    assert_eq!(response.status, 200, "{path}");
    assert_eq!(response.header("access-control-allow-origin").as_deref(), Some("*"), "{path}");
    assert_eq!(response.header("cross-origin-resource-policy").as_deref(), Some("cross-origin"), "{path}");
    let given = response.header("content-type").unwrap_or_default();
    assert!(given.starts_with(kind), "{path} is {given}");
    response
}

/// The first asset path in a text that ends with `end`.
fn asset_path<'a>(text: &'a str, end: &str) -> &'a str {
    let mut paths = text.split(['"', '\'', '`']).filter(|word| word.starts_with("/assets/"));
    paths.find(|path| path.ends_with(end)).unwrap_or_else(|| panic!("no {end} in {text}"))
}

#[test]
fn loader_names_its_assets_which_are_cached_for_ever() {
    let loader = get("/embed.js", "text/javascript");
    let caching = loader.header("cache-control").unwrap_or_default();
    assert!(!caching.contains("immutable"), "the loader may change: {caching}");
    let fragment =
        Request::get("/v1/thread.html").query(&[("url", "https://blog.example/statics"), ("lang", "de")]).send(&OPEN);
    let assets = [
        (asset_path(loader.text(), ".css"), "text/css"),
        (asset_path(loader.text(), ".js"), "text/javascript"),
        (asset_path(loader.text(), ".wasm"), "application/wasm"),
        (asset_path(fragment.text(), ".json"), "application/json"),
    ];
    for (path, kind) in assets {
        let asset = get(path, kind);
        let caching = asset.header("cache-control").unwrap_or_default();
        assert!(caching.contains("immutable") && caching.contains("max-age=31536000"), "{path}: {caching}");
        let name = path.rsplit_once('.').map_or("", |(name, _)| name);
        let hash = name.rsplit('-').next().unwrap_or_default();
        assert!(
            hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{path} is named by its content"
        );
    }
}

#[test]
fn page_and_loader_use_the_same_stylesheets() {
    let loader = get("/embed.js", "text/javascript");
    let query = [("url", "https://blog.example/statics")];
    let page = Request::get("/thread").query(&query).send(&OPEN);
    let fragment = Request::get("/v1/thread.html").query(&query).send(&OPEN);
    let reading = asset_path(page.text(), ".css");
    assert!(reading.starts_with("/assets/afterword-"), "{reading}");
    assert!(loader.text().contains(reading), "the loader waits for the styles for reading");
    let (_, link) = fragment.text().split_once("<link rel=\"stylesheet\" href=\"").expect("the form has its styles");
    let writing = link.split('"').next().and_then(|url| url.strip_prefix(&OPEN.origin())).expect("a URL of the Worker");
    get(writing, "text/css");
    assert!(page.text().contains(writing) && !loader.text().contains(writing), "{writing} comes with the form");
    for theme in ["dense", "classic"] {
        let path = reading.replace('.', &format!("-{theme}."));
        get(&path, "text/css");
        assert!(!page.text().contains(&path), "a theme is loaded only if it is chosen");
    }
}

#[test]
fn count_script_may_be_loaded_by_any_page() {
    let script = get("/count.js", "text/javascript");
    assert!(script.text().contains("/v1/counts") && script.bytes().len() < 1_600, "{}", script.text());
}

#[test]
fn only_the_import_page_may_run_webassembly_in_a_worker() {
    let session = BrowserSession::sign_in(&OPEN, MODERATOR_SECRET);
    let policy = |response: &Response| response.header("content-security-policy").unwrap_or_default();
    let import = policy(&session.get("/admin/transfer?site=https://blog.example").send(&OPEN));
    assert!(import.contains("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'"), "{import}");
    assert!(import.starts_with("default-src 'none'") && !import.contains("unsafe-inline"), "{import}");
    for page in ["/admin", "/admin/queue", "/admin/settings?site=https://blog.example"] {
        let other = policy(&session.get(page).send(&OPEN));
        assert!(!other.contains("wasm") && !other.contains("worker-src"), "{page}: {other}");
    }
    let script = Request::get("/import.js").send(&OPEN);
    assert!(script.text().contains("/import-worker.js") && policy(&script).contains("sandbox"));
    let worker = Request::get("/import-worker.js").send(&OPEN);
    let tools = asset_path(worker.text(), ".wasm");
    assert!(policy(&worker).contains("script-src 'wasm-unsafe-eval'; connect-src 'self'"), "{}", policy(&worker));
    for response in [&script, &worker] {
        assert!(response.header("cache-control").unwrap_or_default().contains("must-revalidate"));
        assert_eq!(response.header("cross-origin-resource-policy").as_deref(), Some("same-origin"));
    }
    get(tools, "application/wasm");
}
