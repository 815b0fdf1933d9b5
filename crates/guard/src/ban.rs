//! Who is not to be published on a site any more. A ban sends comments to the queue; its author is told what everybody is told.

use crate::{PatternError, Patterns};

/// By what somebody is banned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BanBy {
    /// The keyed hash of the author key.
    Author,
    /// The seal of the network, of the day it was banned: the ban ends with the day after.
    Prefix,
    /// A pattern for the name.
    Name,
    /// A pattern for the e-mail address.
    Email,
}

impl BanBy {
    /// Every way there is.
    pub const ALL: [Self; 4] = [Self::Author, Self::Prefix, Self::Name, Self::Email];

    /// The name under which it is stored, and which the moderator reads.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Prefix => "network",
            Self::Name => "name",
            Self::Email => "email",
        }
    }

    /// The way of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }
}

/// What is known of whoever posts.
#[derive(Clone, Copy, Debug)]
pub struct Suspect<'a> {
    /// The keyed hash of the author key.
    pub author: Option<&'a str>,
    /// The seals of the network, of today and of yesterday.
    pub prefixes: &'a [String],
    /// The name; may be empty.
    pub name: &'a str,
    /// The e-mail address.
    pub email: Option<&'a str>,
}

/// One ban: by what, and which.
#[derive(Clone, Debug)]
pub struct Ban(Rule);

#[derive(Clone, Debug)]
enum Rule {
    Author(String),
    Prefix(String),
    Name(Patterns),
    Email(Patterns),
}

impl Ban {
    /// Reads a ban: a hash or a seal as it is, a pattern for a name or an address as a whole (`*@spam.example`).
    ///
    /// # Errors
    ///
    /// [`PatternError`], for a pattern that is none.
    pub fn parse(by: BanBy, value: &str) -> Result<Self, PatternError> {
        let value = value.trim();
        if value.is_empty() {
            return Err(PatternError::Empty(1));
        }
        Ok(Self(match by {
            BanBy::Author => Rule::Author(value.to_owned()),
            BanBy::Prefix => Rule::Prefix(value.to_owned()),
            BanBy::Name => Rule::Name(Patterns::whole(value)?),
            BanBy::Email => Rule::Email(Patterns::whole(value)?),
        }))
    }

    /// Whether it is meant for whoever posts.
    pub fn is_for(&self, suspect: &Suspect<'_>) -> bool {
        match &self.0 {
            Rule::Author(hash) => suspect.author == Some(hash),
            Rule::Prefix(seal) => suspect.prefixes.contains(seal),
            Rule::Name(pattern) => pattern.find(suspect.name).is_some(),
            Rule::Email(pattern) => suspect.email.is_some_and(|email| pattern.find(email).is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_banned(by: BanBy, value: &str) -> bool {
        let prefixes = ["today".to_owned(), "yesterday".to_owned()];
        let suspect =
            Suspect { author: Some("hash"), prefixes: &prefixes, name: "Dr. Spam", email: Some("a@spam.example") };
        let nobody = Suspect { author: None, prefixes: &[], name: "", email: None };
        let ban = Ban::parse(by, value).unwrap();
        assert!(!ban.is_for(&nobody), "{value} is for nobody");
        ban.is_for(&suspect)
    }

    #[test]
    fn a_ban_is_for_whom_it_names() {
        let (banned, others): ([_; 8], [_; 8]) = (
            [
                (BanBy::Author, "hash"),
                (BanBy::Author, " hash "),
                (BanBy::Prefix, "today"),
                (BanBy::Prefix, "yesterday"),
                (BanBy::Name, "dr. spam"),
                (BanBy::Name, "*spam*"),
                (BanBy::Email, "*@SPAM.example"),
                (BanBy::Email, "a@*"),
            ],
            [
                (BanBy::Author, "today"),
                (BanBy::Author, "has"),
                (BanBy::Author, "h*"),
                (BanBy::Prefix, "hash"),
                (BanBy::Name, "spam"),
                (BanBy::Name, "a@spam.example"),
                (BanBy::Email, "spam.example"),
                (BanBy::Email, "*@spam"),
            ],
        );
        assert!(banned.into_iter().all(|(by, value)| is_banned(by, value)));
        for (by, value) in others {
            assert!(!is_banned(by, value), "{by:?} {value}");
        }
    }

    #[test]
    fn nobody_bans_everybody_by_accident() {
        for (by, value) in [(BanBy::Name, "*"), (BanBy::Email, "*@*"), (BanBy::Author, " "), (BanBy::Prefix, "")] {
            assert_eq!(Ban::parse(by, value).map(drop), Err(PatternError::Empty(1)), "{by:?}");
        }
    }

    #[test]
    fn ways_are_known_by_their_codes() {
        assert!(BanBy::ALL.into_iter().all(|by| BanBy::from_code(by.code()) == Some(by)));
        assert_eq!(BanBy::from_code("Author"), None);
    }
}
