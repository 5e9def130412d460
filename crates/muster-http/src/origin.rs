//! Which hosts this desk answers to, and which pages may use a visitor's cookies on it.
//!
//! The `Host` check keeps a foreign name that was pointed at the desk's address (DNS rebinding)
//! from reading it; [`crate::layers::Layers`] makes it for every request. The `Origin` check keeps
//! another site's page from acting with the cookies of somebody signed in; a dialect makes it where
//! a cookie authenticates, for unsafe methods and for sockets.

use std::net::{IpAddr, SocketAddr};

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names under which this desk is reached. Loopback names are always among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts {
    public: Option<Origin>,
    /// Names and addresses in the form [`Host`] has, with any port.
    names: Vec<String>,
    /// It listens on every address, so that each of the machine's own is a name for it. A rebound
    /// name never is an address.
    any_address: bool,
}

/// A configured public address that is not `http://host` or `https://host`, with or without a port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address such as https://desk.example.org")]
pub struct NotAnOrigin(String);

/// The `Host` header names none of the allowed hosts, or is missing, doubled or malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this desk does not answer to that host")]
pub struct HostRefused;

/// The page that sent the request may not act with a cookie here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("requests from that origin are not allowed")]
pub struct OriginRefused;

impl AllowedHosts {
    /// Loopback names only.
    #[must_use]
    pub fn loopback() -> Self {
        Self::default()
    }

    /// Adds the desk's public address, such as `https://desk.example.org`. A path is ignored.
    ///
    /// # Errors
    /// [`NotAnOrigin`].
    pub fn public_url(self, url: &str) -> Result<Self, NotAnOrigin> {
        let public = Origin::parse(url).ok_or_else(|| NotAnOrigin(url.to_owned()))?;
        Ok(Self { public: Some(public), ..self })
    }

    /// Adds the address the desk listens on; the unspecified one stands for any address.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        let address = address.ip().to_canonical();
        if address.is_unspecified() {
            self.any_address = true;
        } else {
            self.names.push(address.to_string());
        }
        self
    }

    /// Adds a host name or address without a port.
    #[must_use]
    pub fn extra(mut self, name: &str) -> Self {
        self.names.push(bare_name(name));
        self
    }

    /// Checks the `Host` header. The port is not looked at: proxies and containers change it.
    ///
    /// # Errors
    /// [`HostRefused`].
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), HostRefused> {
        let host = Host::of(headers).ok_or(HostRefused)?;
        let is_public = self.public.as_ref().is_some_and(|public| public.host.name == host.name);
        let is_named = self.names.contains(&host.name) || (self.any_address && host.address().is_some());
        if is_public || is_named || host.is_loopback() { Ok(()) } else { Err(HostRefused) }
    }

    /// Checks where a request with a cookie comes from, its `Host` having been checked.
    ///
    /// With an `Origin` header, that must be this very host, the public address, an extra name, or
    /// a loopback name when the desk itself is reached by one. Without it `Sec-Fetch-Site` must be
    /// absent (no browser: nothing to protect), `same-origin` or `none`.
    ///
    /// # Errors
    /// [`OriginRefused`].
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), OriginRefused> {
        let allowed = match headers.get(header::ORIGIN) {
            Some(origin) => {
                origin.to_str().ok().and_then(Origin::parse).is_some_and(|from| self.admits(&from, headers))
            }
            None => headers.get(SEC_FETCH_SITE).is_none_or(|site| site == "same-origin" || site == "none"),
        };
        if allowed { Ok(()) } else { Err(OriginRefused) }
    }

    /// As [`Self::check_origin`], for a WebSocket handshake: there `Origin` must be present, since
    /// every browser sends it.
    ///
    /// # Errors
    /// [`OriginRefused`].
    pub fn check_socket_origin(&self, headers: &HeaderMap) -> Result<(), OriginRefused> {
        if headers.contains_key(header::ORIGIN) { self.check_origin(headers) } else { Err(OriginRefused) }
    }

    fn admits(&self, from: &Origin, headers: &HeaderMap) -> bool {
        let host = Host::of(headers);
        let is_same = host.as_ref().is_some_and(|host| from.is_at(host));
        let both_local = from.host.is_loopback() && host.is_some_and(|host| host.is_loopback());
        is_same || both_local || self.public.as_ref() == Some(from) || self.names.contains(&from.host.name)
    }
}

/// Whether a method changes something, so that its origin matters.
#[must_use]
pub fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// A host name (lower case, no trailing dot, IPv6 without brackets) and the port, if one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next()?.to_str().ok()?;
        if hosts.next().is_some() {
            return None;
        }
        Self::parse(&host.parse().ok()?)
    }

    fn parse(authority: &Authority) -> Option<Self> {
        let (host, port) = (authority.host(), authority.port_u16());
        let has_user = authority.as_str().contains('@');
        let has_bad_port = port.is_none() && !authority.as_str().ends_with(host);
        if host.is_empty() || has_user || has_bad_port {
            return None;
        }
        Some(Self { name: bare_name(host), port })
    }

    fn address(&self) -> Option<IpAddr> {
        self.name.parse().ok()
    }

    fn is_loopback(&self) -> bool {
        self.name == "localhost" || self.address().is_some_and(|address| address.to_canonical().is_loopback())
    }
}

