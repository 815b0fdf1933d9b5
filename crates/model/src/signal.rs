//! What about a comment says that it may be spam: the words under which it is stored, and those that a moderator reads.

macro_rules! signals {
    ($($(#[doc = $doc:literal])+ $name:ident $code:literal $holds:literal $text:literal;)+) => {
        /// One reason to look twice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Signal { $($(#[doc = $doc])+ $name,)+ }

        impl Signal {
            /// Every signal there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name under which it is stored; never changes once released.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Whether a comment with it waits, whatever the site's policy is.
            pub const fn holds(self) -> bool {
                match self { $(Self::$name => $holds,)+ }
            }

            /// What a moderator reads, with `{}` where the detail belongs.
            const fn explanation_template(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

signals! {
    /// It came without a proof of work.
    NoProof "no_proof" true "Sent without a proof of work: by a browser without JavaScript, or by a program.";
    /// Something was in a field that readers do not see.
    HiddenField "hidden_field" true "A field that readers do not see was filled in, as programs do.";
    /// There was no time to write it; the detail is the seconds.
    TooFast "too_fast" true "Written and sent within seconds ({}).";
    /// It holds many links; the detail is their number.
    ManyLinks "many_links" true "Many links ({}).";
    /// It holds words that the site has muted; the detail is the pattern.
    MutedWord "muted_word" true "Holds a muted word ({}).";
    /// The same text was posted on this site before.
    Repeated "repeated" true "The same text was posted here before.";
    /// Its author or network posts a lot at the moment; the detail is which.
    Many "many" true "One of many comments in a short time, by one {}.";
    /// Its author is banned; the detail is by what.
    Banned "banned" true "From somebody who is banned, by {}.";
    /// The author key has no published comment on this site; the site's policy says what that means.
    FirstComment "first_comment" false "The first comment of this author.";
}

/// A signal on a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalDetail {
    /// What it is.
    pub signal: Signal,
    /// The number or word that belongs to it; may be empty.
    pub detail: String,
}

impl SignalDetail {
    /// A signal with its detail.
    pub fn new(signal: Signal, detail: impl Into<String>) -> Self {
        Self { signal, detail: detail.into() }
    }

    /// Reads what [`std::fmt::Display`] wrote; none for a signal that this version does not know.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, detail) = text.split_once(':').unwrap_or((text, ""));
        let signal = Signal::ALL.iter().find(|signal| signal.code() == code)?;
        Some(Self::new(*signal, detail))
    }

    /// What a moderator reads beside the comment. The detail is text like any other: whoever draws it escapes it.
    pub fn explanation(&self) -> String {
        self.signal.explanation_template().replace("{}", &self.detail)
    }
}

/// The code, and behind a colon the detail: how it is stored.
impl std::fmt::Display for SignalDetail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.signal.code())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ":{}", self.detail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_signals_round_trip() {
        for signal in Signal::ALL {
            for detail in ["", "7", "a:b *c*"] {
                let finding = SignalDetail::new(*signal, detail);
                assert_eq!(SignalDetail::parse(&finding.to_string()), Some(finding.clone()));
                assert!(finding.explanation().ends_with('.') && !finding.explanation().contains('{'), "{finding}");
            }
        }
        assert_eq!(SignalDetail::parse("unheard_of:1"), None);
        assert_eq!(SignalDetail::new(Signal::MutedWord, "viagr*").explanation(), "Holds a muted word (viagr*).");
    }

    #[test]
    fn stored_codes_never_change() {
        let codes: Vec<_> = Signal::ALL.iter().map(|signal| signal.code()).collect();
        let released = "no_proof hidden_field too_fast many_links muted_word repeated many banned first_comment";
        assert_eq!(codes.join(" "), released);
        let quiet: Vec<_> = Signal::ALL.iter().filter(|signal| !signal.holds()).collect();
        assert_eq!(quiet, [&Signal::FirstComment]);
    }
}
