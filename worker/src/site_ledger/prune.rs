//! Pruning of expired data, one step in a turn.

use afterword_ledger::{Ledger, LedgerError, Sql};

use crate::platform::alarm::{Alarm, AlarmStorage, Deadline};
use crate::platform::clock::{end_turn, to_millis};

/// Number of comments in one step.
const STEP_COMMENTS: u32 = 1_000;
/// Maximum number of steps in one run: five times the comments that a site takes in a day. The alarm starts the next run.
const MAX_STEPS: u32 = 40;

/// Prunes what has expired. Returns the time at which there is more to prune, in Unix seconds, which may have passed already.
pub(super) async fn prune_site<S: Sql>(ledger: &Ledger<S>, now: i64) -> Result<Option<i64>, LedgerError> {
    for _ in 0..MAX_STEPS {
        let next = ledger.next_prune(STEP_COMMENTS)?;
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        ledger.prune(now, STEP_COMMENTS)?;
        end_turn().await;
    }
    ledger.next_prune(STEP_COMMENTS)
}

/// Number of comments that one step adds to the search index.
const STEP_INDEXED: u32 = 250;

/// Adds new comments to the search index, one step in a turn. What is left waits for the next night, or for a search.
pub(super) async fn index_search<S: Sql>(ledger: &Ledger<S>) -> Result<(), LedgerError> {
    for _ in 0..MAX_STEPS {
        if !ledger.index_search(STEP_INDEXED)? {
            return Ok(());
        }
        end_turn().await;
    }
    Ok(())
}

/// Adds the deadline for what expires next. Not an async function: no other event comes between what was stored and its deadline. `now` is in
/// Unix milliseconds.
pub(super) fn add_deadline<S: Sql, A: AlarmStorage>(
    ledger: &Ledger<S>,
    alarm: &Alarm<A>,
    now: u64,
) -> Result<(), LedgerError> {
    if let Some(time) = ledger.next_prune(STEP_COMMENTS)? {
        alarm.add(Deadline::Prune, to_millis(time), now);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use afterword_ledger::{CommentRef, RusqliteSql, VerifiedComment, WIPE_DELAY_SECONDS};
    use afterword_model::{AuthorId, Moderation, PostUrl};
    use rusqlite::Connection;

    use super::*;

    const NOW: i64 = 1_321_000_000;

    #[derive(Default)]
    struct FakeStorage(Cell<Option<u64>>);

    impl AlarmStorage for &FakeStorage {
        async fn get_alarm(&self) -> worker::Result<Option<u64>> {
            Ok(self.0.get())
        }

        async fn set_alarm(&self, time: u64) -> worker::Result<()> {
            self.0.set(Some(time));
            Ok(())
        }
    }

    #[test]
    fn a_deleted_comment_has_its_deadline_in_the_same_turn() {
        let ledger = Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap();
        let url = PostUrl::parse("https://blog.example/post").unwrap();
        let author = Some(AuthorId { hash: "ada".to_owned(), mark: "k3f9x2".to_owned() });
        let comment =
            VerifiedComment { author, source: "Text".to_owned(), ..VerifiedComment::anonymous(1, url.clone()) };
        let id = ledger.submit(&comment, Moderation::Open, NOW).unwrap().posted.comment.id;
        let (storage, now) = (FakeStorage::default(), to_millis(NOW));
        let alarm = Alarm::new(&storage);
        let set = || {
            assert!(matches!(pin!(alarm.set(now)).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(()))))
        };
        add_deadline(&ledger, &alarm, now).unwrap();
        set();
        assert_eq!(storage.0.get(), None, "nothing is stored that expires");
        ledger.delete_own(CommentRef { url: &url, id }, "ada", NOW).unwrap();
        add_deadline(&ledger, &alarm, now).unwrap();
        // The first alarm that is set after it, whatever it is set for, is early enough.
        alarm.add(Deadline::Publish, now + 86_400_000, now);
        set();
        assert_eq!(storage.0.get(), Some(to_millis(NOW + WIPE_DELAY_SECONDS)));
    }
}
