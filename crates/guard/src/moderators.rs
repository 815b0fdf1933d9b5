//! The moderators, their roles and credentials: the settings `ADMIN_SECRETS` and `ACCESS_MODERATORS`.
//!
//! An entry is `name:credential`. Before the first colon, the name may be followed by a role, as in `name/moderator`, and by the hosts of the
//! blogs to which the moderator is limited, as in `name@blog.example` or `name/moderator@blog.example@other.example`. Neither `/` nor `@` may be
//! part of a name, and the credential may have any number of colons.

use afterword_model::limits::MODERATOR_NAME_BYTES;
use afterword_model::{Origin, Role, Sites, is_host, is_moderator_name};
use hmac::digest::CtOutput;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::signing::SigningKey;

/// Minimum length of a secret, in bytes: 128 bits in hexadecimal.
const MIN_SECRET_BYTES: usize = 32;
/// Length of a credential tag, in bytes.
const TAG_BYTES: usize = 16;

/// A moderator of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moderator {
    name: String,
    role: Role,
    /// Hosts of the blogs to which the moderator is limited. Empty for all blogs.
    hosts: Vec<String>,
}

impl Moderator {
    /// The name, which the audit log shows.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Returns true if the moderator may moderate this site. A host stands for all of its ports.
    pub fn may_moderate(&self, site: &Origin) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|host| host == host_of(site))
    }

    fn parse(text: &str, number: usize) -> Result<Self, ModeratorsError> {
        let mut parts = text.split('@');
        let named = parts.next().unwrap_or_default();
        let (name, role) = match named.split_once('/') {
            Some((name, role)) => (name, role.parse().map_err(|_| ModeratorsError::BadRole(number))?),
            None => (named, Role::Owner),
        };
        if !is_moderator_name(name) {
            return Err(ModeratorsError::BadName(number));
        }
        let hosts: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
        if !hosts.iter().all(|host| is_host(host)) {
            return Err(ModeratorsError::BadHost(number));
        }
        Ok(Self { name: name.to_owned(), role, hosts })
    }
}

/// Host of a site, without its port.
fn host_of(site: &Origin) -> &str {
    let authority = site.authority();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Moderators, each with the credential by which they are recognized.
#[derive(Clone, PartialEq, Eq)]
pub struct ModeratorList<C>(Vec<(Moderator, C)>);

/// The moderators of a deployment, each with their own secret. There are none by default.
pub type Moderators = ModeratorList<SecretMac>;

/// The moderators who sign in with Cloudflare Access, by their e-mail addresses: the setting `ACCESS_MODERATORS`.
pub type AccessModerators = ModeratorList<AccessEmail>;

/// The MAC of a secret. Comparing two MACs takes the same time wherever they differ, and reveals nothing about the length of the secret.
pub type SecretMac = CtOutput<Hmac<Sha256>>;

/// The e-mail address of a moderator, in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessEmail(String);

/// Something by which a moderator is recognized.
pub trait Credential {
    /// The kind of the credential, which keeps the tags of different kinds apart.
    const KIND: &'static str;

    /// The bytes that change with the credential.
    fn to_bytes(&self) -> Vec<u8>;
}

impl Credential for SecretMac {
    const KIND: &'static str = "session credential";

    fn to_bytes(&self) -> Vec<u8> {
        self.clone().into_bytes().to_vec()
    }
}

impl Credential for AccessEmail {
    const KIND: &'static str = "access credential";

    fn to_bytes(&self) -> Vec<u8> {
        self.0.clone().into_bytes()
    }
}

/// There are no moderators by default.
impl<C> Default for ModeratorList<C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Never prints a credential.
impl<C> std::fmt::Debug for ModeratorList<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(moderator, _)| moderator.name())).finish()
    }
}

