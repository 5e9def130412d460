//! Where a request comes from, when proxies may stand between.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Once;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies whose `X-Forwarded-For` is believed. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Text that is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address or a network such as 10.0.0.0/8")]
pub struct NotANetwork(String);

impl TrustedProxies {
    /// Reads a list of addresses (`192.0.2.7`) and networks (`10.0.0.0/8`).
    ///
    /// # Errors
    /// [`NotANetwork`] with the first entry that is neither.
    pub fn parse<T: AsRef<str>>(entries: impl IntoIterator<Item = T>) -> Result<Self, NotANetwork> {
        entries.into_iter().map(|entry| network(entry.as_ref().trim())).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn network(entry: &str) -> Result<IpNet, NotANetwork> {
    IpNet::from_str(entry)
        .or_else(|_| IpAddr::from_str(entry).map(IpNet::from))
        .map_err(|_| NotANetwork(entry.to_owned()))
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is what one household is given.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

/// The client's address: the peer itself unless it is a trusted proxy; else the rightmost address
/// in `X-Forwarded-For` that is no trusted proxy. An entry that is no address ends the search at
/// the last proxy known. IPv4 addresses in IPv6 form are given as IPv4.
#[must_use]
pub fn address(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut nearest = peer.to_canonical();
    for entry in forwarded(headers) {
        if !trusted.contains(nearest) {
            break;
        }
        let Some(farther) = entry else { break };
        nearest = farther;
    }
    nearest
}

/// Whether a proxy says that it passes the request on for somebody else.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR)
}

/// The entries of all `X-Forwarded-For` headers, the last one first.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<&str> = headers.get_all(X_FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    lines.into_iter().rev().flat_map(|line| line.rsplit(',')).map(|entry| hop(entry.trim()))
}

/// Reads `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711`.
fn hop(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

/// The client's address, as an extractor. [`crate::layers::Layers`] puts it on each request; a
/// request that never passed them, or came over no network, has the unspecified address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

impl ClientAddr {
    /// Finds the address from the peer that [`crate::serve::serve`] noted on the request.
    #[must_use]
    pub fn of(headers: &HeaderMap, extensions: &Extensions, trusted: &TrustedProxies) -> Self {
        let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() else { return Self::UNKNOWN };
        if headers.contains_key(X_FORWARDED_FOR) && !trusted.contains(peer.ip().to_canonical()) {
            tell_of_proxy(peer.ip());
        }
        Self(address(peer.ip(), headers, trusted))
    }

    /// Who is connected, proxy or not.
    pub(crate) fn peer(extensions: &Extensions) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        peer.map_or(Self::UNKNOWN, |ConnectInfo(peer)| Self(peer.ip().to_canonical()))
    }

    pub(crate) const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

/// Says once that somebody may have forgotten to name a proxy.
fn tell_of_proxy(peer: IpAddr) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(
            %peer,
            "a request came with X-Forwarded-For from an address that isn't in server.trusted_proxies; if that is your \
             proxy, add it there: until then everybody behind it counts as one address against the limits"
        );
    });
}

impl<S: Sync> FromRequestParts<S> for ClientAddr {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted = TrustedProxies::parse(["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]).unwrap();
        let headers = forwarded.iter().map(|line| (X_FORWARDED_FOR, line.parse().unwrap())).collect();
        address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (peer, forwarded, expected) in [
            ("198.51.100.9", &["203.0.113.5"][..], "198.51.100.9"),
            ("10.1.1.1", &[], "10.1.1.1"),
            ("10.1.1.1", &["203.0.113.5"], "203.0.113.5"),
            ("10.1.1.1", &["6.6.6.6, 203.0.113.5, 10.2.2.2"], "203.0.113.5"),
            ("10.1.1.1", &["6.6.6.6", "203.0.113.5", "192.0.2.1"], "203.0.113.5"),
            ("10.1.1.1", &["10.9.9.9, 10.8.8.8"], "10.9.9.9"),
            ("10.1.1.1", &["203.0.113.5, unknown, 10.2.2.2"], "10.2.2.2"),
            ("10.1.1.1", &[""], "10.1.1.1"),
            ("10.1.1.1", &["203.0.113.5:4711"], "203.0.113.5"),
            ("2001:db8::1", &["[2001:dead::7]:4711"], "2001:dead::7"),
            ("2001:db8::1", &["[2001:dead::7]"], "2001:dead::7"),
            ("::ffff:10.1.1.1", &["::ffff:203.0.113.5"], "203.0.113.5"),
        ] {
            assert_eq!(client(peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn one_household_is_one_client() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            assert_eq!(network_of(address.parse().unwrap()).to_string(), network);
        }
    }

    #[test]
    fn a_list_of_proxies_names_what_it_cannot_read() {
        assert_eq!(TrustedProxies::parse(["10.0.0.0/8", "ten"]), Err(NotANetwork("ten".to_owned())));
        assert!(TrustedProxies::parse(["10.0.0.0/99"]).is_err());
    }
}
