//! Export, import and backups of a site.

pub(crate) mod backup;
pub(crate) mod backup_day;
pub(crate) mod r2_store;
pub(crate) mod stream;