impl<C> ModeratorList<C> {
    /// Returns true if there are no moderators.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that each host to which a moderator is limited is that of a site.
    ///
    /// # Errors
    ///
    /// [`ModeratorsError::UnknownHost`].
    pub fn check_hosts(&self, sites: &Sites) -> Result<(), ModeratorsError> {
        for (moderator, number) in self.iter().zip(1..) {
            let is_known = |host: &String| sites.iter().any(|site| host_of(site.origin()) == host);
            if !moderator.hosts.iter().all(is_known) {
                return Err(ModeratorsError::UnknownHost(number));
            }
        }
        Ok(())
    }

    /// All moderators.
    pub fn iter(&self) -> impl Iterator<Item = &Moderator> {
        self.0.iter().map(|(moderator, _)| moderator)
    }

    /// The moderator with this name.
    pub fn find(&self, name: &str) -> Option<&Moderator> {
        self.iter().find(|moderator| moderator.name == name)
    }
}

impl<C: Credential> ModeratorList<C> {
    /// A tag of everything that a session or a link rests on: the moderator's name, role, blogs and credential. Once it is another one, the
    /// session or the link has ended.
    pub fn credential_tag(&self, name: &str, key: &SigningKey) -> Option<CredentialTag> {
        let (moderator, credential) = self.0.iter().find(|(moderator, _)| moderator.name == name)?;
        let hosts = moderator.hosts.join("@");
        let credential = credential.to_bytes();
        let role = moderator.role.name();
        let fields: [&[u8]; 5] = [C::KIND.as_bytes(), name.as_bytes(), role.as_bytes(), hosts.as_bytes(), &credential];
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&key.mac(&fields)[..TAG_BYTES]);
        Some(tag)
    }
}

/// See [`ModeratorList::credential_tag`].
pub type CredentialTag = [u8; TAG_BYTES];

/// An error in the setting `ADMIN_SECRETS` or `ACCESS_MODERATORS`. It never repeats the setting, which may contain a secret. Each variant has
/// the number of the entry, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModeratorsError {
    /// The entry has no colon.
    #[error("is not of the form `name:secret` in pair {0}")]
    NotAPair(usize),
    /// The name is empty, too long or has an invalid character.
    #[error("has an invalid name in pair {0}; use 1 to {MODERATOR_NAME_BYTES} letters, digits, `_`, `.` or `-`")]
    BadName(usize),
    /// There is no such role.
    #[error("has an unknown role in pair {0}; write `name/owner` or `name/moderator`")]
    BadRole(usize),
    /// The text after an `@` is no host.
    #[error(
        "has an invalid host after `@` in pair {0}; write the host of a blog, such as blog.example, without a port"
    )]
    BadHost(usize),
    /// No blog has this host.
    #[error("has a host in pair {0} that no blog in SITES has")]
    UnknownHost(usize),
    /// The name is already used by an earlier entry.
    #[error("has a name in pair {0} that an earlier pair already uses")]
    DuplicateName(usize),
    /// The secret has fewer than 32 characters.
    #[error("has a secret in pair {0} with fewer than {MIN_SECRET_BYTES} characters")]
    SecretTooShort(usize),
    /// The secret has a character outside ASCII, or a control character, and could not be sent in a header.
    #[error("has a secret in pair {0} with a character that is not printable ASCII")]
    BadSecret(usize),
    /// The secret is already used by an earlier entry, so it would not identify a moderator.
    #[error("has a secret in pair {0} that an earlier pair already uses")]
    DuplicateSecret(usize),
    /// The text after the colon is no e-mail address.
    #[error("has no e-mail address in pair {0}; write `name:ada@blog.example`")]
    BadEmail(usize),
    /// The e-mail address is already used by an earlier entry.
    #[error("has an e-mail address in pair {0} that an earlier pair already uses")]
    DuplicateEmail(usize),
}

