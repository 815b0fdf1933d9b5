//! A trace of the page's main thread: how long each task took.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The events that a trace needs: tasks, what they did, and the marks of a test.
pub(super) const TRACE_CATEGORIES: &str = "disabled-by-default-devtools.timeline,devtools.timeline,blink.user_timing";

/// A process and a thread of it.
type Thread = (i64, i64);

/// A part of the time of a thread, in milliseconds since some start.
#[derive(Clone, Debug)]
struct Span {
    name: String,
    start: f64,
    duration: f64,
    /// The part of the duration in which a processor worked for it. Other processes do not change that.
    work: f64,
}

/// The work of the page's main thread.
#[derive(Debug, Default)]
pub struct Trace {
    /// Tasks, and inside of them what took time.
    spans: Vec<Span>,
    /// The marks that the page has set by `performance.mark`, and their times.
    marks: BTreeMap<String, f64>,
}

impl Trace {
    /// Reads the events of a log.
    pub(super) fn parse<'a>(log: impl Iterator<Item = &'a str>) -> Self {
        let mut trace = Self::default();
        let mut threads: BTreeMap<Thread, Vec<Span>> = BTreeMap::new();
        let mut marking = BTreeSet::new();
        for message in log {
            let Ok(event) = serde_json::from_str::<Value>(message) else { continue };
            if event["message"]["method"] != "Tracing.dataCollected" {
                continue;
            }
            let event = &event["message"]["params"];
            let number = |key: &str| event[key].as_f64().unwrap_or_default();
            let thread = (event["pid"].as_i64().unwrap_or_default(), event["tid"].as_i64().unwrap_or_default());
            let (name, start) = (event["name"].as_str().unwrap_or_default().to_owned(), number("ts") / 1000.0);
            if event["cat"] == "blink.user_timing" {
                marking.insert(thread);
                trace.marks.insert(name, start);
            } else if event["ph"] == "X" {
                let [duration, work] = ["dur", "tdur"].map(|key| number(key) / 1000.0);
                threads.entry(thread).or_default().push(Span { name, start, duration, work });
            }
        }
        // The page's main thread is the one that sets the marks.
        trace.spans =
            threads.into_iter().filter(|(thread, _)| marking.contains(thread)).flat_map(|(_, spans)| spans).collect();
        trace
    }

    /// The work of each task between two marks, in milliseconds.
    ///
    /// # Panics
    ///
    /// If there is no such mark.
    pub fn tasks(&self, from: &str, to: &str) -> Vec<f64> {
        self.between(from, to).filter(|span| span.name == "RunTask").map(|span| span.work).collect()
    }

    fn between(&self, from: &str, to: &str) -> impl Iterator<Item = &Span> {
        let [from, to] =
            [from, to].map(|mark| *self.marks.get(mark).unwrap_or_else(|| panic!("no mark {mark}: {:?}", self.marks)));
        self.spans.iter().filter(move |span| span.start + span.duration > from && span.start < to)
    }

    /// The work of the longest task between two marks, in milliseconds, and what took most of it.
    pub fn longest_task(&self, from: &str, to: &str) -> (f64, String) {
        let tasks = self.between(from, to).filter(|span| span.name == "RunTask");
        let Some(longest) = tasks.max_by(|one, other| one.work.total_cmp(&other.work)) else {
            return (0.0, String::new());
        };
        let end = longest.start + longest.duration;
        let mut parts: BTreeMap<&str, f64> = BTreeMap::new();
        for span in
            self.spans.iter().filter(|span| span.name != "RunTask" && span.start >= longest.start && span.start < end)
        {
            *parts.entry(&span.name).or_default() += span.work;
        }
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_by(|one, other| other.1.total_cmp(&one.1));
        let parts: Vec<_> = parts.iter().take(5).map(|(name, time)| format!("{name} {time:.1}")).collect();
        (longest.work, parts.join(", "))
    }
}
