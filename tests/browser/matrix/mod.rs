//! Actions of a reader on every host page of `tests/pages`: read, follow a link to a comment, write and reply. Prints a
//! table.

mod pages;
mod visit;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::rc::Rc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_tests::{Browser, BrowserOptions, Engine, HostSite, Server, is_whole_run, root};

use pages::{FRAMED, Page, QUICK_SHARE, Reach, pages, quick_pages};
use visit::{Action, Visit};

/// The Worker of the matrix, which publishes at once.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("browser-matrix", "open"));

/// The host pages.
static SITE: LazyLock<HostSite> = LazyLock::new(|| {
    let site = HostSite::start();
    let worker = "service-worker.js";
    site.publish_fixture(&format!("/pages/{worker}"), &root().join("tests/pages").join(worker), &[], &SERVER);
    for page in FRAMED.iter().chain(pages()) {
        let headers: Vec<_> =
            page.header.iter().map(|(name, value)| (*name, value.replace("WORKER", &SERVER.origin()))).collect();
        site.publish_text(&page_path(page.name), &page_text(page), &headers, &SERVER);
    }
    site
});

fn page_path(name: &str) -> String {
    format!("/pages/{name}.html")
}

/// Reads a page. A file that begins with a title is not a whole page.
fn page_text(page: &Page) -> Vec<u8> {
    let text = read_file(page.name);
    if text.starts_with(b"<title>") {
        complete_page(page, str::from_utf8(&text).expect("UTF-8")).into_bytes()
    } else {
        text
    }
}

/// Puts an ordinary page around the content of its head and body.
fn complete_page(page: &Page, text: &str) -> String {
    let (head, body) = split_at_body(text);
    let other = String::from_utf8(read_file(page.body_of)).expect("UTF-8");
    let body = if body.is_empty() { split_at_body(&other).1 } else { body };
    let attributes = page.html_attributes;
    format!(
        "<!doctype html>\n<html {attributes}>\n<head>\n<meta charset=\"utf-8\">\n{head}</head>\n{body}</body>\n</html>\n"
    )
}

/// The content of the head, and the body from its tag on, which may be absent.
fn split_at_body(text: &str) -> (&str, &str) {
    text.split_at(text.find("\n<body").map_or(text.len(), |at| at + 1))
}

fn read_file(name: &str) -> Vec<u8> {
    let file = root().join(format!("tests/pages/{name}.html"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Browsers that are open at the same time.
const BROWSERS: usize = 2;

/// Results of one host page: an error, or `None` if the action succeeded, and no entry if the page does not have it.
#[derive(Debug, Default)]
struct Row {
    cells: BTreeMap<Action, Option<String>>,
    console: Vec<String>,
}

impl Row {
    /// The line of the table.
    fn line(&self, page: &Page) -> String {
        let mark = |action: &Action| match self.cells.get(action) {
            Some(None) if page.reach == Reach::PlainForm && *action >= Action::Write => "plain",
            Some(None) => "yes",
            Some(Some(_)) => "FAILED",
            None => "-",
        };
        let cells: String = Action::ALL.iter().map(|action| format!("{:<8}", mark(action))).collect();
        let console = if self.console.is_empty() { "" } else { "console" };
        format!("{:<24}{cells}{console}\n", page.name)
    }

    fn errors(&self) -> impl Iterator<Item = String> {
        let cells =
            self.cells.iter().filter_map(|(action, error)| Some(format!("{}: {}", action.name(), error.as_ref()?)));
        cells.chain(self.console.iter().map(|error| format!("console: {error}")))
    }
}

/// The pages to open: those that the variable names, separated by commas; without it all, and in a quick run a part of them.
fn wanted() -> Vec<&'static Page> {
    match std::env::var("AFTERWORD_PAGES") {
        Ok(names) => pages().filter(|page| names.split(',').any(|name| name == page.name)).collect(),
        Err(_) if is_whole_run() => pages().collect(),
        Err(_) => quick_pages().collect(),
    }
}

#[test]
fn matrix_of_host_pages() {
    let wanted = wanted();
    let next = AtomicUsize::new(0);
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let open =
            || Rc::new(runtime.block_on(Browser::open(BrowserOptions { complete: true, ..BrowserOptions::default() })));
        let close =
            |browser: Rc<Browser>| runtime.block_on(Rc::into_inner(browser).expect("no action is running").close());
        let mut rows = Vec::new();
        let shared = open();
        while let Some(page) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let own = page.own_browser.then(open);
            let local = tokio::task::LocalSet::new();
            let row = runtime.block_on(local.run_until(open_page(page, own.as_ref().unwrap_or(&shared))));
            drop(local);
            own.map(close);
            // Not by `println!`, whose output is hidden unless the test fails.
            std::io::stdout().write_all(row.line(page).as_bytes()).unwrap();
            rows.push((page.name, row));
        }
        close(shared);
        rows
    };
    let rows: BTreeMap<_, _> = std::thread::scope(|scope| {
        let browsers: Vec<_> = (0..Engine::current().browsers_at_once(BROWSERS)).map(|_| scope.spawn(work)).collect();
        browsers.into_iter().flat_map(|browser| browser.join().expect("the browser thread succeeds")).collect()
    });
    let table = table(&wanted, &rows);
    std::fs::write(root().join(format!("build/tests/matrix-{}.txt", Engine::current().name())), &table).unwrap();
    std::io::stdout().write_all(table.as_bytes()).unwrap();
    let failed = rows.values().flat_map(Row::errors).count();
    assert_eq!(failed, 0, "{failed} errors, listed below the table");
}

