//! The alarm of a Durable Object. An object has one alarm, which this type sets to the earliest of several named deadlines.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use worker::{Result, Storage};

use crate::platform::clock::now_millis;

/// A reason for the alarm. After an eviction only the time of the alarm is known, so the alarm's handler asks the ledger for each of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deadline {
    /// Something is due in KV, or may be tried again.
    Publish,
    /// The instance that was about to publish may have ended.
    Recovery,
    /// Something is kept for a limited time, which ends.
    Prune,
}

/// The platform's alarm of one object. Times are in Unix milliseconds.
pub(crate) trait AlarmStorage {
    /// Reads the time of the alarm.
    async fn get_alarm(&self) -> Result<Option<u64>>;
    /// Sets the alarm, in place of the one that was set before.
    async fn set_alarm(&self, time: u64) -> Result<()>;
}

impl AlarmStorage for Storage {
    async fn get_alarm(&self) -> Result<Option<u64>> {
        Ok(Self::get_alarm(self).await?.and_then(|time| u64::try_from(time).ok()))
    }

    async fn set_alarm(&self, time: u64) -> Result<()> {
        Self::set_alarm(self, Duration::from_millis(time.saturating_sub(now_millis()))).await
    }
}

/// The alarm of one object, with its deadlines. Times are in Unix milliseconds.
pub(crate) struct Alarm<S> {
    storage: S,
    deadlines: RefCell<BTreeMap<Deadline, u64>>,
    /// Time of the alarm that the platform has accepted last from this instance.
    accepted: Cell<Option<u64>>,
    loaded: Cell<bool>,
}

impl<S: AlarmStorage> Alarm<S> {
    pub(crate) fn new(storage: S) -> Self {
        Self { storage, deadlines: RefCell::default(), accepted: Cell::new(None), loaded: Cell::new(false) }
    }

    /// Reads the alarm that a previous instance has set, and keeps its time as a deadline, so that no later alarm replaces it. The first
    /// alarm of an instance is set in any case: after a crash, the local runtime does not always fire the one before.
    pub(crate) async fn load(&self) -> Result<()> {
        if !self.loaded.get() {
            if let Some(time) = self.storage.get_alarm().await? {
                self.add(Deadline::Recovery, time, 0);
            }
            self.loaded.set(true);
        }
        Ok(())
    }

    /// Records that the alarm fired: the deadlines that have passed are met.
    pub(crate) fn mark_fired(&self, now: u64) {
        self.accepted.set(None);
        self.deadlines.borrow_mut().retain(|_, time| *time > now);
    }

    /// Adds a deadline, unless the same one is set for an earlier time. [`Alarm::set`] must follow.
    pub(crate) fn add(&self, deadline: Deadline, time: u64, now: u64) {
        let mut deadlines = self.deadlines.borrow_mut();
        let known = deadlines.get(&deadline).copied().filter(|known| *known > now);
        deadlines.insert(deadline, known.map_or(time, |known| known.min(time)));
    }

    /// Sets the alarm to the earliest deadline. Writes nothing if the platform has accepted an alarm that is as early.
    ///
    /// If two turns do this at once, each of them writes the earliest deadline of both. So an alarm is set once one of the writes has
    /// succeeded, and a turn whose write failed learns of it.
    pub(crate) async fn set(&self, now: u64) -> Result<()> {
        let Some(earliest) = self.deadlines.borrow().values().copied().min() else { return Ok(()) };
        if self.accepted.get().is_some_and(|accepted| accepted > now && accepted <= earliest) {
            return Ok(());
        }
        self.storage.set_alarm(earliest).await?;
        self.accepted.set(Some(earliest));
        Ok(())
    }

