//! The Worker's variables, checked once when it starts.

use std::sync::OnceLock;

use afterword_guard::{Moderators, SigningKey};
use afterword_model::{Moderation, Sites};
use url::Url;
use worker::Env;

/// The work of a comment where the setting does not say otherwise: 2^17 hashes, which take a tenth of a second in an ordinary browser and
/// half a second in one that is six times slower (medians of `tests/browser/proof.rs`).
const PROOF_BITS: u8 = 17;
/// More work than anybody waits for: a minute.
const MOST_PROOF_BITS: u8 = 26;
/// What Cloudflare's free plan has (its documentation, "KV pricing").
const KV_WRITES: u32 = 1_000;
/// What a site has of them at least, however many share them: with fewer, nothing could be spread.
const FEWEST_WRITES: u32 = 10;

/// Every setting there is, by name, with what it does; the README's table is tested against this list.
pub const ALL: &[(&str, &str)] = &[
    ("SITES", "the blogs served: `origin` or `origin=alias,alias`, separated by spaces"),
    (
        "MODERATION",
        "`open` publishes at once, `first` (the default) holds an author's first comment, `all` holds every one",
    ),
    ("SIGNING_KEY", "a secret of at least 32 random characters, under which author keys are hashed"),
    (
        "ADMIN_SECRETS",
        "who may moderate, export and restore: `name:secret` pairs, separated by spaces or commas; without it nobody may",
    ),
    (
        "PROOF_BITS",
        "the work that a browser does before it posts: 2 to the power of this many hashes (the default is `17`, a moment); `0` asks for none, and \
         a comment costs a spammer nothing",
    ),
    (
        "RATE_LIMITS",
        "`on` (the default) counts the comments of an author, a network and a site, and refuses what is too much; `off` counts nothing, the \
         writes of `KV_WRITES` included, and neither floods nor repeated texts are noticed",
    ),
    (
        "KV_WRITES",
        "the writes to Workers KV that all blogs together may take in a day: `1000` (the default) on the free plan, `0` for as many as there are \
         on a paid one; when many comment, they are spread over the day",
    ),
    (
        "SECURITY_CONTACT",
        "whom to tell of a vulnerability: `mailto:` or `https:` addresses, separated by spaces; they are then in `/.well-known/security.txt`",
    ),
];

/// The settings, all of them valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The blogs served.
    pub sites: Sites,
    /// What becomes of a new comment.
    pub moderation: Moderation,
    /// The secret of this deployment.
    pub signing_key: SigningKey,
    /// Who may moderate.
    pub moderators: Moderators,
    /// The work that a comment costs, as in `afterword_guard::Terms`; 0 for none.
    pub proof_bits: u8,
    /// Whether it is counted who posts how often.
    pub rate_limits: bool,
    /// Writes to KV that a day has, 0 for no bound.
    pub kv_writes: u32,
    /// Where vulnerabilities are reported; none if that is nobody's business here.
    pub security_contacts: Vec<String>,
}

impl Settings {
    /// Reads all settings, and names every one that is wrong, so that an owner mends them in one go.
    ///
    /// # Errors
    ///
    /// One sentence for each setting at fault, beginning with its name.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> std::result::Result<Self, Vec<String>> {
        let set = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut problems = Vec::new();
        let sites = Sites::parse(&set("SITES").unwrap_or_default()).map_err(|error| format!("SITES {error}."));
        let sites = noted(sites, &mut problems);
        let moderation = set("MODERATION").map_or(Ok(Moderation::default()), |value| {
            Moderation::parse(&value)
                .ok_or_else(|| format!("MODERATION is {value:?}; it takes \"open\", \"first\" or \"all\"."))
        });
        let moderation = noted(moderation, &mut problems);
        let signing_key = set("SIGNING_KEY")
            .ok_or_else(|| "SIGNING_KEY is missing; set it to at least 32 random characters.".to_owned())
            .and_then(|value| SigningKey::parse(&value).map_err(|error| format!("SIGNING_KEY {error}.")));
        let signing_key = noted(signing_key, &mut problems);
        let moderators = Moderators::parse(&set("ADMIN_SECRETS").unwrap_or_default())
            .map_err(|error| format!("ADMIN_SECRETS {error}."));
        let moderators = noted(moderators, &mut problems);
        let proof_bits = noted(proof_bits(set("PROOF_BITS")), &mut problems);
        let rate_limits = noted(switch("RATE_LIMITS", set("RATE_LIMITS").as_deref()), &mut problems);
        let kv_writes = noted(kv_writes(set("KV_WRITES")), &mut problems);
        let contacts = noted(security_contacts(&set("SECURITY_CONTACT").unwrap_or_default()), &mut problems);
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

    /// The writes to KV that a day has for each site, if they are counted.
    pub(crate) fn writes_of_a_site(&self) -> Option<u32> {
        let sites = u32::try_from(self.sites.iter().count()).unwrap_or(u32::MAX).max(1);
        (self.rate_limits && self.kv_writes > 0).then_some((self.kv_writes / sites).max(FEWEST_WRITES))
    }
}

