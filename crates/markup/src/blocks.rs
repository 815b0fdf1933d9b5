//! Scans the source line by line for its block structure, as far as needed to find the lines that need a mask.
//!
//! The scan follows CommonMark 0.31, sections 4 and 5. The parser reads the same source again by its own rules. If the
//! two differ, a superfluous mask is invisible, and [`crate::html`] handles what a missing mask lets through.

/// Maximum nesting depth of quotes and lists together.
pub(crate) const MAX_DEPTH: usize = 8;

/// Maximum number of digits of the number of a list item.
const MAX_NUMBER_DIGITS: usize = 3;

/// Maximum number of a list item.
pub(crate) const MAX_NUMBER: u64 = 999;

/// The changes to a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineEdit {
    /// Byte offset at which a mask is inserted.
    pub(crate) mask_at: Option<usize>,
    /// True if a blank line is inserted before the line, because the line would otherwise continue a paragraph that it
    /// has to end.
    pub(crate) blank_line_before: bool,
}

/// The blocks that are open after the lines read so far.
#[derive(Debug, Default)]
pub(crate) struct BlockScanner {
    containers: Vec<Container>,
    /// The fence of a code block that is open in the innermost container.
    fence: Option<Fence>,
    /// True if a paragraph is open in the innermost container.
    paragraph: bool,
}

#[derive(Clone, Copy, Debug)]
enum Container {
    Quote,
    /// A list item, with the number of columns by which its lines are indented.
    Item(usize),
}

#[derive(Clone, Copy, Debug)]
struct Fence {
    marker: u8,
    length: usize,
}

/// The construct with which a line, or the rest of one, starts.
enum LineStart {
    Quote,
    /// A list item, with the length of its marker in bytes.
    Item(usize),
    Fence(Fence),
    /// A construct that comments do not have, or that nobody means as one, and that would end a paragraph.
    Unsupported,
    /// Text that could be a reference definition.
    Bracket,
    Text,
}

impl BlockScanner {
    /// Scans the next line, given without its line end.
    pub(crate) fn scan_line(&mut self, line: &str) -> LineEdit {
        let mut cursor = Cursor::new(line);
        let matched = self.containers.iter().take_while(|container| cursor.enter_container(**container)).count();
        let all_matched = matched == self.containers.len();
        if let Some(fence) = self.fence {
            if all_matched {
                self.fence = if cursor.closes_fence(fence) { None } else { Some(fence) };
                return LineEdit::default();
            }
            self.fence = None;
        }
        if cursor.is_blank() {
            self.close_blocks(matched);
            return LineEdit::default();
        }
        self.open(&mut cursor, matched)
    }

    /// Opens the blocks that the rest of the line starts, within the first `matched` containers.
    fn open(&mut self, cursor: &mut Cursor, matched: usize) -> LineEdit {
        // `continues`: plain text on this line would continue the open paragraph. `inside`: it would do so in the
        // paragraph's own container.
        let mut continues = self.paragraph;
        let mut inside = self.paragraph && matched == self.containers.len();
        let mut depth = matched;
        loop {
            if cursor.indent() >= 4 {
                if continues {
                    return LineEdit::default();
                }
                return self.paragraph_line(depth, Some(cursor.at), false);
            }
            let start = cursor.start(inside);
            match start {
                LineStart::Quote | LineStart::Item(_) if depth == MAX_DEPTH => {
                    return self.paragraph_line(depth, Some(cursor.past_indent()), continues && !inside);
                }
                LineStart::Quote => {
                    self.close_blocks(depth);
                    cursor.enter_container(Container::Quote);
                    self.containers.push(Container::Quote);
                }
                LineStart::Item(marker) => {
                    self.close_blocks(depth);
                    self.containers.push(Container::Item(cursor.enter_item(marker)));
                }
                LineStart::Fence(fence) => {
                    self.close_blocks(depth);
                    self.fence = Some(fence);
                    return LineEdit::default();
                }
                LineStart::Unsupported => {
                    return self.paragraph_line(depth, Some(cursor.past_indent()), continues && !inside);
                }
                LineStart::Bracket | LineStart::Text if continues => return LineEdit::default(),
                LineStart::Bracket => return self.paragraph_line(depth, Some(cursor.past_indent()), false),
                LineStart::Text => return self.paragraph_line(depth, None, false),
            }
            depth += 1;
            (continues, inside) = (false, false);
        }
    }

