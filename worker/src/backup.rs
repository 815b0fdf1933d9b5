//! The nightly backup: each site's export as a file, one for each of the last days and weeks.

use std::rc::Rc;

use afterword_ledger::{Ledger, Sql};
use afterword_model::{Origin, Site, Sites};
use worker::{Env, Result, console_error, console_log};

use crate::bucket::R2;
use crate::carry::Exporting;
use crate::cost::Cost;
use crate::day::Day;
use crate::desk;

/// Every part of an upload but the last is this long to the byte: R2 takes no shorter ones, and none of different lengths (Cloudflare's
/// documentation, "R2 multipart uploads").
const PART_BYTES: usize = 5 * 1024 * 1024;
/// How many backups are kept.
const DAILY: usize = 7;
const WEEKLY: usize = 4;

/// Where backups are kept.
pub(crate) trait Shelf {
    /// A file on its way: until it is complete it is not there.
    type Upload;

    async fn begin(&self, key: &str) -> Result<Self::Upload>;
    async fn add(&self, upload: &mut Self::Upload, part: Vec<u8>) -> Result<()>;
    async fn complete(&self, upload: &mut Self::Upload) -> Result<()>;
    async fn abort(&self, upload: Self::Upload) -> Result<()>;
    async fn has(&self, key: &str) -> Result<bool>;
    /// Keys that begin with a folder, perhaps not all of them.
    async fn keys(&self, folder: &str) -> Result<Vec<String>>;
    async fn remove(&self, key: &str) -> Result<()>;
}

/// Has the object of each site write its backup, one after the other, where a bucket is bound. `at` is the moment for which the trigger
/// was set, in Unix milliseconds.
pub(crate) async fn all(env: &Env, sites: &Sites, at: f64) {
    if R2::bound(env).is_none() {
        return;
    }
    let call = format!("backup?day={}", Day::of(at).number());
    for site in sites.iter().map(Site::origin) {
        if desk::went_well("backup", site, desk::pass_on(env, &Cost::default(), site, &call, None).await) {
            console_log!("backup of {}: done", site.as_str());
        }
    }
}

/// Writes the backup of a day, and that of its week if there is none yet. What is older than what is kept goes only once the new one is
/// there.
pub(crate) async fn write<S: Sql>(shelf: &impl Shelf, ledger: &Rc<Ledger<S>>, site: &Origin, day: Day) -> Result<()> {
    let (daily, weekly) = (format!("{}/daily/", site.authority()), format!("{}/weekly/", site.authority()));
    store(shelf, &format!("{daily}{}.jsonl", day.date()), Exporting::new(Rc::clone(ledger), site)).await?;
    prune(shelf, &daily, DAILY).await?;
    let of_week = format!("{weekly}{}.jsonl", day.week());
    if !shelf.has(&of_week).await? {
        store(shelf, &of_week, Exporting::new(Rc::clone(ledger), site)).await?;
    }
    // Every time, for the last time may have failed here.
    prune(shelf, &weekly, WEEKLY).await
}

async fn store<T: Shelf, S: Sql>(shelf: &T, key: &str, exporting: Exporting<S>) -> Result<()> {
    let mut upload = shelf.begin(key).await?;
    let stored = send(shelf, &mut upload, exporting).await;
    if stored.is_err()
        && let Err(error) = shelf.abort(upload).await
    {
        // R2 forgets by itself, after a week, what was never completed.
        console_error!("backup: an upload cannot be aborted: {error}");
    }
    stored
}

/// One part is in memory at a time.
async fn send<T: Shelf, S: Sql>(shelf: &T, upload: &mut T::Upload, mut exporting: Exporting<S>) -> Result<()> {
    let mut part = Vec::new();
    while let Some(piece) = exporting.next().map_err(|error| error.to_string())? {
        part.extend(piece);
        if part.len() >= PART_BYTES {
            let rest = part.split_off(PART_BYTES);
            shelf.add(upload, std::mem::replace(&mut part, rest)).await?;
        }
    }
    if !part.is_empty() {
        shelf.add(upload, part).await?;
    }
    shelf.complete(upload).await
}

