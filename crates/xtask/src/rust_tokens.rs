//! A small tokenizer for Rust sources, enough for checks that look at names, paths, strings and comments.
//!
//! It keeps comments, which `proc_macro2` drops, and sees the contents of macro calls, which `syn` does not parse.

/// Kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An identifier or a keyword. A raw identifier has no `r#`.
    Word,
    /// A lifetime or a loop label.
    Lifetime,
    /// A number.
    Number,
    /// A string, byte string, C string or character, with its quotes.
    Literal,
    /// A comment, with its slashes.
    Comment,
    /// `::`, or any other single character.
    Punctuation,
}

/// A piece of source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'a str,
    /// Line of its first character, counted from 1.
    pub(crate) line: usize,
}

impl Token<'_> {
    /// Returns true for the word `text`.
    pub(crate) fn is_word(&self, text: &str) -> bool {
        self.kind == TokenKind::Word && self.text == text
    }

    /// Returns true for the punctuation `text`.
    pub(crate) fn is_punctuation(&self, text: &str) -> bool {
        self.kind == TokenKind::Punctuation && self.text == text
    }

    /// Returns true for `///`, `//!`, `/**` and `/*!` comments.
    pub(crate) fn is_doc_comment(&self) -> bool {
        let is_outer = self.text.starts_with("///") && !self.text.starts_with("////");
        let is_block = self.text.starts_with("/**") && !self.text.starts_with("/***") && self.text != "/**/";
        self.kind == TokenKind::Comment
            && (is_outer || is_block || self.text.starts_with("//!") || self.text.starts_with("/*!"))
    }
}

/// Splits a source file into tokens. Text that is not Rust yields some tokens as well; it never fails.
pub(crate) fn tokenize(source: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut line, mut rest) = (Vec::new(), 1, source);
    while let Some(first) = rest.chars().next() {
        let (kind, length) = next_token(rest, first);
        let (text, tail) = rest.split_at(length);
        if let Some(kind) = kind {
            tokens.push(Token {
                kind,
                text: text.strip_prefix("r#").filter(|_| kind == TokenKind::Word).unwrap_or(text),
                line,
            });
        }
        line += text.matches('\n').count();
        rest = tail;
    }
    tokens
}

/// The kind of the first token and its length in bytes; no kind for white space.
fn next_token(rest: &str, first: char) -> (Option<TokenKind>, usize) {
    if first.is_whitespace() {
        return (None, rest.len() - rest.trim_start().len());
    }
    if rest.starts_with("//") {
        return (Some(TokenKind::Comment), rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Some(TokenKind::Comment), block_comment_length(rest));
    }
    if matches!(first, '"' | 'b' | 'c' | 'r')
        && let Some(length) = string_length(rest)
    {
        return (Some(TokenKind::Literal), length);
    }
    if first == '\'' {
        return quote_token(rest);
    }
    if first.is_ascii_digit() {
        return (Some(TokenKind::Number), rest.find(|char: char| !is_word_char(char)).unwrap_or(rest.len()));
    }
    if is_word_char(first) {
        let prefix = if rest.starts_with("r#") { 2 } else { 0 };
        let length = rest[prefix..].find(|char: char| !is_word_char(char));
        return (Some(TokenKind::Word), length.map_or(rest.len(), |length| prefix + length));
    }
    let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
    (Some(TokenKind::Punctuation), length)
}

fn is_word_char(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

/// Length of a block comment, which may contain others.
fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Length of a string with any prefix (`b`, `c`, `r`, `br`, `cr`), if the text starts with one.
fn string_length(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let tail = rest.strip_prefix(prefix);
        tail.is_some_and(|tail| {
            let unhashed = if prefix.ends_with('r') { tail.trim_start_matches('#') } else { tail };
            unhashed.starts_with('"')
        })
    })?;
    let tail = &rest[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = tail.len() - tail.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let open = prefix.len() + hashes + 1;
        return Some(rest[open..].find(&end).map_or(rest.len(), |at| open + at + end.len()));
    }
    Some(prefix.len() + quoted_length(tail, '"'))
}

/// Length of a text in quotes in which a backslash escapes the next character.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if char == quote => return at + char.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// A character or a lifetime.
fn quote_token(rest: &str) -> (Option<TokenKind>, usize) {
    let mut chars = rest.chars().skip(1);
    let (second, third) = (chars.next(), chars.next());
    let is_lifetime = second.is_some_and(is_word_char) && third != Some('\'');
    if is_lifetime {
        let length = rest[1..].find(|char: char| !is_word_char(char)).map_or(rest.len(), |length| length + 1);
        return (Some(TokenKind::Lifetime), length);
    }
    (Some(TokenKind::Literal), quoted_length(rest, '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[(TokenKind, &str)]) {
        let found: Vec<_> = tokenize(source).into_iter().map(|token| (token.kind, token.text)).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn strings_and_comments_are_single_tokens() {
        use TokenKind::{Comment, Lifetime, Literal, Number, Punctuation, Word};
        check("a::b", &[(Word, "a"), (Punctuation, "::"), (Word, "b")]);
        check("x // crate::a\ny", &[(Word, "x"), (Comment, "// crate::a"), (Word, "y")]);
        check("/* a /* b */ c */d", &[(Comment, "/* a /* b */ c */"), (Word, "d")]);
        check(r#""a\"b" c"#, &[(Literal, r#""a\"b""#), (Word, "c")]);
        check(r###"r#"a"b"# br"\" c"###, &[(Literal, r###"r#"a"b"#"###), (Literal, r#"br"\""#), (Word, "c")]);
        check(
            "b'a' '\\'' '\"' 'static 'é'",
            &[
                (Word, "b"),
                (Literal, "'a'"),
                (Literal, "'\\''"),
                (Literal, "'\"'"),
                (Lifetime, "'static"),
                (Literal, "'é'"),
            ],
        );
        check(
            "r#type 0x1f_u8 1.5",
            &[(Word, "type"), (Number, "0x1f_u8"), (Number, "1"), (Punctuation, "."), (Number, "5")],
        );
    }

    #[test]
    fn lines_are_counted_through_strings_and_comments() {
        let lines: Vec<_> = tokenize("a\n/*\n\n*/ b \"\n\" c").into_iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 4, 4, 5]);
    }

    #[test]
    fn unfinished_text_ends_with_the_file() {
        for source in ["\"a", "r#\"a\"", "/* a", "'", "'\\", "b\"é"] {
            let found = tokenize(source);
            assert_eq!(found.iter().map(|token| token.text).collect::<String>(), source);
        }
    }

    #[test]
    fn doc_comments_are_told_from_ordinary_ones() {
        for (comment, expected) in [
            ("/// a", true),
            ("//! a", true),
            ("/** a */", true),
            ("// a", false),
            ("//// a", false),
            ("/* a */", false),
            ("/**/", false),
        ] {
            assert_eq!(tokenize(comment)[0].is_doc_comment(), expected, "{comment}");
        }
    }
}
