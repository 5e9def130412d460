//! The configuration's areas; the dialects' own are in [`super::dialects`]. The comments here are those of `docs/muster.example.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use muster_app::PresenceSettings;

use super::backup::Backup;
use super::dialects::{Cloudagent, Imichat, Libredesk, Rocketchat};
use super::limits::Limits;
use super::log::Log;
use super::mail::Mail;
use super::metrics::Metrics;
use super::retention::Retention;
use super::section::{Section, section};
use super::security::Security;
use super::tls::Tls;
use super::tracing::Tracing;
use super::value::{DatabaseUrl, list};

/// All areas, in the order of the example file.
pub(crate) const SECTIONS: &[Section] = &[
    Server::SECTION,
    Tls::SECTION,
    Database::SECTION,
    Routing::SECTION,
    Presence::SECTION,
    Sessions::SECTION,
    Security::SECTION,
    Limits::SECTION,
    Mail::SECTION,
    Log::SECTION,
    Metrics::SECTION,
    Tracing::SECTION,
    Backup::SECTION,
    Retention::SECTION,
    Libredesk::SECTION,
    Rocketchat::SECTION,
    Cloudagent::SECTION,
    Imichat::SECTION,
];

section! {
    /// Where the desk keeps its files and where it answers.
    Server of "server" {
        /// The data directory (--data). It holds the database, unless that is PostgreSQL, and the key
        /// that seals stored secrets. Nobody but the desk's own user should be able to read it.
        data: PathBuf = PathBuf::from("./muster-data"),
        /// Address and port (--listen).
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        /// The address people use, such as `https://desk.example.org`: links are made from it, and
        /// cookies and sockets are bound to it. Empty: http://, or https:// with `[tls]`, and the
        /// listen address.
        public_url: String = String::new(),
        /// Further host names the desk answers to, beside the public address, the listen address
        /// and the machine's loopback names.
        #[serde(with = "list")]
        allowed_hosts: Vec<String> = Vec::new(),
        /// Proxies and networks such as "10.0.0.0/8" whose X-Forwarded-For is believed.
        #[serde(with = "list")]
        trusted_proxies: Vec<String> = Vec::new(),
        /// How long the desk still answers after it was told to end, with /ready at 503, before it
        /// stops accepting: time for a load balancer to look elsewhere.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        drain_delay: Duration = Duration::ZERO,
    }
}

section! {
    /// Where the desk keeps what it knows.
    Database of "database" {
        /// A postgres:// URL (--database). Empty: SQLite in the data directory.
        url: DatabaseUrl = DatabaseUrl::default(),
    }
}

section! {
    /// Who gets work.
    Routing of "routing" {
        /// Open conversations of an agent who has no capacity set.
        default_capacity: u16 = 99,
        /// How long an agent is not asked again for a conversation that was taken from them.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        exclude_for: Duration = Duration::from_secs(5 * 60),
        /// Whether agents get work whose client says that they are idle.
        idle_is_present: bool = false,
    }
}

section! {
    /// Who counts as present.
    Presence of "presence" {
        /// How long an absent agent keeps the conversations of customers who wait for an answer.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        return_after: Duration = Duration::from_secs(60),
        /// Whether somebody else's word makes an agent present. For tests, and for desks whose agents
        /// open no socket.
        trust_declared: bool = false,
        /// Why an agent may pause where a reason has to be given.
        #[serde(with = "list")]
        pause_reasons: Vec<String> = PresenceSettings::default().pause_reasons,
    }
}

section! {
    /// Agents' signed-in browsers.
    Sessions of "sessions" {
        /// How long a session lasts, counted from sign-in.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        life: Duration = Duration::from_secs(9 * 3600),
    }
}
