//! Real Chromium, each with a fresh profile, driven through chromedriver.

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

/// Everything that keeps Chromium from doing anything of its own accord, or from doing what it is told too often.
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

/// How the reader's browser is set up.
#[derive(Clone, Copy, Debug)]
pub struct BrowserOptions {
    /// Whether pages may run JavaScript.
    pub script: bool,
    /// The width of the window's inside, in CSS pixels.
    pub width: u32,
    /// The height of the window's inside, in CSS pixels.
    pub height: u32,
    /// Whether the reader likes it dark.
    pub dark: bool,
}

impl Default for BrowserOptions {
    fn default() -> Self {
        Self { script: true, width: 1024, height: 800, dark: false }
    }
}

/// The driver, shared by all tests of the process.
struct Driver {
    address: String,
    /// Holds the profiles, and goes with the driver.
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

/// A reader's browser. It must be [closed](Browser::close), for that is where its console is looked at.
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
    /// Opens one with a fresh profile.
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
        self.ask(method, parameters).await;
    }

    /// As [`Browser::command`], for what it answers.
    pub async fn ask(&self, method: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(method, parameters).await.expect("the command is known")
    }

    /// All cookies of all origins.
    pub async fn cookies(&self) -> Vec<Value> {
        self.ask("Storage.getCookies", json!({})).await["cookies"].as_array().expect("a list").clone()
    }

    /// Runs a script in every page from now on, before the page's own, and gives it a name for [`Browser::eject`].
    pub async fn inject_script(&self, script: &str) -> String {
        let parameters = json!({"source": script});
        let injected = self.driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", parameters).await;
        injected.expect("the script is taken")["identifier"].as_str().unwrap_or_default().to_owned()
    }

    /// Takes an injected script back.
    pub async fn remove_script(&self, identifier: String) {
        self.command("Page.removeScriptToEvaluateOnNewDocument", json!({"identifier": identifier})).await;
    }

    /// Names an error that this test means to see in the console, by a part of its text.
    pub fn expect_console_error(&mut self, part: &'static str) {
        self.expected_errors.push(part);
    }

    /// Says that this test means to make requests to hosts that are not of this machine.
    pub fn expect_external_connections(&mut self) {
        self.expects_external = true;
    }

    /// Opens a page.
    pub async fn visit(&self, url: &str) {
        self.driver.goto(url).await.expect("the page loads");
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.driver.refresh().await.expect("the page loads again");
    }

    /// The address of the page.
    pub async fn current_url(&self) -> String {
        self.driver.current_url().await.expect("there is a page").to_string()
    }

    /// Waits for the address to hold `part`.
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

    /// Waits for an element of the document and gives it.
    pub async fn find(&self, css: &str) -> WebElement {
        wait_until_async(&format!("an element {css}"), async || self.driver.find(By::Css(css)).await).await
    }

    /// Runs a script in the page; `arguments` are its `arguments`.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute(script, arguments).await.expect("the script runs").json().clone()
    }

    /// Runs a script that calls its last argument with its result.
    pub async fn run_async(&self, script: &str) -> Value {
        self.run_async_with(script, Vec::new()).await
    }

    /// As [`Browser::run_async`], with arguments before that last one.
    pub async fn run_async_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute_async(script, arguments).await.expect("the script runs").json().clone()
    }

    /// The element that a script returns, if it returns one.
    pub(crate) async fn element(&self, script: &str, arguments: Vec<Value>) -> Result<WebElement, WebDriverError> {
        self.driver.execute(script, arguments).await?.element()
    }

    /// Presses keys, wherever the focus is.
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
        panic!("60 times Tab do not lead to {css}");
    }

    /// The violations that axe-core finds in the page, shadow roots included: rule and selectors of each.
    pub async fn axe_violations(&self) -> Vec<String> {
        let axe =
            std::fs::read_to_string(root().join("node_modules/axe-core/axe.min.js")).expect("axe-core is installed");
        self.run(&axe, Vec::new()).await;
        let found = self.run_async("axe.run(document, {resultTypes: ['violations']}).then(arguments[0])").await;
        let violations = found["violations"].as_array().expect("axe says what it found").clone();
        violations
            .iter()
            .flat_map(|rule| {
                let nodes = rule["nodes"].as_array().cloned().unwrap_or_default();
                nodes.into_iter().map(|node| format!("{}: {}", rule["id"], node["failureSummary"])).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Whether something is wider than the window.
    pub async fn overflows_horizontally(&self) -> bool {
        let wide = self.run("return document.scrollingElement.scrollWidth > innerWidth", Vec::new()).await;
        wide.as_bool().expect("a truth value")
    }

    /// Writes a picture of the whole page, `width` wide.
    pub async fn save_screenshot(&self, width: u32, path: &Path) {
        let height = self.run("return document.scrollingElement.scrollHeight", Vec::new()).await;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", size).await;
        self.driver.screenshot(path).await.expect("the picture can be taken and written");
    }

    /// Opens a second tab on the same profile, goes there and gives its name.
    pub async fn new_tab(&self) -> WindowHandle {
        let tab = self.driver.new_tab().await.expect("a tab opens");
        self.switch_to(&tab).await;
        tab
    }

    /// The name of the tab in front.
    pub async fn current_tab(&self) -> WindowHandle {
        self.driver.window().await.expect("there is a tab")
    }

    /// Goes to a tab.
    pub async fn switch_to(&self, tab: &WindowHandle) {
        self.driver.switch_to_window(tab.clone()).await.expect("the tab is there");
    }

    /// Every request that the tab in front has made since it was last asked for, its method and its address.
    pub async fn requests(&self) -> Vec<String> {
        let log = self.driver.get_log("performance").await.expect("the network's events can be read");
        let requests = log.iter().filter_map(|entry| request(&entry.message));
        // The browser's own first page; no other can ask for these.
        requests.filter(|request| !request.contains(" chrome:")).collect()
    }

    /// Who came to where every host leads that is not of this machine, and what they said.
    pub fn external_connections(&self) -> Vec<String> {
        self.network_guard.connections()
    }

    /// The errors in the console since they were last asked for.
    pub async fn console_errors(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.expect("the console can be read");
        log.into_iter().filter(is_error).map(|entry| entry.message).collect()
    }

    /// Ends the session. Fails on any uncaught exception and any error in the console that the test did not name, on a named one
    /// that did not come, and when a request was made to a host that is not of this machine.
    pub async fn close(mut self) {
        self.closed = true;
        let errors = self.console_errors().await;
        let strange: Vec<_> =
            errors.iter().filter(|error| !self.expected_errors.iter().any(|part| error.contains(part))).collect();
        let missing: Vec<_> =
            self.expected_errors.iter().filter(|part| !errors.iter().any(|error| error.contains(*part))).collect();
        self.driver.clone().quit().await.expect("the session ends");
        let expects_external = self.external_connections();
        assert_eq!(
            !expects_external.is_empty(),
            self.expects_external,
            "requests to other hosts: {expects_external:#?}"
        );
        assert!(strange.is_empty(), "errors in the console: {strange:#?}");
        assert!(missing.is_empty(), "the console should have said {missing:?}, but has {errors:?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        assert!(self.closed || std::thread::panicking(), "a browser must be closed, so that its console is looked at");
    }
}

fn is_error(entry: &BrowserLogEntry) -> bool {
    entry.level == "SEVERE" || entry.source.as_deref() == Some("javascript")
}

/// The method and the address in an event of the network, if it is a request.
fn request(event: &str) -> Option<String> {
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
    if !options.script {
        let blocked = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", blocked)?;
    }
    Ok(capabilities)
}
