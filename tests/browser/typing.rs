//! Typing on pages that listen to everything: hotkeys, copy protection, resets; the Enter key; and texts that are too long.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, post_url, wait_for_thread, wait_until_async};
use serde_json::json;
use thirtyfour::{Key, TypingData};

use crate::{HOST, OPEN, post_thread};

/// Records which events of the widget reach the page, and moves the focus to a search field on a slash, as documentation themes do.
const HOTKEYS: &str = "
    window.seen = [];
    const types = ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'compositionstart', 'compositionupdate', 'compositionend', 'copy',
        'cut', 'paste', 'selectstart', 'mousedown', 'mouseup', 'click', 'dblclick', 'contextmenu', 'pointerdown', 'pointerup', 'touchstart',
        'touchend', 'dragstart', 'dragenter', 'dragover', 'drop'];
    const record = (event) => { if (event.target.id === 'afterword') seen.push(event.type); };
    for (const type of types) {
        window.addEventListener(type, record);
        document.addEventListener(type, record, true);
        document.addEventListener(type, record);
    }
    for (const capture of [false, true]) {
        document.addEventListener('keydown', (event) => {
            if (event.key !== '/' || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
            event.preventDefault();
            document.querySelector('#search').focus();
        }, capture);
    }";

/// Cancels what scripts against copying cancel.
const COPY_PROTECTION: &str = "
    const cancel = () => false;
    for (const type of ['contextmenu', 'selectstart', 'copy', 'cut', 'paste', 'mousedown', 'keydown', 'dragstart', 'click']) {
        document['on' + type] = cancel;
        document.addEventListener(type, (event) => event.preventDefault(), true);
    }";

/// Opens a page and waits until the widget controls the thread.
async fn open(page: &HostPage, script: &str) -> Browser {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script("addEventListener('afterword:ready', () => { window.isReady = true; });").await;
    reader.inject_script(script).await;
    reader.visit(&HOST.publish(page)).await;
    wait_until_ready(&reader).await;
    reader
}

/// Waits until the widget controls the thread.
async fn wait_until_ready(reader: &Browser) {
    let poll = async || {
        reader.run("document.querySelector('#afterword')?.scrollIntoView()", Vec::new()).await;
        let ready = reader.run("return window.isReady === true", Vec::new()).await;
        if ready == true { Ok(()) } else { Err("not ready") }
    };
    wait_until_async("the widget", poll).await;
}

/// Clicks into a field of the form of the post.
async fn click(reader: &Browser, field: &str) {
    let field = reader.widget().find(&format!("{MAIN_FORM} [name={field}]")).await;
    reader.click_at(&field).await;
}

/// Waits until an element of the widget has a text with this part, and returns the text.
async fn wait_for_text(reader: &Browser, css: &str, part: &str) -> String {
    let poll = async || {
        let script = "return root.querySelector(arguments[0])?.textContent ?? ''";
        let text = reader.widget().run(script, vec![json!(css)]).await;
        let text = text.as_str().unwrap_or_default().to_owned();
        if text.contains(part) { Ok(text) } else { Err(text) }
    };
    wait_until_async(&format!("{part} in {css}"), poll).await
}

#[tokio::test]
async fn hotkeys_of_the_page_leave_the_text_alone() {
    let page = HostPage::new(&OPEN, "typing_hotkeys").foreign_html("<input id=search>");
    let reader = open(&page, HOTKEYS).await;
    click(&reader, "text").await;
    reader.press("and/or //?").await;
    assert_eq!(reader.widget().field_value(MAIN_FORM, "text").await, "and/or //?");
    click(&reader, "name").await;
    reader.press("a/b").await;
    assert_eq!(reader.widget().field_value(MAIN_FORM, "name").await, "a/b");
    reader.command("Input.imeSetComposition", json!({"text": "か", "selectionStart": 1, "selectionEnd": 1})).await;
    reader.insert_text("漢").await;
    assert_eq!(reader.run("return seen", Vec::new()).await, json!([]), "events of fields that the page sees");
    // A dialog around the thread closes on Escape, and keeps the focus inside on Tab.
    reader.press(Key::Escape).await;
    reader.press(Key::Tab).await;
    let seen = reader.run("return [...new Set(seen)]", Vec::new()).await;
    assert!(seen.as_array().is_some_and(|seen| seen.contains(&json!("keydown"))), "{seen}");
    // Outside of the form the keys and clicks belong to the page.
    reader.run("seen.length = 0", Vec::new()).await;
    reader.widget().find(".aw-title").await.click().await.unwrap();
    assert!(reader.run("return seen.includes('click')", Vec::new()).await == true, "a click on the heading");
    reader.close().await;
}

#[tokio::test]
async fn copy_protection_of_the_page_leaves_the_widget_alone() {
    let posted = post_thread("typing_protected", &[("To be quoted", None)]);
    let style = "<style>* { user-select: none; -webkit-user-select: none; -webkit-touch-callout: none }</style>";
    let reader = open(&HostPage::new(&OPEN, "typing_protected").foreign_html(style), COPY_PROTECTION).await;
    let widget = reader.widget();
    let text = widget.find(&format!("{MAIN_FORM} [name=text]")).await;
    text.click().await.unwrap();
    widget.wait_for_focus("[name=text]").await;
    text.send_keys("Still here").await.unwrap();
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Still here");
    // The browser copies, pastes and opens its menu unless the page cancels the event.
    let cancelled = "
        const text = root.querySelector('[name=text]'), init = {bubbles: true, composed: true, cancelable: true};
        const types = ['copy', 'cut', 'paste', 'contextmenu', 'selectstart', 'dragstart', 'mousedown', 'keydown', 'drop'];
        return types.filter((type) => !text.dispatchEvent(new Event(type, init)));";
    assert_eq!(widget.run(cancelled, Vec::new()).await, json!([]), "events of a field that the page cancels");
    let selectable = "
        const text = root.querySelector('.aw-text p');
        const event = new Event('selectstart', {bubbles: true, composed: true, cancelable: true});
        // An element for which the style says nothing is selected as its parent is. Firefox leaves it to the script to find out.
        const select = (element) => {
            const style = getComputedStyle(element), value = style.userSelect ?? style.webkitUserSelect;
            return value === 'auto' && element.parentElement ? select(element.parentElement) : value;
        };
        return select(text) + ' ' + text.dispatchEvent(event);";
    assert_eq!(widget.run(selectable, Vec::new()).await, "text true", "a reader can select a comment");
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["To be quoted", "Still here"]).await;
    widget.reply(&posted[0].comment.id.to_string(), "Ada", "Quoted").await;
    widget.wait_for_texts(&["To be quoted", "Quoted", "Still here"]).await;
    reader.close().await;
}

