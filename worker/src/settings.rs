//! The Worker's settings, checked once when it starts.

use std::sync::OnceLock;

use afterword_guard::{Moderators, SigningKey};
use afterword_model::{Moderation, Sites};
use url::Url;
use worker::Env;

/// Default of `PROOF_BITS`: 2^17 hashes, which take a tenth of a second in an ordinary browser and half a second in one that is six times
/// slower (medians of `tests/browser/proof_of_work.rs`).
const DEFAULT_PROOF_BITS: u8 = 17;
/// Maximum of `PROOF_BITS`: a minute of work, more than a reader waits for.
const MAX_PROOF_BITS: u8 = 26;
/// Default of `KV_WRITES`: the quota of Cloudflare's free plan (its documentation, "KV pricing").
const DEFAULT_KV_WRITES: u32 = 1_000;
/// Minimum number of daily KV writes for each site, however many sites share them: fewer could not be spread over a day.
const MIN_WRITES_PER_SITE: u32 = 10;

/// Names and descriptions of all settings. The table in the documentation is tested against this list.
pub const ALL: &[(&str, &str)] = &[
    ("SITES", "the blogs to serve: `origin` or `origin=alias,alias`, separated by spaces"),
    (
        "MODERATION",
        "`open` publishes every comment at once, `first` (the default) holds an author's first comment, `all` holds every comment",
    ),
    (
        "SIGNING_KEY",
        "a secret of at least 32 random characters; author keys and networks are stored only as hashes made with it",
    ),
    (
        "ADMIN_SECRETS",
        "the moderators: `name:secret` pairs, separated by spaces or commas; without it nobody can moderate, export or restore",
    ),
    (
        "PROOF_BITS",
        "the size of the puzzle that a browser solves before it posts: from `1` to `26`, the default is `17`, and each step doubles the \
         work; `0` turns the puzzle off, and then a comment costs a spammer nothing",
    ),
    (
        "RATE_LIMITS",
        "`on` (the default) limits the comments of one author, one network and one site; `off` turns off every limit, including \
         `KV_WRITES`, and the detection of floods and repeated texts",
    ),
    (
        "KV_WRITES",
        "the writes to Workers KV that all blogs together may use in a day: `1000` (the default) on the free plan, `0` for no limit on a \
         paid plan; when many people comment, the writes are spread over the day",
    ),
    (
        "SECURITY_CONTACT",
        "contacts for vulnerability reports: `mailto:` or `https:` addresses, separated by spaces; published in \
         `/.well-known/security.txt`",
    ),
];

/// The settings, all of them valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The blogs to serve.
    pub sites: Sites,
    /// Moderation of new comments, unless a site has its own.
    pub moderation: Moderation,
    /// Secret key of this deployment.
    pub signing_key: SigningKey,
    /// Names and secrets of the moderators.
    pub moderators: Moderators,
    /// Difficulty of the proof of work, in bits, as in `afterword_guard::ChallengeParams`; 0 for no proof.
    pub proof_bits: u8,
    /// True if rate limits apply.
    pub rate_limits: bool,
    /// Daily KV writes of all sites together; 0 for no limit.
    pub kv_writes: u32,
    /// Contacts for vulnerability reports. May be empty.
    pub security_contacts: Vec<String>,
}

