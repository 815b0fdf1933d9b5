//! The lines of the export of a plan.

use std::io;

use crate::plan::Plan;
use crate::plan::reading::Reading;
use crate::plan::spool::Spool;

/// Position in the lines of a plan. The default is the beginning.
#[derive(Clone, Debug, Default)]
pub struct LineCursor {
    at: usize,
}

/// The lines of a plan, without their line ends.
pub struct Lines<'a, S> {
    plan: &'a Plan,
    reading: &'a mut Reading<S>,
    cursor: LineCursor,
}

impl<S: Spool> Iterator for Lines<'_, S> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.plan.next_line(self.reading, &mut self.cursor).transpose()
    }
}

impl Plan {
    /// The lines of an export: header, threads, comments, closing line.
    pub fn lines<'a, S: Spool>(&'a self, reading: &'a mut Reading<S>) -> Lines<'a, S> {
        Lines { plan: self, reading, cursor: LineCursor::default() }
    }

    /// The next line, or `None` at the end. `reading` is the one of which this is the plan.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn next_line<S: Spool>(&self, reading: &mut Reading<S>, cursor: &mut LineCursor) -> io::Result<Option<String>> {
        let _ = (reading, cursor.at);
        Ok(None)
    }

    /// The next lines, with `max_bytes` together or a little more; none at the end. `reading` is the one of which this is the plan.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn next_lines<S: Spool>(
        &self,
        reading: &mut Reading<S>,
        cursor: &mut LineCursor,
        max_bytes: usize,
    ) -> io::Result<Vec<String>> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while bytes < max_bytes {
            let Some(line) = self.next_line(reading, cursor)? else { break };
            bytes += line.len() + 1;
            lines.push(line);
        }
        Ok(lines)
    }

    /// The table of addresses, to correct by hand and to give back in [`PlanOptions::address_table`](crate::PlanOptions::address_table): CSV
    /// with the columns `from` (the post in the source), `to` (its address, empty if it has none, `-` to leave it out), `comments` and `title`.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn address_table<S: Spool>(&self, reading: &mut Reading<S>) -> io::Result<String> {
        let _ = reading;
        Ok(String::new())
    }
}
