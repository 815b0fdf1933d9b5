//! Reading the source line by line for its blocks, as far as needed to know where a line has to be marked.
//!
//! This follows CommonMark 0.31, section 4 and 5. The parser reads the same source again by its own rules; where the two differ, a
//! mark too many is invisible and a mark too few is met again in [`crate::html`].

/// How deep quotes and lists may nest, counted together.
pub(crate) const DEPTH: usize = 8;

/// What to do about a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// A mark goes before this byte.
    pub(crate) mark: Option<usize>,
    /// A blank line goes before the line, or it would go on with a paragraph that it has to end.
    pub(crate) part: bool,
}

/// The blocks that are open after the lines read so far.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    containers: Vec<Container>,
    /// The fence of a code block, open in the innermost container.
    fence: Option<Fence>,
    /// Whether a paragraph is open in the innermost container.
    paragraph: bool,
    /// Whether the innermost container is a list item that the last line opened, and there is nothing in it yet.
    bare: bool,
}

#[derive(Clone, Copy, Debug)]
enum Container {
    Quote,
    /// A list item, whose lines are indented by so many columns.
    Item(usize),
}

#[derive(Clone, Copy, Debug)]
struct Fence {
    mark: u8,
    length: usize,
}

/// What a line, or the rest of one, begins with.
enum Start {
    Quote,
    /// A list item whose marker is so many bytes long.
    Item(usize),
    Fence(Fence),
    /// Something that comments do not have, and that would end a paragraph.
    Foreign,
    /// Text that could be a reference definition.
    Bracket,
    Text,
}

impl Blocks {
    /// Takes the next line, without its line end.
    pub(crate) fn read(&mut self, line: &str) -> Edit {
        let mut cursor = Cursor::new(line);
        let matched = self.containers.iter().take_while(|container| cursor.goes_on(**container)).count();
        let all = matched == self.containers.len();
        if let Some(fence) = self.fence {
            if all {
                self.fence = if cursor.closes(fence) { None } else { Some(fence) };
                return Edit::default();
            }
            self.fence = None;
        }
        let bare = std::mem::take(&mut self.bare);
        if cursor.is_blank() {
            // An item that begins with a blank line may have one, not two (CommonMark, section 5.2, rule 3).
            self.end(if bare && all { matched - 1 } else { matched });
            return Edit::default();
        }
        self.open(&mut cursor, matched)
    }

    /// Opens what the rest of the line begins, within the first `matched` containers.
    fn open(&mut self, cursor: &mut Cursor, matched: usize) -> Edit {
        // Whether the line would go on with the open paragraph if it were plain text, and in the paragraph's own container.
        let mut continues = self.paragraph;
        let mut inside = self.paragraph && matched == self.containers.len();
        let mut depth = matched;
        loop {
            if cursor.indent() >= 4 {
                if continues {
                    return Edit::default();
                }
                return self.text(depth, Some(cursor.at), false);
            }
            let start = cursor.start(inside);
            match start {
                Start::Quote | Start::Item(_) if depth == DEPTH => {
                    return self.text(depth, Some(cursor.past_indent()), continues && !inside);
                }
                Start::Quote => {
                    self.end(depth);
                    cursor.goes_on(Container::Quote);
                    self.containers.push(Container::Quote);
                }
                Start::Item(marker) => {
                    self.end(depth);
                    self.containers.push(Container::Item(cursor.enter_item(marker)));
                }
                Start::Fence(fence) => {
                    self.end(depth);
                    self.fence = Some(fence);
                    return Edit::default();
                }
                Start::Foreign => return self.text(depth, Some(cursor.past_indent()), continues && !inside),
                Start::Bracket | Start::Text if continues => return Edit::default(),
                Start::Bracket => return self.text(depth, Some(cursor.past_indent()), false),
                Start::Text => return self.text(depth, None, false),
            }
            depth += 1;
            (continues, inside) = (false, false);
            if cursor.is_blank() {
                self.bare = matches!(start, Start::Item(_));
                return Edit::default();
            }
        }
    }

    /// Goes on with the open paragraph, or begins one in the first `depth` containers.
    fn text(&mut self, depth: usize, mark: Option<usize>, part: bool) -> Edit {
        if depth < self.containers.len() {
            self.end(depth);
        }
        self.paragraph = true;
        Edit { mark, part }
    }

    /// Ends the open paragraph and all but the first `depth` containers.
    fn end(&mut self, depth: usize) {
        self.containers.truncate(depth);
        self.paragraph = false;
    }
}

/// A place in a line, with the column it stands in: tabs reach to the next multiple of four.
struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
    column: usize,
    /// Columns of the tab before `at` that are not used up.
    spare: usize,
}

impl<'a> Cursor<'a> {
    fn new(line: &'a str) -> Self {
        Self { line: line.as_bytes(), at: 0, column: 0, spare: 0 }
    }

