//! Reading credentials off a request and writing cookies. Nothing here judges a credential.

use std::fmt;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_core::text::is_storable;
use subtle::ConstantTimeEq as _;

/// A key and its secret as they were sent.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    pub key: String,
    pub secret: String,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(..)")
    }
}

/// Reads `Authorization: Basic base64(key:secret)` or `Authorization: token key:secret`.
///
/// Scheme words are case-sensitive; the key ends at the first colon, and both halves are
/// non-empty and hold no NUL, which is in nobody's name. `None` for anything else.
#[must_use]
pub fn key_pair(headers: &HeaderMap) -> Option<KeyPair> {
    let value = authorization(headers)?;
    if let Some(encoded) = value.strip_prefix("Basic ") {
        let decoded = STANDARD.decode(encoded).ok()?;
        return split_pair(std::str::from_utf8(&decoded).ok()?);
    }
    split_pair(value.strip_prefix("token ")?)
}

/// Reads `Authorization: Bearer <token>`; `None` if the token is empty.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    authorization(headers)?.strip_prefix("Bearer ").filter(|token| !token.is_empty())
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()
}

fn split_pair(text: &str) -> Option<KeyPair> {
    let (key, secret) = text.split_once(':')?;
    let is_pair = !key.is_empty() && !secret.is_empty() && is_storable(text);
    is_pair.then(|| KeyPair { key: key.to_owned(), secret: secret.to_owned() })
}

/// The value of the first cookie of this name.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// Whether two secrets are equal, in a time that tells nothing but their lengths.
#[must_use]
pub fn same_secret(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// A cookie to be set on the whole site (`Path=/`) and never sent with another site's requests but
/// top-level navigation (`SameSite=Lax`).
#[derive(Clone)]
pub struct SetCookie<'a> {
    pub name: &'a str,
    pub value: &'a str,
    /// Kept from scripts.
    pub http_only: bool,
    /// Sent over TLS only.
    pub secure: bool,
    /// `None`: until the browser closes. Zero deletes the cookie.
    pub max_age: Option<Duration>,
}

impl fmt::Debug for SetCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A cookie name or value that holds a character cookies can't carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cookie can't carry this name or value")]
pub struct UnfitCookie;

impl<'a> SetCookie<'a> {
    /// The cookie that deletes `name`.
    #[must_use]
    pub const fn removal(name: &'a str, http_only: bool, secure: bool) -> Self {
        Self { name, value: "", http_only, secure, max_age: Some(Duration::ZERO) }
    }

    /// The value of the `Set-Cookie` header.
    ///
    /// # Errors
    /// [`UnfitCookie`] if the name is empty, or the name or value holds a blank, a control
    /// character, one of `"`, `,`, `;`, `\`, or anything beyond ASCII; a name also if it holds `=`.
    pub fn header(&self) -> Result<HeaderValue, UnfitCookie> {
        if self.name.is_empty() || self.name.contains('=') || !is_fit(self.name) || !is_fit(self.value) {
            return Err(UnfitCookie);
        }
        let mut text = format!("{}={}; Path=/; SameSite=Lax", self.name, self.value);
        if self.http_only {
            text.push_str("; HttpOnly");
        }
        if self.secure {
            text.push_str("; Secure");
        }
        if let Some(age) = self.max_age {
            text.push_str("; Max-Age=");
            text.push_str(&age.as_secs().to_string());
        }
        HeaderValue::from_str(&text).map_err(|_| UnfitCookie)
    }
}

fn is_fit(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(value: &str) -> Option<(String, String)> {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap())]);
        key_pair(&headers).map(|pair| (pair.key, pair.secret))
    }

    #[test]
    fn two_schemes_carry_a_key_pair_and_nothing_else_does() {
        let found = Some(("key".to_owned(), "sec:ret".to_owned()));
        assert_eq!(pair("Basic a2V5OnNlYzpyZXQ="), found);
        assert_eq!(pair("token key:sec:ret"), found);
        for other in [
            "basic a2V5OnNlYzpyZXQ=",
            "Token key:secret",
            "Bearer key:secret",
            "Basic",
            "Basic ",
            "Basic !!!",
            "Basic a2V5",
            "Basic OnNlY3JldA==",
            "Basic a2V5Og==",
            "Basic /////w==",
            "Basic a2V5ADpzZWNyZXQ=",
            "token key",
            "token :secret",
            "token key:",
            "token",
            "",
            "é",
        ] {
            assert_eq!(pair(other), None, "{other}");
        }
        assert_eq!(key_pair(&HeaderMap::new()), None);
    }

    #[test]
    fn a_bearer_token_is_not_empty() {
        let headers = |value| HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
        assert_eq!(bearer(&headers("Bearer abc")), Some("abc"));
        assert_eq!(bearer(&headers("Bearer ")), None);
        assert_eq!(bearer(&headers("bearer abc")), None);
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let headers = HeaderMap::from_iter([
            (COOKIE, HeaderValue::from_static("a=1; sid=x=y==;b")),
            (COOKIE, HeaderValue::from_static("csrf=2; sid=later")),
        ]);
        assert_eq!(cookie(&headers, "sid"), Some("x=y=="));
        assert_eq!(cookie(&headers, "csrf"), Some("2"));
        assert_eq!(cookie(&headers, "b"), None);
        assert_eq!(cookie(&headers, "si"), None);
    }

    #[test]
    fn a_cookie_is_written_with_its_attributes() {
        let cookie = SetCookie {
            name: "sid",
            value: "a+/=",
            http_only: true,
            secure: true,
            max_age: Some(Duration::from_secs(60)),
        };
        assert_eq!(cookie.header().unwrap(), "sid=a+/=; Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=60");
        let plain = SetCookie { name: "csrf", value: "x", http_only: false, secure: false, max_age: None };
        assert_eq!(plain.header().unwrap(), "csrf=x; Path=/; SameSite=Lax");
        let removal = SetCookie::removal("sid", true, false).header().unwrap();
        assert_eq!(removal, "sid=; Path=/; SameSite=Lax; HttpOnly; Max-Age=0");
    }

    #[test]
    fn a_cookie_cannot_smuggle_attributes() {
        for (name, value) in [("sid", "a; Domain=x"), ("sid", "a\r\nb"), ("s=id", "a"), ("", "a"), ("sid", "é")] {
            let cookie = SetCookie { name, value, http_only: true, secure: true, max_age: None };
            assert_eq!(cookie.header(), Err(UnfitCookie), "{name} {value}");
        }
    }

    #[test]
    fn secrets_compare_by_all_their_bytes() {
        assert!(same_secret(b"abc", b"abc"));
        assert!(!same_secret(b"abc", b"abd"));
        assert!(!same_secret(b"abc", b"ab"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let pair = KeyPair { key: "key".to_owned(), secret: "hidden".to_owned() };
        let cookie = SetCookie { name: "sid", value: "hidden", http_only: true, secure: true, max_age: None };
        assert!(!format!("{pair:?} {cookie:?}").contains("hidden"));
    }
}
