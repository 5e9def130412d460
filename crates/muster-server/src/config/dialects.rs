//! The dialects' sections. The comments here are those of `docs/muster.example.toml`.
//!
//! To add a setting of a dialect: a field of its crate's `Settings`, a key here, and a line in
//! `settings`.

use std::net::SocketAddr;

use muster_api_cloudagent as cloudagent;
use muster_api_imichat as imichat;
use muster_api_rocketchat as rocketchat;

use super::section::section;
use super::value::{KeyCase, StatusMode, blank, list};

section! {
    /// The Libredesk API, which is also Muster's own. The console and the chat widget lie beside it.
    Libredesk of "libredesk" {
        /// Whether it is served.
        enabled: bool = true,
        /// Address and port of its own. Empty: it shares the server's.
        #[serde(with = "blank")]
        listen: Option<SocketAddr> = None,
        /// A path such as "/desk" to serve it below, without console and widget: their addresses begin at the root.
        /// Empty: it shares the paths with the others.
        prefix: String = String::new(),
        /// Whether its limits on calls per minute are kept.
        rate_limits: bool = true,
    }
}

section! {
    /// The Rocket.Chat Omnichannel API.
    Rocketchat of "rocketchat" {
        /// Whether it is served.
        enabled: bool = true,
        /// Address and port of its own. Empty: it shares the server's.
        #[serde(with = "blank")]
        listen: Option<SocketAddr> = None,
        /// A path such as "/chat" to serve it below. Empty: it shares the paths with the others.
        prefix: String = String::new(),
        /// Whether its limits on calls per minute are kept.
        rate_limits: bool = true,
        /// Whether departments can be deleted, beside being archived.
        department_removal: bool = rocketchat::Settings::default().department_removal,
    }
}

section! {
    /// The Ozonetel CloudAgent API.
    Cloudagent of "cloudagent" {
        /// Whether it is served.
        enabled: bool = true,
        /// Address and port of its own. Empty: it shares the server's.
        #[serde(with = "blank")]
        listen: Option<SocketAddr> = None,
        /// A path such as "/voice" to serve it below. Empty: it shares the paths with the others.
        prefix: String = String::new(),
        /// Whether its limits on calls are kept.
        rate_limits: bool = true,
        /// "mapped": failures carry an HTTP status of their own. "always_200": every answer is 200, and
        /// only its body tells.
        http_status_mode: StatusMode = StatusMode::Mapped,
        /// "capital": an edit's success says Status and Message. "lower": status and message.
        success_key_case: KeyCase = KeyCase::Capital,
        /// Whether an edit without "email" is refused, as documented.
        email_required_on_edit: bool = cloudagent::Settings::default().email_required,
        /// Where an agent's telephone may register. Empty: anywhere.
        #[serde(with = "list")]
        sip_locations: Vec<String> = cloudagent::Settings::default().sip_locations,
    }
}

section! {
    /// The imi.chat API.
    Imichat of "imichat" {
        /// Whether it is served.
        enabled: bool = true,
        /// Address and port of its own. Empty: it shares the server's.
        #[serde(with = "blank")]
        listen: Option<SocketAddr> = None,
        /// A path such as "/imi" to serve it below. Empty: it shares the paths with the others.
        prefix: String = String::new(),
        /// Whether its limit on calls per day is kept.
        rate_limits: bool = true,
        /// Calls of one key in a day.
        daily_limit: u32 = imichat::Settings::default().daily_limit,
        /// Whether calls about users have to name a team.
        teamid_required: bool = imichat::Settings::default().team_required,
        /// Whether users are shown with their custom attributes, which the documented object lacks.
        show_custom_attributes: bool = imichat::Settings::default().shows_custom_attributes,
    }
}

impl Rocketchat {
    pub(crate) fn settings(&self) -> rocketchat::Settings {
        rocketchat::Settings { department_removal: self.department_removal }
    }
}

impl Cloudagent {
    pub(crate) fn settings(&self) -> cloudagent::Settings {
        cloudagent::Settings {
            statuses: self.http_status_mode == StatusMode::Mapped,
            capital_keys: self.success_key_case == KeyCase::Capital,
            email_required: self.email_required_on_edit,
            sip_locations: self.sip_locations.clone(),
        }
    }
}

impl Imichat {
    pub(crate) fn settings(&self) -> imichat::Settings {
        imichat::Settings {
            team_required: self.teamid_required,
            shows_custom_attributes: self.show_custom_attributes,
            daily_limit: self.daily_limit,
        }
    }
}