/// Takes away all but the newest backups. Whatever else somebody keeps there stays.
async fn prune(shelf: &impl Shelf, folder: &str, kept: usize) -> Result<()> {
    for key in outdated(folder, shelf.keys(folder).await?, kept) {
        shelf.remove(&key).await?;
    }
    Ok(())
}

/// Which keys of a folder are those of backups older than the newest ones.
fn outdated(folder: &str, mut keys: Vec<String>, kept: usize) -> Vec<String> {
    keys.retain(|key| key.strip_prefix(folder).is_some_and(is_backup));
    // The names of days and weeks ascend with time.
    keys.sort_unstable();
    keys.truncate(keys.len().saturating_sub(kept));
    keys
}

/// `2026-11-22.jsonl` or `2026-W47.jsonl`.
fn is_backup(name: &str) -> bool {
    let shape: String = name.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    matches!(shape.as_str(), "0000-00-00.jsonl" | "0000-W00.jsonl")
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use afterword_ledger::{ProofStatus, RusqliteSql, VerifiedComment};
    use afterword_model::{Moderation, PostUrl, SafeHtml, SubmissionId};
    use rusqlite::Connection;

    use super::*;

    /// A shelf in memory on which the call of a certain number fails, and those after it do not.
    #[derive(Default)]
    struct Memory {
        files: RefCell<BTreeMap<String, Vec<u8>>>,
        parts: RefCell<Vec<usize>>,
        open: Cell<i32>,
        fuse: Cell<Option<u32>>,
    }

    impl Memory {
        fn burn(&self) -> Result<()> {
            let left = self.fuse.get();
            self.fuse.set(left.and_then(|left| left.checked_sub(1)));
            if left == Some(0) { Err("out of order".into()) } else { Ok(()) }
        }

        fn keys(&self) -> Vec<String> {
            self.files.borrow().keys().cloned().collect()
        }
    }

    impl Shelf for Memory {
        type Upload = (String, Vec<u8>);

        async fn begin(&self, key: &str) -> Result<Self::Upload> {
            self.burn()?;
            self.open.set(self.open.get() + 1);
            Ok((key.to_owned(), Vec::new()))
        }

        async fn add(&self, upload: &mut Self::Upload, part: Vec<u8>) -> Result<()> {
            self.burn()?;
            self.parts.borrow_mut().push(part.len());
            upload.1.extend(part);
            Ok(())
        }

        async fn complete(&self, upload: &mut Self::Upload) -> Result<()> {
            self.burn()?;
            self.open.set(self.open.get() - 1);
            self.files.borrow_mut().insert(upload.0.clone(), std::mem::take(&mut upload.1));
            Ok(())
        }

        async fn abort(&self, _upload: Self::Upload) -> Result<()> {
            self.open.set(self.open.get() - 1);
            Ok(())
        }

        async fn has(&self, key: &str) -> Result<bool> {
            self.burn()?;
            Ok(self.files.borrow().contains_key(key))
        }

        async fn keys(&self, folder: &str) -> Result<Vec<String>> {
            self.burn()?;
            Ok(self.keys().into_iter().filter(|key| key.starts_with(folder)).rev().collect())
        }

        async fn remove(&self, key: &str) -> Result<()> {
            self.burn()?;
            self.files.borrow_mut().remove(key);
            Ok(())
        }
    }

    /// What a future gives that never waits.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    fn ledger(comments: u32, bytes: usize) -> Rc<Ledger<RusqliteSql>> {
        let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap();
        for number in 1..=comments {
            let entry = VerifiedComment {
                id: SubmissionId::from_digest(u128::from(number).to_be_bytes()),
                fingerprint: format!("{number:064}"),
                url: PostUrl::parse("https://blog.example/post").unwrap(),
                title: String::new(),
                parent: None,
                author: None,
                name: String::new(),
                email: None,
                website: None,
                source: "x".repeat(bytes),
                html: SafeHtml::default(),
                renderer_version: 1,
                text: String::new(),
                proof: ProofStatus::NotRequired,
                difficulty: None,
                network: None,
                duplicate_key: None,
                signals: Vec::new(),
            };
            ledger.submit(&entry, Moderation::Open, 0).unwrap();
        }
        Rc::new(ledger)
    }

    fn site() -> Origin {
        Origin::parse("https://blog.example").unwrap()
    }

    fn export(ledger: &Rc<Ledger<RusqliteSql>>) -> Vec<u8> {
        let mut exporting = Exporting::new(Rc::clone(ledger), &site());
        std::iter::from_fn(|| exporting.next().unwrap()).flatten().collect()
    }

    /// 2026-11-01, a Sunday.
    const FIRST: i64 = 20_758;

    #[test]
    fn a_backup_is_the_export_in_parts_of_one_length() {
        let (shelf, ledger) = (Memory::default(), ledger(1_600, 8_000));
        now(write(&shelf, &ledger, &site(), Day::new(FIRST))).unwrap();
        let whole = export(&ledger);
        let names = ["blog.example/daily/2026-11-01.jsonl", "blog.example/weekly/2026-W44.jsonl"];
        assert_eq!(shelf.keys(), names);
        assert!(shelf.files.borrow().values().all(|file| *file == whole));
        let rest = whole.len() - 2 * PART_BYTES;
        assert_eq!(*shelf.parts.borrow(), [PART_BYTES, PART_BYTES, rest].repeat(2));
    }

    #[test]
    fn seven_days_and_four_weeks_are_kept() {
        let (shelf, ledger) = (Memory::default(), ledger(1, 1));
        let others =
            ["blog.example/daily/notes.txt", "other.example/daily/2020-01-01.jsonl", "blog.example/2020-01-01.jsonl"];
        for other in others {
            shelf.files.borrow_mut().insert(other.to_owned(), Vec::new());
        }
        for day in FIRST..FIRST + 40 {
            now(write(&shelf, &ledger, &site(), Day::new(day))).unwrap();
        }
        let mut expected: Vec<String> = (FIRST + 33..FIRST + 40)
            .map(|day| format!("blog.example/daily/{}.jsonl", Day::new(day).date()))
            .chain((47..=50).map(|week| format!("blog.example/weekly/2026-W{week}.jsonl")))
            .chain(others.map(str::to_owned))
            .collect();
        expected.sort_unstable();
        assert_eq!(shelf.keys(), expected);
    }

    /// Whichever call fails: no upload is left open, what is there is whole, and nothing older is gone unless the new one is there.
    #[test]
    fn a_failure_loses_nothing() {
        let ledger = ledger(3, 10);
        let whole = export(&ledger);
        let mut failures = 0;
        loop {
            let shelf = Memory::default();
            for day in FIRST..FIRST + 28 {
                now(write(&shelf, &ledger, &site(), Day::new(day))).unwrap();
            }
            let before = shelf.keys();
            shelf.fuse.set(Some(failures));
            let next = Day::new(FIRST + 29);
            if now(write(&shelf, &ledger, &site(), next)).is_ok() {
                break;
            }
            assert_eq!(shelf.open.get(), 0, "call {failures}");
            assert!(shelf.files.borrow().values().all(|file| *file == whole));
            let after = shelf.keys();
            for gone in before.iter().filter(|key| !after.contains(key)) {
                let new = if gone.contains("daily") { next.date() } else { next.week() };
                assert!(after.iter().any(|key| key.contains(&new)), "call {failures} took {gone}");
            }
            // The next night sets it right.
            now(write(&shelf, &ledger, &site(), next)).unwrap();
            assert_eq!(shelf.keys().len(), before.len());
            failures += 1;
        }
        assert!(failures >= 10, "{failures}");
    }

    #[test]
    fn what_is_no_backup_stays() {
        let days = (1..=12).map(|day| format!("b/daily/2026-11-{day:02}.jsonl"));
        let others = ["notes.txt", "2026-11-01.jsonl.gz", "2026-11-01", "old/2026-11-01.jsonl", "2026-11-0x.jsonl"];
        let keys: Vec<String> = days.chain(others.map(|name| format!("b/daily/{name}"))).collect();
        let expected: Vec<String> = (1..=5).map(|day| format!("b/daily/2026-11-{day:02}.jsonl")).collect();
        assert_eq!(outdated("b/daily/", keys, 7), expected);
    }
}
