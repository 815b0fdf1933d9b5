//! A browser with a fresh profile for each test, driven through WebDriver. Chromium is observed through the DevTools
//! protocol, other engines through a proxy.

mod chromium;
mod document;
mod engine;
mod network_guard;
mod proxied;
mod proxy;
mod trace;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use chromium::Chromium;
pub use engine::Engine;
use proxied::Proxied;
pub use trace::Trace;

use crate::process::root;
use crate::wait::wait_until_async;
use crate::widget::Widget;

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
    /// The browser has all parts, as readers have it, and connects in advance where a page asks for it. It takes longer to start.
    pub complete: bool,
    /// Records a trace of the page's work; see [`Browser::take_trace`]. Only in Chromium.
    pub trace: bool,
}

impl BrowserOptions {
    /// A large light screen.
    pub const DEFAULT: Self =
        Self { javascript: true, width: 1024, height: 800, dark: false, complete: false, trace: false };
}

impl Default for BrowserOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The means by which a browser's requests and console are observed.
#[derive(Debug)]
enum Observer {
    Chromium(Chromium),
    Proxied(Proxied),
}

/// A reader's browser. Every test must [close](Browser::close) it, because closing checks the console.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    observer: Observer,
    /// Keys of the errors that [`Browser::console_errors`] has returned.
    seen_errors: Mutex<BTreeSet<String>>,
    expected_errors: Vec<&'static str>,
    expects_external: bool,
    closed: bool,
}

/// Time limit of a script. The inspection of a document with many comments takes long on a busy machine.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(100);

impl Browser {
    /// Opens a browser of the current engine with a fresh profile.
    pub async fn open(options: BrowserOptions) -> Self {
        let (driver, observer) = match Engine::current() {
            Engine::Chromium => {
                let (driver, chromium) = Chromium::start(options).await;
                (driver, Observer::Chromium(chromium))
            }
            engine => {
                let (driver, proxied) = Proxied::start(engine, options).await;
                (driver, Observer::Proxied(proxied))
            }
        };
        driver.set_script_timeout(SCRIPT_TIMEOUT).await.expect("the time limit is set");
        Self {
            driver,
            observer,
            seen_errors: Mutex::default(),
            expected_errors: Vec::new(),
            expects_external: false,
            closed: false,
        }
    }

    /// Sends a command of the DevTools protocol. Only in Chromium.
    pub async fn command(&self, method: &str, parameters: Value) {
        self.command_result(method, parameters).await;
    }

    /// Sends a command of the DevTools protocol and returns its result. Only in Chromium.
    ///
    /// # Panics
    ///
    /// In other engines.
    pub async fn command_result(&self, method: &str, parameters: Value) -> Value {
        let engine = Engine::current();
        assert!(engine == Engine::Chromium, "{} has no command {method} of the DevTools protocol", engine.name());
        self.driver.cdp().send_raw(method, parameters).await.expect("the command succeeds")
    }

    /// All cookies of all origins; in engines other than Chromium, those of the current page.
    pub async fn cookies(&self) -> Vec<Value> {
        if let Observer::Proxied(_) = self.observer {
            let cookies = self.driver.get_all_cookies().await.expect("the cookies can be read");
            return cookies.iter().map(|cookie| json!(cookie)).collect();
        }
        self.command_result("Storage.getCookies", json!({})).await["cookies"].as_array().expect("a list").clone()
    }