#[tokio::test]
async fn text_of_the_page_does_not_change_the_look_of_the_thread() {
    post_thread("typing_resets", &[("Plain `code`", None)]);
    let style = "<style>
        * { all: unset }
        body { display: block; text-transform: uppercase; letter-spacing: 2em; word-spacing: 3em; text-indent: 40em; white-space: nowrap;
            text-align: right; line-height: 0; cursor: none; hyphens: auto; text-shadow: 1em 1em red; font-size: 0; word-break: break-all;
            -webkit-text-fill-color: transparent; -webkit-text-stroke: 2px red; visibility: visible; tab-size: 40; list-style: square }
        main { display: flex }
        textarea, input, button { display: none }
        </style>";
    let reader = open(&HostPage::new(&OPEN, "typing_resets").foreign_html(style), "").await;
    let look = "
        const style = getComputedStyle(root.querySelector('.aw-text p'));
        const names = ['textTransform', 'letterSpacing', 'wordSpacing', 'textIndent', 'whiteSpace', 'textAlign', 'cursor', 'hyphens',
            'textShadow', 'wordBreak', 'webkitTextStrokeWidth'];
        // The paragraph is left-to-right, and the styles for WebKit name the side.
        return names.map((name) => style[name].replace(/^left$/, 'start')).join('|');";
    assert_eq!(
        reader.widget().run(look, Vec::new()).await,
        "none|normal|0px|0px|normal|start|auto|manual|none|normal|0px"
    );
    let visible = "
        const text = root.querySelector('.aw-text p'), style = getComputedStyle(text);
        return style.webkitTextFillColor === style.color && parseFloat(style.fontSize) >= 12
            && text.getBoundingClientRect().width > 200 && root.querySelector('textarea').getBoundingClientRect().height > 40;";
    assert_eq!(reader.widget().run(visible, Vec::new()).await, true, "text and fields can be seen");
    reader.close().await;
}

