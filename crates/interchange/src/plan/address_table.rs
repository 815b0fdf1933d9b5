//! The table of addresses that an owner corrects by hand.

use std::collections::HashMap;

use csv::{ReaderBuilder, Trim, Writer};

use crate::plan::PlanError;

/// The address that leaves a post out.
pub(crate) const LEAVE_OUT: &str = "-";

/// Addresses by the texts of the source. An empty address is as good as none.
#[derive(Debug, Default)]
pub(crate) struct AddressTable(HashMap<String, String>);

impl AddressTable {
    /// Parses a table with the columns `from` and `to`, in any order and among others. Without these names in the first line, its first two
    /// columns are taken, and the first line counts.
    pub(crate) fn parse(text: &str) -> Result<Self, PlanError> {
        let text = text.trim_start_matches('\u{feff}');
        let separator =
            if text.lines().next().is_some_and(|line| line.contains(';') && !line.contains(',')) { b';' } else { b',' };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let (mut table, mut columns) = (HashMap::new(), None);
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                PlanError::Table { line, message: "not CSV" }
            })?;
            let Some((from_column, to_column)) = columns else {
                let find = |name: &str| record.iter().position(|field| field.eq_ignore_ascii_case(name));
                let named = find("from").zip(find("to"));
                columns = Some(named.unwrap_or((0, 1)));
                if named.is_none() {
                    insert(&mut table, &record, (0, 1))?;
                }
                continue;
            };
            insert(&mut table, &record, (from_column, to_column))?;
        }
        Ok(Self(table))
    }

    pub(crate) fn find(&self, from: &str) -> Option<&str> {
        self.0.get(from.trim()).map(String::as_str)
    }
}

fn insert(
    table: &mut HashMap<String, String>,
    record: &csv::StringRecord,
    (from, to): (usize, usize),
) -> Result<(), PlanError> {
    let line = record.position().map_or(0, csv::Position::line);
    let (Some(from), Some(to)) = (record.get(from), record.get(to)) else {
        return Err(PlanError::Table { line, message: "two columns are needed: from, to" });
    };
    if from.is_empty() || to.is_empty() {
        return Ok(());
    }
    match table.insert(from.to_owned(), to.to_owned()) {
        Some(other) if other != to => Err(PlanError::Table { line, message: "an earlier line has another address" }),
        _ => Ok(()),
    }
}

/// A row of the table that is given to the owner.
pub(crate) struct AddressRow<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) comments: u32,
    pub(crate) title: &'a str,
}

/// Writes the table.
pub(crate) struct TableWriter(Writer<Vec<u8>>);

impl TableWriter {
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut writer = Writer::from_writer(Vec::new());
        writer.write_record(["from", "to", "comments", "title"])?;
        Ok(Self(writer))
    }

    pub(crate) fn push(&mut self, row: &AddressRow<'_>) -> std::io::Result<()> {
        Ok(self.0.write_record([row.from, row.to, &row.comments.to_string(), row.title])?)
    }

    pub(crate) fn finish(self) -> std::io::Result<String> {
        let bytes = self.0.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
        String::from_utf8(bytes).map_err(std::io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_names_or_places() {
        for text in [
            "from,to\n/a,/b\n",
            "title,to,from\n\"x, y\",/b,/a\n",
            "\u{feff}from;to\r\n/a;/b\r\n",
            "/a,/b",
            "from,to,comments,title\n /a , /b ,7,T\n/c,,1,U\n",
        ] {
            let table = AddressTable::parse(text).unwrap();
            assert_eq!(table.find("/a"), Some("/b"), "{text}");
            assert_eq!(table.find("/c"), None);
        }
        assert_eq!(AddressTable::parse("").unwrap().find("/a"), None);
    }

    #[test]
    fn faults_name_the_line() {
        let fault = |text: &str| match AddressTable::parse(text) {
            Err(PlanError::Table { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(fault("from,to\n/a,/b\n/a,/c\n"), 3);
        assert_eq!(fault("from,to\n/a,/b\n/only\n"), 3);
    }

    #[test]
    fn a_written_table_is_read_again() {
        let mut writer = TableWriter::new().unwrap();
        let row = AddressRow { from: "a, \"b\"\nc", to: "https://blog.example/x", comments: 3, title: "T" };
        writer.push(&row).unwrap();
        let text = writer.finish().unwrap();
        assert_eq!(AddressTable::parse(&text).unwrap().find(row.from), Some(row.to));
    }
}