impl Moderators {
    /// Parses the setting `ADMIN_SECRETS`: entries with secrets, separated by white space or commas.
    ///
    /// # Errors
    ///
    /// The first invalid entry; see [`ModeratorsError`].
    pub fn parse(setting: &str) -> Result<Self, ModeratorsError> {
        let mut moderators = Self::default();
        for (entry, number) in entries(setting) {
            let (moderator, secret) = parse_entry(entry, number)?;
            if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(ModeratorsError::BadSecret(number));
            }
            if secret.len() < MIN_SECRET_BYTES {
                return Err(ModeratorsError::SecretTooShort(number));
            }
            if moderators.find(&moderator.name).is_some() {
                return Err(ModeratorsError::DuplicateName(number));
            }
            let Some(secret_mac) = secret_mac(secret) else { return Err(ModeratorsError::BadSecret(number)) };
            if moderators.0.iter().any(|(_, other)| *other == secret_mac) {
                return Err(ModeratorsError::DuplicateSecret(number));
            }
            moderators.0.push((moderator, secret_mac));
        }
        Ok(moderators)
    }

    /// The moderator with this secret. The time is the same for a wrong secret as for that of any moderator.
    pub fn find_by_secret(&self, secret: &str) -> Option<&Moderator> {
        let secret_mac = secret_mac(secret)?;
        let mut found = None;
        for (moderator, other) in &self.0 {
            if *other == secret_mac {
                found = Some(moderator);
            }
        }
        found
    }
}

impl AccessModerators {
    /// Parses the setting: entries with e-mail addresses, separated by white space or commas.
    ///
    /// # Errors
    ///
    /// The first invalid entry; see [`ModeratorsError`].
    pub fn parse(setting: &str) -> Result<Self, ModeratorsError> {
        let mut moderators = Self::default();
        for (entry, number) in entries(setting) {
            let (moderator, email) = parse_entry(entry, number)?;
            let email = email.to_ascii_lowercase();
            let is_address = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && is_host(host));
            if !is_address {
                return Err(ModeratorsError::BadEmail(number));
            }
            if moderators.find(&moderator.name).is_some() {
                return Err(ModeratorsError::DuplicateName(number));
            }
            if moderators.find_by_email(&email).is_some() {
                return Err(ModeratorsError::DuplicateEmail(number));
            }
            moderators.0.push((moderator, AccessEmail(email)));
        }
        Ok(moderators)
    }

    /// The moderator with this e-mail address. Upper and lower case are equal, as they are for Access.
    pub fn find_by_email(&self, email: &str) -> Option<&Moderator> {
        self.0.iter().find(|(_, AccessEmail(other))| other.eq_ignore_ascii_case(email)).map(|(moderator, _)| moderator)
    }
}

/// The entries of a setting, with their numbers from 1.
fn entries(setting: &str) -> impl Iterator<Item = (&str, usize)> {
    setting.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty()).zip(1..)
}

/// Splits an entry at its first colon.
fn parse_entry(entry: &str, number: usize) -> Result<(Moderator, &str), ModeratorsError> {
    let (moderator, credential) = entry.split_once(':').ok_or(ModeratorsError::NotAPair(number))?;
    Ok((Moderator::parse(moderator, number)?, credential))
}