    /// The columns of white space ahead, and the byte behind it.
    fn white(&self) -> (usize, usize) {
        let (mut at, mut column) = (self.at, self.column + self.spare);
        while let Some(byte @ (b' ' | b'\t')) = self.line.get(at) {
            column += if *byte == b' ' { 1 } else { 4 - column % 4 };
            at += 1;
        }
        (column - self.column, at)
    }

    fn indent(&self) -> usize {
        self.white().0
    }

    fn past_indent(&self) -> usize {
        self.white().1
    }

    fn is_blank(&self) -> bool {
        self.past_indent() == self.line.len()
    }

    /// What comes after the white space ahead.
    fn rest(&self) -> &'a [u8] {
        &self.line[self.past_indent()..]
    }

    /// Uses up so many columns of white space.
    fn skip(&mut self, columns: usize) {
        let target = self.column + columns;
        let mut reached = self.column + self.spare;
        while reached < target {
            reached += if self.line.get(self.at) == Some(&b'\t') { 4 - reached % 4 } else { 1 };
            self.at += 1;
        }
        self.column = target;
        self.spare = reached - target;
    }

    /// Steps behind the white space and so many bytes after it, none of which is a tab.
    fn step(&mut self, bytes: usize) {
        let (columns, at) = self.white();
        self.column += columns + bytes;
        self.spare = 0;
        self.at = at + bytes;
    }

    /// Whether the line goes on with the container; if so, steps into it.
    fn goes_on(&mut self, container: Container) -> bool {
        match container {
            Container::Quote => {
                let quoted = self.indent() < 4 && self.rest().first() == Some(&b'>');
                if quoted {
                    self.step(1);
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

    /// Steps into a new list item. Returns the columns by which its further lines are indented.
    fn enter_item(&mut self, marker: usize) -> usize {
        let before = self.indent();
        self.step(marker);
        // Five columns and more are one, and an indented code block after it.
        let after = if self.is_blank() || self.indent() > 4 { 1 } else { self.indent() };
        self.skip(after.min(self.indent()));
        before + marker + after
    }

    fn closes(&self, fence: Fence) -> bool {
        let rest = self.rest();
        let length = run(rest, fence.mark);
        self.indent() < 4 && length >= fence.length && is_blank(&rest[length..])
    }

    /// `inside` is whether a paragraph is open right here.
    fn start(&self, inside: bool) -> Start {
        let rest = self.rest();
        match rest.first() {
            Some(b'>') => Start::Quote,
            Some(b'[') => Start::Bracket,
            Some(b'#') if is_heading(rest) => Start::Foreign,
            Some(b'=') if inside && is_blank(&rest[run(rest, b'=')..]) => Start::Foreign,
            Some(b'-') if inside && is_blank(&rest[run(rest, b'-')..]) => Start::Foreign,
            Some(b'*' | b'-' | b'_') if is_rule(rest) => Start::Foreign,
            Some(b'~') if is_ornament(rest) => Start::Foreign,
            Some(mark @ (b'`' | b'~')) => fence(rest, *mark).map_or(Start::Text, Start::Fence),
            Some(_) => item(rest, inside).map_or(Start::Text, Start::Item),
            None => Start::Text,
        }
    }
}

/// The length of the run of `byte` that `rest` begins with.
fn run(rest: &[u8], byte: u8) -> usize {
    rest.iter().take_while(|&&other| other == byte).count()
}

fn is_blank(rest: &[u8]) -> bool {
    rest.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// One to six `#`, and white space or nothing after them.
fn is_heading(rest: &[u8]) -> bool {
    let level = run(rest, b'#');
    level <= 6 && rest.get(level).is_none_or(|byte| is_blank(&[*byte]))
}

/// Three or more of one character, with any white space between them.
fn is_rule(rest: &[u8]) -> bool {
    let mark = rest[0];
    rest.iter().all(|&byte| byte == mark || matches!(byte, b' ' | b'\t'))
        && rest.iter().filter(|&&byte| byte == mark).count() >= 3
}

/// A line such as `~~~ My two cents ~~~`, which CommonMark would take for a fence and its text for the name of a language.
fn is_ornament(rest: &[u8]) -> bool {
    let length = run(rest, b'~');
    length >= 3 && rest[length..].contains(&b'~')
}

fn fence(rest: &[u8], mark: u8) -> Option<Fence> {
    let length = run(rest, mark);
    let opens = length >= 3 && (mark == b'~' || !rest[length..].contains(&b'`'));
    opens.then_some(Fence { mark, length })
}

/// The length of the list marker that `rest` begins with. Inside of a paragraph only `1.` and only an item with text begins a list.
fn item(rest: &[u8], inside: bool) -> Option<usize> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length = match (digits, rest.get(digits)) {
        (0, Some(b'-' | b'+' | b'*')) => 1,
        (1..=9, Some(b'.' | b')')) if !inside || &rest[..digits] == b"1" => digits + 1,
        _ => return None,
    };
    let behind = &rest[length..];
    let apart = behind.is_empty() || is_blank(&behind[..1]);
    (apart && !(inside && is_blank(behind))).then_some(length)
}
