//! A list of posts that have moved: a table with two columns, old and new address, as spreadsheets and Disqus write it.

use afterword_model::{PostUrl, PostUrlError};
use anyhow::{Context, Result, bail};
use csv::{ReaderBuilder, StringRecord, Trim};

/// Column delimiters, safest first: no address contains a tab, many contain commas, some contain semicolons.
const DELIMITERS: [u8; 3] = [b'\t', b',', b';'];

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MoveRow {
    /// The line number, if the row is from a file.
    pub(crate) line: Option<u64>,
    /// The old address, as written.
    pub(crate) from: String,
    /// The new address.
    pub(crate) to: String,
}

/// A parsed list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct MoveList {
    pub(crate) rows: Vec<MoveRow>,
    /// Number of lines with an old address only: posts that do not move.
    pub(crate) unchanged: usize,
}

/// Parses a list. With a known site, addresses may be written from the first slash on. A first line without any address is a heading.
pub(crate) fn read(bytes: &[u8], site: Option<&str>) -> Result<MoveList> {
    let text = std::str::from_utf8(bytes).context("the file is not UTF-8; save it as “CSV UTF-8”")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut list, mut is_first) = (MoveList::default(), true);
    for record in records(text, detect_delimiter(text)) {
        let record = record.context("the file is not a table with two columns")?;
        let line = record.position().map(|position| line_number(text, position));
        let cells = cells(&record);
        let is_heading = std::mem::take(&mut is_first) && !cells.iter().any(|cell| is_address(cell));
        match cells[..] {
            _ if is_heading => {}
            [] => {}
            [lone] if lone.matches("://").count() > 1 => bail!("{}: one column instead of two", describe_line(line)),
            [lone] => {
                full_url(lone, site).with_context(|| describe_line(line))?;
                list.unchanged += 1;
            }
            [from, to] => {
                let whole = |text| full_url(text, site).with_context(|| describe_line(line));
                list.rows.push(MoveRow { line, from: whole(from)?, to: whole(to)? });
            }
            _ => bail!(
                "{}: {} columns instead of two; put an address that contains a comma between quotes",
                describe_line(line),
                cells.len()
            ),
        }
    }
    Ok(list)
}

/// Formats the location of a row for messages.
pub(crate) fn describe_line(line: Option<u64>) -> String {
    line.map_or_else(|| "the address".to_owned(), |line| format!("line {line}"))
}

/// Returns the full address. Fails unless it is valid as the address of a post.
pub(crate) fn full_url(text: &str, site: Option<&str>) -> Result<String> {
    let whole = match (text.strip_prefix('/'), site) {
        (Some(path), Some(site)) => format!("{}/{path}", site.trim_end_matches('/')),
        (Some(_), None) => bail!("`{text}`: the blog is missing: --site https://…"),
        (None, _) => text.to_owned(),
    };
    match PostUrl::parse(&whole) {
        Ok(_) if !text.contains(char::is_whitespace) => Ok(whole),
        Ok(_) | Err(PostUrlError::NotHttp) => bail!("`{text}` is not an address; write https://… in full"),
        Err(PostUrlError::TooLong) => bail!("an address is longer than the limit for stored addresses"),
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
        let list = read(text, Some("https://b.example/")).unwrap();
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
        let list = read(format!("{A},{B}\n{B},\n{A}\n").as_bytes(), None).unwrap();
        assert_eq!((list.rows.len(), list.unchanged), (1, 2));
    }

    #[test]
    fn errors_name_the_line() {
        let check = |text: &[u8], words: &str| {
            let error = format!("{:#}", read(text, None).unwrap_err());
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
