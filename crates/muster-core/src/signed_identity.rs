//! Who somebody at a chat is, as the owner of the page signed it: a JSON Web Token with HMAC-SHA-256 (`HS256`) and no
//! other algorithm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::agent::{self, Attributes, Phone};
use crate::inbox::claimed_phone;
use crate::text;
use crate::time::Timestamp;
use crate::{Error, Result};

/// Longest token, in bytes.
const TOKEN_MAX: usize = 8 * 1024;
const ID_MAX: usize = 128;
const EMAIL_MAX: usize = 254;
const NAME_MAX: usize = 128;
const PHONE_MAX: usize = 20;
const COUNTRY_MAX: usize = 10;
/// Attributes that are looked at.
const ATTRIBUTES_MAX: usize = 100;
/// How far the clock of whoever signs may be ahead, in seconds. A token is never good beyond its end.
const AHEAD: f64 = 60.0;

/// What a good token says.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIdentity {
    /// Who it is in the books of whoever signed.
    pub external_id: String,
    /// Lower case.
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    /// `None`: not said, or longer than a number is.
    pub phone: Option<Phone>,
    pub attributes: Attributes,
}

impl SignedIdentity {
    /// Reads a token that was signed with `secret` and is good now.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for any other token; [`Error::Invalid`] for `external_user_id`, `email` or
    /// `first_name` that is missing, too long or no text.
    pub fn read(token: &str, secret: &str, now: Timestamp) -> Result<Self> {
        let claims = checked(token, secret).ok_or(Error::Unauthenticated)?;
        if !is_good(&claims, now) {
            return Err(Error::Unauthenticated);
        }
        Self::of(&claims)
    }

    fn of(claims: &Map<String, Value>) -> Result<Self> {
        let said = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let email = text::bounded("email", said("email"), 1, EMAIL_MAX)?;
        Ok(Self {
            external_id: text::bounded("external_user_id", said("external_user_id"), 1, ID_MAX)?,
            email: agent::email("email", &email)?,
            first_name: text::bounded("first_name", said("first_name"), 1, NAME_MAX)?,
            last_name: optional(said("last_name"), NAME_MAX).unwrap_or_default(),
            phone: optional(said("phone_number"), PHONE_MAX).map(|number| {
                let country = optional(said("phone_number_country_code"), COUNTRY_MAX);
                claimed_phone(&number, country.as_deref())
            }),
            attributes: attributes(claims),
        })
    }
}

/// `None` for what is empty, and for what is too long: that is dropped rather than refused.
fn optional(said: &str, max: usize) -> Option<String> {
    text::bounded("claim", said, 1, max).ok()
}

