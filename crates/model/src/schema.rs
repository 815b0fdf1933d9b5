//! The versions of the database's schema. They are part of the wire: `/health` and the file `build.json` of a release name them.

/// The version of the schema that this code writes.
pub const SCHEMA_VERSION: u32 = 7;

/// The oldest version of the code, by its [`SCHEMA_VERSION`], that can work with a database of this schema. A migration that only adds keeps it; older
/// code can then run again after a newer version has migrated the database. Any other migration raises it to the version that it leads to.
pub const READER_FLOOR: u32 = 7;
