//! Tests of the moderators' script that need no browser, run by Node, and checks of its sources.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use afterword_view::admin::AdminAsset;

fn sources(folder: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let scripts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "js"));
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    scripts.map(|path| (path.file_name().unwrap().display().to_string(), read(&path))).collect()
}

#[test]
fn modules_pass_their_tests_in_node() {
    let tests = sources("tests/admin");
    assert!(tests.len() >= 2, "{:?}", tests.keys());
    let output = Command::new("node")
        .arg("--test")
        .args(tests.keys().map(|name| format!("tests/admin/{name}")))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

/// The name of the script depends on every module, so that a change of any reaches browsers.
#[test]
fn the_name_of_the_script_covers_all_modules() {
    let modules = sources("admin");
    let hashed = std::str::from_utf8(AdminAsset::Script.content()).unwrap();
    assert_eq!(hashed.len(), modules.values().map(String::len).sum::<usize>());
    assert!(modules.values().all(|module| hashed.contains(module)));
}

#[test]
fn the_script_makes_no_markup_from_text() {
    for (name, source) in sources("admin") {
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "cssText",
            ".style",
        ] {
            assert!(!source.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

/// Each text of the script is in the table, and each text of the table is used.
#[test]
fn texts_of_the_script_match_the_table() {
    let table: BTreeMap<String, String> = serde_json::from_str(include_str!("../../../admin/texts.json")).unwrap();
    let source: String = sources("admin").into_values().collect();
    let used = |call: &str| -> Vec<String> {
        source.split(call).skip(1).filter_map(|rest| rest.split_once('\'')).map(|(key, _)| key.to_owned()).collect()
    };
    for key in used("text('") {
        assert!(table.contains_key(&format!("js.{key}")), "{key} has no text");
    }
    for key in used("counted('") {
        assert!(table.contains_key(&format!("js.{key}.other")), "{key} has no text");
    }
    let actions = [
        "approve",
        "approve_and_trust",
        "unpublish",
        "spam",
        "delete",
        "restore",
        "keep",
        "pin",
        "unpin",
        "edit",
        "reply",
        "ban",
        "move",
        "pending",
        "published",
        "erased",
        "deleted",
    ];
    for key in table.keys().filter_map(|key| key.strip_prefix("js.")) {
        let stem = key.trim_end_matches(".one").trim_end_matches(".other");
        assert!(source.contains(&format!("'{stem}'")) || actions.contains(&stem), "{key} is used nowhere");
    }
}
