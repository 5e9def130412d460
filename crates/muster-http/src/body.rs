//! Request bodies: reading them within a limit, and decoding JSON or a form into one type.

mod form;
mod multipart;
mod room;
mod upload;

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::layers::BodyLimit;

pub use room::BodyRoom;
use room::Kept;
pub use upload::{Form, FormError, FormFile, read_form};

/// How long a sender may pause within a body.
const NEXT_WITHIN: Duration = Duration::from_secs(10);
/// How long a body that is refused is read on, for a client that sends all of it before it reads.
const DROP_WITHIN: Duration = Duration::from_secs(2);

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the body is longer than {limit} bytes")]
    TooLarge { limit: usize },
    /// The client went away or stopped sending, or its framing is wrong.
    #[error("the body could not be read")]
    Broken(#[source] axum::Error),
    /// The bodies that are being read fill the memory set aside for them.
    #[error("too many large bodies are being read")]
    NoRoom,
}

/// Reads the whole body, which may be as long as [`crate::layers::Layers::body_limit`] says.
///
/// # Errors
/// As [`read_body_within`].
pub async fn read_body(request: Request) -> Result<Bytes, BodyError> {
    let limit = request.extensions().get().copied().unwrap_or(BodyLimit::DEFAULT);
    read_body_within(request, limit.0).await
}

/// Reads the whole body. Of one that is longer than `limit` up to four times as much is read and dropped, so that a client
/// that sends before it reads still gets the answer; not for long, and not if the client waits to be told to send.
///
/// The bytes take up their part of the request's [`BodyRoom`] until they are dropped.
///
/// # Errors
/// [`BodyError::TooLarge`] for more than `limit` bytes, sent or announced; [`BodyError::Broken`] if the body ends early
/// or pauses too long; [`BodyError::NoRoom`].
pub async fn read_body_within(request: Request, limit: usize) -> Result<Bytes, BodyError> {
    let is_too_long = announced_length(request.headers()).is_some_and(|length| length > limit);
    let is_awaited = waits_for_leave(request.headers());
    let mut kept = Kept::new(request.extensions().get().cloned().unwrap_or_default());
    let mut pieces = request.into_body().into_data_stream();
    if is_too_long {
        if !is_awaited {
            drop_rest(pieces, limit).await;
        }
        return Err(BodyError::TooLarge { limit });
    }
    while let Some(piece) = next_piece(&mut pieces).await? {
        if piece.len() > limit - kept.len() {
            drop_rest(pieces, limit).await;
            return Err(BodyError::TooLarge { limit });
        }
        kept.add(&piece)?;
    }
    Ok(kept.finish())
}

async fn next_piece(pieces: &mut BodyDataStream) -> Result<Option<Bytes>, BodyError> {
    match tokio::time::timeout(NEXT_WITHIN, pieces.next()).await {
        Ok(piece) => piece.transpose().map_err(BodyError::Broken),
        Err(late) => Err(BodyError::Broken(axum::Error::new(late))),
    }
}

async fn drop_rest(mut pieces: BodyDataStream, limit: usize) {
    let rest = async {
        let mut dropped = 0;
        while let Some(Ok(piece)) = pieces.next().await
            && dropped < limit.saturating_mul(4)
        {
            dropped += piece.len();
        }
    };
    // The answer is the same whether or not the client came to its end.
    drop(tokio::time::timeout(DROP_WITHIN, rest).await);
}

/// Whether the client sends nothing before it is asked to: reading would ask it.
fn waits_for_leave(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// The announced length; one too large for this machine's integers counts as the largest.
fn announced_length(headers: &HeaderMap) -> Option<usize> {
    let digits = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    Some(digits.parse().unwrap_or(usize::MAX))
}

/// Why a body is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the body is empty")]
    Empty,
    /// Only JSON and forms are read; XML is not.
    #[error("the content type is not supported")]
    Unsupported,
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("a text holds a NUL character")]
    Nul,
    /// Not JSON, or not the shape asked for: the decoder's own words.
    #[error("{0}")]
    Malformed(String),
}

/// The value of the `Content-Type` header, if it is text.
#[must_use]
pub fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

/// Decodes a body of named fields by its content type: `json` anywhere in it means JSON, a media type with `xml` is
/// not supported, and anything else, nothing included, is a form with fields of the same names, in parts if it says so.
///
/// In a form a repeated field, or one whose name ends in `[]`, fills a list; elsewhere the last one
/// counts, as the last of equal keys does in JSON. JSON must be an object, and what is read of it
/// may be nested 128 deep.
///
/// # Errors
/// [`DecodeError`]; never a panic, whatever the bytes.
pub fn decode<T: DeserializeOwned>(content_type: Option<&str>, body: &[u8]) -> Result<T, DecodeError> {
    let declared = content_type.unwrap_or_default().to_ascii_lowercase();
    // The boundary of a form may be any text.
    let is_json = declared.contains("json") && !declared.starts_with("multipart/form-data");
    // A derived `Deserialize` also takes a list of the fields' values, which no client means.
    if is_json && !body.is_empty() && body.trim_ascii_start().first() != Some(&b'{') {
        return Err(DecodeError::Malformed("expected an object".to_owned()));
    }
    decode_any(content_type, body)
}

