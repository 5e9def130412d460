//! Whose a request is, where several dialects share one listener.
//!
//! The path decides. Only two paths need the request's headers as well: `settings/general`, which
//! two products have, and names that none of them has. Why, and what was weighed:
//! `docs/decisions/0011-mounting.md`.

use axum::http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use muster_http::path::normalise;

use super::names;
use crate::dialect::Dialect;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Dialect(Dialect),
    /// Muster's own pages.
    Pages,
}

const LIBREDESK: Owner = Owner::Dialect(Dialect::Libredesk);
const ROCKETCHAT: Owner = Owner::Dialect(Dialect::Rocketchat);
const CLOUDAGENT: Owner = Owner::Dialect(Dialect::Cloudagent);
const IMICHAT: Owner = Owner::Dialect(Dialect::Imichat);

/// Decides by whole segments of the path's one form, exactly as they are spelt unless a name says
/// otherwise. A name belongs to its dialect whether that is among the `mounted` or not; only
/// `settings/general` goes to whichever of its two products is.
pub(crate) fn owner(method: &Method, path: &str, headers: &HeaderMap, mounted: &[Dialect]) -> Owner {
    let path = normalise(path);
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next().unwrap_or_default();
    if names::CLOUDAGENT.iter().any(|name| name.eq_ignore_ascii_case(first)) {
        return CLOUDAGENT;
    }
    match first {
        "api" => api(segments, &Asks { method, headers, mounted }),
        _ if names::IMICHAT.contains(&first) => IMICHAT,
        _ if names::ROCKETCHAT_ROOTS.contains(&first) => ROCKETCHAT,
        _ if names::PAGES.contains(&first) => Owner::Pages,
        _ => LIBREDESK,
    }
}

/// What counts beside the path.
struct Asks<'a> {
    method: &'a Method,
    headers: &'a HeaderMap,
    mounted: &'a [Dialect],
}

fn api<'p>(mut segments: impl Iterator<Item = &'p str>, asks: &Asks<'_>) -> Owner {
    match (segments.next(), segments.next()) {
        (Some("info"), None) | (Some("apps"), _) => ROCKETCHAT,
        (Some("v1"), Some("settings")) => settings(segments, asks),
        (Some("v1"), Some(name)) => named(name, asks),
        (Some("v1"), None) => asks.either(),
        _ => LIBREDESK,
    }
}

fn named(name: &str, asks: &Asks<'_>) -> Owner {
    match name {
        _ if name.contains('.') => ROCKETCHAT,
        _ if names::LIBREDESK.contains(&name) || names::NATIVE.contains(&name) => LIBREDESK,
        _ if names::ROCKETCHAT.contains(&name) => ROCKETCHAT,
        _ => asks.either(),
    }
}

fn settings<'p>(mut segments: impl Iterator<Item = &'p str>, asks: &Asks<'_>) -> Owner {
    match (segments.next(), segments.next(), segments.next()) {
        (Some("general"), None, _) => asks.general_settings(),
        (Some("notifications"), Some(_), None) => LIBREDESK,
        _ => ROCKETCHAT,
    }
}

impl Asks<'_> {
    fn general_settings(&self) -> Owner {
        let has = |dialect| self.mounted.contains(&dialect);
        match (has(Dialect::Libredesk), has(Dialect::Rocketchat)) {
            (true, false) => LIBREDESK,
            (false, true) => ROCKETCHAT,
            _ => self.either(),
        }
    }

    /// Where the path leaves it open.
    fn either(&self) -> Owner {
        if self.is_rocketchat() { ROCKETCHAT } else { LIBREDESK }
    }

    /// Whether a token of Rocket.Chat is shown, or announced, and no key of Libredesk. Cookies and
    /// `X-User-Id` say nothing: browsers and gateways send them unasked.
    fn is_rocketchat(&self) -> bool {
        if self.is_preflight() {
            return TOKENS.iter().any(|token| self.announces(token)) && !self.announces(&AUTHORIZATION);
        }
        TOKENS.iter().any(|token| self.shows(token)) && !self.shows_key()
    }

    /// Whether a browser asks what it may send. It shows no credential, but announces the headers to come.
    fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS && self.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    }

    fn announces(&self, header: &HeaderName) -> bool {
        let lines = self.headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|name| name.trim().eq_ignore_ascii_case(header.as_str()))
    }

    fn shows(&self, token: &HeaderName) -> bool {
        self.headers.get(token).is_some_and(|value| !value.as_bytes().trim_ascii().is_empty())
    }

    fn shows_key(&self) -> bool {
        let scheme =
            |value: &HeaderValue| [&b"Basic "[..], b"token "].iter().any(|it| value.as_bytes().starts_with(it));
        self.headers.get(AUTHORIZATION).is_some_and(scheme)
    }
}

const TOKENS: [HeaderName; 2] = [HeaderName::from_static("x-auth-token"), HeaderName::from_static("x-visitor-token")];

#[cfg(test)]
mod tests;