    /// Continues the open paragraph, or starts one in the first `depth` containers.
    fn paragraph_line(&mut self, depth: usize, mask_at: Option<usize>, blank_line_before: bool) -> LineEdit {
        if depth < self.containers.len() {
            self.close_blocks(depth);
        }
        self.paragraph = true;
        LineEdit { mask_at, blank_line_before }
    }

    /// Ends the open paragraph and all containers except the first `depth`.
    fn close_blocks(&mut self, depth: usize) {
        self.containers.truncate(depth);
        self.paragraph = false;
    }
}

/// A position in a line, with its column. A tab extends to the next multiple of four.
struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
    column: usize,
    /// Unused columns of the tab before `at`.
    unused_tab_columns: usize,
}

impl<'a> Cursor<'a> {
    fn new(line: &'a str) -> Self {
        Self { line: line.as_bytes(), at: 0, column: 0, unused_tab_columns: 0 }
    }

    /// The columns of white space ahead, and the offset of the byte after it.
    fn whitespace(&self) -> (usize, usize) {
        let (mut at, mut column) = (self.at, self.column + self.unused_tab_columns);
        while let Some(byte @ (b' ' | b'\t')) = self.line.get(at) {
            column += if *byte == b' ' { 1 } else { 4 - column % 4 };
            at += 1;
        }
        (column - self.column, at)
    }

    fn indent(&self) -> usize {
        self.whitespace().0
    }

    fn past_indent(&self) -> usize {
        self.whitespace().1
    }

    fn is_blank(&self) -> bool {
        self.past_indent() == self.line.len()
    }

    /// The bytes after the white space ahead.
    fn rest(&self) -> &'a [u8] {
        &self.line[self.past_indent()..]
    }

    /// Consumes a number of columns of white space.
    fn skip(&mut self, columns: usize) {
        let target = self.column + columns;
        let mut reached = self.column + self.unused_tab_columns;
        while reached < target {
            reached += if self.line.get(self.at) == Some(&b'\t') { 4 - reached % 4 } else { 1 };
            self.at += 1;
        }
        self.column = target;
        self.unused_tab_columns = reached - target;
    }

    /// Moves past the white space and `bytes` more bytes, none of which is a tab.
    fn advance(&mut self, bytes: usize) {
        let (columns, at) = self.whitespace();
        self.column += columns + bytes;
        self.unused_tab_columns = 0;
        self.at = at + bytes;
    }

    /// Returns true if the line continues the container, and moves into it.
    fn enter_container(&mut self, container: Container) -> bool {
        match container {
            Container::Quote => {
                let quoted = self.indent() < 4 && self.rest().first() == Some(&b'>') && !is_face(self.rest());
                if quoted {
                    self.advance(1);
                    self.skip(self.indent().min(1));
                }
                quoted
            }
            Container::Item(width) if self.indent() >= width => {
                self.skip(width);
                true
            }
            Container::Item(_) => self.is_blank(),
        }
    }

    /// Enters a new list item. Returns the number of columns by which its further lines are indented.
    fn enter_item(&mut self, marker: usize) -> usize {
        let before = self.indent();
        self.advance(marker);
        // Five or more columns are one column, followed by an indented code block.
        let after = if self.is_blank() || self.indent() > 4 { 1 } else { self.indent() };
        self.skip(after.min(self.indent()));
        before + marker + after
    }

    fn closes_fence(&self, fence: Fence) -> bool {
        let rest = self.rest();
        let length = run(rest, fence.marker);
        self.indent() < 4 && length >= fence.length && is_blank(&rest[length..])
    }

    /// `inside` is true if a paragraph is open at this position.
    fn start(&self, inside: bool) -> LineStart {
        let rest = self.rest();
        match rest.first() {
            Some(b'>') if is_quote_marker(rest) => LineStart::Quote,
            Some(b'>') => LineStart::Unsupported,
            Some(b'[') => LineStart::Bracket,
            Some(b'#') if is_heading(rest) => LineStart::Unsupported,
            Some(b'=') if inside && is_blank(&rest[run(rest, b'=')..]) => LineStart::Unsupported,
            Some(b'-') if inside && is_blank(&rest[run(rest, b'-')..]) => LineStart::Unsupported,
            Some(b'*' | b'-' | b'_') if is_rule(rest) => LineStart::Unsupported,
            Some(b'~') if is_decorated_line(rest) => LineStart::Unsupported,
            Some(marker @ (b'`' | b'~')) => fence(rest, *marker).map_or(LineStart::Text, LineStart::Fence),
            Some(_) => list_marker(rest, inside),
            None => LineStart::Text,
        }
    }
}

