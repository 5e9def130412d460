//! Where each dialect is served.

use std::net::SocketAddr;

use super::Config;
use crate::dialect::Dialect;
use crate::exit::Usage;

/// Where a dialect is served, if it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placement<'a> {
    pub(crate) enabled: bool,
    /// A listener of its own.
    pub(crate) listen: Option<SocketAddr>,
    /// The path on the server's listener below which it lies; empty: it shares the paths there.
    pub(crate) prefix: &'a str,
}

impl Config {
    pub(crate) fn placement(&self, dialect: Dialect) -> Placement<'_> {
        let (enabled, listen, prefix) = match dialect {
            Dialect::Libredesk => (self.libredesk.enabled, self.libredesk.listen, &self.libredesk.prefix),
            Dialect::Rocketchat => (self.rocketchat.enabled, self.rocketchat.listen, &self.rocketchat.prefix),
            Dialect::Cloudagent => (self.cloudagent.enabled, self.cloudagent.listen, &self.cloudagent.prefix),
            Dialect::Imichat => (self.imichat.enabled, self.imichat.listen, &self.imichat.prefix),
        };
        Placement { enabled, listen, prefix }
    }

    /// Whether the console can be served: its addresses begin at the root.
    pub(crate) fn serves_console(&self) -> bool {
        self.libredesk.enabled && self.libredesk.prefix.is_empty()
    }

    pub(crate) fn keeps_rate_limits(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::Libredesk => self.libredesk.rate_limits,
            Dialect::Rocketchat => self.rocketchat.rate_limits,
            Dialect::Cloudagent => self.cloudagent.rate_limits,
            Dialect::Imichat => self.imichat.rate_limits,
        }
    }

    /// Refuses places that no dialect can have, and one place for two.
    pub(super) fn check_placements(&self) -> Result<(), Usage> {
        for (index, dialect) in Dialect::ALL.into_iter().enumerate() {
            let placement = self.placement(dialect);
            check(dialect, placement)?;
            for other in &Dialect::ALL[..index] {
                check_apart((*other, self.placement(*other)), (dialect, placement))?;
            }
        }
        Ok(())
    }
}

fn check(dialect: Dialect, Placement { listen, prefix, .. }: Placement<'_>) -> Result<(), Usage> {
    let word = dialect.word();
    if listen.is_some() && !prefix.is_empty() {
        return Err(Usage::new(format!("{word}: give it an address of its own or a prefix, not both")));
    }
    let is_plain = |segment: &str| {
        !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
    };
    let is_path = prefix.strip_prefix('/').is_some_and(|path| path.split('/').all(is_plain));
    let is_taken = ["/health", "/ready"].contains(&prefix);
    if prefix.is_empty() || (is_path && !is_taken) {
        return Ok(());
    }
    Err(Usage::new(format!("{word}.prefix: {prefix:?} is not a path of its own such as \"/desk\"")))
}

fn check_apart(one: (Dialect, Placement<'_>), other: (Dialect, Placement<'_>)) -> Result<(), Usage> {
    let ((one, at), (other, there)) = (one, other);
    if !at.enabled || !there.enabled {
        return Ok(());
    }
    let (one, other) = (one.word(), other.word());
    if !at.prefix.is_empty() && at.prefix == there.prefix {
        return Err(Usage::new(format!("{other}.prefix: {:?} is {one}'s already", at.prefix)));
    }
    match (at.listen, there.listen) {
        // Port 0 stands for any free one.
        (Some(address), Some(same)) if address == same && address.port() != 0 => {
            Err(Usage::new(format!("{other}.listen: {address} is {one}'s already")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<String> {
        let config: Config = toml::from_str(text).unwrap();
        config.check_placements().err().map(|refusal| refusal.to_string())
    }

    #[test]
    fn a_prefix_is_a_path_of_its_own() {
        for dialect in Dialect::ALL.map(Dialect::word) {
            for prefix in ["desk", "/desk/", "//desk", "/desk//a", "/", "/health", "/ready", "/a b", "/a%20b"] {
                let refused = refusal(&format!("[{dialect}]\nprefix = {prefix:?}")).unwrap();
                assert!(refused.starts_with(&format!("{dialect}.prefix: {prefix:?}")), "{refused}");
            }
            assert_eq!(refusal(&format!("[{dialect}]\nprefix = \"/support/{dialect}\"")), None);
        }
    }

    #[test]
    fn a_dialect_has_one_place() {
        let refused = refusal("[imichat]\nprefix = \"/imi\"\nlisten = \"127.0.0.1:1\"").unwrap();
        assert!(refused.starts_with("imichat: give it an address of its own or a prefix"), "{refused}");
    }

    #[test]
    fn two_dialects_have_two_places() {
        let prefixes = |enabled| {
            refusal(&format!("[rocketchat]\nprefix = \"/a\"\n[imichat]\nenabled = {enabled}\nprefix = \"/a\""))
        };
        assert_eq!(prefixes(true).unwrap(), "imichat.prefix: \"/a\" is rocketchat's already");
        assert_eq!(prefixes(false), None);
        let listeners = |port| {
            refusal(&format!("[libredesk]\nlisten = \"127.0.0.1:{port}\"\n[cloudagent]\nlisten = \"127.0.0.1:{port}\""))
        };
        assert_eq!(listeners(9000).unwrap(), "cloudagent.listen: 127.0.0.1:9000 is libredesk's already");
        assert_eq!(listeners(0), None);
        assert_eq!(refusal("[rocketchat]\nprefix = \"/a\"\n[imichat]\nprefix = \"/a/b\""), None);
    }
}
