//! Chromium: its driver, its settings, and what the DevTools protocol reports.

use std::ffi::{OsStr, OsString};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{
    BrowserLogEntry, CapabilitiesHelper, ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel,
};

use super::BrowserOptions;
use super::network_guard::NetworkGuard;
use super::trace::{TRACE_CATEGORIES, Trace};
use crate::process::{ProcessGroup, free_port, log_dir};

/// Flags that stop Chromium's background requests and its limit on repeated calls.
const CHROMIUM_FLAGS: [&str; 8] = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-ipc-flooding-protection",
];

/// Chromium without a user interface of its own, which starts sooner. It has no preferences, and makes no
/// connections in advance. This is the program itself: Debian's script in `/usr/bin` does not pass on the signal that ends it.
const HEADLESS_SHELL: &str = "/usr/lib/chromium/chromium-headless-shell";

/// True if the headless shell is there, in the driver's version.
static HAS_HEADLESS_SHELL: LazyLock<bool> = LazyLock::new(|| {
    let driver = version(&driver_program());
    driver.is_some() && version(HEADLESS_SHELL.as_ref()) == driver
});

fn driver_program() -> OsString {
    std::env::var_os("CHROMEDRIVER").unwrap_or("chromedriver".into())
}

/// The version that a program prints, such as `156.0.8078.108`.
fn version(program: &OsStr) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned)
}

/// The chromedriver process, shared by all tests of the test process.
struct Driver {
    address: String,
    _group: ProcessGroup,
}

static DRIVER: LazyLock<Driver> = LazyLock::new(|| {
    let scratch =
        tempfile::Builder::new().prefix("afterword-browsers-").tempdir().expect("a directory for profiles").keep();
    let mut command = Command::new(driver_program());
    // The driver makes a fresh profile for each browser there. The directory is removed together with the driver.
    // A port that the driver chose itself would be free in IPv6, and perhaps taken in IPv4.
    command.arg(format!("--port={}", free_port())).env("TMPDIR", &scratch);
    let mut group = ProcessGroup::start(&command, &log_dir().join("chromedriver.log"), &scratch);
    let port = group.wait_for("chromedriver", |line| {
        Some(line.split("started successfully on port ").nth(1)?.trim_end_matches('.').to_owned())
    });
    Driver { address: format!("http://127.0.0.1:{port}"), _group: group }
});

/// The observers of one Chromium.
#[derive(Debug)]
pub(super) struct Chromium {
    pub(super) network_guard: NetworkGuard,
}

impl Chromium {
    /// Starts Chromium.
    pub(super) async fn start(options: BrowserOptions) -> (WebDriver, Self) {
        let network_guard = NetworkGuard::start();
        let capabilities = capabilities(&network_guard, options).expect("the capabilities are well formed");
        let driver = WebDriver::new(DRIVER.address.as_str(), capabilities).await.expect("Chromium starts");
        set_viewport(&driver, options.width, options.height).await;
        let scheme = if options.dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        send(&driver, "Emulation.setEmulatedMedia", media).await;
        (driver, Self { network_guard })
    }
}

async fn send(driver: &WebDriver, method: &str, parameters: Value) {
    driver.cdp().send_raw(method, parameters).await.expect("the command succeeds");
}

/// Sets the size of the viewport, in CSS pixels.
pub(super) async fn set_viewport(driver: &WebDriver, width: u32, height: u32) {
    let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    send(driver, "Emulation.setDeviceMetricsOverride", size).await;
}

/// The requests of the current tab since the last call.
pub(super) async fn take_requests(driver: &WebDriver) -> Vec<String> {
    let log = driver.get_log("performance").await.expect("the network's events can be read");
    let requests = log.iter().filter_map(|entry| parse_request(&entry.message));
    // Skips the requests of the browser's own first page. No other page can make them.
    requests.filter(|request| !request.contains(" chrome:")).collect()
}

/// The trace since the start.
pub(super) async fn take_trace(driver: &WebDriver) -> Trace {
    let log = driver.get_log("performance").await.expect("the trace can be read");
    Trace::parse(log.iter().map(|entry| entry.message.as_str()))
}

/// The console errors since the last call.
pub(super) async fn take_errors(driver: &WebDriver) -> Vec<String> {
    let log = driver.browser_log().await.expect("the console can be read");
    log.into_iter().filter(is_error).map(|entry| entry.message).collect()
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

fn capabilities(network_guard: &NetworkGuard, options: BrowserOptions) -> WebDriverResult<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in CHROMIUM_FLAGS {
        capabilities.add_arg(flag)?;
    }
    capabilities.add_arg(&network_guard.flag())?;
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    if options.trace {
        capabilities.add_experimental_option("perfLoggingPrefs", json!({"traceCategories": TRACE_CATEGORIES}))?;
    }
    if *HAS_HEADLESS_SHELL && options.javascript && !options.complete {
        capabilities.set("browserName", "chrome-headless-shell")?;
        capabilities.set_binary(HEADLESS_SHELL)?;
    } else {
        capabilities.add_arg("--headless=new")?;
    }
    if !options.javascript {
        let blocked = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", blocked)?;
    }
    Ok(capabilities)
}