/// The length of the run of `byte` at the start of `rest`.
fn run(rest: &[u8], byte: u8) -> usize {
    rest.iter().take_while(|&&other| other == byte).count()
}

fn is_blank(rest: &[u8]) -> bool {
    rest.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// One to six `#`, followed by white space or nothing.
fn is_heading(rest: &[u8]) -> bool {
    let level = run(rest, b'#');
    level <= 6 && rest.get(level).is_none_or(|byte| is_blank(&[*byte]))
}

/// Three or more of one character, with any white space between them.
fn is_rule(rest: &[u8]) -> bool {
    let marker = rest[0];
    rest.iter().all(|&byte| byte == marker || matches!(byte, b' ' | b'\t'))
        && rest.iter().filter(|&&byte| byte == marker).count() >= 3
}

/// A line such as `~~~ My two cents ~~~`. CommonMark takes it for a fence, and its text for the name of a language.
fn is_decorated_line(rest: &[u8]) -> bool {
    let length = run(rest, b'~');
    length >= 3 && rest[length..].contains(&b'~')
}

fn fence(rest: &[u8], marker: u8) -> Option<Fence> {
    let length = run(rest, marker);
    let opens = length >= 3 && (marker == b'~' || !rest[length..].contains(&b'`'));
    opens.then_some(Fence { marker, length })
}

/// Returns true if the `>` at the start of `rest` starts a quote, and is no comparison, face or greeting (`>9000`, `>:(`,
/// `>>`). A quote has a text on its first line.
pub(crate) fn is_quote_marker(rest: &[u8]) -> bool {
    let text = &rest[rest.iter().take_while(|byte| matches!(byte, b'>' | b' ' | b'\t')).count()..];
    let is_comparison = rest.get(1).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'=');
    !text.is_empty() && !is_comparison && !is_face(rest)
}

/// Returns true for a `>` that is a part of a face: `>_<`, `>:D`, `>.>`. Faces have no letter, apart from one behind eyes.
fn is_face(rest: &[u8]) -> bool {
    let word = rest[1..].split(|byte| matches!(byte, b' ' | b'\t')).next().unwrap_or_default();
    let is_marker = matches!(word, b"" | b"-" | b"+" | b"*") || word.iter().all(|&byte| byte == b'>');
    if is_marker || word.starts_with(b"```") || word.starts_with(b"~~~") {
        return false;
    }
    let has_eyes = matches!(word[0], b':' | b';' | b'=') && word.len() <= 3;
    has_eyes || word.ends_with(b"<") || word.iter().all(u8::is_ascii_punctuation)
}

/// The list item, if any, whose marker is at the start of `rest`. Within a paragraph, only `1.` and only an item with
/// text starts a list.
fn list_marker(rest: &[u8], inside: bool) -> LineStart {
    let Some(length) = commonmark_list_marker(rest) else { return LineStart::Text };
    let is_blank_item = is_blank(&rest[length..]);
    if inside && (is_blank_item || (rest[0].is_ascii_digit() && length == 2 && rest[0] != b'1') || length > 2) {
        return LineStart::Text;
    }
    list_marker_length(rest).map_or(LineStart::Unsupported, LineStart::Item)
}

/// The length of the list marker at the start of `rest`.
///
/// Years (`1986.`), days (`01.`), a marker with nothing after it (`100.`) and sums (`+ 1`) start no list. The room for the
/// numbers of a list is three digits wide.
pub(crate) fn list_marker_length(rest: &[u8]) -> Option<usize> {
    let length = commonmark_list_marker(rest)?;
    let following = &rest[length..];
    let text = &following[following.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()..];
    let is_sum = rest[0] == b'+' && text.first().is_some_and(u8::is_ascii_digit);
    let is_padded = rest[0] == b'0' && length > 2;
    (length <= MAX_NUMBER_DIGITS + 1 && !text.is_empty() && !is_sum && !is_padded).then_some(length)
}

/// The length of the list marker at the start of `rest`, as CommonMark has it.
fn commonmark_list_marker(rest: &[u8]) -> Option<usize> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length = match (digits, rest.get(digits)) {
        (0, Some(b'-' | b'+' | b'*')) => 1,
        (1..=9, Some(b'.' | b')')) => digits + 1,
        _ => return None,
    };
    rest.get(length).is_none_or(|byte| is_blank(&[*byte])).then_some(length)
}