/// The secret is the message and not the key, because HMAC treats a key and the same key followed by zeros as equal.
/// Any key makes an HMAC, so the result is never `None`.
fn secret_mac(secret: &str) -> Option<SecretMac> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(b"moderator").ok()?;
    mac.update(secret.as_bytes());
    Some(mac.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A secret of the minimum length that begins with this text.
    fn secret(begin: &str) -> String {
        format!("{begin:0<MIN_SECRET_BYTES$}")
    }

    #[test]
    fn each_secret_identifies_its_moderator() {
        let [ada, grace, symbols, digits] = ["0123456789", "se:cr:et:", "\"'`~/\\?#=&", "12345678"].map(secret);
        let setting = format!(" ada:{ada},Grace.H-1:{grace}\n_:{symbols} x1:{digits},, ");
        let moderators = Moderators::parse(&setting).unwrap();
        for (secret, name) in [(&ada, "ada"), (&grace, "Grace.H-1"), (&symbols, "_"), (&digits, "x1")] {
            assert_eq!(moderators.find_by_secret(secret).map(Moderator::name), Some(name), "{secret}");
        }
        let wrong = [
            String::new(),
            ada[..31].to_owned(),
            format!("{ada}0"),
            format!("{ada} "),
            format!("ada:{ada}"),
            grace.to_uppercase(),
            format!("{digits}\0"),
        ];
        for wrong in wrong {
            assert_eq!(moderators.find_by_secret(&wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn there_are_no_moderators_by_default() {
        for moderators in [Moderators::default(), Moderators::parse("").unwrap(), Moderators::parse(" ,\t,\n").unwrap()]
        {
            assert_eq!(moderators.find_by_secret(""), None);
            assert_eq!(moderators.find_by_secret(&secret("0123456789")), None);
        }
    }

    #[test]
    fn secrets_have_at_least_32_characters() {
        assert!(Moderators::parse(&format!("ada:{}", "s".repeat(32))).is_ok());
        for short in ["", "12345678", "correct-horse-battery-staple"] {
            let error = Moderators::parse(&format!("ada:{short}")).unwrap_err();
            assert_eq!(error, ModeratorsError::SecretTooShort(1), "{short}");
            assert!(error.to_string().contains("32 characters"), "{error}");
        }
    }

    #[test]
    fn errors_name_the_number_of_the_pair() {
        use ModeratorsError::*;
        let (one, two) = (secret("one"), secret("two"));
        let cases = [
            (one.clone(), NotAPair(1)),
            (format!("ada:{one} {two}"), NotAPair(2)),
            (format!(":{one}"), BadName(1)),
            (format!("a b:{one}"), NotAPair(1)),
            (format!("a+b:{one}"), BadName(1)),
            (format!("a/b:{one}"), BadRole(1)),
            (format!("a/:{one}"), BadRole(1)),
            (format!("a/owner/owner:{one}"), BadRole(1)),
            (format!("a/Owner:{one}"), BadRole(1)),
            (format!("/owner:{one}"), BadName(1)),
            (format!("a@:{one}"), BadHost(1)),
            (format!("a@blog.example/owner:{one}"), BadHost(1)),
            (format!("ädä:{one}"), BadName(1)),
            (format!("{}:{one}", "n".repeat(MODERATOR_NAME_BYTES + 1)), BadName(1)),
            (format!("ada:{one},ada:{two}"), DuplicateName(2)),
            (format!("ada:{one},bob:short"), SecretTooShort(2)),
            (format!("ada:{}", secret("pässwörter")), BadSecret(1)),
            (format!("ada:{}", secret("\u{1}")), BadSecret(1)),
            (format!("ada:{one} bob:{one}"), DuplicateSecret(2)),
        ];
        for (setting, error) in cases {
            assert_eq!(Moderators::parse(&setting).unwrap_err(), error, "{setting}");
        }
        assert!(Moderators::parse(&format!("{}:{one}", "n".repeat(MODERATOR_NAME_BYTES))).is_ok());
    }

    #[test]
    fn a_moderator_is_an_owner_unless_the_entry_names_another_role() {
        let secrets = ["one", "two", "three", ":moderator:"].map(secret);
        let [one, two, three, four] = &secrets;
        let setting = format!("a:{one} b/owner:{two} c/moderator:{three} d/moderator:{four}");
        let moderators = Moderators::parse(&setting).unwrap();
        let roles = secrets.each_ref().map(|secret| moderators.find_by_secret(secret).unwrap().role());
        assert_eq!(roles, [Role::Owner, Role::Owner, Role::Moderator, Role::Moderator]);
        assert_eq!(moderators.find("c").map(Moderator::role), Some(Role::Moderator));
        assert_eq!(moderators.find("e"), None);
    }

    #[test]
    fn moderators_can_be_limited_to_blogs() {
        let (one, two) = (secret("one"), secret("two"));
        let setting = format!("a:{one} b/moderator@blog.example@Local.example:{two}");
        let moderators = Moderators::parse(&setting).unwrap();
        let origin = |text: &str| Origin::parse(text).unwrap();
        let [blog, local, other] =
            ["https://blog.example", "http://local.example:4000", "https://other.example"].map(origin);
        let may_moderate = |name| [&blog, &local, &other].map(|site| moderators.find(name).unwrap().may_moderate(site));
        assert_eq!(may_moderate("a"), [true, true, true]);
        assert_eq!(may_moderate("b"), [true, true, false]);
        let sites = |setting| Sites::parse(setting).unwrap();
        assert_eq!(moderators.check_hosts(&sites("https://blog.example http://local.example:4000")), Ok(()));
        let unknown = moderators.check_hosts(&sites("https://blog.example https://other.example"));
        assert_eq!(unknown, Err(ModeratorsError::UnknownHost(2)));
        let similar = origin("https://evil-blog.example");
        assert!(!moderators.find("b").unwrap().may_moderate(&similar));
    }

    #[test]
    fn access_moderators_are_found_by_their_address() {
        let moderators =
            AccessModerators::parse("ada:Ada@blog.example, grace/moderator@blog.example:g.h@mail.example").unwrap();
        let find = |email| moderators.find_by_email(email).map(|found| (found.name(), found.role()));
        assert_eq!(find("ada@BLOG.example"), Some(("ada", Role::Owner)));
        assert_eq!(find("g.h@mail.example"), Some(("grace", Role::Moderator)));
        for stranger in ["", "ada", "ada@blog.example.evil.example", "x@blog.example", "ada@blog.example "] {
            assert_eq!(find(stranger), None, "{stranger}");
        }
        use ModeratorsError::*;
        for (setting, error) in [
            ("ada", NotAPair(1)),
            ("ada:nobody", BadEmail(1)),
            ("ada:@blog.example", BadEmail(1)),
            ("ada:ada@", BadEmail(1)),
            ("ada:a@b@blog.example", BadEmail(1)),
            ("ada:a@blog.example ada:b@blog.example", DuplicateName(2)),
            ("ada:a@blog.example bob:A@blog.example", DuplicateEmail(2)),
        ] {
            assert_eq!(AccessModerators::parse(setting), Err(error), "{setting}");
        }
        assert!(AccessModerators::parse(" ").unwrap().is_empty());
    }

    #[test]
    fn a_tag_ends_with_what_it_rests_on() {
        let key = SigningKey::parse(&"k".repeat(32)).unwrap();
        let [one, two] = ["one", "two"].map(secret);
        let tag = |setting: String| Moderators::parse(&setting).unwrap().credential_tag("ada", &key);
        let tags = [
            tag(format!("ada:{one}")),
            tag(format!("ada:{two}")),
            tag(format!("ada/moderator:{one}")),
            tag(format!("ada@blog.example:{one}")),
            AccessModerators::parse("ada:ada@mail.example").unwrap().credential_tag("ada", &key),
            AccessModerators::parse("ada:lovelace@mail.example").unwrap().credential_tag("ada", &key),
        ];
        assert_eq!(tags.iter().flatten().collect::<std::collections::BTreeSet<_>>().len(), tags.len());
        assert_eq!(tag(format!("eve:{one}")), None);
    }

    #[test]
    fn no_secret_is_printed_or_repeated() {
        let canary = secret("canary-7f3");
        let moderators = Moderators::parse(&format!("ada:{canary}")).unwrap();
        assert_eq!(format!("{moderators:?}"), r#"["ada"]"#);
        let other = secret("canary-7f4");
        for setting in [
            canary.clone(),
            "a:canary-7f3".to_owned(),
            format!("canary/7f3:{canary}"),
            format!("a:{canary} a:{other}"),
            format!("a:{canary} b:{canary}"),
        ] {
            let error = Moderators::parse(&setting).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
