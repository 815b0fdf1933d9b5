//! The sum of what the uploads of an import brought.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Counts of all responses to the uploads of one import.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportTotals {
    counts: BTreeMap<String, u64>,
    /// Names of the settings that the file sets.
    settings: Vec<String>,
}

impl ImportTotals {
    /// Adds the response to an upload, a JSON object.
    ///
    /// # Errors
    ///
    /// If it is not one.
    pub fn add(&mut self, response: &str) -> Result<(), serde_json::Error> {
        let response: Map<String, Value> = serde_json::from_str(response)?;
        for (name, value) in response.iter().filter_map(|(name, value)| Some((name, value.as_u64()?))) {
            *self.counts.entry(name.clone()).or_default() += value;
        }
        let settings = response.get("changed_settings").and_then(Value::as_array).into_iter().flatten();
        self.settings.extend(settings.filter_map(Value::as_str).map(|name| name.escape_debug().to_string()));
        Ok(())
    }

    /// A sum by its name in the responses; 0 if none has it.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// Formats the result in one sentence.
    #[must_use]
    pub fn describe(&self, dry_run: bool) -> String {
        let (settings, count) = (&self.settings, |name: &str| self.count(name));
        let verb = if dry_run { "would bring" } else { "brought" };
        let mut text = format!("{verb} {} comments in {} new threads", count("comments"), count("threads"));
        for (name, words) in [
            ("owner_comments", "of them with the badge of the blog's owner"),
            ("pinned_comments", "of them pinned"),
            ("votes", "votes"),
            ("moved", "former addresses"),
            ("bans", "bans"),
            ("audited", "entries of the log"),
        ] {
            if count(name) > 0 {
                text += &format!(", {} {words}", count(name));
            }
        }
        if !settings.is_empty() {
            text += &format!(", settings: {}", settings.join(", "));
        }
        if count("renumbered") > 0 {
            text += &format!("; {} comments have another number, since theirs was taken", count("renumbered"));
        }
        if count("refused") > 0 {
            text += &format!(
                "; {} comments hold more markup than is taken today, and are shown as plain text",
                count("refused")
            );
        }
        if count("known") > 0 {
            text += &format!("; {} lines were there already", count("known"));
        }
        if count("invalid_rules") > 0 {
            text += &format!(
                ".\nWarning: {} of the bans and muted words cannot be read by this version. Every new comment will wait for a moderator \
             until you lift these bans or send the muted words again",
                count("invalid_rules")
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn totals(answer: &Value) -> ImportTotals {
        let mut totals = ImportTotals::default();
        totals.add(&answer.to_string()).unwrap();
        totals
    }

    #[test]
    fn result_is_summarized() {
        let check = |sum: Value, dry_run, expected: &str| {
            assert_eq!(totals(&sum).describe(dry_run), expected);
        };
        check(json!({}), true, "would bring 0 comments in 0 new threads");
        check(
            json!({"comments": 3, "threads": 1, "votes": 2, "renumbered": 1, "refused": 2, "known": 9}),
            false,
            "brought 3 comments in 1 new threads, 2 votes; 1 comments have another number, since theirs was taken; 2 comments hold \
             more markup than is taken today, and are shown as plain text; 9 lines were there already",
        );
        check(
            json!({"bans": 2, "invalid_rules": 1}),
            true,
            "would bring 0 comments in 0 new threads, 2 bans.\nWarning: 1 of the bans and muted words cannot be read by this version. \
             Every new comment will wait for a moderator until you lift these bans or send the muted words again",
        );
        let sum = json!({
            "comments": 3, "owner_comments": 2, "pinned_comments": 1, "bans": 4, "changed_settings": ["moderation", "muted"]
        });
        assert_eq!(
            totals(&sum).describe(true),
            "would bring 3 comments in 0 new threads, 2 of them with the badge of the blog's owner, 1 of them pinned, 4 bans, settings: \
             moderation, muted"
        );
    }

    #[test]
    fn counts_of_all_uploads_are_added() {
        let mut totals = totals(&json!({"comments": 3, "known": 1}));
        totals.add(r#"{"comments": 2, "threads": 1, "changed_settings": ["muted"]}"#).unwrap();
        assert_eq!((totals.count("comments"), totals.count("known"), totals.count("votes")), (5, 1, 0));
        assert!(totals.add("[]").is_err() && totals.add("").is_err());
    }
}
