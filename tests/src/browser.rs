//! Chromium with a fresh profile for each test, driven through chromedriver.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{BrowserLogEntry, ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use crate::network_guard::NetworkGuard;
use crate::process::{ProcessGroup, log_dir, root};
use crate::wait::wait_until_async;
use crate::widget::Widget;

/// Flags that stop Chromium's background requests and its limit on repeated calls.
const CHROMIUM_FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-ipc-flooding-protection",
];

/// Settings of a reader's browser.
#[derive(Clone, Copy, Debug)]
pub struct BrowserOptions {
    /// Pages may run JavaScript.
    pub javascript: bool,
    /// Width of the viewport, in CSS pixels.
    pub width: u32,
    /// Height of the viewport, in CSS pixels.
    pub height: u32,
    /// The reader prefers a dark colour scheme.
    pub dark: bool,
}

impl Default for BrowserOptions {
    fn default() -> Self {
        Self { javascript: true, width: 1024, height: 800, dark: false }
    }
}

/// The chromedriver process, shared by all tests of the test process.
struct Driver {
    address: String,
    /// Directory of the profiles, removed together with the driver.
    scratch: PathBuf,
    _group: ProcessGroup,
}

static DRIVER: LazyLock<Driver> = LazyLock::new(|| {
    let scratch =
        tempfile::Builder::new().prefix("afterword-browsers-").tempdir().expect("a directory for profiles").keep();
    let mut command = Command::new(std::env::var_os("CHROMEDRIVER").unwrap_or("chromedriver".into()));
    command.arg("--port=0");
    let mut group = ProcessGroup::start(&command, &log_dir().join("chromedriver.log"), &scratch);
    let port = group.wait_for("chromedriver", |line| {
        Some(line.split("started successfully on port ").nth(1)?.trim_end_matches('.').to_owned())
    });
    Driver { address: format!("http://127.0.0.1:{port}"), scratch, _group: group }
});

/// A reader's browser. Every test must [close](Browser::close) it, because closing checks the console.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    _profile: tempfile::TempDir,
    network_guard: NetworkGuard,
    expected_errors: Vec<&'static str>,
    expects_external: bool,
    closed: bool,
}

impl Browser {
    /// Opens a browser with a fresh profile.
    pub async fn open(options: BrowserOptions) -> Self {
        let profile = tempfile::Builder::new().tempdir_in(&DRIVER.scratch).expect("a directory for the profile");
        let network_guard = NetworkGuard::start();
        let capabilities =
            capabilities(profile.path(), &network_guard, options).expect("the capabilities are well formed");
        let driver = WebDriver::new(DRIVER.address.as_str(), capabilities).await.expect("Chromium starts");
        let browser = Self {
            driver,
            _profile: profile,
            network_guard,
            expected_errors: Vec::new(),
            expects_external: false,
            closed: false,
        };
        browser.apply_options(options).await;
        browser
    }

    async fn apply_options(&self, options: BrowserOptions) {
        let size = json!({"width": options.width, "height": options.height, "deviceScaleFactor": 0, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if options.dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.command("Emulation.setEmulatedMedia", media).await;
    }

    /// Sends a command of the DevTools protocol.
    pub async fn command(&self, method: &str, parameters: Value) {
        self.command_result(method, parameters).await;
    }

    /// Sends a command of the DevTools protocol and returns its result.
    pub async fn command_result(&self, method: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(method, parameters).await.expect("the command succeeds")
    }

    /// All cookies of all origins.
    pub async fn cookies(&self) -> Vec<Value> {
        self.command_result("Storage.getCookies", json!({})).await["cookies"].as_array().expect("a list").clone()
    }

    /// Runs a script in every new page before the page's own scripts. Returns an identifier for
    /// [`Browser::remove_script`].
    pub async fn inject_script(&self, script: &str) -> String {
        let parameters = json!({"source": script});
        let injected = self.driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", parameters).await;
        injected.expect("the script is injected")["identifier"].as_str().unwrap_or_default().to_owned()
    }

    /// Removes an injected script.
    pub async fn remove_script(&self, identifier: String) {
        self.command("Page.removeScriptToEvaluateOnNewDocument", json!({"identifier": identifier})).await;
    }

    /// Declares a console error that this test provokes, by a part of its text.
    pub fn expect_console_error(&mut self, part: &'static str) {
        self.expected_errors.push(part);
    }

    /// Declares that this test connects to hosts other than this machine.
    pub fn expect_external_connections(&mut self) {
        self.expects_external = true;
    }

    /// Opens a page.
    pub async fn visit(&self, url: &str) {
        self.driver.goto(url).await.expect("the page loads");
    }

    /// Reloads the page.
    pub async fn reload(&self) {
        self.driver.refresh().await.expect("the page loads again");
    }

    /// The address of the page.
    pub async fn current_url(&self) -> String {
        self.driver.current_url().await.expect("there is a page").to_string()
    }

    /// Waits until the address contains `part`.
    pub async fn wait_for_url(&self, part: &str) {
        let options = async || {
            let address = self.current_url().await;
            if address.contains(part) { Ok(()) } else { Err(address) }
        };
        wait_until_async(&format!("an address with {part}"), options).await;
    }

    /// The widget on the page, or the thread on the Worker's own page.
    pub fn widget(&self) -> Widget<'_> {
        Widget::new(self)
    }

    /// Waits for an element of the document and returns it.
    pub async fn find(&self, css: &str) -> WebElement {
        wait_until_async(&format!("an element {css}"), async || self.driver.find(By::Css(css)).await).await
    }

    /// Runs a script in the page with these `arguments`.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute(script, arguments).await.expect("the script runs").json().clone()
    }

