//! Paths in a source file: those of its `use` declarations, and those in its code and macro calls.

use crate::rust_tokens::{Token, TokenKind, tokenize};

/// A path in the code of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CodePath {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    /// Names of the inline modules around it, from the outside in.
    pub(super) inline: Vec<String>,
    /// The name that a `use` declaration binds.
    pub(super) name: Option<String>,
    /// True for a `pub use` with any visibility.
    pub(super) is_reexport: bool,
}

impl CodePath {
    pub(super) fn text(&self) -> String {
        self.segments.join("::")
    }
}

/// Everything that the checks read from one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) paths: Vec<CodePath>,
    /// Names of the child modules that only tests compile.
    pub(super) test_modules: Vec<String>,
    /// Only tests compile the file itself: it begins with `#![cfg(test)]`.
    pub(super) is_test_file: bool,
    /// Every identifier, except in code for tests.
    pub(super) words: std::collections::BTreeSet<String>,
    /// Names of the functions it declares, except in code for tests.
    pub(super) functions: std::collections::BTreeSet<String>,
}

/// Reads a source file. Items under `#[cfg(test)]` do not count.
pub(super) fn scan(source: &str) -> Scan {
    let tokens: Vec<_> = tokenize(source).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let mut scanner = Scanner { tokens, at: 0, depth: 0, inline: Vec::new(), scan: Scan::default() };
    while scanner.at < scanner.tokens.len() {
        scanner.step();
    }
    scanner.scan
}

struct Scanner<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    /// Number of braces that are open.
    depth: usize,
    /// Inline modules that are open, each with the depth of its braces.
    inline: Vec<(String, usize)>,
    scan: Scan,
}