fn bare_name(name: &str) -> String {
    let name = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    tls: bool,
    /// Its port is never absent.
    host: Host,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let host = Host::parse(uri.authority()?)?;
        let port = host.port.or(Some(Self::default_port(tls)));
        Some(Self { tls, host: Host { port, ..host } })
    }

    const fn default_port(tls: bool) -> u16 {
        if tls { 443 } else { 80 }
    }

    /// Whether this is the origin of pages served at `host`. Only the browser knows the scheme.
    fn is_at(&self, host: &Host) -> bool {
        self.host.name == host.name && self.host.port == host.port.or(Some(Self::default_port(self.tls)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn desk() -> AllowedHosts {
        AllowedHosts::loopback()
            .public_url("https://desk.example.org")
            .unwrap()
            .listen("192.0.2.5:8080".parse().unwrap())
            .extra("Help.Example.Org")
    }

    #[test]
    fn only_known_hosts_are_answered() {
        for (host, allowed) in [
            ("desk.example.org", true),
            ("DESK.example.org.:8443", true),
            ("help.example.org:1", true),
            ("192.0.2.5:8080", true),
            ("192.0.2.6:8080", false),
            ("localhost:3000", true),
            ("127.0.0.1", true),
            ("127.9.9.9:80", true),
            ("[::1]:8080", true),
            ("evil.example.com", false),
            ("desk.example.org.evil.example.com", false),
            ("localhost.evil.example.com", false),
            ("user@desk.example.org", false),
            ("desk.example.org:notaport", false),
            ("desk.example.org:99999", false),
            ("", false),
        ] {
            assert_eq!(desk().check_host(&headers(&[("host", host)])).is_ok(), allowed, "{host}");
        }
        assert!(desk().check_host(&HeaderMap::new()).is_err());
        assert!(desk().check_host(&headers(&[("host", "localhost"), ("host", "localhost")])).is_err());
    }

    #[test]
    fn listening_everywhere_admits_addresses_but_no_names() {
        for listen in ["0.0.0.0:8080", "[::]:8080"] {
            let hosts = AllowedHosts::loopback().listen(listen.parse().unwrap());
            assert!(hosts.check_host(&headers(&[("host", "203.0.113.9:8080")])).is_ok());
            assert!(hosts.check_host(&headers(&[("host", "[2001:db8::1]:8080")])).is_ok());
            assert!(hosts.check_host(&headers(&[("host", "evil.example.com")])).is_err());
            let from_elsewhere = headers(&[("host", "203.0.113.9:8080"), ("origin", "http://203.0.113.66")]);
            assert!(hosts.check_origin(&from_elsewhere).is_err());
        }
    }

    #[test]
    fn a_cookie_counts_only_from_allowed_origins() {
        for (host, origin, allowed) in [
            ("desk.example.org", "https://desk.example.org", true),
            ("desk.example.org", "https://desk.example.org:443", true),
            ("desk.example.org", "https://desk.example.org:8443", false),
            ("desk.example.org", "http://desk.example.org", true),
            ("localhost:8080", "https://desk.example.org", true),
            ("desk.example.org", "https://help.example.org", true),
            ("desk.example.org", "http://localhost:5173", false),
            ("localhost:8080", "http://localhost:5173", true),
            ("127.0.0.1:8080", "http://localhost:5173", true),
            ("192.0.2.5:8080", "http://192.0.2.5:8080", true),
            ("desk.example.org", "https://evil.example.com", false),
            ("desk.example.org", "null", false),
            ("desk.example.org", "", false),
            ("desk.example.org", "chrome-extension://abc", false),
        ] {
            let headers = headers(&[("host", host), ("origin", origin)]);
            assert_eq!(desk().check_origin(&headers).is_ok(), allowed, "{host} {origin}");
            assert_eq!(desk().check_socket_origin(&headers).is_ok(), allowed, "{host} {origin}");
        }
    }

    #[test]
    fn without_an_origin_the_fetch_metadata_decides() {
        for (site, allowed) in [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)] {
            let headers = headers(&[("host", "localhost"), ("sec-fetch-site", site)]);
            assert_eq!(desk().check_origin(&headers).is_ok(), allowed, "{site}");
        }
        let bare = headers(&[("host", "localhost")]);
        assert!(desk().check_origin(&bare).is_ok());
        assert!(desk().check_socket_origin(&bare).is_err());
    }

    #[test]
    fn a_public_address_is_http() {
        assert!(AllowedHosts::loopback().public_url("desk.example.org").is_err());
        assert!(AllowedHosts::loopback().public_url("ftp://desk.example.org").is_err());
        assert!(AllowedHosts::loopback().public_url("http://desk.example.org:8080/help").is_ok());
    }

    #[test]
    fn reading_methods_are_safe() {
        assert!([Method::POST, Method::PUT, Method::PATCH, Method::DELETE].iter().all(is_unsafe));
        assert!(![Method::GET, Method::HEAD, Method::OPTIONS].iter().any(is_unsafe));
    }
}
