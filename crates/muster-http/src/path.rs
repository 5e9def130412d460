//! The one form of a path, on which routing and every decision about a request rest.

use std::borrow::Cow;

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Brings a path into its one form: empty segments are dropped (so doubled and trailing slashes
/// do not matter) and percent-encoded unreserved characters (`A–Z a–z 0–9 - . _ ~`) are decoded.
/// Everything else, `%2F` above all, stays as it was sent.
#[must_use]
pub fn normalise(path: &str) -> Cow<'_, str> {
    if is_normal(path) {
        return Cow::Borrowed(path);
    }
    let mut normal = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        normal.push('/');
        decode_unreserved(segment, &mut normal);
    }
    if normal.is_empty() {
        normal.push('/');
    }
    Cow::Owned(normal)
}

/// Normalises the path of a request, leaving its query as it is.
#[must_use]
pub fn normalise_request(mut request: Request) -> Request {
    if let Some(uri) = normalise_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// Whether the address holds an encoded NUL, which no field of the desk can hold.
#[must_use]
pub fn has_nul(uri: &Uri) -> bool {
    uri.path_and_query().is_some_and(|address| address.as_str().contains("%00"))
}

/// The id that a segment spells: digits that make a number from 1 on.
#[must_use]
pub fn number(segment: &str) -> Option<i64> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    segment.parse().ok().filter(|number| digits && *number > 0)
}

fn is_normal(path: &str) -> bool {
    path == "/" || (path.starts_with('/') && !path.ends_with('/') && !path.contains("//") && !path.contains('%'))
}

fn normalise_uri(uri: &Uri) -> Option<Uri> {
    let Cow::Owned(path) = normalise(uri.path()) else { return None };
    with_path(uri, &path)
}

/// The address below `prefix`, if it lies there: the prefix is cut off by whole segments of a path in its one form.
#[must_use]
pub fn below(uri: &Uri, prefix: &str) -> Option<Uri> {
    match uri.path().strip_prefix(prefix)? {
        "" => with_path(uri, "/"),
        rest if rest.starts_with('/') => with_path(uri, rest),
        _ => None,
    }
}

/// The address with another path; `None` if that is no path.
#[must_use]
pub fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let address = match uri.query() {
        Some(query) => Cow::Owned(format!("{path}?{query}")),
        None => Cow::Borrowed(path),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(&*address).ok()?);
    Uri::from_parts(parts).ok()
}

/// A segment with a `%` that begins no escape stays as it is: decoded in part, it could read as another one.
fn decode_unreserved(segment: &str, into: &mut String) {
    let begin = into.len();
    let mut rest = segment;
    while let Some((before, escaped)) = rest.split_once('%') {
        into.push_str(before);
        let Some(byte) = escaped.get(..2).and_then(escape) else {
            into.truncate(begin);
            return into.push_str(segment);
        };
        if is_unreserved(byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push_str(&escaped[..2]);
        }
        rest = &escaped[2..];
    }
    into.push_str(rest);
}

fn escape(digits: &str) -> Option<u8> {
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_have_one_form() {
        for (sent, normal) in [
            ("/", "/"),
            ("", "/"),
            ("//", "/"),
            ("/a/b", "/a/b"),
            ("/a//b/", "/a/b"),
            ("/users%2Einfo", "/users.info"),
            ("/users%2einfo", "/users.info"),
            ("/a%2Fb", "/a%2Fb"),
            ("/%41%7e%2D%5F", "/A~-_"),
            ("/%", "/%"),
            ("/%4", "/%4"),
            ("/%zz", "/%zz"),
            ("/%+1", "/%+1"),
            ("/%C3%A9", "/%C3%A9"),
            ("/100%é", "/100%é"),
            ("/%2541", "/%2541"),
            ("/%%361pi", "/%%361pi"),
            ("/%61%/%61", "/%61%/a"),
        ] {
            assert_eq!(normalise(sent), normal, "{sent}");
        }
    }

    #[test]
    fn a_request_keeps_its_query_and_host() {
        let request =
            Request::builder().uri("http://desk.example.org//a%2Eb/?q=//x%2E").body(axum::body::Body::empty());
        let request = normalise_request(request.unwrap());
        assert_eq!(request.uri().to_string(), "http://desk.example.org/a.b?q=//x%2E");
    }

    #[test]
    fn a_prefix_is_cut_off_by_whole_segments() {
        for (sent, rest) in [
            ("/support/desk/api/v1?q=1", Some("/api/v1?q=1")),
            ("/support/desk", Some("/")),
            ("/support/desk?q=1", Some("/?q=1")),
            ("/support/desks/api", None),
            ("/support", None),
            ("/Support/desk/api", None),
        ] {
            let found = below(&sent.parse().unwrap(), "/support/desk").map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), rest, "{sent}");
        }
    }

    #[test]
    fn an_encoded_nul_is_seen_wherever_it_stands() {
        for (address, nul) in [("/a%00b", true), ("/a?q=%00", true), ("/a%2500", false), ("/a", false)] {
            assert_eq!(has_nul(&address.parse().unwrap()), nul, "{address}");
        }
    }

    #[test]
    fn only_digits_from_one_on_are_ids() {
        assert_eq!(number("7"), Some(7));
        for other in ["0", "-1", "+7", "7x", "", " 7", "9223372036854775808", "٧"] {
            assert_eq!(number(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn the_form_is_stable_and_never_has_empty_segments(path in "/[a-b/%2E56]{0,20}") {
            let once = normalise(&path).into_owned();
            prop_assert_eq!(&*normalise(&once), &*once);
            prop_assert!(once == "/" || !once.split('/').skip(1).any(str::is_empty));
            prop_assert!(once.starts_with('/'));
        }
    }
}
