//! Rows of tables, from whatever holds them: a SQLite database, SQL text, or JSON.

use super::output::Output;
use crate::containers::encodings::utf8_reader;
use crate::containers::json::{self, Outline, Place, Shape, Step, Visitor};
use crate::containers::members::{self, Member};
use crate::containers::sql::{self, RowVisitor};
use crate::containers::sqlite::{self, Database};
use crate::fields::Fields;
use crate::input::{Input, ReadSeek};
use crate::problem::{Position, ProblemKind, ReadError, io_error};
use serde_json::Value;
use std::io::{Cursor, Read, SeekFrom};

/// The largest packed database that is unpacked in memory. A larger one must be given unpacked.
const MAX_PACKED_DATABASE: u64 = 256 * 1024 * 1024;
/// The deepest level at which a table of JSON rows is searched.
const MAX_LEVELS: usize = 5;

/// A table, and fields by which its rows are known where nothing names the table.
pub(super) struct TableShape {
    pub(super) name: &'static str,
    pub(super) fields: &'static [&'static str],
}

/// Where rows lie in JSON that names no table.
const BARE_PATHS: [&str; 9] =
    ["[]", "", "results[]", "data[]", "rows[]", "data.results[]", "data.data[]", "[].results[]", "[].data[]"];

/// Receiver of rows.
pub(super) type EachRow<'e, 'o> = dyn FnMut(&mut Output<'o>, &str, Fields<'_>, Position) -> Result<(), ReadError> + 'e;

/// Reads the rows of some tables from all inputs. Databases and lists give the tables in the given order, others in the order of the file.
pub(super) fn read_tables<'o>(
    inputs: &mut [Input<'_>],
    output: &mut Output<'o>,
    shapes: &[TableShape],
    tables: &[&str],
    each: &mut EachRow<'_, 'o>,
) -> Result<(), ReadError> {
    for index in 0..inputs.len() {
        let is_pair = inputs.len() == 2;
        let (before, rest) = inputs.split_at_mut(index);
        let Some((input, after)) = rest.split_first_mut() else { break };
        output.file.clone_from(&input.name);
        let head = read_head(input)?;
        if sqlite::is_wal(&head) {
            continue;
        }
        if !head.starts_with(sqlite::MAGIC) {
            members::for_each(std::slice::from_mut(input), &mut |member| {
                member.name.clone_into(&mut output.file);
                read_member(member, shapes, tables, &mut RowOutput { output, each })
            })?;
            continue;
        }
        let wal_name = format!("{}-wal", input.name);
        let is_wal = |other: &&mut Input<'_>| other.name == wal_name || is_pair && other.name.ends_with("-wal");
        let wal = before.iter_mut().chain(after).find(is_wal).map(|wal| &mut *wal.bytes as &mut dyn ReadSeek);
        read_database(&input.name, &mut *input.bytes, wal, tables, &mut RowOutput { output, each })?;
    }
    Ok(())
}

/// The first byte that is neither white space nor part of a byte order mark.
fn first_byte(head: &[u8]) -> Option<u8> {
    head.iter().copied().find(|byte| *byte > b' ' && !matches!(*byte, 0xef | 0xbb | 0xbf | 0xfe | 0xff))
}

fn read_database<'a>(
    file: &str,
    input: &'a mut dyn ReadSeek,
    wal: Option<&'a mut dyn ReadSeek>,
    tables: &[&str],
    visitor: &mut dyn RowVisitor,
) -> Result<(), ReadError> {
    let mut database = Database::open(file, input, wal)?;
    if database.is_empty() {
        let advice = format!("this database has no tables; if there is a file {file}-wal beside it, give both files");
        return Err(ReadError::NoComments { file: file.to_owned(), advice });
    }
    tables.iter().try_for_each(|table| database.read_rows(table, visitor))
}