impl Settings {
    /// Parses all settings. Reports every invalid one, so that an owner can correct them all at once.
    ///
    /// # Errors
    ///
    /// One sentence for each invalid setting, beginning with its name.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> std::result::Result<Self, Vec<String>> {
        let value_of =
            |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut problems = Vec::new();
        let sites = Sites::parse(&value_of("SITES").unwrap_or_default()).map_err(|error| format!("SITES {error}."));
        let sites = collect_problem(sites, &mut problems);
        let moderation = value_of("MODERATION").map_or(Ok(Moderation::default()), |value| {
            value.parse().map_err(|_| format!("MODERATION is {value:?}; it takes \"open\", \"first\" or \"all\"."))
        });
        let moderation = collect_problem(moderation, &mut problems);
        let signing_key = value_of("SIGNING_KEY")
            .ok_or_else(|| "SIGNING_KEY is missing; set it to at least 32 random characters.".to_owned())
            .and_then(|value| SigningKey::parse(&value).map_err(|error| format!("SIGNING_KEY {error}.")));
        let signing_key = collect_problem(signing_key, &mut problems);
        let moderators = Moderators::parse(&value_of("ADMIN_SECRETS").unwrap_or_default())
            .map_err(|error| format!("ADMIN_SECRETS {error}."));
        let moderators = collect_problem(moderators, &mut problems);
        let proof_bits = collect_problem(parse_proof_bits(value_of("PROOF_BITS")), &mut problems);
        let rate_limits =
            collect_problem(parse_switch("RATE_LIMITS", value_of("RATE_LIMITS").as_deref()), &mut problems);
        let kv_writes = collect_problem(parse_kv_writes(value_of("KV_WRITES")), &mut problems);
        let contacts =
            collect_problem(parse_security_contacts(&value_of("SECURITY_CONTACT").unwrap_or_default()), &mut problems);
        match (sites, moderation, signing_key, moderators, proof_bits, rate_limits, kv_writes, contacts) {
            (
                Some(sites),
                Some(moderation),
                Some(signing_key),
                Some(moderators),
                Some(proof_bits),
                Some(rate_limits),
                Some(kv_writes),
                Some(security_contacts),
            ) => Ok(Self {
                sites,
                moderation,
                signing_key,
                moderators,
                proof_bits,
                rate_limits,
                kv_writes,
                security_contacts,
            }),
            _ => Err(problems),
        }
    }

    /// Daily KV writes for each site, if they are limited.
    pub(crate) fn daily_writes_per_site(&self) -> Option<u32> {
        let sites = u32::try_from(self.sites.iter().count()).unwrap_or(u32::MAX).max(1);
        (self.rate_limits && self.kv_writes > 0).then_some((self.kv_writes / sites).max(MIN_WRITES_PER_SITE))
    }
}

/// Returns the value, or adds its problem to the list.
fn collect_problem<T>(read: std::result::Result<T, String>, problems: &mut Vec<String>) -> Option<T> {
    read.map_err(|problem| problems.push(problem)).ok()
}

/// Parses a switch that is on by default.
fn parse_switch(name: &str, value: Option<&str>) -> std::result::Result<bool, String> {
    match value {
        None | Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(value) => Err(format!("{name} is {value:?}; it takes \"on\" or \"off\".")),
    }
}

fn parse_proof_bits(value: Option<String>) -> std::result::Result<u8, String> {
    let Some(value) = value else { return Ok(DEFAULT_PROOF_BITS) };
    value
        .parse()
        .ok()
        .filter(|bits| *bits <= MAX_PROOF_BITS)
        .ok_or_else(|| format!("PROOF_BITS is {value:?}; it takes a number from 0 to {MAX_PROOF_BITS}."))
}

fn parse_kv_writes(value: Option<String>) -> std::result::Result<u32, String> {
    let Some(value) = value else { return Ok(DEFAULT_KV_WRITES) };
    let invalid = |_| format!("KV_WRITES is {value:?}; it takes a number, 0 for no limit.");
    value.parse().map_err(invalid)
}

fn parse_security_contacts(value: &str) -> std::result::Result<Vec<String>, String> {
    let is_contact = |word: &str| {
        let address = word.strip_prefix("mailto:").map(|mail| mail.contains('@'));
        address.unwrap_or(word.starts_with("https://"))
            && word.chars().all(|char| char.is_ascii_graphic())
            && Url::parse(word).is_ok()
    };
    match value.split_whitespace().find(|word| !is_contact(word)) {
        Some(word) => Err(format!(
            "SECURITY_CONTACT has {word:?}; it takes addresses such as mailto:ada@blog.example or https://blog.example/security."
        )),
        None => Ok(value.split_whitespace().map(str::to_owned).collect()),
    }
}

