//! Compares the moderators' pages with `tests/golden-admin/<name>.html`. `UPDATE=1` rewrites these files.

use std::path::{Path, PathBuf};

use afterword_view::Messages;
use afterword_view::admin::{AdminAsset, texts};
use afterword_view::styles::Stylesheet;

use super::pages;
use super::sample::{HOSTILE, PLAIN, RIGHT_TO_LEFT, Words};

/// The hashes of the assets change with each of their bytes, and say nothing about a page.
fn without_hashes(page: &str) -> String {
    let paths = AdminAsset::ALL.map(AdminAsset::path).into_iter().chain([Stylesheet::Admin.path()]);
    paths.fold(page.to_owned(), |page, path| {
        let (name, hash) = path.rsplit_once('-').unwrap();
        let (_, extension) = hash.split_once('.').unwrap();
        page.replace(path, &format!("{name}.{extension}"))
    })
}

/// Compares one page. A new line before each element makes the differences of a change readable.
fn check(name: &str, page: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "golden-admin", &format!("{name}.html")].iter().collect();
    let page = without_hashes(page).replace("><", ">\n<") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (at, (line, expected)) in page.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "{name}, line {}", at + 1);
    }
    assert_eq!(page.lines().count(), expected.lines().count(), "{name}: one is a prefix of the other");
}

#[test]
fn pages_match_their_golden_files() {
    for (name, page) in pages::all(texts(), &PLAIN) {
        check(name, &page);
    }
}

#[test]
fn pages_with_hostile_and_right_to_left_words_match() {
    for (prefix, words) in [("hostile", &HOSTILE), ("rtl", &RIGHT_TO_LEFT)] {
        for (name, page) in pages::all(texts(), words) {
            if ["queue", "comment", "audit", "once.open", "ban"].contains(&name) {
                check(&format!("{prefix}.{name}"), &page);
            }
        }
    }
}

/// The texts with the direction of a right-to-left language.
fn right_to_left() -> Messages {
    let mut table: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(include_str!("../../../admin/texts.json")).unwrap();
    table.insert("dir".to_owned(), "rtl".into());
    table.insert("lang".to_owned(), "ar".into());
    serde_json::from_value(table.into()).unwrap()
}

/// Writes each page with its assets to the folder that `PAGES` names, to be looked at in a browser:
/// `PAGES=/tmp/pages cargo test -p afterword-view --all-features -- --ignored pages_are_written`.
#[test]
#[ignore = "writes files for people"]
fn pages_are_written_to_a_folder() {
    let folder = PathBuf::from(std::env::var_os("PAGES").unwrap());
    let write = |texts: &Messages, words: &Words, prefix: &str| {
        for (name, page) in pages::all(texts, words) {
            write_page(&folder, &format!("{prefix}{name}"), &page);
        }
    };
    write(texts(), &PLAIN, "");
    write(texts(), &HOSTILE, "hostile.");
    write(&right_to_left(), &RIGHT_TO_LEFT, "rtl.");
    for asset in AdminAsset::ALL {
        let path = folder.join(asset.path().trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, asset.content()).unwrap();
    }
    std::fs::write(folder.join(Stylesheet::Admin.path().trim_start_matches('/')), Stylesheet::Admin.source()).unwrap();
}

fn write_page(folder: &Path, name: &str, page: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(format!("{name}.html")), page.replace("\"/assets/", "\"assets/")).unwrap();
}