fn read_member(
    member: &mut Member<'_>,
    shapes: &[TableShape],
    tables: &[&str],
    visitor: &mut dyn RowVisitor,
) -> Result<(), ReadError> {
    let (name, head) = (member.name, member.head);
    if head.starts_with(sqlite::MAGIC) {
        let mut bytes = Vec::new();
        member.take(MAX_PACKED_DATABASE + 1).read_to_end(&mut bytes).map_err(|error| io_error(name, &error))?;
        if bytes.len() as u64 > MAX_PACKED_DATABASE {
            return Err(ReadError::TooLarge { file: name.to_owned(), max: MAX_PACKED_DATABASE });
        }
        return read_database(name, &mut Cursor::new(bytes), None, tables, visitor);
    }
    let first = first_byte(head);
    let mut reader = utf8_reader(head, member);
    if matches!(first, Some(b'{' | b'[')) {
        let outline = Outline::read(&mut utf8_reader(head, head), u64::MAX);
        let mut rows = JsonRows { outline, shapes, tables, named: String::new(), visitor };
        return json::walk(&mut reader, name, &mut rows);
    }
    sql::read_rows(&mut reader, name, head, tables, visitor)
}

fn read_head(input: &mut Input<'_>) -> Result<Vec<u8>, ReadError> {
    let mut head = Vec::new();
    let result = input.bytes.seek(SeekFrom::Start(0)).and_then(|_| (&mut *input.bytes).take(16).read_to_end(&mut head));
    result.and_then(|_| input.bytes.seek(SeekFrom::Start(0))).map_err(|error| io_error(&input.name, &error))?;
    Ok(head)
}

/// Passes rows on with the output.
struct RowOutput<'v, 'o, 'e> {
    output: &'v mut Output<'o>,
    each: &'v mut EachRow<'e, 'o>,
}

impl RowVisitor for RowOutput<'_, '_, '_> {
    fn row(&mut self, table: &str, fields: Fields<'_>, position: Position) -> Result<(), ReadError> {
        (self.each)(self.output, table, fields, position)
    }

    fn fault(&mut self, _: &str, position: Position, kind: ProblemKind) -> Result<(), ReadError> {
        self.output.problem(position, kind);
        Ok(())
    }
}

/// Finds rows in JSON by the name of the member that has them, by the name before them, or by their fields.
struct JsonRows<'v, 's> {
    outline: Outline,
    shapes: &'s [TableShape],
    tables: &'s [&'s str],
    /// The last name that stood beside rows, as phpMyAdmin writes it.
    named: String,
    visitor: &'v mut dyn RowVisitor,
}

impl JsonRows<'_, '_> {
    /// The table that a path names, if it is one of the format.
    fn table_of(&self, path: &str) -> Option<&'static str> {
        let name = path.strip_suffix("[]")?.rsplit(['.', ']']).next()?;
        self.shapes.iter().map(|shape| shape.name).find(|table| table.eq_ignore_ascii_case(name))
    }

    fn is_bare(&self, path: &str) -> bool {
        BARE_PATHS.contains(&path) && self.shapes.iter().any(|shape| self.outline.has_all(path, shape.fields))
    }

    fn table_by_fields(&self, fields: Fields<'_>) -> Option<&'static str> {
        self.shapes.iter().find(|shape| shape.fields.iter().all(|name| fields.has(name))).map(|shape| shape.name)
    }
}

impl Visitor for JsonRows<'_, '_> {
    fn choose(&mut self, place: &Place<'_>) -> Step {
        match (self.table_of(place.path), place.shape) {
            (Some(table), Shape::Object) if self.tables.contains(&table) => Step::Take,
            (Some(_), _) => Step::Skip,
            (None, Shape::Object) if self.is_bare(place.path) => Step::Take,
            (None, Shape::Scalar) if place.path == "[].name" => Step::Take,
            (None, _) if place.path.matches(['.', '[']).count() < MAX_LEVELS => Step::Enter,
            (None, _) => Step::Skip,
        }
    }

    fn value(&mut self, path: &str, position: Position, value: Value) -> Result<(), ReadError> {
        if let (Value::String(name), "[].name") = (&value, path) {
            self.named.clone_from(name);
            return Ok(());
        }
        let Value::Object(row) = &value else { return Ok(()) };
        let fields = Fields(row);
        let named = self.tables.iter().copied().find(|table| path == "[].data[]" && *table == self.named);
        let table = self.table_of(path).or(named.or_else(|| self.table_by_fields(fields)));
        match table {
            Some(table) if self.tables.contains(&table) => self.visitor.row(table, fields, position),
            _ => Ok(()),
        }
    }

    fn fault(&mut self, path: &str, position: Position, kind: ProblemKind) -> Result<(), ReadError> {
        self.visitor.fault(path, position, kind)
    }
}
