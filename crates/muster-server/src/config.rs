//! What the operator can set: defaults, then the file, then the environment, then flags.
//!
//! The sections and their comments are in [`sections`]; to add a key, add it there, use it where a
//! [`Config`] is turned into something, and run `make gen`.

mod backup;
mod dialects;
mod environment;
mod example;
mod limits;
mod log;
mod mail;
mod metrics;
mod placement;
mod retention;
mod section;
mod sections;
mod security;
mod tls;
mod tracing;
mod value;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use muster_app::{PresenceSettings, RoutingSettings, Settings};
use muster_http::client::TrustedProxies;
use muster_http::origin::AllowedHosts;
use serde::{Deserialize, Serialize};

pub(crate) use backup::Backup;
pub(crate) use dialects::{Cloudagent, Imichat, Libredesk, Rocketchat};
pub(crate) use environment::{Environment, FirstAdmin, secrets_of};
pub(crate) use example::example;
pub(crate) use limits::Limits;
pub(crate) use log::{Log, LogFormat};
pub(crate) use mail::Mail;
pub(crate) use metrics::Metrics;
pub(crate) use retention::Retention;
pub(crate) use sections::{Database, Presence, Routing, Server, Sessions};
pub(crate) use security::Security;
pub(crate) use tls::Tls;
pub(crate) use tracing::Tracing;
pub(crate) use value::DatabaseUrl;

use crate::cli::Place;
use crate::exit::Usage;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) tls: Tls,
    pub(crate) database: Database,
    pub(crate) routing: Routing,
    pub(crate) presence: Presence,
    pub(crate) sessions: Sessions,
    pub(crate) security: Security,
    pub(crate) limits: Limits,
    pub(crate) mail: Mail,
    pub(crate) log: Log,
    pub(crate) metrics: Metrics,
    pub(crate) tracing: Tracing,
    pub(crate) backup: Backup,
    pub(crate) retention: Retention,
    pub(crate) libredesk: Libredesk,
    pub(crate) rocketchat: Rocketchat,
    pub(crate) cloudagent: Cloudagent,
    pub(crate) imichat: Imichat,
}

impl Config {
    /// Reads what `place` and the environment name.
    ///
    /// # Errors
    /// What is wrong, with its line in the file or its variable.
    pub(crate) fn load(place: &Place, environment: &Environment) -> Result<Self, Usage> {
        let file = place.config.as_deref().or(environment.config_file());
        let mut table = file.map(read).transpose()?.unwrap_or_default();
        environment.override_keys(&mut table)?;
        let mut config: Self = table.try_into().map_err(|error: toml::de::Error| Usage::new(error.message()))?;
        config.override_place(place);
        config.check()?;
        Ok(config)
    }

    fn override_place(&mut self, place: &Place) {
        if let Some(data) = &place.data {
            self.server.data.clone_from(data);
        }
        if let Some(url) = &place.database {
            self.database.url = url.clone();
        }
    }

    fn check(&self) -> Result<(), Usage> {
        self.hosts(self.server.listen)?;
        self.proxies()?;
        self.check_tls()?;
        self.check_mail()?;
        if self.sessions.life.is_zero() {
            return Err(Usage::new("sessions.life: a session has to last for some time"));
        }
        self.limits.check()?;
        self.tracing.endpoint()?;
        self.backup.check()?;
        self.check_placements()
    }

    /// The hosts that a desk on `address` answers to.
    pub(crate) fn hosts(&self, address: SocketAddr) -> Result<AllowedHosts, Usage> {
        let hosts = AllowedHosts::loopback().listen(address);
        let hosts = self.server.allowed_hosts.iter().fold(hosts, |hosts, name| hosts.extra(name));
        let hosts = hosts.public_url(&self.public_url(address));
        hosts.map_err(|error| Usage::new(format!("server.public_url: {error}")))
    }

    pub(crate) fn proxies(&self) -> Result<TrustedProxies, Usage> {
        let proxies = TrustedProxies::parse(&self.server.trusted_proxies);
        proxies.map_err(|error| Usage::new(format!("server.trusted_proxies: {error}")))
    }

