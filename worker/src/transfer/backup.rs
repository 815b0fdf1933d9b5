//! Backups: each site's export as a file, one for each of the last days and weeks.

use std::rc::Rc;

use afterword_ledger::{Ledger, Sql};
use afterword_model::Origin;
use worker::{Result, console_error};

use crate::platform::log_context::LogContext;
use crate::transfer::backup_day::BackupDay;
use crate::transfer::backup_store::BackupStore;
use crate::transfer::export::ExportStream;

/// Exact length of every part of an upload but the last. R2 requires at least this length, and the same for all parts (Cloudflare's
/// documentation, "R2 multipart uploads").
const PART_BYTES: usize = 5 * 1024 * 1024;
/// Number of daily and weekly backups that are kept.
const DAILY_BACKUPS: usize = 7;
const WEEKLY_BACKUPS: usize = 4;

/// Writes the backup of a day, and that of its week if there is none yet. Outdated backups are deleted only once the new one exists.
pub(crate) async fn write_backup<S: Sql>(
    store: &impl BackupStore,
    ledger: &Rc<Ledger<S>>,
    site: &Origin,
    day: BackupDay,
    log: &LogContext,
) -> Result<()> {
    let (daily, weekly) = (format!("{}/daily/", site.authority()), format!("{}/weekly/", site.authority()));
    let export = || ExportStream::new(Rc::clone(ledger), site);
    upload(store, &format!("{daily}{}.jsonl", day.date()), export(), log).await?;
    delete_outdated(store, &daily, DAILY_BACKUPS).await?;
    let week_key = format!("{weekly}{}.jsonl", day.week());
    if !store.exists(&week_key).await? {
        upload(store, &week_key, export(), log).await?;
    }
    // Also if the weekly backup exists: the last run may have failed before this.
    delete_outdated(store, &weekly, WEEKLY_BACKUPS).await
}

async fn upload<T: BackupStore, S: Sql>(store: &T, key: &str, export: ExportStream<S>, log: &LogContext) -> Result<()> {
    let mut upload = store.begin_upload(key).await?;
    let result = upload_parts(store, &mut upload, export).await;
    if result.is_err()
        && let Err(error) = store.abort_upload(upload).await
    {
        // R2 deletes uploads that were never completed after a week.
        console_error!("backup upload not aborted key={key} {log} cause={error}");
    }
    result
}

/// Uploads an export part by part, with one part in memory at a time.
async fn upload_parts<T: BackupStore, S: Sql>(
    store: &T,
    upload: &mut T::Upload,
    mut export: ExportStream<S>,
) -> Result<()> {
    let mut part = Vec::new();
    while let Some(piece) = export.next_piece().map_err(|error| error.to_string())? {
        part.extend(piece);
        if part.len() >= PART_BYTES {
            let rest = part.split_off(PART_BYTES);
            store.upload_part(upload, std::mem::replace(&mut part, rest)).await?;
        }
    }
    if !part.is_empty() {
        store.upload_part(upload, part).await?;
    }
    store.complete_upload(upload).await
}

/// Deletes all but the newest backups of a folder. Other files stay.
async fn delete_outdated(store: &impl BackupStore, folder: &str, kept: usize) -> Result<()> {
    for key in outdated_keys(folder, store.list_keys(folder).await?, kept) {
        store.delete(&key).await?;
    }
    Ok(())
}

/// Keys of the backups in a folder that are older than the newest `kept`.
fn outdated_keys(folder: &str, mut keys: Vec<String>, kept: usize) -> Vec<String> {
    keys.retain(|key| key.strip_prefix(folder).is_some_and(is_backup_name));
    // The names of days and weeks ascend with time.
    keys.sort_unstable();
    keys.truncate(keys.len().saturating_sub(kept));
    keys
}

