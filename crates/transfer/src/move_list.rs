//! A list of posts that have moved: a table with two columns, old and new address, as spreadsheets and Disqus write it.

use afterword_model::{PostUrl, PostUrlError};
use csv::{ReaderBuilder, StringRecord, Trim};
use thiserror::Error;

/// Column delimiters, safest first: no address contains a tab, many contain commas, some contain semicolons.
const DELIMITERS: [u8; 3] = [b'\t', b',', b';'];

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveRow {
    /// The line number, if the row is from a file.
    pub line: Option<u64>,
    /// The old address, as written.
    pub from: String,
    /// The new address.
    pub to: String,
}

/// A parsed list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveList {
    /// Its rows.
    pub rows: Vec<MoveRow>,
    /// Number of lines with an old address only: posts that do not move.
    pub unchanged: usize,
}

/// Reason why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoveListError {
    /// It is in another encoding.
    #[error("the file is not UTF-8; save it as “CSV UTF-8”")]
    NotUtf8,
    /// It is not a table.
    #[error("the file is not a table with two columns")]
    NoTable,
    /// A line has one column with two addresses.
    #[error("{line}: one column instead of two")]
    OneColumn {
        /// The line, as it is named in messages.
        line: String,
    },
    /// A line has too many columns.
    #[error("{line}: {columns} columns instead of two; put an address that contains a comma between quotes")]
    Columns {
        /// The line, as it is named in messages.
        line: String,
        /// The number of its columns.
        columns: usize,
    },
    /// A line has no address where it should.
    #[error("{line}: {problem}")]
    Row {
        /// The line, as it is named in messages.
        line: String,
        /// The fault of the address.
        problem: AddressError,
    },
    /// An address of the command line is none.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// The fault of an address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It begins with a slash, and the blog is not known.
    #[error("`{0}`: the blog is missing: --site https://…")]
    NoSite(String),
    /// It is no address.
    #[error("`{0}` is not an address; write https://… in full")]
    NotHttp(String),
    /// It is too long.
    #[error("an address is longer than the limit for stored addresses")]
    TooLong,
}

impl MoveList {
    /// Parses a list. With a known site, addresses may be written from the first slash on. A first line without any address is a heading.
    ///
    /// # Errors
    ///
    /// If it is not such a list, with the line.
    pub fn parse(bytes: &[u8], site: Option<&str>) -> Result<Self, MoveListError> {
        let text = std::str::from_utf8(bytes).map_err(|_| MoveListError::NotUtf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (mut list, mut is_first) = (Self::default(), true);
        for record in records(text, detect_delimiter(text)) {
            let record = record.map_err(|_| MoveListError::NoTable)?;
            let line = record.position().map(|position| line_number(text, position));
            let cells = cells(&record);
            let is_heading = std::mem::take(&mut is_first) && !cells.iter().any(|cell| is_address(cell));
            if !is_heading {
                list.add(&cells, line, site)?;
            }
        }
        Ok(list)
    }

    fn add(&mut self, cells: &[&str], number: Option<u64>, site: Option<&str>) -> Result<(), MoveListError> {
        let line = || describe_line(number);
        let whole = |text| full_url(text, site).map_err(|problem| MoveListError::Row { line: line(), problem });
        match *cells {
            [] => {}
            [lone] if lone.matches("://").count() > 1 => return Err(MoveListError::OneColumn { line: line() }),
            [lone] => {
                whole(lone)?;
                self.unchanged += 1;
            }
            [from, to] => self.rows.push(MoveRow { line: number, from: whole(from)?, to: whole(to)? }),
            _ => return Err(MoveListError::Columns { line: line(), columns: cells.len() }),
        }
        Ok(())
    }
}

/// Formats the location of a row for messages.
pub(crate) fn describe_line(line: Option<u64>) -> String {
    line.map_or_else(|| "the address".to_owned(), |line| format!("line {line}"))
}

/// Returns the full address.
///
/// # Errors
///
/// If it is not valid as the address of a post.
pub(crate) fn full_url(text: &str, site: Option<&str>) -> Result<String, AddressError> {
    let whole = match (text.strip_prefix('/'), site) {
        (Some(path), Some(site)) => format!("{}/{path}", site.trim_end_matches('/')),
        (Some(_), None) => return Err(AddressError::NoSite(text.to_owned())),
        (None, _) => text.to_owned(),
    };
    match PostUrl::parse(&whole) {
        Ok(_) if !text.contains(char::is_whitespace) => Ok(whole),
        Ok(_) | Err(PostUrlError::NotHttp) => Err(AddressError::NotHttp(text.to_owned())),
        Err(PostUrlError::TooLong) => Err(AddressError::TooLong),
    }
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = csv::Result<StringRecord>> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).trim(Trim::All).delimiter(delimiter);
    builder.from_reader(text.as_bytes()).into_records()
}

/// Line number of a record. The CSV reader reports the first of the blank lines before the record.
fn line_number(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + blank.map(|byte| u64::from(*byte == b'\n')).sum::<u64>()
}