/// The same for JSON of any kind.
///
/// # Errors
/// As [`decode`].
pub fn decode_any<T: DeserializeOwned>(content_type: Option<&str>, body: &[u8]) -> Result<T, DecodeError> {
    let declared = content_type.unwrap_or_default();
    let content_type = declared.to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default();
    if !content_type.contains("json") && media_type.contains("xml") {
        return Err(DecodeError::Unsupported);
    }
    if body.is_empty() {
        return Err(DecodeError::Empty);
    }
    if content_type.starts_with("multipart/form-data") {
        return form::of_pairs(multipart::fields(declared, body)?);
    }
    if !content_type.contains("json") {
        return form::decode(body);
    }
    decode_json(body)
}

/// Reads a request's body as [`read_body`] does and decodes it as [`decode`] does.
///
/// # Errors
/// [`BodyError`] and [`DecodeError`], as the dialect words them.
pub async fn decode_body<T, E>(request: Request) -> Result<T, E>
where
    T: DeserializeOwned,
    E: From<BodyError> + From<DecodeError>,
{
    let (content_type, body) = declared_body(request).await?;
    Ok(decode(content_type.as_deref(), &body)?)
}

/// The same as [`decode_any`] decodes it.
///
/// # Errors
/// As [`decode_body`].
pub async fn decode_any_body<T, E>(request: Request) -> Result<T, E>
where
    T: DeserializeOwned,
    E: From<BodyError> + From<DecodeError>,
{
    let (content_type, body) = declared_body(request).await?;
    Ok(decode_any(content_type.as_deref(), &body)?)
}

async fn declared_body(request: Request) -> Result<(Option<String>, Bytes), BodyError> {
    let content_type = content_type(request.headers()).map(ToOwned::to_owned);
    Ok((content_type, read_body(request).await?))
}

/// Decodes JSON of any kind. Numbers that don't fit the field's type are malformed.
///
/// # Errors
/// [`DecodeError::NotUtf8`], [`DecodeError::Nul`], [`DecodeError::Malformed`].
pub fn decode_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::NotUtf8)?;
    if !may_hold_nul(text) {
        return decode_last(text);
    }
    let value: Value = serde_json::from_str(text).map_err(malformed)?;
    if holds_nul(&value) {
        return Err(DecodeError::Nul);
    }
    decode_last(text)
}

/// A derived `Deserialize` refuses a key that comes twice, where clients expect the last to count;
/// going through a value lets it.
fn decode_last<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    let direct = serde_json::from_str(text);
    let Err(refused) = direct else { return direct.map_err(malformed) };
    let value: Value = serde_json::from_str(text).map_err(|_| malformed(refused))?;
    serde_json::from_value(value).map_err(malformed)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn malformed(error: serde_json::Error) -> DecodeError {
    DecodeError::Malformed(error.to_string())
}

