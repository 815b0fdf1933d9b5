//! stub
use anyhow::Result;
pub(crate) fn check() -> Result<()> {
    Ok(())
}
pub(crate) fn command(_: lexopt::Parser) -> Result<()> {
    Ok(())
}
