//! The Worker's settings, checked once when it starts.

use std::sync::OnceLock;

use afterword_guard::{AccessApplication, AccessModerators, CredentialTag, Moderator, Moderators, SigningKey};
use afterword_model::{CleanUrls, Moderation, Origin, Reactions, ReaderSettings, Sites, limits};
use js_sys::Reflect;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use url::Url;
use worker::Env;

use crate::blog_route::BlogRoute;

/// Default of `PROOF_BITS`: 2^17 hashes, which take a tenth of a second in an ordinary browser and half a second in one that is six times
/// slower (medians of `tests/browser/proof_of_work.rs`).
const DEFAULT_PROOF_BITS: u8 = 17;
/// Maximum of `PROOF_BITS`: a minute of work, more than a reader waits for.
const MAX_PROOF_BITS: u8 = 26;
/// Default of `KV_WRITES`: the quota of Cloudflare's free plan (its documentation, "KV pricing").
const DEFAULT_KV_WRITES: u32 = 1_000;
/// Minimum number of daily KV writes for each site, however many sites share them: fewer could not be spread over a day.
const MIN_WRITES_PER_SITE: u32 = 10;

/// Setting with the path under which the Worker answers on the blog's own address.
pub(crate) const BASE_PATH: &str = "BASE_PATH";
/// Setting with the addresses of blogs whose pages pass through the Worker.
pub(crate) const BLOG_ROUTES: &str = "BLOG_ROUTES";
/// Binding of the KV namespace with the published threads.
pub(crate) const THREADS: &str = "THREADS";
/// Binding of the Durable Object namespace.
pub(crate) const LEDGER: &str = "LEDGER";
/// Binding of the version that is deployed, with the time of its deployment. The Worker runs without it.
pub(crate) const VERSION: &str = "CF_VERSION_METADATA";