/// JSON can hold a NUL only as this escape.
fn may_hold_nul(text: &str) -> bool {
    text.contains("\\u0000")
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// For `#[serde(default, deserialize_with = "null_as_default")]`: `null` means the same as an
/// absent field.
///
/// # Errors
/// Those of `T`.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sample {
        #[serde(deserialize_with = "null_as_default")]
        name: String,
        count: i64,
        ratio: Option<f64>,
        active: bool,
        tags: Vec<String>,
    }

    fn json(text: &str) -> Result<Sample, DecodeError> {
        decode(Some("application/json; charset=utf-8"), text.as_bytes())
    }

    fn form(text: &str) -> Result<Sample, DecodeError> {
        decode(Some("application/x-www-form-urlencoded"), text.as_bytes())
    }

    #[test]
    fn json_and_form_give_the_same() {
        let expected =
            Sample {
                name: "Zoë".into(), count: 7, ratio: Some(0.5), active: true, tags: vec!["a".into(), "b".into()]
            };
        assert_eq!(json(r#"{"name":"Zoë","count":7,"ratio":0.5,"active":true,"tags":["a","b"],"x":1}"#), Ok(expected));
        let expected = json(r#"{"name":"Zoë","count":7,"ratio":0.5,"active":true,"tags":["a","b"]}"#).unwrap();
        for text in [
            "name=Zo%C3%AB&count=7&ratio=0.5&active=1&tags=a&tags=b&x=1",
            "name=no&name=Zoë&count=7&ratio=0.5&active=true&tags[]=a&tags%5B%5D=b",
        ] {
            assert_eq!(form(text).as_ref(), Ok(&expected), "{text}");
        }
        assert_eq!(decode(None, b"count=3"), Ok(Sample { count: 3, ..Sample::default() }));
        let parts = "--Xy\r\nContent-Disposition: form-data; name=\"count\"\r\n\r\n3\r\n--Xy--";
        let read = decode(Some("Multipart/Form-Data; boundary=Xy"), parts.as_bytes());
        assert_eq!(read, Ok(Sample { count: 3, ..Sample::default() }));
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        assert_eq!(json(r#"{"name":"a","count":1,"name":"b"}"#).unwrap().name, "b");
        assert_eq!(json(r#"{"name":null,"count":1}"#).unwrap().name, "");
    }

    #[test]
    fn what_is_not_a_body_is_refused() {
        assert_eq!(json(""), Err(DecodeError::Empty));
        assert_eq!(form(""), Err(DecodeError::Empty));
        assert_eq!(decode::<Sample>(Some("text/xml"), b"<a/>"), Err(DecodeError::Unsupported));
        let parts = b"--xml1\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAmy\r\n--xml1--\r\n";
        assert!(decode::<Sample>(Some("multipart/form-data; boundary=xml1"), parts).is_ok());
        assert_eq!(decode::<Sample>(Some("application/json"), b"{\"name\":\"\xff\"}"), Err(DecodeError::NotUtf8));
        for text in ["{", "null", "[]", "7", "\"x\"", "{\"count\":\"7\"}", "{} {}", "{\"name\":7}", "\u{feff}{}"] {
            assert!(matches!(json(text), Err(DecodeError::Malformed(_))), "{text}");
        }
        for text in ["count=x", "count=", "active=maybe", "ratio=inf", "ratio=1e400"] {
            assert!(matches!(form(text), Err(DecodeError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn absurd_numbers_and_depths_are_malformed() {
        for number in ["1e400", "-1e400", "1180591620717411303424", "1.5", "-0.1", "9223372036854775808"] {
            let body = format!("{{\"count\":{number}}}");
            assert!(matches!(json(&body), Err(DecodeError::Malformed(_))), "{number}");
        }
        let deep = |field: &str| format!("{{\"{field}\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(json(&deep("tags")), Err(DecodeError::Malformed(_))));
        assert!(matches!(decode_json::<Value>(deep("x").as_bytes()), Err(DecodeError::Malformed(_))));
        assert_eq!(json(&deep("ignored")), Ok(Sample::default()));
    }

    #[test]
    fn nul_is_refused_in_values_keys_and_forms() {
        assert_eq!(json(r#"{"name":"a\u0000b"}"#), Err(DecodeError::Nul));
        assert_eq!(json(r#"{"tags":["\u0000"]}"#), Err(DecodeError::Nul));
        assert_eq!(json(r#"{"a\u0000":1}"#), Err(DecodeError::Nul));
        assert_eq!(json(r#"{"name":"\\u0000"}"#).unwrap().name, "\\u0000");
        assert_eq!(form("name=a%00b"), Err(DecodeError::Nul));
        assert_eq!(form("name=%C3&x=%A9"), Err(DecodeError::NotUtf8));
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        let request = |length: Option<&str>, body: &'static str| {
            let request = Request::builder();
            let request = if let Some(length) = length { request.header(CONTENT_LENGTH, length) } else { request };
            request.body(Body::from(body)).unwrap()
        };
        assert_eq!(read_body_within(request(None, "12345"), 5).await.unwrap(), "12345");
        for (length, body) in [(None, "123456"), (Some("6"), "1"), (Some("99999999999999999999999"), "1")] {
            let refused = read_body_within(request(length, body), 5).await;
            assert!(matches!(refused, Err(BodyError::TooLarge { limit: 5 })), "{length:?}");
        }
    }

    #[tokio::test]
    async fn the_limit_of_the_layers_is_the_default() {
        let mut request = Request::new(Body::from("123"));
        request.extensions_mut().insert(BodyLimit(2));
        assert!(matches!(read_body(request).await, Err(BodyError::TooLarge { limit: 2 })));
        assert!(read_body(Request::new(Body::from("123"))).await.is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..80), json in any::<bool>()) {
            let kind = if json { "application/json" } else { "" };
            let _: Result<Sample, _> = decode(Some(kind), &body);
        }

        #[test]
        fn a_form_round_trips_any_name(name in "[^\0]{0,20}") {
            let body = form_urlencoded::Serializer::new(String::new()).append_pair("name", &name).finish();
            prop_assert_eq!(form(&body).unwrap().name, name);
        }
    }
}