    /// Where people reach a desk that listens on `address`, without a slash at the end.
    pub(crate) fn public_url(&self, address: SocketAddr) -> String {
        match self.server.public_url.trim_end_matches('/') {
            "" => format!("{}://{}", self.scheme(), reachable(address)),
            url => url.to_owned(),
        }
    }

    /// What the use cases want to know, for a desk that listens on `address`.
    pub(crate) fn settings(&self, address: SocketAddr) -> Settings {
        Settings {
            public_url: self.public_url(address),
            routing: RoutingSettings {
                default_capacity: self.routing.default_capacity,
                idle_is_present: self.routing.idle_is_present,
                trust_declared: self.presence.trust_declared,
                exclude_for: self.routing.exclude_for,
                return_after: self.presence.return_after,
            },
            presence: PresenceSettings { pause_reasons: self.presence.pause_reasons.clone() },
            retention: self.retention.settings(),
            mail_server: self.mail_server(),
            session_life: self.sessions.life,
            second_factor: self.security.require_second_factor,
            sign_in_failures: usize::from(self.security.sign_in_failures),
            ..Settings::default()
        }
    }
}

/// An address one can open: a desk that listens everywhere is reached here, too.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    SocketAddr::new(ip, address.port())
}

fn read(file: &Path) -> Result<toml::Table, Usage> {
    let named = |error: &dyn std::fmt::Display| Usage::new(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
    // Only the text knows the lines that an error is about.
    toml::from_str::<Config>(&text).map_err(|error| named(&error))?;
    text.parse().map_err(|error: toml::de::Error| named(&error))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let place = Place { config: Some(file.path().to_owned()), ..Place::default() };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = Environment::new(variables.iter().map(owned));
        Config::load(&place, &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = load("[server]\nlisten = \"127.0.0.1:1\"\nlissten = \"127.0.0.1:1\"\n", &[]).unwrap_err();
        assert!(error.contains("line 3") && error.contains("lissten"), "{error}");
        let error = load("[serverr]\n", &[]).unwrap_err();
        assert!(error.contains("line 1") && error.contains("serverr"), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
        for text in [
            "[server]\nlisten = \"8080\"",
            "[routing]\ndefault_capacity = -1",
            "[routing]\nexclude_for = \"soon\"",
            "[presence]\nreturn_after = \"-1s\"",
            "[libredesk]\nenabled = \"yes\"",
            "[database]\nurl = \"mysql://x\"",
        ] {
            let error = load(text, &[]).unwrap_err();
            assert!(error.contains("line 2"), "{error}");
        }
    }

    #[test]
    fn each_dialect_is_set_by_file_and_environment() {
        let text =
            "[cloudagent]\nhttp_status_mode = \"always_200\"\nsip_locations = [\"IN\"]\n[imichat]\ndaily_limit = 5";
        let variables = [
            ("MUSTER_CLOUDAGENT__SUCCESS_KEY_CASE", "lower"),
            ("MUSTER_CLOUDAGENT__SIP_LOCATIONS", "IN, SG"),
            ("MUSTER_CLOUDAGENT__EMAIL_REQUIRED_ON_EDIT", "false"),
            ("MUSTER_IMICHAT__TEAMID_REQUIRED", "false"),
            ("MUSTER_IMICHAT__SHOW_CUSTOM_ATTRIBUTES", "false"),
            ("MUSTER_ROCKETCHAT__DEPARTMENT_REMOVAL", "true"),
        ];
        let config = load(text, &variables).unwrap();
        let voice = config.cloudagent.settings();
        assert_eq!((voice.statuses, voice.capital_keys, voice.email_required), (false, false, false));
        assert_eq!(voice.sip_locations, ["IN", "SG"]);
        let chat = config.imichat.settings();
        assert_eq!((chat.team_required, chat.shows_custom_attributes, chat.daily_limit), (false, false, 5));
        assert!(config.rocketchat.settings().department_removal);
        assert!(load("[cloudagent]\nhttp_status_mode = \"never\"", &[]).unwrap_err().contains("line 2"));
    }

    #[test]
    fn dialects_are_served_as_they_are_by_default() {
        let config = Config::default();
        assert_eq!(config.rocketchat.settings(), muster_api_rocketchat::Settings::default());
        assert_eq!(config.cloudagent.settings(), muster_api_cloudagent::Settings::default());
        assert_eq!(config.imichat.settings(), muster_api_imichat::Settings::default());
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let text = "[libredesk]\nenabled = true\n[routing]\nexclude_for = \"1m\"";
        let config = load(
            text,
            &[
                ("MUSTER_LIBREDESK__RATE_LIMITS", "false"),
                ("MUSTER_LIBREDESK__LISTEN", "127.0.0.1:9000"),
                ("MUSTER_ROUTING__DEFAULT_CAPACITY", "3"),
                ("MUSTER_ROUTING__EXCLUDE_FOR", "2m 30s"),
                ("MUSTER_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7"),
                ("MUSTER_SERVER__ALLOWED_HOSTS", "[\"help.example.org\"]"),
                ("MUSTER_SERVER__PUBLIC_URL", "https://desk.example.org/"),
                ("MUSTER_TEST_LONG", "1"),
                ("PATH", "/bin"),
            ],
        );
        let config = config.unwrap();
        assert!(config.libredesk.enabled && !config.libredesk.rate_limits);
        assert_eq!(config.libredesk.listen, Some("127.0.0.1:9000".parse().unwrap()));
        assert_eq!((config.routing.default_capacity, config.routing.exclude_for), (3, Duration::from_secs(150)));
        assert_eq!(config.server.trusted_proxies, ["10.0.0.0/8", "192.0.2.7"]);
        assert_eq!(config.server.allowed_hosts, ["help.example.org"]);
        assert_eq!(config.public_url(config.server.listen), "https://desk.example.org");
    }

    #[test]
    fn a_variable_that_names_no_key_or_holds_no_value_for_it_is_refused() {
        for (name, value) in [
            ("MUSTER_SERVER__LISSTEN", "127.0.0.1:1"),
            ("MUSTER_SERVERR__LISTEN", "127.0.0.1:1"),
            ("MUSTER_SERVER__LISTEN_FILE", "/tmp/x"),
            ("MUSTER_SERVER__LISTEN__X", "1"),
            ("MUSTER_ROUTING__DEFAULT_CAPACITY", "many"),
            ("MUSTER_ROUTING__DEFAULT_CAPACITY", "70000"),
            ("MUSTER_LIBREDESK__ENABLED", "yes"),
            ("MUSTER_DATABASE__URL", "mysql://user:secret@host"),
        ] {
            let error = load("", &[(name, value)]).unwrap_err();
            assert!(error.contains(name) && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_secret_may_stand_in_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgres://muster@127.0.0.1/muster\n").unwrap();
        let path = file.path().display().to_string();
        let config = load("", &[("MUSTER_DATABASE__URL_FILE", &path)]).unwrap();
        assert_eq!(config.database.url.postgres(), Some("postgres://muster@127.0.0.1/muster"));
        assert!(!format!("{config:?}").contains("127.0.0.1/muster"));
        let both = [("MUSTER_DATABASE__URL_FILE", path.as_str()), ("MUSTER_DATABASE__URL", "")];
        assert!(load("", &both).unwrap_err().contains("MUSTER_DATABASE__URL_FILE"));
    }

    #[test]
    fn values_that_fit_nothing_are_refused() {
        for text in [
            "[server]\npublic_url = \"desk.example.org\"",
            "[server]\ntrusted_proxies = [\"proxy\"]",
            "[tls]\ncertificate = \"desk.pem\"",
            "[tls]\nkey = \"desk.key\"",
            "[sessions]\nlife = \"0s\"",
            "[libredesk]\nprefix = \"/desk\"\nlisten = \"127.0.0.1:1\"",
        ] {
            assert!(load(text, &[]).is_err(), "{text}");
        }
    }

    #[test]
    fn the_public_address_can_be_opened() {
        let config = Config::default();
        assert_eq!(config.public_url("0.0.0.0:80".parse().unwrap()), "http://127.0.0.1:80");
        assert_eq!(config.public_url("[::1]:8080".parse().unwrap()), "http://[::1]:8080");
    }
}