    /// Adds a deadline and sets the alarm.
    pub(crate) async fn schedule(&self, deadline: Deadline, time: u64, now: u64) -> Result<()> {
        self.add(deadline, time, now);
        self.set(now).await
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    const NOW: u64 = 1_321_000_000_000;

    /// An alarm whose writes take effect in the order of the calls, and are answered when the test says so.
    #[derive(Default)]
    struct FakeStorage {
        alarm: Cell<Option<u64>>,
        /// The writes so far, each with its answer once there is one.
        writes: RefCell<Vec<(u64, Option<bool>)>>,
    }

    impl AlarmStorage for &FakeStorage {
        async fn get_alarm(&self) -> Result<Option<u64>> {
            Ok(self.alarm.get())
        }

        async fn set_alarm(&self, time: u64) -> Result<()> {
            let number = self.writes.borrow().len();
            self.writes.borrow_mut().push((time, None));
            let succeeded = poll_fn(|_| self.writes.borrow()[number].1.map_or(Poll::Pending, Poll::Ready)).await;
            if succeeded { Ok(()) } else { Err("injected failure".into()) }
        }
    }

    impl FakeStorage {
        /// Answers the write with this number, if there is one.
        fn answer(&self, number: usize, succeeded: bool) {
            if let Some((_, answer)) = self.writes.borrow_mut().get_mut(number) {
                *answer = Some(succeeded);
            }
            let last =
                self.writes.borrow().iter().rev().find(|(_, answer)| *answer == Some(true)).map(|(time, _)| *time);
            self.alarm.set(last);
        }

        fn times(&self) -> Vec<u64> {
            self.writes.borrow().iter().map(|(time, _)| *time - NOW).collect()
        }
    }

    fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Schedules a deadline whose write succeeds at once.
    fn schedule(alarm: &Alarm<&FakeStorage>, deadline: Deadline, time: u64, now: u64) {
        let mut future = pin!(alarm.schedule(deadline, time, now));
        if poll(future.as_mut()).is_pending() {
            let last = alarm.storage.writes.borrow().len() - 1;
            alarm.storage.answer(last, true);
            assert!(matches!(poll(future), Poll::Ready(Ok(()))));
        }
    }

    #[test]
    fn a_deadline_counts_only_once_the_platform_accepts_it() {
        let storage = FakeStorage::default();
        let alarm = Alarm::new(&storage);
        let mut first = pin!(alarm.schedule(Deadline::Recovery, NOW + 5, NOW));
        assert!(poll(first.as_mut()).is_pending());
        let mut second = pin!(alarm.schedule(Deadline::Publish, NOW + 7, NOW));
        assert!(
            poll(second.as_mut()).is_pending(),
            "nothing is accepted yet, so the second turn waits for a write too"
        );
        storage.answer(0, false);
        assert!(matches!(poll(first), Poll::Ready(Err(_))));
        storage.answer(1, true);
        assert!(matches!(poll(second), Poll::Ready(Ok(()))));
        assert_eq!(storage.alarm.get(), Some(NOW + 5), "the deadline of the turn that failed is not lost");
        schedule(&alarm, Deadline::Prune, NOW + 6, NOW);
        assert_eq!(storage.times(), [5, 5], "an alarm that was accepted is not written again");
    }

    /// Two turns at once, with every order of the two times, of the answers, and of what they are: a turn that succeeds has an alarm that
    /// is early enough for both.
    #[test]
    fn two_turns_at_once_both_end_with_a_set_alarm() {
        for (times, answers, order) in [[5, 7], [7, 5], [5, 5]].into_iter().flat_map(|times| {
            let answers = [[true, true], [true, false], [false, true], [false, false]];
            answers.into_iter().flat_map(move |answers| [[0, 1], [1, 0]].map(|order| (times, answers, order)))
        }) {
            let storage = FakeStorage::default();
            let alarm = Alarm::new(&storage);
            let mut first = pin!(alarm.schedule(Deadline::Recovery, NOW + times[0], NOW));
            let mut second = pin!(alarm.schedule(Deadline::Prune, NOW + times[1], NOW));
            let mut results = [poll(first.as_mut()), poll(second.as_mut())];
            for number in order {
                storage.answer(number, answers[number]);
                if number == 0 && results[0].is_pending() {
                    results[0] = poll(first.as_mut());
                }
                if number == 1 && results[1].is_pending() {
                    results[1] = poll(second.as_mut());
                }
            }
            for (result, time) in results.iter().zip(times) {
                let Poll::Ready(result) = result else { panic!("{times:?} {answers:?} {order:?}: a turn still waits") };
                let is_set = storage.alarm.get().is_some_and(|alarm| alarm <= NOW + time);
                assert!(result.is_err() || is_set, "{times:?} {answers:?} {order:?}: {:?}", storage.alarm.get());
            }
            // Whatever failed is made up for by the next turn.
            schedule(&alarm, Deadline::Publish, NOW + 9, NOW);
            assert_eq!(storage.alarm.get(), Some(NOW + 5), "{times:?} {answers:?} {order:?}");
        }
    }

    #[test]
    fn the_alarm_is_the_earliest_deadline_and_later_ones_follow() {
        let storage = FakeStorage::default();
        let alarm = Alarm::new(&storage);
        schedule(&alarm, Deadline::Prune, NOW + 90, NOW);
        schedule(&alarm, Deadline::Recovery, NOW + 5, NOW);
        schedule(&alarm, Deadline::Publish, NOW + 40, NOW + 1);
        schedule(&alarm, Deadline::Recovery, NOW + 6, NOW + 1);
        assert_eq!(storage.times(), [90, 5]);
        for (fired, next) in [(5, 40), (40, 90)] {
            alarm.mark_fired(NOW + fired);
            let mut set = pin!(alarm.set(NOW + fired));
            assert!(poll(set.as_mut()).is_pending());
            let last = storage.writes.borrow().len() - 1;
            storage.answer(last, true);
            assert!(matches!(poll(set), Poll::Ready(Ok(()))));
            assert_eq!(storage.alarm.get(), Some(NOW + next));
        }
        alarm.mark_fired(NOW + 90);
        assert!(matches!(poll(pin!(alarm.set(NOW + 90))), Poll::Ready(Ok(()))), "no deadline is left");
        assert_eq!(storage.times(), [90, 5, 40, 90]);
    }

    #[test]
    fn an_alarm_of_a_previous_instance_is_not_replaced_by_a_later_one() {
        let storage = FakeStorage { alarm: Cell::new(Some(NOW + 50)), ..FakeStorage::default() };
        let alarm = Alarm::new(&storage);
        assert!(matches!(poll(pin!(alarm.load())), Poll::Ready(Ok(()))));
        schedule(&alarm, Deadline::Prune, NOW + 90, NOW);
        assert_eq!(storage.times(), [50]);
        schedule(&alarm, Deadline::Recovery, NOW + 5, NOW);
        assert_eq!(storage.times(), [50, 5]);
        // An alarm whose time has passed may have fired already.
        schedule(&alarm, Deadline::Prune, NOW + 90, NOW + 6);
        assert_eq!(storage.times(), [50, 5, 5]);
    }
}
