//! `cargo xtask backup`: fetches a site's export into a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use lexopt::{Arg, ValueExt};

use super::admin_client::{AdminClient, CallError};
use super::export_file::{self, ExportSummary};
use crate::run::print_progress;

/// How many lines are fetched between two words about it.
const PROGRESS: u64 = 10_000;

/// What to fetch, and where to.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    from: String,
    site: Option<String>,
    file: PathBuf,
}

/// The command. The file is there once it is whole; until then one of that name is as it was.
pub(crate) fn command(arguments: lexopt::Parser) -> Result<()> {
    let Options { from, site, file } = parse(arguments)?;
    let client = AdminClient::new(&from)?;
    let mut answer = client.export(site.as_deref()).map_err(|failed| match failed {
        CallError::Transient(reason) | CallError::Permanent(reason) => anyhow!("{}: {reason}", client.origin()),
    })?;
    let part = part_path(&file);
    let source = BufReader::new(answer.body_mut().as_reader());
    let whole = write(&part, source).inspect_err(|_| {
        // What is not whole is no backup, and must not be taken for one.
        let _ = fs::remove_file(&part);
    });
    let whole = whole.context("what arrived is not a whole export; try again")?;
    fs::rename(&part, &file).with_context(|| format!("cannot name the file {}", file.display()))?;
    println!("{} comments of {} in {}", whole.comments, whole.site, file.display());
    Ok(())
}

/// Writes what arrives, for the owner's eyes alone: there are e-mail addresses in it.
fn write(part: &Path, source: impl std::io::BufRead) -> Result<ExportSummary> {
    let file = create_private_file(part).with_context(|| format!("cannot write {}", part.display()))?;
    let mut target: BufWriter<File> = BufWriter::new(file);
    let mut count = 0;
    let whole = export_file::read(source, |line| {
        count += 1;
        if count % PROGRESS == 0 {
            print_progress(&format!("{count} lines"));
        }
        writeln!(target, "{line}").context("cannot write the file")
    })?;
    target.into_inner().map_err(|error| error.into_error())?.sync_all().context("cannot write the file")?;
    Ok(whole)
}

/// A new file that only its owner may read. One that a backup left which was killed, or that somebody else put there, may be open to others,
/// or lead elsewhere: it is not written into, but goes.
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

fn parse(mut arguments: lexopt::Parser) -> Result<Options> {
    let (mut from, mut site, mut file) = (None, None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("from") => from = Some(arguments.value()?.string()?),
            Arg::Long("site") => site = Some(arguments.value()?.string()?),
            Arg::Value(path) if file.is_none() => file = Some(path.into()),
            unexpected => return Err(unexpected.unexpected().into()),
        }
    }
    let from = from.context("from where? --from https://…, the address of the Worker")?;
    Ok(Options { from, site, file: file.context("into which file?")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn address_and_file_are_needed() {
        let options = |arguments: &[&str]| parse(lexopt::Parser::from_args(arguments));
        assert!(options(&["a.jsonl"]).is_err());
        assert!(options(&["--from", "https://c.example"]).is_err());
        assert!(options(&["--from", "https://c.example", "a.jsonl", "b.jsonl"]).is_err());
        let full = options(&["a b.jsonl", "--site", "https://b.example", "--from", "https://c.example"]).unwrap();
        let site = Some("https://b.example".to_owned());
        assert_eq!(full, Options { from: "https://c.example".to_owned(), site, file: "a b.jsonl".into() });
    }

    #[test]
    fn what_is_written_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Scratch::new("backup");
        let part = part_path(&folder.path("site.jsonl"));
        assert!(part.ends_with("site.jsonl.part"));
        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
        assert!(write(&part, &b"no export"[..]).is_err());
        assert_eq!(mode(&part), 0o600);
        // What is left of another one that was killed is nobody's promise.
        fs::set_permissions(&part, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(write(&part, &b"no export"[..]).is_err());
        assert_eq!(mode(&part), 0o600);
        // Nor does it lead to where others read along.
        let elsewhere = folder.path("elsewhere");
        fs::write(&elsewhere, "of somebody else").unwrap();
        fs::remove_file(&part).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &part).unwrap();
        assert!(write(&part, &b"no export"[..]).is_err());
        assert_eq!((mode(&part), fs::read_to_string(&elsewhere).unwrap().as_str()), (0o600, "of somebody else"));
    }
}
