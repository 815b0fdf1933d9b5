//! Exports of other comment systems that are not XML, from file to records.

mod support;

mod databases;
mod github;
mod hostile;
mod json_exports;
mod own_shapes;
mod staticman;