impl<'a> Scanner<'a> {
    fn word(&self, at: usize) -> Option<&'a str> {
        self.tokens.get(at).filter(|token| token.kind == TokenKind::Word).map(|token| token.text)
    }

    fn is(&self, at: usize, punctuation: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_punctuation(punctuation))
    }

    fn previous_is(&self, punctuation: &str) -> bool {
        self.at.checked_sub(1).is_some_and(|at| self.is(at, punctuation))
    }

    fn step(&mut self) {
        let token = self.tokens[self.at];
        if token.kind == TokenKind::Word {
            self.scan.words.insert(token.text.to_owned());
        }
        match token.text {
            "#" if self.is_test_attribute() => return self.skip_test_item(),
            "{" if token.kind == TokenKind::Punctuation => self.depth += 1,
            "}" if token.kind == TokenKind::Punctuation => {
                self.depth = self.depth.saturating_sub(1);
                self.inline.pop_if(|(_, depth)| *depth > self.depth);
            }
            "mod" if self.is(self.at + 2, "{") => {
                let name = self.word(self.at + 1).unwrap_or_default().to_owned();
                self.inline.push((name, self.depth + 1));
            }
            "fn" => {
                let name = self.word(self.at + 1).map(str::to_owned);
                self.scan.functions.extend(name);
            }
            "use" if token.kind == TokenKind::Word && !self.is(self.at + 1, "<") => return self.use_declaration(),
            _ if self.starts_path() => return self.code_path(),
            _ => {}
        }
        self.at += 1;
    }

    /// Returns true at `#[cfg(test)]`, `#![cfg(test)]` and `cfg(all(test, …))`.
    fn is_test_attribute(&self) -> bool {
        let open = self.at + 1 + usize::from(self.is(self.at + 1, "!"));
        if !self.is(open, "[") || self.word(open + 1) != Some("cfg") {
            return false;
        }
        let inside = &self.tokens[open..self.closing(open)];
        inside.iter().any(|token| token.is_word("test"))
            && !inside.iter().any(|token| token.is_word("not") || token.is_word("any"))
    }

    /// Index of the token that closes the bracket at `open`.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    /// Skips an attribute and its item.
    fn skip_test_item(&mut self) {
        if self.is(self.at + 1, "!") {
            // At the top of a file it covers the file. Inside an inline module it is ignored: no source has one there.
            self.scan.is_test_file |= self.depth == 0;
            self.at = self.closing(self.at + 2) + 1;
            return;
        }
        while self.is(self.at, "#") {
            self.at = self.closing(self.at + 1) + 1;
        }
        let mut head = self.tokens[self.at..].iter().take_while(|token| !matches!(token.text, "{" | ";"));
        let is_use = head.any(|token| token.is_word("use"));
        while self.at < self.tokens.len() {
            let token = self.tokens[self.at];
            if token.is_word("mod") && self.is(self.at + 2, ";") {
                self.scan.test_modules.extend(self.word(self.at + 1).map(str::to_owned));
            }
            if matches!(token.text, "(" | "[" | "{") {
                self.at = self.closing(self.at);
            }
            self.at += 1;
            if token.is_punctuation(";") || token.is_punctuation("{") && !is_use {
                return;
            }
        }
    }

    fn starts_path(&self) -> bool {
        let is_visibility = self.at >= 2 && self.tokens[self.at - 1].is_word("in") && self.is(self.at - 2, "(");
        self.word(self.at).is_some() && self.is(self.at + 1, "::") && !self.previous_is("::") && !is_visibility
    }

    fn code_path(&mut self) {
        let line = self.tokens[self.at].line;
        let mut segments = Vec::new();
        while let Some(word) = self.word(self.at) {
            self.scan.words.insert(word.to_owned());
            segments.push(word.to_owned());
            self.at += 1;
            if !self.is(self.at, "::") || self.word(self.at + 1).is_none() {
                break;
            }
            self.at += 1;
        }
        self.push(segments, line, None, false);
    }

    fn use_declaration(&mut self) {
        let is_reexport = self.at.checked_sub(1).is_some_and(|at| self.tokens[at].is_word("pub") || self.is(at, ")"));
        self.at += 1;
        if self.is(self.at, "::") {
            // A path into another crate.
            return;
        }
        self.use_tree(&[], is_reexport);
    }

    /// Reads one branch of a `use` declaration, up to its `,`, `}` or `;`.
    fn use_tree(&mut self, prefix: &[String], is_reexport: bool) {
        let mut segments = prefix.to_vec();
        while let Some(token) = self.tokens.get(self.at).copied() {
            match token.text {
                "{" => {
                    self.at += 1;
                    while self.at < self.tokens.len() && !self.is(self.at, "}") {
                        self.use_tree(&segments, is_reexport);
                        self.at += usize::from(self.is(self.at, ","));
                    }
                    self.at += 1;
                    return;
                }
                "," | "}" | ";" => break,
                "as" => {
                    let name = self.word(self.at + 1).map(str::to_owned);
                    self.at += 2;
                    return self.push(segments, token.line, name, is_reexport);
                }
                "self" if !segments.is_empty() => {}
                "::" => {}
                text => {
                    self.scan.words.insert(text.to_owned());
                    segments.push(text.to_owned());
                }
            }
            self.at += 1;
        }
        if segments.len() > prefix.len() || self.at > 0 && self.tokens[self.at - 1].is_word("self") {
            let line = self.tokens.get(self.at - 1).map_or(0, |token| token.line);
            let name = segments.last().cloned();
            self.push(segments, line, name, is_reexport);
        }
    }

    fn push(&mut self, segments: Vec<String>, line: usize, name: Option<String>, is_reexport: bool) {
        let inline = self.inline.iter().map(|(name, _)| name.clone()).collect();
        self.scan.paths.push(CodePath { segments, line, inline, name, is_reexport });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let paths: Vec<_> = scan(source).paths.iter().map(CodePath::text).collect();
        assert_eq!(paths, expected, "{source}");
    }

    #[test]
    fn use_trees_are_unfolded() {
        check(
            "use crate::a::{self, b::{C, D as E}, f::*};",
            &["crate::a", "crate::a::b::C", "crate::a::b::D", "crate::a::f::*"],
        );
        check("pub(crate) use super::{x, y,};", &["super::x", "super::y"]);
        check("use {crate::a, self::b};", &["crate::a", "self::b"]);
        check("use ::crate_of_others::a; use self::c;", &["self::c"]);
        check("fn f() -> impl Sized + use<'_> { crate::a() }", &["crate::a"]);
    }

    #[test]
    fn paths_in_code_and_macros_are_found() {
        check("fn f(a: crate::b::C) { super::d::<u8>(); }", &["crate::b::C", "super::d"]);
        check("println!(\"{}\", crate::a::B); // crate::c::D", &["crate::a::B"]);
        check("pub(in crate::a) struct B; pub(crate) fn c() { self.d(); }", &[]);
        check("fn f() { let s = \"crate::a\"; x::Y::new() }", &["x::Y::new"]);
    }

    #[test]
    fn test_items_do_not_count() {
        check("#[cfg(test)]\nmod tests { use crate::a::{b}; }\nuse crate::c;", &["crate::c"]);
        check("#[cfg(test)]\nuse crate::a::{b, c};\nuse crate::d;", &["crate::d"]);
        check("#[cfg(test)] #[derive(A)] struct B([u8; crate::a()]); use crate::d;", &["crate::d"]);
        check("#[cfg(not(test))] use crate::a; #[cfg(feature = \"test\")] use crate::b;", &["crate::a", "crate::b"]);
        let found = scan("#[cfg(test)]\nmod scratch;\nmod b;");
        assert_eq!(found.test_modules, ["scratch"]);
        assert!(scan("//! For tests.\n#![cfg(test)]\nuse crate::a;").is_test_file);
    }

    #[test]
    fn inline_modules_and_reexports_are_noted() {
        let found = scan("mod a { mod b { use super::c; } }\nuse super::d;\npub use e::F;");
        let noted: Vec<_> = found.paths.iter().map(|path| (path.text(), path.inline.len(), path.is_reexport)).collect();
        let expected = [("super::c", 2, false), ("super::d", 0, false), ("e::F", 0, true)];
        assert_eq!(noted, expected.map(|(path, depth, is_reexport)| (path.to_owned(), depth, is_reexport)));
        assert_eq!(found.paths[1].line, 2);
    }
}
