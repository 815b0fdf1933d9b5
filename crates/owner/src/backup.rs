//! `cargo xtask backup`: downloads a site's export into a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use afterword_transfer::{ExportReader, ExportSummary};
use anyhow::{Context, Result, anyhow};

use crate::admin_client::{AdminClient, CallError};
use crate::progress::print_progress;

/// Number of lines between two progress messages.
const PROGRESS_LINES: u64 = 10_000;
const READ_BYTES: usize = 64 * 1024;

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The address of the Worker
    #[arg(long, value_name = "URL")]
    from: String,
    /// The site; needed if the Worker has several
    #[arg(long, value_name = "ORIGIN")]
    site: Option<String>,
    /// The file to write
    file: PathBuf,
}

/// Saves a site to a file. The file appears only when it is complete; until then an existing file of that name stays unchanged.
pub(crate) fn command(options: &Options) -> Result<()> {
    let Options { from, site, file } = options;
    let client = AdminClient::new(from)?;
    let mut response = client.export(site.as_deref()).map_err(|error| match error {
        CallError::Transient(reason) | CallError::Permanent(reason) => anyhow!("{}: {reason}", client.origin()),
    })?;
    let part = part_path(file);
    let export = write(&part, response.body_mut().as_reader()).inspect_err(|_| {
        // An incomplete file must not be mistaken for a backup.
        let _ = fs::remove_file(&part);
    });
    let export = export.context("the response is not a whole export; try again")?;
    fs::rename(&part, file).with_context(|| format!("cannot rename the file to {}", file.display()))?;
    println!("{} comments of {} in {}", export.comments, export.site, file.display());
    Ok(())
}

/// Writes an export to a file that only its owner can read, as it contains e-mail addresses.
fn write(part: &Path, mut source: impl Read) -> Result<ExportSummary> {
    let file = create_private_file(part).with_context(|| format!("cannot write {}", part.display()))?;
    let (mut target, mut count): (BufWriter<File>, u64) = (BufWriter::new(file), 0);
    let export = read_export(&mut source, |line| {
        count += 1;
        if count.is_multiple_of(PROGRESS_LINES) {
            print_progress(&format!("{count} lines"));
        }
        writeln!(target, "{line}").context("cannot write the file")
    })?;
    target.into_inner().map_err(|error| error.into_error())?.sync_all().context("cannot write the file")?;
    Ok(export)
}

/// Reads an export to its end, and passes every line to `each`.
pub(crate) fn read_export(source: &mut impl Read, mut each: impl FnMut(&str) -> Result<()>) -> Result<ExportSummary> {
    let (mut reader, mut buffer, mut outcome) = (ExportReader::default(), vec![0; READ_BYTES], Ok(()));
    let mut keep = |line: &str| {
        if outcome.is_ok() {
            outcome = each(line);
        }
    };
    loop {
        match source.read(&mut buffer)? {
            0 => break,
            length => reader.push(&buffer[..length], &mut keep)?,
        }
    }
    let export = reader.finish(&mut keep)?;
    outcome.map(|()| export)
}

/// Creates a file that only its owner can read. An existing one, left by a killed backup or put there by somebody else, may be readable by
/// others or be a link to another place, so it is deleted, never written to.
fn create_private_file(part: &Path) -> io::Result<File> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)
}

fn part_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backup_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let part = part_path(&folder.path().join("site.jsonl"));
        assert!(part.ends_with("site.jsonl.part"));
        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
        assert!(write(&part, &b"no export"[..]).is_err());
        assert_eq!(mode(&part), 0o600);
        // The permissions of a file that a killed backup left are not trusted.
        fs::set_permissions(&part, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(write(&part, &b"no export"[..]).is_err());
        assert_eq!(mode(&part), 0o600);
        // A link to a file of another user is not followed.
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "of somebody else").unwrap();
        fs::remove_file(&part).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &part).unwrap();
        assert!(write(&part, &b"no export"[..]).is_err());
        assert_eq!((mode(&part), fs::read_to_string(&elsewhere).unwrap().as_str()), (0o600, "of somebody else"));
    }
}