    /// Runs a script in every new page before the page's own scripts. Returns an identifier for
    /// [`Browser::remove_script`].
    pub async fn inject_script(&self, script: &str) -> String {
        if let Observer::Proxied(proxied) = &self.observer {
            return proxied.proxy.inject(script).to_string();
        }
        let injected = self.command_result("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
        injected["identifier"].as_str().unwrap_or_default().to_owned()
    }

    /// Removes an injected script.
    pub async fn remove_script(&self, identifier: String) {
        if let Observer::Proxied(proxied) = &self.observer {
            return proxied.proxy.remove(identifier.parse().expect("a number"));
        }
        self.command("Page.removeScriptToEvaluateOnNewDocument", json!({"identifier": identifier})).await;
    }

    /// Makes every request fail whose path contains this text, until the next call. `None` lets all pass.
    pub async fn block_requests(&self, path: Option<&str>) {
        if let Observer::Proxied(proxied) = &self.observer {
            return proxied.proxy.block(path);
        }
        self.command("Network.enable", json!({})).await;
        let urls: Vec<_> = path.iter().map(|path| format!("*{path}*")).collect();
        self.command("Network.setBlockedURLs", json!({"urls": urls})).await;
    }

    /// Adds a header to every request from now on.
    pub async fn add_request_header(&self, name: &str, value: &str) {
        if let Observer::Proxied(proxied) = &self.observer {
            return proxied.proxy.add_header(name, value);
        }
        self.command("Network.enable", json!({})).await;
        self.command("Network.setExtraHTTPHeaders", json!({"headers": {name: value}})).await;
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
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("{url} loads: {error:?}"));
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
        match self.driver.execute(script, arguments).await {
            Ok(result) => result.json().clone(),
            Err(error) => panic!("a script runs on {:?}: {error:?}", self.driver.current_url().await),
        }
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

    /// Presses keys on the focused element while another key is held.
    pub async fn press_with(&self, held: Key, keys: impl Into<TypingData>) {
        let chain = self.driver.action_chain().key_down(held.clone()).send_keys(keys).key_up(held);
        chain.perform().await.expect("the keys are pressed");
    }

    /// Clicks at the place of an element. WebKit's driver refuses to click on a field of a shadow root that has a text, because it takes the
    /// text for another element.
    pub async fn click_at(&self, element: &WebElement) {
        element.scroll_into_view().await.expect("the element is on the page");
        self.driver.action_chain().click_element(element).perform().await.expect("the place can be clicked");
    }

    /// Inserts a text into the focused field at once, as a paste or an input method does.
    pub async fn insert_text(&self, text: &str) {
        if let Observer::Chromium(_) = self.observer {
            return self.command("Input.insertText", json!({"text": text})).await;
        }
        let inserted =
            self.run("return document.execCommand('insertText', false, arguments[0])", vec![json!(text)]).await;
        assert_eq!(inserted, true, "a field with the focus takes the text");
    }

    /// Presses Tab until the focus is on an element of the widget: from there to the end of the page, and then backwards.
    pub async fn tab_to(&self, css: &str) {
        let is_outside = "return !document.hasFocus() || document.activeElement === document.body";
        let mut is_backwards = false;
        for _ in 0..80 {
            if self.widget().has_focus(css).await {
                return;
            }
            if is_backwards {
                self.press_with(Key::Shift, Key::Tab).await;
            } else {
                self.press(Key::Tab).await;
            }
            is_backwards = is_backwards || self.run(is_outside, Vec::new()).await == true;
        }
        panic!("neither Tab nor Shift and Tab reach {css}");
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
        let height = height.as_u64().and_then(|height| u32::try_from(height).ok()).expect("a height");
        match &self.observer {
            Observer::Chromium(_) => chromium::set_viewport(&self.driver, width, height).await,
            Observer::Proxied(_) => proxied::set_viewport(&self.driver, width, height).await,
        }
        self.driver.screenshot(path).await.expect("the screenshot can be taken and saved");
    }

    /// Saves a screenshot of what is in the window.
    pub async fn save_viewport(&self, path: &Path) {
        self.driver.screenshot(path).await.expect("the screenshot can be taken and saved");
    }

    /// Makes an `iframe` the document of all further calls, until a page is opened.
    pub async fn enter_frame(&self, css: &str) {
        self.find(css).await.enter_frame().await.expect("the frame can be entered");
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

    /// The method and address of every request since the last call: those of the current tab in Chromium, of all tabs in
    /// other engines.
    pub async fn requests(&self) -> Vec<String> {
        match &self.observer {
            Observer::Chromium(_) => chromium::take_requests(&self.driver).await,
            Observer::Proxied(proxied) => proxied.proxy.take_requests(),
        }
    }

    /// The work of the page's main thread since the browser was opened. Chromedriver ends the trace with this call, and with that of
    /// [`Browser::requests`]. Only with [`BrowserOptions::trace`].
    pub async fn take_trace(&self) -> Trace {
        chromium::take_trace(&self.driver).await
    }

    /// The connections to hosts other than this machine.
    pub fn external_connections(&self) -> Vec<String> {
        match &self.observer {
            Observer::Chromium(chromium) => chromium.network_guard.connections(),
            Observer::Proxied(proxied) => proxied.proxy.external(),
        }
    }

    /// The console errors since the last call. Engines other than Chromium report uncaught exceptions, what a page
    /// writes as an error, and what its policy blocks, but no failed request.
    pub async fn console_errors(&self) -> Vec<String> {
        match &self.observer {
            Observer::Chromium(_) => chromium::take_errors(&self.driver).await,
            Observer::Proxied(proxied) => {
                let errors = proxied.errors(&self.driver).await;
                let mut seen = self.seen_errors.lock().expect("the lock is not poisoned");
                errors.into_iter().filter(|(key, _)| seen.insert(key.clone())).map(|(_, error)| error).collect()
            }
        }
    }

    /// Ends the session. Fails on an uncaught exception or console error that the test did not declare, on a declared
    /// error that is missing, and on a connection to another host. Declared errors have the words of Chromium: where a
    /// test declares one, no error fails it in another engine.
    pub async fn close(mut self) {
        self.closed = true;
        let errors = self.console_errors().await;
        self.driver.clone().quit().await.expect("the session ends");
        let external = self.external_connections();
        assert_eq!(!external.is_empty(), self.expects_external, "connections to other hosts: {external:#?}");
        if Engine::current() != Engine::Chromium && !self.expected_errors.is_empty() {
            return;
        }
        let unexpected: Vec<_> =
            errors.iter().filter(|error| !self.expected_errors.iter().any(|part| error.contains(part))).collect();
        let missing: Vec<_> =
            self.expected_errors.iter().filter(|part| !errors.iter().any(|error| error.contains(*part))).collect();
        assert!(unexpected.is_empty(), "unexpected console errors: {unexpected:#?}");
        assert!(missing.is_empty(), "expected console errors {missing:?}, found {errors:?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let (Observer::Proxied(_), false) = (&self.observer, self.closed) {
            // Ending the session through the runtime of a test that has failed takes a minute. Its driver ends with the observer.
            self.driver.clone().leak().ok();
        }
        assert!(self.closed || std::thread::panicking(), "a browser must be closed, so that its console is checked");
    }
}