    /// Runs an asynchronous script, which passes its result to its last argument.
    pub async fn run_async(&self, script: &str) -> Value {
        self.run_async_with(script, Vec::new()).await
    }

    /// Same as [`Browser::run_async`], with arguments before the callback.
    pub async fn run_async_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute_async(script, arguments).await.expect("the script runs").json().clone()
    }

    /// Runs a script that returns an element.
    pub(crate) async fn element(&self, script: &str, arguments: Vec<Value>) -> Result<WebElement, WebDriverError> {
        self.driver.execute(script, arguments).await?.element()
    }

    /// Presses keys on the focused element.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.expect("the keys are pressed");
    }

    /// Presses Tab until the focus is on an element of the widget.
    pub async fn tab_to(&self, css: &str) {
        for _ in 0..60 {
            self.press(Key::Tab).await;
            if self.widget().has_focus(css).await {
                return;
            }
        }
        panic!("pressing Tab 60 times does not reach {css}");
    }

    /// The violations that axe-core finds in the page, shadow roots included, each with its rule and summary.
    pub async fn axe_violations(&self) -> Vec<String> {
        let axe =
            std::fs::read_to_string(root().join("node_modules/axe-core/axe.min.js")).expect("axe-core is installed");
        self.run(&axe, Vec::new()).await;
        let found = self.run_async("axe.run(document, {resultTypes: ['violations']}).then(arguments[0])").await;
        let violations = found["violations"].as_array().expect("axe returns a list").clone();
        violations
            .iter()
            .flat_map(|rule| {
                let nodes = rule["nodes"].as_array().cloned().unwrap_or_default();
                nodes.into_iter().map(|node| format!("{}: {}", rule["id"], node["failureSummary"])).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Returns true if the page is wider than the window.
    pub async fn overflows_horizontally(&self) -> bool {
        let wide = self.run("return document.scrollingElement.scrollWidth > innerWidth", Vec::new()).await;
        wide.as_bool().expect("a boolean")
    }

    /// Saves a screenshot of the whole page, `width` pixels wide.
    pub async fn save_screenshot(&self, width: u32, path: &Path) {
        let height = self.run("return document.scrollingElement.scrollHeight", Vec::new()).await;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", size).await;
        self.driver.screenshot(path).await.expect("the screenshot can be taken and saved");
    }

    /// Opens a second tab on the same profile, switches to it and returns its handle.
    pub async fn new_tab(&self) -> WindowHandle {
        let tab = self.driver.new_tab().await.expect("a tab opens");
        self.switch_to(&tab).await;
        tab
    }

    /// The handle of the current tab.
    pub async fn current_tab(&self) -> WindowHandle {
        self.driver.window().await.expect("there is a tab")
    }

    /// Switches to a tab.
    pub async fn switch_to(&self, tab: &WindowHandle) {
        self.driver.switch_to_window(tab.clone()).await.expect("the tab is there");
    }

    /// The method and address of every request that the current tab has made since the last call.
    pub async fn requests(&self) -> Vec<String> {
        let log = self.driver.get_log("performance").await.expect("the network's events can be read");
        let requests = log.iter().filter_map(|entry| parse_request(&entry.message));
        // Skips the requests of the browser's own first page. No other page can make them.
        requests.filter(|request| !request.contains(" chrome:")).collect()
    }

    /// The connections to hosts other than this machine, each with the first bytes sent.
    pub fn external_connections(&self) -> Vec<String> {
        self.network_guard.connections()
    }

    /// The console errors since the last call.
    pub async fn console_errors(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.expect("the console can be read");
        log.into_iter().filter(is_error).map(|entry| entry.message).collect()
    }

    /// Ends the session. Fails on an uncaught exception or console error that the test did not declare, on a declared
    /// error that is missing, and on a connection to another host.
    pub async fn close(mut self) {
        self.closed = true;
        let errors = self.console_errors().await;
        let unexpected: Vec<_> =
            errors.iter().filter(|error| !self.expected_errors.iter().any(|part| error.contains(part))).collect();
        let missing: Vec<_> =
            self.expected_errors.iter().filter(|part| !errors.iter().any(|error| error.contains(*part))).collect();
        self.driver.clone().quit().await.expect("the session ends");
        let external = self.external_connections();
        assert_eq!(!external.is_empty(), self.expects_external, "connections to other hosts: {external:#?}");
        assert!(unexpected.is_empty(), "unexpected console errors: {unexpected:#?}");
        assert!(missing.is_empty(), "expected console errors {missing:?}, found {errors:?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        assert!(self.closed || std::thread::panicking(), "a browser must be closed, so that its console is checked");
    }
}

fn is_error(entry: &BrowserLogEntry) -> bool {
    entry.level == "SEVERE" || entry.source.as_deref() == Some("javascript")
}

/// The method and address in a DevTools network event, if it is a request.
fn parse_request(event: &str) -> Option<String> {
    let mut event: Value = serde_json::from_str(event).ok()?;
    let event = event["message"].take();
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Network.requestWillBeSent" => {
            let request = &parameters["request"];
            Some(format!("{} {}", request["method"].as_str()?, request["url"].as_str()?))
        }
        "Network.webSocketCreated" => Some(format!("WEBSOCKET {}", parameters["url"].as_str()?)),
        _ => None,
    }
}

fn capabilities(
    profile: &Path,
    network_guard: &NetworkGuard,
    options: BrowserOptions,
) -> WebDriverResult<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in CHROMIUM_FLAGS {
        capabilities.add_arg(flag)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    capabilities.add_arg(&network_guard.flag())?;
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    if !options.javascript {
        let blocked = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", blocked)?;
    }
    Ok(capabilities)
}