#[tokio::test]
async fn a_page_that_hides_its_parts_hides_the_thread_too() {
    let html = "<style>main.closed { visibility: hidden; pointer-events: none }</style>";
    let reader = open(&HostPage::new(&OPEN, "typing_hidden").foreign_html(html), "").await;
    reader.run("document.querySelector('main').className = 'closed'", Vec::new()).await;
    let hidden = "
        const style = getComputedStyle(root.querySelector('.aw-submit'));
        return style.visibility + ' ' + style.pointerEvents";
    assert_eq!(reader.widget().run(hidden, Vec::new()).await, "hidden none");
    reader.close().await;
}

#[tokio::test]
async fn enter_goes_to_the_next_field_and_never_sends() {
    let reader = open(&HostPage::new(&OPEN, "typing_enter"), "").await;
    let widget = reader.widget();
    click(&reader, "text").await;
    reader.press("First").await;
    reader.press(Key::Enter).await;
    reader.press("Second").await;
    click(&reader, "name").await;
    reader.press("Ada").await;
    reader.press(Key::Enter).await;
    widget.wait_for_focus("[name=email]").await;
    reader.press(Key::Enter).await;
    widget.wait_for_focus("[name=website]").await;
    assert_eq!(widget.shown_comments().await, [], "nothing is sent yet");
    reader.press("ada.example").await;
    reader.press(Key::Enter).await;
    widget.wait_for_focus(".aw-submit").await;
    assert_eq!(widget.shown_comments().await, [], "Enter in a field sends nothing");
    reader.press(Key::Enter).await;
    widget.wait_for_texts(&["First\nSecond"]).await;
    reader.close().await;
}

#[tokio::test]
async fn control_and_enter_send_the_text() {
    let reader = open(&HostPage::new(&OPEN, "typing_control"), "").await;
    let widget = reader.widget();
    let text = widget.find(&format!("{MAIN_FORM} [name=text]")).await;
    for (modifier, typed) in [(Key::Control, "One"), (Key::Meta, "Two")] {
        text.send_keys(typed).await.unwrap();
        text.send_keys(modifier + TypingData::from(Key::Enter)).await.unwrap();
        wait_for_text(&reader, ".aw-list", typed).await;
    }
    widget.wait_for_texts(&["One", "Two"]).await;
    wait_for_thread(&OPEN, &post_url("typing_control"), 2);
    reader.close().await;
}

/// While a word is composed, Enter takes the suggestion. Safari has ended the composition by then, and leaves only the code of the key.
#[tokio::test]
async fn enter_of_an_input_method_neither_moves_nor_sends() {
    let reader = open(&HostPage::new(&OPEN, "typing_composed"), "").await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "まだ"), ("name", "Ada")]).await;
    for (field, init) in [
        ("name", "{isComposing: true}"),
        ("name", "{keyCode: 229}"),
        ("text", "{isComposing: true, ctrlKey: true}"),
        ("text", "{keyCode: 229, ctrlKey: true}"),
    ] {
        click(&reader, field).await;
        let enter = format!(
            "const init = Object.assign({{key: 'Enter', bubbles: true, composed: true, cancelable: true}}, {init});
            return root.activeElement.dispatchEvent(new KeyboardEvent('keydown', init));"
        );
        assert_eq!(widget.run(&enter, Vec::new()).await, true, "{field} {init}: the input method gets the key");
        assert!(widget.has_focus(&format!("[name={field}]")).await, "{field} {init}");
    }
    assert_eq!(widget.shown_comments().await, []);
    reader.close().await;
}

