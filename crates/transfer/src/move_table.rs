//! Formatting of the results of `remap`.

use afterword_ledger::{MoveOutcome, RemapStep};

/// The possible outcomes in the order of display, each with the text for one thread and the text for the summary.
const OUTCOMES: [(MoveOutcome, &str, &str); 8] = [
    (MoveOutcome::Renamed, "moves", "moving"),
    (MoveOutcome::Merged, "joins the comments there", "joining the comments at the new address"),
    (
        MoveOutcome::Blocked,
        "stays: move it by itself",
        "staying, since the rule would apply again (move them by themselves)",
    ),
    (MoveOutcome::TooLong, "stays: too long an address", "staying, since the new address is too long"),
    (MoveOutcome::Circle, "leads in a circle", "leading in a circle"),
    (MoveOutcome::Ambiguous, "has two new addresses", "with two new addresses"),
    (MoveOutcome::Done, "has moved already", "moved already"),
    (MoveOutcome::Absent, "has no comments", "without comments"),
];

/// Returns true for outcomes that are hidden by default: lists contain all posts of a blog, and few have comments.
fn is_unchanged(moving: MoveOutcome) -> bool {
    matches!(moving, MoveOutcome::Done | MoveOutcome::Absent)
}

/// Formats the steps as a table, in the order of outcomes and then those with most comments first. Leaves out steps without an effect unless `all` is
/// set. Empty without steps. Addresses are shown without the host.
#[must_use]
pub fn render_steps(steps: &[RemapStep], all: bool) -> String {
    let mut shown: Vec<&RemapStep> = steps.iter().filter(|step| all || !is_unchanged(step.outcome)).collect();
    shown.sort_by_key(|step| (rank(step.outcome), std::cmp::Reverse(step.comments)));
    let lines: Vec<[String; 4]> = shown.into_iter().map(row).collect();
    if lines.is_empty() {
        return String::new();
    }
    let heading = ["comments", "what happens", "old address", "new address"].map(str::to_owned);
    let lines: Vec<[String; 4]> = std::iter::once(heading).chain(lines).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let (comments, what, from) = (width(0), width(1), width(2));
    let draw =
        |[number, kind, old, new]: &[String; 4]| format!("{number:>comments$}  {kind:<what$}  {old:<from$}  {new}\n");
    lines.iter().map(draw).collect()
}

fn row(step: &RemapStep) -> [String; 4] {
    let what = OUTCOMES[rank(step.outcome)].1;
    [step.comments.to_string(), what.to_owned(), path(step.post.from.as_str()), path(step.post.to.as_str())]
}

fn rank(moving: MoveOutcome) -> usize {
    OUTCOMES.iter().position(|(kind, ..)| *kind == moving).unwrap_or_default()
}

/// The part of an address after its host.
fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..]).to_owned()
}

/// Summarizes all steps in a few lines.
#[must_use]
pub fn summarize_steps(steps: &[RemapStep], dry_run: bool) -> String {
    let moved: Vec<&RemapStep> =
        steps.iter().filter(|step| matches!(step.outcome, MoveOutcome::Renamed | MoveOutcome::Merged)).collect();
    let comments: u64 = moved.iter().map(|step| u64::from(step.comments)).sum();
    let verb = if dry_run { "would move" } else { "moved" };
    let mut text = format!("{verb} {} with {}", count_noun(moved.len(), "post"), count_noun(comments, "comment"));
    for (kind, _, words) in OUTCOMES {
        let count = steps.iter().filter(|step| step.outcome == kind).count();
        if count > 0 && kind != MoveOutcome::Renamed {
            text += &format!("\n  {words}: {count}");
        }
    }
    text
}

pub(crate) fn count_noun(count: impl TryInto<u64>, noun: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use afterword_ledger::PostMove;
    use afterword_model::PostUrl;

    use super::*;

    fn step(from: &str, to: &str, comments: u32, moving: MoveOutcome) -> RemapStep {
        let url = |path: &str| PostUrl::parse(&format!("https://blog.example:8443{path}")).unwrap();
        RemapStep { post: PostMove { from: url(from), to: url(to) }, comments, outcome: moving }
    }

    fn steps() -> [RemapStep; 5] {
        [
            step("/none", "/a", 0, MoveOutcome::Absent),
            step("/2019/x?p=1", "/x", 3, MoveOutcome::Renamed),
            step("/ü", "/b", 1, MoveOutcome::Merged),
            step("/", "/blog", 12, MoveOutcome::Renamed),
            step("/c", "/c", 7, MoveOutcome::Done),
        ]
    }

    #[test]
    fn steps_are_shown_in_columns() {
        let expected = "\
comments  what happens              old address  new address
      12  moves                     /            /blog
       3  moves                     /2019/x?p=1  /x
       1  joins the comments there  /%C3%BC      /b
";
        assert_eq!(render_steps(&steps(), false), expected);
        let all = render_steps(&steps(), true);
        assert!(all.contains("\n       0  has no comments           /none        /a\n"), "{all}");
        assert_eq!(all.lines().count(), 6);
        assert_eq!(render_steps(&steps()[..1], false), "");
    }

    #[test]
    fn steps_are_summarized_in_a_few_lines() {
        let expected = "would move 3 posts with 16 comments\n  joining the comments at the new address: 1\n  \
                        moved already: 1\n  without comments: 1";
        assert_eq!(summarize_steps(&steps(), true), expected);
        assert_eq!(summarize_steps(&steps()[2..3], false).lines().next(), Some("moved 1 post with 1 comment"));
        assert_eq!(summarize_steps(&[], false), "moved 0 posts with 0 comments");
    }
}
