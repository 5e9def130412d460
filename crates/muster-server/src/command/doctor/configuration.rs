//! Whether the configuration makes sense together.

use std::net::IpAddr;

use super::Finding::{self, Fine, Note, Wrong};
use crate::config::Config;
use crate::dialect::Dialect;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![public_url(config)];
    findings.extend(proxies(config));
    findings.extend(metrics(config));
    findings.extend(dialects(config));
    if config.presence.trust_declared {
        let text = "presence.trust_declared is on: agents get work on somebody's word that they are there";
        findings.push(Note(text.to_owned()));
    }
    findings
}

fn dialects(config: &Config) -> Vec<Finding> {
    let enabled = Dialect::ALL.into_iter().filter(|dialect| config.placement(*dialect).enabled);
    let unlimited = enabled.clone().filter(|dialect| !config.keeps_rate_limits(*dialect)).map(|dialect| {
        Note(format!("{}.rate_limits is off: passwords and keys can be guessed without a brake", dialect.word()))
    });
    let none = enabled.clone().next().is_none().then(|| Note("every dialect is off: the desk has no API".to_owned()));
    none.into_iter().chain(unlimited).collect()
}

fn public_url(config: &Config) -> Finding {
    let listen = config.server.listen;
    let url = config.public_url(listen);
    if config.server.public_url.is_empty() && !listen.ip().is_loopback() {
        return Wrong(format!(
            "server.public_url is not set while the desk listens on {listen}: links in mails would point to {url}"
        ));
    }
    if !listen.ip().is_loopback() && is_own(&url) {
        return Wrong(format!(
            "server.public_url is {url} while the desk listens on {listen}: nobody else can follow a link to it; set it \
             to the address that people use"
        ));
    }
    if url.starts_with("http://") && !listen.ip().is_loopback() {
        return Note(format!(
            "server.public_url is {url}: without TLS passwords and messages can be read on their way"
        ));
    }
    Fine(format!("people reach the desk at {url}"))
}

/// Whether an address names this machine to itself.
fn is_own(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    let host = host.strip_prefix('[').map_or_else(|| host.split(':').next(), |host| host.split(']').next());
    host.is_some_and(|host| host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()))
}

/// The proxies that are believed, and whether there should be some.
fn proxies(config: &Config) -> Vec<Finding> {
    let trusted = &config.server.trusted_proxies;
    let url = config.public_url(config.server.listen);
    if trusted.is_empty() && url.starts_with("https://") && config.scheme() == "http" {
        return vec![Note(format!(
            "people reach the desk at {url}, so something before it ends TLS, but server.trusted_proxies is empty: all \
             clients count as one, and limits by address stop them all at once; name the proxy's address"
        ))];
    }
    trusted.iter().filter_map(|entry| wide(entry)).collect()
}

/// Networks so wide that clients are in them, too: whoever is believed can call themselves anything.
fn wide(entry: &str) -> Option<Finding> {
    let (address, length) = entry.trim().split_once('/')?;
    let (is_v6, length) = (address.contains(':'), length.parse::<u8>().ok()?);
    let who = format!("server.trusted_proxies holds {entry}: whoever is in it can pretend to be any client");
    match (length, is_v6) {
        (0, _) => Some(Wrong(format!("{who}, and everybody is; name your proxy's address only"))),
        (1..=7, false) | (1..=15, true) => Some(Note(format!("{who}; name your proxy's address or its own network"))),
        _ => None,
    }
}

fn metrics(config: &Config) -> Option<Finding> {
    let listen = config.metrics.listen?;
    let is_private = match listen.ip().to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    Some(if is_private {
        Fine(format!("metrics are shown on {listen}"))
    } else {
        Note(format!(
            "metrics.listen is {listen}: whoever reaches that address reads the desk's numbers; listen on a private \
             address, or let a firewall keep others out"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str, public_url: &str) -> Config {
        let mut config = Config::default();
        config.server.listen = listen.parse().unwrap();
        config.server.public_url = public_url.to_owned();
        config
    }

    #[test]
    fn what_is_turned_off_is_noted() {
        let mut config = Config::default();
        assert_eq!(dialects(&config), []);
        config.imichat.rate_limits = false;
        config.cloudagent = crate::config::Cloudagent { enabled: false, rate_limits: false, ..config.cloudagent };
        assert!(matches!(&dialects(&config)[..], [Note(text)] if text.starts_with("imichat.rate_limits")));
        config.libredesk.enabled = false;
        config.rocketchat.enabled = false;
        config.imichat.enabled = false;
        assert!(matches!(&dialects(&config)[..], [Note(text)] if text.contains("no API")));
    }

    #[test]
    fn an_open_address_needs_a_public_one() {
        assert!(matches!(public_url(&config("127.0.0.1:8080", "")), Fine(_)));
        assert!(matches!(public_url(&config("0.0.0.0:8080", "")), Wrong(_)));
        assert!(matches!(public_url(&config("0.0.0.0:8080", "http://desk.example.org")), Note(_)));
        assert!(matches!(public_url(&config("0.0.0.0:8080", "https://desk.example.org")), Fine(_)));
    }

    #[test]
    fn a_public_desk_is_not_called_by_the_machines_own_name() {
        for own in ["http://localhost:8080", "https://127.0.0.1", "http://[::1]:80"] {
            assert!(matches!(public_url(&config("0.0.0.0:8080", own)), Wrong(text) if text.contains(own)), "{own}");
        }
        assert!(matches!(public_url(&config("0.0.0.0:8080", "https://localhost.example.org")), Fine(_)));
    }

    #[test]
    fn a_proxy_that_ends_tls_has_to_be_named() {
        let mut config = config("127.0.0.1:8080", "https://desk.example.org");
        assert!(matches!(&proxies(&config)[..], [Note(text)] if text.contains("trusted_proxies is empty")));
        config.server.trusted_proxies = vec!["127.0.0.1".to_owned(), "10.0.0.0/8".to_owned()];
        assert_eq!(proxies(&config), []);
        config.server.trusted_proxies = vec!["0.0.0.0/0".to_owned(), "128.0.0.0/1".to_owned(), "::/0".to_owned()];
        assert!(matches!(&proxies(&config)[..], [Wrong(_), Note(_), Wrong(_)]));
    }

    #[test]
    fn numbers_on_a_public_address_are_noted() {
        let mut config = Config::default();
        assert_eq!(metrics(&config), None);
        for (listen, is_private) in [("127.0.0.1:9464", true), ("10.0.0.5:9464", true), ("0.0.0.0:9464", false)] {
            config.metrics.listen = Some(listen.parse().unwrap());
            assert_eq!(matches!(metrics(&config), Some(Fine(_))), is_private, "{listen}");
        }
    }
}