/// The settings of this Worker, read once: a deployment's variables never change while it runs.
pub(crate) fn load(env: &Env) -> std::result::Result<&'static Settings, &'static [String]> {
    static SETTINGS: OnceLock<std::result::Result<Settings, Vec<String>>> = OnceLock::new();
    let read = || Settings::read(|name| env.var(name).ok().map(|value| value.to_string()));
    SETTINGS.get_or_init(read).as_ref().map_err(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page that documents the settings, and the heading of their table.
    const DOCUMENTATION: &str = include_str!("../../docs/src/settings.md");
    const HEADING: &str = "# Settings";

    fn read(variables: &[(&str, &str)]) -> std::result::Result<Settings, Vec<String>> {
        Settings::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    const KEY: (&str, &str) = ("SIGNING_KEY", "0123456789abcdef0123456789abcdef");

    #[test]
    fn a_site_and_a_key_are_enough() {
        let settings = read(&[("SITES", "https://blog.example"), KEY]).unwrap();
        assert_eq!(settings.moderation, Moderation::First);
        assert!(settings.sites.resolve_post("http://blog.example/post").is_ok());
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let wrong = [
            ("MODERATION", "maybe"),
            ("SIGNING_KEY", "short"),
            ("ADMIN_SECRETS", "ada:short"),
            ("PROOF_BITS", "x"),
            ("RATE_LIMITS", "yes"),
            ("KV_WRITES", "many"),
            ("SECURITY_CONTACT", "x"),
        ];
        let problems = read(&wrong).unwrap_err();
        let names: Vec<_> = problems.iter().map(|problem| problem.split(' ').next().unwrap()).collect();
        let all: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, all);
        assert!(problems.iter().all(|problem| problem.ends_with('.')), "{problems:?}");
        assert!(!problems.concat().contains("short\""), "problems do not repeat a secret");
    }

    #[test]
    fn proof_bits_is_a_number_up_to_26() {
        let with = |bits| {
            read(&[("SITES", "https://blog.example"), KEY, ("PROOF_BITS", bits)]).map(|settings| settings.proof_bits)
        };
        for (text, bits) in [("", 17), ("0", 0), (" 1 ", 1), ("26", 26)] {
            assert_eq!(with(text), Ok(bits), "{text}");
        }
        for bad in ["27", "-1", "17.0", "off", "1000"] {
            assert!(with(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn security_contacts_are_mailto_or_https_addresses() {
        let with = |contacts| {
            let settings = read(&[("SITES", "https://blog.example"), KEY, ("SECURITY_CONTACT", contacts)]);
            settings.map(|settings| settings.security_contacts)
        };
        assert_eq!(with(""), Ok(Vec::new()));
        let two = "mailto:ada@blog.example  https://blog.example/security";
        assert_eq!(
            with(two),
            Ok(vec!["mailto:ada@blog.example".to_owned(), "https://blog.example/security".to_owned()])
        );
        for bad in [
            "ada@blog.example",
            "mailto:ada",
            "http://blog.example",
            "https://",
            "javascript:alert(1)",
            "mailto:a@b,Contact:x\u{7f}",
        ] {
            assert!(with(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_empty_setting_counts_as_unset() {
        assert!(read(&[("SITES", "https://blog.example"), ("MODERATION", " "), ("ADMIN_SECRETS", " "), KEY]).is_ok());
        assert_eq!(read(&[("SITES", "  "), KEY]).unwrap_err().len(), 1);
    }

    #[test]
    fn the_documentation_lists_all_settings() {
        let section = DOCUMENTATION.split(HEADING).nth(1).unwrap();
        let table = section.split("\n## ").next().unwrap();
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
        let expected: Vec<String> =
            ALL.iter().map(|(name, description)| format!("| `{name}` | {description} |")).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn all_settings_that_are_read_are_listed() {
        let requested = std::cell::RefCell::new(Vec::new());
        let read = Settings::read(|name| {
            requested.borrow_mut().push(name.to_owned());
            None
        });
        assert!(read.is_err());
        let listed: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        assert_eq!(*requested.borrow(), listed);
    }

    #[test]
    fn daily_kv_writes_are_shared_by_the_sites() {
        let writes = |sites, more: &[(&str, &str)]| {
            read(&[&[("SITES", sites), KEY], more].concat()).unwrap().daily_writes_per_site()
        };
        assert_eq!(writes("https://a.example", &[]), Some(1_000));
        assert_eq!(writes("https://a.example https://b.example", &[]), Some(500));
        assert_eq!(writes("https://a.example", &[("KV_WRITES", "50000")]), Some(50_000));
        assert_eq!(writes("https://a.example", &[("KV_WRITES", "0")]), None);
        assert_eq!(writes("https://a.example", &[("RATE_LIMITS", "off")]), None);
    }
}