fn attributes(claims: &Map<String, Value>) -> Attributes {
    let said = claims.get("contact_custom_attributes").and_then(Value::as_object).into_iter().flatten();
    said.take(ATTRIBUTES_MAX).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The claims of a token whose signature is right.
fn checked(token: &str, secret: &str) -> Option<Map<String, Value>> {
    if token.len() > TOKEN_MAX || secret.is_empty() {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let header = object(header)?;
    // Whatever must be understood isn't.
    let is_ours = header.get("alg").is_some_and(|alg| alg == "HS256") && !header.contains_key("crit");
    if is_ours { object(payload) } else { None }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice::<Map<String, Value>>(&bytes).ok()
}

/// Whether the token has an end, which hasn't come, and began already if it says when.
fn is_good(claims: &Map<String, Value>, now: Timestamp) -> bool {
    let now = seconds(now);
    let has_begun = |name: &str| match claims.get(name) {
        None => true,
        Some(at) => at.as_f64().is_some_and(|at| at <= now + AHEAD),
    };
    let ends = claims.get("exp").and_then(Value::as_f64);
    ends.is_some_and(|at| now < at) && has_begun("nbf") && has_begun("iat")
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any century are exact")]
fn seconds(at: Timestamp) -> f64 {
    at.as_millis() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Why;

    const SECRET: &str = "a secret that nobody guesses";
    const NOW: Timestamp = Timestamp::from_millis(1_000_000_500);

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn signed_as(header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", part(header), part(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn token(change: &Value) -> String {
        let mut claims = json!({ "external_user_id": "u-1", "email": "Mia@example.org", "first_name": "Mia",
                                 "exp": 1_000_060 });
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        signed_as(&json!({ "alg": "HS256", "typ": "JWT" }), &claims)
    }

    fn read(token: &str) -> Result<SignedIdentity> {
        SignedIdentity::read(token, SECRET, NOW)
    }

    fn is_refused(token: &str) -> bool {
        matches!(read(token), Err(Error::Unauthenticated))
    }

    #[test]
    fn a_token_of_another_hand_reads_too() {
        // RFC 7515, appendix A.1: the signature is right, and the token long over.
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let mut mac = Hmac::<Sha256>::new_from_slice(&URL_SAFE_NO_PAD.decode(key).unwrap()).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        mac.update(signed.as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()), signature);
    }

    #[test]
    fn a_good_token_tells_who_it_is() {
        let said = json!({ "last_name": "Roe", "phone_number": "0151", "phone_number_country_code": "de",
                           "contact_custom_attributes": { "plan": "gold" } });
        let identity = read(&token(&said)).unwrap();
        assert_eq!((identity.external_id.as_str(), identity.email.as_str()), ("u-1", "mia@example.org"));
        assert_eq!((identity.first_name.as_str(), identity.last_name.as_str()), ("Mia", "Roe"));
        assert_eq!(identity.phone.unwrap().calling_code.as_deref(), Some("+49"));
        assert_eq!(identity.attributes["plan"], "gold");
    }

    #[test]
    fn what_is_too_long_is_refused_or_dropped() {
        for (name, max) in [("external_user_id", ID_MAX), ("first_name", NAME_MAX), ("email", EMAIL_MAX)] {
            for bad in [json!(null), json!(" "), json!(7), json!("x".repeat(max + 1)), json!("a\u{0}b")] {
                let refused = read(&token(&json!({ name: bad })));
                assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == name), "{name} {bad}");
            }
        }
        let long = json!({ "last_name": "x".repeat(129), "phone_number": "1".repeat(21) });
        let identity = read(&token(&long)).unwrap();
        assert_eq!((identity.last_name.as_str(), identity.phone), ("", None));
        assert!(matches!(
            read(&token(&json!({ "email": "no address" }))),
            Err(Error::Invalid { field: "email", why: Why::Malformed })
        ));
    }

    #[test]
    fn a_token_is_good_until_its_end_and_not_before_its_beginning() {
        for good in [json!({ "exp": 1_000_000.6 }), json!({ "nbf": 1_000_060, "iat": 1_000_060 })] {
            assert!(read(&token(&good)).is_ok(), "{good}");
        }
        for bad in [
            json!({ "exp": 1_000_000 }),
            json!({ "exp": null }),
            json!({ "exp": "1000060" }),
            json!({ "nbf": 1_000_061 }),
            json!({ "iat": 1_000_061 }),
            json!({ "nbf": "soon" }),
        ] {
            assert!(is_refused(&token(&bad)), "{bad}");
        }
    }

    #[test]
    fn another_algorithm_or_signature_is_no_proof() {
        let claims = json!({ "external_user_id": "u-1", "email": "mia@example.org", "first_name": "Mia",
                             "exp": 1_000_060 });
        for header in [
            json!({ "alg": "none" }),
            json!({ "alg": "HS512" }),
            json!({ "alg": "hs256" }),
            json!({ "alg": ["HS256"] }),
            json!({}),
            json!({ "alg": "HS256", "crit": ["exp"] }),
        ] {
            assert!(is_refused(&signed_as(&header, &claims)), "{header}");
        }
        let good = token(&json!({}));
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let forged = part(&json!({ "external_user_id": "admin", "exp": 9_000_000 }));
        let (header, _) = signed.split_once('.').unwrap();
        for bad in [
            format!("{signed}."),
            signed.to_owned(),
            format!("{header}.{forged}.{signature}"),
            format!("{good}="),
            format!("{good}.{signature}"),
            format!("{signed}.{}", &signature[1..]),
            String::new(),
            "..".to_owned(),
            "é.ü.ß".to_owned(),
            token(&json!({ "note": "x".repeat(TOKEN_MAX) })),
        ] {
            assert!(is_refused(&bad), "{bad}");
        }
        assert!(matches!(SignedIdentity::read(&good, "another secret", NOW), Err(Error::Unauthenticated)));
        assert!(matches!(SignedIdentity::read(&good, "", NOW), Err(Error::Unauthenticated)));
    }
}
