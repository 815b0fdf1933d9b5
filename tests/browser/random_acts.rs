//! Random acts in two tabs: no text is lost, and none is posted twice.

use std::collections::BTreeMap;

use afterword_tests::{Browser, BrowserOptions, HostPage, is_whole_run, post_url, wait_for_thread, wait_until_async};
use serde_json::{Value, json};
use thirtyfour::prelude::WindowHandle;

use crate::{HOST, OPEN, post_thread};

const ACTS: u32 = 1_000;
/// The same in a quick run.
const QUICK_ACTS: u32 = 300;

/// The acts of a tab. Each function gets the root of the thread. Without a connection requests fail, and the browser says so. A poll takes
/// place when the reader returns after three minutes.
const TAB: &str = "
    const clock = Date.now;
    let passed = 0, isHidden = false;
    Date.now = () => clock() + passed;
    Object.defineProperty(Document.prototype, 'visibilityState', {get: () => isHidden ? 'hidden' : 'visible'});
    const setHidden = (value) => { isHidden = value; dispatchEvent(new Event('visibilitychange')); };
    const isOffline = () => localStorage.getItem('test:offline') === 'yes';
    const real = fetch;
    fetch = async (request, options) => {
        if (isOffline() && String(request.url ?? request).includes('/v1/comments')) throw new TypeError('no connection');
        return real(request, options);
    };
    Object.defineProperty(navigator, 'onLine', {get: () => !isOffline()});
    const formOf = (root, parent) => root.querySelector(parent ? `#comment-${parent} > .aw-form` : '.aw > .aw-form');
    window.acts = {
        open: (root, parent) => { if (parent && !formOf(root, parent)) root.querySelector(`[data-reply='${parent}']`).click(); },
        close: (root, parent) => { if (parent) formOf(root, parent)?.querySelector('.aw-cancel').click(); },
        type: (root, parent, text) => {
            acts.open(root, parent);
            const field = formOf(root, parent).querySelector('[name=text]');
            field.focus();
            field.value += text;
            field.dispatchEvent(new InputEvent('input', {bubbles: true, composed: true}));
        },
        post: (root, parent) => { acts.open(root, parent); formOf(root, parent).querySelector('.aw-submit').click(); },
        text: (root, parent) => { acts.open(root, parent); return formOf(root, parent).querySelector('[name=text]').value; },
        collapse: (root, parent) => { root.querySelector(`#comment-${parent} > .aw-branch > summary`)?.click(); },
        vote: (root, parent) => { root.querySelector(`#comment-${parent} .aw-vote`)?.click(); },
        preview: (root, parent) => { formOf(root, parent)?.querySelector('.aw-preview-button')?.click(); },
        order: (root) => {
            const select = root.querySelector('.aw-order select');
            select.selectedIndex = (select.selectedIndex + 1) % 2;
            select.dispatchEvent(new Event('change', {bubbles: true}));
        },
        poll: () => { setHidden(true); passed += 180000; setHidden(false); },
        show: (root) => { root.querySelector('.aw-fresh-here')?.click(); },
        busy: (root) => root.querySelectorAll('.aw-form[aria-busy=true]').length,
    };";

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        for (shift, left) in [(13, true), (7, false), (17, true)] {
            self.0 ^= if left { self.0 << shift } else { self.0 >> shift };
        }
        self.0 % limit
    }
}

/// Seed of the run: that of the variable `AFTERWORD_SEED`, or the time.
#[expect(clippy::disallowed_methods, reason = "a test outside of the runtime, whose only use of the clock is the seed")]
fn seed() -> u64 {
    let given = std::env::var("AFTERWORD_SEED").ok().and_then(|seed| seed.parse().ok());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |time| time.as_secs());
    given.unwrap_or(now).max(1)
}

/// One reader with two tabs. Each tab writes into forms of its own; all that it has typed is known.
struct Story<'a> {
    reader: &'a Browser,
    tabs: [WindowHandle; 2],
    /// The parents to which each tab replies; 0 is the form of the post.
    forms: [Vec<i64>; 2],
    current: usize,
    /// The text that each form must have.
    texts: BTreeMap<(usize, i64), String>,
    /// The text that waits for a connection, and its form.
    waiting: BTreeMap<(usize, i64), String>,
    posted: Vec<String>,
    is_offline: bool,
}

