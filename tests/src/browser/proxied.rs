//! Firefox and WebKit: their drivers, their settings, and what a proxy reports.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::engine::program;
use super::proxy::Proxy;
use super::{BrowserOptions, Engine};
use crate::process::{ProcessGroup, free_port, log_dir};
use crate::wait::wait_until_async;

/// Size of the virtual screen of WebKit's window, which limits screenshots.
const SCREEN: (u32, u32) = (1600, 12_000);

/// The virtual screen of one window of WebKit. Without a window manager, a window is active while the pointer is over it. The pointer rests in
/// the middle of the screen, so a second window there would take the focus away.
#[derive(Debug)]
struct Display {
    name: String,
    _group: ProcessGroup,
}

impl Display {
    fn start() -> Self {
        let mut command = Command::new(program("XVFB", &["Xvfb"]));
        let screen = format!("{}x{}x24", SCREEN.0, SCREEN.1);
        // The server picks a free number and prints it.
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp"]);
        let mut group = ProcessGroup::start(&command, &log_dir().join("xvfb.log"), &scratch());
        let number = group.wait_for("Xvfb", |line| line.trim().parse::<u32>().ok());
        Self { name: format!(":{number}"), _group: group }
    }
}

/// The driver and the proxy of one browser. These drivers serve one session each.
#[derive(Debug)]
pub(super) struct Proxied {
    pub(super) proxy: Proxy,
    _driver: ProcessGroup,
    _display: Option<Display>,
}

impl Proxied {
    /// Starts a driver and its browser.
    pub(super) async fn start(engine: Engine, options: BrowserOptions) -> (WebDriver, Self) {
        let proxy = Proxy::start(options.javascript);
        let port = free_port();
        let scratch = scratch();
        let display = (engine == Engine::WebKit).then(Display::start);
        let command = match &display {
            Some(display) => webkit_driver(port, display, options),
            None => firefox_driver(port, &scratch),
        };
        let log = log_dir().join(format!("{}-{port}.log", engine.name().to_lowercase()));
        let group = ProcessGroup::start(&command, &log, &scratch);
        let capabilities = match engine {
            Engine::WebKit => webkit_capabilities(&proxy),
            _ => firefox_capabilities(&proxy, options),
        };
        let address = format!("http://127.0.0.1:{port}");
        wait_until_async("the driver", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await).await;
        let driver = WebDriver::new(&*address, capabilities).await;
        let driver = driver.unwrap_or_else(|error| panic!("{} starts; see {}: {error}", engine.name(), log.display()));
        set_viewport(&driver, options.width, options.height).await;
        std::fs::remove_file(log).ok();
        (driver, Self { proxy, _driver: group, _display: display })
    }

    /// All errors that pages have reported, each with its key.
    pub(super) async fn errors(&self, driver: &WebDriver) -> Vec<(String, String)> {
        let script = "return window[Symbol.for('afterword.console')] ?? []";
        let current = driver.execute(script, Vec::new()).await.map(|found| found.json().clone()).unwrap_or_default();
        let entries = current.as_array().into_iter().flatten().filter_map(Value::as_str);
        let current = entries.filter_map(|entry| serde_json::from_str(entry).ok());
        self.proxy.console().into_iter().chain(current).collect()
    }
}

/// A directory that the driver's watchdog removes.
fn scratch() -> PathBuf {
    tempfile::Builder::new().prefix("afterword-browser-").tempdir().expect("a directory for the browser").keep()
}

fn firefox_driver(port: u16, scratch: &Path) -> Command {
    let mut command = Command::new(program("GECKODRIVER", &["geckodriver"]));
    command.args(["--port", &port.to_string(), "--profile-root"]).arg(scratch);
    // geckodriver takes a port for Firefox as well, and all drivers would take the same one.
    command.args(["--websocket-port", &free_port().to_string()]);
    command
}

fn webkit_driver(port: u16, display: &Display, options: BrowserOptions) -> Command {
    let mut command = Command::new(program("WEBKITWEBDRIVER", &["WebKitWebDriver"]));
    command.arg(format!("--port={port}")).env("DISPLAY", &display.name);
    command.env("GTK_THEME", if options.dark { "Adwaita:dark" } else { "Adwaita" });
    command
}

fn proxy_settings(proxy: &Proxy) -> Value {
    json!({"proxyType": "manual", "httpProxy": proxy.address(), "sslProxy": proxy.address()})
}

fn firefox_capabilities(proxy: &Proxy, options: BrowserOptions) -> Capabilities {
    let preferences = json!({
        "network.proxy.allow_hijacking_localhost": true,
        "dom.security.https_first": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "layout.css.prefers-color-scheme.content-override": i32::from(!options.dark),
        // The proxy sees, and blocks, each request.
        "browser.cache.disk.enable": false,
        "browser.cache.memory.enable": false,
        // A viewer would be part of the page.
        "devtools.jsonview.enabled": false,
        // Tests click faster than a person who might be tricked.
        "security.notification_enable_delay": 0,
    });
    let binary = program("FIREFOX", &["firefox-esr", "firefox"]);
    let mut capabilities = Capabilities::new();
    for (name, value) in [
        ("browserName", json!("firefox")),
        ("proxy", proxy_settings(proxy)),
        ("moz:firefoxOptions", json!({"args": ["-headless"], "binary": binary, "prefs": preferences})),
    ] {
        capabilities.set(name, value).expect("the capabilities are well formed");
    }
    capabilities
}

fn webkit_capabilities(proxy: &Proxy) -> Capabilities {
    let browser =
        program("MINIBROWSER", &["/usr/lib/*/webkit2gtk-4.1/MiniBrowser", "/usr/libexec/webkit2gtk-4.1/MiniBrowser"]);
    let mut capabilities = Capabilities::new();
    for (name, value) in [
        ("browserName", json!("MiniBrowser")),
        ("proxy", proxy_settings(proxy)),
        ("webkitgtk:browserOptions", json!({"binary": browser, "args": ["--automation"]})),
    ] {
        capabilities.set(name, value).expect("the capabilities are well formed");
    }
    capabilities
}

/// Sets the size of the viewport, in CSS pixels.
pub(super) async fn set_viewport(driver: &WebDriver, width: u32, height: u32) {
    let frame = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
    set_window(driver, width, height).await;
    let frame = driver.execute(frame, Vec::new()).await.expect("the script runs").json().clone();
    let extra = |at: usize| frame[at].as_u64().and_then(|size| u32::try_from(size).ok()).unwrap_or_default();
    set_window(driver, width + extra(0), height + extra(1)).await;
}

/// Sets the size of the window, and places it so that the pointer rests on its bar: the window is active, and nothing in the page is pointed at.
async fn set_window(driver: &WebDriver, width: u32, height: u32) {
    const POINTER_IN_WINDOW: u32 = 20;
    let x = SCREEN.0.saturating_sub(width) / 2;
    let y = SCREEN.1.saturating_sub(height).min(SCREEN.1 / 2 - POINTER_IN_WINDOW);
    let place = |at: u32| i64::from(at);
    driver.set_window_rect(place(x), place(y), width, height).await.expect("the window can be resized");
}
