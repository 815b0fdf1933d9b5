//! Parses every golden file with an HTML parser.

use std::collections::HashSet;

use afterword_model::LINK_REL;
use scraper::{ElementRef, Html, Selector};

use crate::golden;

/// The tags of threads, forms and pages. Any other tag would come from the text of a comment.
const TAGS: &[&str] = &[
    "a",
    "article",
    "bdi",
    "blockquote",
    "body",
    "br",
    "button",
    "code",
    "del",
    "details",
    "div",
    "em",
    "fieldset",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "input",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "meta",
    "ol",
    "option",
    "p",
    "path",
    "pre",
    "section",
    "select",
    "span",
    "strong",
    "summary",
    "svg",
    "textarea",
    "time",
    "title",
    "ul",
];

fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn check(name: &str, text: &str) {
    let html = if text.starts_with("<!DOCTYPE") { Html::parse_document(text) } else { Html::parse_fragment(text) };
    assert!(html.errors.is_empty(), "{name}: {:?}", html.errors);
    let mut ids = HashSet::new();
    for element in select(&html, "*") {
        let tag = element.value().name();
        assert!(TAGS.contains(&tag), "{name}: <{tag}>");
        for (attribute, value) in element.value().attrs() {
            assert!(!attribute.starts_with("on") && attribute != "style", "{name}: <{tag} {attribute}={value:?}>");
        }
        if let Some(id) = element.attr("id") {
            assert!(ids.insert(id), "{name}: {id} twice");
        }
    }
    // Written out in the template, because an interpolated value costs the widget bytes.
    for link in select(&html, "a.aw-author") {
        assert_eq!(link.attr("rel"), Some(LINK_REL), "{name}");
    }
    for attribute in ["for", "aria-describedby", "aria-labelledby"] {
        for element in select(&html, &format!("[{attribute}]")) {
            for id in element.attr(attribute).unwrap().split(' ') {
                assert!(ids.contains(id), "{name}: {attribute}={id:?} has no target");
            }
        }
    }
    for field in select(&html, "input:not([type=hidden]):not([name=remember]), textarea, select") {
        let label =
            format!("label[for={:?}]", field.attr("id").unwrap_or_else(|| panic!("{name}: a field without id")));
        assert_eq!(select(&html, &label).len(), 1, "{name}: {label}");
    }
    for label in select(&html, ".aw-remember label") {
        assert!(label.text().any(|text| !text.trim().is_empty()), "{name}: the checkbox is within its label");
    }
    // Enter in a field of one line presses the first button of a form, and a browser cuts what is longer than `maxlength`.
    // The form that asks for an address posts nothing, so Enter may send it.
    for form in select(&html, "form[method=post]") {
        let first = form.select(&Selector::parse("button").unwrap()).next().unwrap();
        assert!(first.attr("disabled").is_some() && first.attr("hidden").is_some(), "{name}: Enter sends the form");
    }
    assert!(select(&html, "[maxlength]").is_empty(), "{name}: a field that cuts its text");
    for link in select(&html, "a[href]") {
        let href = link.attr("href").unwrap();
        assert!(["https://", "http://", "mailto:", "#"].iter().any(|start| href.starts_with(start)), "{name}: {href}");
        assert!(link.text().any(|text| !text.trim().is_empty()), "{name}: a link without text");
    }
    assert!(select(&html, "[aria-invalid]").iter().all(|field| field.attr("aria-describedby").is_some()), "{name}");
}

#[test]
fn every_golden_file_is_well_formed() {
    let mut seen = 0;
    for entry in std::fs::read_dir(golden("")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "html") {
            check(&path.file_name().unwrap().to_string_lossy(), &std::fs::read_to_string(&path).unwrap());
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} goldens");
}

/// Assistive technology lists comments by their headings: one level for threads, one for replies.
#[test]
fn every_comment_is_named_by_its_heading() {
    let mut seen = 0;
    for name in ["thread.html", "hostile.html", "nested.html", "tombstone.html", "scripts.rtl.html"] {
        let html = Html::parse_fragment(&std::fs::read_to_string(golden(name)).unwrap());
        for article in select(&html, "li > article") {
            let label = article.attr("aria-labelledby").unwrap();
            let item = ElementRef::wrap(article.parent().unwrap()).unwrap();
            let tag = if item.attr("data-depth") == Some("0") { "h3" } else { "h4" };
            let heading = article.select(&Selector::parse(&format!("{tag}#{label}")).unwrap()).next();
            assert!(heading.is_some_and(|it| it.text().any(|text| !text.trim().is_empty())), "{name}: {label}");
            seen += 1;
        }
        assert!(select(&html, "article[aria-label], time[aria-label], button[aria-label], a[aria-label]").is_empty());
    }
    assert!(seen > 30, "only {seen} comments");
}

#[test]
fn every_branch_is_open() {
    let html = Html::parse_fragment(&std::fs::read_to_string(golden("thread.html")).unwrap());
    let branches = select(&html, "li > details.aw-branch");
    assert!(!branches.is_empty() && branches.iter().all(|branch| branch.attr("open").is_some()));
    assert_eq!(
        select(&html, "ol.aw-replies").len(),
        select(&html, "details.aw-branch > summary + ol.aw-replies").len()
    );
}

#[test]
fn pages_are_complete() {
    for name in ["page.html", "page.error.de.html", "setup.welcome.html", "refused.html"] {
        let html = Html::parse_document(&std::fs::read_to_string(golden(name)).unwrap());
        for selector in ["html[lang][dir]", "meta[charset=utf-8]", "meta[name=viewport]", "title", "main h1"] {
            assert_eq!(select(&html, selector).len(), 1, "{name}: {selector}");
        }
        assert_eq!(select(&html, "head > link[rel=stylesheet]").len(), crate::CHROME.stylesheet_paths.len(), "{name}");
    }
}
