//! The files that inputs consist of: an input itself, or the members of an archive.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::gzip::{self, MultiGzip};
use super::limits::{Bounded, Counted, Unpacked, read_error};
use crate::input::{Input, ReadSeek};
use crate::problem::{Position, ReadError};

const ZIP_MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// Size of the part of a member that recognizes it.
pub(crate) const HEAD_BYTES: usize = 256 << 10;
/// Maximum number of gzip layers around a member.
const MAX_LAYERS: usize = 3;
/// Size of the buffer between a file and a decompressor.
const BUFFER_BYTES: usize = 64 << 10;

/// A file, unpacked. It is read once, from its start.
pub(crate) struct Member<'a> {
    /// Name for messages: that of the input, and for members of an archive their path in it.
    pub(crate) name: &'a str,
    /// Path in the archive, or name of the input. Has `/` between folders, and neither `.` nor `..`.
    pub(crate) path: &'a str,
    /// The first [`HEAD_BYTES`], or all of it.
    pub(crate) head: &'a [u8],
    read: usize,
    rest: &'a mut dyn Read,
}

impl Read for Member<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.head.len() {
            return self.rest.read(buffer);
        }
        let length = (&self.head[self.read..]).read(buffer)?;
        self.read += length;
        Ok(length)
    }
}

/// Receiver of the members of inputs.
pub(crate) type Visit<'a> = dyn FnMut(&mut Member<'_>) -> Result<(), ReadError> + 'a;

/// Visits all members of all inputs, those of an archive in the order of their paths. Directories and files that systems add are skipped.
pub(crate) fn for_each(inputs: &mut [Input<'_>], visit: &mut Visit<'_>) -> Result<(), ReadError> {
    let run = Unpacked::default();
    for input in inputs {
        let bytes = &mut *input.bytes;
        let head = head_of(bytes, &input.name)?;
        if ZIP_MAGIC.iter().any(|magic| head.starts_with(magic)) {
            Archive { name: &input.name, run: &run, visit }.visit_members(bytes)?;
        } else {
            let path = harmless_path(&input.name);
            Unpack { name: &input.name, path: &path, run: &run, layers: 0 }.visit(bytes, visit)?;
        }
    }
    Ok(())
}

/// The first bytes of an input, which is then at its start again.
fn head_of(bytes: &mut dyn ReadSeek, name: &str) -> Result<Vec<u8>, ReadError> {
    let failed = |error: io::Error| read_error(name, Position::Byte(0), &error);
    bytes.seek(SeekFrom::Start(0)).map_err(failed)?;
    let head = read_up_to(bytes, 8).map_err(failed)?;
    bytes.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(head)
}

/// Reads a number of bytes, or all if there are fewer.
fn read_up_to(reader: &mut dyn Read, length: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(u64::try_from(length).unwrap_or(u64::MAX)).read_to_end(&mut head)?;
    Ok(head)
}

/// Removes what leads out of a folder. Nothing is ever written to a path, but it is shown, and the folders in it name posts.
fn harmless_path(path: &str) -> String {
    let parts = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.map(|part| part.replace(char::is_control, "")).collect::<Vec<_>>().join("/")
}

/// Returns true for lists of subscribers, which no import needs.
fn is_private(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.ends_with(".csv") && (name.starts_with("email_list") || name.starts_with("subscribers"))
}

/// Returns true for files that macOS and Windows add to archives.
fn is_of_system(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    path.starts_with("__MACOSX/")
        || path.contains("/__MACOSX/")
        || name.starts_with("._")
        || matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

/// One file that may be packed by gzip.
struct Unpack<'a> {
    name: &'a str,
    path: &'a str,
    run: &'a Unpacked,
    layers: usize,
}

impl Unpack<'_> {
    fn visit(&self, bytes: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), ReadError> {
        let head = read_up_to(bytes, HEAD_BYTES).map_err(|error| read_error(self.name, Position::Byte(0), &error))?;
        if head.starts_with(&gzip::MAGIC) {
            return self.unpack(head, bytes, visit);
        }
        if ZIP_MAGIC.iter().any(|magic| head.starts_with(magic)) {
            let advice = "it is packed twice: unpack it once, and take the zip file inside".to_owned();
            return Err(ReadError::NoComments { file: self.name.to_owned(), advice });
        }
        visit(&mut Member { name: self.name, path: self.path, head: &head, read: 0, rest: bytes })
    }

    fn unpack(&self, head: Vec<u8>, rest: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), ReadError> {
        if self.layers == MAX_LAYERS {
            let message = format!("it is packed by gzip more than {MAX_LAYERS} times");
            return Err(ReadError::Malformed { file: self.name.to_owned(), position: Position::Byte(0), message });
        }
        let packed = Cell::new(0);
        let counted = Counted { inner: Cursor::new(head).chain(rest), count: &packed };
        let inner = MultiGzip::new(BufReader::with_capacity(BUFFER_BYTES, counted));
        let mut bounded = Bounded { inner, run: self.run, packed: &packed, unpacked: 0 };
        let path = self.path.strip_suffix(".gz").unwrap_or(self.path);
        Self { name: self.name, path, run: self.run, layers: self.layers + 1 }.visit(&mut bounded, visit)
    }
}

/// A zip file.
struct Archive<'a, 'v> {
    name: &'a str,
    run: &'a Unpacked,
    visit: &'a mut Visit<'v>,
}

impl Archive<'_, '_> {
    fn visit_members(&mut self, bytes: &mut dyn ReadSeek) -> Result<(), ReadError> {
        let buffered = BufReader::with_capacity(BUFFER_BYTES, bytes);
        let mut archive = ZipArchive::new(buffered).map_err(|error| self.error(self.name, error))?;
        let mut members = Vec::new();
        for index in 0..archive.len() {
            let file = archive.by_index_raw(index).map_err(|error| self.error(self.name, error))?;
            let path = file.name().map_or_else(|_| format!("file {index}"), |name| harmless_path(&name));
            if file.is_file() && !is_of_system(&path) && !is_private(&path) && !path.is_empty() {
                members.push((path, index));
            }
        }
        members.sort();
        for (path, index) in members {
            self.visit_member(&mut archive, &path, index)?;
        }
        Ok(())
    }

    fn visit_member(
        &mut self,
        archive: &mut ZipArchive<BufReader<&mut dyn ReadSeek>>,
        path: &str,
        index: usize,
    ) -> Result<(), ReadError> {
        let name = format!("{}: {path}", self.name);
        let file = match archive.by_index(index) {
            Ok(file) => file,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword) => {
                let advice = "it needs a password: unpack it, and give the files inside".to_owned();
                return Err(ReadError::NoComments { file: name, advice });
            }
            Err(error) => return Err(self.error(&name, error)),
        };
        let packed = Cell::new(file.compressed_size());
        let mut bounded = Bounded { inner: file, run: self.run, packed: &packed, unpacked: 0 };
        Unpack { name: &name, path, run: self.run, layers: 0 }.visit(&mut bounded, self.visit)
    }

    fn error(&self, name: &str, error: ZipError) -> ReadError {
        match error {
            ZipError::Io(error) => read_error(name, Position::Byte(0), &error),
            ZipError::UnsupportedArchive(_) => {
                let advice = "it is packed in a way that is not supported: unpack it, and give the files inside";
                ReadError::NoComments { file: name.to_owned(), advice: advice.to_owned() }
            }
            _ => ReadError::Malformed {
                file: name.to_owned(),
                position: Position::Byte(0),
                message: "the zip file is damaged or was cut off".to_owned(),
            },
        }
    }
}