/// Returns true for names such as `2026-11-22.jsonl` and `2026-W47.jsonl`.
fn is_backup_name(name: &str) -> bool {
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

    use afterword_ledger::{RusqliteSql, VerifiedComment};
    use afterword_model::{Moderation, PostUrl};
    use rusqlite::Connection;

    use super::*;

    /// A store in memory. The call with a certain number fails, and later calls succeed again.
    #[derive(Default)]
    struct MemoryStore {
        files: RefCell<BTreeMap<String, Vec<u8>>>,
        parts: RefCell<Vec<usize>>,
        open_uploads: Cell<i32>,
        failing_call: Cell<Option<u32>>,
    }

    impl MemoryStore {
        fn count_call(&self) -> Result<()> {
            let left = self.failing_call.get();
            self.failing_call.set(left.and_then(|left| left.checked_sub(1)));
            if left == Some(0) { Err("injected failure".into()) } else { Ok(()) }
        }

        fn keys(&self) -> Vec<String> {
            self.files.borrow().keys().cloned().collect()
        }
    }

    impl BackupStore for MemoryStore {
        type Upload = (String, Vec<u8>);

        async fn begin_upload(&self, key: &str) -> Result<Self::Upload> {
            self.count_call()?;
            self.open_uploads.set(self.open_uploads.get() + 1);
            Ok((key.to_owned(), Vec::new()))
        }

        async fn upload_part(&self, upload: &mut Self::Upload, part: Vec<u8>) -> Result<()> {
            self.count_call()?;
            self.parts.borrow_mut().push(part.len());
            upload.1.extend(part);
            Ok(())
        }

        async fn complete_upload(&self, upload: &mut Self::Upload) -> Result<()> {
            self.count_call()?;
            self.open_uploads.set(self.open_uploads.get() - 1);
            self.files.borrow_mut().insert(upload.0.clone(), std::mem::take(&mut upload.1));
            Ok(())
        }

        async fn abort_upload(&self, _upload: Self::Upload) -> Result<()> {
            self.open_uploads.set(self.open_uploads.get() - 1);
            Ok(())
        }

        async fn exists(&self, key: &str) -> Result<bool> {
            self.count_call()?;
            Ok(self.files.borrow().contains_key(key))
        }

        async fn list_keys(&self, folder: &str) -> Result<Vec<String>> {
            self.count_call()?;
            Ok(self.keys().into_iter().filter(|key| key.starts_with(folder)).rev().collect())
        }

        async fn delete(&self, key: &str) -> Result<()> {
            self.count_call()?;
            self.files.borrow_mut().remove(key);
            Ok(())
        }
    }

    /// Returns the value of a future that never waits.
    fn run<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the future waits"),
        }
    }

    fn ledger(comments: u32, bytes: usize) -> Rc<Ledger<RusqliteSql>> {
        let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap();
        for number in 1..=comments {
            let url = PostUrl::parse("https://blog.example/post").unwrap();
            let comment = VerifiedComment { source: "x".repeat(bytes), ..VerifiedComment::anonymous(number, url) };
            ledger.submit(&comment, Moderation::Open, 0).unwrap();
        }
        Rc::new(ledger)
    }

    fn site() -> Origin {
        Origin::parse("https://blog.example").unwrap()
    }

    async fn back_up(store: &MemoryStore, ledger: &Rc<Ledger<RusqliteSql>>, day: BackupDay) -> Result<()> {
        write_backup(store, ledger, &site(), day, &LogContext::new("test")).await
    }

    fn export(ledger: &Rc<Ledger<RusqliteSql>>) -> Vec<u8> {
        let mut export = ExportStream::new(Rc::clone(ledger), &site());
        std::iter::from_fn(|| export.next_piece().unwrap()).flatten().collect()
    }

    /// 2026-11-01, a Sunday.
    const FIRST: i32 = 739_921;

    #[test]
    fn a_backup_is_the_export_in_parts_of_equal_length() {
        let (store, ledger) = (MemoryStore::default(), ledger(1_600, 8_000));
        run(back_up(&store, &ledger, BackupDay::from_number(FIRST))).unwrap();
        let whole = export(&ledger);
        let names = ["blog.example/daily/2026-11-01.jsonl", "blog.example/weekly/2026-W44.jsonl"];
        assert_eq!(store.keys(), names);
        assert!(store.files.borrow().values().all(|file| *file == whole));
        let rest = whole.len() - 2 * PART_BYTES;
        assert_eq!(*store.parts.borrow(), [PART_BYTES, PART_BYTES, rest].repeat(2));
    }

    #[test]
    fn seven_daily_and_four_weekly_backups_are_kept() {
        let (store, ledger) = (MemoryStore::default(), ledger(1, 1));
        let others =
            ["blog.example/daily/notes.txt", "other.example/daily/2020-01-01.jsonl", "blog.example/2020-01-01.jsonl"];
        for other in others {
            store.files.borrow_mut().insert(other.to_owned(), Vec::new());
        }
        for day in FIRST..FIRST + 40 {
            run(back_up(&store, &ledger, BackupDay::from_number(day))).unwrap();
        }
        let mut expected: Vec<String> = (FIRST + 33..FIRST + 40)
            .map(|day| format!("blog.example/daily/{}.jsonl", BackupDay::from_number(day).date()))
            .chain((47..=50).map(|week| format!("blog.example/weekly/2026-W{week}.jsonl")))
            .chain(others.map(str::to_owned))
            .collect();
        expected.sort_unstable();
        assert_eq!(store.keys(), expected);
    }

    /// Fails each call in turn: no upload stays open, every file is complete, and no old backup is deleted before the new one exists.
    #[test]
    fn a_failed_backup_loses_nothing() {
        let ledger = ledger(3, 10);
        let whole = export(&ledger);
        let mut failures = 0;
        loop {
            let store = MemoryStore::default();
            for day in FIRST..FIRST + 28 {
                run(back_up(&store, &ledger, BackupDay::from_number(day))).unwrap();
            }
            let before = store.keys();
            store.failing_call.set(Some(failures));
            let next = BackupDay::from_number(FIRST + 29);
            if run(back_up(&store, &ledger, next)).is_ok() {
                break;
            }
            assert_eq!(store.open_uploads.get(), 0, "call {failures}");
            assert!(store.files.borrow().values().all(|file| *file == whole));
            let after = store.keys();
            for gone in before.iter().filter(|key| !after.contains(key)) {
                let new = if gone.contains("daily") { next.date() } else { next.week() };
                assert!(after.iter().any(|key| key.contains(&new)), "call {failures} deleted {gone}");
            }
            // The next run repairs it.
            run(back_up(&store, &ledger, next)).unwrap();
            assert_eq!(store.keys().len(), before.len());
            failures += 1;
        }
        assert!(failures >= 10, "{failures}");
    }

    #[test]
    fn other_files_are_not_deleted() {
        let days = (1..=12).map(|day| format!("b/daily/2026-11-{day:02}.jsonl"));
        let others = ["notes.txt", "2026-11-01.jsonl.gz", "2026-11-01", "old/2026-11-01.jsonl", "2026-11-0x.jsonl"];
        let keys: Vec<String> = days.chain(others.map(|name| format!("b/daily/{name}"))).collect();
        let expected: Vec<String> = (1..=5).map(|day| format!("b/daily/2026-11-{day:02}.jsonl")).collect();
        assert_eq!(outdated_keys("b/daily/", keys, 7), expected);
    }
}