/// Defines the settings: the type [`Settings`], the list [`ALL`] and [`Settings::read`].
///
/// A row has the documentation and type of the field; then the name of the setting, the function that parses it, and its description. The
/// function gets the trimmed value, or `None` if the setting is missing or empty, and returns the field or the rest of a sentence that begins
/// with the name.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty = $name:literal, $parse:expr, $description:literal;)+) => {
        /// The settings, all of them valid.
        #[derive(Clone, Debug)]
        pub struct Settings { $($(#[doc = $doc])+ pub $field: $type,)+ }

        /// Names and descriptions of all settings. The table in the documentation is tested against this list.
        pub const ALL: &[(&str, &str)] = &[$(($name, $description),)+];

        impl Settings {
            /// Parses the settings one by one.
            fn read_each(variable: impl Fn(&str) -> Option<String>) -> std::result::Result<Self, Vec<String>> {
                let mut problems = Vec::new();
                $(
                    let value = variable($name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
                    let parsed: std::result::Result<$type, String> = $parse(value.as_deref());
                    let $field = parsed.map_err(|problem| problems.push([$name, " ", &problem].concat())).ok();
                )+
                match ($($field,)+) {
                    ($(Some($field),)+) => Ok(Self { $($field,)+ }),
                    _ => Err(problems),
                }
            }
        }
    };
}

settings! {
    /// The blogs to serve.
    sites: Sites = "SITES", parse_sites,
        "the blogs to serve: `origin` or `origin=alias,alias`, separated by spaces";
    /// Sites on which `/post` and `/post.html` are one page.
    clean_urls: CleanUrls = "CLEAN_URLS", parse_clean_urls,
        "`on` makes `/post`, `/post.html` and `/post.htm` one page, as many hosts do; `off` (the default) keeps them apart; with several \
         blogs, the origins of those for which it is on";
    /// Moderation of new comments, unless a site has its own.
    moderation: Moderation = "MODERATION", parse_moderation,
        "`open` publishes every comment at once, `first` (the default) holds an author's first comment, `all` holds every comment";
    /// Secret key of this deployment.
    signing_key: SigningKey = "SIGNING_KEY", parse_signing_key,
        "a secret of at least 32 random characters; author keys and networks are stored only as hashes made with it";
    /// Names and secrets of the moderators.
    moderators: Moderators = "ADMIN_SECRETS", parse_moderators,
        "the moderators: `name:secret` pairs, separated by spaces or commas, with secrets of at least 32 characters; `name/moderator:secret` \
         for a helper, who cannot erase, export or change settings";
    /// Team of Cloudflare Access, by the origin that issues its tokens.
    access_team: Option<String> = "ACCESS_TEAM_DOMAIN", parse_access_team,
        "the team domain of Cloudflare Access, such as `blog.cloudflareaccess.com`, if moderators sign in with it";
    /// Application Audience Tag of Cloudflare Access.
    access_audience: Option<String> = "ACCESS_AUD", parse_access_audience,
        "the Application Audience (AUD) Tag of the application in Cloudflare Access that protects `/admin`";
    /// The moderators who sign in with Cloudflare Access.
    access_moderators: AccessModerators = "ACCESS_MODERATORS", parse_access_moderators,
        "the moderators who sign in with Cloudflare Access: `name:address` pairs, with their e-mail addresses, or `name/moderator:address` \
         for a helper";
    /// Difficulty of the proof of work, in bits, as in `afterword_guard::ChallengeParams`; 0 for no proof.
    proof_bits: u8 = "PROOF_BITS", parse_proof_bits,
        "the size of the puzzle that a browser solves before it posts: from `1` to `26`, the default is `17`, and each step doubles the \
         work; `0` turns the puzzle off, and then a comment costs a spammer nothing";
    /// True if rate limits apply.
    rate_limits: bool = "RATE_LIMITS", |value| parse_switch(value, true),
        "`on` (the default) limits the comments of one author, one network and one site; `off` turns off every limit, including \
         `KV_WRITES`, and the detection of floods and repeated texts";
    /// Daily KV writes of all sites together; 0 for no limit.
    kv_writes: u32 = "KV_WRITES", parse_kv_writes,
        "the writes to Workers KV that all blogs together may use in a day: `1000` (the default) on the free plan, `0` for no limit on a \
         paid plan; when many people comment, the writes are spread over the day";
    /// Seconds after posting for which authors may edit a comment, unless a site has its own.
    edit_window: i64 = "EDIT_WINDOW", parse_edit_window,
        "the minutes after posting in which readers may edit what they wrote, from `0` (never) to `1440`; the default is `15`; deleting is \
         always possible";
    /// True if readers may vote against comments, unless a site has its own setting.
    downvotes: bool = "DOWNVOTES", |value| parse_switch(value, false),
        "`on` lets readers vote against comments too; `off` is the default";
    /// The reactions to a post that readers can choose from, unless a site has its own.
    reactions: Reactions = "REACTIONS", parse_reactions,
        "the reactions to a post that readers can choose from, as up to eight emoji separated by spaces; `off` (the default) for none";
    /// True if comments show avatars.
    avatars: bool = "AVATARS", |value| parse_switch(value, true),
        "`on` (the default) draws a small picture beside each name, from the author's mark; `off` draws none";
    /// Contacts for vulnerability reports. May be empty.
    security_contacts: Vec<String> = "SECURITY_CONTACT", parse_security_contacts,
        "contacts for vulnerability reports: `mailto:` or `https:` addresses, separated by spaces; published in \
         `/.well-known/security.txt`";
    /// Path under which the Worker also answers, without a slash at its end; empty for none.
    base_path: String = "BASE_PATH", parse_base_path,
        "the path under which the Worker answers on the blog's own address, such as `/_comments`; see [Faster](faster.md)";
    /// Addresses of blogs whose pages pass through the Worker.
    blog_routes: Vec<BlogRoute> = "BLOG_ROUTES", parse_blog_routes,
        "the blogs whose pages pass through the Worker, which puts the comments into them: `origin`, or `origin=server` if the pages come \
         from a server at another address, separated by spaces; needs `BASE_PATH`; see [Faster](faster.md)";
    /// True if responses carry a `Server-Timing` header.
    server_timing: bool = "SERVER_TIMING", |value| parse_switch(value, false),
        "`on` adds a `Server-Timing` header to every answer: reads of comments, requests to the database, and their milliseconds; `off` is \
         the default";
}

impl Settings {
    /// Parses all settings. Reports every invalid one, so that an owner can correct them all at once.
    ///
    /// # Errors
    ///
    /// One sentence for each invalid setting, beginning with its name.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> std::result::Result<Self, Vec<String>> {
        let mut settings = Self::read_each(variable)?;
        settings.sites.set_clean_urls(&settings.clean_urls).map_err(|error| vec![format!("CLEAN_URLS {error}.")])?;
        let problems = settings.problems_between();
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }

    /// One sentence for each setting that contradicts another one.
    fn problems_between(&self) -> Vec<String> {
        let hosts = [
            ("ADMIN_SECRETS", self.moderators.check_hosts(&self.sites)),
            ("ACCESS_MODERATORS", self.access_moderators.check_hosts(&self.sites)),
        ];
        let wrong_hosts = hosts.into_iter().filter_map(|(name, result)| Some(format!("{name} {}.", result.err()?)));
        let access = [
            ("ACCESS_TEAM_DOMAIN", self.access_team.is_some()),
            ("ACCESS_AUD", self.access_audience.is_some()),
            ("ACCESS_MODERATORS", !self.access_moderators.is_empty()),
        ];
        let uses_access = access.iter().any(|(_, is_set)| *is_set);
        let missing = access.into_iter().filter(|(_, is_set)| uses_access && !is_set);
        let sentence =
            |(name, _)| format!("{name} is missing; Cloudflare Access needs all three of its settings, or none.");
        wrong_hosts.chain(missing.map(sentence)).chain(self.route_problems()).collect()
    }

    fn route_problems(&self) -> Vec<String> {
        let is_unknown = |route: &&BlogRoute| self.sites.find_by_origin(&route.origin()).is_none();
        let unknown = self.blog_routes.iter().filter(is_unknown);
        let mut problems: Vec<String> = unknown
            .map(|route| format!("{BLOG_ROUTES} has {:?}, which SITES does not list.", route.origin()))
            .collect();
        if !self.blog_routes.is_empty() && self.base_path.is_empty() {
            problems.push(format!("{BASE_PATH} is missing; {BLOG_ROUTES} needs it, such as \"/_comments\"."));
        }
        problems
    }

    /// The application of Cloudflare Access whose tokens sign in moderators, if there is one.
    pub(crate) fn access_application(&self) -> Option<AccessApplication> {
        let (issuer, audience) = (self.access_team.clone()?, self.access_audience.clone()?);
        Some(AccessApplication { issuer, audience })
    }

    /// The moderator with this name, however they sign in.
    pub(crate) fn find_moderator(&self, name: &str) -> Option<&Moderator> {
        let mut all = self.moderators.iter().chain(self.access_moderators.iter());
        all.find(|moderator| moderator.name() == name)
    }

    /// The tag of the credential of the moderator with this name, however they sign in.
    pub(crate) fn credential_tag(&self, name: &str) -> Option<CredentialTag> {
        let tag = self.moderators.credential_tag(name, &self.signing_key);
        tag.or_else(|| self.access_moderators.credential_tag(name, &self.signing_key))
    }

    /// The names of all who may moderate a site.
    pub(crate) fn moderator_names(&self, site: &Origin) -> Vec<&str> {
        let all = self.moderators.iter().chain(self.access_moderators.iter());
        let mut names: Vec<&str> = all.filter(|one| one.may_moderate(site)).map(Moderator::name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns true if anybody can moderate.
    pub(crate) fn has_moderators(&self) -> bool {
        !self.moderators.is_empty() || !self.access_moderators.is_empty()
    }

    /// The permissions of readers on a site without settings of its own.
    pub(crate) fn reader_settings(&self) -> ReaderSettings {
        let Self { edit_window, downvotes, reactions, .. } = self;
        ReaderSettings {
            edit_window: *edit_window,
            downvotes: *downvotes,
            reactions: reactions.clone(),
            ..ReaderSettings::default()
        }
    }

    /// Daily KV writes for each site, if they are limited.
    pub(crate) fn daily_writes_per_site(&self) -> Option<u32> {
        let sites = u32::try_from(self.sites.iter().count()).unwrap_or(u32::MAX).max(1);
        (self.rate_limits && self.kv_writes > 0).then_some((self.kv_writes / sites).max(MIN_WRITES_PER_SITE))
    }
}

type Parsed<T> = std::result::Result<T, String>;

fn parse_sites(value: Option<&str>) -> Parsed<Sites> {
    Sites::parse(value.unwrap_or_default()).map_err(|error| format!("{error}."))
}

fn parse_clean_urls(value: Option<&str>) -> Parsed<CleanUrls> {
    let value = value.unwrap_or_default();
    CleanUrls::parse(value).map_err(|_| format!("is {value:?}; it takes \"on\", \"off\" or origins of SITES."))
}

fn parse_moderation(value: Option<&str>) -> Parsed<Moderation> {
    let Some(value) = value else { return Ok(Moderation::default()) };
    let word: StrDeserializer<'_, serde::de::value::Error> = value.into_deserializer();
    Moderation::deserialize(word).map_err(|_| format!("is {value:?}; it takes \"open\", \"first\" or \"all\"."))
}

fn parse_signing_key(value: Option<&str>) -> Parsed<SigningKey> {
    let key = value.ok_or_else(|| "is missing".to_owned());
    key.and_then(|key| SigningKey::parse(key).map_err(|error| error.to_string())).map_err(|problem| {
        format!(
            "{problem}. Set it once, with `openssl rand -hex 32 | npx wrangler secret put SIGNING_KEY --config worker/wrangler.toml`."
        )
    })
}

fn parse_moderators(value: Option<&str>) -> Parsed<Moderators> {
    Moderators::parse(value.unwrap_or_default()).map_err(|error| {
        format!(
            "{error}. Make a secret with `openssl rand -hex 32`, then store all pairs of name:secret together with `npx wrangler secret put \
             ADMIN_SECRETS --config worker/wrangler.toml`."
        )
    })
}

fn parse_access_team(value: Option<&str>) -> Parsed<Option<String>> {
    // Tests have a team of their own.
    let is_test = |team: &str| cfg!(feature = "local-runtime") && team.starts_with("http://127.0.0.1:");
    let parse = |team: &str| if is_test(team) { Ok(team.to_owned()) } else { AccessApplication::parse_team(team) };
    value.map(parse).transpose()
}

fn parse_access_audience(value: Option<&str>) -> Parsed<Option<String>> {
    value.map(AccessApplication::parse_audience).transpose()
}

fn parse_access_moderators(value: Option<&str>) -> Parsed<AccessModerators> {
    AccessModerators::parse(value.unwrap_or_default()).map_err(|error| format!("{error}."))
}

fn parse_proof_bits(value: Option<&str>) -> Parsed<u8> {
    let Some(value) = value else { return Ok(DEFAULT_PROOF_BITS) };
    let bits = value.parse().ok().filter(|bits| *bits <= MAX_PROOF_BITS);
    bits.ok_or_else(|| format!("is {value:?}; it takes a number from 0 to {MAX_PROOF_BITS}."))
}

fn parse_switch(value: Option<&str>, default: bool) -> Parsed<bool> {
    match value {
        None => Ok(default),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(value) => Err(format!("is {value:?}; it takes \"on\" or \"off\".")),
    }
}

fn parse_edit_window(value: Option<&str>) -> Parsed<i64> {
    let Some(value) = value else { return Ok(ReaderSettings::default().edit_window) };
    ReaderSettings::parse_edit_window(value)
        .ok_or_else(|| format!("is {value:?}; it takes a number of minutes from 0 to {}.", limits::EDIT_MINUTES))
}

fn parse_reactions(value: Option<&str>) -> Parsed<Reactions> {
    let Some(value) = value else { return Ok(Reactions::default()) };
    Reactions::parse(value).ok_or_else(|| {
        format!("is {value:?}; it takes \"off\" or up to {} different emoji, separated by spaces.", limits::REACTIONS)
    })
}

fn parse_kv_writes(value: Option<&str>) -> Parsed<u32> {
    let Some(value) = value else { return Ok(DEFAULT_KV_WRITES) };
    value.parse().map_err(|_| format!("is {value:?}; it takes a number, 0 for no limit."))
}

fn parse_base_path(value: Option<&str>) -> Parsed<String> {
    let Some(value) = value else { return Ok(String::new()) };
    let path = value.strip_suffix('/').unwrap_or(value);
    let is_part = |part: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        !part.is_empty() && part.bytes().all(is_allowed) && !part.bytes().all(|byte| byte == b'.')
    };
    let is_path = path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_part));
    if is_path { Ok(path.to_owned()) } else { Err(format!("is {value:?}; it takes a path such as \"/_comments\".")) }
}