/// The first delimiter that splits the first line into two cells that are both addresses, or both not.
fn detect_delimiter(text: &str) -> u8 {
    let fits = |delimiter: &u8| {
        let Some(Ok(first)) = records(text, *delimiter).find(|record| !is_empty(record)) else { return false };
        let cells = cells(&first);
        cells.len() == 2 && is_address(cells[0]) == is_address(cells[1])
    };
    DELIMITERS.into_iter().find(fits).unwrap_or(b',')
}

fn is_empty(record: &csv::Result<StringRecord>) -> bool {
    record.as_ref().is_ok_and(|record| cells(record).is_empty())
}

/// The cells of a row, without the empty ones that spreadsheets add at its end.
fn cells(record: &StringRecord) -> Vec<&str> {
    let mut cells: Vec<&str> = record.iter().collect();
    while cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    cells
}

fn is_address(cell: &str) -> bool {
    cell.starts_with('/') || cell.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "https://b.example/a";
    const B: &str = "https://b.example/b";

    fn rows(text: &[u8]) -> Vec<(Option<u64>, String, String)> {
        let list = MoveList::parse(text, Some("https://b.example/")).unwrap();
        list.rows.into_iter().map(|row| (row.line, row.from, row.to)).collect()
    }

    fn row(line: u64, from: &str, to: &str) -> (Option<u64>, String, String) {
        (Some(line), from.to_owned(), to.to_owned())
    }

    #[test]
    fn tables_of_common_programs_are_parsed() {
        for text in [
            format!("{A},{B}"),
            format!("{A},{B}\n"),
            format!("{A},{B}\r\n\r\n"),
            format!("\u{feff}{A},{B}\r\n"),
            format!("\"{A}\",\"{B}\"\n"),
            format!("\u{feff}\"{A}\";\"{B}\"\r\n"),
            format!("{A}\t{B}\n"),
            format!("{A};{B}\n"),
            format!("  {A} ,  {B} ,,\n,,\n"),
            "/a,/b".to_owned(),
        ] {
            assert_eq!(rows(text.as_bytes()), [row(1, A, B)], "{text:?}");
        }
        for heading in ["old,new", "Old URL;New URL", "\"old address\",\"new, or none\"", "from\tto"] {
            let delimiter = if heading.contains(';') {
                ';'
            } else if heading.contains('\t') {
                '\t'
            } else {
                ','
            };
            let text = format!("{heading}\r\n\r\n{A}{delimiter}{B}\r\n");
            assert_eq!(rows(text.as_bytes()), [row(3, A, B)], "{text:?}");
        }
        assert_eq!(rows(b""), []);
        assert_eq!(rows("\u{feff}\r\n\r\n".as_bytes()), []);
    }

    #[test]
    fn addresses_may_contain_commas_semicolons_and_quotes() {
        let with = |part: &str| format!("https://b.example/{part}");
        let text = format!("\"{}\",{}\n{},\"{}\"\n", with("x,y"), with("x;y"), with("é"), with("a\"\"b"));
        assert_eq!(rows(text.as_bytes()), [row(1, &with("x,y"), &with("x;y")), row(2, &with("é"), &with("a\"b"))]);
        let text = format!("{}\t{}\n", with("x,y"), with("x;y"));
        assert_eq!(rows(text.as_bytes()), [row(1, &with("x,y"), &with("x;y"))]);
    }

    #[test]
    fn row_without_a_new_address_is_counted_as_unchanged() {
        let list = MoveList::parse(format!("{A},{B}\n{B},\n{A}\n").as_bytes(), None).unwrap();
        assert_eq!((list.rows.len(), list.unchanged), (1, 2));
    }

    #[test]
    fn errors_name_the_line() {
        let check = |text: &[u8], words: &str| {
            let error = MoveList::parse(text, None).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        };
        check(format!("{A},{B}\n\n{A},{B},{B}\n").as_bytes(), "line 3: 3 columns");
        check(format!("{A},https://b.example/x,y\n").as_bytes(), "line 1: 3 columns");
        check(format!("{A},{B}\nb.example/c,{B}\n").as_bytes(), "line 2: `b.example/c` is not an address");
        check(format!("{A},{B}\nold,new\n").as_bytes(), "line 2: `old` is not an address");
        check(format!("{A},{B}\n{A}\t{B}\n").as_bytes(), "line 2: one column");
        check(format!("{A},{B}\n{A};{B}\n").as_bytes(), "line 2: one column");
        check(format!("{A},{B}\n{A}\t/b\n").as_bytes(), "is not an address");
        check(format!("{A},{B}\nnothing\n").as_bytes(), "line 2: `nothing` is not an address");
        check(format!("{A},ftp://b.example/c\n").as_bytes(), "line 1: `ftp://b.example/c` is not an address");
        check(format!("{A},https://b.example/{}\n", "x".repeat(3_000)).as_bytes(), "longer");
        check(b"/a,/b\n", "--site");
        check(b"\xff\xfeh\0", "UTF-8");
    }
}
