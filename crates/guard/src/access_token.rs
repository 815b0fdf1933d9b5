//! Tokens of Cloudflare Access, which signs in moderators before their requests reach the Worker: JSON Web Tokens (RFC 7519), signed with RS256
//! (RFC 7518, section 3.3).
//!
//! Everything but the signature is checked here; the platform verifies that (`worker`, `http/admin/access`).

use afterword_model::limits::MAX_CLOCK_SKEW_SECONDS;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Maximum length of a token. Access sends about 1 KiB.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Maximum number of keys that are read. Access publishes two.
const MAX_KEYS: usize = 16;
/// Bounds of the length of an RSA modulus, in bytes: 2048 to 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// The domain of all teams.
const TEAM_SUFFIX: &str = ".cloudflareaccess.com";

/// The team and the application whose tokens are accepted: the settings `ACCESS_TEAM_DOMAIN` and `ACCESS_AUD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessApplication {
    /// Origin of the team, which issues the tokens.
    pub issuer: String,
    /// The application's audience tag.
    pub audience: String,
}

/// The reason why a token was rejected, for the log. A client learns only that it is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The token is too long, or no JSON Web Token.
    #[error("malformed token")]
    Malformed,
    /// The token is signed in another way than RS256, or not at all.
    #[error("unsupported algorithm")]
    Algorithm,
    /// The team has no such key.
    #[error("unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("wrong signature")]
    Signature,
    /// The token is of another team.
    #[error("wrong issuer")]
    Issuer,
    /// The token is for another application.
    #[error("wrong audience")]
    Audience,
    /// The token has expired.
    #[error("expired token")]
    Expired,
    /// The token is not valid yet.
    #[error("token of the future")]
    NotYetValid,
    /// The token names no e-mail address: it is that of a program.
    #[error("no e-mail address")]
    NoEmail,
}

/// A token whose signature is not verified yet.
#[derive(Debug)]
pub struct AccessToken<'a> {
    /// Id of the key that signed it.
    pub key_id: String,
    /// The signed text.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
    claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    /// Extensions that a recipient has to understand (RFC 7515, section 4.1.11). There are none.
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    #[serde(default)]
    email: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl AccessApplication {
    /// Reads the settings. The team is its name, its host or its origin.
    ///
    /// # Errors
    ///
    /// The rest of a sentence that begins with the name of the setting.
    pub fn parse_team(setting: &str) -> Result<String, String> {
        let host = setting.strip_prefix("https://").unwrap_or(setting).trim_end_matches('/');
        let team = host.strip_suffix(TEAM_SUFFIX).unwrap_or(host);
        let is_name = !team.is_empty() && team.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let issuer = || format!("https://{}{TEAM_SUFFIX}", team.to_ascii_lowercase());
        is_name.then(issuer).ok_or_else(|| {
            format!("is {setting:?}; it takes the team domain of Cloudflare Access, such as blog{TEAM_SUFFIX}.")
        })
    }

    /// Reads the setting `ACCESS_AUD`.
    ///
    /// # Errors
    ///
    /// The rest of a sentence that begins with the name of the setting.
    pub fn parse_audience(setting: &str) -> Result<String, String> {
        let is_tag = setting.len() == 64 && setting.bytes().all(|byte| byte.is_ascii_hexdigit());
        let problem = "is no Application Audience (AUD) Tag; copy the 64 digits from the overview of the application.";
        if is_tag { Ok(setting.to_ascii_lowercase()) } else { Err(problem.to_owned()) }
    }

    /// Address of the team's public keys.
    pub fn keys_url(&self) -> String {
        format!("{}/cdn-cgi/access/certs", self.issuer)
    }

    /// Checks what a token says, once its signature is verified. Returns the e-mail address of the moderator.
    ///
    /// # Errors
    ///
    /// The first condition that does not hold.
    pub fn check<'a>(&self, token: &'a AccessToken<'_>, now: i64) -> Result<&'a str, AccessError> {
        let claims = &token.claims;
        let latest = now.saturating_add(MAX_CLOCK_SKEW_SECONDS);
        let is_audience = match &claims.aud {
            Audience::One(audience) => *audience == self.audience,
            Audience::Several(audiences) => audiences.contains(&self.audience),
        };
        if claims.iss != self.issuer {
            Err(AccessError::Issuer)
        } else if !is_audience {
            Err(AccessError::Audience)
        } else if now >= claims.exp {
            Err(AccessError::Expired)
        } else if claims.nbf.is_some_and(|time| time > latest) || claims.iat.is_some_and(|time| time > latest) {
            Err(AccessError::NotYetValid)
        } else if claims.email.is_empty() {
            Err(AccessError::NoEmail)
        } else {
            Ok(&claims.email)
        }
    }
}