fn parse_blog_routes(value: Option<&str>) -> Parsed<Vec<BlogRoute>> {
    let parse = |word: &str| {
        let error = || format!("has {word:?}; it takes addresses such as https://blog.example, without a path.");
        BlogRoute::parse(word).ok_or_else(error)
    };
    value.unwrap_or_default().split_whitespace().map(parse).collect()
}

fn parse_security_contacts(value: Option<&str>) -> Parsed<Vec<String>> {
    let is_contact = |word: &str| {
        let address = word.strip_prefix("mailto:").map(|mail| mail.contains('@'));
        address.unwrap_or(word.starts_with("https://"))
            && word.chars().all(|char| char.is_ascii_graphic())
            && Url::parse(word).is_ok()
    };
    let words = value.unwrap_or_default().split_whitespace();
    match words.clone().find(|word| !is_contact(word)) {
        Some(word) => Err(format!(
            "has {word:?}; it takes addresses such as mailto:ada@blog.example or https://blog.example/security."
        )),
        None => Ok(words.map(str::to_owned).collect()),
    }
}

/// One sentence for each required binding that is missing.
fn missing_bindings(is_bound: impl Fn(&str) -> bool) -> Vec<String> {
    let sections = [(THREADS, "[[kv_namespaces]]"), (LEDGER, "[[durable_objects.bindings]]")];
    let missing = sections.into_iter().filter(|(name, _)| !is_bound(name));
    let sentence = |(name, section)| {
        format!("{name} is not bound. Restore its section {section} in worker/wrangler.toml, then deploy again.")
    };
    missing.map(sentence).collect()
}

