//! What a call shows to say for whom it is, as it was sent. Nothing here looks anything up.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use muster_http::query::Query;
use serde_json::{Map, Value};

const API_KEY: HeaderName = HeaderName::from_static("apikey");

/// A key, or a token with the key that was sent beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    Key(&'a str),
    Token { token: &'a str, key: Option<&'a str> },
}

/// Which of the two vouched for the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proven {
    Key,
    Token,
}

/// What is wrong with how a call says for whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    KeyMissing,
    KeyWrong,
    TokenMissing,
    TokenWrong,
    TokenExpired,
    /// The account takes no tokens.
    TokensOff,
    /// The body can't be read.
    Malformed,
    UserMissing,
    UserWrong,
}

// Wire (chosen): a blank key is refused even beside a token; the word before a token is `Bearer` in any case or absent.
/// What a call shows where key and token are taken.
pub(crate) fn shown<'a>(
    headers: &'a HeaderMap,
    body: Option<&'a Map<String, Value>>,
    query: &'a Query,
) -> Result<Shown<'a>, Denial> {
    let header = header_key(headers)?;
    if let Some(authorization) = headers.get(AUTHORIZATION) {
        let text = authorization.to_str().map_err(|_| Denial::TokenWrong)?.trim();
        let token = match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            None if text.eq_ignore_ascii_case("bearer") => "",
            _ => text,
        };
        return if token.is_empty() { Err(Denial::TokenMissing) } else { Ok(Shown::Token { token, key: header }) };
    }
    header.or_else(|| key_elsewhere(body, query)).map(Shown::Key).ok_or(Denial::KeyMissing)
}

/// What a call shows where only a key is taken.
pub(crate) fn key_only<'a>(
    headers: &'a HeaderMap,
    body: Option<&'a Map<String, Value>>,
    query: &'a Query,
) -> Result<Shown<'a>, Denial> {
    let key = header_key(headers)?.or_else(|| key_elsewhere(body, query));
    key.map(Shown::Key).ok_or(Denial::KeyMissing)
}

fn header_key(headers: &HeaderMap) -> Result<Option<&str>, Denial> {
    let Some(value) = headers.get(API_KEY) else { return Ok(None) };
    let key = value.to_str().map_err(|_| Denial::KeyWrong)?.trim();
    if key.is_empty() { Err(Denial::KeyMissing) } else { Ok(Some(key)) }
}

// Wire (observed): some clients put the key into the body or the query.
fn key_elsewhere<'a>(body: Option<&'a Map<String, Value>>, query: &'a Query) -> Option<&'a str> {
    let sent = body.and_then(|body| body.get("apiKey")).and_then(Value::as_str);
    let sent = sent.or_else(|| query.get("apiKey")).or_else(|| query.get("api_key"));
    sent.map(str::trim).filter(|key| !key.is_empty())
}

/// Checks that the body names the account of the key or token.
pub(crate) fn account_named(body: &Map<String, Value>, account: &str) -> Result<(), Denial> {
    match body.get("userName") {
        None | Some(Value::Null) => Err(Denial::UserMissing),
        Some(Value::String(name)) if name.trim().is_empty() => Err(Denial::UserMissing),
        Some(Value::String(name)) if name.trim() == account => Ok(()),
        Some(_) => Err(Denial::UserWrong),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_key_or_a_token_is_found_wherever_clients_put_it() {
        let none = Query::default();
        let token = |token, key| Ok(Shown::Token { token, key });
        for (sent, expected) in [
            (&[("apikey", "KK1")][..], Ok(Shown::Key("KK1"))),
            (&[("apikey", " ")], Err(Denial::KeyMissing)),
            (&[("apikey", ""), ("authorization", "Bearer t")], Err(Denial::KeyMissing)),
            (&[("authorization", "Bearer t")], token("t", None)),
            (&[("authorization", "bearer  t ")], token("t", None)),
            (&[("authorization", "t")], token("t", None)),
            (&[("authorization", "Basic t")], token("Basic t", None)),
            (&[("authorization", "Bearer")], Err(Denial::TokenMissing)),
            (&[("authorization", "Bearer ")], Err(Denial::TokenMissing)),
            (&[("authorization", "")], Err(Denial::TokenMissing)),
            (&[("authorization", "Bearer t"), ("apikey", "KK1")], token("t", Some("KK1"))),
            (&[], Err(Denial::KeyMissing)),
        ] {
            assert_eq!(shown(&headers(sent), None, &none), expected, "{sent:?}");
        }
        let body = json!({"apiKey": "KK2"});
        let query = Query::of(&"/?api_key=KK3".parse().unwrap());
        let nothing = HeaderMap::new();
        assert_eq!(shown(&nothing, body.as_object(), &query), Ok(Shown::Key("KK2")));
        assert_eq!(shown(&nothing, None, &query), Ok(Shown::Key("KK3")));
        assert_eq!(key_only(&headers(&[("authorization", "Bearer t")]), None, &none), Err(Denial::KeyMissing));
    }

    #[test]
    fn the_account_is_named_exactly() {
        let named = |body: Value| account_named(body.as_object().unwrap(), "acme");
        assert_eq!(named(json!({"userName": "acme"})), Ok(()));
        for missing in [json!({}), json!({"userName": null}), json!({"userName": " "}), json!({"username": "acme"})] {
            assert_eq!(named(missing), Err(Denial::UserMissing));
        }
        for wrong in [json!({"userName": "nobody"}), json!({"userName": 7}), json!({"userName": ["acme"]})] {
            assert_eq!(named(wrong), Err(Denial::UserWrong));
        }
    }
}