impl<'a> AccessToken<'a> {
    /// Parses a token, and checks its algorithm.
    ///
    /// # Errors
    ///
    /// [`AccessError::Malformed`] or [`AccessError::Algorithm`].
    pub fn parse(token: &'a str) -> Result<Self, AccessError> {
        let malformed = || AccessError::Malformed;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(malformed());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed());
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
        if header.alg != "RS256" || header.crit.is_some() {
            return Err(AccessError::Algorithm);
        }
        let claims = serde_json::from_slice(&decode(claims)?).map_err(|_| malformed())?;
        Ok(Self { key_id: header.kid, signed, signature: decode(signature)?, claims })
    }
}

/// A public RSA key of a team, as a JSON Web Key (RFC 7517) has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessKey {
    /// Id of the key.
    #[serde(rename = "kid")]
    pub id: String,
    /// The type, `RSA`.
    kty: String,
    /// The algorithm, if the key is for one alone.
    alg: Option<String>,
    /// The modulus, in base64url.
    #[serde(rename = "n", default)]
    pub modulus: String,
    /// The exponent, in base64url.
    #[serde(rename = "e", default)]
    pub exponent: String,
}

impl AccessKey {
    /// Parses the document with a team's keys. Keys of another kind, or of an unusual size, are left out.
    ///
    /// # Errors
    ///
    /// If the document is no set of keys.
    pub fn parse_all(document: &[u8]) -> Result<Vec<Self>, AccessError> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<AccessKey>,
        }
        let document: Document = serde_json::from_slice(document).map_err(|_| AccessError::Malformed)?;
        Ok(document.keys.into_iter().filter(Self::is_usable).take(MAX_KEYS).collect())
    }

    fn is_usable(&self) -> bool {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_or(0, |bytes| bytes.len());
        self.kty == "RSA"
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256")
            && MODULUS_BYTES.contains(&bytes(&self.modulus))
            && (1..=8).contains(&bytes(&self.exponent))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_321_000_000;

    fn application() -> AccessApplication {
        let issuer = AccessApplication::parse_team("blog").unwrap();
        AccessApplication { issuer, audience: "a1".repeat(32) }
    }

    fn claims() -> Value {
        json!({
            "iss": "https://blog.cloudflareaccess.com", "aud": ["b2".repeat(32), "a1".repeat(32)], "exp": NOW + 600,
            "nbf": NOW - 1, "iat": NOW - 1, "email": "ada@blog.example", "type": "app", "sub": "x", "country": "DE",
        })
    }

    fn token(header: &Value, claims: &Value) -> String {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([1, 2, 3]))
    }

    fn check(change: impl FnOnce(&mut Value)) -> Result<String, AccessError> {
        let mut claims = claims();
        change(&mut claims);
        let token = token(&json!({"alg": "RS256", "kid": "k1", "typ": "JWT"}), &claims);
        application().check(&AccessToken::parse(&token)?, NOW).map(str::to_owned)
    }

    #[test]
    fn a_token_names_the_moderator_by_e_mail_address() {
        assert_eq!(check(|_| ()).as_deref(), Ok("ada@blog.example"));
        assert_eq!(check(|claims| claims["aud"] = json!("a1".repeat(32))).as_deref(), Ok("ada@blog.example"));
        assert!(check(|claims| claims["nbf"] = Value::Null).is_ok());
        let text = token(&json!({"alg": "RS256", "kid": "k1"}), &claims());
        let token = AccessToken::parse(&text).unwrap();
        assert_eq!((token.key_id.as_str(), token.signature), ("k1", vec![1, 2, 3]));
        assert_eq!(token.signed.matches('.').count(), 1);
    }

    #[test]
    fn a_token_that_is_not_for_us_or_not_for_now_is_rejected() {
        use AccessError::*;
        let cases: [(&str, Value, AccessError); 11] = [
            ("iss", json!("https://evil.cloudflareaccess.com"), Issuer),
            ("iss", json!("https://blog.cloudflareaccess.com/"), Issuer),
            ("aud", json!("b2".repeat(32)), Audience),
            ("aud", json!([]), Audience),
            ("exp", json!(NOW), Expired),
            ("exp", json!(0), Expired),
            ("nbf", json!(NOW + 3600), NotYetValid),
            ("iat", json!(NOW + 3600), NotYetValid),
            ("email", json!(""), NoEmail),
            ("exp", json!("never"), Malformed),
            ("exp", Value::Null, Malformed),
        ];
        for (claim, value, error) in cases {
            assert_eq!(check(|claims| claims[claim] = value.clone()), Err(error), "{claim}: {value}");
        }
    }

    #[test]
    fn only_rs256_is_accepted() {
        for header in [
            json!({"alg": "none", "kid": "k1"}),
            json!({"alg": "HS256", "kid": "k1"}),
            json!({"alg": "rs256", "kid": "k1"}),
            json!({"alg": "RS512", "kid": "k1"}),
            json!({"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": false}),
        ] {
            let error = AccessToken::parse(&token(&header, &claims())).unwrap_err();
            assert_eq!(error, AccessError::Algorithm, "{header}");
        }
        for bad in ["", ".", "..", "a.b", "a.b.c", &"x".repeat(9000)] {
            assert_eq!(AccessToken::parse(bad).unwrap_err(), AccessError::Malformed, "{bad}");
        }
    }

    #[test]
    fn keys_of_other_kinds_are_left_out() {
        let modulus = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let rsa = json!({"kid": "k1", "kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB", "n": modulus});
        let with = |name: &str, value: Value| {
            let mut key = rsa.clone();
            key[name] = value;
            key
        };
        let document = json!({"keys": [
            with("kty", json!("EC")), with("alg", json!("RS512")), with("n", json!("AQAB")), with("n", json!("*")),
            with("e", json!("")), rsa,
        ], "public_cert": {"kid": "k1", "cert": "…"}});
        let keys = AccessKey::parse_all(document.to_string().as_bytes()).unwrap();
        assert_eq!(keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["k1"]);
        assert!(AccessKey::parse_all(b"<html>").is_err() && AccessKey::parse_all(b"{}").is_err());
    }

    #[test]
    fn a_team_is_a_name_a_host_or_an_origin() {
        let issuer = Ok("https://my-blog.cloudflareaccess.com".to_owned());
        for team in ["my-blog", "My-Blog.cloudflareaccess.com", "https://my-blog.cloudflareaccess.com/"] {
            assert_eq!(AccessApplication::parse_team(team), issuer, "{team}");
        }
        for bad in ["evil.example", "http://blog.cloudflareaccess.com", "https://a.b.cloudflareaccess.com", "-_-", ""] {
            assert!(AccessApplication::parse_team(bad).is_err(), "{bad}");
        }
        assert!(AccessApplication::parse_audience(&"a1".repeat(32)).is_ok());
        for bad in ["", "a1", &"g1".repeat(32)] {
            assert!(AccessApplication::parse_audience(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_rejected(text in ".{0,200}", claims in ".{0,100}") {
            prop_assert!(AccessToken::parse(&text).is_err());
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": "k"}).to_string());
            let token = format!("{header}.{}.AQ", URL_SAFE_NO_PAD.encode(&claims));
            prop_assert!(AccessToken::parse(&token).is_err());
            let _ = AccessKey::parse_all(claims.as_bytes());
        }
    }
}