/// The settings of this Worker, read once: a deployment's variables and bindings never change while it runs.
pub(crate) fn load(env: &Env) -> std::result::Result<&'static Settings, &'static [String]> {
    static SETTINGS: OnceLock<std::result::Result<Settings, Vec<String>>> = OnceLock::new();
    let read = || {
        let settings = Settings::read(|name| env.var(name).ok().map(|value| value.to_string()));
        let missing = missing_bindings(|name| Reflect::has(env, &name.into()).unwrap_or_default());
        match settings {
            Ok(settings) if missing.is_empty() => Ok(settings),
            settings => Err([settings.err().unwrap_or_default(), missing].concat()),
        }
    };
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

    /// Settings that no text is wrong for. There are none yet.
    const TAKE_ANY_TEXT: [&str; 0] = [];

    #[test]
    fn all_problems_are_reported_at_once() {
        let wrong = [
            ("CLEAN_URLS", "maybe"),
            ("MODERATION", "maybe"),
            ("SIGNING_KEY", "short"),
            ("ADMIN_SECRETS", "ada:only-a-short-one"),
            ("ACCESS_TEAM_DOMAIN", "https://blog.example"),
            ("ACCESS_AUD", "1"),
            ("ACCESS_MODERATORS", "ada"),
            ("PROOF_BITS", "x"),
            ("RATE_LIMITS", "yes"),
            ("KV_WRITES", "many"),
            ("EDIT_WINDOW", "1441"),
            ("DOWNVOTES", "yes"),
            ("REACTIONS", "like"),
            ("AVATARS", "1"),
            ("SECURITY_CONTACT", "x"),
            ("BASE_PATH", "comments"),
            ("BLOG_ROUTES", "blog.example"),
            ("SERVER_TIMING", "1"),
        ];
        let problems = read(&wrong).unwrap_err();
        let names: Vec<_> = problems.iter().map(|problem| problem.split(' ').next().unwrap()).collect();
        let can_be_wrong = ALL.iter().map(|(name, _)| *name).filter(|name| !TAKE_ANY_TEXT.contains(name));
        assert_eq!(names, can_be_wrong.collect::<Vec<_>>());
        assert!(problems.iter().all(|problem| problem.ends_with('.')), "{problems:?}");
        assert!(!problems.concat().contains("short"), "problems do not repeat a secret");
    }

    #[test]
    fn short_secrets_are_refused_with_the_commands_to_make_one() {
        let short =
            [("SITES", "https://blog.example"), ("SIGNING_KEY", "short"), ("ADMIN_SECRETS", "ada:0123456789abcdef")];
        let problems = read(&short).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
        for (problem, name) in problems.iter().zip(["SIGNING_KEY", "ADMIN_SECRETS"]) {
            for part in [name, "32 characters", "openssl rand -hex 32", &format!("npx wrangler secret put {name}")] {
                assert!(problem.contains(part), "{part}: {problem}");
            }
        }
    }

    #[test]
    fn cloudflare_access_needs_all_of_its_settings() {
        let aud = "a1".repeat(32);
        let all =
            [("ACCESS_TEAM_DOMAIN", "blog"), ("ACCESS_AUD", &*aud), ("ACCESS_MODERATORS", "ada:ada@blog.example")];
        let base = [("SITES", "https://blog.example"), KEY];
        let settings = read(&[&base[..], &all].concat()).unwrap();
        assert_eq!(settings.access_application().unwrap().issuer, "https://blog.cloudflareaccess.com");
        assert!(settings.has_moderators() && settings.moderators.is_empty());
        for (left_out, (name, _)) in all.iter().enumerate() {
            let rest: Vec<_> =
                all.iter().enumerate().filter(|(index, _)| *index != left_out).map(|(_, pair)| *pair).collect();
            let problems = read(&[&base[..], &rest].concat()).unwrap_err();
            assert!(problems.len() == 1 && problems[0].starts_with(&format!("{name} is missing")), "{problems:?}");
        }
        assert!(read(&base).unwrap().access_application().is_none());
    }

    #[test]
    fn moderators_are_limited_to_configured_blogs() {
        let secret = "s".repeat(32);
        let with = |host: &str| {
            let secrets = format!("ada@{host}:{secret}");
            read(&[("SITES", "https://blog.example"), KEY, ("ADMIN_SECRETS", &secrets)]).map(drop)
        };
        assert_eq!(with("blog.example"), Ok(()));
        let problems = with("other.example").unwrap_err();
        assert!(problems[0].starts_with("ADMIN_SECRETS has a host in pair 1"), "{problems:?}");
    }

    #[test]
    fn clean_urls_are_on_for_all_sites_or_for_some() {
        let url = |setting: &str, address: &str| {
            let variables = [("SITES", "https://a.example https://b.example"), KEY, ("CLEAN_URLS", setting)];
            read(&variables).map(|settings| settings.sites.resolve_post(address).unwrap().url.to_string())
        };
        let (page, post) = ("https://a.example/post.html", "https://a.example/post");
        for (setting, expected) in
            [("", page), ("off", page), ("on", post), ("https://a.example", post), ("https://b.example", page)]
        {
            assert_eq!(url(setting, page).as_deref(), Ok(expected), "{setting}");
        }
        let problems = url("https://c.example", page).unwrap_err();
        assert!(problems[0].starts_with("CLEAN_URLS has \"https://c.example\""), "{problems:?}");
    }

    #[test]
    fn missing_bindings_are_named_with_their_sections() {
        assert_eq!(missing_bindings(|_| true), Vec::<String>::new());
        let problems = missing_bindings(|name| name == "THREADS");
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].starts_with("LEDGER ") && problems[0].contains("[[durable_objects.bindings]]"),
            "{problems:?}"
        );
        assert_eq!(missing_bindings(|_| false).len(), 2);
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
