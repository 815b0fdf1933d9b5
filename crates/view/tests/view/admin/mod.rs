//! Tests of the moderators' pages.

mod golden;
mod laws;
mod pages;
mod sample;
mod script;
mod stylesheet;