/// The value, or none with its problem noted.
fn noted<T>(read: std::result::Result<T, String>, problems: &mut Vec<String>) -> Option<T> {
    read.map_err(|problem| problems.push(problem)).ok()
}

/// Whether something is done that is done unless it is switched off.
fn switch(name: &str, value: Option<&str>) -> std::result::Result<bool, String> {
    match value {
        None | Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(value) => Err(format!("{name} is {value:?}; it takes \"on\" or \"off\".")),
    }
}

fn proof_bits(value: Option<String>) -> std::result::Result<u8, String> {
    let Some(value) = value else { return Ok(PROOF_BITS) };
    value
        .parse()
        .ok()
        .filter(|bits| *bits <= MOST_PROOF_BITS)
        .ok_or_else(|| format!("PROOF_BITS is {value:?}; it takes a number from 0 to {MOST_PROOF_BITS}."))
}

fn kv_writes(value: Option<String>) -> std::result::Result<u32, String> {
    let Some(value) = value else { return Ok(KV_WRITES) };
    let wrong = |_| format!("KV_WRITES is {value:?}; it takes a number, 0 for no bound.");
    value.parse().map_err(wrong)
}

fn security_contacts(value: &str) -> std::result::Result<Vec<String>, String> {
    let is_contact = |word: &str| {
        let address = word.strip_prefix("mailto:").map(|mail| mail.contains('@'));
        address.unwrap_or(word.starts_with("https://"))
            && word.chars().all(|sign| sign.is_ascii_graphic())
            && Url::parse(word).is_ok()
    };
    match value.split_whitespace().find(|word| !is_contact(word)) {
        Some(word) => Err(format!(
            "SECURITY_CONTACT has {word:?}; it takes addresses such as mailto:ada@blog.example or https://blog.example/security."
        )),
        None => Ok(value.split_whitespace().map(str::to_owned).collect()),
    }
}

/// The settings of this Worker; a deployment's variables never change under a running one, so they are read once.
pub(crate) fn of(env: &Env) -> std::result::Result<&'static Settings, &'static [String]> {
    static SETTINGS: OnceLock<std::result::Result<Settings, Vec<String>>> = OnceLock::new();
    let read = || Settings::read(|name| env.var(name).ok().map(|value| value.to_string()));
    SETTINGS.get_or_init(read).as_ref().map_err(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> std::result::Result<Settings, Vec<String>> {
        Settings::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    const KEY: (&str, &str) = ("SIGNING_KEY", "0123456789abcdef0123456789abcdef");

    #[test]
    fn one_site_and_a_key_are_enough() {
        let settings = read(&[("SITES", "https://blog.example"), KEY]).unwrap();
        assert_eq!(settings.moderation, Moderation::First);
        assert!(settings.sites.resolve_post("http://blog.example/post").is_ok());
    }

    #[test]
    fn every_fault_is_named_at_once() {
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
        assert!(!problems.concat().contains("short\""), "a secret is not repeated");
    }

    #[test]
    fn work_is_a_number_within_reason() {
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
    fn a_contact_is_an_address_that_can_be_followed() {
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
    fn an_empty_setting_is_an_unset_one() {
        assert!(read(&[("SITES", "https://blog.example"), ("MODERATION", " "), ("ADMIN_SECRETS", " "), KEY]).is_ok());
        assert_eq!(read(&[("SITES", "  "), KEY]).unwrap_err().len(), 1);
    }

    #[test]
    fn the_readme_lists_the_settings_there_are() {
        let section = include_str!("../../README.md").split("## Settings").nth(1).unwrap();
        let table = section.split("\n## ").next().unwrap();
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
        let expected: Vec<String> = ALL.iter().map(|(name, what)| format!("| `{name}` | {what} |")).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn each_setting_is_listed() {
        let asked = std::cell::RefCell::new(Vec::new());
        let read = Settings::read(|name| {
            asked.borrow_mut().push(name.to_owned());
            None
        });
        assert!(read.is_err());
        let listed: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        assert_eq!(*asked.borrow(), listed);
    }

    #[test]
    fn the_writes_of_a_day_are_shared() {
        let writes =
            |sites, more: &[(&str, &str)]| read(&[&[("SITES", sites), KEY], more].concat()).unwrap().writes_of_a_site();
        assert_eq!(writes("https://a.example", &[]), Some(1_000));
        assert_eq!(writes("https://a.example https://b.example", &[]), Some(500));
        assert_eq!(writes("https://a.example", &[("KV_WRITES", "50000")]), Some(50_000));
        assert_eq!(writes("https://a.example", &[("KV_WRITES", "0")]), None);
        assert_eq!(writes("https://a.example", &[("RATE_LIMITS", "off")]), None);
    }
}
