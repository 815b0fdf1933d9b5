//! Imported bans and muted words that are not valid.

use afterword_ledger::{Ban, BanMatcher, MutedWordMatcher, PatternCompiler};

use crate::fixtures::{NOW, SITE, uuid};
use crate::properties::{RestoreMode, empty_ledger, restore};

/// A compiler that knows no pattern without a letter.
#[derive(Debug)]
struct LetterPatterns;

impl PatternCompiler for LetterPatterns {
    fn compile_muted_words(&self, list: &str) -> Option<MutedWordMatcher> {
        let is_valid = list.lines().all(|line| line.contains(char::is_alphabetic));
        is_valid.then(|| -> MutedWordMatcher { Box::new(|_, _| None) })
    }

    fn compile_ban(&self, ban: &Ban) -> Option<BanMatcher> {
        let is_valid = ban.literal || ban.pattern.contains(char::is_alphabetic);
        is_valid.then(|| -> BanMatcher { Box::new(|_| false) })
    }
}

/// From then on, each of them holds every comment of the site.
#[test]
fn rules_that_are_not_valid_are_counted() {
    let ban = |number: u32, kind: &str, pattern: &str, literal: bool, until: &str| {
        let id = uuid(number);
        format!(
            r#"{{"ban":{{"id":"{id}","kind":"{kind}","pattern":"{pattern}","literal":{literal},"until":{until},"at":{NOW},"by":"ada"}}}}"#
        )
    };
    let muted = |words: &str| format!(r#"{{"setting":{{"name":"muted","value":"{words}"}}}}"#);
    let header = format!(r#"{{"afterword":2,"site":"{SITE}","last":0}}"#);
    let ended = (NOW - 1).to_string();
    for (lines, expected) in [
        (vec![muted(r"pills\n***")], 1),
        (vec![muted(r"pills\ncasino")], 0),
        (vec![ban(1, "name", "***", false, "null")], 1),
        (vec![ban(1, "email", "*@*", false, "null"), ban(2, "name", "Eve*", false, "null")], 1),
        (vec![ban(1, "name", "***", true, "null")], 0),
        (vec![ban(1, "name", "***", false, &ended)], 0),
        (vec![ban(1, "author", "00ff", false, "null")], 0),
        (vec![muted("***"), ban(1, "name", "...", false, "null"), ban(2, "email", "*", false, "null")], 3),
    ] {
        let file = [vec![header.clone()], lines].concat().join("\n");
        let ledger = empty_ledger();
        for dry_run in [true, false] {
            let mode = RestoreMode { patterns: Some(&LetterPatterns), dry_run, first_line: None };
            let summary = restore(&ledger, file.as_bytes(), 10_000, mode).1.unwrap();
            assert_eq!(summary.imported.invalid_rules, expected, "{file} with dry_run={dry_run}");
        }
        assert_eq!(ledger.invalid_rules(&LetterPatterns, NOW).map(|rules| rules.len()), Ok(expected as usize));
        let mode = RestoreMode { patterns: Some(&LetterPatterns), ..Default::default() };
        let again = restore(&ledger, file.as_bytes(), 10_000, mode).1.unwrap();
        assert_eq!(again.imported.invalid_rules, 0, "rules that are there already are not counted");
    }
}
