//! Tests of the JavaScript that need no browser, run by Node, and checks of the scripts' sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The scripts of a folder of the widget, by their names.
pub(crate) fn sources(folder: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let scripts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "js"));
    scripts.map(|path| (path.file_name().unwrap().display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn scripts_pass_their_tests_in_node() {
    let tests = sources("tests");
    assert!(tests.len() >= 3, "{:?}", tests.keys());
    let output = Command::new("node")
        .arg("--test")
        .args(tests.keys().map(|name| format!("tests/{name}")))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A module of a part would be downloaded again with every other part that imports it.
#[test]
fn parts_import_nothing() {
    for (name, source) in sources("parts") {
        assert!(!source.contains("\nimport "), "{name} imports something");
    }
}

/// A name that `ui.js` lacks would be found only when a reader uses the part.
#[test]
fn parts_use_only_what_the_widget_passes_to_them() {
    let thread = sources("thread");
    let exported = thread["ui.js"].split("export const ui = {").nth(1).unwrap();
    let exported: BTreeSet<&str> = exported.split([',', '\n', '}', ';']).map(str::trim).collect();
    let mut used = 0;
    for (name, source) in sources("parts") {
        let called = source.split("thread.ui.").skip(1).filter_map(|rest| rest.split(['(', '.', ',', ' ']).next());
        let taken = source.split("} = thread.ui;").filter_map(|before| Some(before.rsplit_once("const {")?.1));
        let taken = taken.take_while(|names| names.len() < 200).flat_map(|names| names.split(',')).map(str::trim);
        for function in called.chain(taken).filter(|function| !function.is_empty()) {
            assert!(exported.contains(function), "{name} uses {function}, which ui.js does not pass");
            used += 1;
        }
    }
    assert!(used > 30, "{used} uses were found");
}

/// Text becomes HTML only through the loader's function, under the page's one Trusted Types policy.
#[test]
fn only_the_loader_turns_text_into_html() {
    let all = [sources("."), sources("thread"), sources("parts")];
    let sinks =
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment"];
    for (name, source) in all.iter().flatten() {
        for sink in sinks {
            let uses = source.matches(sink).count();
            let allowed = usize::from(name == "embed.js" && sink == "innerHTML");
            assert_eq!(uses, allowed, "{sink} in {name}");
        }
    }
}

/// A policy for styles forbids style attributes; scripts may set the properties one by one.
#[test]
fn no_script_writes_style_attributes_or_inline_handlers() {
    for (name, source) in [sources("."), sources("thread"), sources("parts")].iter().flatten() {
        for forbidden in [" style=", "setAttribute('style'", "cssText", " onclick=\"", "setAttribute('on"] {
            assert!(!source.contains(forbidden), "{forbidden} in {name}");
        }
    }
}

/// An element of the host page with a name hides the document's own property of that name, even a method.
#[test]
fn scripts_of_the_widget_read_nothing_from_the_document() {
    for (name, source) in [sources("thread"), sources("parts")].iter().flatten() {
        let code =
            source.lines().map(str::trim).filter(|line| !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark)));
        for line in code {
            assert!(!line.contains("document."), "{name}: {line}");
        }
    }
}
