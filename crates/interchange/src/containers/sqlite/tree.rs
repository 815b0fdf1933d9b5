//! B-trees of tables.

use super::pages::{FILE_HEADER, Pages, be_u16, be_u32};
use super::record::varint;
use crate::problem::ReadError;

/// The largest row in bytes; the rest of a larger one is not read.
const MAX_PAYLOAD: usize = 64 * 1024 * 1024;
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// Receiver of rows: row id and payload.
type Each<'e> = dyn FnMut(i64, &[u8]) -> Result<(), ReadError> + 'e;

/// Visits the rows of a table by their row ids. Visits each page once at most, so that a cycle ends with an error.
pub(super) fn walk(pages: &mut Pages<'_>, root: u32, each: &mut Each<'_>) -> Result<(), ReadError> {
    let mut visited = 0;
    let mut waiting = vec![root];
    while let Some(number) = waiting.pop() {
        visited += 1;
        // A page that waits twice is a cycle too: there are never more than all pages.
        if visited > pages.count() || waiting.len() > pages.count() as usize {
            return Err(pages.corrupt(number));
        }
        let page = pages.page(number)?;
        let result = visit(pages, &page, number, &mut waiting, each)?;
        if result.is_none() {
            return Err(pages.corrupt(number));
        }
    }
    Ok(())
}

/// Reads a page; none if it breaks the format.
fn visit(
    pages: &mut Pages<'_>,
    page: &[u8],
    number: u32,
    waiting: &mut Vec<u32>,
    each: &mut Each<'_>,
) -> Result<Option<()>, ReadError> {
    let start = if number == 1 { FILE_HEADER } else { 0 };
    let Some(cells) = be_u16(page, start + 3).map(usize::from) else { return Ok(None) };
    match page.get(start) {
        Some(&INTERIOR) => Ok(children(page, start, cells, waiting)),
        Some(&LEAF) => {
            for index in 0..cells {
                let Some(cell) = be_u16(page, start + 8 + 2 * index) else { return Ok(None) };
                let Some((row_id, payload)) = leaf_cell(pages, page, usize::from(cell))? else { return Ok(None) };
                each(row_id, &payload)?;
            }
            Ok(Some(()))
        }
        _ => Ok(None),
    }
}

/// Adds the children so that the first one is visited first.
fn children(page: &[u8], start: usize, cells: usize, waiting: &mut Vec<u32>) -> Option<()> {
    waiting.push(be_u32(page, start + 8)?);
    for index in (0..cells).rev() {
        let cell = be_u16(page, start + 12 + 2 * index)?;
        waiting.push(be_u32(page, usize::from(cell))?);
    }
    Some(())
}

fn leaf_cell(pages: &mut Pages<'_>, page: &[u8], cell: usize) -> Result<Option<(i64, Vec<u8>)>, ReadError> {
    let Some((size, row_id, start)) = cell_header(page, cell) else { return Ok(None) };
    let usable = pages.usable();
    let local = local_size(size, usable);
    let Some(end) = start.checked_add(local).filter(|end| *end <= usable) else { return Ok(None) };
    let mut payload = page[start..end].to_vec();
    if local < size {
        let Some(next) = be_u32(page, end) else { return Ok(None) };
        if size > usable.saturating_mul(pages.count() as usize) {
            return Ok(None);
        }
        read_overflow(pages, next, size.min(MAX_PAYLOAD), &mut payload)?;
    }
    Ok(Some((row_id, payload)))
}

fn cell_header(page: &[u8], cell: usize) -> Option<(usize, i64, usize)> {
    let (size, size_length) = varint(page.get(cell..)?)?;
    let (row_id, id_length) = varint(page.get(cell + size_length..)?)?;
    Some((usize::try_from(size).ok()?, row_id, cell + size_length + id_length))
}

/// Number of bytes of a payload that its page holds.
fn local_size(size: usize, usable: usize) -> usize {
    let max = usable - 35;
    if size <= max {
        return size;
    }
    let min = (usable - 12) * 32 / 255 - 23;
    let local = min + (size - min) % (usable - 4);
    if local <= max { local } else { min }
}

/// Appends the pages of a chain until the payload is whole.
fn read_overflow(pages: &mut Pages<'_>, mut next: u32, size: usize, payload: &mut Vec<u8>) -> Result<(), ReadError> {
    while payload.len() < size {
        let page = pages.page(next)?;
        let missing = (size - payload.len()).min(pages.usable() - 4);
        payload.extend_from_slice(&page[4..4 + missing]);
        next = be_u32(&page, 0).unwrap_or(0);
    }
    Ok(())
}