impl Story<'_> {
    async fn act(&self, name: &str, form: i64, text: &str) -> Value {
        let script = "return acts[arguments[0]](root, arguments[1], arguments[2]) ?? null";
        self.reader.widget().run(script, vec![json!(name), json!(form), json!(text)]).await
    }

    async fn wait_until_idle(&self) {
        let poll = async || {
            let busy = self.act("busy", 0, "").await;
            if busy == 0 { Ok(()) } else { Err(busy) }
        };
        wait_until_async("all submissions to end", poll).await;
    }

    async fn check_texts(&self) {
        for ((tab, form), text) in &self.texts {
            if *tab == self.current {
                assert_eq!(self.act("text", *form, "").await, json!(text), "tab {tab}, reply to {form}");
            }
        }
    }

    async fn reload(&self) {
        self.reader.reload().await;
        self.reader.widget().find(".aw-vote").await;
    }

    /// Waits until the outbox has the texts that wait for a connection.
    async fn wait_for_outbox(&self) {
        let mut expected: Vec<&String> = self.waiting.values().collect();
        expected.sort();
        let script = "return JSON.parse(localStorage.getItem('afterword:outbox') ?? '[]').map((entry) => entry.comment.text).sort()";
        let poll = async || {
            let found = self.reader.run(script, Vec::new()).await;
            if found == json!(expected) { Ok(()) } else { Err(found) }
        };
        wait_until_async(&format!("the outbox {expected:?}"), poll).await;
        self.wait_until_idle().await;
    }

    async fn switch_tab(&mut self) {
        self.current = 1 - self.current;
        self.reader.switch_to(&self.tabs[self.current]).await;
    }

    /// Ends or restores the connection. With it, this tab sends what waits in any of them.
    async fn set_offline(&mut self, is_offline: bool) {
        self.is_offline = is_offline;
        let script = "
            if (arguments[0]) localStorage.setItem('test:offline', 'yes');
            else localStorage.removeItem('test:offline');
            if (!arguments[0]) dispatchEvent(new Event('online'));";
        self.reader.run(script, vec![json!(is_offline)]).await;
        if is_offline {
            return;
        }
        let sent = std::mem::take(&mut self.waiting);
        self.wait_for_outbox().await;
        let is_elsewhere = sent.keys().any(|(tab, _)| *tab != self.current);
        for (form, text) in sent {
            self.texts.insert(form, String::new());
            self.posted.push(text);
        }
        // The other tab learns of it when it is loaded.
        if is_elsewhere {
            self.switch_tab().await;
            self.reload().await;
        }
    }

    /// Sends what a form has. With a connection it is gone from the form then; without one it waits in the outbox.
    async fn post(&mut self, form: i64) {
        let Some(text) = self.texts.get(&(self.current, form)).cloned().filter(|text| !text.is_empty()) else { return };
        self.act("post", form, "").await;
        if self.is_offline {
            self.waiting.insert((self.current, form), text);
            return self.wait_for_outbox().await;
        }
        self.wait_until_idle().await;
        self.texts.insert((self.current, form), String::new());
        self.posted.push(text);
    }

    async fn step(&mut self, random: &mut Random, number: u32) {
        let forms = &self.forms[self.current];
        let form = forms[random.below(forms.len() as u64) as usize];
        match random.below(100) {
            0..42 => {
                let word = format!("w{number} ");
                self.act("type", form, &word).await;
                self.texts.entry((self.current, form)).or_default().push_str(&word);
                // Changed, it is another comment.
                self.waiting.remove(&(self.current, form));
            }
            42..44 => _ = self.act("poll", 0, "").await,
            44..45 => _ = self.act("show", 0, "").await,
            45..60 => _ = self.act("close", form, "").await,
            60..70 => _ = self.act("open", form, "").await,
            70..76 => _ = self.act("collapse", form, "").await,
            76..80 => _ = self.act("vote", form, "").await,
            80..83 => _ = self.act("preview", form, "").await,
            83..85 => _ = self.act("order", form, "").await,
            85..90 => self.post(form).await,
            90..92 => self.reload().await,
            92..94 => self.set_offline(!self.is_offline).await,
            94..97 => self.switch_tab().await,
            _ => self.check_texts().await,
        }
    }
}

#[tokio::test]
async fn random_acts_lose_no_text_and_double_none() {
    let seed = seed();
    println!("AFTERWORD_SEED={seed}");
    let posted = post_thread("random_acts", &[("One", None), ("To one", Some(0)), ("Two", None), ("Three", None)]);
    let ids: Vec<i64> = posted.iter().map(|posted| posted.comment.id.get()).collect();
    let page = HOST.publish(&HostPage::new(&OPEN, "random_acts"));
    let reader = Browser::open(BrowserOptions::default()).await;
    let mut tabs = Vec::new();
    for is_first in [true, false] {
        tabs.push(if is_first { reader.current_tab().await } else { reader.new_tab().await });
        reader.inject_script(TAB).await;
        reader.visit(&page).await;
        reader.widget().find(".aw-vote").await;
    }
    let forms = [vec![0, ids[0], ids[1]], vec![ids[2], ids[3]]];
    let tabs = [tabs[0].clone(), tabs[1].clone()];
    let mut story = Story {
        reader: &reader,
        tabs,
        forms,
        current: 1,
        texts: BTreeMap::new(),
        waiting: BTreeMap::new(),
        posted: Vec::new(),
        is_offline: false,
    };
    let mut random = Random(seed);
    for number in 0..if is_whole_run() { ACTS } else { QUICK_ACTS } {
        story.step(&mut random, number).await;
    }
    story.set_offline(false).await;
    for _ in 0..2 {
        story.reload().await;
        story.check_texts().await;
        story.switch_tab().await;
    }
    let count = u32::try_from(4 + story.posted.len()).expect("few comments");
    let published = wait_for_thread(&OPEN, &post_url("random_acts"), count);
    let mut expected: Vec<String> = story.posted.iter().map(|text| format!("<p>{}</p>", text.trim())).collect();
    let mut found: Vec<String> = published[..].iter().map(|comment| comment.html.as_str().to_owned()).collect();
    found.retain(|html| html.starts_with("<p>w"));
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "seed {seed}");
    reader.close().await;
}
