//! Languages: which one a reader gets, and that each fits on the screen.

use std::fs;

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, post_url, root, wait_for_thread};
use serde_json::{Value, json};

use crate::{HOST, OPEN, post_thread};

/// The files of all languages.
fn catalogues() -> Vec<Value> {
    let files = fs::read_dir(root().join("crates/view/messages")).expect("the catalogues can be listed");
    let read = |path| serde_json::from_str(&fs::read_to_string(path).expect("a file can be read")).expect("JSON");
    files.map(|file| read(file.expect("a file has a path").path())).collect()
}

/// The elements that leave their box, and the controls whose visible text is not in their name for screen readers.
const LAYOUT: &str = "
    const hidden = (element) => element.closest('.aw-hidden');
    const wide = [...root.querySelectorAll('.aw *')].filter((element) => {
        const box = element.getBoundingClientRect();
        return !hidden(element) && (box.right > innerWidth + 1 || box.left < -1);
    });
    const unnamed = [...root.querySelectorAll('a, button, summary')].filter((element) =>
        element.ariaLabel && !element.ariaLabel.includes(element.innerText.trim()));
    return [...wide, ...unnamed].map((element) => element.outerHTML.slice(0, 120));";

#[tokio::test]
async fn every_language_is_shown_and_fits_a_narrow_phone_with_large_text() {
    let posted = post_thread("each_lang", &[("First", None), ("An answer", Some(0))]);
    let reader = Browser::open(BrowserOptions { width: 320, height: 600, ..BrowserOptions::default() }).await;
    for catalogue in catalogues() {
        let texts = &catalogue["widget"];
        let (lang, dir) = (texts["lang"].as_str().unwrap_or_default(), texts["dir"].as_str().unwrap_or_default());
        let page = HostPage::new(&OPEN, "each_lang").html_attributes(&format!("lang=\"{lang}\" dir=\"{dir}\""));
        reader.visit(&HOST.publish(&page)).await;
        let widget = reader.widget();
        let section = widget.find(".aw").await;
        assert_eq!(section.attr("lang").await.unwrap().as_deref(), Some(lang));
        assert_eq!(section.attr("dir").await.unwrap().as_deref(), Some(dir), "{lang}");
        let form = widget.open_reply(&posted[0].comment.id.to_string()).await;
        let submit = widget.find(&format!("{form} .aw-submit")).await.text().await.unwrap();
        assert_eq!(texts["form.submit.reply"], submit, "{lang}");
        for size in ["100%", "200%"] {
            reader.run("document.documentElement.style.fontSize = arguments[0]", vec![json!(size)]).await;
            assert_eq!(widget.run(LAYOUT, Vec::new()).await, json!([]), "{lang} at {size}");
            assert!(!reader.overflows_horizontally().await, "{lang} at {size}");
        }
    }
    reader.close().await;
}

#[tokio::test]
async fn language_is_that_of_the_nearest_element_and_never_the_browsers() {
    let inside = |lang: &str| format!("<div lang=\"{lang}\"><section><div id=\"afterword\"></div></section></div>");
    let cases = [
        ("languages_nearest", "lang=\"en\"", inside("fr"), "", "fr"),
        ("languages_data", "lang=\"en\"", inside("fr"), "data-lang=\"ja\"", "ja"),
        ("languages_none", "", String::new(), "", "en"),
        ("languages_empty", "lang=\"\"", String::new(), "", "en"),
        ("languages_taiwan", "lang=\"zh-TW\"", String::new(), "", "zh-Hant"),
        ("languages_portugal", "lang=\"pt-PT\"", String::new(), "", "pt-BR"),
        ("languages_former", "lang=\"iw\"", String::new(), "", "he"),
        ("languages_unknown", "lang=\"tlh\"", String::new(), "", "en"),
        ("languages_auto", "lang=\"en\"", String::new(), "data-lang=\"auto\"", "de"),
    ];
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script("Object.defineProperty(Navigator.prototype, 'language', { get: () => 'de-CH' });").await;
    for (name, html, body, script, lang) in cases {
        let page = HostPage::new(&OPEN, name).html_attributes(html).foreign_html(&body).script_attributes(script);
        reader.visit(&HOST.publish(&page)).await;
        let given = reader.widget().find(".aw").await.attr("lang").await.unwrap();
        assert_eq!(given.as_deref(), Some(lang), "{name}");
    }
    reader.close().await;
}

