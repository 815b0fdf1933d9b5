//! A refusal for a time: the form tells how long it lasts, and counts down.

use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, Request, Server, Widget, new_comment, post_url, wait_until_async,
};
use serde_json::{Value, json};

use crate::{HOST, OPEN};

/// Refuses every comment for three seconds, until `window.accepting` is set. Records the attempts, and what the form and the status line
/// show.
const REFUSE: &str = "
    window.attempts = 0;
    const real = fetch;
    fetch = (request, options) => {
        if (!String(request.url ?? request).endsWith('/v1/comments')) return real(request, options);
        attempts += 1;
        if (window.accepting) return real(request, options);
        const body = JSON.stringify({error: {code: 'too_many', message: 'Too many.'}});
        return Promise.resolve(new Response(body, {status: 429, headers: {'Retry-After': '3'}}));
    };
    window.waits = [];
    window.statuses = [];
    addEventListener('afterword:ready', () => {
        const root = document.querySelector('#afterword').shadowRoot;
        const record = (list, text) => { if (text && list[list.length - 1] !== text) list.push(text); };
        new MutationObserver(() => {
            record(statuses, root.host.querySelector('[role=status]').textContent.trim());
        }).observe(document, {subtree: true, childList: true, characterData: true});
        new MutationObserver(() => {
            record(waits, root.querySelector('.aw-wait')?.textContent.trim());
        }).observe(root, {subtree: true, childList: true, characterData: true});
    });";

/// Presses the button twice and submits by the keyboard.
const INSIST: &str = "
    const form = root.querySelector(arguments[0]);
    form.querySelector('.aw-submit').click();
    form.querySelector('.aw-submit').click();
    form.requestSubmit();";

async fn wait_for_attribute(widget: &Widget<'_>, selector: &str) {
    widget.find(&format!("{MAIN_FORM} {selector}")).await;
}

#[tokio::test]
async fn refused_comment_can_be_sent_after_a_countdown() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(REFUSE).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "waiting_short"))).await;
    let widget = reader.widget();
    widget.post("Ada", "Worth the wait").await;
    wait_for_attribute(&widget, ".aw-submit[aria-disabled=true]").await;
    wait_for_attribute(&widget, "[role=alert] [role=timer]").await;
    widget.wait_for_focus(".aw-submit").await;
    assert_eq!(
        widget.run("return root.querySelector('.aw-wait').getAttribute('aria-live')", Vec::new()).await,
        Value::Null
    );
    widget.run(INSIST, vec![json!(MAIN_FORM)]).await;
    assert_eq!(reader.run("return attempts", Vec::new()).await, 1, "nothing is sent before the time is over");
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Worth the wait");
    assert_eq!(reader.axe_violations().await, Vec::<String>::new());

    wait_for_attribute(&widget, ".aw-submit:not([aria-disabled])").await;
    let waits = reader.run("return waits", Vec::new()).await;
    let waits: Vec<_> = waits.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let all = ["3 seconds.", "2 seconds.", "1 second."].map(|time| format!("You can try again in {time}"));
    assert_eq!((waits.first(), waits.last()), (Some(&&*all[0]), Some(&"You can try again now.")), "{waits:?}");
    let counted = &waits[..waits.len() - 1];
    assert!(counted.is_sorted_by(|one, next| one > next), "each time once, counted down: {waits:?}");
    assert!(counted.iter().all(|wait| all.iter().any(|expected| expected == wait)), "{waits:?}");
    assert_eq!(reader.run("return statuses", Vec::new()).await, json!(["You can try again now."]), "announced once");
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Worth the wait");

    reader.run("window.accepting = true", Vec::new()).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["Worth the wait"]).await;
    assert_eq!(widget.count(".aw-error:not(:empty)").await, 0);
    reader.close().await;
}

#[tokio::test]
async fn waiting_time_of_the_worker_reaches_the_reader() {
    let server = Server::with_spam_checks("browser-limited", &[]);
    let url = post_url("waiting_long");
    // Comments without a proof: six a minute from one network.
    for number in 0..6 {
        let posted = Request::post_comment(&new_comment(&url, &format!("number {number}"))).send(&server);
        assert_eq!(posted.status, 201, "{posted:?}");
    }
    for (lang, words) in [("en", ["You can try again in ", " seconds."]), ("de", ["In ", " Sekunden geht es wieder."])]
    {
        let mut reader = Browser::open(BrowserOptions::default()).await;
        reader.expect_console_error("status of 429");
        reader.block_requests(Some("/v1/challenge")).await;
        let page = HostPage::new(&server, "waiting_long").script_attributes(&format!("data-lang=\"{lang}\""));
        reader.visit(&HOST.publish(&page)).await;
        let widget = reader.widget();
        widget.post("Ada", "One too many").await;
        let seconds = async || -> Result<u32, String> {
            let text = widget.run("return root.querySelector('.aw-wait')?.textContent.trim() ?? ''", Vec::new()).await;
            let text = text.as_str().unwrap_or_default();
            let number = text.strip_prefix(words[0]).and_then(|text| text.strip_suffix(words[1]));
            number.and_then(|number| number.parse().ok()).ok_or_else(|| text.to_owned())
        };
        let first = wait_until_async("the waiting time", &seconds).await;
        assert!((2..=60).contains(&first), "{first}");
        let later = async || {
            let now = seconds().await?;
            if now < first { Ok(()) } else { Err(format!("{now} seconds")) }
        };
        wait_until_async("less time to wait", later).await;
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, "One too many");
        reader.close().await;
    }
}