/// The rule that a browser applies to Enter, without the widget and without any script.
#[tokio::test]
async fn enter_sends_nothing_without_javascript() {
    let reader = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::default() }).await;
    let page = format!("{}/thread?url={}", OPEN.origin(), post_url("typing_plain"));
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "Half a"), ("name", "Ada")]).await;
    reader.press(Key::Enter).await;
    widget.fill(MAIN_FORM, &[("text", "Half a thought")]).await;
    assert_eq!(reader.current_url().await, page, "Enter in the name has sent the form");
    widget.submit(MAIN_FORM).await;
    reader.wait_for_url("posted=").await;
    wait_for_thread(&OPEN, &post_url("typing_plain"), 1);
    reader.close().await;
}

#[tokio::test]
async fn pasted_text_is_kept_and_the_excess_is_named() {
    let reader = open(&HostPage::new(&OPEN, "typing_long"), "").await;
    let widget = reader.widget();
    let error = format!("{MAIN_FORM} .aw-error[id^=aw-text]");
    for (text, excess) in [("a".repeat(9_000), "808"), ("字".repeat(3_000), "270"), ("🙂".repeat(2_100), "52")] {
        click(&reader, "text").await;
        widget.run("root.querySelector('[name=text]').select()", Vec::new()).await;
        reader.insert_text(&text).await;
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, text, "nothing is cut");
        wait_for_text(&reader, &error, excess).await;
        widget.submit(MAIN_FORM).await;
        widget.wait_for_focus("[name=text]").await;
        wait_for_text(&reader, &error, excess).await;
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, text, "nothing is cut");
    }
    widget.run("root.querySelector('[name=text]').select()", Vec::new()).await;
    reader.insert_text(&"字".repeat(2_630)).await;
    wait_for_text(&reader, &format!("{MAIN_FORM} .aw-hint"), "100").await;
    assert_eq!(widget.count(".aw-error:not(:empty)").await, 0, "the error is gone");
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&[&"字".repeat(2_630)]).await;
    wait_for_text(&reader, &format!("{MAIN_FORM} .aw-hint"), "**bold**").await;
    reader.close().await;
}

#[tokio::test]
async fn fields_of_one_line_keep_what_is_too_long() {
    let mut reader = open(&HostPage::new(&OPEN, "typing_long_line"), "").await;
    reader.expect_console_error("status of 422");
    let widget = reader.widget();
    let long = [
        ("name", "n".repeat(200), "120"),
        ("email", format!("ada@a.{}", "a".repeat(265)), "17"),
        ("website", format!("https://ada.example/{}", "a".repeat(500)), "8"),
    ];
    widget.fill(MAIN_FORM, &[("text", "Kept"), ("email", "x")]).await;
    for (field, value, excess) in &long {
        let set = "root.querySelector(`.aw > .aw-form [name=${arguments[0]}]`).select()";
        click(&reader, field).await;
        widget.run(set, vec![json!(field)]).await;
        reader.insert_text(value).await;
        assert_eq!(&widget.field_value(MAIN_FORM, field).await, value, "nothing is cut");
        if *field == "name" {
            widget.fill(MAIN_FORM, &[("email", "")]).await;
        }
        widget.submit(MAIN_FORM).await;
        wait_for_text(&reader, &format!("{MAIN_FORM} .aw-error[id^=aw-{field}]"), excess).await;
        assert_eq!(&widget.field_value(MAIN_FORM, field).await, value, "nothing is cut");
        widget.fill(MAIN_FORM, &[(field, "")]).await;
    }
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["Kept"]).await;
    reader.close().await;
}

#[tokio::test]
async fn plain_form_names_the_excess_and_keeps_the_text() {
    let mut reader = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::default() }).await;
    reader.expect_console_error("status of 422");
    reader.visit(&format!("{}/thread?url={}", OPEN.origin(), post_url("typing_long_plain"))).await;
    let widget = reader.widget();
    click(&reader, "text").await;
    let text = "字".repeat(3_000);
    reader.insert_text(&text).await;
    widget.submit(MAIN_FORM).await;
    assert!(widget.wait_for_error(MAIN_FORM, "text").await.contains("270"));
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, text);
    reader.close().await;
}