#[tokio::test]
async fn one_language_is_downloaded() {
    post_thread("languages_one", &[("Hei", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    let page = HostPage::new(&OPEN, "languages_one").html_attributes("lang=\"sv\"");
    reader.visit(&HOST.publish(&page)).await;
    reader.widget().post("Ada", "Hej").await;
    reader.widget().wait_for_texts(&["Hei", "Hej"]).await;
    let names = "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)
        .filter((path) => path.endsWith('.json')).map((path) => path.replace(/-[0-9a-f]+.json/, ''))";
    assert_eq!(reader.run(names, Vec::new()).await, json!(["/assets/messages-sv", "/assets/on-demand-sv"]));
    reader.close().await;
}

#[tokio::test]
async fn refusal_is_told_in_the_language_of_the_page() {
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 422");
    let page = HostPage::new(&OPEN, "languages_refusal").html_attributes("lang=\"ko\"");
    reader.visit(&HOST.publish(&page)).await;
    let widget = reader.widget();
    let fields = [("text", "annyeong"), ("email", "no address")];
    widget.fill(MAIN_FORM, &fields).await;
    widget.submit(MAIN_FORM).await;
    let korean = catalogues().into_iter().find(|file| file["widget"]["lang"] == "ko").expect("there is Korean");
    assert_eq!(korean["page"]["error.bad_email"], widget.wait_for_error(MAIN_FORM, "email").await);
    reader.close().await;
}

#[tokio::test]
async fn text_without_a_worker_is_in_the_language_of_the_page() {
    let reader = Browser::open(BrowserOptions::default()).await;
    for (blocked, lang, used) in
        [("/v1/", "ja", "ja"), ("/v1/", "zh-TW", "zh-Hant"), ("/v1/", "tlh", "en"), ("json", "en", "en")]
    {
        reader.block_requests(Some(blocked)).await;
        let page = HostPage::new(&OPEN, "languages_down").html_attributes(&format!("lang=\"{lang}\""));
        if blocked == "json" {
            // Neither the Worker nor the list of texts can be reached.
            reader
                .inject_script(
                    "const real = fetch; window.fetch = (url) => real(String(url).replace('/v1/', '/.json/'));",
                )
                .await;
        }
        reader.visit(&HOST.publish(&page)).await;
        let texts = catalogues().into_iter().find(|file| file["widget"]["lang"] == used).expect("a language");
        let shown = reader.widget().find("[role=alert]").await.text().await.unwrap();
        assert_eq!(texts["widget"]["unreachable"], shown, "{lang}");
        let retry = reader.widget().find("button").await.text().await.unwrap();
        assert_eq!(texts["widget"]["retry"], retry, "{lang}");
    }
    reader.close().await;
}

/// A page in `en-US` has American dates. Digits and calendar are those of the texts, whatever the engine prefers.
#[tokio::test]
async fn dates_follow_the_region_of_the_page() {
    post_thread("languages_dates", &[("Once", None)]);
    wait_for_thread(&OPEN, &post_url("languages_dates"), 1);
    let reader = Browser::open(BrowserOptions::default()).await;
    for (lang, locale) in [
        ("en", "en-GB"),
        ("en-US", "en-US"),
        ("de-AT", "de-AT"),
        ("fa", "fa-u-ca-persian-nu-arabext"),
        ("ar-EG", "ar-EG-u-ca-gregory-nu-latn"),
        ("th-TH", "th-TH-u-ca-buddhist-nu-latn"),
    ] {
        let page = HostPage::new(&OPEN, "languages_dates").html_attributes(&format!("lang=\"{lang}\""));
        reader.visit(&HOST.publish(&page)).await;
        reader.widget().find("time[title]").await;
        let titles = "
            const time = root.querySelector('time');
            return time.title == new Intl.DateTimeFormat(arguments[0], {dateStyle: 'long', timeStyle: 'short'}).format(new Date(time.dateTime));";
        assert_eq!(reader.widget().run(titles, vec![json!(locale)]).await, true, "{lang}");
    }
    reader.close().await;
}
