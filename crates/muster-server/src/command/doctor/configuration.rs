//! Whether the configuration makes sense together.

use super::Finding::{self, Fine, Note, Wrong};
use crate::config::Config;
use crate::dialect::Dialect;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![public_url(config)];
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
    if url.starts_with("http://") && !listen.ip().is_loopback() {
        return Note(format!(
            "server.public_url is {url}: without TLS passwords and messages can be read on their way"
        ));
    }
    Fine(format!("people reach the desk at {url}"))
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
}