/// Does everything on a page that a reader does there.
async fn open_page(page: &Page, browser: &Rc<Browser>) -> Row {
    let visit = Visit::prepare(*page, Rc::clone(browser)).await;
    let mut row = Row::default();
    for action in Action::ALL.into_iter().filter(|action| action.applies_to(page)) {
        row.cells.insert(action, visit.perform(action).await.err());
    }
    row.console = visit.unexpected_console_errors().await;
    row
}

/// The table of an engine, followed by all errors.
fn table(pages: &[&Page], rows: &BTreeMap<&str, Row>) -> String {
    let head: String = Action::ALL.iter().map(|action| format!("{:<8}", action.name())).collect();
    let lines: String = pages.iter().map(|page| rows[page.name].line(page)).collect();
    let succeeded = rows.values().flat_map(|row| row.cells.values()).filter(|error| error.is_none()).count();
    let errors =
        pages.iter().flat_map(|page| rows[page.name].errors().map(|error| format!("{}: {error}\n", page.name)));
    let errors: String = errors.collect();
    let name = Engine::current().name();
    let count = pages.len();
    let rule = if count < pages::pages().count() {
        format!(", one in {QUICK_SHARE} of each kind in a quick run")
    } else {
        String::new()
    };
    format!("\n{name:<24}{head}\n{lines}{count} pages{rule}, {succeeded} cells succeeded\n{errors}")
}

#[tokio::test]
#[ignore = "makes pictures for people to look at"]
async fn matrix_screenshots() {
    let folder = root().join("target/screenshots").join(Engine::current().name());
    std::fs::create_dir_all(&folder).unwrap();
    let browser = Rc::new(Browser::open(BrowserOptions::default()).await);
    let mut faults = Vec::new();
    for page in wanted() {
        let visit = Visit::prepare(*page, Rc::clone(&browser)).await;
        let seen = tokio::task::LocalSet::new().run_until(visit.perform(Action::Read)).await;
        faults.extend(seen.err().map(|error| format!("{}: {error}", page.name)));
        browser.save_viewport(&folder.join(format!("{}.png", page.name))).await;
        visit.unexpected_console_errors().await;
    }
    Rc::into_inner(browser).expect("no action is running").close().await;
    assert_eq!(faults, Vec::<String>::new());
}
