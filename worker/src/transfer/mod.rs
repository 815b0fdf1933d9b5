//! Export, import and backups of a site.

pub(crate) mod backup;
pub(crate) mod backup_day;
pub(crate) mod backup_store;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod r2_store;
